// The static checks of a process that has been read: what no run of it could make good.
#pragma once

#include <string_view>

#include "process/definition.h"

namespace madang::process {

// "NAME:12: <userTask id=\"x\">", for messages.
std::string where(std::string_view name, const Node& node);

// How scopes begin, every node on a way from a beginning to an end, every gateway with a way out.
Result<void> check_graph(const Definition& definition, std::string_view name);

}  // namespace madang::process
