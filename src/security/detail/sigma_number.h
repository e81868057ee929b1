// Numbers as rules and events write them, compared without losing a digit of a 64-bit integer.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace madang::security {

struct SpelledNumber {
    long double number = 0;
    std::string text;  // decimal, as an event would spell it
};

// A plain integer or real of YAML's core schema. Fails with Code::invalid on one that does not fit, and on leading
// zeros, of which readers of YAML make different things.
Result<SpelledNumber> parse_yaml_number(std::string_view text);

// True for a decimal like 007.
bool has_leading_zero(std::string_view number);

// A whole text that is a decimal number, as events carry them in text; nothing for anything else.
std::optional<long double> parse_event_number(std::string_view text);

std::string spell_number(double number);

// A number of JSON as a rule spells the same: 1.0 and 1e0 are 1, -0 is 0, 1.50 is 1.5. Digits are never lost: what no double holds
// stays as it is written.
std::string spell_json_number(std::string_view text);

}  // namespace madang::security
