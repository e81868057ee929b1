// What casework knows of a case. Personal data stands only in CaseContent, which is sealed in the store
// under the applicant's key and leaves it only with an identity::Access.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "identity/access.h"
#include "registers/population.h"

namespace madang::casework {

using CaseId = Id<struct CaseIdTag>;
using DraftId = Id<struct DraftIdTag>;

// Where a case stands. The words are also those in the store and in the API.
enum class Status {
    awaiting_fee,        // nothing is done before the fee is paid or found not to be owed
    received,            // on disk, the rule has not been applied yet
    with_officer,        // an officer must decide
    awaiting_applicant,  // the applicant must supply what the letter names
    with_second_officer, // decided by one, to be confirmed by another person
    granted,             // decided; the certificate is being made
    issued,              // the certificate is there
    refused,             // decided against, with the article of law
    withdrawn,           // by the applicant
    merged,              // goes on in another case of the same applicant
    allowed,             // an appeal that was right: the first decision fell
    lapsed,              // the applicant did not supply in time what the letter named
};
// Nothing more will be done, but by an appeal or a reopening.
bool is_closed(Status status);
std::string_view name_of(Status status);
Result<Status> parse_status(std::string_view text);

// An application, or the appeal against the decision on one.
enum class CaseKind { application, appeal };
std::string_view name_of(CaseKind kind);
Result<CaseKind> parse_case_kind(std::string_view text);

// How the statutory clock of a case stands. none: a case from before clocks were kept.
enum class ClockState {
    none,
    running,
    suspended,   // the applicant, a fee or another body is waited for
    stopped,     // answered or closed
    ended,       // the term ended without an answer
};
std::string_view name_of(ClockState state);
Result<ClockState> parse_clock_state(std::string_view text);

// For whom and in what capacity an account applies.
struct Applicant {
    identity::AccountId account;
    identity::PersonId person;
    std::string capacity;      // "self", "parent", "representative"
    std::string legal_ground;  // by what law or mandate
};

// Whose cases are asked for: those that the account sent, and those that were taken in at the counter or from a file for its person.
struct Owner {
    identity::AccountId account;
    std::optional<identity::PersonId> person = {};
};

struct CaseSummary {
    CaseId id;
    std::string body;
    std::string receipt;
    std::string service;
    Applicant applicant;
    std::string language;
    Status status = Status::received;
    Instant submitted_at;
    Instant due_at;
    std::optional<Instant> decided_at;
    std::string decided_by;        // "rule:<decision>" or an account id; empty until decided
    std::string article;
    std::string certificate_code;  // empty until issued
    CaseKind kind = CaseKind::application;
    std::string channel = "portal";  // "portal", "counter", "bulk" or "api"
    std::string assignee;          // the account of the officer who has taken it; empty: nobody
    ClockState clock = ClockState::none;       // as it was read
    std::optional<Instant> stands_since = {};
    std::optional<Instant> half_at = {}, most_at = {};   // when half and four fifths of the term are used up; none: not known
};

// The clock stands, so that `due_at` is no date by which anybody must answer.
bool stands_still(const CaseSummary& summary);
// The answer is late: the term ended without one, or its date is past and the clock runs. Pages, lists, counts and the
// search (search.cpp, as SQL) all go by this.
bool is_overdue(const CaseSummary& summary, Instant now);
// How much of the term is used up, as far as an officer must be warned: 0, 50, 80 or 100 per cent. Nothing of a case that was
// answered; of a clock that stands what was used up when it stopped.
int used_up(const CaseSummary& summary, Instant now);

// Who took part in a decision, as ids.
struct Decider {
    std::string account;
    std::string person;
    std::string acting_for;   // the account of the absent officer whose case it was; empty: in their own turn
};

// What came of a task that is not the decision.
struct TaskDone {
    std::string node, name;   // in the model
    std::string outcome;      // one of the model's, or "done"
    std::string remark;       // in the words of who did it
    std::string account;
    std::string acting_for;   // the account of the absent whose task it was; empty: their own
    std::string at;           // RFC 3339
    json::object answers = {};   // to the task's form, typed, by its keys; empty where it has none
};

// What the applicant answered before an amendment.
struct EarlierAnswers {
    json::object answers;
    std::string salt;
    Instant until{};
    std::string by = {};   // account id of who changed them then
};

// The part of a case that only an Access opens.
struct CaseContent {
    json::object answers;      // typed, as form::check made them
    json::object facts;        // what registers answered
    json::object outcome;      // what the decision answered: outcome, reason
    json::value trace;         // how it came to that
    std::string reason;        // the officer's words
    std::string salt;          // hexadecimal; makes the hash of the answers in the ledger tell nothing
    json::object proposal;     // a decision that waits for a second person: outcome, ground, reason, by, person, for
    std::vector<Decider> deciders = {};   // of every decision so far, the last at the end
    std::vector<TaskDone> tasks = {};     // oldest first
    std::vector<EarlierAnswers> earlier = {};   // oldest first
    bool granted = false;                       // by an officer, whatever steps follow
};

// The address that the applicant stated, as typed.
registers::WrittenAddress stated_address(const CaseContent& content);

// SHA-256 over the salt and the canonical answers, in hexadecimal digits: what the act "application.submitted"
// and each "application.amended" commit to, so that nobody can change an answer unseen.
std::string commitment_of(const CaseContent& content);
std::string commitment_of(std::string_view salt, const json::object& answers);

// SHA-256 over a proposed decision and the answers that it is about, in hexadecimal digits: what a second person looked at.
std::string proposal_hash(const CaseContent& content);
// As programs read it: {"outcome", "ground", "reason", "sha256"}.
json::object proposal_of(const CaseContent& content);

json::object to_json(const CaseContent& content);
Result<CaseContent> parse_content(const json::value& value);

}  // namespace madang::casework
