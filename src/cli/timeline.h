// What was found in logs, as a person reads it or a program takes it: table, CSV, JSON lines, one page of HTML.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "security/detector.h"

namespace madang::cli {

struct Finding {
    std::string time;       // as the event states it, in UTC; empty where it states none
    security::SigmaLevel level = security::SigmaLevel::none;
    std::string title, rule, author, licence, rule_file, file, computer;
    std::uint64_t record = 0;
    std::vector<std::string> tags;
    std::vector<std::pair<std::string, std::string>> fields;   // at which the rule looked
};

struct TimelineFacts {
    std::uint64_t files = 0, events = 0, passed_over = 0, rules = 0, refused_rules = 0, left_out = 0;
};

std::string_view name_of(security::SigmaLevel level);

json::object to_json(const Finding& finding);
std::string timeline_table(const std::vector<Finding>& findings);
// Fields that a spreadsheet would run as a formula are quoted (OWASP, CSV injection).
std::string timeline_csv(const std::vector<Finding>& findings);
// Complete in itself: it loads nothing, works without JavaScript and is searched where there is some.
std::string timeline_html(const std::vector<Finding>& findings, const TimelineFacts& facts);

}  // namespace madang::cli
