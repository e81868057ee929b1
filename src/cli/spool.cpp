// Events kept on this machine: which there are, as files, and the commands over them.

#include "base/text.h"
#include "base/time_text.h"
#include "cli/command.h"
#include "cli/spool_commands.h"
#include "cli/spool_options.h"
#include "security/ecs_names.h"
#include "security/spool.h"

namespace madang::cli {
namespace {

using security::Event;
using security::Spool;
using security::SpoolCounts;
using security::SpoolQuery;
using security::SpoolRecord;

Result<int> spool_list(const Context& context, const Arguments& arguments) {
    TRY(const auto spool, Spool::open_to_read(folder_of(context, arguments)));
    json::array all;
    for (const auto& one : spool->segments()) {
        if (!context.json && one.records > 0) {
            context.print(format("{:>12}  {:>12} events  {:>10.1f} MB of {:>10.1f} MB  {} to {}{}", one.number, one.records, static_cast<double>(one.packed) / 1e6, static_cast<double>(one.raw) / 1e6,
                                 format_instant(one.first), format_instant(one.last), one.damaged > 0 ? "  damaged" : ""));
        }
        all.push_back(json::object{{"segment", one.number}, {"events", one.records}, {"packed", one.packed}, {"raw", one.raw}, {"blocks", one.blocks}, {"damaged", one.damaged},
                                   {"first", one.records > 0 ? json::value(format_instant(one.first)) : json::value(nullptr)}, {"last", one.records > 0 ? json::value(format_instant(one.last)) : json::value(nullptr)}});
    }
    if (context.json) context.print(json::value(std::move(all)));
    return kOk;
}

Result<int> spool_export(const Context& context, const Arguments& arguments) {
    TRY(const auto spool, Spool::open_to_read(folder_of(context, arguments)));
    TRY(const SpoolQuery query, query_of(arguments));
    const bool as_ecs = arguments.has("as-ecs") || arguments.has("ecs");
    TRY(const auto names, names_of(context, arguments));
    Event event;
    std::uint64_t count = 0;
    // One thread: lines come in the order in which they were stored.
    TRY(const SpoolCounts counts, spool->search(query, 1, [&](std::size_t, const SpoolRecord& record) {
        if (as_ecs) {
            event.clear();
            (void)security::parse_record(record, event).has_value();   // what was read before a mistake counts
            const std::string line = json::serialize(security::ecs_document(record, event, names));
            std::fwrite(line.data(), 1, line.size(), stdout);
        } else {
            std::fwrite(record.line.data(), 1, record.line.size(), stdout);
        }
        std::fputc('\n', stdout);
        ++count;
    }));
    if (std::fflush(stdout) != 0) return fail(Code::unavailable, "standard output takes no more");
    tell_damage(counts.damaged_blocks);
    std::fprintf(stderr, "%llu events\n", static_cast<unsigned long long>(count));
    return kOk;
}

}  // namespace

std::vector<Command> spool_commands() {
    using Kind = Argument::Kind;
    const Argument folder{"--spool", Kind::option, false, "folder of the events; without it \"events\" in the data folder"};
    const Argument from{"--from", Kind::option, false, "from this moment on, as 2026-11-24T10:00:00Z"};
    const Argument until{"--until", Kind::option, false, "before this moment"};
    const Argument contains{"--contains", Kind::option_many, false, "only lines that hold this text as it came"};
    const Argument ecs{"--ecs", Kind::option, false, "a file that gives fields their names in the Elastic Common Schema, instead of the program's own"};
    return {
        {"security collect", "keep the events of logs: EVTX, JSON lines, syslog, web servers, Linux audit, Zeek; .gz, .zst, .xz and .bz2 are unpacked", "madang security collect /var/log/nginx/access.log.2.gz",
         {{"file", Kind::positional_many, true, "logs, or folders of logs"}, folder}, collect_events},
        {"security hunt", "what kept events fit an expression of FEEL, with a histogram of when", "madang security hunt 'EventID = 4688 and contains(CommandLine, \"-enc\")' --from 2026-11-01T00:00:00Z --count-by Computer",
         {{"expression", Kind::positional, true, "over the fields of an event, by the source's names or those of ECS; a name with other signs than letters, digits, _ and . stands between ` signs"}, from, until, contains,
          {"--count", Kind::flag, false, "only how many they are, and when"},
          {"--table", Kind::option, false, "these fields as columns, with commas between: Computer,User,CommandLine"},
          {"--count-by", Kind::option, false, "how often each value of this field is among them, the most frequent first"},
          {"--limit", Kind::option, false, "rows that are shown (default: 1000)"},
          {"--svg", Kind::option, false, "write the histogram to this file"}, ecs, folder}, hunt_events},
        {"security backtest", "what rules would have found in the events that were kept", "madang security backtest --rules new_rule.yml --product windows",
         {{"--rules", Kind::option, true, "a file, a folder or a zip archive of Sigma rules"}, from, until,
          {"--category", Kind::option, false, "what is known of the events, as rules call it"},
          {"--product", Kind::option, false, "likewise"},
          {"--service", Kind::option, false, "likewise"},
          {"--log-sources", Kind::option, false, "a file that says which channels and event numbers categories and services are, instead of the program's own"}, folder}, backtest_rules},
        {"security spool list", "the segments in which events are kept", "madang security spool list --json", {folder}, spool_list},
        {"security spool export", "kept events as they came, one a line", "madang security spool export --from 2026-11-24T00:00:00Z > events.jsonl",
         {from, until, contains, {"--as-ecs", Kind::flag, false, "each as a JSON document of the Elastic Common Schema"}, ecs, folder}, spool_export},
    };
}

}  // namespace madang::cli
