// Strings and booleans (clauses 10.3.4.2 and 10.3.4.3). Places count characters, not bytes.
#include "feel/detail/builtins.h"

namespace madang::feel {
namespace {

constexpr std::size_t kMaxText = 1U << 20;   // bytes of a text made by string join

// Where each character begins, and the end.
std::vector<std::size_t> places_of(std::string_view text) {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U) places.push_back(i);
    }
    places.push_back(text.size());
    return places;
}

const std::string* text_at(const List& arguments, std::size_t place) { return scalar_at<std::string>(arguments, place); }

Value substring(const List& arguments, Evaluation&) {
    const auto* text = text_at(arguments, 0);
    const auto* start = argument(arguments, 1).as<Number>();
    if (text == nullptr || start == nullptr) return wrong("substring", "a text and a place");
    const auto places = places_of(*text);
    const auto size = static_cast<std::int64_t>(places.size()) - 1;
    const auto from = round(*start, 0, Rounding::down)->integer();
    if (!from || *from == 0 || *from > size || *from < -size) return Value::null("substring() starts outside of the text");
    const std::int64_t first = *from > 0 ? *from - 1 : size + *from;
    std::int64_t last = size;
    if (const Value& length = argument(arguments, 2); !length.is_null()) {
        const auto* number = length.as<Number>();
        const auto count = number == nullptr ? std::nullopt : round(*number, 0, Rounding::down)->integer();
        if (!count || *count < 1) return wrong("substring", "a length of at least 1");
        last = *count < size - first ? first + *count : size;
    }
    return Value(text->substr(places[static_cast<std::size_t>(first)], places[static_cast<std::size_t>(last)] - places[static_cast<std::size_t>(first)]));
}

Value string_length(const List& arguments, Evaluation&) {
    const auto* text = text_at(arguments, 0);
    return text == nullptr ? wrong("string length", "a text") : Value(Number(static_cast<std::int64_t>(count_code_points(*text))));
}

Value upper_case(const List& arguments, Evaluation&) {
    const auto* text = text_at(arguments, 0);
    return text == nullptr ? wrong("upper case", "a text") : Value(to_upper(*text));
}

Value lower_case(const List& arguments, Evaluation&) {
    const auto* text = text_at(arguments, 0);
    return text == nullptr ? wrong("lower case", "a text") : Value(to_lower(*text));
}

Value substring_before(const List& arguments, Evaluation&) {
    const auto* text = text_at(arguments, 0);
    const auto* match = text_at(arguments, 1);
    if (text == nullptr || match == nullptr) return wrong("substring before", "two texts");
    const std::size_t at = text->find(*match);
    return Value(at == std::string::npos ? std::string() : text->substr(0, at));
}

Value substring_after(const List& arguments, Evaluation&) {
    const auto* text = text_at(arguments, 0);
    const auto* match = text_at(arguments, 1);
    if (text == nullptr || match == nullptr) return wrong("substring after", "two texts");
    const std::size_t at = text->find(*match);
    return Value(at == std::string::npos ? std::string() : text->substr(at + match->size()));
}

Value contains_text(const List& arguments, Evaluation&) {
    const auto* text = text_at(arguments, 0);
    const auto* match = text_at(arguments, 1);
    if (text == nullptr || match == nullptr) return wrong("contains", "two texts");
    return Value(text->find(*match) != std::string::npos);
}

Value starts_with(const List& arguments, Evaluation&) {
    const auto* text = text_at(arguments, 0);
    const auto* match = text_at(arguments, 1);
    return text == nullptr || match == nullptr ? wrong("starts with", "two texts") : Value(text->starts_with(*match));
}

Value ends_with(const List& arguments, Evaluation&) {
    const auto* text = text_at(arguments, 0);
    const auto* match = text_at(arguments, 1);
    return text == nullptr || match == nullptr ? wrong("ends with", "two texts") : Value(text->ends_with(*match));
}

Value string_join(const List& arguments, Evaluation&) {
    const List items = argument(arguments, 0).list() != nullptr ? *arguments[0].list() : List{argument(arguments, 0)};
    const Value& delimiter = argument(arguments, 1);
    if (argument(arguments, 0).is_null() || (!delimiter.is_null() && delimiter.as<std::string>() == nullptr)) return wrong("string join", "a list of texts and a text between");
    std::string joined;
    bool first = true;
    for (const Value& item : items) {
        if (item.is_null()) continue;   // nulls are passed over
        const auto* text = item.as<std::string>();
        if (text == nullptr) return wrong("string join", "a list of texts");
        if (!first && !delimiter.is_null()) joined += *delimiter.as<std::string>();
        joined += *text;
        first = false;
        if (joined.size() > kMaxText) return Value::null("string join() would make too long a text");
    }
    return Value(std::move(joined));
}

Value negation(const List& arguments, Evaluation&) {
    const bool* truth = argument(arguments, 0).as<bool>();
    return truth == nullptr ? wrong("not", "true or false") : Value(!*truth);
}

}  // namespace

std::span<const Builtin> string_builtins() {
    static const std::vector<Builtin> all{
        {"substring", {{"string", "start position", "length"}}, 2, 3, substring},
        {"string length", {{"string"}}, 1, 1, string_length},
        {"upper case", {{"string"}}, 1, 1, upper_case},
        {"lower case", {{"string"}}, 1, 1, lower_case},
        {"substring before", {{"string", "match"}}, 2, 2, substring_before},
        {"substring after", {{"string", "match"}}, 2, 2, substring_after},
        {"contains", {{"string", "match"}}, 2, 2, contains_text},
        {"starts with", {{"string", "match"}}, 2, 2, starts_with},
        {"ends with", {{"string", "match"}}, 2, 2, ends_with},
        {"string join", {{"list", "delimiter"}}, 1, 2, string_join},
        {"not", {{"negand"}}, 1, 1, negation},
    };
    return all;
}

}  // namespace madang::feel
