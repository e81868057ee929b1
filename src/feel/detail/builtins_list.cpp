// Lists and sorting (clauses 10.3.4.4 and 10.3.4.7).
#include <algorithm>

#include "feel/detail/builtins.h"

namespace madang::feel {
namespace {

// A single value where a list is asked for is a list of it (clause 10.3.2.9.4); null stays null.
std::optional<List> list_at(const List& arguments, std::size_t place) {
    const Value& value = argument(arguments, place);
    if (value.is_null()) return std::nullopt;
    return value.list() == nullptr ? List{value} : *value.list();
}

bool identical(const Value& a, const Value& b) { return same(a, b); }

bool has(const List& list, const Value& wanted) {
    return std::ranges::any_of(list, [&](const Value& item) { return identical(item, wanted); });
}

// A place from 1, or from the end if negative, as an index; nothing outside of `size` items.
std::optional<std::size_t> index_of(const Value& place, std::size_t size) {
    const auto* number = place.as<Number>();
    const auto at = number == nullptr ? std::nullopt : round(*number, 0, Rounding::down)->integer();
    const auto count = static_cast<std::int64_t>(size);
    if (!at || *at == 0 || *at > count || *at < -count) return std::nullopt;
    return static_cast<std::size_t>(*at > 0 ? *at - 1 : count + *at);
}

std::optional<std::vector<Number>> numbers_of(const List& items) {
    std::vector<Number> numbers;
    for (const Value& item : items) {
        const auto* number = item.as<Number>();
        if (number == nullptr) return std::nullopt;
        numbers.push_back(*number);
    }
    return numbers;
}

Value made(const std::optional<Number>& number, std::string_view function) {
    return number ? Value(*number) : Value::null(format("{}() has no result", function));
}

std::optional<Number> total(const std::vector<Number>& numbers) {
    std::optional<Number> sum = Number();
    for (const Number& number : numbers) {
        sum = add(*sum, number);
        if (!sum) return std::nullopt;
    }
    return sum;
}

Value list_contains(const List& a, Evaluation&) {
    const auto list = list_at(a, 0);
    return list ? Value(has(*list, argument(a, 1))) : wrong("list contains", "a list");
}

Value count(const List& a, Evaluation&) {
    const auto list = list_at(a, 0);
    return list ? Value(Number(static_cast<std::int64_t>(list->size()))) : wrong("count", "a list");
}

Value extreme(const List& items, bool greatest, std::string_view name) {
    if (items.empty()) return Value::null(format("{}() of an empty list", name));
    Value best = items.front();
    if (best.is_null() || !compare(best, best)) return wrong(name, "values that can be compared");
    for (const Value& item : items) {
        const auto order = compare(item, best);
        if (!order) return wrong(name, "values of one kind");
        if (greatest ? *order > 0 : *order < 0) best = item;
    }
    return best;
}
Value min(const List& a, Evaluation&) { return extreme(items_given(a), false, "min"); }
Value max(const List& a, Evaluation&) { return extreme(items_given(a), true, "max"); }

Value sum(const List& a, Evaluation&) {
    const List items = items_given(a);
    if (items.empty()) return Value::null("sum() of an empty list");
    if (const auto numbers = numbers_of(items)) return made(total(*numbers), "sum");
    Value all = items.front();
    if (all.as<MonthsDuration>() == nullptr && all.as<SecondsDuration>() == nullptr) return wrong("sum", "numbers");
    for (std::size_t i = 1; i < items.size(); ++i) all = arithmetic(NodeKind::add, all, items[i]);
    return all;
}

Value mean(const List& a, Evaluation& evaluation) {
    const List items = items_given(a);
    const Value all = sum({Value(items)}, evaluation);
    if (all.is_null()) return wrong("mean", "numbers");
    return arithmetic(NodeKind::divide, all, Value(Number(static_cast<std::int64_t>(items.size()))));
}

Value product(const List& a, Evaluation&) {
    const auto numbers = numbers_of(items_given(a));
    if (!numbers || numbers->empty()) return wrong("product", "numbers");
    std::optional<Number> all = Number(1);
    for (const Number& number : *numbers) {
        all = multiply(*all, number);
        if (!all) break;
    }
    return made(all, "product");
}

Value median(const List& a, Evaluation&) {
    auto numbers = numbers_of(items_given(a));
    if (!numbers || numbers->empty()) return wrong("median", "numbers");
    std::ranges::sort(*numbers);
    const std::size_t half = numbers->size() / 2;
    if (numbers->size() % 2 == 1) return Value((*numbers)[half]);
    const auto both = add((*numbers)[half - 1], (*numbers)[half]);
    return made(both ? divide(*both, Number(2)) : std::nullopt, "median");
}

Value stddev(const List& a, Evaluation&) {
    const auto numbers = numbers_of(items_given(a));
    if (!numbers || numbers->size() < 2) return wrong("stddev", "two numbers or more");
    const auto all = total(*numbers);
    const auto average = all ? divide(*all, Number(static_cast<std::int64_t>(numbers->size()))) : std::nullopt;
    std::optional<Number> squares = average ? std::optional(Number()) : std::nullopt;
    for (const Number& number : *numbers) {
        const auto off = squares ? subtract(number, *average) : std::nullopt;
        const auto square = off ? multiply(*off, *off) : std::nullopt;
        squares = square ? add(*squares, *square) : std::nullopt;
    }
    const auto variance = squares ? divide(*squares, Number(static_cast<std::int64_t>(numbers->size()) - 1)) : std::nullopt;
    return made(variance ? square_root(*variance) : std::nullopt, "stddev");
}

Value mode(const List& a, Evaluation&) {
    auto numbers = numbers_of(items_given(a));
    if (!numbers) return wrong("mode", "numbers");
    std::ranges::sort(*numbers);
    List best;
    std::size_t most = 0;
    for (std::size_t i = 0; i < numbers->size();) {
        std::size_t end = i;
        while (end < numbers->size() && (*numbers)[end] == (*numbers)[i]) ++end;
        if (end - i > most) best.clear();
        if (end - i >= most) best.emplace_back((*numbers)[i]);
        most = std::max(most, end - i);
        i = end;
    }
    return Value(std::move(best));
}

// Clause 10.3.4.4: `all` and `any` of three-valued logic.
Value quantified(const List& a, bool decides, std::string_view name) {
    const List items = items_given(a);
    if (items.size() == 1 && items[0].is_null()) return wrong(name, "true and false values");
    bool unknown = false;
    for (const Value& item : items) {
        const bool* truth = item.as<bool>();
        if (truth != nullptr && *truth == decides) return Value(decides);
        unknown = unknown || truth == nullptr;
    }
    return unknown ? wrong(name, "true and false values") : Value(!decides);
}
Value all(const List& a, Evaluation&) { return quantified(a, false, "all"); }
Value any(const List& a, Evaluation&) { return quantified(a, true, "any"); }

Value sublist(const List& a, Evaluation&) {
    const auto list = list_at(a, 0);
    const auto first = list ? index_of(argument(a, 1), list->size()) : std::nullopt;
    if (!first) return wrong("sublist", "a list and a place in it");
    std::size_t last = list->size();
    if (const Value& length = argument(a, 2); !length.is_null()) {
        const auto* number = length.as<Number>();
        const auto size = number == nullptr ? std::nullopt : number->integer();
        if (!size || *size < 0 || *size > static_cast<std::int64_t>(list->size() - *first)) return wrong("sublist", "a length within the list");
        last = *first + static_cast<std::size_t>(*size);
    }
    return Value(List(list->begin() + static_cast<std::ptrdiff_t>(*first), list->begin() + static_cast<std::ptrdiff_t>(last)));
}

Value append(const List& a, Evaluation&) {
    auto list = list_at(a, 0);
    if (!list) return wrong("append", "a list");
    list->insert(list->end(), a.begin() + 1, a.end());
    return Value(std::move(*list));
}

Value concatenate(const List& a, Evaluation& evaluation) {
    List joined;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const auto list = list_at(a, i);
        if (!list || !evaluation.spend(list->size())) return wrong("concatenate", "lists");
        joined.insert(joined.end(), list->begin(), list->end());
    }
    return Value(std::move(joined));
}

Value insert_before(const List& a, Evaluation&) {
    auto list = list_at(a, 0);
    const auto at = list ? index_of(argument(a, 1), list->size()) : std::nullopt;
    if (!at) return wrong("insert before", "a list and a place in it");
    list->insert(list->begin() + static_cast<std::ptrdiff_t>(*at), argument(a, 2));
    return Value(std::move(*list));
}

Value remove(const List& a, Evaluation&) {
    auto list = list_at(a, 0);
    const auto at = list ? index_of(argument(a, 1), list->size()) : std::nullopt;
    if (!at) return wrong("remove", "a list and a place in it");
    list->erase(list->begin() + static_cast<std::ptrdiff_t>(*at));
    return Value(std::move(*list));
}

Value list_replace(const List& a, Evaluation& evaluation) {
    auto list = list_at(a, 0);
    if (!list) return wrong("list replace", "a list");
    if (const Function* match = argument(a, 1).function()) {
        if (match->parameters.size() != 2) return wrong("list replace", "a function of two parameters");
        for (Value& item : *list) {
            const Value answer = evaluation.call(*match, {item, argument(a, 2)});
            if (answer.as<bool>() == nullptr) return wrong("list replace", "a function that gives true or false");
            if (*answer.as<bool>()) item = argument(a, 2);
        }
        return Value(std::move(*list));
    }
    const auto at = index_of(argument(a, 1), list->size());
    if (!at) return wrong("list replace", "a place in the list");
    (*list)[*at] = argument(a, 2);
    return Value(std::move(*list));
}

Value reverse(const List& a, Evaluation&) {
    auto list = list_at(a, 0);
    if (!list) return wrong("reverse", "a list");
    std::ranges::reverse(*list);
    return Value(std::move(*list));
}

Value places(const List& a, Evaluation&) {
    const auto list = list_at(a, 0);
    if (!list) return wrong("index of", "a list");
    List found;
    for (std::size_t i = 0; i < list->size(); ++i) {
        if (identical((*list)[i], argument(a, 1))) found.emplace_back(Number(static_cast<std::int64_t>(i) + 1));
    }
    return Value(std::move(found));
}

Value distinct(const List& items, Evaluation& evaluation) {
    List kept;
    for (const Value& item : items) {
        if (!evaluation.spend(kept.size() + 1)) return Value::null("the list is too long to compare");
        if (!has(kept, item)) kept.push_back(item);
    }
    return Value(std::move(kept));
}
Value distinct_values(const List& a, Evaluation& evaluation) {
    const auto list = list_at(a, 0);
    return list ? distinct(*list, evaluation) : wrong("distinct values", "a list");
}
Value union_of(const List& a, Evaluation& evaluation) {
    const Value joined = concatenate(a, evaluation);
    return joined.list() == nullptr ? joined : distinct(*joined.list(), evaluation);
}

void flatten_into(const List& list, List& out, int depth) {
    for (const Value& item : list) {
        if (item.list() != nullptr && depth < 100) {
            flatten_into(*item.list(), out, depth + 1);
        } else {
            out.push_back(item);
        }
    }
}
Value flatten(const List& a, Evaluation&) {
    const auto list = list_at(a, 0);
    if (!list) return wrong("flatten", "a list");
    List out;
    flatten_into(*list, out, 0);
    return Value(std::move(out));
}

// By merging, so that an inconsistent `precedes` costs no more than a consistent one.
List merge_sorted(const List& list, const std::function<bool(const Value&, const Value&)>& precedes) {
    if (list.size() < 2) return list;
    const auto middle = list.begin() + static_cast<std::ptrdiff_t>(list.size() / 2);
    const List left = merge_sorted(List(list.begin(), middle), precedes);
    const List right = merge_sorted(List(middle, list.end()), precedes);
    List out;
    auto a = left.begin();
    auto b = right.begin();
    while (a != left.end() && b != right.end()) out.push_back(precedes(*b, *a) ? *b++ : *a++);
    out.insert(out.end(), a, left.end());
    out.insert(out.end(), b, right.end());
    return out;
}
Value sort(const List& a, Evaluation& evaluation) {
    const auto list = list_at(a, 0);
    if (!list) return wrong("sort", "a list");
    const Function* precedes = argument(a, 1).function();
    if (precedes == nullptr && !argument(a, 1).is_null()) return wrong("sort", "a function of two values");
    return Value(merge_sorted(*list, [&](const Value& x, const Value& y) {
        if (precedes == nullptr) return compare(x, y) == std::strong_ordering::less;
        const Value answer = evaluation.call(*precedes, {x, y});
        return answer.as<bool>() != nullptr && *answer.as<bool>();
    }));
}

}  // namespace

std::span<const Builtin> list_builtins() {
    static const std::vector<Builtin> all_of_them{
        {"list contains", {{"list", "element"}}, 2, 2, list_contains},
        {"count", {{"list"}}, 1, 1, count},
        {"min", {{"list"}}, 1, kAny, min},
        {"max", {{"list"}}, 1, kAny, max},
        {"sum", {{"list"}}, 1, kAny, sum},
        {"mean", {{"list"}}, 1, kAny, mean},
        {"all", {{"list"}}, 1, kAny, all},
        {"any", {{"list"}}, 1, kAny, any},
        {"product", {{"list"}}, 1, kAny, product},
        {"median", {{"list"}}, 1, kAny, median},
        {"stddev", {{"list"}}, 1, kAny, stddev},
        {"mode", {{"list"}}, 1, kAny, mode},
        {"sublist", {{"list", "start position", "length"}}, 2, 3, sublist},
        {"append", {{"list", "item"}}, 1, kAny, append},
        {"concatenate", {{"list"}}, 1, kAny, concatenate},
        {"insert before", {{"list", "position", "newItem"}}, 3, 3, insert_before},
        {"remove", {{"list", "position"}}, 2, 2, remove},
        {"list replace", {{"list", "position", "newItem"}, {"list", "match", "newItem"}}, 3, 3, list_replace},
        {"reverse", {{"list"}}, 1, 1, reverse},
        {"index of", {{"list", "match"}}, 2, 2, places},
        {"union", {{"list"}}, 1, kAny, union_of},
        {"distinct values", {{"list"}}, 1, 1, distinct_values},
        {"flatten", {{"list"}}, 1, 1, flatten},
        {"sort", {{"list", "precedes"}}, 1, 2, sort},
    };
    return all_of_them;
}

}  // namespace madang::feel
