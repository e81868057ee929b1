// Who is away and who works in their stead meanwhile. To name a substitute opens the cases of the absent to somebody else, so
// each entry and each end is an official act, and nobody enters another's absence but who answers for the body.
#include <algorithm>
#include <utility>

#include "base/text.h"
#include "base/time_text.h"
#include "casework/case_repository.h"
#include "casework/casework.h"

namespace madang::casework {
namespace {

using store::Row;

constexpr auto kLongestAbsence = std::chrono::days(366);
constexpr int kMaxChain = 5;
constexpr std::string_view kGround = "substitution during an absence";

constexpr const char* kPutAbsence =
    "INSERT INTO casework_absence (body, account_id, from_at, until_at, substitute_id) VALUES ($1,$2,$3,$4,$5)"
    " ON CONFLICT (body, account_id, from_at) DO UPDATE SET until_at=excluded.until_at, substitute_id=excluded.substitute_id";
constexpr const char* kAbsences = "SELECT account_id, substitute_id, from_at, until_at FROM casework_absence WHERE body=$1 ORDER BY from_at DESC LIMIT 500";
constexpr const char* kOne = "SELECT account_id, substitute_id, from_at, until_at FROM casework_absence WHERE body=$1 AND account_id=$2 AND from_at=$3";
constexpr const char* kEnd = "UPDATE casework_absence SET until_at=$4 WHERE body=$1 AND account_id=$2 AND from_at=$3";
constexpr const char* kRemove = "DELETE FROM casework_absence WHERE body=$1 AND account_id=$2 AND from_at=$3";
constexpr const char* kSubstitute =
    "SELECT substitute_id FROM casework_absence WHERE body=$1 AND account_id=$2 AND from_at<=$3 AND until_at>$3 ORDER BY from_at DESC LIMIT 1";
constexpr const char* kAbsentNow = "SELECT DISTINCT account_id FROM casework_absence WHERE body=$1 AND from_at<=$2 AND until_at>$2 LIMIT 500";

std::int64_t microseconds(Instant moment) { return moment.time_since_epoch().count(); }

Result<Absence> absence_of(const Row& row) {
    Absence one;
    TRY(one.account, identity::AccountId::parse(row.text(0)));
    TRY(one.substitute, identity::AccountId::parse(row.text(1)));
    one.from = Instant(std::chrono::microseconds(row.integer(2)));
    one.until = Instant(std::chrono::microseconds(row.integer(3)));
    return one;
}

std::string_view capacity_of(AbsenceBy::Capacity capacity) {
    switch (capacity) {
        case AbsenceBy::Capacity::officer: return "officer";
        case AbsenceBy::Capacity::head: return "administrator";
        case AbsenceBy::Capacity::house: return "system";
    }
    std::unreachable();
}

// The absent agrees by entering it; the head may for somebody else, but not make oneself the substitute.
Result<void> require_may_enter(const Absence& absence, const AbsenceBy& by) {
    if (by.capacity == AbsenceBy::Capacity::house || by.account == absence.account) return {};
    if (by.capacity == AbsenceBy::Capacity::officer) return fail(Code::denied, "an absence is entered by who is away or by an administrator of the body");
    if (by.account == absence.substitute) return fail(Code::denied, "nobody makes oneself the substitute of another");
    return {};
}

}  // namespace

Result<void> Desk::record_absence(store::Tx& tx, const std::string& body, const Absence& absence, std::string_view kind, const AbsenceBy& by) {
    const Parts& parts = casework_.parts_;
    ledger::Act act;
    act.id = make_id<ledger::ActId>(parts.clock, parts.random);
    act.kind = kind;
    act.at = parts.clock.now();
    act.actor = by.capacity == AbsenceBy::Capacity::house ? std::string("system") : by.account.text();
    act.capacity = capacity_of(by.capacity);
    act.body = body;
    act.subject = absence.account.text();
    act.legal_ground = kGround;
    act.details = {{"substitute", absence.substitute.text()}, {"from", format_instant(absence.from)}, {"until", format_instant(absence.until)}};
    return parts.ledger.append(tx, act);
}

Result<void> Desk::set_absence(const std::string& body, const Absence& absence, const AbsenceBy& by) {
    if (absence.until <= absence.from) return fail(Code::invalid, "an absence ends after it begins");
    if (absence.until - absence.from > kLongestAbsence) return fail(Code::invalid, "an absence lasts at most a year");
    if (absence.account == absence.substitute) return fail(Code::invalid, "nobody stands in for oneself");
    TRY_DO(require_may_enter(absence, by));
    return casework_.parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY_DO(tx.execute(kPutAbsence, {body, absence.account.text(), microseconds(absence.from), microseconds(absence.until), absence.substitute.text()}));
        return record_absence(tx, body, absence, "absence.entered", by);
    });
}

Result<void> Desk::end_absence(const std::string& body, const identity::AccountId& account, Instant from, const AbsenceBy& by) {
    if (by.capacity == AbsenceBy::Capacity::officer && by.account != account) return fail(Code::denied, "an absence is ended by who is away or by an administrator of the body");
    return casework_.parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(auto found, tx.first<Absence>(kOne, {body, account.text(), microseconds(from)}, absence_of));
        if (!found) return fail(Code::not_found, "there is no such absence");
        const Instant now = casework_.parts_.clock.now();
        if (found->until <= now) return fail(Code::conflict, "this absence is over");
        // What was to come is taken away; what has begun ends now.
        if (found->from >= now) TRY_DO(tx.execute(kRemove, {body, account.text(), microseconds(from)}));
        else TRY_DO(tx.execute(kEnd, {body, account.text(), microseconds(from), microseconds(now)}));
        found->until = std::max(found->from, now);
        return record_absence(tx, body, *found, "absence.ended", by);
    });
}

Result<std::vector<Absence>> Desk::absences(const std::string& body) {
    return casework_.parts_.store.read<std::vector<Absence>>([&](store::Reader& reader) { return reader.all<Absence>(kAbsences, {body}, absence_of); });
}

Result<identity::AccountId> Desk::stand_in(store::Reader& reader, std::string_view body, const identity::AccountId& account, Instant now) {
    identity::AccountId current = account;
    for (int i = 0; i < kMaxChain; ++i) {
        TRY(const auto next, reader.first<identity::AccountId>(kSubstitute, {std::string(body), current.text(), microseconds(now)},
                                                               [](const Row& row) { return identity::AccountId::parse(row.text(0)); }));
        if (!next) return current;
        current = *next;
    }
    return current;
}

Result<std::vector<identity::AccountId>> Desk::stood_in_for(const Officer& officer) {
    const Instant now = casework_.parts_.clock.now();
    return casework_.parts_.store.read<std::vector<identity::AccountId>>([&](store::Reader& reader) -> Result<std::vector<identity::AccountId>> {
        TRY(const auto absent, reader.all<identity::AccountId>(kAbsentNow, {officer.body, microseconds(now)}, [](const Row& row) { return identity::AccountId::parse(row.text(0)); }));
        std::vector<identity::AccountId> mine;
        for (const auto& one : absent) {
            TRY(const auto acting, stand_in(reader, officer.body, one, now));
            if (acting == officer.account && one != officer.account) mine.push_back(one);
        }
        return mine;
    });
}

}  // namespace madang::casework
