// The processes of a service: which of them an application begins, and what this house asks of each step.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "catalogue/pack.h"

namespace madang::catalogue {

inline constexpr std::string_view kOfficer = "officer";   // who works at a desk; every other role is the pack's

// The process that an application begins is the one that no other calls. `where` is the file, for messages.
Result<void> take_processes(Service& service, std::vector<process::Definition> all, const std::string& where);

// Operations that this house does, decisions that the service has, and tasks for one of `roles`. The decisions are there already.
Result<void> check_processes(const Service& service, const std::vector<std::string>& roles, const std::string& where);

}  // namespace madang::catalogue
