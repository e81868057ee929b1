// What was found in logs, as a person reads it or a program takes it: table, CSV, JSON lines, one page of HTML.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "security/finding.h"

namespace madang::cli {

using security::Finding;
using security::name_of;
using security::to_json;

struct TimelineFacts {
    std::uint64_t files = 0, events = 0, passed_over = 0, unread = 0, rules = 0, refused_rules = 0, left_out = 0;
};

std::string timeline_table(const std::vector<Finding>& findings);
// Fields that a spreadsheet would run as a formula are quoted (OWASP, CSV injection).
std::string timeline_csv(const std::vector<Finding>& findings);
// Complete in itself: it loads nothing, works without JavaScript and is searched where there is some.
std::string timeline_html(const std::vector<Finding>& findings, const TimelineFacts& facts);

}  // namespace madang::cli
