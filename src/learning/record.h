// One record as a model reads it, made from named values instead of a line of a file.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "learning/protocol.h"
#include "learning/table.h"

namespace madang::learning {

struct Record {
    std::vector<float> row;   // of the features
    std::string line;         // as the protocol's files have it; its label is empty
};

class RecordReader {
public:
    // Both live longer.
    RecordReader(const Protocol& protocol, const Features& features);

    // A value by its column's name; for requests "method", "target" and "body".
    using ValueOf = std::function<std::optional<std::string_view>(std::string_view name)>;
    // Nothing where a column (or the target) is not there. Code::invalid with the column for a number that is none.
    Result<std::optional<Record>> read(const ValueOf& value_of) const;

private:
    Result<std::optional<Record>> read_columns(const ValueOf& value_of) const;
    std::optional<Record> read_request(const ValueOf& value_of) const;

    const Protocol& protocol_;
    const Features& features_;
    std::vector<std::size_t> number_at_;   // of a column of numbers, its feature
};

// The line with that label in place of its own, numbers spelled the shortest way and without what the protocol ignores: the same
// record is the same line, wherever it came from. Code::invalid for a line that is none of the protocol's, or a label that such a
// line cannot hold.
Result<std::string> labelled(const Protocol& protocol, std::string_view line, std::string_view label);

}  // namespace madang::learning
