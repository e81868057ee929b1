#include "cli/spool_options.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "base/text.h"
#include "security/event_lines.h"
#include "security/event_time.h"

namespace madang::cli {
namespace {

Result<std::optional<Instant>> moment_of(const Arguments& arguments, std::string_view name) {
    if (!arguments.has(name)) return std::optional<Instant>();
    const auto at = security::parse_event_time(arguments.one(name));
    if (!at) return fail(Code::invalid, format("--{}: a moment, as 2026-11-24T10:00:00Z", name));
    return std::optional(*at);
}

}  // namespace

Path place_of_rules(const Path& house) { return house / "detections" / "place"; }

Path folder_of(const Context& context, const Arguments& arguments) {
    return Path(arguments.one_or("spool", (Path(context.settings.text("data")) / "events").string()));
}

std::vector<Path> paths_of(const Arguments& arguments, std::string_view name) {
    std::vector<Path> paths;
    for (const std::string& one : arguments.all(name)) paths.emplace_back(one);
    return paths;
}

security::SpoolSettings kept_by(const Context& context) {
    security::SpoolSettings kept;
    kept.keep_for = std::chrono::hours(24 * context.settings.number("events_days"));
    kept.keep_bytes = static_cast<std::uint64_t>(context.settings.number("events_gigabytes")) << 30U;
    kept.keep_unread_bytes = static_cast<std::uint64_t>(context.settings.number("events_unread_gigabytes")) << 30U;
    return kept;
}

Result<security::SpoolPlace> watched_in(const Context& context, const Path& folder) {
    const Path house = context.settings.text("data");
    const Path place = place_of_rules(house);
    std::error_code problem;
    const bool watched = std::ranges::any_of(kWatching, [&](const char* name) { return !context.settings.text(name).empty(); });
    if (!watched || !std::filesystem::equivalent(folder, house / "events", problem) || !std::filesystem::exists(place, problem)) return security::kEndOfSpool;
    TRY(const std::string text, read_file(place));
    return within(security::parse_place(trim(text)), place.string());
}

Result<std::chrono::minutes> zone_of(const Context& context) {
    const auto zone = security::parse_zone(context.settings.text("events_zone"));
    if (!zone) return fail(Code::invalid, "events_zone: hours and minutes east of UTC, as +03:00");
    return *zone;
}

security::TimeHints hints_of(const Path& file, std::chrono::minutes zone, const security::EventTimes& times) {
    struct stat about{};
    if (::stat(file.c_str(), &about) != 0) return {.near = {}, .east = zone, .zone = times.zone_of(file.string())};
    return {.near = Instant(std::chrono::seconds(about.st_mtim.tv_sec)), .east = zone, .zone = times.zone_of(file.string())};
}

Result<security::SpoolQuery> query_of(const Arguments& arguments) {
    security::SpoolQuery query;
    TRY(const auto from, moment_of(arguments, "from"));
    TRY(const auto until, moment_of(arguments, "until"));
    if (from) query.from = *from;
    if (until) query.until = *until;
    if (arguments.has("contains")) query.contains = arguments.all("contains");
    return query;
}

Result<security::LogSources> places_of(const Path& file) {
    if (file.empty()) return security::LogSources::shipped();
    TRY(const std::string text, read_file(file));
    return security::LogSources::read(text, file.string());
}

Result<security::EcsNames> ecs_of(const Path& file) {
    if (file.empty()) return security::EcsNames::shipped();
    TRY(const std::string text, read_file(file));
    return security::EcsNames::read(text, file.string());
}

Result<security::LogSources> sources_of(const Context& context, const Arguments& arguments) { return places_of(arguments.one_or("log-sources", context.settings.text("events_log_places"))); }
Result<security::EcsNames> names_of(const Context& context, const Arguments& arguments) { return ecs_of(arguments.one_or("ecs", context.settings.text("events_ecs"))); }
Result<security::EventTimes> times_of(const Context& context) { return within(security::EventTimes::load(context.settings.text("events_times")), "events_times"); }

std::size_t threads_of() { return std::max(1U, std::thread::hardware_concurrency()); }

void tell_damage(std::uint64_t blocks) {
    if (blocks > 0) std::fprintf(stderr, "%llu damaged blocks of kept events are passed over\n", static_cast<unsigned long long>(blocks));
}

std::string shown(std::string_view line) {
    const std::string whole = is_utf8(line) ? std::string(line) : security::mended_utf8(line);
    std::string text;
    text.reserve(whole.size());
    for (std::size_t i = 0; i < whole.size(); ++i) {
        const auto byte = static_cast<unsigned char>(whole[i]);
        const auto next = static_cast<unsigned char>(i + 1 < whole.size() ? whole[i + 1] : 0);
        const auto third = static_cast<unsigned char>(i + 2 < whole.size() ? whole[i + 2] : 0);
        if (byte < 0x20U || byte == 0x7fU) {
            text += format("\\x{:02x}", byte);
        } else if (byte == 0xc2U && next < 0xa0U) {   // U+0080 to U+009F obey terminals too
            text += format("\\u{:04x}", next);
            ++i;
        } else if (byte == 0xe2U && ((next == 0x80U && third >= 0xaaU && third <= 0xaeU) || (next == 0x81U && third >= 0xa6U && third <= 0xa9U))) {   // the direction of what follows
            text += format("\\u{:04x}", 0x2000U | (next & 0x3fU) << 6U | (third & 0x3fU));
            i += 2;
        } else {
            text += whole[i];
        }
    }
    return text;
}

Result<std::vector<Path>> logs_of(const Arguments& arguments) {
    std::vector<Path> files;
    for (const Path& path : paths_of(arguments, "file")) {
        std::error_code problem;
        if (!std::filesystem::is_directory(path, problem)) {
            if (!std::filesystem::exists(path, problem)) return fail(Code::not_found, format("{} is not there", path.string()));
            files.push_back(path);
            continue;
        }
        for (std::filesystem::recursive_directory_iterator at(path, std::filesystem::directory_options::skip_permission_denied, problem), end; at != end; at.increment(problem)) {
            if (problem) return fail(Code::unavailable, format("{}: {}", path.string(), problem.message()));
            if (at->is_regular_file(problem) && !at->path().filename().string().starts_with('.')) files.push_back(at->path());
        }
    }
    std::ranges::sort(files);
    files.erase(std::ranges::unique(files).begin(), files.end());
    return files;
}

}  // namespace madang::cli
