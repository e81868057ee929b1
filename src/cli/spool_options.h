// What commands over kept events share: where they are, which of them, and how a line is shown.
#pragma once

#include <array>
#include <string>

#include "cli/command.h"
#include "security/ecs_names.h"
#include "security/event_times.h"
#include "security/log_sources.h"
#include "security/spool.h"

namespace madang::cli {

Path folder_of(const Context& context, const Arguments& arguments);     // --spool
security::SpoolSettings kept_by(const Context& context);                  // events_days, events_gigabytes, events_unread_gigabytes
// Settings that each make rules or judges watch what arrives.
inline constexpr std::array<const char*, 4> kWatching{"events_rules", "events_domains", "events_baselines", "events_models"};
Path place_of_rules(const Path& house);                                   // the file that says how far they are
// How far they are in these events; the end where nobody watches them.
Result<security::SpoolPlace> watched_in(const Context& context, const Path& folder);
Result<std::chrono::minutes> zone_of(const Context& context);                // events_zone
// What a log leaves open of its times: the year is about when it was written last, the zone of syslog is `zone` unless `times` (which outlives it) knows
// that of the file.
security::TimeHints hints_of(const Path& file, std::chrono::minutes zone, const security::EventTimes& times);
Result<security::SpoolQuery> query_of(const Arguments& arguments);      // --from, --until, --contains
// A file, or for an empty name the program's own.
Result<security::LogSources> places_of(const Path& file);
Result<security::EcsNames> ecs_of(const Path& file);
Result<security::LogSources> sources_of(const Context& context, const Arguments& arguments);    // --log-sources, events_log_places
Result<security::EcsNames> names_of(const Context& context, const Arguments& arguments);        // --ecs, events_ecs
Result<security::EventTimes> times_of(const Context& context);           // events_times
std::vector<Path> paths_of(const Arguments& arguments, std::string_view name);
std::size_t threads_of();
// On standard error, where there are some.
void tell_damage(std::uint64_t blocks);
// A log may hold what a terminal obeys.
std::string shown(std::string_view line);

// The arguments "file" and what stands in those that are folders, each once, by name; hidden files are passed over.
// Code::not_found for one that is not there.
Result<std::vector<Path>> logs_of(const Arguments& arguments);

}  // namespace madang::cli
