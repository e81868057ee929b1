// Applications that do not come through the portal: by an employee at the counter for a person who is there, and many at
// once from a file. The same forms, the same checks, the same receipts.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "casework/case.h"
#include "form/check.h"

namespace madang::casework {

class Casework;
struct Officer;
struct Receipt;
struct SubmissionOutcome;

struct CounterSubmission {
    std::string service;
    std::string personal_number;     // of the person at the counter
    std::string language;
    std::string idempotency_key;
    std::string exemption;           // from the fee; empty: none
    form::Answers answers;
    std::string channel = "counter";  // "bulk" for a row of a file
};

struct BulkRow {
    std::size_t line = 0;            // in the file, the header is 1
    std::string receipt;             // empty where it was refused
    std::vector<std::string> problems;
};

class Intake {
public:
    explicit Intake(Casework& casework) : casework_(casework) {}

    // By an employee of the providing body (Code::denied else). The register must know the person: Code::not_found.
    Result<SubmissionOutcome> at_counter(const CounterSubmission& submission, const Officer& helper);

    // A CSV file with a column "personal_number", one for each field of the form and, if wanted, "exemption". Each row is an
    // application or says what is wrong with it; the file sent twice makes each case once. Code::invalid where the file
    // itself cannot be read. `each` is told of every row.
    Result<std::vector<BulkRow>> from_csv(std::string_view csv, std::string_view name, const std::string& service, const std::string& language, const Officer& helper,
                                          const std::function<void(std::size_t done, std::size_t all)>& each = {});

    // What this employee took in last.
    Result<std::vector<CaseSummary>> taken_in_by(const identity::AccountId& helper, std::size_t limit);

private:
    Result<std::string> free_key(const std::string& body, const identity::AccountId& account, const std::string& key);
    Casework& casework_;
};

}  // namespace madang::casework
