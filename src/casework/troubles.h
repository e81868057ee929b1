// Work of the house that failed for one case. It is tried again after growing pauses, ten times in all; then it is an
// incident: an operator sees why, mends what is wrong and has it tried again, or leaves the work out with a reason. While one
// case is in trouble every other goes on.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "casework/case.h"
#include "store/store.h"

namespace madang::casework {

class Casework;
struct CaseRow;

// job: the next step of a case; term: what the law says at the end of its term; reply, consultation, fee: the time for an
// answer, another body's answer or a payment is over; letter: the drawing of a decision; calendar: counting a term again.
enum class Work { job, term, reply, consultation, fee, letter, calendar };
std::string_view name_of(Work work);
Result<Work> parse_work(std::string_view text);

// What failed. Its reference is "CASE:WORK:NUMBER".
struct Trouble {
    std::string body;
    CaseId case_id = {};
    Work work = Work::job;
    std::int64_t number = 0;
    bool incident = false;       // it waits for a person; else it is tried again at next_at
    std::int64_t attempts = 0;
    Instant since{}, last_at{}, next_at{};
    std::string problem = {};
    std::string receipt = {}, service = {};   // of the case
    bool can_skip = true;        // a certificate that was granted is owed
    std::string reference() const;
};

// The condition of a query that leaves out rows of `table` (with body and case_id) whose work is in trouble and not due
// again. $1 is now; `number` an expression.
std::string not_in_trouble(std::string_view table, Work work, std::string_view number = "0");

class Troubles {
public:
    explicit Troubles(Casework& casework) : casework_(casework) {}

    // Those that wait for a person, the oldest first; with `also_tried` those that are tried again by themselves too. At most
    // `count` (1 to 500) from place `first`.
    enum class Which { incidents, all };
    struct Page {
        std::vector<Trouble> troubles;
        std::int64_t total = 0;
    };
    Result<Page> list(Which which, std::int64_t first, std::int64_t count);
    // The incidents of one case.
    Result<std::vector<Trouble>> of_case(const CaseSummary& summary);

    // It is tried again now, as often as at first. Each repair is an act. Code::not_found for nothing of this reference.
    Result<void> retry(std::string_view reference, std::string_view actor);
    // The case goes on without this work: the effects of the ended term are left to the officers, an unanswered letter or
    // question is closed, an unpaid fee has no end any more, a procedure that cannot begin is left out and an officer decides,
    // a grant by law is carried out without its procedure. Code::denied for a certificate, which is owed.
    Result<void> skip(std::string_view reference, std::string_view reason, std::string_view actor);

    // For workers. It failed, now: counted, written to the log once and once more when it becomes an incident.
    struct Place {
        std::string body;
        CaseId case_id = {};
        Work work = Work::job;
        std::int64_t number = 0;
    };
    Result<void> failed(const Place& place, const Error& error);
    Result<std::int64_t> attempts(store::Reader& reader, const Place& place);
    // Within the transaction that did the work, or that made it needless.
    static Result<void> over(store::Tx& tx, const Place& place);
    // The next of a kind that is due again, for work that no other table lists.
    Result<std::optional<Place>> next_due(Work work, Instant now);

private:
    Result<Trouble> find(store::Reader& reader, std::string_view reference);
    Result<void> leave_out(store::Tx& tx, CaseRow& row, const Trouble& trouble);
    bool owes_effects(std::string_view service_id) const;
    Result<void> leave_out_job(store::Tx& tx, CaseRow& row);

    Casework& casework_;
};

}  // namespace madang::casework
