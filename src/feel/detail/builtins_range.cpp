// Relations of points and ranges in time, after Allen's intervals (clause 10.3.4.9).
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

}  // namespace

std::span<const Builtin> range_builtins() {
    const auto kinds = std::vector<std::vector<std::string_view>>{{"point1", "point2"}, {"point", "range"}, {"range", "point"}, {"range1", "range2"}};
    static const std::vector<Builtin> all{
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
