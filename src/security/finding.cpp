#include "security/finding.h"

#include "base/text.h"
#include "base/time_text.h"
#include "security/event_lines.h"
#include "security/event_time.h"

namespace madang::security {
namespace {

Finding about(const SigmaMetadata& metadata) {
    Finding one;
    one.level = metadata.level;
    one.title = metadata.title;
    one.rule = metadata.id;
    one.author = metadata.author;
    one.licence = metadata.license;
    one.rule_file = metadata.file;
    one.tags = metadata.tags;
    return one;
}

// What cannot be read again was not told: whatever an event, a rule or a file's name holds, this is UTF-8.
Finding mended(Finding one) {
    const auto mend = [](std::string& text) {
        if (!is_utf8(text)) text = mended_utf8(text);
    };
    for (std::string* text : {&one.time, &one.title, &one.rule, &one.author, &one.licence, &one.rule_file, &one.file, &one.computer}) mend(*text);
    for (std::string& tag : one.tags) mend(tag);
    for (auto& [name, value] : one.fields) mend(name), mend(value);
    return one;
}

}  // namespace

std::string_view name_of(SigmaLevel level) {
    switch (level) {
        case SigmaLevel::critical: return "critical";
        case SigmaLevel::high: return "high";
        case SigmaLevel::medium: return "medium";
        case SigmaLevel::low: return "low";
        case SigmaLevel::informational: return "informational";
        case SigmaLevel::none: return "none";
    }
    return "none";
}

std::string_view name_of(SigmaStatus status) {
    switch (status) {
        case SigmaStatus::stable: return "stable";
        case SigmaStatus::test: return "test";
        case SigmaStatus::experimental: return "experimental";
        case SigmaStatus::deprecated: return "deprecated";
        case SigmaStatus::unsupported: return "unsupported";
        case SigmaStatus::none: break;
    }
    return "";
}

Result<SigmaLevel> parse_level(std::string_view name) {
    for (const SigmaLevel one : {SigmaLevel::none, SigmaLevel::informational, SigmaLevel::low, SigmaLevel::medium, SigmaLevel::high, SigmaLevel::critical}) {
        if (name_of(one) == name) return one;
    }
    return fail(Code::invalid, format("there is no level \"{}\"; there are informational, low, medium, high and critical", name));
}

json::object to_json(const Finding& given) {
    const Finding finding = mended(given);
    json::object fields(json::object{});
    for (const auto& [name, value] : finding.fields) {
        json::value& field = fields[name];
        if (field.is_null()) field = value;
        else if (field.is_array()) field.as_array().emplace_back(value);
        else field = json::array{std::move(field), value};
    }
    json::array tags;
    for (const std::string& tag : finding.tags) tags.emplace_back(tag);
    return {{"time", finding.time}, {"level", name_of(finding.level)}, {"title", finding.title}, {"rule", finding.rule}, {"author", finding.author}, {"licence", finding.licence},
            {"rule_file", finding.rule_file}, {"file", finding.file}, {"record", finding.record}, {"computer", finding.computer}, {"tags", std::move(tags)}, {"fields", std::move(fields)}};
}

std::string computer_of(const Event& event) {
    // Windows; ECS; syslog (RFC 5424 clause 6.2.4); Linux audit; Suricata and most JSON logs.
    for (const std::string_view name : {"Computer", "host.name", "hostname", "node", "host"}) {
        if (const auto computer = event.find(name); computer && !computer->null && !computer->value.empty()) return std::string(computer->value);
    }
    return {};
}

Finding finding_of(const SigmaRule& rule, const Event& event, std::span<const std::size_t> fields) {
    Finding one = about(rule.metadata);
    if (const auto at = time_of(event)) one.time = format_instant(*at);
    one.computer = computer_of(event);
    for (const std::size_t place : fields) {
        const EventField field = event.at(place);
        one.fields.emplace_back(field.name, field.null ? std::string_view() : field.value);
    }
    return one;
}

Finding finding_of(const SigmaCorrelator::Found& found, std::string events) {
    Finding one = about(found.rule.metadata);
    one.time = format_instant(found.last);
    one.fields = found.group;
    if (!found.value.empty()) one.fields.emplace_back("value", found.value);
    one.fields.emplace_back("number", format("{}", found.number));
    one.fields.emplace_back("first", format_instant(found.first));
    one.fields.emplace_back("events", std::move(events));
    return one;
}

}  // namespace madang::security
