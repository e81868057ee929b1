// What a FEEL expression is about and gives (DMN 1.5 clause 10.3.2): a null with the reason for it, or
// a boolean, number, string, temporal value, list, context, range or function.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/json.h"
#include "feel/number.h"
#include "feel/temporal.h"

namespace madang::feel {

class Value;
class Evaluation;   // one run of an expression, detail/evaluation.h
using List = std::vector<Value>;

struct Null {
    std::string reason;   // why there is no value, for the person who wrote the expression; may be empty
};

// Entries in the order in which they were made; a name stands once.
class Context {
public:
    using Entry = std::pair<std::string, Value>;
    const Value* find(std::string_view name) const;
    void set(std::string name, Value value);
    const std::vector<Entry>& entries() const { return entries_; }

private:
    std::vector<Entry> entries_;   // few: looked through from the front
};

struct Range;
struct Function;

class Value {
public:
    using Held = std::variant<Null, bool, Number, std::string, CalendarDate, TimeOfDay, DateTime, MonthsDuration,
                              SecondsDuration, std::shared_ptr<const List>, std::shared_ptr<const Context>,
                              std::shared_ptr<const Range>, std::shared_ptr<const Function>>;

    Value() = default;                       // null
    Value(Held held) : held_(std::move(held)) {}
    Value(bool truth) : held_(truth) {}
    Value(Number number) : held_(std::move(number)) {}
    Value(std::string text) : held_(std::move(text)) {}
    Value(const char* text) : held_(std::string(text)) {}
    Value(List list) : held_(std::make_shared<const List>(std::move(list))) {}
    Value(Context context);
    Value(Range range);
    static Value null(std::string reason) { return Value(Held(Null{std::move(reason)})); }

    bool is_null() const { return std::holds_alternative<Null>(held_); }
    // The reason of a null, else "".
    std::string_view reason() const;
    template <class T>
    const T* as() const { return std::get_if<T>(&held_); }
    const List* list() const;
    const Context* context() const;
    const Range* range() const;
    const Function* function() const;
    const Held& held() const { return held_; }

private:
    Held held_;
};

// An end that is null is open to that side ("> 5" is the range (5..null)).
struct Range {
    bool start_included = false;
    Value start;
    Value end;
    bool end_included = false;
};

// A function definition, a built-in, or a business knowledge model.
struct Function {
    std::string name;
    std::vector<std::string> parameters;
    std::function<Value(const List& arguments, Evaluation& evaluation)> call;
};

std::string_view type_name(const Value& value);   // "number", "date and time", …, as `instance of` says

// Three-valued: nothing where the two cannot be compared. Clause 10.3.2.13.
std::optional<bool> equal(const Value& a, const Value& b);
std::optional<std::strong_ordering> compare(const Value& a, const Value& b);
// Whether two values are the same value, null equal to null; for lists' `distinct values` and tests.
bool same(const Value& a, const Value& b);

// How large a value is: each value within it counts one, each 64 bytes of text another one. A value that is nested
// deeper than kMaxValueDepth, or counts more than `most`, counts more than `most`; no more is looked at.
inline constexpr int kMaxValueDepth = 1000;
std::size_t weight(const Value& value, std::size_t most);

// Numbers of JSON become decimals by their text; temporal values go out as their FEEL texts; a range,
// a function and a null go out as null.
Value from_json(const json::value& value);
json::value to_json(const Value& value);
// As the FEEL function string() writes it; within lists and contexts strings stand in quotes.
std::string text_of(const Value& value);

}  // namespace madang::feel
