// Rules of a watcher: loaded, looked at for changes, and made to know what came before they are asked.
#include <algorithm>
#include <condition_variable>
#include <filesystem>

#include "base/text.h"
#include "security/detail/watch_engine.h"
#include "security/detector.h"
#include "security/rule_set.h"
#include "security/watcher.h"

namespace madang::security {
namespace {

constexpr auto kLookForRules = std::chrono::seconds(1);
constexpr std::size_t kProblemsLogged = 20;

// Segment, offset and number of a record as one number: 18, 29 and 17 bits.
std::uint64_t packed(SpoolPlace place, std::uint32_t number) {
    return place.segment << 46U | (place.offset & ((1U << 29U) - 1)) << 17U | (number & ((1U << 17U) - 1));
}

}  // namespace

std::string Watcher::Engine::text_of(std::uint64_t where) { return format("{}:{}:{}", where >> 46U, (where >> 17U) & ((1U << 29U) - 1), where & ((1U << 17U) - 1)); }

std::vector<std::uint32_t> Watcher::Engine::meet(Event& event, const SpoolRecord& record, const SourceOrigins& origins, Instant now, SpoolPlace place, std::uint32_t number, const SigmaCorrelator::Use& use) {
    event.clear();
    (void)parse_record(record, event).has_value();   // what was read before a mistake counts
    const auto met = run.matches(event, origin_of(event, record.format, origins.of(record.source, event)));
    for (const std::uint32_t rule : met) {
        // Nothing happened after it was heard of: a clock that goes ahead would make what others say come too late.
        if (const auto one = correlator->occurrence_of(rule, event, std::min(record.at, now), packed(place, number))) correlator->add(*one, use);
    }
    return {met.begin(), met.end()};
}

Result<std::unique_ptr<Watcher::Engine>> Watcher::load(SpoolPlace upto) const {
    TRY(RuleSet set, load_rules(parts_.rules, parts_.placeholders));
    std::vector<std::string> problems = std::move(set.problems);
    std::vector<SigmaRule> good;
    auto compiled = SigmaProgram::compile(set.rules, parts_.sources);
    if (!compiled) {
        // One that cannot be compiled must not stop the others.
        for (SigmaRule& rule : set.rules) {
            const auto alone = SigmaProgram::compile({rule}, parts_.sources);
            if (alone) good.push_back(std::move(rule));
            else problems.push_back(alone.error().message);
        }
        compiled = SigmaProgram::compile(std::move(good), parts_.sources);
        if (!compiled) return std::unexpected(compiled.error());
    }
    auto engine = std::make_unique<Engine>(std::move(*compiled));
    std::chrono::seconds reach{0};
    for (const SigmaCorrelation& one : set.correlations) reach = std::max(reach, one.timespan);
    auto correlations = SigmaCorrelator::compile(std::move(set.correlations), *engine->program);
    engine->correlator = std::move(correlations.correlator);
    std::ranges::move(correlations.problems, std::back_inserter(problems));
    engine->refused = problems.size();
    for (std::size_t i = 0; i < std::min(kProblemsLogged, problems.size()); ++i) parts_.log.warning("a rule is left out", {{"reason", problems[i]}});
    parts_.log.info("rules loaded", {{"rules", std::to_string(engine->program->size())}, {"correlations", std::to_string(engine->correlator->size())}, {"left_out", std::to_string(problems.size())}});
    engine->upto = upto;
    if (engine->correlator->size() > 0) engine->upto = parts_.events.place_before(parts_.clock.now() - reach, kWarmRecords, upto);
    return engine;
}

std::string Watcher::state_of_rules() const {
    std::string state;
    const auto files = rule_files(parts_.rules);
    if (!files) return files.error().message;
    for (const Path& file : *files) {
        std::error_code problem;
        const auto size = std::filesystem::file_size(file, problem);
        const auto time = std::filesystem::last_write_time(file, problem);
        state += format("{}\n{} {}\n", file.string(), size, time.time_since_epoch().count());
    }
    return state;
}

void Watcher::look_for_rules(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any wake;
    while (!stop.stop_requested()) {
        {
            std::unique_lock lock(mutex);
            wake.wait_for(lock, stop, kLookForRules, [] { return false; });
        }
        if (stop.stop_requested()) return;
        panel_.look_for_changes();
        panel_.write();
        std::string now = state_of_rules();
        if (now == state_) continue;
        state_ = std::move(now);
        auto engine = load(place());
        // Here, while the former rules go on watching; the second time what came meanwhile.
        for (int round = 0; engine && round < 2; ++round) warm(**engine, place(), stop);
        if (!engine) parts_.log.error("the rules cannot be read; those that were loaded go on", {{"reason", engine.error().message}});
        const std::lock_guard lock(mutex_);
        if (engine) next_ = std::move(*engine);
        else ++counts_.failed_loads;
    }
}

// What correlations must know of the time before, up to there.
void Watcher::warm(Engine& engine, SpoolPlace until, const std::stop_token& stop) const {
    Event event;
    while (engine.correlator->size() > 0 && engine.upto < until && !stop.stop_requested()) {
        const auto next = parts_.events.read_behind(
            engine.upto, [&](const SpoolRecord& record, SpoolPlace at, std::uint32_t number) { engine.meet(event, record, parts_.origins, parts_.clock.now(), at, number, [](const SigmaCorrelator::Found&) {}); }, until);
        if (!next || !*next) return;
        engine.upto = **next;
    }
}

void Watcher::take_over(std::unique_ptr<Engine> engine) {
    if (engine_) past_ += engine_->correlator->counts();
    engine_ = std::move(engine);
    const std::lock_guard lock(mutex_);
    counts_.rules = engine_->program->size();
    counts_.correlations = engine_->correlator->size();
    counts_.refused_rules = engine_->refused;
    ++counts_.loads;
}

}  // namespace madang::security
