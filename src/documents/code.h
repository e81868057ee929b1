// The number by which a paper is found: 80 random bits in Crockford's base 32 and a check character,
// in groups, to be read out and typed. Written format: docs/formats/certificate.md and receipt.md.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"

namespace madang::documents {

using CodeBytes = std::array<std::uint8_t, 10>;

// A new code that nobody can guess: "7K2M-Q9XD-4TRB-VHN3-W".
std::string make_code(Random& random);

// The one spelling of a typed code. Blanks, hyphens and case do not matter, O is 0, I and L are 1.
// Code::invalid says what is wrong: a character, the length, or a check character that does not fit.
Result<std::string> parse_code(std::string_view typed);

// The 80 bits of a code and back, for places where letters are dear.
Result<CodeBytes> code_bytes(std::string_view typed);
std::string format_code(const CodeBytes& bytes);

}  // namespace madang::documents
