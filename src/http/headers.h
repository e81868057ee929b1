// The header fields of a message (RFC 9110 clause 5): an ordered list in one buffer, names compared
// without regard to case. Copying and moving are safe, clear() keeps the memory for the next message.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace madang::http {

class Headers {
public:
    struct Field {
        std::string_view name;
        std::string_view value;
    };

    // Appends. Characters that could end the line (CR, LF, NUL and other controls) become blanks, so
    // that no value can start a header of its own.
    void add(std::string_view name, std::string_view value);
    // Replaces every field of that name by one.
    void set(std::string_view name, std::string_view value);
    void remove(std::string_view name);
    void clear();

    std::optional<std::string_view> find(std::string_view name) const;  // the first of that name
    std::string_view value_or(std::string_view name, std::string_view fallback) const;
    bool has(std::string_view name) const { return find(name).has_value(); }
    std::size_t count(std::string_view name) const;

    std::size_t size() const { return slots_.size(); }
    bool empty() const { return slots_.empty(); }
    Field at(std::size_t index) const;  // valid until the next change

private:
    struct Slot {
        std::uint32_t name = 0;
        std::uint32_t name_size = 0;
        std::uint32_t value = 0;
        std::uint32_t value_size = 0;
    };
    std::string text_;
    std::vector<Slot> slots_;
};

}  // namespace madang::http
