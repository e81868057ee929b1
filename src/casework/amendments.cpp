#include "casework/amendments.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "base/text.h"
#include "base/time_text.h"
#include "casework/case_repository.h"
#include "casework/casework.h"

namespace madang::casework {
namespace {

std::vector<std::string> changed_between(const json::object& before, const json::object& after) {
    std::vector<std::string> keys;
    for (const auto& member : before) {
        const auto* now = after.if_contains(member.key());
        if (now == nullptr || *now != member.value()) keys.emplace_back(member.key());
    }
    for (const auto& member : after) {
        if (!before.contains(member.key())) keys.emplace_back(member.key());
    }
    return keys;
}

}  // namespace

std::vector<AnswerVersion> versions_of(const CaseSummary& summary, const CaseContent& content) {
    std::vector<AnswerVersion> all;
    Instant since = summary.submitted_at;
    const auto add = [&](const json::object& answers, const std::string& salt) {
        AnswerVersion one{.number = static_cast<int>(all.size()) + 1, .since = since, .until = {}, .answers = answers, .sha256 = commitment_of(salt, answers), .changed = {}};
        if (!all.empty()) one.changed = changed_between(all.back().answers, answers);
        all.push_back(std::move(one));
    };
    for (const EarlierAnswers& earlier : content.earlier) {
        add(earlier.answers, earlier.salt);
        all.back().until = earlier.until;
        since = earlier.until;
    }
    add(content.answers, content.salt);
    return all;
}

Result<int> Amendments::times_left(store::Reader& reader, const CaseRow& row) {
    const CaseSummary& summary = row.summary;
    if (summary.kind == CaseKind::appeal || is_closed(summary.status) || summary.decided_at || summary.status == Status::granted) return 0;
    const catalogue::Service* service = casework_.parts_.pack.find_service(summary.service);
    if (service == nullptr || !service->term.restarts) return 0;
    return casework_.terms().restarts_left(reader, row, service->term);
}

Result<Amendments::Possible> Amendments::possible(const CaseSummary& summary) {
    return casework_.parts_.store.read<Possible>([&](store::Reader& reader) -> Result<Possible> {
        TRY(const CaseRow row, casework_.case_row(reader, summary.body, summary.id));
        TRY(const int times, times_left(reader, row));
        if (times == 0) return Possible{};
        return Possible{times, casework_.parts_.pack.find_service(summary.service)->term.restarts->article};
    });
}

Result<AmendmentOutcome> Amendments::amend(const CaseSummary& summary, const identity::AccountId& account, const Amendment& amendment, std::optional<DraftId> draft) {
    return take(summary, {account, summary.applicant.capacity}, amendment, draft);
}

Result<AmendmentOutcome> Amendments::amend_at_counter(const CaseSummary& summary, const Officer& helper, const Amendment& amendment) {
    const auto& government = casework_.parts_.pack.government;
    if (!government.is_within(summary.body, helper.body) && !government.is_within(helper.body, summary.body)) return fail(Code::denied, "your body does not take in applications for this service");
    return take(summary, {helper.account, "helper"}, amendment, std::nullopt);
}

Result<AmendmentOutcome> Amendments::take(const CaseSummary& summary, const By& by, const Amendment& amendment, std::optional<DraftId> draft) {
    const Parts& parts = casework_.parts_;
    const catalogue::Service* service = parts.pack.find_service(summary.service);
    if (service == nullptr) return fail(Code::not_found, "the pack has this service no more");
    if (summary.kind == CaseKind::appeal) return fail(Code::conflict, "an appeal cannot be amended");
    if (!service->term.restarts) return fail(Code::conflict, "the law lets no application for this be amended");
    form::Checked checked = form::check(service->form, amendment.answers);
    if (!checked.problems.empty()) return AmendmentOutcome{std::nullopt, std::move(checked.problems)};
    std::array<std::uint8_t, 16> salt{};
    parts.random.fill(salt);
    return parts.store.write<AmendmentOutcome>([&](store::Tx& tx) -> Result<AmendmentOutcome> {
        TRY(CaseRow row, casework_.open_case(tx, summary.body, summary.id));
        TRY(CaseContent content, casework_.content_of(tx, row));
        const int version = static_cast<int>(content.earlier.size()) + 1;
        // The same button pressed twice: it is done already.
        if (amendment.version == version - 1 && content.answers == checked.data) return AmendmentOutcome{std::move(row.summary), {}};
        if (row.summary.decided_at || row.summary.status == Status::granted) return fail(Code::conflict, "the decision was made already");
        if (amendment.version != version) return fail(Code::conflict, format("the application is in version {}, not {}; look at it again", version, amendment.version));
        if (content.answers == checked.data) return fail(Code::invalid, "no answer was changed");
        TRY(const int left, times_left(tx, row));
        if (left == 0) return fail(Code::conflict, "the application cannot be amended any more");
        content.earlier.push_back({std::move(content.answers), std::move(content.salt), parts.clock.now(), by.account.text()});
        content.answers = checked.data;
        content.salt = hex(salt);
        // What was found and thought of the old answers is asked again; the acts and the letters stay.
        content.facts.clear();
        content.outcome.clear();
        content.trace = nullptr;
        content.reason.clear();
        content.proposal.clear();
        TRY_DO(casework_.record(tx, row.summary, "application.amended", by.account.text(), by.capacity, {{"version", version + 1}, {"answers_sha256", commitment_of(content)}}));
        TRY_DO(begin_again(tx, row, by));
        TRY_DO(casework_.keep(tx, row, content));
        if (draft) TRY_DO(remove_draft(tx, by.account, *draft));
        tx.after_commit([this] { casework_.wake_worker(); });
        return AmendmentOutcome{std::move(row.summary), {}};
    });
}

Result<void> Amendments::begin_again(store::Tx& tx, CaseRow& row, const By& by) {
    CaseSummary& summary = row.summary;
    const government::Term& term = casework_.parts_.pack.find_service(summary.service)->term;
    TRY_DO(casework_.procedures().stop_process(tx, row));
    TRY_DO(casework_.consultations().close(tx, summary));
    TRY_DO(Letters::forget_reply(tx, summary));
    TRY_DO(casework_.tasks().keep(tx, row, {}));
    TRY_DO(remove_job(tx, summary.body, summary.id));
    row.instance.clear();
    row.task.clear();
    TRY_DO(casework_.terms().restart(tx, row, term, by.account.text(), by.capacity));
    // A fee that is not paid is owed as before.
    if (summary.status == Status::awaiting_fee) return casework_.terms().suspend(tx, row, government::WaitingFor::applicant, "the fee is not paid yet", "system");
    summary.status = Status::received;
    return add_job(tx, summary.body, summary.id, casework_.parts_.clock.now());
}

}  // namespace madang::casework
