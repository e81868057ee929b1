// Logs put into the kept events. A file that cannot be read is told and passed over; one whose events find no room ends the run.
#include <filesystem>

#include "base/text.h"
#include "base/unpack.h"
#include "cli/command.h"
#include "cli/spool_commands.h"
#include "cli/spool_options.h"
#include "security/detector.h"
#include "security/ecs_names.h"
#include "security/event_time.h"
#include "security/evtx.h"
#include "security/spool.h"
#include "security/text_decoder.h"

namespace madang::cli {
namespace {

using security::Event;
using security::LineFormat;
using security::LogForm;
using security::Spool;
using security::SpoolRecord;

constexpr std::size_t kBatch = 2000;          // lines
constexpr std::size_t kMaxLine = 1U << 20;
constexpr std::size_t kStart = 4096;          // bytes that tell what a log is
constexpr std::size_t kMaxPackedEvtx = std::size_t{1} << 30;

LineFormat format_of(LogForm form) {
    switch (form) {
        case LogForm::audit: return LineFormat::audit;
        case LogForm::web_access: return LineFormat::web_access;
        case LogForm::web_error: return LineFormat::web_error;
        case LogForm::syslog: return LineFormat::syslog;
        case LogForm::zeek: return LineFormat::zeek;
        default: return LineFormat::json;
    }
}

// Lines as they come, put in by batches.
class Collector {
public:
    Collector(Spool& spool, std::string source, LineFormat format, Instant now, const security::EventTimes& times, security::TimeHints hints) : spool_(spool), source_(std::move(source)), format_(format), now_(now), times_(times), hints_(hints) {}

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
    // A line that is made, not read.
    Result<void> add(std::string line) {
        lines_.push_back(std::move(line));
        return lines_.size() == kBatch ? flush() : Result<void>();
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
            return add(json::serialize(security::as_json(event)));
        }
        return lines_.size() == kBatch ? flush() : Result<void>();
    }
    Result<void> flush() {
        std::vector<SpoolRecord> records;
        Event event;
        for (const std::string& line : lines_) {
            SpoolRecord record{now_, format_ == LineFormat::zeek ? LineFormat::json : format_, source_, line};
            event.clear();
            if (security::parse_record(record, event)) record.at = times_.time_of(event, hints_).value_or(now_);
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
    const security::EventTimes& times_;
    security::TimeHints hints_;
    security::ZeekTable zeek_;
    std::string begun_;
    std::vector<std::string> lines_;
    std::uint64_t stored_ = 0, refused_ = 0;
};

struct Collected {
    std::uint64_t stored = 0, refused = 0, damaged = 0;
    std::string problem;     // of a log that could not be read to its end
};

// Records of an EVTX file as JSON lines, with the names that rules use.
Result<void> collect_evtx(std::string_view bytes, Collector& collector, Collected& of) {
    auto log = security::EvtxReader::open(bytes);
    if (!log) {
        of.problem = log.error().message;
        return {};
    }
    security::EvtxEvents events;
    Event event;
    while (const security::EvtxRecord* record = log->next()) {
        if (!events.fill(log->paths(), *record, event)) ++of.damaged;   // the first fields are there
        TRY_DO(collector.add(json::serialize(security::as_json(event))));
    }
    of.damaged += log->counts().damaged_records;
    return {};
}

// Pieces of a packed file until `use` fails; what it fails with is the run's failure, damage is the file's.
Result<void> unpack_into(std::string_view bytes, Collected& of, const std::function<Result<void>(std::string_view)>& use) {
    Result<void> used;
    const auto unpacked = unpack(bytes, {}, [&](std::string_view piece) {
        used = use(piece);
        return used.has_value();
    });
    if (used && !unpacked) of.problem = unpacked.error().message;
    return used;
}

// Fails only where events cannot be kept.
Result<Collected> collect_file(Spool& spool, const Path& path, Instant now, std::chrono::minutes zone, const security::EventTimes& times) {
    Collected of;
    std::error_code problem;
    if (std::filesystem::is_regular_file(path, problem) && std::filesystem::file_size(path, problem) == 0) return of;
    const auto file = security::EvtxFile::open(path);
    if (!file) {
        of.problem = file.error().message;
        return of;
    }
    const std::string_view bytes = file->bytes();
    const bool packed = is_packed(bytes.substr(0, 8));
    std::string start(bytes.substr(0, kStart));
    if (packed) {
        start.clear();
        (void)unpack(bytes, {}, [&](std::string_view piece) {
            start += piece.substr(0, kStart);
            return start.size() < kStart;
        }).has_value();   // what is damaged is told below
    }
    const LogForm form = security::form_of(start);
    const bool evtx = form == LogForm::evtx;
    if (const auto text = evtx ? Result<void>() : security::check_is_text(start); !text) {
        of.problem = text.error().message;
        return of;
    }
    Collector collector(spool, path.filename().string().substr(0, 255), format_of(form), now, times, hints_of(path, form == LogForm::syslog ? zone : std::chrono::minutes(0), times));
    if (evtx && packed) {
        std::string whole;
        TRY_DO(unpack_into(bytes, of, [&](std::string_view piece) {
            if (whole.size() + piece.size() > kMaxPackedEvtx) return Result<void>(fail(Code::exhausted, format("{}: a packed EVTX file has at most {} bytes", path.string(), kMaxPackedEvtx)));
            whole += piece;
            return Result<void>();
        }));
        TRY_DO(collect_evtx(whole, collector, of));
    } else if (evtx) {
        TRY_DO(collect_evtx(bytes, collector, of));
    } else if (packed) {
        TRY_DO(unpack_into(bytes, of, [&](std::string_view piece) { return collector.feed(piece); }));
    } else {
        TRY_DO(collector.feed(bytes));
    }
    TRY_DO(collector.finish());
    of.stored = collector.stored();
    of.refused = collector.refused();
    return of;
}

void tell_gone(const Context& context, const security::SpoolGone& gone) {
    if (gone.segments == 0) return;
    std::fprintf(stderr, "%llu segments with %llu events taken away: events_days is %lld, events_gigabytes %lld\n", static_cast<unsigned long long>(gone.segments), static_cast<unsigned long long>(gone.records),
                 static_cast<long long>(context.settings.number("events_days")), static_cast<long long>(context.settings.number("events_gigabytes")));
    if (gone.unread > 0) std::fprintf(stderr, "%llu of them were not looked at by rules: they were more than events_unread_gigabytes beyond that\n", static_cast<unsigned long long>(gone.unread));
}

}  // namespace

Result<int> collect_events(const Context& context, const Arguments& arguments) {
    TRY(const std::chrono::minutes zone, zone_of(context));
    TRY(const security::EventTimes times, times_of(context));
    TRY(const auto files, logs_of(arguments));
    auto opened = Spool::open(folder_of(context, arguments), kept_by(context));
    if (!opened && opened.error().code == Code::conflict) {
        return fail(Code::conflict, opened.error().message + " (the portal, while it takes events in): send the logs to it, POST /api/v1/events or syslog, or keep them apart with --spool FOLDER");
    }
    TRY(const auto spool, std::move(opened));
    Collected all;
    std::uint64_t unread = 0;
    Progress progress = context.progress("Collecting", "files", files.size());
    std::uint64_t done = 0;
    for (const Path& file : files) {
        TRY(const Collected one, collect_file(*spool, file, context.clock.now(), zone, times));
        all.stored += one.stored;
        all.refused += one.refused;
        all.damaged += one.damaged;
        if (one.damaged > 0) std::fprintf(stderr, "%s: %llu damaged records passed over\n", shown(file.string()).c_str(), static_cast<unsigned long long>(one.damaged));
        if (!one.problem.empty()) {
            ++unread;
            std::fprintf(stderr, "%s: %s; %llu events before it are kept\n", shown(file.string()).c_str(), shown(one.problem).c_str(), static_cast<unsigned long long>(one.stored));
        }
        progress.at(++done, files.size());
    }
    TRY(const security::SpoolPlace watched, watched_in(context, folder_of(context, arguments)));
    TRY(const security::SpoolGone gone, spool->retain(context.clock.now(), watched));
    tell_damage(spool->damaged_blocks());
    tell_gone(context, gone);
    if (context.json) {
        context.print(json::value{{"stored", all.stored}, {"refused", all.refused}, {"damaged", all.damaged}, {"files_not_read", unread}, {"segments_taken_away", gone.segments}, {"events_taken_away", gone.records}, {"unread_taken_away", gone.unread}});
    } else {
        context.print(format("{} events stored, {} refused because they are longer than {} bytes or do not fit the head of their table", all.stored, all.refused, kMaxLine));
        if (unread > 0) context.print(format("{} of {} files could not be read to their end", unread, files.size()));
    }
    return unread == 0 ? kOk : kCheckFailed;
}

}  // namespace madang::cli
