// Which rules a value of a column fits, looked up instead of tested: numbers by the segment between the
// constants of the column, texts and truths by their value. Cells that are no constants stay to be asked.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "feel/value.h"

namespace madang::decision {

struct Table;

// One bit a rule.
using RuleBits = std::vector<std::uint64_t>;

class ColumnIndex {
public:
    static constexpr std::size_t kMaxRules = 1024;
    static constexpr std::size_t kMaxWords = 32'768;   // of all its bits: 256 KiB

    // Every rule's cell of the column at a place.
    static ColumnIndex make(const Table& table, std::size_t column);

    // The bits of the rules that the value fits, or null where the column cannot say: then every cell is asked.
    const std::uint64_t* find(const feel::Value& value) const;
    // Rules whose cell is asked in any case: no constant.
    const RuleBits& asked() const { return asked_; }

private:
    enum class Kind { none, numbers, texts, truths };
    void fill(const Table& table, std::size_t column, const std::vector<feel::Value>& samples);

    Kind kind_ = Kind::none;
    std::size_t words_ = 0;                            // of one set of bits
    std::vector<feel::Number> bounds_;                 // sorted; segments: below, at, between, at, …, above
    std::vector<std::string> texts_;                   // sorted; the set behind the last is of any other text
    std::vector<std::uint64_t> bits_;
    RuleBits asked_;
};

// Made when the table is asked for the first time.
class TableIndex {
public:
    const std::vector<ColumnIndex>& columns(const Table& table) const;

private:
    mutable std::once_flag once_;
    mutable std::vector<ColumnIndex> columns_;
};

}  // namespace madang::decision
