#include "casework/case_repository.h"

#include "base/text.h"
#include "casework/troubles.h"

namespace madang::casework {
namespace {

using store::Row;
using store::Value;
using store::Values;

constexpr const char* kInsertCase =
    "INSERT INTO casework_case (body, case_id, receipt, service_id, account_id, applicant_id, capacity, legal_ground,"
    " language, status, submitted_at, due_at, decided_at, decided_by, article, certificate_code, instance_id, task_id,"
    " idempotency_key, content, kind, channel, assignee)"
    " VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23)";
constexpr const char* kUpdateCase =
    "UPDATE casework_case SET status=$3, decided_at=$4, decided_by=$5, article=$6, certificate_code=$7,"
    " instance_id=$8, task_id=$9, content=$10, due_at=$11, assignee=$12 WHERE body=$1 AND case_id=$2";
constexpr const char* kColumns =
    "SELECT body, case_id, receipt, service_id, account_id, applicant_id, capacity, legal_ground, language, status,"
    " submitted_at, due_at, decided_at, decided_by, article, certificate_code, instance_id, task_id, idempotency_key,"
    " content, kind, channel, assignee, k_state, k_stands_since, k_half_at, k_most_at FROM casework_case"
    // Columns of its own names, so that a condition on a case needs none.
    " LEFT JOIN (SELECT body AS k_body, case_id AS k_case_id, state AS k_state, stands_since AS k_stands_since, half_at AS k_half_at,"
    " most_at AS k_most_at FROM casework_clock) AS k ON k_body=casework_case.body AND k_case_id=casework_case.case_id ";
// What was taken in at the counter or from a file belongs to the person for whom it is, not to the employee who typed or sent it.
constexpr const char* kOwned = "((account_id=$1 AND channel NOT IN ('counter','bulk')) OR (applicant_id=$2 AND channel IN ('counter','bulk')))";
constexpr const char* kInsertJob =
    "INSERT INTO casework_job (body, case_id, not_before, attempts, last_error, what) VALUES ($1,$2,$3,0,'',$4)"
    " ON CONFLICT (body, case_id) DO UPDATE SET what=excluded.what";
constexpr const char* kRemoveJob = "DELETE FROM casework_job WHERE body=$1 AND case_id=$2";
constexpr const char* kJobs = "SELECT body, case_id, what FROM casework_job ";
constexpr const char* kHasJob = "SELECT 1 FROM casework_job WHERE case_id=$1";
constexpr const char* kCountJobs = "SELECT count(*) FROM casework_job";
constexpr const char* kPutDraft =
    "INSERT INTO casework_draft (account_id, draft_id, service_id, applicant_id, capacity, legal_ground, updated_at, content, amends, version)"
    " VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)"
    " ON CONFLICT (account_id, draft_id) DO UPDATE SET updated_at=excluded.updated_at, content=excluded.content";
constexpr const char* kListDrafts = "SELECT draft_id FROM casework_draft WHERE account_id=$1 ORDER BY updated_at DESC, draft_id LIMIT 200";
constexpr const char* kRemoveDraft = "DELETE FROM casework_draft WHERE account_id=$1 AND draft_id=$2";
constexpr const char* kFindDraft =
    "SELECT service_id, applicant_id, capacity, legal_ground, updated_at, content, amends, version FROM casework_draft"
    " WHERE account_id=$1 AND draft_id=$2";

std::int64_t microseconds(Instant moment) { return moment.time_since_epoch().count(); }
Instant moment_of(std::int64_t microseconds_since_epoch) { return Instant(std::chrono::microseconds(microseconds_since_epoch)); }

std::string person_text(const Owner& owner) { return owner.person ? owner.person->text() : std::string(); }

Value text_or_null(const std::string& text) {
    if (text.empty()) return std::monostate{};
    return text;
}

Bytes copy(ByteSpan bytes) { return Bytes(bytes.begin(), bytes.end()); }

Result<CaseRow> case_row(const Row& row) {
    CaseRow found;
    CaseSummary& s = found.summary;
    s.body = row.text(0);
    TRY(s.id, CaseId::parse(row.text(1)));
    s.receipt = row.text(2);
    s.service = row.text(3);
    TRY(s.applicant.account, identity::AccountId::parse(row.text(4)));
    TRY(s.applicant.person, identity::PersonId::parse(row.text(5)));
    s.applicant.capacity = row.text(6);
    s.applicant.legal_ground = row.text(7);
    s.language = row.text(8);
    TRY(s.status, parse_status(row.text(9)));
    s.submitted_at = moment_of(row.integer(10));
    s.due_at = moment_of(row.integer(11));
    if (const auto decided = row.integer_if(12)) s.decided_at = moment_of(*decided);
    s.decided_by = row.text_if(13).value_or("");
    s.article = row.text_if(14).value_or("");
    s.certificate_code = row.text_if(15).value_or("");
    found.instance = row.text_if(16).value_or("");
    found.task = row.text_if(17).value_or("");
    found.idempotency_key = row.text(18);
    found.sealed = copy(row.bytes(19));
    TRY(s.kind, parse_case_kind(row.text(20)));
    s.channel = row.text(21);
    s.assignee = row.text_if(22).value_or("");
    TRY(s.clock, parse_clock_state(row.text_if(23).value_or("")));
    if (const auto since = row.integer_if(24)) s.stands_since = moment_of(*since);
    if (const auto half = row.integer_if(25)) s.half_at = moment_of(*half);
    if (const auto most = row.integer_if(26)) s.most_at = moment_of(*most);
    return found;
}

Value decided_at(const CaseSummary& s) {
    if (!s.decided_at) return std::monostate{};
    return microseconds(*s.decided_at);
}

Result<std::vector<CaseSummary>> list(store::Reader& reader, const std::string& where, const Values& values) {
    return reader.all<CaseSummary>(kColumns + where, values, [](const Row& row) -> Result<CaseSummary> {
        TRY(CaseRow found, case_row(row));
        return std::move(found.summary);
    });
}

}  // namespace

Result<void> insert_case(store::Tx& tx, const CaseRow& row) {
    const CaseSummary& s = row.summary;
    TRY_DO(tx.execute(kInsertCase,
                      {s.body, s.id.text(), s.receipt, s.service, s.applicant.account.text(), s.applicant.person.text(),
                       s.applicant.capacity, s.applicant.legal_ground, s.language, std::string(name_of(s.status)),
                       microseconds(s.submitted_at), microseconds(s.due_at), decided_at(s), text_or_null(s.decided_by),
                       text_or_null(s.article), text_or_null(s.certificate_code), text_or_null(row.instance),
                       text_or_null(row.task), row.idempotency_key, row.sealed, std::string(name_of(s.kind)), s.channel, text_or_null(s.assignee)}));
    return {};
}

Result<void> update_case(store::Tx& tx, const CaseRow& row) {
    const CaseSummary& s = row.summary;
    TRY(const std::int64_t changed,
        tx.execute(kUpdateCase, {s.body, s.id.text(), std::string(name_of(s.status)), decided_at(s), text_or_null(s.decided_by),
                                 text_or_null(s.article), text_or_null(s.certificate_code), text_or_null(row.instance),
                                 text_or_null(row.task), row.sealed, microseconds(s.due_at), text_or_null(s.assignee)}));
    if (changed != 1) return fail(Code::not_found, format("there is no case {}", s.id.text()));
    return {};
}

Result<std::optional<CaseRow>> find_case_row(store::Reader& reader, std::string_view body, const CaseId& id) {
    return reader.first<CaseRow>(std::string(kColumns) + "WHERE body=$1 AND case_id=$2", {std::string(body), id.text()}, case_row);
}

Result<std::optional<CaseRow>> find_by_receipt(store::Reader& reader, std::string_view body, std::string_view receipt) {
    return reader.first<CaseRow>(std::string(kColumns) + "WHERE body=$1 AND receipt=$2",
                                 {std::string(body), std::string(receipt)}, case_row);
}

Result<std::optional<CaseRow>> find_of_owner(store::Reader& reader, const Owner& owner, std::string_view receipt) {
    return reader.first<CaseRow>(std::string(kColumns) + "WHERE " + kOwned + " AND receipt=$3", {owner.account.text(), person_text(owner), std::string(receipt)}, case_row);
}

Result<std::optional<CaseRow>> find_by_key(store::Reader& reader, std::string_view body,
                                           const identity::AccountId& account, std::string_view key) {
    return reader.first<CaseRow>(std::string(kColumns) + "WHERE body=$1 AND account_id=$2 AND idempotency_key=$3",
                                 {std::string(body), account.text(), std::string(key)}, case_row);
}

Result<std::vector<CaseSummary>> list_of_owner(store::Reader& reader, const Owner& owner) {
    return list(reader, std::string("WHERE ") + kOwned + " ORDER BY submitted_at DESC LIMIT 500", {owner.account.text(), person_text(owner)});
}

Result<std::vector<CaseSummary>> list_taken_in(store::Reader& reader, const identity::AccountId& helper, std::size_t limit) {
    return list(reader, "WHERE account_id=$1 AND channel='counter' ORDER BY submitted_at DESC LIMIT $2", {helper.text(), static_cast<std::int64_t>(limit)});
}

// What was received is worked on by the house at once; where it stands past its date, a person must see it.
Result<std::vector<CaseSummary>> list_open(store::Reader& reader, std::string_view body, Instant now) {
    return list(reader, "WHERE body=$1 AND (status IN ('with_officer','with_second_officer','awaiting_applicant') OR (status='received' AND due_at<$2)) ORDER BY due_at LIMIT 500",
                {std::string(body), microseconds(now)});
}

Result<std::vector<CaseSummary>> list_cases(store::Reader& reader, const std::string& where, const Values& values) { return list(reader, where, values); }

Result<std::int64_t> count_cases(store::Reader& reader, const std::string& where, const Values& values) {
    TRY(const auto count, reader.first<std::int64_t>("SELECT count(*) FROM casework_case " + where, values, [](const Row& row) -> Result<std::int64_t> { return row.integer(0); }));
    return count.value_or(0);
}

Result<std::vector<CaseSummary>> list_of_applicant(store::Reader& reader, const identity::PersonId& person, std::string_view service) {
    return list(reader, "WHERE applicant_id=$1 AND service_id=$2 ORDER BY submitted_at DESC LIMIT 100", {person.text(), std::string(service)});
}

Result<std::vector<CaseSummary>> list_of_body(store::Reader& reader, std::string_view body, Instant since) {
    return list(reader, "WHERE body=$1 AND (submitted_at>=$2 OR decided_at>=$2 OR status NOT IN ('issued','refused','withdrawn','merged','allowed','lapsed'))"
                        " ORDER BY due_at LIMIT 20000", {std::string(body), microseconds(since)});
}

namespace {

Result<Job> job_of(const Row& row) {
    TRY(const CaseId id, CaseId::parse(row.text(1)));
    return Job{std::string(row.text(0)), id, std::string(row.text(2))};
}

}  // namespace

Result<void> add_job(store::Tx& tx, std::string_view body, const CaseId& id, Instant not_before, std::string_view what) {
    TRY_DO(tx.execute(kInsertJob, {std::string(body), id.text(), microseconds(not_before), std::string(what)}));
    return {};
}

Result<void> remove_job(store::Tx& tx, std::string_view body, const CaseId& id) {
    TRY(const std::int64_t removed, tx.execute(kRemoveJob, {std::string(body), id.text()}));
    return removed == 0 ? Result<void>() : Troubles::over(tx, {std::string(body), id, Work::job, 0});
}

Result<std::optional<Job>> find_job(store::Reader& reader, std::string_view body, const CaseId& id) {
    return reader.first<Job>(std::string(kJobs) + "WHERE body=$1 AND case_id=$2", {std::string(body), id.text()}, job_of);
}

Result<std::optional<Job>> next_job(store::Reader& reader, Instant now) {
    static const std::string query = std::string(kJobs) + "WHERE not_before<=$1 AND " + not_in_trouble("casework_job", Work::job) + " ORDER BY not_before LIMIT 1";
    return reader.first<Job>(query, {microseconds(now)}, job_of);
}

Result<bool> has_job(store::Reader& reader, const CaseId& id) {
    TRY(const auto found, reader.first<bool>(kHasJob, {id.text()}, [](const Row&) -> Result<bool> { return true; }));
    return found.has_value();
}

Result<std::int64_t> count_jobs(store::Reader& reader) {
    TRY(const auto count, reader.first<std::int64_t>(kCountJobs, {}, [](const Row& row) -> Result<std::int64_t> { return row.integer(0); }));
    return count.value_or(0);
}

Result<void> put_draft(store::Tx& tx, const DraftRow& row) {
    TRY_DO(tx.execute(kPutDraft, {row.applicant.account.text(), row.id.text(), row.service, row.applicant.person.text(),
                                  row.applicant.capacity, row.applicant.legal_ground, microseconds(row.updated_at), row.sealed, row.amends,
                                  static_cast<std::int64_t>(row.version)}));
    return {};
}

Result<void> remove_draft(store::Tx& tx, const identity::AccountId& account, const DraftId& id) {
    TRY_DO(tx.execute(kRemoveDraft, {account.text(), id.text()}));
    return {};
}

Result<std::vector<DraftId>> list_drafts(store::Reader& reader, const identity::AccountId& account) {
    return reader.all<DraftId>(kListDrafts, {account.text()}, [](const Row& row) { return DraftId::parse(row.text(0)); });
}

Result<std::optional<DraftRow>> find_draft_row(store::Reader& reader, const identity::AccountId& account, const DraftId& id) {
    return reader.first<DraftRow>(kFindDraft, {account.text(), id.text()}, [&](const Row& row) -> Result<DraftRow> {
        DraftRow found;
        found.id = id;
        found.service = row.text(0);
        found.applicant.account = account;
        TRY(found.applicant.person, identity::PersonId::parse(row.text(1)));
        found.applicant.capacity = row.text(2);
        found.applicant.legal_ground = row.text(3);
        found.updated_at = moment_of(row.integer(4));
        found.sealed = copy(row.bytes(5));
        found.amends = row.text(6);
        found.version = static_cast<int>(row.integer(7));
        return found;
    });
}

}  // namespace madang::casework
