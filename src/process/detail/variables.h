// What the variables of a process may hold, so that they come back from the store as they went in.
#pragma once

#include "base/json.h"

namespace madang::process {

inline constexpr std::size_t kMaxVariableBytes = 1U << 20;   // as JSON
inline constexpr std::size_t kMaxMembers = 2000;             // of one object, the variables themselves too
inline constexpr int kMaxVariableDepth = 50;

// Whole numbers within 2^53, finite fractions, UTF-8 and the limits above. Fails with Code::invalid or
// Code::exhausted and the variable's name.
Result<void> check_variables(const json::object& variables);

}  // namespace madang::process
