// Commands over kept events that have a file of their own.
#pragma once

#include "cli/command.h"

namespace madang::cli {

Result<int> collect_events(const Context& context, const Arguments& arguments);
Result<int> hunt_events(const Context& context, const Arguments& arguments);
Result<int> backtest_rules(const Context& context, const Arguments& arguments);

}  // namespace madang::cli
