#include "security/detail/followed_places.h"

#include "base/bytes.h"
#include "base/json.h"
#include "base/text.h"

namespace madang::security {
namespace {

std::optional<std::uint64_t> count_in(const json::object& facts, std::string_view name) {
    const auto* value = facts.if_contains(name);
    if (value == nullptr || value->is_null()) return std::nullopt;
    if (const auto* large = value->if_uint64()) return *large;
    const auto* number = value->if_int64();
    return number == nullptr || *number < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(*number));
}

}  // namespace

Result<FollowedPlaces> parse_followed_places(std::string_view text) {
    const auto bad = fail(Code::corrupted, "it does not say how far files were read");
    const auto state = parse_json(text);
    if (!state || !state->is_object()) return bad;
    FollowedPlaces places;
    for (const auto& [path, known] : state->as_object()) {
        const auto* facts = known.if_object();
        if (facts == nullptr) return bad;
        const auto node = count_in(*facts, "node");
        const auto offset = count_in(*facts, "offset");
        const auto head = parse_hex(string_or(*facts, "head", "-"));
        const auto tail = parse_hex(string_or(*facts, "tail", ""));
        if (!node || !offset || !head || !tail || tail->size() > *offset) return bad;
        places[std::string(std::string_view(path))] = {*node, *offset, std::string(as_text(*head)), std::string(as_text(*tail)), integer_or(*facts, "changed", 0)};
    }
    return places;
}

std::string text_of(const FollowedPlaces& places) {
    json::object state;
    for (const auto& [path, one] : places) {
        state[path] = json::object{{"node", one.node}, {"offset", one.offset}, {"head", hex(as_bytes(one.head))}, {"tail", hex(as_bytes(one.tail))}, {"changed", one.changed}};
    }
    return json::serialize(state);
}

}  // namespace madang::security
