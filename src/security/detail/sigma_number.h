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

}  // namespace madang::security
