#include "security/watcher.h"

#include <algorithm>
#include <condition_variable>
#include <filesystem>

#include "base/text.h"
#include "base/time_text.h"
#include "security/detail/watch_engine.h"
#include "security/event_time.h"

namespace madang::security {
namespace {

constexpr auto kNotePlace = std::chrono::seconds(5);
constexpr auto kPatience = std::chrono::milliseconds(200);
constexpr auto kAbout = std::chrono::minutes(5);          // an event that is further ahead states a wrong time
constexpr std::size_t kMaxEventKept = 16384;              // bytes of an event's line, in what was found
constexpr std::size_t kMaxFieldKept = 16384;              // bytes of each field; the event has all
constexpr std::size_t kMaxFieldsKept = 256U << 10;        // bytes of all fields together
constexpr JsonLimits kFindingRead{.bytes = 16U << 20};

// Cut between characters.
std::string_view at_most(std::string_view text, std::size_t bytes) {
    if (text.size() <= bytes) return text;
    while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) --bytes;
    return text.substr(0, bytes);
}

}  // namespace

Watcher::Watcher(Parts parts)
    : parts_(std::move(parts)),
      panel_(std::move(parts_.judges), std::move(parts_.names), parts_.place.string() + ".judges", parts_.clock, parts_.log),
      tell_([this](std::string_view judge, Judgement&& found) { keep_judged(judge, std::move(found)); }) {}
Watcher::~Watcher() = default;

Result<std::unique_ptr<Watcher>> Watcher::start(Parts parts) {
    std::unique_ptr<Watcher> made(new Watcher(std::move(parts)));
    TRY_DO(made->find_place());
    made->recall();
    made->panel_.look_for_changes();
    made->state_ = made->state_of_rules();
    TRY(auto engine, made->load(made->place_));
    made->take_over(std::move(engine));
    made->loader_ = std::jthread([self = made.get()](const std::stop_token& stop) { self->look_for_rules(stop); });
    made->thread_ = std::jthread([self = made.get()](const std::stop_token& stop) { self->watch(stop); });
    return made;
}

// The later of what was noted and what was found last. In the block of the last finding others may be missing: it is looked at
// again, and what is known is not told again.
Result<void> Watcher::find_place() {
    std::error_code problem;
    const bool noted = std::filesystem::exists(parts_.place, problem);
    if (noted) {
        TRY(const std::string text, read_file(parts_.place));
        TRY(place_, within(parse_place(trim(text)), parts_.place.string()));
    }
    SpoolPlace last;
    const SpoolPlace end = parts_.findings.newest();
    std::set<std::string> ids;
    std::uint64_t unreadable = 0;
    const auto read = [&](const SpoolRecord& record, SpoolPlace, std::uint32_t) {
        const auto finding = parse_json(record.line, kFindingRead);
        if (!finding || !finding->is_object()) {
            ++unreadable;
            return;
        }
        const auto* place = finding->as_object().if_contains("place");
        const auto* id = finding->as_object().if_contains("id");
        if (place == nullptr || id == nullptr || !place->is_string() || !id->is_string()) return;
        const auto at = parse_place(std::string_view(place->as_string()));
        if (!at || *at < last) return;
        if (*at > last) ids.clear();
        last = *at;
        ids.emplace(id->as_string());
    };
    // Findings of one block are written together, in blocks of their own: the newest few are enough.
    for (SpoolPlace at = parts_.findings.place_before(Instant::min(), kWarmRecords); at < end;) {
        TRY(const auto next, parts_.findings.read_behind(at, read));
        if (!next) break;
        at = *next;
    }
    if (unreadable > 0) parts_.log.warning("some of what was found before cannot be read", {{"number", std::to_string(unreadable)}});
    if (last.segment == 0 && !noted) {
        place_ = parts_.events.newest();
        return write_file_whole(parts_.place, to_text(place_), Readable::by_owner);
    }
    if (last > place_) {
        known_ = std::move(ids);
        place_ = {last.segment, last.offset - 1};
    }
    if (place_ > parts_.events.newest()) {
        parts_.log.warning("the events are others than those that were watched; all of them are looked at", {{"place", to_text(place_)}});
        place_ = {};
        known_.clear();
        begun_anew_ = true;
    }
    return {};
}

// A picture of what judges remember is taken when all that was found is on disk: what it knows needs no second look. Without one they
// learn from the kept events.
void Watcher::recall() {
    if (!panel_.remembers()) return;
    const auto known = panel_.recall(begun_anew_ ? SpoolPlace{} : parts_.events.newest());
    remembered_ = known ? *known : parts_.events.place_before(Instant::min(), kWarmRecords, place_);
    if (remembered_ <= place_) return;
    place_ = remembered_;
    known_.clear();
}

void Watcher::remind(const std::stop_token& stop) {
    const bool behind = remembered_ < place_;
    while (remembered_ < place_ && !stop.stop_requested()) {
        const auto next = parts_.events.read_behind(remembered_, [&](const SpoolRecord& record, SpoolPlace at, std::uint32_t number) { panel_.remind(event_, record, at, number); }, place_);
        if (!next) return;
        if (!*next) {
            remembered_ = place_;   // the place may stand before the next block, which is looked at again
            break;
        }
        panel_.end_reminded_block();
        remembered_ = **next;
    }
    // On disk at once: a house that is killed again and again must not be further behind each time.
    if (!behind || remembered_ < place_) return;
    panel_.note_now(place_);
    panel_.write();
}

void Watcher::watch(const std::stop_token& stop) {
    warm(*engine_, place_, stop);
    if (panel_.remembers()) remind(stop);
    while (!stop.stop_requested()) {
        std::unique_ptr<Engine> fresh;
        {
            const std::lock_guard lock(mutex_);
            fresh = std::move(next_);
        }
        if (fresh) {
            warm(*fresh, place_, stop);
            take_over(std::move(fresh));
        }
        std::uint64_t events = 0;
        const auto next = parts_.events.read_behind(place_, [&](const SpoolRecord& record, SpoolPlace at, std::uint32_t number) {
            look(record, at, number);
            if (!panel_.empty()) panel_.look(event_, record, at, number, tell_);
            ++events;
        });
        if (!panel_.empty()) panel_.end_block(tell_);
        if (!next) parts_.log.error("events cannot be read", {{"reason", next.error().message}});
        if (!next || !*next) {
            // In the quiet, what waits for the end of its time is judged, where events were about now.
            const Instant now = parts_.clock.now();
            if (live_ && engine_->correlator->size() > 0) {
                engine_->correlator->advance(now - kAbout, [&](const SigmaCorrelator::Found& found) { keep_correlated(found, place_); });
            }
            store(stop);
            if (moved_ && now - noted_ > kNotePlace) note_place();
            parts_.events.wait_behind(place_, stop, kPatience);
            continue;
        }
        store(stop);
        if (!lines_.empty()) break;   // stopped before they were on disk: the block is looked at again
        known_.clear();
        moved_ = true;
        {
            const std::lock_guard lock(mutex_);
            place_ = **next;
            counts_.events += events;
            count_correlated();
        }
        remembered_ = place_;
        if (parts_.clock.now() - noted_ > kNotePlace) note_place();
        panel_.note(place_);
    }
    if (!lines_.empty()) return;
    note_place();
    if (remembered_ == place_) panel_.note_now(place_);
    panel_.write();
}

void Watcher::note_place() {
    noted_ = parts_.clock.now();
    moved_ = false;
    if (const auto written = write_file_whole(parts_.place, to_text(place_), Readable::by_owner); !written) parts_.log.warning("how far the rules are cannot be noted", {{"reason", written.error().message}});
}

// While mutex_ is held.
void Watcher::count_correlated() {
    CorrelatorCounts all = past_;
    all += engine_->correlator->counts();
    counts_.late = all.late;
    counts_.ungrouped = all.without_group;
    counts_.forgotten = all.forgotten_occurrences + all.forgotten_groups;
    counts_.over_budget = all.over_budget_groups;
    counts_.correlation_bytes = engine_->correlator->bytes();
}

void Watcher::look(const SpoolRecord& record, SpoolPlace place, std::uint32_t number) {
    const Instant now = parts_.clock.now();
    live_ = record.at > now - kAbout;
    const auto met = engine_->meet(event_, record, parts_.origins, now, place, number, [&](const SigmaCorrelator::Found& found) { keep_correlated(found, place); });
    for (const std::uint32_t rule : met) {
        if (!engine_->correlator->is_told(rule)) continue;
        const SigmaRule& about = engine_->program->rule(rule);
        Finding finding = finding_of(about, event_, engine_->run.fields_of(rule));
        finding.time = format_instant(record.at);   // by the event's own word, read when it came; else that moment
        finding.file = record.source;
        finding.record = number;
        std::string id = format("{}:{}:{}", to_text(place), number, about.metadata.id.empty() ? format("{}:{}", about.metadata.file, about.metadata.line) : about.metadata.id);
        keep(std::move(finding), std::move(id), place, record.at, record.line);
    }
}

void Watcher::keep_correlated(const SigmaCorrelator::Found& found, SpoolPlace place) {
    std::string events;
    for (const std::uint64_t where : found.where) events += format("{}{}", events.empty() ? "" : ", ", Engine::text_of(where));
    std::string id = found.rule.metadata.id.empty() ? format("{}:{}", found.rule.metadata.file, found.rule.metadata.line) : found.rule.metadata.id;
    id += format(":{}-{}", found.first.time_since_epoch().count(), found.last.time_since_epoch().count());
    for (const auto& [name, value] : found.group) id += format(":{}", value);
    keep(finding_of(found, std::move(events)), std::move(id), place, found.last, "");
}

void Watcher::keep_judged(std::string_view judge, Judgement&& found) {
    Finding finding;
    finding.time = std::move(found.time);
    finding.level = found.level;
    finding.title = std::move(found.title);
    finding.file = std::move(found.source);
    finding.computer = std::move(found.computer);
    finding.record = found.number;
    finding.fields = std::move(found.fields);
    json::array reasons;
    for (const std::string& one : found.reasons) reasons.emplace_back(mended_utf8(one));
    json::object more{{"judge", judge}, {"version", found.version}, {"score", found.score}, {"threshold", found.threshold}, {"reasons", std::move(reasons)}};
    if (!found.model.empty()) more["model"] = found.model, more["sample"] = mended_utf8(found.sample);
    // Without the version: what an older model told before a crash is not told again by a newer one.
    std::string id = format("{}:{}:{}", to_text(found.place), found.number, judge);
    if (!found.detail.empty()) id += ":" + found.detail;
    keep(std::move(finding), std::move(id), found.place, found.at, found.event, std::move(more));
}

void Watcher::keep(Finding&& finding, std::string id, SpoolPlace place, Instant at, std::string_view event, json::object more) {
    if (known_.contains(id)) return;
    std::size_t room = kMaxFieldsKept;
    for (auto& field : finding.fields) {
        const std::string_view kept = at_most(field.second, std::min(kMaxFieldKept, room));
        room -= kept.size();
        if (kept.size() < field.second.size()) field.second = std::string(kept) + "…";
    }
    json::object line = to_json(finding);
    for (auto& [name, value] : more) line[name] = std::move(value);
    line["id"] = is_utf8(id) ? std::move(id) : mended_utf8(id);
    line["place"] = to_text(place);
    line["event"] = std::string(mended_utf8(at_most(event, kMaxEventKept)));
    lines_.push_back(json::serialize(line));
    times_.push_back(at);
    sources_.push_back(std::move(finding.file));
    ++pending_.at(static_cast<std::size_t>(finding.level));
}

// Again and again until it is on disk: events wait meanwhile, and are not lost.
void Watcher::store(const std::stop_token& stop) {
    if (lines_.empty()) return;
    std::vector<SpoolRecord> records;
    for (std::size_t i = 0; i < lines_.size(); ++i) records.push_back({times_[i], LineFormat::json, at_most(sources_[i], kMaxSource), lines_[i]});
    bool told = false;
    std::mutex mutex;
    std::condition_variable_any wake;
    for (;;) {
        const auto stored = parts_.findings.append(records);
        if (stored) break;
        if (!told) parts_.log.error("what rules found cannot be kept; events wait", {{"reason", stored.error().message}});
        told = true;
        std::unique_lock lock(mutex);
        wake.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
        if (stop.stop_requested()) return;
    }
    lines_.clear();
    times_.clear();
    sources_.clear();
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < pending_.size(); ++i) counts_.findings.at(i) += pending_.at(i);
    pending_ = {};
}

SpoolPlace Watcher::place() const {
    const std::lock_guard lock(mutex_);
    return place_;
}

WatchCounts Watcher::counts() const {
    SpoolPlace place;
    WatchCounts counts;
    {
        const std::lock_guard lock(mutex_);
        counts = counts_;
        place = place_;
    }
    counts.behind = parts_.events.records_behind(place);
    return counts;
}

}  // namespace madang::security
