// Times that stand as literals in a timer: BPMN 2.0.2 clause 10.5.5, ISO 8601-1.
#include <algorithm>
#include <array>
#include <regex>

#include "base/text.h"
#include "feel/expression.h"
#include "feel/value.h"
#include "process/detail/rules_model.h"
#include "process/detail/vocabulary.h"

namespace madang::process::rules {
namespace {

constexpr std::size_t kMaxLiteralBytes = 200;   // longer texts are expressions

bool is_date(const std::string& text) {
    // Basic, week and ordinal dates; the extended ones are counted through below.
    static const std::regex other("[+-]?\\d{4}(\\d{4}|-?W\\d{2}(-?[1-7])?|-?\\d{3})(T\\d{2}(:?\\d{2}(:?\\d{2}([.,]\\d+)?)?)?(Z|[+-]\\d{2}(:?\\d{2})?)?)?");
    return feel::parse_date_time(text) || feel::parse_calendar_date(text) || std::regex_match(text, other);
}

bool is_duration(const std::string& text) {
    static const std::regex duration("-?P(?=.)(\\d+Y)?(\\d+M)?(\\d+W)?(\\d+D)?(T(?=\\d)(\\d+H)?(\\d+M)?(\\d+([.,]\\d+)?S)?)?");
    return std::regex_match(text, duration);
}

// R[n]/interval, or the interval alone: a duration with a start or an end, or two moments.
bool is_cycle(const std::string& text) {
    static const std::regex repeats("R\\d*");
    const auto parts = split(text, '/');
    if (parts.size() == 1) return is_duration(text);
    if (parts.size() > 3 || !std::regex_match(std::string(parts.front()), repeats)) return false;
    const auto is_part = [](std::string_view part) { return is_date(std::string(part)) || is_duration(std::string(part)); };
    return std::ranges::all_of(parts.begin() + 1, parts.end(), is_part);
}

bool is_written_in_feel(const Element& time) {
    std::string_view language = attribute(time, "language");
    for (const Element* around = &time; language.empty() && around != nullptr; around = around->parent) language = attribute(*around, "expressionLanguage");
    return language.empty() || is_feel(language);
}

// What begins like a literal, is a word in capitals, or cannot be an expression either.
bool is_meant_literally(const Element& time, const std::string& text) {
    if (text.empty() || text.size() > kMaxLiteralBytes || text.front() == '=' || text.find_first_of("(\"{") != std::string::npos) return false;
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (digit(text.front()) || text.front() == '*') return true;
    if (std::ranges::all_of(text, [&](char c) { return (c >= 'A' && c <= 'Z') || digit(c); })) return true;
    if ((text.starts_with('R') || text.starts_with('P')) && text.size() > 1 && (digit(text[1]) || text[1] == '/')) return true;
    return is_written_in_feel(time) && !feel::parse_expression(text);
}

int is_wrong(const Element& timer, std::string_view kind, bool (*is_right)(const std::string&)) {
    const Element* time = child(timer, kind);
    if (time == nullptr) return 0;
    const std::string text(trim(text_of(*time)));
    return is_meant_literally(*time, text) && !is_right(text) ? 1 : 0;
}
int date_is_no_date(const Model&, const Element& timer) { return is_wrong(timer, "timeDate", is_date); }
int cycle_is_no_cycle(const Model&, const Element& timer) { return is_wrong(timer, "timeCycle", is_cycle); }
int duration_is_no_duration(const Model&, const Element& timer) { return is_wrong(timer, "timeDuration", is_duration); }

constexpr std::array kRules{
    Rule{"EXT.132", "10.5.5", "timerEventDefinition", "this is no date or date and time of ISO 8601", date_is_no_date},
    Rule{"EXT.133", "10.5.5", "timerEventDefinition", "this is no repeating interval of ISO 8601", cycle_is_no_cycle},
    Rule{"EXT.134", "10.5.5", "timerEventDefinition", "this is no duration of ISO 8601", duration_is_no_duration},
};

}  // namespace

std::span<const Rule> time_rules() { return kRules; }

}  // namespace madang::process::rules
