// Which log an event is from, by its form and the fields that only this log has.
#include <algorithm>

#include "security/detector.h"

namespace madang::security {
namespace {

bool holds(const Event& event, std::string_view field, std::string_view text) {
    const auto found = event.find(field);
    return found && found->value.find(text) != std::string_view::npos;
}

// "%SYS-5-CONFIG_I: …", which Cisco's devices put before each message.
bool has_cisco_mark(std::string_view line) {
    const auto is_word = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; };
    for (std::size_t at = line.find('%'); at != std::string_view::npos; at = line.find('%', at + 1)) {
        std::string_view rest = line.substr(at + 1);
        const std::size_t facility = static_cast<std::size_t>(std::ranges::find_if_not(rest, is_word) - rest.begin());
        if (facility == 0 || rest.size() < facility + 4 || rest[facility] != '-' || rest[facility + 1] < '0' || rest[facility + 1] > '7' || rest[facility + 2] != '-') continue;
        rest.remove_prefix(facility + 3);
        const std::size_t name = static_cast<std::size_t>(std::ranges::find_if_not(rest, is_word) - rest.begin());
        if (name > 0 && name < rest.size() && rest[name] == ':') return true;
    }
    return false;
}

// Programs whose messages rules know as a log of their own.
std::string_view service_of(std::string_view program) {
    constexpr std::pair<std::string_view, std::string_view> known[] = {{"nginx", "nginx"}, {"apache", "apache"}, {"apache2", "apache"}, {"httpd", "apache"}};
    const auto* const found = std::ranges::find(known, program, &std::pair<std::string_view, std::string_view>::first);
    return found == std::end(known) ? std::string_view() : found->second;
}

LogOrigin origin_of_syslog(const Event& event, LogOrigin origin) {
    if (origin.product.empty()) origin.product = has_cisco_mark(event.line()) ? "cisco" : "linux";
    if (!origin.service.empty() || !origin.category.empty()) return origin;
    if (const auto program = event.find("app_name")) origin.service = service_of(program->value);
    return origin;
}

LogOrigin origin_of_json(const Event& event) {
    if (event.find("EventID") && (event.find("Channel") || event.find("Provider_Name"))) {
        const bool linux = holds(event, "Channel", "Linux-Sysmon") || holds(event, "Provider_Name", "Linux-Sysmon");
        return {.category = {}, .product = linux ? "linux" : "windows", .service = {}};
    }
    if (const auto path = event.find("_path")) return {.category = {}, .product = "zeek", .service = std::string(path->value)};
    if (event.find("event_type") && event.find("flow_id")) return {.category = {}, .product = "suricata", .service = {}};
    if (event.find("eventName") && holds(event, "eventSource", ".amazonaws.com")) return {.category = {}, .product = "aws", .service = "cloudtrail"};
    if (holds(event, "apiVersion", "audit.k8s.io/")) return {.category = {}, .product = "kubernetes", .service = {}};
    if (holds(event, "logName", "cloudaudit.googleapis.com")) return {.category = {}, .product = "gcp", .service = {}};
    return {};
}

}  // namespace

LogOrigin origin_of(const Event& event, LineFormat format, const LogOrigin& given) {
    LogOrigin origin = given;
    switch (format) {
        case LineFormat::audit:
            if (origin.product.empty()) origin.product = "linux";
            if (origin.service.empty() && origin.category.empty()) origin.service = "auditd";
            return origin;
        case LineFormat::web_access:
            if (origin.category.empty()) origin.category = "webserver";
            return origin;
        case LineFormat::web_error:
            if (origin.category.empty()) origin.category = "webserver";
            if (origin.service.empty() && origin.product.empty()) origin.service = event.line().starts_with('[') ? "apache" : "nginx";
            return origin;
        case LineFormat::syslog: return origin_of_syslog(event, std::move(origin));
        case LineFormat::json:
        case LineFormat::zeek: return given.is_unknown() ? origin_of_json(event) : origin;
    }
    return origin;
}

}  // namespace madang::security
