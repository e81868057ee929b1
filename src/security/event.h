// An event as rules see it: a flat list of fields with the names that the source gives them (CommandLine, EventID,
// alert.signature). A field may stand there several times; a rule looks at each.
//
//   Event event;
//   event.add("Image", "C:\\a.exe");
//   for (const EventField& field : event.fields()) use(field.name, field.value);
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "security/evtx_record.h"

namespace madang::security {

inline constexpr std::size_t kMaxEventFields = 8192;
inline constexpr std::size_t kMaxEventBytes = 8U << 20;     // of names and values together
inline constexpr std::size_t kMaxEventFieldName = 1024;

struct EventField {
    std::string_view name;
    std::string_view value;  // UTF-8; numbers and truth values as they were written
    bool null = false;       // the field is there and says nothing
    bool number = false;     // the source wrote a number and no text, as JSON tells them apart
};

// One buffer for all texts, kept from event to event: filling the next one costs no memory.
class Event {
public:
    enum class Value : std::uint8_t { text, null, number };

    // Forgets all fields. Views of them end here.
    void clear();

    // False, and nothing added, where the event would pass a limit.
    bool add(std::string_view name, std::string_view value, Value kind = Value::text);
    // The same with a value that `write` appends to the buffer it is given.
    template <class Write>
    bool add_written(std::string_view name, const Write& write) {
        if (!begin(name)) return false;
        write(texts_);
        return finish(Value::text);
    }

    // The whole message, for keywords, where the fields are only parts of it ("" where they say all).
    void set_line(std::string_view line) { line_ = line; }
    std::string_view line() const { return line_; }

    std::size_t size() const { return places_.size(); }
    bool empty() const { return places_.empty(); }
    EventField at(std::size_t index) const;
    // The first field of that name, spelled exactly so.
    std::optional<EventField> find(std::string_view name) const;
    std::vector<EventField> fields() const;

private:
    struct Place {
        std::size_t name = 0;
        std::size_t value = 0;
        std::size_t end = 0;
        Value kind = Value::text;
    };
    bool begin(std::string_view name);
    bool finish(Value kind);

    std::string texts_, line_;
    std::vector<Place> places_;
};

// Names the fields of Windows events as rules do:
//   Event/System/EventID -> EventID, Event/System/Provider@Name -> Provider_Name,
//   Event/EventData/Image -> Image, Event/UserData/LogFileCleared/SubjectUserName -> SubjectUserName,
//   Event/RenderingInfo/Level -> RenderingInfo_Level; name spaces are left out.
// An element without any content is a null field. One instance serves one EvtxReader.
class EvtxEvents {
public:
    // Makes `event` hold the record. False where it has more fields than an event may; the first of them are there.
    bool fill(const EvtxPaths& paths, const EvtxRecord& record, Event& event);

private:
    const std::string& field_of(const EvtxPaths& paths, std::uint32_t path);

    struct Field {
        bool known = false;
        std::string name;  // "" for what is no field
    };
    std::vector<Field> fields_;  // by path
};

// The same name for a place that is spelled out: {"Event", "System", "Provider", "@Name"}; "" for what is no field.
std::string windows_field_name(const std::vector<std::string_view>& place);

}  // namespace madang::security
