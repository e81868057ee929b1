#include "feel/value.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace madang::feel {
namespace {

std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

// Inside lists and contexts a string stands in quotes, and a null by its word.
std::string inner_text(const Value& value) {
    if (const auto* text = value.as<std::string>()) return in_quotes(*text);
    return text_of(value);
}

bool is_plain_name(std::string_view name) {
    for (const char c : name) {
        if (c == '"' || c == ':' || c == '{' || c == '}' || c == ',') return false;
    }
    return !name.empty();
}

std::string range_text(const Range& range) {
    return (range.start_included ? "[" : "(") + (range.start.is_null() ? std::string("null") : inner_text(range.start)) + ".." +
           (range.end.is_null() ? std::string("null") : inner_text(range.end)) + (range.end_included ? "]" : ")");
}

std::optional<bool> equal_lists(const List& a, const List& b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const auto one = equal(a[i], b[i]);
        if (!one || !*one) return one;
    }
    return true;
}

std::optional<bool> equal_contexts(const Context& a, const Context& b) {
    if (a.entries().size() != b.entries().size()) return false;
    for (const auto& [name, value] : a.entries()) {
        const Value* other = b.find(name);
        if (other == nullptr) return false;
        const auto one = equal(value, *other);
        if (!one || !*one) return one;
    }
    return true;
}

std::optional<bool> equal_ranges(const Range& a, const Range& b) {
    if (a.start_included != b.start_included || a.end_included != b.end_included) return false;
    const auto start = equal(a.start, b.start);
    if (!start || !*start) return start;
    return equal(a.end, b.end);
}

template <class T>
std::optional<std::strong_ordering> ordered(const Value& a, const Value& b) {
    const T* left = a.as<T>();
    const T* right = b.as<T>();
    if (left == nullptr || right == nullptr) return std::nullopt;
    return *left <=> *right;
}

template <class T>
std::optional<std::strong_ordering> ordered_points(const Value& a, const Value& b) {
    const T* left = a.as<T>();
    const T* right = b.as<T>();
    if (left == nullptr || right == nullptr) return std::nullopt;
    const Point from = point_of(*left);
    const Point to = point_of(*right);
    if (from.local != to.local) return std::nullopt;
    return from <=> to;
}

json::value number_to_json(const Number& number) {
    if (const auto whole = number.integer()) return json::value(*whole);
    return json::value(number.real());
}

}  // namespace

const Value* Context::find(std::string_view name) const {
    for (const auto& [key, value] : entries_) {
        if (key == name) return &value;
    }
    return nullptr;
}

void Context::set(std::string name, Value value) {
    for (auto& [key, held] : entries_) {
        if (key == name) {
            held = std::move(value);
            return;
        }
    }
    entries_.emplace_back(std::move(name), std::move(value));
}

Value::Value(Context context) : held_(std::make_shared<const Context>(std::move(context))) {}
Value::Value(Range range) : held_(std::make_shared<const Range>(std::move(range))) {}

std::string_view Value::reason() const {
    const auto* null = std::get_if<Null>(&held_);
    return null == nullptr ? std::string_view() : std::string_view(null->reason);
}

namespace {
template <class T>
const T* shared_as(const Value::Held& held) {
    const auto* pointer = std::get_if<std::shared_ptr<const T>>(&held);
    return pointer == nullptr ? nullptr : pointer->get();
}
}  // namespace

const List* Value::list() const { return shared_as<List>(held_); }
const Context* Value::context() const { return shared_as<Context>(held_); }
const Range* Value::range() const { return shared_as<Range>(held_); }
const Function* Value::function() const { return shared_as<Function>(held_); }

std::string_view type_name(const Value& value) {
    static constexpr std::string_view kNames[] = {
        "Null", "boolean", "number", "string", "date", "time", "date and time", "years and months duration",
        "days and time duration", "list", "context", "range", "function"};
    static_assert(std::size(kNames) == std::variant_size_v<Value::Held>);
    return kNames[value.held().index()];
}

std::optional<bool> equal(const Value& a, const Value& b) {
    if (a.is_null() || b.is_null()) return a.is_null() && b.is_null();
    if (a.held().index() != b.held().index()) return std::nullopt;
    if (const bool* truth = a.as<bool>()) return *truth == *b.as<bool>();
    if (a.list() != nullptr) return equal_lists(*a.list(), *b.list());
    if (a.context() != nullptr) return equal_contexts(*a.context(), *b.context());
    if (a.range() != nullptr) return equal_ranges(*a.range(), *b.range());
    if (a.function() != nullptr) return std::nullopt;
    const auto order = compare(a, b);
    if (!order) return false;   // a local time and one with a zone
    return *order == 0;
}

std::optional<std::strong_ordering> compare(const Value& a, const Value& b) {
    if (const auto* left = a.as<std::string>()) {
        const auto* right = b.as<std::string>();
        if (right == nullptr) return std::nullopt;
        return left->compare(*right) <=> 0;   // UTF-8 keeps the order of code points
    }
    if (a.as<Number>() != nullptr) return ordered<Number>(a, b);
    if (a.as<CalendarDate>() != nullptr) return ordered<CalendarDate>(a, b);
    if (a.as<MonthsDuration>() != nullptr) return ordered<MonthsDuration>(a, b);
    if (a.as<SecondsDuration>() != nullptr) return ordered<SecondsDuration>(a, b);
    if (a.as<TimeOfDay>() != nullptr) return ordered_points<TimeOfDay>(a, b);
    if (a.as<DateTime>() != nullptr) return ordered_points<DateTime>(a, b);
    return std::nullopt;
}

bool same(const Value& a, const Value& b) { return equal(a, b).value_or(false); }

namespace {

// False where it is too large or too deep.
bool weigh(const Value& value, std::size_t& left, int depth) {
    std::size_t own = 1;
    if (const auto* text = value.as<std::string>()) own += text->size() / 64;
    if (depth > kMaxValueDepth || own > left) return false;
    left -= own;
    if (const List* list = value.list()) {
        return std::ranges::all_of(*list, [&](const Value& item) { return weigh(item, left, depth + 1); });
    }
    if (const Context* context = value.context()) {
        return std::ranges::all_of(context->entries(), [&](const Context::Entry& entry) { return weigh(entry.second, left, depth + 1); });
    }
    if (const Range* range = value.range()) return weigh(range->start, left, depth + 1) && weigh(range->end, left, depth + 1);
    return true;
}

}  // namespace

std::size_t weight(const Value& value, std::size_t most) {
    std::size_t left = most;
    return weigh(value, left, 0) ? most - left : most + 1;
}

Value from_json(const json::value& value) {
    switch (value.kind()) {
        case json::kind::null: return Value();
        case json::kind::bool_: return Value(value.get_bool());
        case json::kind::int64: return Value(Number(value.get_int64()));
        case json::kind::uint64: return Value(*Number::parse(std::to_string(value.get_uint64())));
        case json::kind::double_: {
            // The shortest text that reads back as the same number, which is what stood in the file.
            const auto number = Number::parse(madang::format("{}", value.get_double()));
            return number ? Value(*number) : Value::null("a number of JSON is beyond FEEL's");
        }
        case json::kind::string: return Value(std::string(value.get_string()));
        case json::kind::array: {
            List list;
            for (const auto& item : value.get_array()) list.push_back(from_json(item));
            return Value(std::move(list));
        }
        case json::kind::object: {
            Context context;
            for (const auto& [key, item] : value.get_object()) context.set(std::string(key), from_json(item));
            return Value(std::move(context));
        }
    }
    return Value();
}

json::value to_json(const Value& value) {
    if (const bool* truth = value.as<bool>()) return *truth;
    if (const auto* number = value.as<Number>()) return number_to_json(*number);
    if (const auto* list = value.list()) {
        json::array array;
        for (const Value& item : *list) array.push_back(to_json(item));
        return array;
    }
    if (const auto* context = value.context()) {
        json::object object;
        for (const auto& [name, item] : context->entries()) object[name] = to_json(item);
        return object;
    }
    if (value.is_null() || value.range() != nullptr || value.function() != nullptr) return nullptr;
    return json::value(text_of(value));
}

std::string text_of(const Value& value) {
    if (const auto* text = value.as<std::string>()) return *text;
    if (const bool* truth = value.as<bool>()) return *truth ? "true" : "false";
    if (const auto* number = value.as<Number>()) return number->text();
    if (const auto* date = value.as<CalendarDate>()) return text_of(*date);
    if (const auto* time = value.as<TimeOfDay>()) return text_of(*time);
    if (const auto* moment = value.as<DateTime>()) return text_of(*moment);
    if (const auto* months = value.as<MonthsDuration>()) return text_of(*months);
    if (const auto* seconds = value.as<SecondsDuration>()) return text_of(*seconds);
    if (const auto* range = value.range()) return range_text(*range);
    if (const auto* function = value.function()) return "function " + function->name;
    std::string out;
    if (const auto* list = value.list()) {
        for (const Value& item : *list) out += (out.empty() ? "" : ", ") + inner_text(item);
        return "[" + out + "]";
    }
    if (const auto* context = value.context()) {
        for (const auto& [name, item] : context->entries()) {
            out += (out.empty() ? "" : ", ") + (is_plain_name(name) ? name : in_quotes(name)) + ": " + inner_text(item);
        }
        return "{" + out + "}";
    }
    return "null";
}

}  // namespace madang::feel
