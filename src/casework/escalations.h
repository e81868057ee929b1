// Cases that the law put before the superior body because their own did not answer in time (effect "escalation" of the term).
// The superior body sees which they are, how they stand and what was done; the case stays with the body that owes the answer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "casework/case.h"
#include "store/store.h"

namespace madang::casework {

class Casework;
struct CaseRow;

struct Escalated {
    CaseSummary summary;
    Instant at{};            // the end of the term
    std::string article;     // of law that says so
};

class Escalations {
public:
    explicit Escalations(Casework& casework) : casework_(casework) {}

    // What waits for an answer still comes first, the longest first; then what was answered meanwhile, the newest first. At most 500.
    Result<std::vector<Escalated>> to(std::string_view superior);
    // How many of them nobody has answered yet.
    Result<std::int64_t> open_at(std::string_view superior);
    // One of them by its receipt. Code::not_found for every other case: its existence is not told.
    Result<Escalated> find(std::string_view superior, std::string_view receipt);

    // Inside the end of a term; the code of the superior body, empty where there is none.
    Result<std::string> add(store::Tx& tx, const CaseRow& row, std::string_view article);

private:
    Casework& casework_;
};

}  // namespace madang::casework
