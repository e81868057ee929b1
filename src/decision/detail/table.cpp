// Decision tables, evaluated: which rules fit, and what they say. Clause 8.
#include <algorithm>
#include <bit>

#include "base/text.h"
#include "decision/detail/run.h"

namespace madang::decision {
namespace {

// The rules that may still fit, one bit each; up to 64 of them without an allocation.
class Candidates {
public:
    explicit Candidates(std::size_t rules) : words_((rules + 63) / 64), many_(words_ > 1 ? words_ : 0) {
        for (std::size_t word = 0; word < words_; ++word) {
            const std::size_t below = rules - word * 64;
            at(word) = below >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << below) - 1;
        }
    }
    // Keeps those that the column lets pass, or whose cell must be asked.
    void keep(const std::uint64_t* passing, const RuleBits& asked) {
        for (std::size_t word = 0; word < words_; ++word) at(word) &= passing[word] | asked[word];
    }
    void drop(std::size_t rule) { at(rule / 64) &= ~(std::uint64_t{1} << (rule % 64)); }
    // The first one at or behind `from`, or `none`.
    std::size_t next(std::size_t from, std::size_t none) const {
        for (std::size_t word = from / 64; word < words_; ++word) {
            const std::uint64_t bits = word == from / 64 ? get(word) >> (from % 64) << (from % 64) : get(word);
            if (bits != 0) return word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
        }
        return none;
    }

private:
    std::uint64_t& at(std::size_t word) { return words_ > 1 ? many_[word] : one_; }
    std::uint64_t get(std::size_t word) const { return words_ > 1 ? many_[word] : one_; }

    std::size_t words_;
    std::uint64_t one_ = 0;
    std::vector<std::uint64_t> many_;
};

bool is_asked(const RuleBits& bits, std::size_t rule) { return (bits[rule / 64] >> (rule % 64) & 1U) != 0; }

}  // namespace

feel::Value Run::table(const Table& table, const feel::Scope& scope) {
    const std::size_t rules = table.rules.size();
    const auto& columns = table.index->columns(table);
    std::vector<feel::Value> made(table.inputs.size());
    std::vector<const feel::Value*> inputs(table.inputs.size());
    Candidates fitting(rules);
    std::vector<std::size_t> unsure;   // columns that cannot say for all rules
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const Input& input = table.inputs[i];
        inputs[i] = &evaluation_.evaluate(input.expression.program(), scope, made[i]);
        if (input.values && !inputs[i]->is_null() && evaluation_.test(input.values->program(), *inputs[i], scope) != feel::Truth::yes) {
            return feel::Value::null(madang::format("the input \"{}\" of the table \"{}\" has a value that is not allowed", input.label, table.id));
        }
        const std::uint64_t* passing = columns[i].find(*inputs[i]);
        if (passing != nullptr) fitting.keep(passing, columns[i].asked());
        if (passing == nullptr || std::ranges::any_of(columns[i].asked(), [](std::uint64_t word) { return word != 0; })) unsure.push_back(i);
    }
    std::vector<std::vector<feel::Value>> hits;
    for (std::size_t rule = fitting.next(0, rules); rule < rules; rule = fitting.next(rule + 1, rules)) {
        const bool fits = std::ranges::all_of(unsure, [&](std::size_t i) {
            const bool known = columns[i].find(*inputs[i]) != nullptr && !is_asked(columns[i].asked(), rule);
            return known || evaluation_.test(table.rules[rule].tests[i].program(), *inputs[i], scope) == feel::Truth::yes;
        });
        if (!fits) continue;
        hits.push_back(answers_of(table, rule, scope));
        if (traced_ == Traced::yes) note(table, rule, inputs);
        if (table.hit_policy == HitPolicy::first) break;
        if (!evaluation_.spend(1)) return feel::Value::null(std::string(feel::kSpent));
    }
    if (hits.size() == 1 && table.outputs.size() == 1 && table.hit_policy <= HitPolicy::first) return std::move(hits[0][0]);
    return hits.empty() ? fallback(table, scope) : by_hit_policy(table, hits);
}

std::vector<feel::Value> Run::answers_of(const Table& table, std::size_t rule, const feel::Scope& scope) {
    std::vector<feel::Value> values(table.outputs.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        feel::Value made;
        const feel::Value& answer = evaluation_.evaluate(table.rules[rule].entries[i].program(), scope, made);
        const feel::Value& fitted = fit(answer, table.outputs[i].type, values[i]);
        if (&fitted != &values[i]) values[i] = fitted;
    }
    return values;
}

// What the table says where no rule fits.
feel::Value Run::fallback(const Table& table, const feel::Scope& scope) {
    const bool has_fallback = std::ranges::any_of(table.outputs, [](const Output& output) { return output.fallback.has_value(); });
    if (has_fallback) {
        feel::Context all;
        for (const Output& output : table.outputs) {
            feel::Value value = output.fallback ? evaluation_.evaluate(output.fallback->program(), scope) : feel::Value();
            if (table.outputs.size() == 1) return value;
            all.set(output.name, std::move(value));
        }
        return feel::Value(std::move(all));
    }
    if (table.hit_policy == HitPolicy::collect && table.aggregation == Aggregation::count) return feel::Value(feel::Number(0));
    const bool lists = table.hit_policy == HitPolicy::rule_order || table.hit_policy == HitPolicy::output_order ||
                       (table.hit_policy == HitPolicy::collect && table.aggregation == Aggregation::none);
    return lists ? feel::Value(feel::List()) : feel::Value::null(madang::format("no rule of the table \"{}\" fits", table.id));
}

void Run::note(const Table& table, std::size_t rule, const std::vector<const feel::Value*>& inputs) {
    Fired fired{current_, &table, rule, {}};
    for (const feel::Value* input : inputs) fired.inputs.push_back(*input);
    fired_.push_back(std::move(fired));
}

}  // namespace madang::decision
