// Running terms follow the calendars: where what a calendar says changed, whether its edition has a day of publication or
// not, each clock is counted again, and a date that moves is an act that names the edition.
#include <algorithm>
#include <set>

#include "base/text.h"
#include "base/time_text.h"
#include "casework/case_repository.h"
#include "casework/casework.h"

namespace madang::casework {
namespace {

using government::ClockEvent;
using store::Row;

constexpr const char* kAllRunning = "SELECT body, case_id FROM casework_clock WHERE state IN ('running','suspended') AND (body, case_id) > ($1,$2)"
                                    " ORDER BY body, case_id LIMIT 200";
constexpr const char* kFollowed = "SELECT owner, hash, editions FROM casework_calendar";
constexpr const char* kFollow = "INSERT INTO casework_calendar (owner, hash, editions) VALUES ($1,$2,$3)"
                                " ON CONFLICT (owner) DO UPDATE SET hash=excluded.hash, editions=excluded.editions";

struct Followed {
    std::string owner, hash, editions;
};
Result<Followed> followed(const Row& row) { return Followed{std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2))}; }

}  // namespace

Result<std::vector<Terms::Change>> Terms::changes(Date today, Which which) {
    const government::Government& government = casework_.parts_.pack.government;
    std::set<std::string, std::less<>> owners{""};
    for (const government::Body& body : government.bodies()) owners.emplace(government.owner_of_calendar(body.code));
    TRY(const auto before, casework_.parts_.store.read<std::vector<Followed>>([&](store::Reader& reader) { return reader.all<Followed>(kFollowed, {}, followed); }));
    std::vector<Change> found;
    for (const std::string& owner : owners) {
        const government::Calendar calendar = (owner.empty() ? government.calendar() : *government.find(owner)->calendar).as_of(today);
        Change change{.owner = owner, .hash = calendar.hash(), .editions = {}, .edition = {}};
        const auto known = std::ranges::find(before, owner, &Followed::owner);
        if (which == Which::changed && known != before.end() && known->hash == change.hash) continue;
        change.edition = change.hash;   // where one was only taken away
        std::vector<std::string> editions;
        for (const government::Edition& one : calendar.editions()) {
            editions.push_back(hash_of(one));
            if (known != before.end() && known->editions.contains(editions.back())) continue;
            change.edition = editions.back();
            change.published = one.published;
        }
        change.editions = join(editions, " ");
        found.push_back(std::move(change));
    }
    return found;
}

ClockEvent Terms::event_of(const Change& change, const government::TermClock& clock, Instant before) const {
    ClockEvent event{.at = std::max(casework_.parts_.clock.now(), clock.events.back().at), .kind = ClockEvent::Kind::calendar_changed, .edition = change.edition, .before = before};
    if (change.published) event.published = *change.published;
    return event;
}

Result<bool> Terms::would_move(store::Reader& reader, const Place& place, const Change& change) {
    const government::Government& government = casework_.parts_.pack.government;
    if (government.owner_of_calendar(place.body) != change.owner) return false;
    TRY(const auto row, find_case_row(reader, place.body, place.id));
    TRY(auto kept, find(reader, place.body, place.id));
    if (!row || !kept) return false;
    kept->clock.events.push_back(event_of(change, kept->clock, row->summary.due_at));
    TRY(const government::DueDate due, government::compute(kept->clock, government));
    return due.at != row->summary.due_at;
}

Result<bool> Terms::recompute_one(store::Tx& tx, const Place& place, const Change& change) {
    TRY(auto row, find_case_row(tx, place.body, place.id));
    TRY(auto kept, find(tx, place.body, place.id));
    if (!row || !kept || (kept->state != "running" && kept->state != "suspended")) return false;
    const Instant before = row->summary.due_at;
    kept->clock.events.push_back(event_of(change, kept->clock, before));
    TRY(const government::DueDate due, keep(tx, *row, kept->clock, kept->state));
    if (due.at == before) return fail(Code::conflict, "the clock was counted meanwhile");
    json::object details{{"edition", change.edition}, {"before", format_instant(before)}, {"due_at", format_instant(due.at)}};
    if (change.published) details["published"] = format_date(*change.published);
    TRY_DO(casework_.record(tx, row->summary, "term.recomputed", "system", "system", std::move(details)));
    TRY_DO(update_case(tx, *row));
    return true;
}

Result<Terms::Batch> Terms::recompute_some(const Change& change, const Place& after) {
    const std::string id = after.body.empty() ? "" : after.id.text();
    store::Store& store = casework_.parts_.store;
    Batch batch;
    TRY(batch.seen, store.read<std::vector<Place>>([&](store::Reader& reader) { return reader.all<Place>(kAllRunning, {after.body, id}, place_of); }));
    for (const Place& place : batch.seen) {
        TRY(const bool moved, recount(place, change));
        if (moved) ++batch.moved;
    }
    return batch;
}

// One clock that cannot be counted holds up no other; its page goes on telling the date that was told.
Result<bool> Terms::recount(const Place& place, const Change& change) {
    store::Store& store = casework_.parts_.store;
    const auto moves = store.read<bool>([&](store::Reader& reader) { return would_move(reader, place, change); });
    const auto moved = !moves || !*moves ? moves : store.write<bool>([&](store::Tx& tx) { return recompute_one(tx, place, change); });
    if (moved) return *moved;
    TRY_DO(casework_.troubles().failed({place.body, place.id, Work::calendar, 0}, moved.error()));
    return false;
}

Result<bool> Terms::recount_troubled(Instant now) {
    TRY(const auto next, casework_.troubles().next_due(Work::calendar, now));
    if (!next) return false;
    const Place place{next->body, next->case_id};
    const auto owner = casework_.parts_.pack.government.owner_of_calendar(place.body);
    TRY(const auto all, changes(casework_.parts_.pack.government.time_zone().date(now), Which::all));
    const auto change = std::ranges::find(all, owner, &Change::owner);
    const auto moves = change == all.end() ? Result<bool>(false)
                                           : casework_.parts_.store.read<bool>([&](store::Reader& reader) { return would_move(reader, place, *change); });
    const auto done = !moves ? Result<void>(std::unexpected(moves.error())) : casework_.parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY_DO(Troubles::over(tx, *next));
        if (*moves) TRY_DO(recompute_one(tx, place, *change));
        return {};
    });
    if (!done) TRY_DO(casework_.troubles().failed(*next, done.error()));
    return true;
}

Result<std::int64_t> Terms::recompute() {
    TRY(const auto all, changes(casework_.parts_.pack.government.time_zone().date(casework_.parts_.clock.now()), Which::all));
    std::int64_t moved = 0;
    for (const Change& change : all) {
        for (Place last;;) {
            TRY(const Batch batch, recompute_some(change, last));
            if (batch.seen.empty()) break;
            moved += batch.moved;
            last = batch.seen.back();
        }
    }
    return moved;
}

Result<bool> Terms::follow_calendars(Date today) {
    if (looked_on_ != today) {
        TRY(to_follow_, changes(today, Which::changed));
        last_ = {};
        looked_on_ = today;
    }
    if (to_follow_.empty()) return false;
    const Change& change = to_follow_.front();
    TRY(const Batch batch, recompute_some(change, last_));
    if (!batch.seen.empty()) {
        last_ = batch.seen.back();
        return true;
    }
    TRY_DO(casework_.parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY_DO(tx.execute(kFollow, {change.owner, change.hash, change.editions}));
        return {};
    }));
    to_follow_.erase(to_follow_.begin());
    last_ = {};
    return true;
}

}  // namespace madang::casework
