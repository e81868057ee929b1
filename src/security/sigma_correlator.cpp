#include "security/sigma_correlator.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/text.h"

namespace madang::security {
namespace {

constexpr double kMaxCount = 1'000'000;
constexpr std::size_t kMaxChain = 16;      // correlations of correlations
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

bool has_negation(const Condition& one) { return one.kind == Condition::Kind::negation || std::ranges::any_of(one.children, has_negation); }

// As deep as conditions may be (detail/sigma_condition.h).
bool is_so(const Condition& one, const CorrelationTally& tally) {
    const auto child_is = [&](const Condition& child) { return is_so(child, tally); };
    switch (one.kind) {
        case Condition::Kind::search: return tally.has_source(one.search);
        case Condition::Kind::all_of: return std::ranges::all_of(one.children, child_is);
        case Condition::Kind::any_of: return std::ranges::any_of(one.children, child_is);
        case Condition::Kind::negation: return !is_so(one.children.front(), tally);
    }
    return false;
}

// The rules that the condition asks for, not those whose absence it asks for.
void add_wanted(const Condition& one, std::set<std::size_t>& wanted) {
    if (one.kind == Condition::Kind::search) wanted.insert(one.search);
    if (one.kind == Condition::Kind::negation) return;
    for (const Condition& child : one.children) add_wanted(child, wanted);
}

// More occurrences can only make it truer: it need not wait for the end of its timespan.
bool only_grows(const SigmaCorrelation& rule) {
    const bool counts = rule.type == CorrelationType::event_count || rule.type == CorrelationType::value_count || rule.type == CorrelationType::value_sum || is_temporal(rule.type);
    return counts && !(rule.which && has_negation(*rule.which)) && std::ranges::all_of(rule.condition, [](const Threshold& one) { return one.relation == Relation::gt || one.relation == Relation::gte; });
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
            std::size_t depth = 1;
            const bool ready = std::ranges::all_of(one->rule.rules, [&](const std::string& name) {
                const auto inner = place_of(name);
                if (inner) depth = std::max(depth, all_[*inner].depth + 1);
                return inner || rules.contains(name);
            });
            if (!ready) {
                ++one;
                continue;
            }
            if (depth > kMaxChain) {
                problems.push_back(format("{}:{}: correlations refer to each other over more than {} steps", one->rule.metadata.file, one->rule.metadata.line, kMaxChain));
                one = waiting.erase(one);
                continue;
            }
            one->depth = depth;
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
            const bool values = rule.type == CorrelationType::value_count;
            if (!values && rule.type != CorrelationType::event_count) continue;
            too_many = too_many || threshold.number >= kMaxCount;
            // Values that differ are never put together; a quarter more, since so many may go at once.
            if (values) one.cap = std::max(one.cap, static_cast<std::size_t>(std::clamp((threshold.number + 2) * 4 / 3 + 1, 0.0, 2 * kMaxCount)));
        }
        if (too_many) {
            compiled.problems.push_back(format("{}:{}: no more than {:.0f} occurrences are counted", rule.metadata.file, rule.metadata.line, kMaxCount));
            continue;
        }
        one.rule = std::move(rule);
        made.all_.push_back(std::move(one));
    }
    (void)made.order(program, compiled.problems);
    made.held_.resize(made.all_.size());
    for (std::size_t rule = 0; rule < made.of_rule_.size(); ++rule) {
        bool generate = made.of_rule_[rule].empty();
        for (const auto& [number, source] : made.of_rule_[rule]) {
            // Fields travel on to the correlations that this one feeds.
            std::vector<std::pair<std::size_t, std::size_t>> ahead{{number, source}};
            std::set<std::pair<std::size_t, std::size_t>> known{{number, source}};
            for (std::size_t i = 0; i < ahead.size(); ++i) {
                const One& one = made.all_[ahead[i].first];
                for (const std::string& name : one.rule.group_by) made.wanted_[rule].insert(made.field_for(one, ahead[i].second, name));
                for (const std::string& name : one.rule.fields) made.wanted_[rule].insert(made.field_for(one, ahead[i].second, name));
                for (const auto& feed : one.feeds) {
                    if (known.insert(feed).second) ahead.push_back(feed);
                }
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
    advance(one.at, use);
    for (const auto& [number, source] : of_rule_[one.rule]) take(number, source, {one.at, &one.fields, {one.where}}, use);
    stay_within_bytes();
}

// Nothing where a field is not there that is counted, summed or compared.
std::optional<CorrelationKept> SigmaCorrelator::kept_of(const One& one, std::size_t source, const Piece& piece) const {
    CorrelationKept kept{.at = piece.at, .source = source, .where = piece.where};
    std::vector<std::string> values;
    for (const std::string& name : one.rule.fields) {
        const auto found = piece.fields->find(field_for(one, source, name));
        if (found == piece.fields->end()) return std::nullopt;
        values.push_back(found->second);
    }
    kept.value = values.size() == 1 ? std::move(values.front()) : joined(values);
    if (one.rule.type == CorrelationType::value_sum || one.rule.type == CorrelationType::value_avg || one.rule.percentile) {
        const auto given = number_in(kept.value);
        if (!given) return std::nullopt;
        kept.number = *given;
    }
    return kept;
}

void SigmaCorrelator::take(std::size_t number, std::size_t source, const Piece& piece, const Use& use) {
    One& one = all_[number];
    std::vector<std::string> key;
    for (const std::string& name : one.rule.group_by) {
        const auto found = piece.fields->find(field_for(one, source, name));
        if (found == piece.fields->end()) {
            ++counts_.without_group;
            return;
        }
        key.push_back(found->second);
    }
    auto kept = kept_of(one, source, piece);
    if (!kept) return;
    Group& group = group_for(number, std::move(key));
    // Windows that it stands in were told.
    if (group.told && kept->at + one.rule.timespan <= *group.told) return;
    const std::size_t place = group.window.insert(std::move(*kept));
    if (one.at_end) set_due(one, *group.place, group);
    else judge_around(number, group, place, use);
    if (group.window.kept().size() > one.cap) counts_.forgotten_occurrences += group.window.compact(one.cap);
    if (one.at_end) set_due(one, *group.place, group);
    weigh(number, *group.place, group);
}

// All windows in which the new occurrence stands, each ending with an occurrence; but for late ones it is a single one.
void SigmaCorrelator::judge_around(std::size_t number, Group& group, std::size_t place, const Use& use) {
    const One& one = all_[number];
    group.window.slide_around(place, [&] {
        if (group.told && group.window.kept()[group.window.to() - 1].at <= *group.told) return true;
        return !judge(number, group, use);
    });
    // What no late event can reach any more is forgotten.
    if (newest_) group.window.forget_before(*newest_ - one.rule.timespan - limits_.lateness);
}

// Whether those that occurred and are asked for did so one behind the other, in the order of `rules`.
bool SigmaCorrelator::in_order(const SigmaCorrelation& rule, const CorrelationWindow& window) {
    std::set<std::size_t> wanted;
    add_wanted(*rule.which, wanted);
    std::erase_if(wanted, [&](std::size_t source) { return !window.tally().has_source(source); });
    auto next = wanted.begin();
    for (std::size_t i = window.from(); i < window.to() && next != wanted.end(); ++i) {
        if (window.kept()[i].source == *next) ++next;
    }
    return next == wanted.end();
}

// Between two numbers the way from one to the other, as most tools count it.
double SigmaCorrelator::percentile_of(const CorrelationWindow& window, double percent) {
    std::map<double, std::uint64_t> counts;
    std::uint64_t all = 0;
    for (std::size_t i = window.from(); i < window.to(); ++i) {
        const CorrelationKept& one = window.kept()[i];
        counts[one.number / static_cast<double>(one.count)] += one.count;   // those put together are alike
        all += one.count;
    }
    if (all == 0) return 0;
    const double place = percent / 100 * static_cast<double>(all - 1);
    std::uint64_t before = 0;
    double low = counts.begin()->first;
    for (const auto& [value, count] : counts) {
        // The numbers at places before … before + count - 1 are `value`.
        const auto first = static_cast<double>(before);
        if (place < first) return low + (value - low) * (place - (first - 1));
        low = value;
        before += count;
        if (place <= static_cast<double>(before - 1)) return value;
    }
    return low;
}

// Whether the window was told.
bool SigmaCorrelator::judge(std::size_t number, Group& group, const Use& use) {
    const SigmaCorrelation& rule = all_[number].rule;
    const CorrelationWindow& window = group.window;
    const CorrelationTally& tally = window.tally();
    if (rule.which) {
        if (!is_so(*rule.which, tally) || (rule.type == CorrelationType::temporal_ordered && !in_order(rule, window))) return false;
        tell(number, group, window.from(), window.to(), static_cast<double>(tally.sources()), {}, use);
        return true;
    }
    const auto is_met = [&](double counted) {
        if (rule.condition.empty()) return counted == static_cast<double>(rule.rules.size());
        return std::ranges::all_of(rule.condition, [&](const Threshold& one) { return holds(one, counted); });
    };
    double counted = 0;
    switch (rule.type) {
        case CorrelationType::event_count: counted = static_cast<double>(tally.count()); break;
        case CorrelationType::value_count: counted = static_cast<double>(tally.values().size()); break;
        case CorrelationType::value_sum: counted = tally.sum(); break;
        case CorrelationType::value_avg: counted = tally.sum() / static_cast<double>(tally.count()); break;
        case CorrelationType::value_median:
        case CorrelationType::value_percentile:
            if (!rule.percentile) return false;   // judge_shares()
            counted = percentile_of(window, *rule.percentile);
            break;
        case CorrelationType::temporal:
        case CorrelationType::temporal_ordered: counted = static_cast<double>(tally.sources()); break;
    }
    // An order is followed at most as far as there are rules that occurred.
    if (rule.type == CorrelationType::temporal_ordered && (all_[number].at_end || is_met(counted))) {
        std::size_t next = 0;
        for (std::size_t i = window.from(); i < window.to() && next < rule.rules.size(); ++i) {
            if (window.kept()[i].source == next) ++next;
        }
        counted = static_cast<double>(next);
    }
    if (!is_met(counted)) return false;
    tell(number, group, window.from(), window.to(), counted, {}, use);
    return true;
}

// How much of all each value is, in percent: "lte: 1" finds what is rare.
void SigmaCorrelator::judge_shares(std::size_t number, Group& group, std::size_t to, const CorrelationTally& tally, const Use& use) {
    const std::map<std::string, std::uint64_t> counts(tally.values().begin(), tally.values().end());
    for (const auto& [value, count] : counts) {
        const double percent = 100.0 * static_cast<double>(count) / static_cast<double>(tally.count());
        const auto& condition = all_[number].rule.condition;
        if (std::ranges::all_of(condition, [&](const Threshold& one) { return holds(one, percent); })) tell(number, group, 0, to, percent, value, use);
    }
}

void SigmaCorrelator::tell(std::size_t number, Group& group, std::size_t from, std::size_t to, double counted, const std::string& value, const Use& use) {
    const One& one = all_[number];
    const auto& kept = group.window.kept();
    Found found{one.rule, kept[from].at, kept[to - 1].at, {}, counted, value, {}};
    std::map<std::string, std::string, std::less<>> fields;
    for (std::size_t i = 0; i < group.key.size(); ++i) {
        found.group.emplace_back(one.rule.group_by[i], group.key[i]);
        fields.emplace(one.rule.group_by[i], group.key[i]);
    }
    for (std::size_t i = from; i < to && found.where.size() < kMaxWhere; ++i) {
        if (!value.empty() && kept[i].value != value) continue;
        for (const std::uint64_t where : kept[i].where) {
            if (found.where.size() < kMaxWhere) found.where.push_back(where);
        }
    }
    const bool inner = !one.feeds.empty();
    bool told = !inner;
    for (const auto& [outer, source] : one.feeds) told = told || all_[outer].rule.generate;
    if (!one.at_end) {
        // Who reads it is told once in a timespan; what counts it hears of each time.
        if (!inner) group.told = found.last + one.rule.timespan;
        else if (group.shown && found.last <= *group.shown) told = false;
        else group.shown = found.last + one.rule.timespan;
        group.window.forget_first(to);   // windows that are told later begin behind it
    }
    if (told) use(found);
    // The group's fields are all that an outer correlation sees of this one.
    for (const auto& [outer, source] : one.feeds) take(outer, source, {found.last, &fields, found.where}, use);
}

void SigmaCorrelator::set_due(One& one, const std::string& name, Group& group) {
    const auto& kept = group.window.kept();
    const std::optional<Instant> due = kept.empty() ? std::nullopt : std::optional(kept.front().at + one.rule.timespan);
    if (due == group.due) return;
    if (group.due) one.due.erase({*group.due, name});
    if (due) one.due.emplace(*due, name);
    group.due = due;
}

// The timespan that began with the group's first occurrence.
void SigmaCorrelator::judge_first(std::size_t number, Group& group, const Use& use) {
    const One& one = all_[number];
    const auto& kept = group.window.kept();
    const Instant end = kept.front().at + one.rule.timespan;
    CorrelationWindow first(one.rule.type, one.rule.timespan);
    std::size_t to = 0;
    for (; to < kept.size() && kept[to].at <= end; ++to) first.insert(kept[to]);
    if (one.rule.type == CorrelationType::value_percentile && !one.rule.percentile) {
        judge_shares(number, group, to, first.tally(), use);
    } else {
        Group part{group.key, std::move(first), {}, {}, group.place};
        judge(number, part, use);
    }
    group.window.forget_first(to);
}

void SigmaCorrelator::judge_due(std::size_t number, Instant until, const Use& use) {
    One& one = all_[number];
    while (!one.due.empty() && one.due.begin()->first < until) {
        const std::string name = one.due.begin()->second;
        Group& group = one.groups.find(name)->second;
        judge_first(number, group, use);
        set_due(one, name, group);
        weigh(number, name, group);
        stay_within_bytes();
    }
}

void SigmaCorrelator::advance(Instant now, const Use& use) {
    if (newest_ && now <= *newest_) return;
    newest_ = now;
    for (std::size_t number = 0; number < all_.size(); ++number) {
        if (all_[number].at_end) judge_due(number, now - limits_.lateness, use);
    }
}

void SigmaCorrelator::finish(const Use& use) {
    for (std::size_t number = 0; number < all_.size(); ++number) {
        if (all_[number].at_end) judge_due(number, Instant::max(), use);
    }
}

}  // namespace madang::security
