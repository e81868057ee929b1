#include "cli/learned_judges.h"

#include <algorithm>

#include "base/text.h"
#include "base/time_text.h"
#include "learning/judges.h"

namespace madang::cli {
namespace {

constexpr std::size_t kMaxNamed = 16;         // of one setting
constexpr std::size_t kMaxEntities = 150'000; // of all fields: 75 MB
constexpr std::size_t kMaxFieldName = 256;    // bytes

Result<std::vector<std::string>> list_of(const Settings& settings, std::string_view setting) {
    std::vector<std::string> all;
    for (const auto part : split(settings.text(setting), ',')) {
        const std::string_view one = trim(part);
        if (one.empty()) continue;
        if (one.size() > kMaxFieldName) return fail(Code::invalid, format("{}: a name has at most {} bytes", setting, kMaxFieldName));
        if (std::ranges::find(all, one) != all.end()) return fail(Code::invalid, format("{}: {} stands there twice", setting, one));
        all.emplace_back(one);
    }
    if (all.size() > kMaxNamed) return fail(Code::invalid, format("{}: at most {} names", setting, kMaxNamed));
    return all;
}

// Of the house, where no other is set: working hours are local.
Result<TimeZone> zone_of(const Settings& settings, Installation& house) {
    const std::string& name = settings.text("events_timezone");
    if (name.empty()) return house.pack().government.time_zone();
    return within(TimeZone::find(name), "events_timezone");
}

}  // namespace

Result<std::vector<std::unique_ptr<security::Judge>>> judges_of(const Context& context, Installation& house) {
    std::vector<std::unique_ptr<security::Judge>> judges;
    TRY(auto names, list_of(context.settings, "events_domains"));
    if (!names.empty()) judges.push_back(learning::make_domain_judge(std::move(names)));
    TRY(auto entities, list_of(context.settings, "events_baselines"));
    if (!entities.empty()) {
        TRY(const TimeZone zone, zone_of(context.settings, house));
        const auto offset_of = [zone](Instant at) { return std::chrono::floor<std::chrono::minutes>(zone.local(at).time_since_epoch() - at.time_since_epoch()); };
        learning::BaselineSettings usual;
        usual.entities = std::min(usual.entities, kMaxEntities / entities.size());
        judges.push_back(learning::make_baseline_judge(std::move(entities), usual, offset_of));
    }
    TRY(const auto models, list_of(context.settings, "events_models"));
    for (const std::string& model : models) {
        const bool plain = model.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
        if (!plain) return fail(Code::invalid, format("events_models: \"{}\" is no name of a model", model));
        std::error_code problem;
        if (!std::filesystem::exists(house.folder() / "models" / model / "history.jsonl", problem)) {
            house.log().warning("events_models names a model of which no version is approved: nothing is judged by it yet", {{"model", model}});
        }
        judges.push_back(learning::make_model_judge(model, house.folder() / "models", context.clock, context.random, house.log()));
    }
    return judges;
}

void count_judges(http::Metrics& metrics, const security::Watcher& watcher) {
    using Kind = http::Metrics::Kind;
    const auto figure = [&](const char* name, const char* help, Kind kind, double (*value)(const security::JudgeCounts&)) {
        metrics.observe(name, help, kind, [&watcher, value] {
            std::vector<http::Metrics::Sample> all;
            for (const auto& [judge, counts] : watcher.judge_counts()) all.push_back({{{"judge", judge}}, value(counts)});
            return all;
        });
    };
    figure("madang_judge_judged", "Names, entities' events and records that learned judges looked at", Kind::counter, [](const security::JudgeCounts& one) { return static_cast<double>(one.judged); });
    figure("madang_judge_passed_over", "Those that could not be judged: no such name, a time far off, a number that is none", Kind::counter, [](const security::JudgeCounts& one) { return static_cast<double>(one.passed_over); });
    figure("madang_judge_findings", "What learned judges found", Kind::counter, [](const security::JudgeCounts& one) { return static_cast<double>(one.findings); });
    figure("madang_judge_seconds", "Time that judging took", Kind::counter, [](const security::JudgeCounts& one) { return one.seconds; });
    figure("madang_judge_remembered", "Entities, or names told today, that a judge remembers", Kind::gauge, [](const security::JudgeCounts& one) { return static_cast<double>(one.remembered); });
    figure("madang_judge_refused_models", "Models that could not be used", Kind::counter, [](const security::JudgeCounts& one) { return static_cast<double>(one.refused); });
    figure("madang_judge_version", "The version that judges; 0 where none is approved", Kind::gauge, [](const security::JudgeCounts& one) { return static_cast<double>(parse_decimal(one.version).value_or(0)); });
}

}  // namespace madang::cli
