// The statutory clock of a case: each move is an official act, and the clock as a whole says until when the body must
// answer and how that date was found (government/term_clock.h). What the law lets happen at the end of a term is done
// by the worker, on the minute.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "casework/case.h"
#include "government/term_clock.h"
#include "store/store.h"

namespace madang::casework {

class Casework;
struct CaseRow;
struct Officer;

class Terms {
public:
    explicit Terms(Casework& casework) : casework_(casework) {}

    // The clock of a case from its submission; one that waits for its fee stands until resume(). Counting dates takes longer
    // than writing them, so that it is done before the transaction.
    struct Begun {
        std::string clock;
        std::string_view state;
        Instant due_at{};
        Instant first_due_at{};   // before the clock stood for the fee
        std::optional<Instant> stands_since = {};
        std::optional<Instant> half_at = {}, most_at = {};   // none: as they were
    };
    Result<Begun> count_from(const CaseSummary& summary, const government::Term& term);
    // Leaves the acts "term.started" and, for a clock that stands from the start, "term.suspended".
    Result<void> begin(store::Tx& tx, const CaseSummary& summary, const Begun& begun);
    // A case that was closed is open again: the term runs anew, and what went before stays in the clock.
    Result<void> begin_anew(store::Tx& tx, CaseRow& row, const government::Term& term, std::string_view article, std::string_view actor);
    // Each changes `row.summary.due_at`, which the caller writes, and leaves an act "term.…" of `actor`. To suspend a clock
    // that does not run and to resume one that does not stand changes nothing.
    Result<void> suspend(store::Tx& tx, CaseRow& row, government::WaitingFor waiting_for, std::string_view reason, std::string_view actor);
    Result<void> resume(store::Tx& tx, CaseRow& row, std::string_view actor);
    // The applicant amended the application; the act names the article that the term gives for it. Code::conflict where it gives none.
    Result<void> restart(store::Tx& tx, CaseRow& row, const government::Term& term, std::string_view actor, std::string_view capacity);
    // How often it may be amended from now on: 0 where the clock has stopped, ended or is past its end.
    Result<int> restarts_left(store::Reader& reader, const CaseRow& row, const government::Term& term);
    Result<void> stop(store::Tx& tx, CaseRow& row, std::string_view actor);
    // An officer extends the term as far as the service allows; the applicant is told.
    // Code::conflict where another officer has the case.
    Result<void> extend(const CaseId& id, const Officer& officer, const government::Term& by, std::string_view reason, std::string_view article);

    // How often the term was extended since it began to run, and how often the law lets it.
    struct Extended {
        int times = 0;
        int most = 0;
    };
    Result<Extended> extended(const CaseSummary& summary);
    // How the date was found; of a clock that stands, as if it went on now. Never another date than the one that was told: where
    // the calendar was changed and the clock was not counted by it yet, the steps say so. Nothing for a case from before clocks were kept.
    Result<std::optional<government::DueDate>> explain(const CaseSummary& summary);
    // When the clock that runs now began: the receipt, the last amendment or the last reopening.
    Result<Instant> began(store::Reader& reader, const CaseRow& row);
    Result<bool> is_suspended(store::Reader& reader, const CaseRow& row);

    // Every running clock is counted again by the calendars as they are known today, and what moved is an act that names the
    // edition. How many moved.
    Result<std::int64_t> recompute();
    // Does the same by itself for calendars whose content changed since it last looked, some clocks at a time. False where
    // nothing is left to do. In calendars.cpp.
    Result<bool> follow_calendars(Date today);
    // Does what the law says where a term has ended without an answer. False where none has. One that fails is in trouble and
    // holds up no other.
    Result<bool> work_once(Instant now);
    // Inside another command: nothing follows any more from the end of the term.
    Result<void> leave_end(store::Tx& tx, const CaseRow& row);

private:
    struct Kept {
        government::TermClock clock;
        std::string state;
    };
    Result<std::optional<Kept>> find(store::Reader& reader, std::string_view body, const CaseId& id);
    Result<Kept> required(store::Reader& reader, const CaseRow& row);
    Result<government::DueDate> keep(store::Tx& tx, CaseRow& row, const government::TermClock& clock, std::string_view state);
    Result<void> write(store::Tx& tx, const CaseSummary& summary, const Begun& begun);
    using Warnings = std::optional<std::array<Instant, 3>>;   // none: as they were
    Result<void> put(store::Tx& tx, const CaseSummary& summary, const government::TermClock& clock, std::string_view state, const Warnings& warnings);
    Result<void> move(store::Tx& tx, CaseRow& row, Kept kept, government::ClockEvent event, std::string_view actor, json::object details, std::string_view capacity = "officer");

    struct Place {
        std::string body;
        CaseId id = {};
    };
    Result<void> end(store::Tx& tx, CaseRow& row, const std::vector<government::AtEnd>& effects, std::int64_t attempt);
    Result<void> end_one(const Place& due);

    struct Batch {
        std::vector<Place> seen;   // empty: there are no more
        std::int64_t moved = 0;
    };
    // A calendar that is not what the clocks were counted by, and the edition that an act names for it.
    struct Change {
        std::string owner, hash, editions;   // as casework_calendar keeps them
        std::string edition;
        std::optional<Date> published = {};
    };
    enum class Which { changed, all };
    Result<std::vector<Change>> changes(Date today, Which which);
    Result<Batch> recompute_some(const Change& change, const Place& after);
    Result<bool> recount(const Place& place, const Change& change);
    Result<bool> recount_troubled(Instant now);
    Result<bool> recompute_one(store::Tx& tx, const Place& place, const Change& change);
    // Whether the clock has another date by that change; read alone.
    Result<bool> would_move(store::Reader& reader, const Place& place, const Change& change);
    government::ClockEvent event_of(const Change& change, const government::TermClock& clock, Instant before) const;
    static Result<Place> place_of(const store::Row& row);

    Casework& casework_;
    // Of follow_calendars(): one thread calls it.
    std::optional<Date> looked_on_;
    std::vector<Change> to_follow_;
    Place last_;
};

}  // namespace madang::casework
