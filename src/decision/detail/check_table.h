// Gaps, overlaps and rules that never answer, of one table.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "decision/check.h"
#include "decision/detail/model.h"

namespace madang::decision {

// Which values a column may hold, where the model says so: of a sample, whether it may come.
using MayCome = std::function<bool(std::size_t column, const feel::Value& sample)>;

std::vector<Finding> check_table(const Table& table, const MayCome& may_come);

}  // namespace madang::decision
