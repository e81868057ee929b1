#include "security/sigma_slow.h"

#include <algorithm>
#include <chrono>

#include "base/text.h"
#include "security/event_time.h"
#include "security/detail/sigma_network.h"
#include "security/detail/sigma_obvious.h"
#include "security/detail/sigma_regex.h"
#include "security/sigma_pattern.h"

namespace madang::security {
namespace {

bool matches_text(const TextMatch& match, std::string_view text) {
    if (match.letters == Case::kept) return matches(match.pattern, text);
    return matches(folded(match.pattern), fold_case(text));
}

bool matches_regex(const RegexMatch& match, std::string_view text) {
    const auto compiled = compile_regex(match);
    return compiled && re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), **compiled);
}

// One value of a field, with its text already made.
struct OnValue {
    const EventScalar& value;
    std::optional<std::string_view> text;

    bool operator()(const TextMatch& match) const { return text && matches_text(match, *text); }
    bool operator()(const NumberMatch& match) const {
        if (match.comparison == Comparison::equal && text == match.text) return true;
        const bool is_text = std::holds_alternative<std::string_view>(value);
        // "All values are treated as … strings": a text equals a number when it is spelled so.
        if (match.comparison == Comparison::equal && is_text) return false;
        const auto number = number_of(value);
        return number && compare(match.comparison, *number, match.number);
    }
    bool operator()(const NullMatch&) const { return std::holds_alternative<std::nullptr_t>(value); }
    bool operator()(const ExistenceMatch& match) const { return match.wanted; }
    bool operator()(const RegexMatch& match) const { return text && matches_regex(match, *text); }
    bool operator()(const CidrMatch& match) const {
        const auto address = text ? parse_address(*text) : std::nullopt;
        return address && holds(match, *address);
    }
    bool operator()(const FieldMatch&) const { return false; }
    bool operator()(const TimeMatch& match) const {
        const auto part = text ? time_part(*text, match.part) : std::nullopt;
        return part && compare(match.comparison, *part, match.number);
    }
};

// "fieldref": a value of the field stands as, in, or at an end of, a value of the other one's.
bool refers(const FieldMatch& match, std::span<const EventScalar> values, const SigmaEvent& event) {
    const auto others = event.find(match.field);
    if (!others) return false;
    std::string left;
    std::string right;
    for (const EventScalar& value : values) {
        const auto text = text_of(value, left);
        for (const EventScalar& other : *others) {
            const auto wanted = text_of(other, right);
            if (text && wanted && obviously_refers(match, *text, *wanted)) return true;
        }
    }
    return false;
}

bool holds_in_field(const Match& match, const SigmaItem& item, const SigmaEvent& event) {
    const auto values = event.find(item.field);
    if (const auto* existence = std::get_if<ExistenceMatch>(&match)) return values.has_value() == existence->wanted;
    // A field that is not there has no value, which is what null asks for.
    if (!values) return std::holds_alternative<NullMatch>(match);
    if (const auto* field = std::get_if<FieldMatch>(&match)) return refers(*field, *values, event);
    return std::ranges::any_of(*values, [&](const EventScalar& value) { return obviously_matches(match, value); });
}

bool holds_anywhere(const Match& match, const SigmaEvent& event) {
    bool found = false;
    event.for_each_text([&](std::string_view text) {
        found = obviously_matches(match, EventScalar(text));
        return !found;
    });
    return found;
}

bool holds(const SigmaValue& value, const SigmaItem& item, const SigmaEvent& event) {
    return std::ranges::any_of(value.any_of, [&](const Match& match) {
        return item.field.empty() ? holds_anywhere(match, event) : holds_in_field(match, item, event);
    });
}

bool holds(const SigmaSearch& search, const SigmaEvent& event) {
    return std::ranges::any_of(search.any_of, [&](const std::vector<SigmaItem>& items) {
        return std::ranges::all_of(items, [&](const SigmaItem& item) { return meets(item, event); });
    });
}

// Recursion is bounded by the depth of conditions that the reader lets pass.
bool holds(const Condition& condition, const Detection& detection, const SigmaEvent& event) {
    const auto child = [&](const Condition& inner) { return holds(inner, detection, event); };
    switch (condition.kind) {
        case Condition::Kind::search: return holds(detection.searches.at(condition.search), event);
        case Condition::Kind::all_of: return std::ranges::all_of(condition.children, child);
        case Condition::Kind::any_of: return std::ranges::any_of(condition.children, child);
        case Condition::Kind::negation: return !child(condition.children.front());
    }
    return false;
}

bool concerns(const Condition& condition, const Detection& detection, const SigmaEvent& event) {
    if (condition.kind != Condition::Kind::search) {
        return std::ranges::any_of(condition.children, [&](const Condition& inner) { return concerns(inner, detection, event); });
    }
    const auto concerned = [&](const SigmaItem& item) {
        if (item.field.empty()) return std::ranges::any_of(item.values, [&](const SigmaValue& value) { return holds(value, item, event); });
        const auto values = event.find(item.field);
        return values && std::ranges::any_of(*values, [](const EventScalar& value) { return !std::holds_alternative<std::nullptr_t>(value); });
    };
    return std::ranges::any_of(detection.searches.at(condition.search).any_of, [&](const auto& items) { return std::ranges::any_of(items, concerned); });
}

std::optional<int> digits_at(std::string_view text, std::size_t at, std::size_t count) {
    if (at + count > text.size()) return std::nullopt;
    int value = 0;
    for (const char c : text.substr(at, count)) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    return value;
}

// ISO 8601: a week belongs to the year that its Thursday is in.
int iso_week(std::chrono::year_month_day date) {
    const std::chrono::sys_days day{date};
    const auto from_monday = std::chrono::weekday(day) - std::chrono::Monday;
    const std::chrono::sys_days thursday = day - from_monday + std::chrono::days(3);
    const std::chrono::sys_days start{std::chrono::year_month_day(thursday).year() / 1 / 1};
    return static_cast<int>((thursday - start).count() / 7 + 1);
}

// Times of other forms than ISO 8601, as they are written.
std::optional<int> other_time_part(std::string_view text, TimePart part) {
    const auto time = read_written_time(text);
    if (!time) return std::nullopt;
    switch (part) {
        case TimePart::year: return time->year;
        case TimePart::month: return static_cast<int>(time->month);
        case TimePart::day: return static_cast<int>(time->day);
        case TimePart::week: return time->year ? std::optional(iso_week(std::chrono::year(*time->year) / std::chrono::month(time->month) / std::chrono::day(time->day))) : std::nullopt;
        case TimePart::hour: return time->hour;
        case TimePart::minute: return time->minute;
    }
    return std::nullopt;
}

}  // namespace

bool compare(Comparison comparison, long double left, long double right) {
    switch (comparison) {
        case Comparison::equal: return left == right;
        case Comparison::less: return left < right;
        case Comparison::less_or_equal: return left <= right;
        case Comparison::greater: return left > right;
        case Comparison::greater_or_equal: return left >= right;
    }
    return false;
}

std::optional<int> time_part(std::string_view date, TimePart part) {
    const auto year = digits_at(date, 0, 4);
    const auto month = digits_at(date, 5, 2);
    const auto day = digits_at(date, 8, 2);
    if (!year || !month || !day || date[4] != '-' || date[7] != '-') return other_time_part(date, part);
    const std::chrono::year_month_day whole{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                            std::chrono::day(static_cast<unsigned>(*day))};
    if (!whole.ok()) return std::nullopt;
    switch (part) {
        case TimePart::year: return year;
        case TimePart::month: return month;
        case TimePart::day: return day;
        case TimePart::week: return iso_week(whole);
        case TimePart::hour:
        case TimePart::minute: break;
    }
    const auto hour = digits_at(date, 11, 2);
    const auto minute = digits_at(date, 14, 2);
    if (!hour || !minute || (date[10] != 'T' && date[10] != 't' && date[10] != ' ') || date[13] != ':') return std::nullopt;
    if (*hour > 23 || *minute > 59) return std::nullopt;
    return part == TimePart::hour ? hour : minute;
}

bool matches(const Match& match, const EventScalar& value) {
    std::string storage;
    return std::visit(OnValue{value, text_of(value, storage)}, match);
}

bool meets(const SigmaItem& item, const SigmaEvent& event) {
    const auto one = [&](const SigmaValue& value) { return holds(value, item, event); };
    const bool found = item.join == Join::all ? std::ranges::all_of(item.values, one) : std::ranges::any_of(item.values, one);
    return found == (item.sense == Sense::plain);
}

bool meets(const Detection& detection, const SigmaEvent& event) { return holds(detection.condition, detection, event); }

bool concerns(const SigmaRule& rule, const SigmaEvent& event) { return concerns(rule.detection.condition, rule.detection, event); }

bool meets(const SigmaRule& rule, const SigmaEvent& event) { return meets(rule.detection, event); }

}  // namespace madang::security
