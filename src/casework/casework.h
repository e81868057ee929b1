// Applications from draft to decision: drafts, receipt, the process of the service, the officer's
// decision. One command is one store transaction: state, official act and what is owed next.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "casework/amendments.h"
#include "casework/case.h"
#include "casework/consultations.h"
#include "casework/decision_letters.h"
#include "casework/desk.h"
#include "casework/escalations.h"
#include "casework/fees.h"
#include "casework/intake.h"
#include "casework/letters.h"
#include "casework/packages.h"
#include "casework/procedures.h"
#include "casework/processes.h"
#include "casework/search.h"
#include "casework/tasks.h"
#include "casework/terms.h"
#include "casework/troubles.h"
#include "casework/workload.h"
#include "catalogue/pack.h"
#include "documents/certificates.h"
#include "form/check.h"
#include "identity/access.h"
#include "identity/access_log.h"
#include "identity/mandates.h"
#include "identity/vault.h"
#include "ledger/ledger.h"
#include "process/diagram.h"
#include "process/engine.h"
#include "registers/population.h"
#include "store/store.h"

namespace madang::casework {

struct Job;
struct CaseRow;

// What the room works with; everything outlives it.
struct Parts {
    store::Store& store;
    ledger::Ledger& ledger;
    const catalogue::Pack& pack;
    identity::Vault& vault;
    identity::AccessLog& access_log;
    identity::Mandates& mandates;
    registers::PopulationRegister& population;
    documents::Certificates& certificates;
    process::Engine& engine;
    const Clock& clock;
    Random& random;
    Log& log;
};

struct Draft {
    DraftId id;
    std::string service;
    Applicant applicant;
    Instant updated_at;
    form::Answers answers;     // as typed, by key
    // Of an amendment: the receipt and which version of the answers is changed.
    std::string amends = {};
    int version = 0;
};

struct Submission {
    std::string service;
    Applicant applicant;
    std::string language;
    std::string idempotency_key;   // the same key of one account is one case
    form::Answers answers;
    std::string channel = "portal";
    std::string exemption = {};    // from the fee, by its id; empty: none is claimed
    std::vector<Upload> files = {};   // what is sent with it; they stand in the case as its first message
};

struct Receipt {
    CaseId case_id;
    std::string receipt;
    Instant submitted_at;
    Instant due_at;
};

// A submission is received, or sent back with located problems.
struct SubmissionOutcome {
    std::optional<Receipt> receipt;
    std::vector<form::Problem> problems;
};

// Who decides, as the session says.
struct Officer {
    identity::AccountId account;
    std::string body;
    std::optional<identity::PersonId> person = {};   // who works with it; without one nothing is decided
    std::vector<std::string> roles = {};   // in the body, besides "officer"
};

struct OfficerDecision {
    catalogue::Ground::Outcome outcome = catalogue::Ground::Outcome::refuse;
    std::string ground;        // id of a ground of the service
    std::string reason;        // in the officer's words, 1 to 2,000 characters
    std::string acting_for = {};   // set by the desk: the absent officer for whom it is decided
};

class Casework {
public:
    // Without a provider fees are paid at the cash desk.
    explicit Casework(const Parts& parts, std::unique_ptr<PaymentProvider> provider = nullptr);
    ~Casework();

    Terms& terms() { return terms_; }
    Letters& letters() { return letters_; }
    Desk& desk() { return desk_; }
    DecisionLetters& decisions() { return decisions_; }
    Tasks& tasks() { return tasks_; }
    Consultations& consultations() { return consultations_; }
    Fees& fees() { return fees_; }
    Procedures& procedures() { return procedures_; }
    Amendments& amendments() { return amendments_; }
    Escalations& escalations() { return escalations_; }
    Intake& intake() { return intake_; }
    Workloads& workloads() { return workloads_; }
    Packages& packages() { return packages_; }
    Processes& processes() { return processes_; }
    Troubles& troubles() { return troubles_; }
    const PaymentProvider& provider() const { return *provider_; }

    // In what capacity an account may ask for a service, for its own person or for another that it holds a
    // mandate for. Code::denied without one, and for an account of staff.
    Result<Applicant> applicant_for(const identity::AccountId& account, const std::optional<identity::PersonId>& own,
                                    const std::optional<identity::PersonId>& whom, std::string_view service);

    // Drafts belong to one account and hold personal data under the applicant's key.
    Result<DraftId> begin_draft(const std::string& service, const Applicant& applicant, const form::Answers& answers);
    // The answers of a case to be changed; amendments().amend() puts them in effect.
    Result<DraftId> begin_amendment(const CaseSummary& summary, const identity::AccountId& account, const CaseContent& content);
    // What the registers already hold for the fields that ask for it (`prefill`), in a language. The reading
    // is written down.
    Result<form::Answers> prefill(const std::string& service, const Applicant& applicant, const std::string& language);
    Result<Draft> find_draft(const identity::AccountId& account, const DraftId& id);
    Result<void> save_draft(const Draft& draft);
    // What was sent before with a key of this account (a draft's id), for who did not hear the answer.
    Result<std::optional<Receipt>> sent_with(const identity::AccountId& account, std::string_view key);
    // At most 200, the newest first.
    Result<std::vector<DraftId>> drafts_of(const identity::AccountId& account);
    // Code::not_found where it is not there.
    Result<void> discard_draft(const identity::AccountId& account, const DraftId& id);

    // Durable when it returns. A draft, if given, is removed in the same transaction.
    Result<SubmissionOutcome> submit(const Submission& submission, std::optional<DraftId> draft = std::nullopt);

    // Does what the house owes to one case now; false where nothing was due. The worker calls it.
    Result<bool> work_once();
    void start_worker();
    void stop_worker();
    // Waits until the case owes nothing more or the time is over (real time, for a person who waits).
    void wait_for(const CaseId& id, std::chrono::milliseconds at_most);

    // Where the service asks for four eyes this is a proposal, which desk().confirm() carries out. Code::conflict where the
    // case was decided already or is another officer's, Code::denied for an application of one's own and an account without a person.
    // Gives the case as it is then.
    Result<CaseSummary> decide(const CaseId& id, const Officer& officer, const OfficerDecision& decision);

    // Code::not_found also for a case of somebody else: its existence is not told.
    Result<CaseSummary> find_case(std::string_view receipt, const Owner& owner);
    Result<CaseSummary> find_for_officer(std::string_view receipt, const Officer& officer);
    Result<std::vector<CaseSummary>> cases_of(const Owner& owner);
    // Open cases of a body, by due date; at most 500.
    Result<std::vector<CaseSummary>> inbox(const std::string& body);
    // The cases of a body that a filter lets through, `count` of them (1 to kMaxPage) from place `first`.
    Result<CasePage> search(const std::string& body, const CaseFilter& filter, std::int64_t first, std::int64_t count);
    // used_up() of case.h, now.
    int used_up(const CaseSummary& summary) const;
    // Opens what is sealed and writes down that it was read.
    Result<CaseContent> open_content(const CaseSummary& summary, const identity::Access& access);
    // The official acts of the case, oldest first.
    Result<std::vector<ledger::Act>> history(const CaseSummary& summary);
    // The same with their proofs from the ledger, as a file for `madang verify` (docs/formats/act.md).
    Result<std::string> provable_history(const CaseSummary& summary);
    // The model of the case's process and where it stands; nothing for a case that has none (an appeal, or not begun yet).
    struct Course {
        std::shared_ptr<const std::string> model;
        process::Progress progress;
    };
    Result<std::optional<Course>> course_of(const CaseSummary& summary);
    Result<std::optional<Course>> course_of(const process::InstanceId& instance);
    Result<std::int64_t> jobs_owed();

    // Repairs by an operator, each an act in the case that it is of: a failed thing is due now; it is taken away.
    Result<void> retry_step(std::string_view instance, std::int64_t number, std::string_view actor);
    Result<void> dismiss_step(std::string_view instance, std::int64_t number, std::string_view reason, std::string_view actor);
    // The receipt of the case that a process belongs to; empty for a process of no case.
    Result<std::string> receipt_of(store::Reader& reader, std::string_view business_key);
    // An operator's repair: the process of a case goes on as if the step at which a token stands were done. The
    // case is settled and an act says what was done and why. Code::denied for a user task, which is an officer's
    // to decide; Code::not_found for a process of no case.
    Result<void> skip_step(const process::InstanceId& instance, std::int64_t token, std::string_view reason, std::string_view actor);
    // The process of a case moves to another version of its model (`process::Engine::migrate`); the case is settled and an
    // act says why. Code::conflict with what keeps it; Code::not_found for a process of no case.
    Result<void> migrate_process(const process::InstanceId& instance, int version, const process::NodeMap& nodes, std::string_view reason,
                                 std::string_view actor);
    // What another system or an operator tells the process of a case: a BPMN message, heard by the step of the case that waits for
    // it, now or when it comes there. An act names it. Code::invalid where no step of the service waits for such a message.
    Result<void> tell_process(std::string_view body, std::string_view receipt, std::string_view message, const json::object& variables, std::string_view actor);
    // A BPMN signal, heard by all that wait for it now; how many services have steps that do.
    Result<std::size_t> signal_processes(std::string_view signal, const json::object& variables);
    const process::Engine& engine() const { return parts_.engine; }

    struct Worker;

private:
    class Host;
    class CaseHosts;
    // The parts of casework, each a file of its own, share the rows, the acts and the sealed content.
    friend class Terms;
    friend class Letters;
    friend class Desk;
    friend class DecisionLetters;
    friend class Tasks;
    friend class Consultations;
    friend class Fees;
    friend class Procedures;
    friend class Amendments;
    friend class Escalations;
    friend class Intake;
    friend class Workloads;
    friend class Packages;
    friend class Processes;
    friend class Troubles;

    // Code::not_found; open_case() also Code::conflict where the case is closed.
    Result<CaseRow> case_row(store::Reader& reader, std::string_view body, const CaseId& id);
    Result<CaseRow> open_case(store::Reader& reader, std::string_view body, const CaseId& id);
    // The same, where no decision was made, though steps of the procedure may follow one.
    Result<CaseRow> undecided_case(store::Reader& reader, std::string_view body, const CaseId& id);
    // Seals the content and writes the row.
    Result<void> keep(store::Tx& tx, CaseRow& row, const CaseContent& content);
    // What was decided by an officer, in effect: acts, the process goes on, the clock stops.
    Result<void> carry_out(store::Tx& tx, CaseRow& row, CaseContent& content, const identity::AccountId& officer, const OfficerDecision& decision);
    // A task that is not the decision is done: the process goes on with what came of it.
    Result<Tasks::Open> go_on(store::Tx& tx, CaseRow& row, const CaseContent& content, const process::TaskId& task, const json::object& result);
    // What the law decides where nobody answered in time (by_law.cpp). From the second attempt on a refusal does not ask the
    // process; a grant never does: what it brings about is a job of its own, with its own incident.
    Result<void> decide_by_law(store::Tx& tx, CaseRow& row, bool granted, std::string_view article, std::int64_t attempt);
    Result<void> carry_out_grant(const Job& job);
    Result<void> drive_to_grant(store::Tx& tx, CaseRow& row, Host& host);
    // Where the case has no process, or one that cannot be asked.
    Result<void> decide_without_process(store::Tx& tx, CaseRow& row, const CaseContent& content, bool granted);
    // The clock goes on where neither the applicant nor another body is waited for.
    Result<void> resume_if_free(store::Tx& tx, CaseRow& row, std::string_view actor);
    Result<void> refuse_by_rule(store::Tx& tx, CaseSummary& summary, const CaseContent& content);
    Result<void> refund_if(store::Tx& tx, const CaseSummary& summary, std::string_view when);
    void wake_worker();

    // The case of a process by its business key "body/case"; nothing for a process of no case.
    Result<std::optional<CaseRow>> row_of_process(store::Reader& reader, std::string_view business_key);
    // Sets variables of a process, by Processes::repair().
    Result<void> change_variables(store::Tx& tx, const process::Instance& instance, const json::object& variables, std::string_view reason);
    Result<void> record_repair(store::Tx& tx, std::string_view business_key, std::string what, std::string_view reason, std::string_view actor);
    Result<documents::Request> certificate_request(const catalogue::Service& service, const CaseRow& row);
    Result<CaseContent> content_of(store::Reader& reader, const CaseRow& row);
    Result<void> begin_process(const Job& job);
    Result<void> issue_certificate(const Job& job);
    Result<void> work_on(const Job& job);
    Result<bool> do_a_job(Instant now);
    Result<bool> do_other_work(Instant now);
    Result<void> record(store::Tx& tx, const CaseSummary& summary, std::string kind, std::string actor,
                        std::string capacity, json::object details);
    // Writes the case as it is after the process moved, and what the move means: an act, a job. What is open then.
    Result<Tasks::Open> settle(store::Tx& tx, CaseRow& row, const CaseContent& content);
    static Result<void> require_refusal(const CaseSummary& summary, const CaseContent& content, process::InstanceState state);
    Result<void> follow(store::Tx& tx, CaseRow& row, const CaseContent& content, const process::Course& course, const std::vector<process::Task>& tasks);
    void work_until_stopped();

    Parts parts_;
    std::unique_ptr<PaymentProvider> provider_;
    std::unique_ptr<Worker> worker_;
    Terms terms_{*this};
    Letters letters_{*this};
    Desk desk_{*this};
    DecisionLetters decisions_{*this};
    Tasks tasks_{*this};
    Consultations consultations_{*this};
    Fees fees_{*this};
    Procedures procedures_{*this};
    Amendments amendments_{*this};
    Escalations escalations_{*this};
    Intake intake_{*this};
    Workloads workloads_{*this};
    Packages packages_{*this};
    Processes processes_{*this};
    Troubles troubles_{*this};
    int jobs_in_a_row_ = 0;   // of the one thread that calls work_once()
};

}  // namespace madang::casework
