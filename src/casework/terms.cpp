#include "casework/terms.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "base/time_text.h"
#include "casework/case_repository.h"
#include "casework/casework.h"

namespace madang::casework {
namespace {

using government::AtEnd;
using government::ClockEvent;
using government::DueDate;
using government::TermClock;
using store::Row;

constexpr std::string_view kRunning = "running";
constexpr std::string_view kSuspended = "suspended";
constexpr std::string_view kStopped = "stopped";
constexpr std::string_view kEnded = "ended";   // without an answer
constexpr std::string_view kWrittenToApplicant = "as was written to the applicant";

constexpr const char* kPut =
    "INSERT INTO casework_clock (body, case_id, clock, state, due_at, stands_since, half_at, most_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)"
    " ON CONFLICT (body, case_id) DO UPDATE SET clock=excluded.clock, state=excluded.state, due_at=excluded.due_at, stands_since=excluded.stands_since,"
    " half_at=coalesce(excluded.half_at, casework_clock.half_at), most_at=coalesce(excluded.most_at, casework_clock.most_at)";
constexpr const char* kFind = "SELECT clock, state FROM casework_clock WHERE body=$1 AND case_id=$2";
constexpr const char* kNextDue = "SELECT body, case_id FROM casework_clock WHERE state='running' AND due_at<$1 AND ";
constexpr const char* kLeaveEnd = "UPDATE casework_clock SET state='ended' WHERE body=$1 AND case_id=$2";
std::int64_t microseconds(Instant moment) { return moment.time_since_epoch().count(); }

std::string_view kind_of_act(ClockEvent::Kind kind) {
    switch (kind) {
        case ClockEvent::Kind::started: return "term.started";
        case ClockEvent::Kind::suspended: return "term.suspended";
        case ClockEvent::Kind::resumed: return "term.resumed";
        case ClockEvent::Kind::extended: return "term.extended";
        case ClockEvent::Kind::restarted:
        case ClockEvent::Kind::reopened: return "term.restarted";
        case ClockEvent::Kind::calendar_changed: return "term.recomputed";
        case ClockEvent::Kind::stopped: return "term.stopped";
    }
    std::unreachable();
}

// "events[5]: this term is …": the place of the event says nothing to who asked for it.
std::string without_place(const std::string& message) {
    const std::size_t end = message.starts_with("events[") ? message.find("]: ") : std::string::npos;
    return end == std::string::npos ? message : message.substr(end + 3);
}

// Since when a clock stands, by its last event.
std::optional<Instant> standing_since(const TermClock& clock) {
    for (auto event = clock.events.rbegin(); event != clock.events.rend(); ++event) {
        if (event->kind == ClockEvent::Kind::suspended) return event->at;
    }
    return std::nullopt;
}

}  // namespace

Result<Terms::Place> Terms::place_of(const Row& row) {
    TRY(const CaseId id, CaseId::parse(row.text(1)));
    return Place{std::string(row.text(0)), id};
}

Result<std::optional<Terms::Kept>> Terms::find(store::Reader& reader, std::string_view body, const CaseId& id) {
    return reader.first<Kept>(kFind, {std::string(body), id.text()}, [](const Row& row) -> Result<Kept> {
        TRY(const json::value value, parse_json(row.text(0)));
        if (!value.is_object()) return fail(Code::corrupted, "a clock is an object");
        TRY(TermClock clock, government::parse_term_clock(value.get_object(), "clock"));
        return Kept{std::move(clock), std::string(row.text(1))};
    });
}

Result<Terms::Kept> Terms::required(store::Reader& reader, const CaseRow& row) {
    TRY(auto kept, find(reader, row.summary.body, row.summary.id));
    if (!kept) return fail(Code::not_found, format("case {} has no clock", row.summary.id.text()));
    return std::move(*kept);
}

Result<DueDate> Terms::keep(store::Tx& tx, CaseRow& row, const TermClock& clock, std::string_view state) {
    TRY(DueDate due, government::compute(clock, casework_.parts_.pack.government));
    row.summary.due_at = due.at;
    TRY(const auto warnings, government::warnings(clock, casework_.parts_.pack.government));
    TRY_DO(put(tx, row.summary, clock, state, warnings));
    return due;
}

Result<void> Terms::put(store::Tx& tx, const CaseSummary& summary, const TermClock& clock, std::string_view state, const Warnings& warnings) {
    // With another clock it is another question whether its end can be told.
    TRY_DO(Troubles::over(tx, {summary.body, summary.id, Work::term, 0}));
    const auto since = state == kSuspended ? standing_since(clock) : std::optional<Instant>();
    Begun begun{json::serialize(government::to_json(clock)), state, summary.due_at, summary.due_at, since};
    if (warnings) {
        begun.half_at = (*warnings)[0];
        begun.most_at = (*warnings)[1];
    }
    return write(tx, summary, begun);
}

Result<Terms::Begun> Terms::count_from(const CaseSummary& summary, const government::Term& term) {
    TermClock clock{.body = summary.body, .term = term, .events = {{.at = summary.submitted_at, .kind = ClockEvent::Kind::started}}};
    std::string_view state = kRunning;
    TRY(const DueDate first, government::compute(clock, casework_.parts_.pack.government));
    if (summary.status == Status::awaiting_fee) {
        clock.events.push_back({.at = summary.submitted_at, .kind = ClockEvent::Kind::suspended, .reason = "the fee is not paid yet"});
        state = kSuspended;
    }
    TRY(const DueDate due, government::compute(clock, casework_.parts_.pack.government));
    TRY(const auto warned, government::warnings(clock, casework_.parts_.pack.government));
    return Begun{json::serialize(government::to_json(clock)), state, due.at, first.at, state == kSuspended ? standing_since(clock) : std::optional<Instant>(), warned[0], warned[1]};
}

Result<void> Terms::begin(store::Tx& tx, const CaseSummary& summary, const Begun& begun) {
    TRY_DO(write(tx, summary, begun));
    TRY_DO(casework_.record(tx, summary, "term.started", "system", "system", {{"due_at", format_instant(begun.first_due_at)}}));
    if (begun.state != kSuspended) return {};
    return casework_.record(tx, summary, "term.suspended", "system", "system", {{"waiting_for", "applicant"}, {"due_at", format_instant(begun.due_at)}});
}

Result<void> Terms::write(store::Tx& tx, const CaseSummary& summary, const Begun& begun) {
    const auto value = [](const std::optional<Instant>& moment) { return moment ? store::Value(microseconds(*moment)) : store::Value(std::monostate{}); };
    TRY_DO(tx.execute(kPut, {summary.body, summary.id.text(), begun.clock, std::string(begun.state), microseconds(begun.due_at), value(begun.stands_since), value(begun.half_at), value(begun.most_at)}));
    return {};
}

Result<void> Terms::move(store::Tx& tx, CaseRow& row, Kept kept, ClockEvent event, std::string_view actor, json::object details, std::string_view capacity) {
    event.at = casework_.parts_.clock.now();
    // Two moves in one microsecond keep their order.
    if (!kept.clock.events.empty() && event.at < kept.clock.events.back().at) event.at = kept.clock.events.back().at;
    const ClockEvent::Kind kind = event.kind;
    kept.clock.events.push_back(std::move(event));
    std::string_view state = kRunning;
    if (kind == ClockEvent::Kind::suspended) state = kSuspended;
    else if (kind == ClockEvent::Kind::stopped) state = kStopped;
    else if (kind == ClockEvent::Kind::extended || kind == ClockEvent::Kind::calendar_changed) state = kept.state == kSuspended ? kSuspended : kRunning;
    // An answer moves no date.
    if (kind == ClockEvent::Kind::stopped) {
        TRY_DO(put(tx, row.summary, kept.clock, state, {}));
    } else if (const auto due = keep(tx, row, kept.clock, state); !due) {
        return fail(due.error().code, without_place(due.error().message));
    }
    details["due_at"] = format_instant(row.summary.due_at);
    return casework_.record(tx, row.summary, std::string(kind_of_act(kind)), std::string(actor), actor == "system" ? "system" : std::string(capacity), std::move(details));
}

Result<void> Terms::suspend(store::Tx& tx, CaseRow& row, government::WaitingFor waiting_for, std::string_view reason, std::string_view actor) {
    // The reason may name a person; the act in the public ledger says only for whom is waited.
    const std::string_view whom = waiting_for == government::WaitingFor::applicant ? "applicant" : "body";
    TRY(auto kept, find(tx, row.summary.body, row.summary.id));
    if (!kept || kept->state != kRunning) return {};   // it stands already, or nothing hangs on it any more
    return move(tx, row, std::move(*kept), {.kind = ClockEvent::Kind::suspended, .waiting_for = waiting_for, .reason = std::string(reason)}, actor, {{"waiting_for", whom}});
}

Result<void> Terms::resume(store::Tx& tx, CaseRow& row, std::string_view actor) {
    TRY(auto kept, find(tx, row.summary.body, row.summary.id));
    if (!kept || kept->state != kSuspended) return {};
    return move(tx, row, std::move(*kept), {.kind = ClockEvent::Kind::resumed}, actor, {});
}

Result<void> Terms::restart(store::Tx& tx, CaseRow& row, const government::Term& term, std::string_view actor, std::string_view capacity) {
    TRY(Kept kept, required(tx, row));
    // What the pack says of amendments today holds, whatever it said when the application came.
    kept.clock.term.restarts = term.restarts;
    const std::string article = term.restarts ? term.restarts->article : std::string();
    return move(tx, row, std::move(kept), {.kind = ClockEvent::Kind::restarted, .article = article}, actor, {{"article", article}}, capacity);
}

Result<int> Terms::restarts_left(store::Reader& reader, const CaseRow& row, const government::Term& term) {
    TRY(const auto kept, find(reader, row.summary.body, row.summary.id));
    if (!kept || !term.restarts || (kept->state != kRunning && kept->state != kSuspended)) return 0;
    if (kept->state == kRunning && casework_.parts_.clock.now() > row.summary.due_at) return 0;
    int left = term.restarts->count;
    for (const ClockEvent& event : kept->clock.events) {
        if (event.kind == ClockEvent::Kind::reopened) left = term.restarts->count;
        if (event.kind == ClockEvent::Kind::restarted) --left;
    }
    return std::max(left, 0);
}

Result<void> Terms::begin_anew(store::Tx& tx, CaseRow& row, const government::Term& term, std::string_view article, std::string_view actor) {
    TRY(auto kept, find(tx, row.summary.body, row.summary.id));
    if (kept) {
        kept->clock.term = term;
        return move(tx, row, std::move(*kept), {.kind = ClockEvent::Kind::reopened, .article = std::string(article)}, actor, {});
    }
    const TermClock clock{.body = row.summary.body, .term = term, .events = {{.at = casework_.parts_.clock.now(), .kind = ClockEvent::Kind::started}}};
    TRY(const DueDate due, keep(tx, row, clock, kRunning));
    return casework_.record(tx, row.summary, "term.restarted", std::string(actor), actor == "system" ? "system" : "officer", {{"due_at", format_instant(due.at)}});
}

Result<void> Terms::stop(store::Tx& tx, CaseRow& row, std::string_view actor) {
    TRY(auto kept, find(tx, row.summary.body, row.summary.id));
    if (!kept || kept->state == kStopped) return {};
    const Instant due = row.summary.due_at;
    TRY_DO(move(tx, row, std::move(*kept), {.kind = ClockEvent::Kind::stopped}, actor, {{"in_time", casework_.parts_.clock.now() <= due}}));
    return {};
}

Result<void> Terms::extend(const CaseId& id, const Officer& officer, const government::Term& by, std::string_view reason, std::string_view article) {
    return casework_.parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(CaseRow row, casework_.open_case(tx, officer.body, id));
        TRY_DO(casework_.desk().require_turn(tx, row, officer));
        TRY(Kept kept, required(tx, row));
        // The reason may tell of persons: it goes to the applicant under her key, the clock holds the article.
        TRY_DO(casework_.letters().add(tx, row.summary, {.author = officer.account.text(), .text = std::string(reason)}, {}));
        json::object details{{"article", article}};
        if (const std::string whom = Desk::acting_for(row, officer); !whom.empty()) details["for"] = whom;
        TRY_DO(move(tx, row, std::move(kept), {.kind = ClockEvent::Kind::extended, .reason = std::string(kWrittenToApplicant), .article = std::string(article), .by = by},
                    officer.account.text(), std::move(details)));
        return update_case(tx, row);
    });
}

Result<Terms::Extended> Terms::extended(const CaseSummary& summary) {
    TRY(const auto kept, casework_.parts_.store.read<std::optional<Kept>>([&](store::Reader& reader) { return find(reader, summary.body, summary.id); }));
    Extended found;
    if (!kept) return found;
    if (kept->clock.term.extensions) found.most = kept->clock.term.extensions->count;
    for (const ClockEvent& event : kept->clock.events) {
        if (event.kind == ClockEvent::Kind::extended) ++found.times;
        if (event.kind == ClockEvent::Kind::restarted || event.kind == ClockEvent::Kind::reopened) found.times = 0;
    }
    return found;
}

Result<std::optional<DueDate>> Terms::explain(const CaseSummary& summary) {
    TRY(const auto kept, casework_.parts_.store.read<std::optional<Kept>>([&](store::Reader& reader) { return find(reader, summary.body, summary.id); }));
    if (!kept) return std::optional<DueDate>();
    const government::Government& government = casework_.parts_.pack.government;
    auto due = government::compute(kept->clock, government);
    if (!due || due->at != summary.due_at) {
        const Date date = government.time_zone().date(summary.due_at - std::chrono::microseconds(1));
        DueDate told{.at = summary.due_at, .date = date, .steps = {{"This date was counted by an earlier edition of the calendar than the one that is known today.", {}}}};
        told.suspended = kept->state == kSuspended;
        if (due) told.standing = due->standing;
        return std::optional(std::move(told));
    }
    if (due->suspended) {
        TRY(due, government::compute(kept->clock, government, casework_.parts_.clock.now()));
    }
    return std::optional(std::move(*due));
}

Result<Instant> Terms::began(store::Reader& reader, const CaseRow& row) {
    TRY(const auto kept, find(reader, row.summary.body, row.summary.id));
    Instant began = row.summary.submitted_at;
    if (!kept) return began;
    for (const ClockEvent& event : kept->clock.events) {
        using Kind = ClockEvent::Kind;
        if (event.kind == Kind::started || event.kind == Kind::restarted || event.kind == Kind::reopened) began = event.at;
    }
    return began;
}

Result<bool> Terms::is_suspended(store::Reader& reader, const CaseRow& row) {
    TRY(const auto kept, find(reader, row.summary.body, row.summary.id));
    return kept && kept->state == kSuspended;
}

// What the law says becomes of a request that was not answered: each effect is an act with its article.
Result<void> Terms::end(store::Tx& tx, CaseRow& row, const std::vector<AtEnd>& effects, std::int64_t attempt) {
    for (const AtEnd& one : effects) {
        json::object details{{"effect", government::name_of(one.effect)}, {"article", one.article}, {"due_at", format_instant(row.summary.due_at)}};
        if (one.effect == government::Effect::escalation) {
            TRY(const std::string superior, casework_.escalations().add(tx, row, one.article));
            if (!superior.empty()) details["superior"] = superior;
        }
        TRY_DO(casework_.record(tx, row.summary, "term.ended", "system", "system", std::move(details)));
        if (one.effect == government::Effect::fee_refund) TRY_DO(casework_.fees().refund(tx, row.summary, "late", one.article));
    }
    if (effects.empty()) TRY_DO(casework_.record(tx, row.summary, "term.ended", "system", "system", {{"effect", "none"}, {"due_at", format_instant(row.summary.due_at)}}));
    for (const AtEnd& one : effects) {
        const bool grants = one.effect == government::Effect::deemed_grant;
        if (!grants && one.effect != government::Effect::deemed_refusal) continue;
        return casework_.decide_by_law(tx, row, grants, one.article, attempt);
    }
    return update_case(tx, row);
}

Result<bool> Terms::work_once(Instant now) {
    static const std::string query = kNextDue + not_in_trouble("casework_clock", Work::term) + " ORDER BY due_at LIMIT 1";
    TRY(const auto due, casework_.parts_.store.read<std::optional<Place>>(
                            [&](store::Reader& reader) { return reader.first<Place>(query, {microseconds(now)}, place_of); }));
    if (!due) return recount_troubled(now);
    if (const auto ended = end_one(*due); !ended) TRY_DO(casework_.troubles().failed({due->body, due->id, Work::term, 0}, ended.error()));
    return true;
}

Result<void> Terms::end_one(const Place& due) {
    return casework_.parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(auto row, find_case_row(tx, due.body, due.id));
        TRY(const auto kept, find(tx, due.body, due.id));
        if (!row) return fail(Code::not_found, "the case of this clock is not there");
        if (!kept || kept->state != kRunning) return {};   // another node was faster
        TRY(const std::int64_t before, casework_.troubles().attempts(tx, {due.body, due.id, Work::term, 0}));
        TRY(const DueDate counted, government::compute(kept->clock, casework_.parts_.pack.government));
        // By the calendar of today it has not ended: its date moves, and nothing follows from the old one.
        if (counted.at > casework_.parts_.clock.now()) {
            json::object moved{{"before", format_instant(row->summary.due_at)}, {"due_at", format_instant(counted.at)}};
            TRY_DO(keep(tx, *row, kept->clock, kRunning));
            TRY_DO(casework_.record(tx, row->summary, "term.recomputed", "system", "system", std::move(moved)));
            return update_case(tx, *row);
        }
        TRY(const DueDate told, keep(tx, *row, kept->clock, kEnded));
        return end(tx, *row, told.at_end, before + 1);
    });
}

Result<void> Terms::leave_end(store::Tx& tx, const CaseRow& row) {
    TRY_DO(tx.execute(kLeaveEnd, {row.summary.body, row.summary.id.text()}));
    return {};
}

}  // namespace madang::casework
