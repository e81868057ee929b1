#include "casework/impartial.h"

#include <algorithm>

#include "casework/casework.h"
#include "identity/accounts.h"

namespace madang::casework {
namespace {

std::unexpected<Error> own_application() { return fail(Code::denied, "nobody decides an application of their own"); }

}  // namespace

Result<void> require_person(const Officer& officer) {
    if (officer.person) return {};
    return fail(Code::denied, "this account is bound to no person: the operator binds it with \"madang user bind\"");
}

Result<void> require_impartial(store::Reader& reader, const CaseSummary& summary, const Officer& officer, identity::Mandates& mandates, Instant now) {
    TRY_DO(require_person(officer));
    const Applicant& applicant = summary.applicant;
    if (applicant.account == officer.account || applicant.person == *officer.person) return own_application();
    TRY(const auto asked, identity::person_behind(reader, applicant.account));
    if (asked == officer.person) return own_application();
    TRY(const auto representatives, mandates.representatives_of(reader, applicant.person, now));
    const bool may_act = std::ranges::any_of(representatives, [&](const identity::Mandate& one) { return one.representative == *officer.person; });
    return may_act ? Result<void>(own_application()) : Result<void>();
}

Result<void> require_no_hand_in(store::Reader& reader, const CaseContent& content, const Officer& officer) {
    for (const EarlierAnswers& one : content.earlier) {
        const auto account = identity::AccountId::parse(one.by);
        if (!account) continue;
        TRY(const auto person, identity::person_behind(reader, *account));
        if (*account == officer.account || (person && person == officer.person)) return fail(Code::denied, "nobody decides on answers that they took in themselves");
    }
    return {};
}

Result<bool> took_part(store::Reader& reader, const CaseSummary& summary, const CaseContent& content, const Officer& officer) {
    if (summary.decided_by == officer.account.text()) return true;
    for (const Decider& one : content.deciders) {
        if (one.account == officer.account.text() || (officer.person && one.person == officer.person->text())) return true;
    }
    // Cases from before persons were kept name only an account.
    const auto decided_by = identity::AccountId::parse(summary.decided_by);
    if (!decided_by || !officer.person) return false;
    TRY(const auto person, identity::person_behind(reader, *decided_by));
    return person == officer.person;
}

}  // namespace madang::casework
