// What commands over kept events share: where they are, which of them, and how a line is shown.
#pragma once

#include <string>

#include "cli/command.h"
#include "security/ecs_names.h"
#include "security/spool.h"

namespace madang::cli {

Path folder_of(const Context& context, const Arguments& arguments);     // --spool
Result<security::SpoolQuery> query_of(const Arguments& arguments);      // --from, --until, --contains
Result<security::EcsNames> names_of(const Arguments& arguments);        // --ecs
// A log may hold what a terminal obeys.
std::string shown(std::string_view line);

}  // namespace madang::cli
