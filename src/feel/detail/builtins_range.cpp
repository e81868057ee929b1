// Relations of points and ranges in time, after Allen's intervals (clause 10.3.4.9), and range() of 10.3.4.1.
#include <algorithm>

#include "feel/detail/builtins.h"

namespace madang::feel {
namespace {

// A point is a range that begins and ends with itself.
std::optional<Range> range_at(const List& arguments, std::size_t place) {
    const Value& value = argument(arguments, place);
    if (const Range* range = value.range()) return *range;
    if (value.is_null() || !compare(value, value)) return std::nullopt;
    return Range{true, value, value, true};
}

bool is_point(const Value& value) { return value.range() == nullptr; }

using Order = std::optional<std::strong_ordering>;

struct Pair {
    Range a, b;
    Order starts;          // a.start to b.start
    Order ends;            // a.end to b.end
    Order end_to_start;    // a.end to b.start
    Order start_to_end;    // a.start to b.end
};

std::optional<Pair> pair_of(const List& arguments) {
    auto a = range_at(arguments, 0);
    auto b = range_at(arguments, 1);
    if (!a || !b) return std::nullopt;
    Pair pair{*a, *b, compare(a->start, b->start), compare(a->end, b->end), compare(a->end, b->start), compare(a->start, b->end)};
    return pair.starts && pair.ends && pair.end_to_start && pair.start_to_end ? std::optional(pair) : std::nullopt;
}

bool ends_before_start(const Pair& p) { return *p.end_to_start < 0 || (*p.end_to_start == 0 && (!p.a.end_included || !p.b.start_included)); }
bool starts_after_end(const Pair& p) { return *p.start_to_end > 0 || (*p.start_to_end == 0 && (!p.a.start_included || !p.b.end_included)); }
// Whether a begins no later than b, and ends no earlier.
bool begins_within(const Pair& p) { return *p.starts < 0 || (*p.starts == 0 && (p.a.start_included || !p.b.start_included)); }
bool reaches_over(const Pair& p) { return *p.ends > 0 || (*p.ends == 0 && (p.a.end_included || !p.b.end_included)); }

Pair swapped(const Pair& p) {
    return {p.b, p.a, 0 <=> *p.starts, 0 <=> *p.ends, 0 <=> *p.start_to_end, 0 <=> *p.end_to_start};
}

bool meets(const Pair& p) { return *p.end_to_start == 0 && p.a.end_included && p.b.start_included; }
bool overlaps(const Pair& p) { return !ends_before_start(p) && !starts_after_end(p); }
bool overlaps_before(const Pair& p) {
    const bool earlier = *p.starts < 0 || (*p.starts == 0 && p.a.start_included && !p.b.start_included);
    const bool ends_inside = *p.ends < 0 || (*p.ends == 0 && (!p.a.end_included || p.b.end_included));
    return earlier && ends_inside && overlaps(p);
}
bool finishes(const Pair& p) {
    const bool same_end = *p.ends == 0 && p.a.end_included == p.b.end_included;
    const bool later = *p.starts > 0 || (*p.starts == 0 && (!p.a.start_included || p.b.start_included));
    return same_end && later;
}
bool starts(const Pair& p) {
    const bool same_start = *p.starts == 0 && p.a.start_included == p.b.start_included;
    const bool sooner = *p.ends < 0 || (*p.ends == 0 && (!p.a.end_included || p.b.end_included));
    return same_start && sooner;
}
bool coincides(const Pair& p) {
    return *p.starts == 0 && *p.ends == 0 && p.a.start_included == p.b.start_included && p.a.end_included == p.b.end_included;
}

template <bool (*relation)(const Pair&), bool turned = false>
Value relate(const List& arguments, Evaluation&) {
    const auto pair = pair_of(arguments);
    if (!pair) return Value::null("the two points or ranges cannot be compared");
    return Value(relation(turned ? swapped(*pair) : *pair));
}

bool includes(const Pair& p) { return begins_within(p) && reaches_over(p); }

// `finishes` and `starts` of a point ask for an end that belongs to the range.
template <bool (*relation)(const Pair&), bool turned, bool at_end>
Value relate_point(const List& arguments, Evaluation& evaluation) {
    const Value& point = argument(arguments, turned ? 1 : 0);
    const Value& other = argument(arguments, turned ? 0 : 1);
    if (!is_point(point) || is_point(other)) return relate<relation, turned>(arguments, evaluation);
    const Range& range = *other.range();
    const Order order = compare(point, at_end ? range.end : range.start);
    if (!order) return Value::null("the point and the range cannot be compared");
    return Value(*order == 0 && (at_end ? range.end_included : range.start_included));
}

// Literals, and the functions that stand for literals of time.
bool is_endpoint(const Node& node) {
    static constexpr std::string_view kTemporal[] = {"date", "time", "date and time", "duration"};
    const auto is_literal = [](const NodePointer& one) { return one->kind == NodeKind::literal; };
    if (node.kind == NodeKind::negate) return is_literal(node.children[0]);
    if (node.kind == NodeKind::call) {
        const Node& callee = *node.children[0];
        return callee.kind == NodeKind::name && std::ranges::find(kTemporal, callee.text) != std::end(kTemporal) &&
               std::all_of(node.children.begin() + 1, node.children.end(), is_literal);
    }
    return node.kind == NodeKind::literal && node.value.as<bool>() == nullptr;
}

// One end of a range that is written as a text; an end that is not there is null.
Result<Value> endpoint(std::string_view text, Evaluation& evaluation) {
    if (trim(text).empty()) return Value();
    TRY(const Expression parsed, parse_expression(text));
    if (!is_endpoint(parsed.root())) return fail(Code::invalid, "the ends of a range are literals");
    Value value = evaluation.evaluate(parsed.program(), Scope{});
    if (!compare(value, value)) return fail(Code::invalid, "an end of a range can be compared");
    return value;
}

// Where ".." stands outside of quotes.
std::size_t find_dots(std::string_view text) {
    bool quoted = false;
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
        if (text[i] == '"' && (i == 0 || text[i - 1] != '\\')) quoted = !quoted;
        if (!quoted && text[i] == '.' && text[i + 1] == '.') return i;
    }
    return std::string_view::npos;
}

// "[18..21)", "(..5]": brackets as in the grammar, an open end beside a bracket that does not include it.
Result<Value> range_in(std::string_view text, Evaluation& evaluation) {
    text = trim(text);
    const std::size_t dots = find_dots(text);
    if (text.size() < 4 || dots == std::string_view::npos) return fail(Code::invalid, "a range is two ends in brackets with \"..\" between them");
    const char first = text.front();
    const char last = text.back();
    if (std::string_view("[(]").find(first) == std::string_view::npos || std::string_view("])[").find(last) == std::string_view::npos) {
        return fail(Code::invalid, "a range stands in brackets");
    }
    Range range{first == '[', Value(), Value(), last == ']'};
    TRY(range.start, endpoint(text.substr(1, dots - 1), evaluation));
    TRY(range.end, endpoint(text.substr(dots + 2, text.size() - dots - 3), evaluation));
    const bool both = !range.start.is_null() && !range.end.is_null();
    if ((range.start.is_null() && range.start_included) || (range.end.is_null() && range.end_included)) return fail(Code::invalid, "an end that is not there is not included");
    if (range.start.is_null() && range.end.is_null()) return fail(Code::invalid, "a range has an end");
    const auto order = both ? compare(range.start, range.end) : std::strong_ordering::less;
    if (!order || *order > 0) return fail(Code::invalid, "the ends of a range are of one kind, the first not after the last");
    return Value(std::move(range));
}

Value to_range(const List& arguments, Evaluation& evaluation) {
    const auto* text = scalar_at<std::string>(arguments, 0);
    if (text == nullptr) return wrong("range", "a text");
    auto made = range_in(*text, evaluation);
    return made ? *made : Value::null(std::move(made.error().message));
}

}  // namespace

std::span<const Builtin> range_builtins() {
    const auto kinds = std::vector<std::vector<std::string_view>>{{"point1", "point2"}, {"point", "range"}, {"range", "point"}, {"range1", "range2"}};
    static const std::vector<Builtin> all{
        {"range", {{"from"}}, 1, 1, to_range},
        {"before", kinds, 2, 2, relate<ends_before_start>},
        {"after", kinds, 2, 2, relate<starts_after_end>},
        {"meets", kinds, 2, 2, relate<meets>},
        {"met by", kinds, 2, 2, relate<meets, true>},
        {"overlaps", kinds, 2, 2, relate<overlaps>},
        {"overlaps before", kinds, 2, 2, relate<overlaps_before>},
        {"overlaps after", kinds, 2, 2, relate<overlaps_before, true>},
        {"finishes", kinds, 2, 2, relate_point<finishes, false, true>},
        {"finished by", kinds, 2, 2, relate_point<finishes, true, true>},
        {"includes", kinds, 2, 2, relate<includes>},
        {"during", kinds, 2, 2, relate<includes, true>},
        {"starts", kinds, 2, 2, relate_point<starts, false, false>},
        {"started by", kinds, 2, 2, relate_point<starts, true, false>},
        {"coincides", kinds, 2, 2, relate<coincides>},
    };
    return all;
}

}  // namespace madang::feel
