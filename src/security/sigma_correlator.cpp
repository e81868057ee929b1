#include "security/sigma_correlator.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/text.h"

namespace madang::security {
namespace {

constexpr double kMaxCount = 1'000'000;
constexpr std::size_t kMaxWhere = 100;
constexpr std::size_t kMaxValue = 1024;    // bytes kept of a field

bool holds(const Threshold& one, double number) {
    switch (one.relation) {
        case Relation::gt: return number > one.number;
        case Relation::gte: return number >= one.number;
        case Relation::lt: return number < one.number;
        case Relation::lte: return number <= one.number;
        case Relation::eq: return number == one.number;
        case Relation::neq: return number != one.number;
    }
    return false;
}

bool is_temporal(CorrelationType type) { return type == CorrelationType::temporal || type == CorrelationType::temporal_ordered; }

// More occurrences can only make it truer: it need not wait for the end of its timespan.
bool only_grows(const SigmaCorrelation& rule) {
    const bool counts = rule.type == CorrelationType::event_count || rule.type == CorrelationType::value_count || rule.type == CorrelationType::value_sum || is_temporal(rule.type);
    return counts && std::ranges::all_of(rule.condition, [](const Threshold& one) { return one.relation == Relation::gt || one.relation == Relation::gte; });
}

// As rules do: the name as it is spelled, else without looking at small and capital letters.
std::optional<std::string_view> value_of(const Event& event, std::string_view name) {
    if (const auto field = event.find(name)) return field->null ? std::nullopt : std::optional(field->value);
    for (std::size_t i = 0; i < event.size(); ++i) {
        const EventField field = event.at(i);
        if (field.name.size() == name.size() && !field.null && to_lower(field.name) == to_lower(name)) return field.value;
    }
    return std::nullopt;
}

std::optional<double> number_in(std::string_view text) {
    double number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
    return number;
}

// Length before each part, so that no two keys are spelled alike.
std::string joined(const std::vector<std::string>& parts) {
    std::string key;
    for (const std::string& part : parts) key += format("{}:{}", part.size(), part);
    return key;
}

bool refers_to(const SigmaMetadata& metadata, std::string_view name) { return (!metadata.id.empty() && metadata.id == name) || (!metadata.name.empty() && metadata.name == name); }

}  // namespace

std::string SigmaCorrelator::field_for(const One& one, std::size_t source, const std::string& name) const {
    const auto alias = one.rule.aliases.find(name);
    if (alias == one.rule.aliases.end()) return name;
    const auto found = alias->second.find(one.rule.rules[source]);
    return found == alias->second.end() ? name : found->second;
}

// Those that others refer to come first; one that refers to itself, however far around, is refused.
Result<void> SigmaCorrelator::order(const SigmaProgram& program, std::vector<std::string>& problems) {
    std::vector<One> waiting = std::move(all_);
    all_.clear();
    const auto place_of = [&](const std::string& name) -> std::optional<std::size_t> {
        for (std::size_t i = 0; i < all_.size(); ++i) {
            if (refers_to(all_[i].rule.metadata, name)) return i;
        }
        return std::nullopt;
    };
    std::map<std::string, std::vector<std::uint32_t>, std::less<>> rules;
    for (std::uint32_t i = 0; i < program.size(); ++i) {
        const SigmaMetadata& metadata = program.rule(i).metadata;
        if (!metadata.id.empty()) rules[metadata.id].push_back(i);
        if (!metadata.name.empty() && metadata.name != metadata.id) rules[metadata.name].push_back(i);
    }
    for (bool moved = true; moved && !waiting.empty();) {
        moved = false;
        for (auto one = waiting.begin(); one != waiting.end();) {
            const bool ready = std::ranges::all_of(one->rule.rules, [&](const std::string& name) { return rules.contains(name) || place_of(name); });
            if (!ready) {
                ++one;
                continue;
            }
            const std::size_t number = all_.size();
            for (std::size_t source = 0; source < one->rule.rules.size(); ++source) {
                const std::string& name = one->rule.rules[source];
                if (const auto inner = place_of(name)) {
                    all_[*inner].feeds.emplace_back(number, source);
                    continue;
                }
                for (const std::uint32_t rule : rules.find(name)->second) of_rule_[rule].emplace_back(number, source);
            }
            all_.push_back(std::move(*one));
            one = waiting.erase(one);
            moved = true;
        }
    }
    for (const One& one : waiting) {
        const SigmaMetadata& metadata = one.rule.metadata;
        std::string missing;
        for (const std::string& name : one.rule.rules) {
            const bool somewhere = rules.contains(name) || place_of(name) || std::ranges::any_of(waiting, [&](const One& other) { return refers_to(other.rule.metadata, name); });
            if (!somewhere) missing = name;
        }
        problems.push_back(missing.empty() ? format("{}:{}: the correlation refers to itself, or to one that cannot be run", metadata.file, metadata.line)
                                           : format("{}:{}: the rule \"{}\" is not there, or cannot be run", metadata.file, metadata.line, missing));
    }
    return {};
}

SigmaCorrelator::Compiled SigmaCorrelator::compile(std::vector<SigmaCorrelation> correlations, const SigmaProgram& program, CorrelatorLimits limits) {
    Compiled compiled;
    compiled.correlator.reset(new SigmaCorrelator(limits));
    SigmaCorrelator& made = *compiled.correlator;
    made.of_rule_.resize(program.size());
    made.wanted_.resize(program.size());
    made.silent_.resize(program.size());
    for (SigmaCorrelation& rule : correlations) {
        One one;
        one.at_end = !only_grows(rule);
        one.cap = limits.occurrences;
        bool too_many = false;
        for (const Threshold& threshold : rule.condition) {
            const bool counted = rule.type == CorrelationType::event_count || rule.type == CorrelationType::value_count;
            if (!counted) continue;
            too_many = too_many || threshold.number >= kMaxCount;
            one.cap = std::max(one.cap, static_cast<std::size_t>(std::clamp(threshold.number + 2, 0.0, kMaxCount)));
        }
        if (too_many) {
            compiled.problems.push_back(format("{}:{}: no more than {:.0f} occurrences are counted", rule.metadata.file, rule.metadata.line, kMaxCount));
            continue;
        }
        one.rule = std::move(rule);
        made.all_.push_back(std::move(one));
    }
    (void)made.order(program, compiled.problems);
    for (std::size_t rule = 0; rule < made.of_rule_.size(); ++rule) {
        bool generate = made.of_rule_[rule].empty();
        for (const auto& [number, source] : made.of_rule_[rule]) {
            // Fields travel on to the correlations that this one feeds.
            std::vector<std::pair<std::size_t, std::size_t>> ahead{{number, source}};
            for (std::size_t i = 0; i < ahead.size(); ++i) {
                const One& one = made.all_[ahead[i].first];
                for (const std::string& name : one.rule.group_by) made.wanted_[rule].insert(made.field_for(one, ahead[i].second, name));
                for (const std::string& name : one.rule.fields) made.wanted_[rule].insert(made.field_for(one, ahead[i].second, name));
                ahead.insert(ahead.end(), one.feeds.begin(), one.feeds.end());
            }
            generate = generate || made.all_[number].rule.generate;
        }
        made.silent_[rule] = !generate;
    }
    return compiled;
}

std::optional<SigmaCorrelator::Occurrence> SigmaCorrelator::occurrence_of(std::uint32_t rule, const Event& event, Instant at, std::uint64_t where) const {
    if (rule >= of_rule_.size() || of_rule_[rule].empty()) return std::nullopt;
    Occurrence one{at, rule, {}, where};
    for (const std::string& name : wanted_[rule]) {
        if (const auto value = value_of(event, name)) one.fields.emplace(name, value->substr(0, kMaxValue));
    }
    return one;
}

void SigmaCorrelator::add(const Occurrence& one, const Use& use) {
    ++counts_.occurrences;
    if (newest_ && one.at < *newest_ - limits_.lateness) {
        ++counts_.late;
        return;
    }
    if (!newest_ || one.at > *newest_) advance(one.at, use);
    for (const auto& [number, source] : of_rule_[one.rule]) take(number, source, {one.at, &one.fields, {one.where}}, use);
}

void SigmaCorrelator::take(std::size_t number, std::size_t source, const Piece& piece, const Use& use) {
    One& one = all_[number];
    const auto value_at = [&](const std::string& name) -> const std::string* {
        const auto found = piece.fields->find(field_for(one, source, name));
        return found == piece.fields->end() ? nullptr : &found->second;
    };
    std::vector<std::string> key;
    for (const std::string& name : one.rule.group_by) {
        const std::string* value = value_at(name);
        if (value == nullptr) {
            ++counts_.without_group;
            return;
        }
        key.push_back(*value);
    }
    Kept kept{piece.at, source, {}, 0, piece.where};
    std::vector<std::string> values;
    for (const std::string& name : one.rule.fields) {
        const std::string* value = value_at(name);
        if (value == nullptr) return;   // nothing to count, to sum or to compare
        values.push_back(*value);
    }
    kept.value = values.size() == 1 ? values.front() : joined(values);
    if (one.rule.type == CorrelationType::value_sum || one.rule.type == CorrelationType::value_avg) {
        const auto given = number_in(kept.value);
        if (!given) return;
        kept.number = *given;
    }
    const std::string name = joined(key);
    auto found = one.groups.find(name);
    if (found == one.groups.end()) {
        if (one.groups.size() >= limits_.groups) {
            one.groups.erase(one.order.back());
            one.order.pop_back();
            ++counts_.forgotten_groups;
        }
        one.order.push_front(name);
        found = one.groups.emplace(name, Group{std::move(key), {}, {}, one.order.begin()}).first;
    } else {
        one.order.splice(one.order.begin(), one.order, found->second.place);
    }
    Group& group = found->second;
    const Instant at = kept.at;
    const auto behind = std::upper_bound(group.kept.begin(), group.kept.end(), at, [](Instant moment, const Kept& other) { return moment < other.at; });
    group.kept.insert(behind, std::move(kept));
    if (group.kept.size() > one.cap) {
        group.kept.pop_front();
        ++counts_.forgotten_occurrences;
    }
    if (!one.at_end) judge_around(number, group, at, use);
}

// All windows in which the new occurrence stands, each ending with an occurrence; but for late ones it is a single one.
void SigmaCorrelator::judge_around(std::size_t number, Group& group, Instant at, const Use& use) {
    const One& one = all_[number];
    const auto span = one.rule.timespan;
    // What no late event can reach any more is forgotten.
    while (!group.kept.empty() && newest_ && group.kept.front().at + span + limits_.lateness < *newest_) group.kept.pop_front();
    for (std::size_t to = 0; to < group.kept.size(); ++to) {
        if (group.kept[to].at < at) continue;
        if (group.kept[to].at > at + span) break;
        const bool same_moment = to + 1 < group.kept.size() && group.kept[to + 1].at == group.kept[to].at;
        if (same_moment) continue;   // the last of one moment sees them all
        if (group.told && group.kept[to].at <= *group.told) continue;
        std::size_t from = to;
        while (from > 0 && group.kept[from - 1].at + span >= group.kept[to].at) --from;
        judge_window(number, group, from, to + 1, use);
    }
}

void SigmaCorrelator::judge_window(std::size_t number, Group& group, std::size_t from, std::size_t to, const Use& use) {
    const SigmaCorrelation& rule = all_[number].rule;
    double counted = 0;
    if (rule.type == CorrelationType::value_percentile) return judge_shares(number, group, from, to, use);
    if (rule.type == CorrelationType::event_count) {
        counted = static_cast<double>(to - from);
    } else if (rule.type == CorrelationType::value_count) {
        std::set<std::string_view> values;
        for (std::size_t i = from; i < to; ++i) values.insert(group.kept[i].value);
        counted = static_cast<double>(values.size());
    } else if (rule.type == CorrelationType::temporal_ordered) {
        // How far the order was followed, each rule at or after the one before.
        std::size_t next = 0;
        for (std::size_t i = from; i < to && next < rule.rules.size(); ++i) {
            if (group.kept[i].source == next) ++next;
        }
        counted = static_cast<double>(next);
    } else if (rule.type == CorrelationType::temporal) {
        std::set<std::size_t> sources;
        for (std::size_t i = from; i < to; ++i) sources.insert(group.kept[i].source);
        counted = static_cast<double>(sources.size());
    } else {
        for (std::size_t i = from; i < to; ++i) counted += group.kept[i].number;
        if (rule.type == CorrelationType::value_avg) counted /= static_cast<double>(to - from);
    }
    const bool whole = rule.condition.empty() ? counted == static_cast<double>(rule.rules.size())
                                              : std::ranges::all_of(rule.condition, [&](const Threshold& one) { return holds(one, counted); });
    if (whole) tell(number, group, from, to, counted, {}, use);
}

// How much of all each value is, in percent: "lte: 1" finds what is rare.
void SigmaCorrelator::judge_shares(std::size_t number, Group& group, std::size_t from, std::size_t to, const Use& use) {
    std::map<std::string, std::size_t> counts;
    for (std::size_t i = from; i < to; ++i) ++counts[group.kept[i].value];
    for (const auto& [value, count] : counts) {
        const double percent = 100.0 * static_cast<double>(count) / static_cast<double>(to - from);
        const auto& condition = all_[number].rule.condition;
        if (std::ranges::all_of(condition, [&](const Threshold& one) { return holds(one, percent); })) tell(number, group, from, to, percent, value, use);
    }
}

void SigmaCorrelator::tell(std::size_t number, Group& group, std::size_t from, std::size_t to, double counted, const std::string& value, const Use& use) {
    const One& one = all_[number];
    Found found{one.rule, group.kept[from].at, group.kept[to - 1].at, {}, counted, value, {}};
    std::map<std::string, std::string, std::less<>> fields;
    for (std::size_t i = 0; i < group.key.size(); ++i) {
        found.group.emplace_back(one.rule.group_by[i], group.key[i]);
        fields.emplace(one.rule.group_by[i], group.key[i]);
    }
    for (std::size_t i = from; i < to && found.where.size() < kMaxWhere; ++i) {
        if (!value.empty() && group.kept[i].value != value) continue;
        for (const std::uint64_t where : group.kept[i].where) {
            if (found.where.size() < kMaxWhere) found.where.push_back(where);
        }
    }
    if (!one.at_end) group.told = found.last + one.rule.timespan;
    const bool inner = !one.feeds.empty();
    bool told = !inner;
    for (const auto& [outer, source] : one.feeds) told = told || all_[outer].rule.generate;
    if (told) use(found);
    // The group's fields are all that an outer correlation sees of this one.
    for (const auto& [outer, source] : one.feeds) take(outer, source, {found.last, &fields, found.where}, use);
}

bool SigmaCorrelator::judge_ended(std::size_t number, Group& group, Instant until, const Use& use) {
    const auto span = all_[number].rule.timespan;
    bool any = false;
    while (!group.kept.empty() && group.kept.front().at + span < until) {
        const Instant end = group.kept.front().at + span;
        std::size_t to = 0;
        while (to < group.kept.size() && group.kept[to].at <= end) ++to;
        judge_window(number, group, 0, to, use);
        group.kept.erase(group.kept.begin(), group.kept.begin() + static_cast<std::ptrdiff_t>(to));
        any = true;
    }
    return any;
}

void SigmaCorrelator::advance(Instant now, const Use& use) {
    if (newest_ && now <= *newest_) return;
    newest_ = now;
    for (std::size_t number = 0; number < all_.size(); ++number) {
        if (!all_[number].at_end) continue;
        for (auto& [name, group] : all_[number].groups) judge_ended(number, group, now - limits_.lateness, use);
    }
}

void SigmaCorrelator::finish(const Use& use) {
    for (std::size_t number = 0; number < all_.size(); ++number) {
        if (!all_[number].at_end) continue;
        for (auto& [name, group] : all_[number].groups) judge_ended(number, group, Instant::max(), use);
    }
}

}  // namespace madang::security
