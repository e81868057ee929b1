// The rows of casework_*. Only casework.cpp and work.cpp use it.
#pragma once

#include <optional>
#include <vector>

#include "casework/case.h"
#include "store/store.h"

namespace madang::casework {

// A case as it stands in the store, its content still sealed.
struct CaseRow {
    CaseSummary summary;
    std::string idempotency_key;
    std::string instance;   // process instance, empty before the process began
    std::string task;       // the open task, empty while none waits
    Bytes sealed;
};

Result<void> insert_case(store::Tx& tx, const CaseRow& row);
Result<void> update_case(store::Tx& tx, const CaseRow& row);
Result<std::optional<CaseRow>> find_case_row(store::Reader& reader, std::string_view body, const CaseId& id);
Result<std::optional<CaseRow>> find_by_receipt(store::Reader& reader, std::string_view body, std::string_view receipt);
Result<std::optional<CaseRow>> find_of_owner(store::Reader& reader, const Owner& owner, std::string_view receipt);
Result<std::optional<CaseRow>> find_by_key(store::Reader& reader, std::string_view body,
                                           const identity::AccountId& account, std::string_view key);
Result<std::vector<CaseSummary>> list_of_owner(store::Reader& reader, const Owner& owner);
// What an employee took in at the counter, newest first.
Result<std::vector<CaseSummary>> list_taken_in(store::Reader& reader, const identity::AccountId& helper, std::size_t limit);
Result<std::vector<CaseSummary>> list_open(store::Reader& reader, std::string_view body, Instant now);

// What a condition "WHERE … ORDER BY …" of the caller finds, with bound values.
Result<std::vector<CaseSummary>> list_cases(store::Reader& reader, const std::string& where, const store::Values& values);
Result<std::int64_t> count_cases(store::Reader& reader, const std::string& where, const store::Values& values);

// Every case of one applicant for one service; every case of a body that is open or was touched since a moment.
Result<std::vector<CaseSummary>> list_of_applicant(store::Reader& reader, const identity::PersonId& person, std::string_view service);
Result<std::vector<CaseSummary>> list_of_body(store::Reader& reader, std::string_view body, Instant since);

// What follows from a grant by law is owed: the procedure is driven to its end.
inline constexpr std::string_view kCarryOutGrant = "grant";
struct Job {
    std::string body;
    CaseId case_id;
    std::string what;   // empty: the next step of the case
};
// One that is there already becomes this one.
Result<void> add_job(store::Tx& tx, std::string_view body, const CaseId& id, Instant not_before, std::string_view what = {});
// With the trouble that it was in.
Result<void> remove_job(store::Tx& tx, std::string_view body, const CaseId& id);
Result<std::optional<Job>> find_job(store::Reader& reader, std::string_view body, const CaseId& id);
// The oldest that is due and not in trouble.
Result<std::optional<Job>> next_job(store::Reader& reader, Instant now);
Result<bool> has_job(store::Reader& reader, const CaseId& id);
Result<std::int64_t> count_jobs(store::Reader& reader);

struct DraftRow {
    DraftId id;
    std::string service;
    Applicant applicant;
    Instant updated_at;
    Bytes sealed;
    std::string amends = {};   // the receipt of the case whose answers are changed; empty: a new application
    int version = 0;
};
Result<void> put_draft(store::Tx& tx, const DraftRow& row);
Result<void> remove_draft(store::Tx& tx, const identity::AccountId& account, const DraftId& id);
// The newest first.
Result<std::vector<DraftId>> list_drafts(store::Reader& reader, const identity::AccountId& account);
Result<std::optional<DraftRow>> find_draft_row(store::Reader& reader, const identity::AccountId& account, const DraftId& id);

}  // namespace madang::casework
