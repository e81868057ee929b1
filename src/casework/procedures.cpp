#include "casework/procedures.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "casework/case_repository.h"
#include "casework/casework.h"
#include "casework/impartial.h"
#include "documents/code.h"

namespace madang::casework {
namespace {

using store::Row;

constexpr const char* kInsertLink = "INSERT INTO casework_link (body, case_id, kind, other_body, other_case, at) VALUES ($1,$2,$3,$4,$5,$6)";
constexpr const char* kLinks =
    "SELECT body, case_id, kind, other_body, other_case FROM casework_link WHERE (body=$1 AND case_id=$2) OR (other_body=$1 AND other_case=$2) ORDER BY at LIMIT 100";

struct LinkRow {
    std::string body, case_id, kind, other_body, other_case;
};
Result<LinkRow> link_row(const Row& row) {
    return LinkRow{std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2)), std::string(row.text(3)), std::string(row.text(4))};
}

Result<std::string> reason_of(std::string_view given) {
    TRY(std::string reason, tidy_lines(given));
    if (reason.empty() || count_code_points(reason) > kMaxMessage) return fail(Code::invalid, format("the reason has 1 to {} characters", kMaxMessage));
    return reason;
}

}  // namespace

std::string_view name_of(Link::Kind kind) { return kind == Link::Kind::appeal_of ? "appeal_of" : "merged_into"; }

Result<void> Procedures::link(store::Tx& tx, const CaseSummary& from, Link::Kind kind, const CaseSummary& to) {
    TRY_DO(tx.execute(kInsertLink, {from.body, from.id.text(), std::string(name_of(kind)), to.body, to.id.text(), casework_.parts_.clock.now().time_since_epoch().count()}));
    return {};
}

Result<void> Procedures::stop_process(store::Tx& tx, const CaseRow& row) {
    if (row.instance.empty()) return {};
    TRY(const auto instance, process::InstanceId::parse(row.instance));
    TRY(const auto state, casework_.parts_.engine.state(tx, instance));
    if (state != process::InstanceState::running) return {};
    return casework_.parts_.engine.terminate(tx, instance);
}

Result<void> Procedures::close(store::Tx& tx, CaseRow& row, Status status, std::string_view actor) {
    TRY_DO(stop_process(tx, row));
    TRY_DO(casework_.consultations().close(tx, row.summary));
    TRY_DO(Letters::forget_reply(tx, row.summary));
    row.summary.status = status;
    row.task.clear();
    TRY_DO(casework_.terms().stop(tx, row, actor));
    TRY_DO(remove_job(tx, row.summary.body, row.summary.id));
    return update_case(tx, row);
}

Result<void> Procedures::withdraw(const CaseSummary& summary, const identity::AccountId& account) {
    return casework_.parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(CaseRow row, casework_.undecided_case(tx, summary.body, summary.id));
        TRY_DO(casework_.record(tx, row.summary, "application.withdrawn", account.text(), row.summary.applicant.capacity, {}));
        TRY_DO(casework_.refund_if(tx, row.summary, "withdrawn"));
        return close(tx, row, Status::withdrawn, "system");
    });
}

Result<void> Procedures::begin_again(store::Tx& tx, CaseRow& row, std::string_view article, std::string_view actor) {
    const catalogue::Service* service = casework_.parts_.pack.find_service(row.summary.service);
    if (service == nullptr) return fail(Code::not_found, "the pack has this service no more");
    // Nothing of the first round goes on beside the second.
    TRY_DO(stop_process(tx, row));
    TRY_DO(casework_.consultations().close(tx, row.summary));
    TRY_DO(Letters::forget_reply(tx, row.summary));
    TRY_DO(remove_job(tx, row.summary.body, row.summary.id));
    TRY(const bool must_pay, casework_.fees().charge_again(tx, row.summary));
    row.summary.status = must_pay ? Status::awaiting_fee : Status::received;
    row.summary.decided_at.reset();
    row.summary.decided_by.clear();
    row.summary.article.clear();
    row.summary.assignee.clear();
    row.instance.clear();
    row.task.clear();
    TRY_DO(casework_.terms().begin_anew(tx, row, service->term, article, actor));
    if (must_pay) TRY_DO(casework_.terms().suspend(tx, row, government::WaitingFor::applicant, "the fee is not paid", actor));
    else TRY_DO(add_job(tx, row.summary.body, row.summary.id, casework_.parts_.clock.now()));
    tx.after_commit([this] { casework_.wake_worker(); });
    TRY(CaseContent content, casework_.content_of(tx, row));
    // What was decided before stays in the acts; the new decision must not inherit its reason.
    content.reason.clear();
    content.proposal.clear();
    content.granted = false;
    return casework_.keep(tx, row, content);
}

Result<void> Procedures::reopen(const CaseId& id, const Officer& officer, std::string_view reason, std::string_view article) {
    TRY(const std::string why, reason_of(reason));
    if (article.empty() || article.size() > 300) return fail(Code::invalid, "a case is opened again by an article of law");
    return casework_.parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(CaseRow row, casework_.case_row(tx, officer.body, id));
        TRY_DO(require_impartial(tx, row.summary, officer, casework_.parts_.mandates, casework_.parts_.clock.now()));
        if (row.summary.kind == CaseKind::appeal) return fail(Code::conflict, "an appeal is not opened again; the next instance decides");
        if (row.summary.status == Status::issued) return fail(Code::conflict, "a certificate was issued; revoke it first");
        if (row.summary.status != Status::refused && row.summary.status != Status::withdrawn && row.summary.status != Status::lapsed) return fail(Code::conflict, "the case is not closed");
        TRY(const auto appeal, appeal_against(tx, row.summary));
        if (appeal && !is_closed(appeal->summary.status)) return fail(Code::conflict, "an appeal against this decision is open; the superior body decides on it");
        // The applicant is told why, and why is sealed with the case's other letters.
        TRY_DO(casework_.letters().add(tx, row.summary, {.side = Message::Side::body, .kind = Message::Kind::reopening, .author = officer.account.text(), .text = why}, {}));
        TRY_DO(casework_.record(tx, row.summary, "case.reopened", officer.account.text(), "officer", {{"article", article}}));
        return begin_again(tx, row, article, officer.account.text());
    });
}

Result<void> Procedures::merge(const CaseId& duplicate, const CaseId& kept, const Officer& officer) {
    if (duplicate == kept) return fail(Code::invalid, "a case cannot be joined with itself");
    return casework_.parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(CaseRow from, casework_.undecided_case(tx, officer.body, duplicate));
        TRY(const CaseRow to, casework_.open_case(tx, officer.body, kept));
        TRY_DO(casework_.desk().require_turn(tx, from, officer));
        TRY_DO(require_impartial(tx, to.summary, officer, casework_.parts_.mandates, casework_.parts_.clock.now()));
        if (from.summary.applicant.person != to.summary.applicant.person || from.summary.service != to.summary.service || from.summary.kind != to.summary.kind) {
            return fail(Code::invalid, "only cases of the same applicant for the same service are joined");
        }
        // What the law gives for the first must not be lost in the second, whose term ends later.
        if (from.summary.submitted_at < to.summary.submitted_at) {
            return fail(Code::invalid, format("{} came before {}: the later is joined with the earlier, whose term goes on", from.summary.receipt, to.summary.receipt));
        }
        TRY_DO(link(tx, from.summary, Link::Kind::merged_into, to.summary));
        TRY_DO(casework_.record(tx, from.summary, "case.merged", officer.account.text(), "officer",
                                {{"into", to.summary.id.text()}, {"for", Desk::acting_for(from, officer)}}));
        TRY_DO(casework_.fees().refund(tx, from.summary, "merged", ""));
        return close(tx, from, Status::merged, officer.account.text());
    });
}

Result<std::vector<CaseSummary>> Procedures::duplicates_of(const CaseSummary& summary) {
    TRY(auto all, casework_.parts_.store.read<std::vector<CaseSummary>>(
                      [&](store::Reader& reader) { return list_of_applicant(reader, summary.applicant.person, summary.service); }));
    std::erase_if(all, [&](const CaseSummary& one) {
        return one.id == summary.id || one.body != summary.body || one.kind != summary.kind || is_closed(one.status) || one.decided_at || one.status == Status::granted;
    });
    return all;
}

// Against the decision as it stands: one before it was made was against an earlier one.
Result<std::optional<CaseRow>> Procedures::appeal_against(store::Reader& reader, const CaseSummary& summary) {
    TRY(const auto links, reader.all<LinkRow>(kLinks, {summary.body, summary.id.text()}, link_row));
    for (const LinkRow& one : links) {
        if (one.kind != name_of(Link::Kind::appeal_of) || one.other_case != summary.id.text()) continue;
        TRY(const CaseId id, CaseId::parse(one.case_id));
        TRY(CaseRow appeal, casework_.case_row(reader, one.body, id));
        if (summary.decided_at && appeal.summary.submitted_at >= *summary.decided_at) return std::optional(std::move(appeal));
    }
    return std::optional<CaseRow>();
}

Result<bool> Procedures::is_appealed(const CaseSummary& summary) {
    return casework_.parts_.store.read<bool>([&](store::Reader& reader) -> Result<bool> {
        TRY(const auto found, appeal_against(reader, summary));
        return found.has_value();
    });
}

std::optional<Instant> Procedures::appeal_until(const CaseSummary& summary) const {
    const auto now = appeal_possible_until(summary);
    if (!now) return std::nullopt;
    // What the letter promised holds, whatever the pack says by now.
    const auto promised = casework_.decisions().appeal_until(summary);
    return promised && *promised ? *promised : now;
}

std::optional<Instant> Procedures::appeal_possible_until(const CaseSummary& summary) const {
    const auto term = appeal_term(summary);
    return term ? std::optional(term->at) : std::nullopt;
}

std::optional<government::DueDate> Procedures::appeal_term(const CaseSummary& summary) const {
    const catalogue::Service* service = casework_.parts_.pack.find_service(summary.service);
    if (service == nullptr || !service->appeal || !summary.decided_at || summary.kind == CaseKind::appeal) return std::nullopt;
    // What the law decided on a day that went by is told today, and the time for an appeal begins with that.
    const bool by_law = summary.decided_by.starts_with("law:");
    const Instant told = by_law ? std::max(*summary.decided_at, casework_.parts_.clock.now()) : *summary.decided_at;
    if (summary.status != Status::refused && summary.status != Status::lapsed) return std::nullopt;
    // By the calendar of the body that decided; the last day counts whole.
    auto term = casework_.parts_.pack.government.last_day_within(summary.body, told, service->appeal->within_days);
    return term ? std::optional(std::move(*term)) : std::nullopt;
}

Result<Receipt> Procedures::appeal(const CaseSummary& summary, const identity::AccountId& account, std::string_view text, std::string_view idempotency_key) {
    TRY(const std::string grounds, reason_of(text));
    if (idempotency_key.empty() || idempotency_key.size() > 100) return fail(Code::invalid, "the idempotency key has 1 to 100 characters");
    const auto until = appeal_until(summary);
    if (!until) return fail(Code::conflict, "no appeal is possible against this case");
    const Parts& parts = casework_.parts_;
    const Instant now = parts.clock.now();
    if (now >= *until) return fail(Code::conflict, "the time for an appeal is over");
    const catalogue::Service* service = parts.pack.find_service(summary.service);
    return parts.store.write<Receipt>([&](store::Tx& tx) -> Result<Receipt> {
        TRY(const CaseRow first, casework_.case_row(tx, summary.body, summary.id));
        TRY(const auto before, appeal_against(tx, first.summary));
        if (before && before->idempotency_key != idempotency_key) return fail(Code::conflict, "an appeal was made already");
        if (before) return Receipt{before->summary.id, before->summary.receipt, before->summary.submitted_at, before->summary.due_at};
        CaseRow row;
        row.summary = first.summary;
        row.summary.id = make_id<CaseId>(parts.clock, parts.random);
        row.summary.body = service->appeal->body;
        row.summary.receipt = documents::make_code(parts.random);
        row.summary.kind = CaseKind::appeal;
        row.summary.status = Status::with_officer;
        row.summary.submitted_at = now;
        row.summary.decided_at.reset();
        row.summary.decided_by.clear();
        row.summary.article.clear();
        row.summary.certificate_code.clear();
        row.summary.assignee.clear();
        row.idempotency_key = idempotency_key;
        CaseContent content;
        content.answers = {{"grounds", grounds}};
        std::array<std::uint8_t, 16> salt{};
        parts.random.fill(salt);
        content.salt = hex(salt);
        TRY(row.sealed, parts.vault.seal(tx, row.summary.applicant.person, as_bytes(json::serialize(to_json(content)))));
        TRY(const Terms::Begun begun, casework_.terms().count_from(row.summary, service->appeal->term));
        row.summary.due_at = begun.due_at;
        TRY_DO(insert_case(tx, row));
        TRY_DO(link(tx, row.summary, Link::Kind::appeal_of, summary));
        TRY_DO(casework_.record(tx, row.summary, "appeal.submitted", account.text(), summary.applicant.capacity,
                                {{"against", summary.id.text()}, {"answers_sha256", commitment_of(content)}}));
        TRY_DO(casework_.terms().begin(tx, row.summary, begun));
        TRY_DO(casework_.record(tx, summary, "decision.appealed", account.text(), summary.applicant.capacity, {{"appeal", row.summary.id.text()}}));
        return Receipt{row.summary.id, row.summary.receipt, now, row.summary.due_at};
    });
}

Result<void> Procedures::decide_appeal(const CaseId& id, const Officer& officer, bool allowed, std::string_view given) {
    TRY(const std::string reason, reason_of(given));
    return casework_.parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(CaseRow row, casework_.open_case(tx, officer.body, id));
        if (row.summary.kind != CaseKind::appeal) return fail(Code::conflict, "this case is no appeal");
        TRY_DO(casework_.desk().require_turn(tx, row, officer));
        TRY(const auto links, tx.all<LinkRow>(kLinks, {row.summary.body, id.text()}, link_row));
        if (links.empty()) return fail(Code::corrupted, format("appeal {} is against nothing", id.text()));
        TRY(const CaseId first_id, CaseId::parse(links.front().other_case));
        TRY(CaseRow first, casework_.case_row(tx, links.front().other_body, first_id));
        TRY(const CaseContent before, casework_.content_of(tx, first));
        TRY(const bool own, took_part(tx, first.summary, before, officer));
        if (own) return fail(Code::denied, "nobody decides on an appeal against a decision of their own");
        const catalogue::Service* service = casework_.parts_.pack.find_service(row.summary.service);
        TRY(CaseContent content, casework_.content_of(tx, row));
        content.reason = reason;
        content.deciders.push_back({officer.account.text(), officer.person->text(), Desk::acting_for(row, officer)});
        row.summary.decided_at = casework_.parts_.clock.now();
        row.summary.decided_by = officer.account.text();
        row.summary.article = service != nullptr && service->appeal ? service->appeal->article : std::string();
        return end_appeal(tx, row, content, allowed, officer.account.text(), "officer");
    });
}

Result<void> Procedures::end_appeal(store::Tx& tx, CaseRow& row, const CaseContent& content, bool allowed, std::string_view actor, std::string_view role) {
    TRY(const auto links, tx.all<LinkRow>(kLinks, {row.summary.body, row.summary.id.text()}, link_row));
    if (links.empty()) return fail(Code::corrupted, format("appeal {} is against nothing", row.summary.id.text()));
    TRY(const CaseId first_id, CaseId::parse(links.front().other_case));
    TRY(CaseRow first, casework_.case_row(tx, links.front().other_body, first_id));
    row.summary.status = allowed ? Status::allowed : Status::refused;
    json::object details{{"article", row.summary.article}};
    if (role == "officer") details["for"] = content.deciders.back().acting_for;
    else details["by"] = "law";
    TRY_DO(casework_.decisions().add(tx, row.summary, content, allowed ? Effect::allowed : Effect::dismissed, details));
    TRY_DO(casework_.record(tx, row.summary, allowed ? "appeal.allowed" : "appeal.dismissed", std::string(actor), std::string(role), std::move(details)));
    TRY_DO(casework_.consultations().close(tx, row.summary));
    TRY_DO(casework_.terms().stop(tx, row, role == "officer" ? actor : "system"));
    TRY_DO(casework_.keep(tx, row, content));
    // Nothing to open again where the case was taken up by itself meanwhile.
    if (!allowed || (first.summary.status != Status::refused && first.summary.status != Status::lapsed)) return {};
    TRY_DO(casework_.record(tx, first.summary, "case.reopened", std::string(actor), std::string(role), {{"by_appeal", row.summary.id.text()}}));
    return begin_again(tx, first, row.summary.article, role == "officer" ? actor : "system");
}

Result<std::vector<Link>> Procedures::links_of(const CaseSummary& summary) {
    return casework_.parts_.store.read<std::vector<Link>>([&](store::Reader& reader) -> Result<std::vector<Link>> {
        TRY(const auto rows, reader.all<LinkRow>(kLinks, {summary.body, summary.id.text()}, link_row));
        std::vector<Link> links;
        for (const LinkRow& one : rows) {
            const bool from_here = one.case_id == summary.id.text();
            TRY(const CaseId id, CaseId::parse(from_here ? one.other_case : one.case_id));
            TRY(CaseRow other, casework_.case_row(reader, from_here ? one.other_body : one.body, id));
            const Link::Kind kind = one.kind == name_of(Link::Kind::appeal_of) ? Link::Kind::appeal_of : Link::Kind::merged_into;
            links.push_back({kind, std::move(other.summary), from_here});
        }
        return links;
    });
}

}  // namespace madang::casework
