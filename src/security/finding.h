// What a rule found, with all that a person needs to judge it: of a file, or of the events that stream in.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "security/event.h"
#include "security/sigma_correlator.h"
#include "security/sigma_rule.h"

namespace madang::security {

struct Finding {
    std::string time;       // as the event states it, in UTC; empty where it states none
    SigmaLevel level = SigmaLevel::none;
    std::string title, rule, author, licence, rule_file;
    std::string file, computer;    // `file`: the log, or the source of a stream
    std::uint64_t record = 0;
    std::vector<std::string> tags;
    std::vector<std::pair<std::string, std::string>> fields;   // at which the rule looked
};

std::string_view name_of(SigmaLevel level);
std::string_view name_of(SigmaStatus status);
// Code::invalid, with the names that there are.
Result<SigmaLevel> parse_level(std::string_view name);
// Always UTF-8: bytes that are not become U+FFFD.
json::object to_json(const Finding& finding);

// The machine that an event is of, by whichever name its source has for it; empty where it names none.
std::string computer_of(const Event& event);
// All but where the event is from. `fields` are positions in the event.
Finding finding_of(const SigmaRule& rule, const Event& event, std::span<const std::size_t> fields);
// `events` says which occurrences it counted, for people.
Finding finding_of(const SigmaCorrelator::Found& found, std::string events);

}  // namespace madang::security
