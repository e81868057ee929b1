// Parts of the description that are tables: newer operations, and what each operation answers.
#pragma once

#include "base/json.h"

namespace madang::api {

// Adds the operations of questions, processes, calendars, files, packages and workload to the paths.
void add_listed_paths(json::object& paths);
// Named shapes of answers, problems, security, and the headers that a change carries, by what each path needs.
void add_conditions(json::object& paths);

}  // namespace madang::api
