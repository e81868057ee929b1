#include "decision/detail/table_index.h"

#include <algorithm>

#include "decision/detail/constants.h"
#include "decision/detail/model.h"

namespace madang::decision {

using feel::Number;
using feel::Program;

ColumnIndex ColumnIndex::make(const Table& table, std::size_t column) {
    ColumnIndex made;
    const std::size_t rules = table.rules.size();
    made.words_ = (rules + 63) / 64;
    made.asked_.assign(made.words_, 0);
    if (rules == 0 || rules > kMaxRules) return made;
    Constants constants;
    for (std::size_t i = 0; i < rules; ++i) {
        Constants own;
        if (!learn_constants(table.rules[i].tests[column].program(), own)) {
            made.asked_[i / 64] |= std::uint64_t{1} << (i % 64);
            continue;
        }
        constants.add(own);
    }
    constants.sort();
    if (constants.kinds() != 1) return made;
    std::vector<feel::Value> samples = !constants.numbers.empty() ? samples_of(constants.numbers) : !constants.texts.empty() ? samples_of(constants.texts)
                                       : constants.truths        ? std::vector<feel::Value>{feel::Value(false), feel::Value(true)}
                                                                 : std::vector<feel::Value>();
    if (samples.empty() || samples.size() * made.words_ > kMaxWords) return made;
    made.kind_ = !constants.numbers.empty() ? Kind::numbers : (!constants.texts.empty() ? Kind::texts : Kind::truths);
    made.bounds_ = std::move(constants.numbers);
    made.texts_ = std::move(constants.texts);
    made.fill(table, column, samples);
    return made;
}

// The cells themselves say which samples they let pass, so that looking up and asking cannot differ.
void ColumnIndex::fill(const Table& table, std::size_t column, const std::vector<feel::Value>& samples) {
    bits_.assign(samples.size() * words_, 0);
    for (std::size_t i = 0; i < table.rules.size(); ++i) {
        const std::uint64_t bit = std::uint64_t{1} << (i % 64);
        if ((asked_[i / 64] & bit) != 0) continue;
        const Program& program = table.rules[i].tests[column].program();
        for (std::size_t s = 0; s < samples.size(); ++s) {
            feel::Evaluation evaluation{feel::Budget{}};
            if (evaluation.test(program, samples[s], {}) == feel::Truth::yes) bits_[s * words_ + i / 64] |= bit;
        }
    }
}

const std::uint64_t* ColumnIndex::find(const feel::Value& value) const {
    std::size_t set = 0;
    switch (kind_) {
        case Kind::none: return nullptr;
        case Kind::numbers: {
            const auto* number = value.as<Number>();
            if (number == nullptr) return nullptr;
            const auto at = std::ranges::lower_bound(bounds_, *number);
            set = static_cast<std::size_t>(at - bounds_.begin()) * 2;
            if (at != bounds_.end() && *at == *number) ++set;
            break;
        }
        case Kind::texts: {
            const auto* text = value.as<std::string>();
            if (text == nullptr) return nullptr;
            const auto at = std::ranges::lower_bound(texts_, *text);
            set = at != texts_.end() && *at == *text ? static_cast<std::size_t>(at - texts_.begin()) : texts_.size();
            break;
        }
        case Kind::truths: {
            const bool* truth = value.as<bool>();
            if (truth == nullptr) return nullptr;
            set = *truth ? 1 : 0;
            break;
        }
    }
    return bits_.data() + set * words_;
}

const std::vector<ColumnIndex>& TableIndex::columns(const Table& table) const {
    std::call_once(once_, [&] {
        for (std::size_t i = 0; i < table.inputs.size(); ++i) columns_.push_back(ColumnIndex::make(table, i));
    });
    return columns_;
}

}  // namespace madang::decision
