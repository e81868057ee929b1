// Rules and correlations on the events that were kept, before they go live.
#include <algorithm>
#include <map>
#include <mutex>
#include <tuple>

#include "base/text.h"
#include "base/time_text.h"
#include "cli/command.h"
#include "cli/spool_commands.h"
#include "cli/spool_options.h"
#include "security/detector.h"
#include "security/rule_set.h"
#include "security/sigma_correlator.h"
#include "security/source_origins.h"
#include "security/spool.h"

namespace madang::cli {
namespace {

using security::Event;
using security::SigmaCorrelator;
using security::SigmaProgram;
using security::SpoolCounts;
using security::SpoolQuery;
using security::SpoolRecord;

constexpr std::size_t kOccurrences = 1'000'000;   // put in order for correlations
constexpr std::size_t kExampleBytes = 300;        // of an event, on the terminal

struct Of {
    std::uint64_t count = 0;
    Instant first = Instant::max(), last = Instant::min();
    std::string example;

    void add(Instant at, Instant until) {
        ++count;
        first = std::min(first, at);
        last = std::max(last, until);
    }
};

struct Tested {
    std::map<std::uint32_t, Of> rules;           // by number
    std::map<const security::SigmaCorrelation*, Of> correlations;
    std::vector<SigmaCorrelator::Occurrence> occurrences;
    std::uint64_t not_kept = 0;
};

// Threads meet events in no order, so what correlations look at is put in order first: no event is late.
void correlate(SigmaCorrelator& correlator, Tested& tested) {
    std::ranges::sort(tested.occurrences, {}, [](const SigmaCorrelator::Occurrence& one) { return std::tie(one.at, one.rule); });
    const auto use = [&](const SigmaCorrelator::Found& found) {
        Of& of = tested.correlations[&found.rule];
        of.add(found.first, found.last);
        if (!of.example.empty()) return;
        for (const auto& [name, value] : found.group) of.example += format("{}={} ", name, value);
        of.example += format("number={}", found.number);
    };
    for (const auto& one : tested.occurrences) correlator.add(one, use);
    correlator.finish(use);
    const security::CorrelatorCounts& counts = correlator.counts();
    const std::pair<std::uint64_t, const char*> all[] = {{counts.without_group, "events lack a field that a correlation groups by"},
                                                         {tested.not_kept, "events are more than are put in order for correlations"},
                                                         {counts.forgotten_groups, "groups are more than a correlation remembers"},
                                                         {counts.over_budget_groups, "groups are more than all correlations together remember"},
                                                         {counts.forgotten_occurrences, "events are more than a group of a correlation remembers"}};
    for (const auto& [count, words] : all) {
        if (count > 0) std::fprintf(stderr, "%llu %s and were not counted\n", static_cast<unsigned long long>(count), words);
    }
}

// What is known of the logs: for this run, or as the running house is told.
struct Known {
    security::LogOrigin given;
    security::SourceOrigins origins;
};

Result<SpoolCounts> look(const security::Spool& spool, const SpoolQuery& query, const SigmaProgram& program, const SigmaCorrelator& correlator, const Known& known, Tested& tested) {
    std::mutex mutex;
    std::vector<Event> events(threads_of());
    std::vector<std::unique_ptr<SigmaProgram::Run>> runs;
    for (std::size_t i = 0; i < threads_of(); ++i) runs.push_back(std::make_unique<SigmaProgram::Run>(program));
    return spool.search(query, threads_of(), [&](std::size_t thread, const SpoolRecord& record) {
        Event& event = events[thread];
        event.clear();
        (void)security::parse_record(record, event).has_value();   // what was read before a mistake counts, as in the running house
        const security::LogOrigin given = known.given.is_unknown() ? known.origins.of(record.source, event) : known.given;
        for (const std::uint32_t rule : runs[thread]->matches(event, security::origin_of(event, record.format, given))) {
            auto occurrence = correlator.occurrence_of(rule, event, record.at, 0);
            const std::lock_guard lock(mutex);
            if (occurrence && tested.occurrences.size() < kOccurrences) tested.occurrences.push_back(std::move(*occurrence));
            else if (occurrence) ++tested.not_kept;
            if (!correlator.is_told(rule)) continue;
            Of& of = tested.rules[rule];
            if (of.count == 0) of.example = record.line;
            of.add(record.at, record.at);
        }
    });
}

void print(const Context& context, const SigmaProgram& program, const Tested& tested) {
    json::array all;
    const auto one = [&](const security::SigmaMetadata& m, const Of& of, bool correlation) {
        if (!context.json) {
            context.print(format("{:>9}  {}{}  (first {}, last {})\n           {}", of.count, shown(m.title), correlation ? ", a correlation" : "", format_instant(of.first), format_instant(of.last), shown(of.example.substr(0, kExampleBytes))));
        }
        all.push_back(json::object{{"rule", m.id}, {"title", m.title}, {"correlation", correlation}, {"count", of.count}, {"first", format_instant(of.first)}, {"last", format_instant(of.last)},
                                   {"example", security::mended_utf8(of.example)}});
    };
    for (const auto& [rule, of] : tested.rules) one(program.rule(rule).metadata, of, false);
    for (const auto& [rule, of] : tested.correlations) one(rule->metadata, of, true);
    if (context.json) context.print(json::value(std::move(all)));
}

}  // namespace

Result<int> backtest_rules(const Context& context, const Arguments& arguments) {
    TRY(const auto spool, security::Spool::open_to_read(folder_of(context, arguments)));
    TRY(const auto placeholders, within(security::load_placeholders(context.settings.text("events_placeholders")), "events_placeholders"));
    TRY(security::RuleSet set, security::load_rules({Path(arguments.one("rules"))}, placeholders));
    for (const std::string& one : set.problems) std::fprintf(stderr, "%s\n", shown(one).c_str());
    if (set.rules.empty()) return fail(Code::invalid, "no rule is left to look with");
    TRY(const auto sources, sources_of(context, arguments));
    TRY(const auto program, SigmaProgram::compile(std::move(set.rules), sources));
    const auto correlations = SigmaCorrelator::compile(std::move(set.correlations), *program);
    for (const std::string& one : correlations.problems) std::fprintf(stderr, "%s\n", shown(one).c_str());
    TRY(const SpoolQuery query, query_of(arguments));
    Known known{.given = {arguments.one_or("category", ""), arguments.one_or("product", ""), arguments.one_or("service", "")}, .origins = {}};
    TRY(known.origins, within(security::SourceOrigins::parse(context.settings.text("events_log_sources")), "events_log_sources"));
    Tested tested;
    TRY(const SpoolCounts counts, look(*spool, query, *program, *correlations.correlator, known, tested));
    correlate(*correlations.correlator, tested);
    print(context, *program, tested);
    tell_damage(counts.damaged_blocks);
    std::fprintf(stderr, "%zu of %zu rules and %zu of %zu correlations would have found something in %llu events\n", tested.rules.size(), program->size(), tested.correlations.size(), correlations.correlator->size(),
                 static_cast<unsigned long long>(counts.records));
    return kOk;
}

}  // namespace madang::cli
