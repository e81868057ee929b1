// An event as rules see it: fields by name, whatever the log that it came from.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace madang::security {

using EventScalar = std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string_view>;

// Views stay valid as long as the event does.
class SigmaEvent {
public:
    virtual ~SigmaEvent() = default;

    // The values of a field: one, or those of an array; nothing when the event has no such field.
    virtual std::optional<std::span<const EventScalar>> find(std::string_view field) const = 0;

    // Calls with the text of each value that the event holds, for keywords. A receiver that gives false ends it.
    virtual void for_each_text(const std::function<bool(std::string_view)>& receive) const = 0;
};

// A value as text: "true", "-5", "1.5"; nothing for null. The text is in `storage` unless the event holds it.
std::optional<std::string_view> text_of(const EventScalar& value, std::string& storage);

// A value as a number: a number, or a text that is one.
std::optional<long double> number_of(const EventScalar& value);

}  // namespace madang::security
