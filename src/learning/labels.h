// What analysts said of records: the label of one that a model found, for the next training.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "learning/protocol.h"
#include "learning/table.h"

namespace madang::learning {

inline constexpr std::size_t kMaxLabels = 100'000;   // of one model

struct Label {
    Instant at{};
    std::string detection;   // what was found, by its id; empty for a record that came otherwise
    std::string record;      // the record's line as the protocol's files have it, with `type` as its label
    std::string type;        // the protocol's `normal`, or the name of an attack
    std::string by, reason;
};

// A later label of the same record counts instead of an earlier one. In the order of the records' first labels.
Result<std::vector<Label>> labels_in_effect(const Protocol& protocol, const std::vector<Label>& all);

// Takes the rows of `table` that stand among these labels out of it, and of `probability`; the numbers that the others had. What a
// model was taught is no proof of what it can.
Result<std::vector<std::size_t>> leave_out_taught(const Protocol& protocol, const Features& features, const std::vector<Label>& taught, Table& table, std::vector<float>& probability);

}  // namespace madang::learning
