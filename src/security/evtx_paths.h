// The names and places that occur in event logs, each with a small number: the field
// Event/EventData/Image is met a million times and spelled once. Numbers stay valid for the life of the
// table, so that what looks fields up can do so by number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace madang::security {

// Far above what a machine's logs hold; a file with more is made to exhaust its reader.
inline constexpr std::size_t kMaxEvtxPaths = 1U << 18;
inline constexpr std::size_t kMaxEvtxNameBytes = 16U << 20;
inline constexpr std::size_t kMaxEvtxDepth = 64;

enum class EvtxPlace : std::uint8_t { element, attribute };

class EvtxPaths {
public:
    static constexpr std::uint32_t kRoot = 0;          // above the outermost element
    static constexpr std::uint32_t kNone = 0xffffffff;  // the table is full

    EvtxPaths();
    EvtxPaths(EvtxPaths&&) = default;
    EvtxPaths& operator=(EvtxPaths&&) = default;
    EvtxPaths(const EvtxPaths&) = delete;
    EvtxPaths& operator=(const EvtxPaths&) = delete;

    // The number of a name given as UTF-16LE; kNone where the table is full.
    std::uint32_t intern_utf16(std::string_view utf16);
    // The number of the element or attribute of that name below `parent`; kNone where the table is full.
    std::uint32_t child(std::uint32_t parent, std::uint32_t name, EvtxPlace place);

    std::string_view name_text(std::uint32_t name) const { return names_[name]; }
    std::string_view name(std::uint32_t path) const { return names_[nodes_[path].name]; }
    std::uint32_t parent(std::uint32_t path) const { return nodes_[path].parent; }
    std::size_t depth(std::uint32_t path) const { return nodes_[path].depth; }
    EvtxPlace place(std::uint32_t path) const { return nodes_[path].place; }
    std::size_t size() const { return nodes_.size(); }

    // "Event/System/Provider@Name": for messages and tests.
    std::string spelled(std::uint32_t path) const;

private:
    struct Node {
        std::uint32_t parent = 0;
        std::uint32_t name = 0;
        std::uint32_t depth = 0;
        EvtxPlace place = EvtxPlace::element;
    };
    std::deque<std::string> names_;                                // UTF-8
    std::deque<std::string> spellings_;                            // UTF-16LE, what `by_spelling_` views
    std::unordered_map<std::string_view, std::uint32_t> by_spelling_;
    std::unordered_map<std::uint64_t, std::uint32_t> by_place_;
    std::vector<Node> nodes_;
    std::size_t name_bytes_ = 0;
};

}  // namespace madang::security
