#include "casework/desk.h"

#include "base/text.h"
#include "base/time_text.h"
#include "casework/case_repository.h"
#include "casework/casework.h"

namespace madang::casework {
namespace {

using catalogue::Ground;
using store::Row;

constexpr auto kLongestAbsence = std::chrono::days(366);
constexpr int kMaxChain = 5;

constexpr const char* kPutAbsence =
    "INSERT INTO casework_absence (body, account_id, from_at, until_at, substitute_id) VALUES ($1,$2,$3,$4,$5)"
    " ON CONFLICT (body, account_id, from_at) DO UPDATE SET until_at=excluded.until_at, substitute_id=excluded.substitute_id";
constexpr const char* kAbsences = "SELECT account_id, substitute_id, from_at, until_at FROM casework_absence WHERE body=$1 ORDER BY from_at DESC LIMIT 500";
constexpr const char* kSubstitute =
    "SELECT substitute_id FROM casework_absence WHERE body=$1 AND account_id=$2 AND from_at<=$3 AND until_at>$3 ORDER BY from_at DESC LIMIT 1";

std::int64_t microseconds(Instant moment) { return moment.time_since_epoch().count(); }

}  // namespace

Result<void> Desk::give_to(store::Tx& tx, CaseRow& row, const std::string& account, std::string_view kind, const Officer& officer) {
    row.summary.assignee = account;
    TRY_DO(casework_.record(tx, row.summary, std::string(kind), officer.account.text(), "officer", {{"assignee", account}}));
    return update_case(tx, row);
}

Result<void> Desk::claim(const CaseId& id, const Officer& officer) {
    return casework_.parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(CaseRow row, casework_.open_case(tx, officer.body, id));
        if (row.summary.assignee == officer.account.text()) return {};
        TRY_DO(require_turn(tx, row, officer));
        return give_to(tx, row, officer.account.text(), "case.claimed", officer);
    });
}

Result<void> Desk::release(const CaseId& id, const Officer& officer) {
    return casework_.parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(CaseRow row, casework_.open_case(tx, officer.body, id));
        if (row.summary.assignee.empty()) return {};
        TRY_DO(require_turn(tx, row, officer));
        return give_to(tx, row, "", "case.released", officer);
    });
}

Result<void> Desk::delegate(const CaseId& id, const Officer& officer, const identity::AccountId& to) {
    return casework_.parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(CaseRow row, casework_.open_case(tx, officer.body, id));
        TRY_DO(require_turn(tx, row, officer));
        if (row.summary.applicant.account == to) return fail(Code::denied, "nobody works on an application of their own");
        return give_to(tx, row, to.text(), "case.delegated", officer);
    });
}

Result<void> Desk::set_absence(const std::string& body, const Absence& absence) {
    if (absence.until <= absence.from) return fail(Code::invalid, "an absence ends after it begins");
    if (absence.until - absence.from > kLongestAbsence) return fail(Code::invalid, "an absence lasts at most a year");
    if (absence.account == absence.substitute) return fail(Code::invalid, "nobody stands in for oneself");
    return casework_.parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY_DO(tx.execute(kPutAbsence, {body, absence.account.text(), microseconds(absence.from), microseconds(absence.until), absence.substitute.text()}));
        return {};
    });
}

Result<std::vector<Absence>> Desk::absences(const std::string& body) {
    return casework_.parts_.store.read<std::vector<Absence>>([&](store::Reader& reader) {
        return reader.all<Absence>(kAbsences, {body}, [](const Row& row) -> Result<Absence> {
            Absence one;
            TRY(one.account, identity::AccountId::parse(row.text(0)));
            TRY(one.substitute, identity::AccountId::parse(row.text(1)));
            one.from = Instant(std::chrono::microseconds(row.integer(2)));
            one.until = Instant(std::chrono::microseconds(row.integer(3)));
            return one;
        });
    });
}

Result<identity::AccountId> Desk::stand_in(store::Reader& reader, std::string_view body, const identity::AccountId& account, Instant now) {
    identity::AccountId current = account;
    for (int i = 0; i < kMaxChain; ++i) {
        TRY(const auto next, reader.first<identity::AccountId>(kSubstitute, {std::string(body), current.text(), microseconds(now)},
                                                               [](const Row& row) { return identity::AccountId::parse(row.text(0)); }));
        if (!next) return current;
        current = *next;
    }
    return current;
}

Result<void> Desk::require_turn(store::Reader& reader, const CaseRow& row, const Officer& officer) {
    const std::string& holder = row.summary.assignee;
    if (holder.empty() || holder == officer.account.text()) return {};
    TRY(const auto held_by, identity::AccountId::parse(holder));
    TRY(const auto acting, stand_in(reader, row.summary.body, held_by, casework_.parts_.clock.now()));
    if (acting == officer.account) return {};
    return fail(Code::conflict, "another officer has taken this case");
}

Result<void> Desk::propose(store::Tx& tx, CaseRow& row, CaseContent& content, const Officer& officer, const OfficerDecision& decision) {
    const bool granted = decision.outcome == Ground::Outcome::grant;
    content.proposal = {{"granted", granted}, {"ground", decision.ground}, {"reason", decision.reason}, {"by", officer.account.text()},
                        {"person", officer.person ? officer.person->text() : ""}};
    row.summary.status = Status::with_second_officer;
    TRY_DO(casework_.record(tx, row.summary, "decision.proposed", officer.account.text(), "officer",
                            {{"outcome", granted ? "grant" : "refuse"}, {"article", decision.ground}}));
    return casework_.keep(tx, row, content);
}

Result<void> Desk::require_second(const CaseContent& content, const CaseRow& row, const Officer& officer) {
    if (row.summary.status != Status::with_second_officer) return fail(Code::conflict, "no decision waits for a second person");
    const bool same_account = string_or(content.proposal, "by", "") == officer.account.text();
    const bool same_person = officer.person && string_or(content.proposal, "person", "") == officer.person->text();
    if (same_account || same_person) return fail(Code::denied, "a second person must look at this decision, not the one who proposed it");
    if (row.summary.applicant.account == officer.account || (officer.person && row.summary.applicant.person == *officer.person)) {
        return fail(Code::denied, "nobody decides an application of their own");
    }
    return {};
}

Result<void> Desk::confirm(const CaseId& id, const Officer& officer) {
    return casework_.parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(CaseRow row, casework_.case_row(tx, officer.body, id));
        TRY(CaseContent content, casework_.content_of(tx, row));
        TRY_DO(require_second(content, row, officer));
        TRY(const auto first, identity::AccountId::parse(string_or(content.proposal, "by", "")));
        const OfficerDecision decision{.outcome = bool_or(content.proposal, "granted", false) ? Ground::Outcome::grant : Ground::Outcome::refuse,
                                       .ground = string_or(content.proposal, "ground", ""), .reason = string_or(content.proposal, "reason", "")};
        content.proposal.clear();
        TRY_DO(casework_.record(tx, row.summary, "decision.confirmed", officer.account.text(), "officer", {{"proposed_by", first.text()}}));
        return casework_.carry_out(tx, row, content, first, decision);
    });
}

Result<void> Desk::give_back(const CaseId& id, const Officer& officer, std::string_view reason) {
    TRY(const std::string why, tidy_lines(reason));
    if (why.empty() || count_code_points(why) > kMaxMessage) return fail(Code::invalid, format("the reason has 1 to {} characters", kMaxMessage));
    return casework_.parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(CaseRow row, casework_.case_row(tx, officer.body, id));
        TRY(CaseContent content, casework_.content_of(tx, row));
        TRY_DO(require_second(content, row, officer));
        content.proposal["given_back"] = why;
        row.summary.status = Status::with_officer;
        TRY_DO(casework_.record(tx, row.summary, "decision.given_back", officer.account.text(), "officer", {}));
        return casework_.keep(tx, row, content);
    });
}

}  // namespace madang::casework
