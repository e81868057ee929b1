// Which of the rules that fire answers for the table, clause 8.2.10.
#include <algorithm>

#include "base/text.h"
#include "decision/detail/run.h"

namespace madang::decision {
namespace {

using Values = std::vector<feel::Value>;

feel::Value output_of(const Table& table, const Values& values) {
    if (table.outputs.size() == 1) return values[0];
    feel::Context all;
    for (std::size_t i = 0; i < values.size(); ++i) all.set(table.outputs[i].name, values[i]);
    return feel::Value(std::move(all));
}

// Places of the values in the order of their columns; a value that is not listed comes last.
std::vector<std::size_t> rank_of(const Table& table, const Values& values) {
    std::vector<std::size_t> rank;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto& order = table.outputs[i].order;
        const auto found = std::ranges::find_if(order, [&](const feel::Value& one) { return feel::same(one, values[i]); });
        rank.push_back(static_cast<std::size_t>(found - order.begin()));
    }
    return rank;
}

// Hits of the same rank stay in the order of their rules.
std::vector<Values> by_rank(const Table& table, const std::vector<Values>& hits) {
    std::vector<std::pair<std::vector<std::size_t>, std::size_t>> order;
    for (std::size_t i = 0; i < hits.size(); ++i) order.emplace_back(rank_of(table, hits[i]), i);
    std::ranges::sort(order);
    std::vector<Values> sorted;
    for (const auto& [rank, place] : order) sorted.push_back(hits[place]);
    return sorted;
}

feel::Value list_of(const Table& table, const std::vector<Values>& hits) {
    feel::List all;
    for (const Values& values : hits) all.push_back(output_of(table, values));
    return feel::Value(std::move(all));
}

feel::Value aggregated(const Table& table, const std::vector<Values>& hits) {
    const char* const name = table.aggregation == Aggregation::sum     ? "sum"
                             : table.aggregation == Aggregation::count ? "count"
                             : table.aggregation == Aggregation::min   ? "min"
                                                                       : "max";
    feel::Evaluation evaluation{feel::Budget{}};
    return feel::find_builtin(name)->call({list_of(table, hits)}, evaluation);
}

bool all_equal(const std::vector<Values>& hits) {
    return std::ranges::all_of(hits, [&](const Values& values) {
        return std::ranges::equal(values, hits.front(), [](const feel::Value& a, const feel::Value& b) { return feel::same(a, b); });
    });
}

}  // namespace

feel::Value by_hit_policy(const Table& table, const std::vector<Values>& hits) {
    switch (table.hit_policy) {
        case HitPolicy::unique:
            if (hits.size() > 1) return feel::Value::null(madang::format("{} rules of the table \"{}\" fit, and only one may", hits.size(), table.id));
            return output_of(table, hits.front());
        case HitPolicy::any:
            if (!all_equal(hits)) return feel::Value::null(madang::format("rules of the table \"{}\" fit that do not agree", table.id));
            return output_of(table, hits.front());
        case HitPolicy::priority: return output_of(table, by_rank(table, hits).front());
        case HitPolicy::first: return output_of(table, hits.front());
        case HitPolicy::rule_order: return list_of(table, hits);
        case HitPolicy::output_order: return list_of(table, by_rank(table, hits));
        case HitPolicy::collect: return table.aggregation == Aggregation::none ? list_of(table, hits) : aggregated(table, hits);
    }
    return {};
}

}  // namespace madang::decision
