// The static checks of a process that has been read: what no run of it could make good.
#pragma once

#include <string_view>

#include "process/definition.h"

namespace madang::process {

// "NAME:12: <userTask id=\"x\">", for messages.
std::string where(std::string_view name, const Node& node);

// One start, every node on a way from it to an end, every gateway with a way out.
Result<void> check_graph(Definition& definition, std::string_view name);

}  // namespace madang::process
