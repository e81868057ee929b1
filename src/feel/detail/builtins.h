// The built-in functions of clause 10.3.4, one file a group. To add one:
// docs/howto/add-a-feel-function.md.
#pragma once

#include <limits>
#include <span>

#include "base/text.h"
#include "feel/detail/evaluation.h"

namespace madang::feel {

inline constexpr std::size_t kAny = std::numeric_limits<std::size_t>::max();

std::span<const Builtin> conversion_builtins();
std::span<const Builtin> string_builtins();
std::span<const Builtin> pattern_builtins();
std::span<const Builtin> number_builtins();
std::span<const Builtin> list_builtins();
std::span<const Builtin> context_builtins();
std::span<const Builtin> range_builtins();

// The argument at a place, null where it was left out.
inline const Value& argument(const List& arguments, std::size_t place) {
    static const Value kAbsent;
    return place < arguments.size() ? arguments[place] : kAbsent;
}

// The argument as a scalar; a list of one item is that item (clause 10.3.2.9.4).
template <class T>
const T* scalar_at(const List& arguments, std::size_t place) {
    const Value& value = argument(arguments, place);
    const List* list = value.list();
    return list != nullptr && list->size() == 1 ? list->front().as<T>() : value.as<T>();
}

inline Value wrong(std::string_view function, std::string_view wanted) {
    return Value::null(format("{}() needs {}", function, wanted));
}

// The items of variadic functions: one list, or the arguments themselves.
inline List items_given(const List& arguments) {
    if (arguments.size() == 1 && arguments[0].list() != nullptr) return *arguments[0].list();
    return arguments;
}

template <class T>
Value temporal(const std::optional<T>& value, std::string_view what) {
    return value ? Value(Value::Held(*value)) : Value::null(format("this is no {}", what));
}

}  // namespace madang::feel
