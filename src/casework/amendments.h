// An application that its applicant changes before it is decided, as often as the law lets them (`restarts` of the term): the
// term runs anew, the procedure begins again with the new answers, and what was answered before stays in the case as a version.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "casework/case.h"
#include "form/check.h"
#include "store/store.h"

namespace madang::casework {

class Casework;
struct CaseRow;
struct Officer;

struct Amendment {
    int version = 0;          // that was changed, from 1: what the applicant had before them
    form::Answers answers;    // all of them, not only those that differ
};

// An amendment is in effect, or sent back with located problems.
struct AmendmentOutcome {
    std::optional<CaseSummary> now;
    std::vector<form::Problem> problems;
};

// What was answered from `since` until `until`; the last version holds.
struct AnswerVersion {
    int number = 0;                       // from 1
    Instant since{};
    std::optional<Instant> until = {};    // of the last: none
    json::object answers;
    std::string sha256;                   // what the act of that version commits to
    std::vector<std::string> changed;     // keys with another answer than in the version before; none in the first
};
// Oldest first; one where nothing was amended.
std::vector<AnswerVersion> versions_of(const CaseSummary& summary, const CaseContent& content);

class Amendments {
public:
    explicit Amendments(Casework& casework) : casework_(casework) {}

    // How often the application may be amended from now on, and by what article; 0 once it is decided, closed or out of its term.
    struct Possible {
        int times = 0;
        std::string article = {};
    };
    Result<Possible> possible(const CaseSummary& summary);

    // By the applicant; a draft is removed in the same transaction. The same amendment sent again changes nothing. Code::conflict
    // where the law lets it not be amended (any more), or another version was amended meanwhile; Code::invalid where nothing is
    // changed. What was asked of the applicant or of other bodies was asked about the old answers and is asked no more.
    Result<AmendmentOutcome> amend(const CaseSummary& summary, const identity::AccountId& account, const Amendment& amendment, std::optional<DraftId> draft = std::nullopt);
    // The same by an employee at the counter, for the applicant who is there. Code::denied for another body's.
    Result<AmendmentOutcome> amend_at_counter(const CaseSummary& summary, const Officer& helper, const Amendment& amendment);

private:
    struct By {
        identity::AccountId account;
        std::string capacity;
    };
    Result<AmendmentOutcome> take(const CaseSummary& summary, const By& by, const Amendment& amendment, std::optional<DraftId> draft);
    Result<int> times_left(store::Reader& reader, const CaseRow& row);
    // Nothing that was begun with the old answers goes on.
    Result<void> begin_again(store::Tx& tx, CaseRow& row, const By& by);

    Casework& casework_;
};

}  // namespace madang::casework
