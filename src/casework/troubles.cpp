#include "casework/troubles.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "casework/case_repository.h"
#include "casework/casework.h"

namespace madang::casework {
namespace {

using store::Row;

constexpr std::int64_t kMaxAttempts = 10;
constexpr std::int64_t kMaxDoublings = 10;   // of a pause that begins with a second: at most 17 minutes
constexpr std::size_t kMaxProblem = 500;
constexpr std::size_t kMaxReason = 2000;

constexpr const char* kColumns =
    "SELECT t.body, t.case_id, t.work, t.number, t.state, t.attempts, t.since, t.last_at, t.not_before, t.problem, coalesce(c.receipt,''), coalesce(c.service_id,''), coalesce(c.status,''), coalesce(j.what,'')"
    " FROM casework_trouble t LEFT JOIN casework_case c ON c.body=t.body AND c.case_id=t.case_id LEFT JOIN casework_job j ON j.body=t.body AND j.case_id=t.case_id ";
constexpr const char* kPut =
    "INSERT INTO casework_trouble (body, case_id, work, number, state, attempts, not_before, since, last_at, problem) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$8,$9)"
    " ON CONFLICT (body, case_id, work, number) DO UPDATE SET state=excluded.state, attempts=excluded.attempts, not_before=excluded.not_before,"
    " last_at=excluded.last_at, problem=excluded.problem";
constexpr const char* kAttempts = "SELECT attempts FROM casework_trouble WHERE body=$1 AND case_id=$2 AND work=$3 AND number=$4";
constexpr const char* kOver = "DELETE FROM casework_trouble WHERE body=$1 AND case_id=$2 AND work=$3 AND number=$4";
constexpr const char* kRetry = "UPDATE casework_trouble SET state='waiting', attempts=0, not_before=$5 WHERE body=$1 AND case_id=$2 AND work=$3 AND number=$4";
constexpr const char* kNextDue = "SELECT body, case_id, number FROM casework_trouble WHERE work=$2 AND state='waiting' AND not_before<=$1 ORDER BY not_before LIMIT 1";

std::int64_t microseconds(Instant moment) { return moment.time_since_epoch().count(); }
Instant instant_of(std::int64_t given) { return Instant(std::chrono::microseconds(given)); }

constexpr std::array<std::pair<Work, std::string_view>, 7> kWorks{{{Work::job, "job"}, {Work::term, "term"}, {Work::reply, "reply"}, {Work::consultation, "consultation"},
                                                                   {Work::fee, "fee"}, {Work::letter, "letter"}, {Work::calendar, "calendar"}}};

Result<Trouble> trouble_of(const Row& row) {
    Trouble found;
    found.body = row.text(0);
    TRY(found.case_id, CaseId::parse(row.text(1)));
    TRY(found.work, parse_work(row.text(2)));
    found.number = row.integer(3);
    found.incident = row.text(4) == "incident";
    found.attempts = row.integer(5);
    found.since = instant_of(row.integer(6));
    found.last_at = instant_of(row.integer(7));
    found.next_at = instant_of(row.integer(8));
    found.problem = row.text(9);
    found.receipt = row.text(10);
    found.service = row.text(11);
    found.can_skip = found.work != Work::job || row.text(12) != name_of(Status::granted) || row.text(13) == kCarryOutGrant;
    return found;
}

// A reason that every store can hold, without a character cut in two.
std::string problem_of(const Error& error) {
    if (!is_utf8(error.message)) return "the reason cannot be shown: it is no text";
    std::size_t end = std::min(error.message.size(), kMaxProblem);
    while (end > 0 && end < error.message.size() && (static_cast<unsigned char>(error.message[end]) & 0xC0U) == 0x80U) --end;
    return error.message.substr(0, end);
}

Troubles::Place place_of(const Trouble& one) { return {one.body, one.case_id, one.work, one.number}; }

store::Values key_of(const Troubles::Place& place) { return {place.body, place.case_id.text(), std::string(name_of(place.work)), place.number}; }

}  // namespace

std::string_view name_of(Work work) {
    for (const auto& [value, name] : kWorks) {
        if (value == work) return name;
    }
    std::unreachable();
}

Result<Work> parse_work(std::string_view text) {
    for (const auto& [value, name] : kWorks) {
        if (name == text) return value;
    }
    return fail(Code::invalid, format("there is no work \"{}\"", text));
}

std::string Trouble::reference() const { return format("{}:{}:{}", case_id.text(), name_of(work), number); }

std::string not_in_trouble(std::string_view table, Work work, std::string_view number) {
    return format("NOT EXISTS (SELECT 1 FROM casework_trouble t WHERE t.body={0}.body AND t.case_id={0}.case_id AND t.work='{1}' AND t.number={2}"
                  " AND (t.state='incident' OR t.not_before>$1))", table, name_of(work), number);
}

Result<Troubles::Page> Troubles::list(Which which, std::int64_t first, std::int64_t count) {
    if (first < 0 || count < 1 || count > 500) return fail(Code::invalid, "a page has 1 to 500 incidents, from a place of 0 or more");
    const std::string where = which == Which::incidents ? "WHERE t.state='incident' " : "";
    return casework_.parts_.store.read<Page>([&](store::Reader& reader) -> Result<Page> {
        Page page;
        TRY(page.troubles, reader.all<Trouble>(kColumns + where + format("ORDER BY t.since, t.case_id, t.work, t.number LIMIT {} OFFSET {}", count, first), {}, trouble_of));
        TRY(const auto total, reader.first<std::int64_t>("SELECT count(*) FROM casework_trouble t " + where, {}, [](const Row& row) { return row.integer(0); }));
        page.total = total.value_or(0);
        for (Trouble& one : page.troubles) one.can_skip = one.can_skip && (one.work != Work::term || !owes_effects(one.service));
        return page;
    });
}

Result<std::vector<Trouble>> Troubles::of_case(const CaseSummary& summary) {
    return casework_.parts_.store.read<std::vector<Trouble>>([&](store::Reader& reader) {
        return reader.all<Trouble>(std::string(kColumns) + "WHERE t.body=$1 AND t.case_id=$2 AND t.state='incident' ORDER BY t.since", {summary.body, summary.id.text()}, trouble_of);
    });
}

Result<Trouble> Troubles::find(store::Reader& reader, std::string_view reference) {
    const auto parts = split(reference, ':');
    const auto id = parts.size() == 3 ? CaseId::parse(parts[0]) : Result<CaseId>(fail(Code::invalid, ""));
    const auto work = parts.size() == 3 ? parse_work(parts[1]) : Result<Work>(fail(Code::invalid, ""));
    const auto number = parts.size() == 3 ? parse_decimal(parts[2]) : Result<std::uint64_t>(fail(Code::invalid, ""));
    if (!id || !work || !number || *number > 1'000'000'000U) return fail(Code::not_found, "an incident of a case is named CASE:WORK:NUMBER, as the list gives it");
    TRY(auto found, reader.first<Trouble>(std::string(kColumns) + "WHERE t.case_id=$1 AND t.work=$2 AND t.number=$3",
                                          {id->text(), std::string(name_of(*work)), static_cast<std::int64_t>(*number)}, trouble_of));
    if (!found) return fail(Code::not_found, format("there is no incident \"{}\"", reference));
    return std::move(*found);
}

Result<void> Troubles::retry(std::string_view reference, std::string_view actor) {
    return casework_.parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(const Trouble found, find(tx, reference));
        auto values = key_of(place_of(found));
        values.emplace_back(microseconds(casework_.parts_.clock.now()));
        TRY_DO(tx.execute(kRetry, values));
        tx.after_commit([this] { casework_.wake_worker(); });
        TRY(const auto row, find_case_row(tx, found.body, found.case_id));
        if (!row) return {};
        return casework_.record(tx, row->summary, "work.retried", std::string(actor), "operator", {{"work", name_of(found.work)}, {"number", found.number}});
    });
}

Result<void> Troubles::skip(std::string_view reference, std::string_view given, std::string_view actor) {
    TRY(const std::string reason, tidy_lines(given));
    if (reason.empty() || count_code_points(reason) > kMaxReason) return fail(Code::invalid, format("the reason has 1 to {} characters", kMaxReason));
    return casework_.parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(const Trouble found, find(tx, reference));
        if (!found.incident) return fail(Code::conflict, "the house still tries this by itself; only what has become an incident is left out");
        TRY_DO(over(tx, place_of(found)));
        tx.after_commit([this] { casework_.wake_worker(); });
        TRY(auto row, find_case_row(tx, found.body, found.case_id));
        if (!row) {   // a job of a case that is not there
            return remove_job(tx, found.body, found.case_id);
        }
        TRY_DO(casework_.record(tx, row->summary, "work.skipped", std::string(actor), "operator",
                                {{"work", name_of(found.work)}, {"number", found.number}, {"reason", reason}}));
        return leave_out(tx, *row, found);
    });
}

// What the law lets follow from the end of a term of the service, or of an appeal.
bool Troubles::owes_effects(std::string_view service_id) const {
    const catalogue::Service* service = casework_.parts_.pack.find_service(service_id);
    return service != nullptr && (!service->term.at_end.empty() || (service->appeal && !service->appeal->term.at_end.empty()));
}

Result<void> Troubles::leave_out(store::Tx& tx, CaseRow& row, const Trouble& trouble) {
    switch (trouble.work) {
        case Work::job: return leave_out_job(tx, row);
        case Work::term:
            if (owes_effects(row.summary.service)) return fail(Code::denied, "what the law lets follow from the end of this term is owed; mend what is wrong and have it tried again");
            return casework_.terms().leave_end(tx, row);
        case Work::reply: return casework_.letters().leave_reply(tx, row);
        case Work::consultation: return casework_.consultations().leave(tx, row, trouble.number);
        case Work::fee: return casework_.fees().leave_unpaid(tx, row.summary);
        case Work::letter: return casework_.decisions().leave_paper(tx, row.summary, trouble.number);
        case Work::calendar: return {};   // the date stays as it was counted before
    }
    std::unreachable();
}

Result<void> Troubles::leave_out_job(store::Tx& tx, CaseRow& row) {
    TRY(const auto job, find_job(tx, row.summary.body, row.summary.id));
    if (!job) return {};
    if (row.summary.status == Status::granted) {
        if (job->what != kCarryOutGrant) return fail(Code::denied, "a certificate that was granted is owed: mend what is wrong and have it tried again");
        // The certificate is made of what the registers hold.
        TRY_DO(casework_.procedures().stop_process(tx, row));
        row.task.clear();
        TRY_DO(add_job(tx, row.summary.body, row.summary.id, casework_.parts_.clock.now()));
        return update_case(tx, row);
    }
    TRY_DO(remove_job(tx, row.summary.body, row.summary.id));
    if (row.summary.status != Status::received) return {};
    row.summary.status = Status::with_officer;
    return update_case(tx, row);
}

Result<void> Troubles::failed(const Place& place, const Error& error) {
    const Parts& parts = casework_.parts_;
    const Instant now = parts.clock.now();
    TRY(const std::int64_t tries, parts.store.write<std::int64_t>([&](store::Tx& tx) -> Result<std::int64_t> {
        TRY(const std::int64_t before, attempts(tx, place));
        const auto pause = std::chrono::seconds(std::int64_t{1} << std::min(before, kMaxDoublings));
        auto values = key_of(place);
        values.emplace_back(std::string(before + 1 >= kMaxAttempts ? "incident" : "waiting"));
        values.emplace_back(before + 1);
        values.emplace_back(microseconds(now + pause));
        values.emplace_back(microseconds(now));
        values.emplace_back(problem_of(error));
        TRY_DO(tx.execute(kPut, values));
        return before + 1;
    }));
    if (tries == 1) {
        parts.log.warning("work for a case failed; it is tried again, the others go on", {{"case", place.case_id.text()}, {"work", std::string(name_of(place.work))}, {"reason", error.message}});
    } else if (tries == kMaxAttempts) {
        parts.log.error("work for a case waits for an operator", {{"case", place.case_id.text()}, {"work", std::string(name_of(place.work))}, {"reason", error.message}});
    }
    return {};
}

Result<std::int64_t> Troubles::attempts(store::Reader& reader, const Place& place) {
    TRY(const auto found, reader.first<std::int64_t>(kAttempts, key_of(place), [](const Row& row) { return row.integer(0); }));
    return found.value_or(0);
}

Result<void> Troubles::over(store::Tx& tx, const Place& place) {
    TRY_DO(tx.execute(kOver, key_of(place)));
    return {};
}

Result<std::optional<Troubles::Place>> Troubles::next_due(Work work, Instant now) {
    return casework_.parts_.store.read<std::optional<Place>>([&](store::Reader& reader) {
        return reader.first<Place>(kNextDue, {microseconds(now), std::string(name_of(work))}, [&](const Row& row) -> Result<Place> {
            TRY(const CaseId id, CaseId::parse(row.text(1)));
            return Place{std::string(row.text(0)), id, work, row.integer(2)};
        });
    });
}

}  // namespace madang::casework
