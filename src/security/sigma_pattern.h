// Texts with wildcards, by "String Wildcard" and "Escape Character" of the Sigma rules specification.
#pragma once

#include <string>
#include <string_view>

#include "security/sigma_rule.h"

namespace madang::security {

enum class Placeholders { are_text, are_read };

// `\*`, `\?` and `\\` are plain characters, any other backslash is itself. With placeholders read, `%name%` is
// one and `\%` is a plain percent sign. Neighbouring texts are one piece, and neighbouring `*` are one.
Pattern parse_pattern(std::string_view text, Placeholders placeholders);

Pattern plain_pattern(std::string_view text);

// The pattern at the start, at the end or anywhere: what startswith, endswith and contains make of it.
Pattern placed(Pattern pattern, Place place);

// The same characters with their case folded, to be matched against folded text.
Pattern folded(Pattern pattern);

// Puts pieces behind others, joined as parse_pattern() joins them.
void append_piece(Pattern& pattern, Piece piece);

// True when the whole text is what the pattern says. A pattern with a placeholder left matches nothing.
bool matches(const Pattern& pattern, std::string_view text);

// The pattern as a rule would spell it.
std::string spell(const Pattern& pattern);

// How many bytes at the start of the text (not empty) are one character; a byte that is no UTF-8 is one.
std::size_t character_width(std::string_view text);

// The length of the dash (one of the five of `windash`) at the start of the text, or 0.
std::size_t dash_width(std::string_view text);

inline constexpr std::string_view kDashes[] = {"-", "/", "\u2013", "\u2014", "\u2015"};

}  // namespace madang::security
