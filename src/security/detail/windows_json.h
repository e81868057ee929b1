// Windows events as their carriers spell them in JSON: the tree of the XML (evtx_dump, Velociraptor, OpenWEC, xmltodict),
// winlogbeat and Wazuh. Each place there gets the name that a record of the log itself gives it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "security/event.h"

namespace madang::security {

// Whose tree the value with this dotted name stands in. Members called as parts of the XML are such parts without an
// "Event" around them only where `bare_event` says that the whole object is one.
enum class WindowsShape { none, event, bare_event, winlogbeat, wazuh };
// A name as "_source.winlog.channel", of an Elasticsearch answer, is of the same shape as "winlog.channel".
std::string_view without_envelope(std::string_view dotted);
WindowsShape shape_of(std::string_view dotted);

// What rules call the place; "" for what is no field. `parts` are the members' names of an Event from the outermost on.
std::string event_field_name(std::span<const std::string_view> parts);
std::string winlogbeat_field_name(std::string_view dotted);
std::string wazuh_field_name(std::string_view dotted);

// Wazuh doubles each backslash of a value: one whose backslashes all stand in pairs has half of them.
std::string wazuh_value(std::string_view text);

// One <Data> that is an object: {"@Name": "Image", "#text": "x"} is Image=x, {"#text": ["a", "b"]} is Data=a and Data=b.
// `members` is that object read as an event. False where `event` would pass a limit.
bool add_data_element(const Event& members, Event& event);

// Shippers that write a flat event and call what <System> holds by names of their own, NXLog and Fluent Bit: what rules ask for
// stands beside them. False where `event` would pass a limit.
bool add_names_of_system(Event& event);

}  // namespace madang::security
