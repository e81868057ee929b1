// The functions of clause 10.3.4.3 that take a pattern of XPath.
#include "base/xpath_pattern.h"
#include "feel/detail/builtins.h"

namespace madang::feel {
namespace {

constexpr std::size_t kCost = 50;   // steps of the budget that one pattern counts for

// The pattern at `place` with the flags at `flags`; an absent or null flag text is no flags.
Result<XpathPattern> pattern_at(const List& arguments, std::size_t place, std::size_t flags, Evaluation& evaluation) {
    const auto* text = argument(arguments, place).as<std::string>();
    const Value& given = argument(arguments, flags);
    if (text == nullptr || (!given.is_null() && given.as<std::string>() == nullptr)) return fail(Code::invalid, "a pattern and its flags are texts");
    if (!evaluation.spend(kCost)) return fail(Code::exhausted, "the expression costs more than it may");
    return XpathPattern::compile(*text, given.is_null() ? std::string_view() : std::string_view(*given.as<std::string>()));
}

template <class T>
Value answer(Result<T> result) {
    return result ? Value(std::move(*result)) : Value::null(std::move(result.error().message));
}

Value matches(const List& arguments, Evaluation& evaluation) {
    const auto* text = argument(arguments, 0).as<std::string>();
    if (text == nullptr) return wrong("matches", "a text and a pattern");
    const auto pattern = pattern_at(arguments, 1, 2, evaluation);
    return pattern ? answer(pattern->found_in(*text)) : Value::null(pattern.error().message);
}

Value replace(const List& arguments, Evaluation& evaluation) {
    const auto* text = argument(arguments, 0).as<std::string>();
    const auto* replacement = argument(arguments, 2).as<std::string>();
    if (text == nullptr || replacement == nullptr) return wrong("replace", "a text, a pattern and a replacement");
    const auto pattern = pattern_at(arguments, 1, 3, evaluation);
    return pattern ? answer(pattern->replace(*text, *replacement)) : Value::null(pattern.error().message);
}

Value split(const List& arguments, Evaluation& evaluation) {
    const auto* text = argument(arguments, 0).as<std::string>();
    if (text == nullptr) return wrong("split", "a text and a pattern");
    const auto pattern = pattern_at(arguments, 1, 2, evaluation);
    if (!pattern) return Value::null(pattern.error().message);
    const auto parts = pattern->split(*text);
    if (!parts) return Value::null(parts.error().message);
    List list;
    for (const std::string& part : *parts) list.emplace_back(part);
    return Value(std::move(list));
}

}  // namespace

std::span<const Builtin> pattern_builtins() {
    static const std::vector<Builtin> all{
        {"matches", {{"input", "pattern", "flags"}}, 2, 3, matches},
        {"replace", {{"input", "pattern", "replacement", "flags"}}, 3, 4, replace},
        {"split", {{"string", "delimiter"}}, 2, 2, split},
    };
    return all;
}

}  // namespace madang::feel
