#include "security/evtx_paths.h"

#include "security/detail/evtx_utf16.h"

namespace madang::security {

EvtxPaths::EvtxPaths() {
    intern_utf16({});
    nodes_.push_back({});
}

std::uint32_t EvtxPaths::intern_utf16(std::string_view utf16) {
    if (const auto known = by_spelling_.find(utf16); known != by_spelling_.end()) return known->second;
    if (names_.size() >= kMaxEvtxPaths || utf16.size() > kMaxEvtxNameBytes - name_bytes_) return kNone;
    name_bytes_ += utf16.size();
    const auto number = static_cast<std::uint32_t>(names_.size());
    append_utf16(utf16, names_.emplace_back());
    by_spelling_.emplace(spellings_.emplace_back(utf16), number);
    return number;
}

std::uint32_t EvtxPaths::child(std::uint32_t parent, std::uint32_t name, EvtxPlace place) {
    // Names stay below 2^18, so that the three parts of the key do not overlap.
    const std::uint64_t key = std::uint64_t{parent} << 32U | std::uint64_t{name} << 1U |
                              (place == EvtxPlace::attribute ? 1U : 0U);
    if (const auto known = by_place_.find(key); known != by_place_.end()) return known->second;
    if (nodes_.size() >= kMaxEvtxPaths) return kNone;
    const auto number = static_cast<std::uint32_t>(nodes_.size());
    nodes_.push_back({parent, name, nodes_[parent].depth + 1, place});
    by_place_.emplace(key, number);
    return number;
}

std::string EvtxPaths::spelled(std::uint32_t path) const {
    std::string text;
    for (; path != kRoot; path = parent(path)) {
        const bool outermost = parent(path) == kRoot;
        const std::string_view mark = place(path) == EvtxPlace::attribute ? "@" : outermost ? "" : "/";
        text.insert(0, std::string(mark) + std::string(name(path)));
    }
    return text;
}

}  // namespace madang::security
