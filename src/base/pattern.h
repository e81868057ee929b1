// Regular expressions of packs and forms, in the words that ECMA-262 (flag u) and ICU share, run by ICU
// within limits of time and stack. Letters are those of Unicode; \d is 0-9 and \w A-Z, a-z, 0-9 and _, as
// in JavaScript, so that a form means the same here and in its editor.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"

namespace madang {

inline constexpr std::size_t kMaxPattern = 1000;          // bytes
inline constexpr std::size_t kMaxPatternSubject = 100'000;  // bytes

// Immutable; cheap to copy; usable from many threads.
class Pattern {
public:
    // Fails with Code::invalid and the character where it goes wrong, also on what only one of the two
    // dialects knows (possessive quantifiers, inline flags, sets within sets, \Q...\E, \v, \0).
    static Result<Pattern> compile(std::string_view text);

    // Whether the whole text matches. What takes too long, is too long or is not UTF-8 does not match.
    bool matches_whole(std::string_view text) const;

    struct Compiled;

private:
    explicit Pattern(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
    std::shared_ptr<const Compiled> compiled_;
};

}  // namespace madang
