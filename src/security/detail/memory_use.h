// What containers take of the heap, as the allocator of the C library rounds it: for bounds on memory, not for the byte.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace madang::security {

// Of one piece of so many bytes.
constexpr std::size_t heap_bytes(std::size_t size) { return size == 0 ? 0 : std::max<std::size_t>(32, (size + 8 + 15) / 16 * 16); }
// Behind a string of so many bytes; short ones lie within the object.
constexpr std::size_t heap_of_text(std::size_t size) { return size <= 15 ? 0 : heap_bytes(size + 1); }
inline std::size_t heap_of(const std::string& text) { return heap_of_text(text.capacity()); }
template <class Item>
std::size_t heap_of(const std::vector<Item>& items) {
    return heap_bytes(items.capacity() * sizeof(Item));
}

}  // namespace madang::security
