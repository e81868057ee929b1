// What nobody wrote a rule for: names that programs drew, and hours in which something was done far more often than usual.
#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <tuple>
#include <unordered_map>

#include "base/text.h"
#include "base/time_text.h"
#include "cli/command.h"
#include "cli/spool_options.h"
#include "learning/baseline.h"
#include "learning/domain_names.h"
#include "security/detector.h"

namespace madang::cli {
namespace {

constexpr std::size_t kMaxNames = 2'000'000;      // distinct values, or entities' hours
constexpr std::size_t kMaxEntityName = 256;       // bytes

// Each value of a field, by the source's name or the one of ECS, in the kept events.
Result<void> each_value(const Context& context, const Arguments& arguments, const std::string& name, const std::function<void(const security::SpoolRecord&, std::string_view)>& use) {
    TRY(const auto spool, security::Spool::open_to_read(folder_of(context, arguments)));
    TRY(const auto query, query_of(arguments));
    TRY(const auto names, names_of(context, arguments));
    security::Event event;
    TRY_DO(spool->search(query, 1, [&](std::size_t, const security::SpoolRecord& record) {
        event.clear();
        if (!security::parse_record(record, event)) return;
        names.add_to(event, security::origin_of(event, record.format, {}));
        for (std::size_t i = 0; i < event.size(); ++i) {
            const security::EventField field = event.at(i);
            if (field.name == name && !field.null && !field.value.empty()) use(record, field.value.substr(0, kMaxEntityName));
        }
    }));
    return {};
}

struct Asked {
    std::uint64_t count = 0;
    Instant first = Instant::max();
    std::string source;
};

Result<int> judge_domains(const Context& context, const Arguments& arguments) {
    std::map<std::string, Asked> names;
    bool all = true;
    if (arguments.has("name")) {
        for (const std::string& one : arguments.all("name")) names[one].count = 1;
    }
    if (arguments.has("field")) {
        TRY_DO(each_value(context, arguments, arguments.one("field"), [&](const security::SpoolRecord& record, std::string_view value) {
            if (names.size() == kMaxNames && !names.contains(std::string(value))) {
                all = false;
                return;
            }
            Asked& one = names[std::string(value)];
            ++one.count;
            if (record.at < one.first) one.source = record.source;
            one.first = std::min(one.first, record.at);
        }));
    } else if (names.empty()) {
        return fail(Code::invalid, "give names, or --field with the field of kept events that holds them");
    }
    struct Row {
        std::string name;
        Asked asked;
        learning::NameScore score;
    };
    std::vector<Row> rows;
    std::uint64_t judged = 0;
    for (const auto& [name, asked] : names) {
        auto score = learning::judge_domain(name);
        if (!score) continue;
        ++judged;
        if (score->generated || arguments.has("all")) rows.push_back({name, asked, std::move(*score)});
    }
    std::ranges::sort(rows, [](const Row& a, const Row& b) { return std::tie(b.score.probability, a.name) < std::tie(a.score.probability, b.name); });
    for (const Row& one : rows) {
        if (context.json) {
            json::array reasons;
            for (const std::string& reason : one.score.reasons) reasons.emplace_back(reason);
            json::object line{{"name", one.name}, {"label", one.score.label}, {"probability", one.score.probability}, {"generated", one.score.generated}, {"count", one.asked.count}, {"reasons", std::move(reasons)}};
            if (one.asked.first != Instant::max()) line["first"] = format_instant(one.asked.first), line["source"] = one.asked.source;
            context.print(json::value(std::move(line)));
        } else {
            context.print(format("{:5.1f} %  {:<40} {}{}", one.score.probability * 100, shown(one.name), one.score.generated ? "drawn by a program: " : "", join(one.score.reasons, "; ")));
        }
    }
    std::fprintf(stderr, "%zu of %llu names that can be judged look drawn by a program%s\n", static_cast<std::size_t>(std::ranges::count_if(rows, [](const Row& one) { return one.score.generated; })),
                 static_cast<unsigned long long>(judged), all ? "" : "; beyond two million names the rest was left out");
    return kOk;
}

Result<std::chrono::minutes> offset_of(const Arguments& arguments) {
    const std::string text = arguments.one_or("utc-offset", "0");
    const bool west = text.starts_with('-');
    TRY(const std::uint64_t minutes, within(parse_decimal(std::string_view(text).substr(west ? 1 : 0)), "--utc-offset"));
    if (minutes > 14 * 60) return fail(Code::invalid, "--utc-offset: no place is more than 840 minutes from UTC");
    const std::chrono::minutes offset(static_cast<int>(minutes));
    return west ? -offset : offset;
}

Result<int> find_unusual(const Context& context, const Arguments& arguments) {
    TRY(const auto offset, offset_of(arguments));
    // Events are kept in the order in which they came; baselines want the order in which they happened.
    std::map<std::int64_t, std::unordered_map<std::string, double>> hours;
    std::size_t pairs = 0;
    bool all = true;
    TRY_DO(each_value(context, arguments, arguments.one("by"), [&](const security::SpoolRecord& record, std::string_view value) {
        auto& hour = hours[std::chrono::floor<std::chrono::hours>(record.at.time_since_epoch()).count()];
        if (const auto found = hour.find(std::string(value)); found != hour.end()) {
            ++found->second;
        } else if (pairs < kMaxNames) {
            ++pairs;
            hour.emplace(value, 1);
        } else {
            all = false;
        }
    }));
    learning::Baselines baselines({}, offset);
    std::uint64_t told = 0;
    for (const auto& [hour, entities] : hours) {
        const std::map<std::string, double> sorted(entities.begin(), entities.end());
        for (const auto& [entity, count] : sorted) {
            const auto unusual = baselines.add(entity, Instant(std::chrono::hours(hour)), count);
            if (!unusual) continue;
            ++told;
            if (context.json) {
                context.print(json::value{{"hour", format_instant(unusual->hour)}, {"entity", unusual->entity}, {"seen", unusual->seen}, {"usual", unusual->usual}, {"deviations", unusual->deviations}, {"words", unusual->words}});
            } else {
                context.print(format("{}  {:<30} {}", format_instant(unusual->hour), shown(unusual->entity), unusual->words));
            }
        }
    }
    std::fprintf(stderr, "%llu unusual hours of %zu entities in %zu hours with events%s\n", static_cast<unsigned long long>(told), baselines.entities(), hours.size(),
                 all ? "" : "; beyond two million entities' hours the rest was left out");
    return kOk;
}

}  // namespace

std::vector<Command> unusual_commands() {
    using Kind = Argument::Kind;
    const Argument folder{"--spool", Kind::option, false, "folder of the events; without it \"events\" in the data folder"};
    const Argument from{"--from", Kind::option, false, "from this moment on, as 2026-11-24T10:00:00Z"};
    const Argument until{"--until", Kind::option, false, "before this moment"};
    const Argument ecs{"--ecs", Kind::option, false, "a file that gives fields their names in the Elastic Common Schema, instead of the program's own"};
    return {
        {"security domains", "which names of hosts a program drew, as malware does, with what speaks for it", "madang security domains --field dns.question.name --from 2026-11-24T00:00:00Z",
         {{"name", Kind::positional_many, false, "names to judge"},
          {"--field", Kind::option, false, "the field of kept events that holds names, by the source's name or the one of ECS"},
          {"--all", Kind::flag, false, "show also those that look real"}, from, until, ecs, folder}, judge_domains},
        {"security unusual", "hours in which an entity did far more than it does at such an hour", "madang security unusual --by user.name --utc-offset 180",
         {{"--by", Kind::option, true, "the field that names the entity: a user, a host, an address"},
          {"--utc-offset", Kind::option, false, "minutes by which local time is ahead of UTC (default: 0)"}, from, until, ecs, folder}, find_unusual},
    };
}

}  // namespace madang::cli
