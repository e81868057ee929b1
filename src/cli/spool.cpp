// Events kept on this machine: put in from logs, asked by a person, given to rules before these go live.
#include <algorithm>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>

#include "base/text.h"
#include "base/time_text.h"
#include "base/unpack.h"
#include "cli/command.h"
#include "cli/spool_options.h"
#include "cli/histogram.h"
#include "security/detector.h"
#include "security/event_time.h"
#include "security/ecs_names.h"
#include "security/spool.h"
#include "security/spool_hunt.h"

namespace madang::cli {
namespace {

using security::Event;
using security::LineFormat;
using security::Spool;
using security::SpoolCounts;
using security::SpoolHunt;
using security::SpoolQuery;
using security::SpoolRecord;

constexpr std::size_t kBatch = 2000;          // lines
constexpr std::size_t kMaxLine = 1U << 20;
constexpr std::size_t kShown = 1000;          // rows without --limit

std::size_t threads_of() { return std::max(1U, std::thread::hardware_concurrency()); }

LineFormat format_of(security::LogForm form) {
    switch (form) {
        case security::LogForm::audit: return LineFormat::audit;
        case security::LogForm::web_access: return LineFormat::web_access;
        case security::LogForm::web_error: return LineFormat::web_error;
        case security::LogForm::syslog: return LineFormat::syslog;
        case security::LogForm::zeek: return LineFormat::zeek;
        default: return LineFormat::json;
    }
}

// Lines as they come, put in by batches.
class Collector {
public:
    Collector(Spool& spool, std::string source, LineFormat format, Instant now) : spool_(spool), source_(std::move(source)), format_(format), now_(now) {}

    Result<void> feed(std::string_view piece) {
        begun_ += piece;
        std::size_t from = 0;
        for (std::size_t end = begun_.find('\n'); end != std::string::npos; end = begun_.find('\n', from)) {
            TRY_DO(take(std::string_view(begun_).substr(from, end - from)));
            from = end + 1;
        }
        begun_.erase(0, from);
        // The rest of an endless line goes with its start.
        if (begun_.size() > kMaxLine) TRY_DO(finish());
        return {};
    }
    Result<void> finish() {
        if (!begun_.empty()) TRY_DO(take(begun_));
        begun_.clear();
        return flush();
    }
    std::uint64_t stored() const { return stored_; }
    std::uint64_t refused() const { return refused_; }

private:
    Result<void> take(std::string_view line) {
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty()) return {};
        if (line.size() > kMaxLine) {
            ++refused_;
            return {};
        }
        if (format_ != LineFormat::zeek) {
            lines_.emplace_back(line);
        } else {
            // A table's line is kept with what its head says of it.
            Event event;
            const auto taken = zeek_.take(line, event);
            if (!taken) ++refused_;
            if (!taken || !*taken) return {};
            lines_.push_back(json::serialize(security::as_json(event)));
        }
        return lines_.size() == kBatch ? flush() : Result<void>();
    }
    Result<void> flush() {
        std::vector<SpoolRecord> records;
        Event event;
        for (const std::string& line : lines_) {
            SpoolRecord record{now_, format_ == LineFormat::zeek ? LineFormat::json : format_, source_, line};
            event.clear();
            if (security::parse_record(record, event)) record.at = security::time_of(event).value_or(now_);
            records.push_back(record);
        }
        TRY_DO(spool_.append(records));
        stored_ += records.size();
        lines_.clear();
        return {};
    }

    Spool& spool_;
    std::string source_;
    LineFormat format_;
    Instant now_;
    security::ZeekTable zeek_;
    std::string begun_;
    std::vector<std::string> lines_;
    std::uint64_t stored_ = 0, refused_ = 0;
};

Result<int> collect(const Context& context, const Arguments& arguments) {
    TRY(const auto spool, Spool::open(folder_of(context, arguments), {}));
    std::uint64_t stored = 0;
    std::uint64_t refused = 0;
    const auto& files = arguments.all("file");
    Progress progress = context.progress("Collecting", "files", files.size());
    std::uint64_t done = 0;
    for (const std::string& file : files) {
        TRY(const std::string bytes, read_file(file, std::size_t{16} << 30));
        std::string start = bytes.substr(0, 4096);
        if (is_packed(start)) {
            start.clear();
            TRY_DO(unpack(bytes, {}, [&](std::string_view piece) {
                start += piece.substr(0, 4096);
                return false;
            }));
        }
        const auto form = security::form_of(start);
        if (form == security::LogForm::evtx) return fail(Code::invalid, format("{}: EVTX is looked at by madang detect and not kept here", file));
        Collector collector(*spool, Path(file).filename().string(), format_of(form), context.clock.now());
        if (is_packed(std::string_view(bytes).substr(0, 8))) {
            Result<void> fed;
            TRY_DO(within(unpack(bytes, {}, [&](std::string_view piece) {
                fed = collector.feed(piece);
                return fed.has_value();
            }), file));
            TRY_DO(fed);
        } else {
            TRY_DO(collector.feed(bytes));
        }
        TRY_DO(collector.finish());
        stored += collector.stored();
        refused += collector.refused();
        progress.at(++done, files.size());
    }
    TRY(const std::size_t gone, spool->retain(context.clock.now()));
    if (context.json) context.print(json::value{{"stored", stored}, {"refused", refused}, {"segments_taken_away", gone}});
    else context.print(format("{} events stored, {} refused because they are longer than {} bytes or do not fit the head of their table", stored, refused, kMaxLine));
    return kOk;
}

struct Row {
    Instant at{};
    std::string source, line;
};

Result<int> hunt(const Context& context, const Arguments& arguments) {
    TRY(const auto spool, Spool::open_to_read(folder_of(context, arguments)));
    TRY(const SpoolHunt asked, SpoolHunt::compile(arguments.one("expression")));
    TRY(SpoolQuery query, query_of(arguments));
    TRY(const std::uint64_t limit, parse_decimal(arguments.one_or("limit", std::to_string(kShown))));
    TRY(const auto names, names_of(arguments));
    // ECS names all have a dot, but for one; they cost time, and are there for expressions that use them.
    const bool ecs = std::ranges::any_of(asked.fields(), [](const std::string& field) { return field.contains('.') || field == "message"; });
    asked.narrow(query);
    std::mutex mutex;
    std::vector<Row> rows;
    std::uint64_t count = 0;
    Histogram histogram;
    std::vector<Event> events(threads_of());
    const auto began = std::chrono::steady_clock::now();
    TRY(const SpoolCounts counts, spool->search(query, threads_of(), [&](std::size_t thread, const SpoolRecord& record) {
        Event& event = events[thread];
        event.clear();
        if (!security::parse_record(record, event)) return;
        if (ecs) names.add_to(event, security::origin_of(event, record.format, {}));
        if (!asked.fits(event)) return;
        const std::lock_guard lock(mutex);
        ++count;
        histogram.add(record.at);
        if (rows.size() < limit) rows.push_back({record.at, std::string(record.source), std::string(record.line)});
    }));
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    std::ranges::sort(rows, {}, &Row::at);
    if (arguments.has("svg")) TRY_DO(write_file_whole(arguments.one("svg"), histogram.svg(arguments.one("expression"))));
    for (const Row& one : rows) {
        if (context.json) context.print(json::value{{"at", format_instant(one.at)}, {"source", one.source}, {"line", one.line}});
        else context.print(format("{}  {:<20}  {}", format_instant(one.at), one.source, shown(one.line)));
    }
    if (!context.json && count > 0) context.print(format("\n{}", histogram.text()));
    std::fprintf(stderr, "%llu of %llu events in %.2f s; %llu of %llu blocks opened, %.1f MB read%s%s\n", static_cast<unsigned long long>(count), static_cast<unsigned long long>(counts.records), seconds,
                 static_cast<unsigned long long>(counts.blocks_opened), static_cast<unsigned long long>(counts.blocks), static_cast<double>(counts.raw_bytes) / 1e6,
                 count > rows.size() ? "; more than --limit are left out" : "", counts.damaged_blocks > 0 ? "; damaged blocks were passed over" : "");
    return kOk;
}

Result<int> backtest(const Context& context, const Arguments& arguments) {
    TRY(const auto spool, Spool::open_to_read(folder_of(context, arguments)));
    TRY(security::RuleSet set, security::load_rules({Path(arguments.one("rules"))}));
    for (const std::string& one : set.problems) std::fprintf(stderr, "%s\n", one.c_str());
    if (set.rules.empty()) return fail(Code::invalid, "no rule is left to look with");
    TRY(const auto sources, security::LogSources::shipped());
    TRY(const auto program, security::SigmaProgram::compile(std::move(set.rules), sources));
    TRY(const SpoolQuery query, query_of(arguments));
    const security::LogOrigin given{arguments.one_or("category", ""), arguments.one_or("product", ""), arguments.one_or("service", "")};
    TRY(const auto origins, within(security::SourceOrigins::parse(context.settings.text("events_log_sources")), "events_log_sources"));
    struct Of {
        std::uint64_t count = 0;
        Instant first = Instant::max(), last = Instant::min();
        std::string example;
    };
    std::mutex mutex;
    std::map<std::uint32_t, Of> found;
    std::vector<Event> events(threads_of());
    std::vector<std::unique_ptr<security::SigmaProgram::Run>> runs;
    for (std::size_t i = 0; i < threads_of(); ++i) runs.push_back(std::make_unique<security::SigmaProgram::Run>(*program));
    TRY(const SpoolCounts counts, spool->search(query, threads_of(), [&](std::size_t thread, const SpoolRecord& record) {
        Event& event = events[thread];
        event.clear();
        if (!security::parse_record(record, event)) return;
        for (const std::uint32_t rule : runs[thread]->matches(event, security::origin_of(event, record.format, given.is_unknown() ? origins.of(record.source, event) : given))) {
            const std::lock_guard lock(mutex);
            Of& of = found[rule];
            if (of.count++ == 0) of.example = record.line;
            of.first = std::min(of.first, record.at);
            of.last = std::max(of.last, record.at);
        }
    }));
    json::array all;
    for (const auto& [rule, of] : found) {
        const auto& m = program->rule(rule).metadata;
        if (!context.json) context.print(format("{:>9}  {}  (first {}, last {})\n           {}", of.count, m.title, format_instant(of.first), format_instant(of.last), shown(of.example.substr(0, 300))));
        all.push_back(json::object{{"rule", m.id}, {"title", m.title}, {"count", of.count}, {"first", format_instant(of.first)}, {"last", format_instant(of.last)}, {"example", of.example}});
    }
    if (context.json) context.print(json::value(std::move(all)));
    std::fprintf(stderr, "%zu of %zu rules would have found something in %llu events\n", found.size(), program->size(), static_cast<unsigned long long>(counts.records));
    return kOk;
}

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
    TRY(const auto names, names_of(arguments));
    Event event;
    std::uint64_t count = 0;
    // One thread: lines come in the order in which they were stored.
    TRY_DO(spool->search(query, 1, [&](std::size_t, const SpoolRecord& record) {
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
        {"security collect", "keep the events of logs: JSON lines, syslog, web servers, Linux audit, Zeek; .gz, .zst, .xz and .bz2 are unpacked", "madang security collect /var/log/nginx/access.log.2.gz",
         {{"file", Kind::positional_many, true, "logs"}, folder}, collect},
        {"security hunt", "what kept events fit an expression of FEEL, with a histogram of when", "madang security hunt 'EventID = 4688 and contains(CommandLine, \"-enc\")' --from 2026-11-01T00:00:00Z",
         {{"expression", Kind::positional, true, "over the fields of an event, by the source's names or those of ECS; a name with - or . stands between ` signs"}, from, until, contains,
          {"--limit", Kind::option, false, "rows that are shown (default: 1000)"},
          {"--svg", Kind::option, false, "write the histogram to this file"}, ecs, folder}, hunt},
        {"security backtest", "what rules would have found in the events that were kept", "madang security backtest --rules new_rule.yml --product windows",
         {{"--rules", Kind::option, true, "a file, a folder or a zip archive of Sigma rules"}, from, until,
          {"--category", Kind::option, false, "what is known of the events, as rules call it"},
          {"--product", Kind::option, false, "likewise"},
          {"--service", Kind::option, false, "likewise"}, folder}, backtest},
        {"security spool list", "the segments in which events are kept", "madang security spool list --json", {folder}, spool_list},
        {"security spool export", "kept events as they came, one a line", "madang security spool export --from 2026-11-24T00:00:00Z > events.jsonl",
         {from, until, contains, {"--as-ecs", Kind::flag, false, "each as a JSON document of the Elastic Common Schema"}, ecs, folder}, spool_export},
    };
}

}  // namespace madang::cli
