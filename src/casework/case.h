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
    received,      // on disk, the rule has not been applied yet
    with_officer,  // an officer must decide
    granted,       // decided; the certificate is being made
    issued,        // the certificate is there
    refused,       // decided against, with the article of law
};
std::string_view name_of(Status status);
Result<Status> parse_status(std::string_view text);

// For whom and in what capacity an account applies.
struct Applicant {
    identity::AccountId account;
    identity::PersonId person;
    std::string capacity;      // "self", "parent", "representative"
    std::string legal_ground;  // by what law or mandate
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
};

// The part of a case that only an Access opens.
struct CaseContent {
    json::object answers;      // typed, as form::check made them
    json::object facts;        // what registers answered
    json::object outcome;      // what the decision answered: outcome, reason
    json::value trace;         // how it came to that
    std::string reason;        // the officer's words
    std::string salt;          // hexadecimal; makes the hash of the answers in the ledger tell nothing
};

// The address that the applicant stated, as typed.
registers::WrittenAddress stated_address(const CaseContent& content);

// SHA-256 over the salt and the canonical answers, in hexadecimal digits: what the act "application.submitted"
// commits to, so that nobody can change an answer unseen.
std::string commitment_of(const CaseContent& content);

json::object to_json(const CaseContent& content);
Result<CaseContent> parse_content(const json::value& value);

}  // namespace madang::casework
