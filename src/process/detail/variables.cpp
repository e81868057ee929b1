#include "process/detail/variables.h"

#include <cmath>

#include "base/text.h"

namespace madang::process {
namespace {

constexpr std::int64_t kLargestExact = (std::int64_t{1} << 53) - 1;   // RFC 8785 writes numbers as ECMAScript does

bool is_exact(const json::value& value) {
    if (const auto* whole = value.if_int64()) return *whole <= kLargestExact && *whole >= -kLargestExact;
    if (const auto* whole = value.if_uint64()) return *whole <= static_cast<std::uint64_t>(kLargestExact);
    // A fraction beyond is a whole number too, and would come back as one.
    return std::abs(value.get_double()) <= static_cast<double>(kLargestExact);
}

Result<void> check_value(const json::value& value, int depth) {
    if (depth > kMaxVariableDepth) return fail(Code::invalid, format("deeper than {} levels", kMaxVariableDepth));
    if (value.is_number() && !is_exact(value)) return fail(Code::invalid, "a number beyond 2^53 goes in as text");
    if (const auto* text = value.if_string(); text != nullptr && !is_utf8({text->data(), text->size()})) {
        return fail(Code::invalid, "a text that is not UTF-8");
    }
    if (const auto* items = value.if_array()) {
        for (const json::value& item : *items) TRY_DO(check_value(item, depth + 1));
    }
    if (const auto* members = value.if_object()) {
        if (members->size() > kMaxMembers) return fail(Code::exhausted, format("more than {} members", kMaxMembers));
        for (const auto& [key, member] : *members) {
            if (!is_utf8({key.data(), key.size()})) return fail(Code::invalid, "a name that is not UTF-8");
            TRY_DO(check_value(member, depth + 1));
        }
    }
    return {};
}

}  // namespace

Result<void> check_variables(const json::object& variables) {
    constexpr std::size_t kMaxShown = 100;
    if (variables.size() > kMaxMembers) return fail(Code::exhausted, format("more than {} variables", kMaxMembers));
    for (const auto& [key, value] : variables) {
        const std::string_view name(key.data(), key.size());
        if (!is_utf8(name) || name.empty()) return fail(Code::invalid, "a variable needs a name in UTF-8");
        TRY_DO(within(check_value(value, 1), format("variable \"{}\"", name.substr(0, kMaxShown))));
    }
    const std::size_t size = canonical_json(variables).size();
    if (size > kMaxVariableBytes) {
        return fail(Code::exhausted, format("the variables are {} bytes; at most {} are kept", size, kMaxVariableBytes));
    }
    return {};
}

}  // namespace madang::process
