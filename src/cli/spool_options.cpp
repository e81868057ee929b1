#include "cli/spool_options.h"

#include <algorithm>

#include "base/text.h"
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

Path folder_of(const Context& context, const Arguments& arguments) {
    return Path(arguments.one_or("spool", (Path(context.settings.text("data")) / "events").string()));
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

Result<security::EcsNames> names_of(const Arguments& arguments) {
    if (arguments.one_or("ecs", "").empty()) return security::EcsNames::shipped();
    TRY(const std::string text, read_file(arguments.one("ecs")));
    return security::EcsNames::read(text, arguments.one("ecs"));
}

std::string shown(std::string_view line) {
    std::string text;
    for (const char c : line) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20U || byte == 0x7fU) text += format("\\x{:02x}", byte);
        else text += c;
    }
    return text;
}

}  // namespace madang::cli
