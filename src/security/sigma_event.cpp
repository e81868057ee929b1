#include "security/sigma_event.h"

#include "base/text.h"
#include "security/detail/sigma_number.h"

namespace madang::security {

std::optional<std::string_view> text_of(const EventScalar& value, std::string& storage) {
    struct Spell {
        std::string& storage;
        std::optional<std::string_view> operator()(std::nullptr_t) const { return std::nullopt; }
        std::optional<std::string_view> operator()(bool truth) const { return truth ? "true" : "false"; }
        std::optional<std::string_view> operator()(std::int64_t number) const { return storage = format("{}", number); }
        std::optional<std::string_view> operator()(std::uint64_t number) const { return storage = format("{}", number); }
        std::optional<std::string_view> operator()(double number) const { return storage = spell_number(number); }
        std::optional<std::string_view> operator()(std::string_view text) const { return text; }
    };
    return std::visit(Spell{storage}, value);
}

std::optional<long double> number_of(const EventScalar& value) {
    struct Read {
        std::optional<long double> operator()(std::nullptr_t) const { return std::nullopt; }
        std::optional<long double> operator()(bool) const { return std::nullopt; }
        std::optional<long double> operator()(std::int64_t number) const { return static_cast<long double>(number); }
        std::optional<long double> operator()(std::uint64_t number) const { return static_cast<long double>(number); }
        std::optional<long double> operator()(double number) const { return static_cast<long double>(number); }
        std::optional<long double> operator()(std::string_view text) const { return parse_event_number(text); }
    };
    return std::visit(Read{}, value);
}

}  // namespace madang::security
