#include "security/detail/windows_json.h"

#include <algorithm>
#include <array>
#include <utility>

namespace madang::security {
namespace {

using NamePair = std::pair<std::string_view, std::string_view>;

// The parts of a Windows event (Event schema, EventType).
constexpr std::string_view kParts[] = {"System", "EventData", "UserData", "RenderingInfo", "DebugData", "BinaryEventData", "ProcessingErrorData"};

// How JSON spells the text of an element that has attributes too.
constexpr std::string_view kTextNames[] = {"#text", "text", "content", "$", "$t", "_", "Value", "value"};
// How it spells the attribute Name of a <Data>.
constexpr std::string_view kNameNames[] = {"#attributes.Name", "@Name", "-Name", "$.Name", "_Name", "Name", "name"};

std::optional<std::string_view> partner(std::span<const NamePair> names, std::string_view theirs) {
    const auto found = std::ranges::find(names, theirs, &NamePair::first);
    return found == names.end() ? std::nullopt : std::optional(found->second);
}

bool is_one_of(std::span<const std::string_view> names, std::string_view name) { return std::ranges::find(names, name) != names.end(); }

bool is_part_of_event(std::string_view dotted) {
    return std::ranges::any_of(kParts, [dotted](std::string_view part) { return dotted.starts_with(part) && (dotted.size() == part.size() || dotted[part.size()] == '.'); });
}

// <System> has no element within an element: what stands in one is its attribute, or its text.
std::string name_in_system(std::span<const std::string_view> parts) {
    constexpr NamePair flat[] = {{"TimeCreated", "TimeCreated_SystemTime"}, {"UserID", "Security_UserID"}, {"EventIDQualifiers", "EventID_Qualifiers"}};
    const std::string_view last = parts.back();
    if (parts.size() == 3) return std::string(partner(flat, last).value_or(last));
    std::string name(parts[2]);
    const bool attribute_mark = last.starts_with('@') || last.starts_with('-');
    return is_one_of(kTextNames, last) ? name : name + "_" + std::string(last.substr(attribute_mark ? 1 : 0));
}

}  // namespace

std::string_view without_envelope(std::string_view dotted) {
    constexpr std::string_view source = "_source.";
    return dotted.starts_with(source) ? dotted.substr(source.size()) : dotted;
}

// Asked for each value of each event: the first letter settles nearly all.
WindowsShape shape_of(std::string_view dotted) {
    dotted = without_envelope(dotted);
    switch (dotted.empty() ? '\0' : dotted.front()) {
        case 'E':
            if (dotted.starts_with("Event.")) return is_part_of_event(dotted.substr(6)) || dotted.starts_with("Event.@xmlns") ? WindowsShape::event : WindowsShape::none;
            [[fallthrough]];
        case 'S':
        case 'U':
        case 'R':
        case 'D':
        case 'B':
        case 'P': return is_part_of_event(dotted) ? WindowsShape::bare_event : WindowsShape::none;
        case 'w':
            if (dotted.starts_with("winlog.")) return WindowsShape::winlogbeat;
            return dotted.starts_with("win.system.") || dotted.starts_with("win.eventdata.") ? WindowsShape::wazuh : WindowsShape::none;
        case 'd': return dotted.starts_with("data.win.system.") || dotted.starts_with("data.win.eventdata.") ? WindowsShape::wazuh : WindowsShape::none;
        default: return WindowsShape::none;
    }
}

std::string event_field_name(std::span<const std::string_view> parts) {
    std::vector<std::string> spelled;
    std::vector<std::string_view> plain;   // those that are elements or attributes
    bool attribute = false;
    for (const std::string_view part : parts) {
        if (part == "#attributes") {
            attribute = true;
        } else if (part != "#text") {
            spelled.push_back((attribute ? "@" : "") + std::string(part));
            plain.push_back(part);
        }
    }
    const std::vector<std::string_view> place(spelled.begin(), spelled.end());
    if (place.size() < 3 || place.back().starts_with("@xmlns")) return {};
    return place[1] == "System" ? name_in_system(plain) : windows_field_name(place);
}

std::string winlogbeat_field_name(std::string_view dotted) {
    constexpr std::string_view data = "winlog.event_data.";
    constexpr std::string_view user = "winlog.user_data.";
    constexpr NamePair names[] = {{"winlog.event_id", "EventID"}, {"winlog.channel", "Channel"}, {"winlog.provider_name", "Provider_Name"},
                                  {"winlog.provider_guid", "Provider_Guid"}, {"winlog.computer_name", "Computer"}, {"winlog.record_id", "EventRecordID"},
                                  {"winlog.process.pid", "Execution_ProcessID"}, {"winlog.process.thread.id", "Execution_ThreadID"},
                                  {"winlog.user.identifier", "Security_UserID"}, {"winlog.version", "Version"},
                                  {"winlog.activity_id", "Correlation_ActivityID"}, {"winlog.related_activity_id", "Correlation_RelatedActivityID"}};
    if (dotted.starts_with(data)) return std::string(dotted.substr(data.size()));
    if (dotted.starts_with(user)) return std::string(dotted.substr(user.size()));
    return std::string(partner(names, dotted).value_or(dotted));
}

std::string wazuh_field_name(std::string_view dotted) {
    constexpr NamePair names[] = {{"providerName", "Provider_Name"}, {"providerGuid", "Provider_Guid"}, {"eventID", "EventID"}, {"version", "Version"},
                                  {"level", "Level"}, {"task", "Task"}, {"opcode", "Opcode"}, {"keywords", "Keywords"},
                                  {"systemTime", "TimeCreated_SystemTime"}, {"eventRecordID", "EventRecordID"}, {"processID", "Execution_ProcessID"},
                                  {"threadID", "Execution_ThreadID"}, {"channel", "Channel"}, {"computer", "Computer"}, {"message", "Message"}};
    const std::string_view within = dotted.starts_with("data.") ? dotted.substr(5) : dotted;
    constexpr std::string_view system = "win.system.";
    constexpr std::string_view data = "win.eventdata.";
    if (within.starts_with(system)) return std::string(partner(names, within.substr(system.size())).value_or(dotted));
    std::string name(within.substr(data.size()));
    // Wazuh writes the first letter small. What is counted, param1, is small in the log itself.
    const bool counted = name.starts_with("param") && name.size() > 5 && name.find_first_not_of("0123456789", 5) == std::string::npos;
    if (!counted && !name.empty() && name.front() >= 'a' && name.front() <= 'z') name.front() = static_cast<char>(name.front() - 'a' + 'A');
    return name;
}

std::string wazuh_value(std::string_view text) {
    std::string halved;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\\') {
            if (at + 1 == text.size() || text[at + 1] != '\\') return std::string(text);
            ++at;
        }
        halved.push_back(text[at]);
    }
    return halved;
}

bool add_data_element(const Event& members, Event& event) {
    std::vector<EventField> names;
    std::vector<EventField> texts;
    std::vector<EventField> others;
    const std::vector<EventField> all = members.fields();
    const bool named = std::ranges::any_of(all, [](const EventField& field) { return is_one_of(kNameNames, field.name) && !field.null && !field.value.empty(); });
    for (const EventField& field : all) {
        if (named && is_one_of(kNameNames, field.name)) names.push_back(field);
        else if (field.name == "#text" || (named && is_one_of(kTextNames, field.name))) texts.push_back(field);
        else others.push_back(field);
    }
    if (named && texts.empty()) texts.push_back({{}, {}, true});
    bool whole = true;
    const auto add = [&](std::string_view name, const EventField& field) { whole &= event.add(name, field.value, field.null ? Event::Value::null : field.number ? Event::Value::number : Event::Value::text); };
    for (const EventField& text : texts) {
        for (const EventField& name : names) add(name.value, text);
        if (!named) add("Data", text);
    }
    // What else stands there is no part of the XML; its own names are all that is known of it.
    for (const EventField& other : others) add(other.name, other);
    return whole;
}

bool add_names_of_system(Event& event) {
    constexpr NamePair names[] = {{"SourceName", "Provider_Name"}, {"ProviderName", "Provider_Name"}, {"ProviderGuid", "Provider_Guid"}, {"Hostname", "Computer"},
                                  {"RecordNumber", "EventRecordID"}, {"ProcessID", "Execution_ProcessID"}, {"ThreadID", "Execution_ThreadID"}};
    if (!event.find("EventID") || !event.find("Channel")) return true;
    bool whole = true;
    for (const auto& [theirs, ours] : names) {
        if (event.find(ours)) continue;
        const auto field = event.find(theirs);
        if (!field || field->null) continue;
        // A copy: what is added may move the texts of the event.
        const std::string value(field->value);
        whole &= event.add(ours, value);
    }
    return whole;
}

}  // namespace madang::security
