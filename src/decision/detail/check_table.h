// Gaps, overlaps and rules that never answer, of one table.
#pragma once

#include <string>
#include <vector>

#include "decision/check.h"
#include "decision/detail/check_domain.h"
#include "decision/detail/model.h"

namespace madang::decision {

// `types`: what is known of each column. In a finding `element` is the rule, or empty for the whole table.
std::vector<Finding> check_table(const Table& table, const std::vector<ColumnType>& types);

}  // namespace madang::decision
