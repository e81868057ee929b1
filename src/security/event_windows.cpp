// Windows events as fields: what their elements and attributes are called in rules.
#include <span>
#include <string>
#include <vector>

#include "security/event.h"

namespace madang::security {
namespace {

bool is_name_space(std::string_view attribute) {
    return attribute == "@xmlns" || attribute.starts_with("@xmlns:");
}

// Values of an array are fields of one name; pieces of a text are one value.
bool add_pieces(std::span<const EvtxItem> pieces, std::string_view name, Event& event) {
    if (pieces.size() == 1 && pieces[0].value.array) {
        bool whole = true;
        for (const EvtxValue& element : elements_of(pieces[0].value)) {
            whole &= event.add_written(name, [&element](std::string& text) { append_text(element, text); });
        }
        return whole;
    }
    return event.add_written(name, [pieces](std::string& text) {
        for (const EvtxItem& piece : pieces) append_text(piece.value, text);
    });
}

// Whether the element at `index` has a text, an attribute or an element within.
bool has_content(const EvtxPaths& paths, std::span<const EvtxItem> items, std::size_t index) {
    if (index + 1 == items.size()) return false;
    const EvtxItem& next = items[index + 1];
    return (next.part == EvtxPart::text ? next.path : paths.parent(next.path)) == items[index].path;
}

}  // namespace

std::string windows_field_name(const std::vector<std::string_view>& place) {
    if (place.size() < 3 || place[0] != "Event" || is_name_space(place.back())) return {};
    const bool attribute = place.back().starts_with('@');
    const std::string_view last = attribute ? place.back().substr(1) : place.back();
    const std::string_view around = place[place.size() - 2];
    // <System> is flat but for attributes; so is <RenderingInfo>, some of whose elements are called like those.
    if (place[1] == "RenderingInfo" && last != "Message") return "RenderingInfo_" + std::string(last);
    if (attribute) return std::string(around) + "_" + std::string(last);
    // In <EventData> the names of the data; in <UserData> the innermost, as publishers nest them at will.
    return std::string(last);
}

const std::string& EvtxEvents::field_of(const EvtxPaths& paths, std::uint32_t path) {
    if (path >= fields_.size()) fields_.resize(paths.size());
    Field& field = fields_[path];
    if (field.known) return field.name;
    std::vector<std::string> spelled;
    for (std::uint32_t at = path; at != EvtxPaths::kRoot; at = paths.parent(at)) {
        const std::string_view mark = paths.place(at) == EvtxPlace::attribute ? "@" : "";
        spelled.insert(spelled.begin(), std::string(mark) + std::string(paths.name(at)));
    }
    field = {true, windows_field_name({spelled.begin(), spelled.end()})};
    return field.name;
}

bool EvtxEvents::fill(const EvtxPaths& paths, const EvtxRecord& record, Event& event) {
    event.clear();
    bool whole = true;
    for (std::size_t i = 0; i < record.items.size(); ++i) {
        const EvtxItem& item = record.items[i];
        const bool element = item.part == EvtxPart::element;
        if (element && has_content(paths, record.items, i)) continue;
        const std::string& name = field_of(paths, item.path);
        if (name.empty()) continue;
        if (element) {
            whole &= event.add(name, {}, Event::Value::null);
            continue;
        }
        std::size_t end = i + 1;
        while (end < record.items.size() && record.items[end].part == item.part && record.items[end].path == item.path) ++end;
        whole &= add_pieces(record.items.subspan(i, end - i), name, event);
        i = end - 1;
    }
    return whole;
}

}  // namespace madang::security
