// Regular expressions of XPath and XQuery Functions and Operators 5.6.1 (flags s, m, i, x, q), as FEEL's
// matches, replace and split mean them; run by ICU within limits of length, work and stack.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace madang {

inline constexpr std::size_t kMaxXpathPattern = 1000;           // bytes
inline constexpr std::size_t kMaxXpathSubject = 100'000;        // bytes
inline constexpr std::size_t kMaxXpathMatches = 10'000;         // in one text
inline constexpr std::size_t kMaxXpathResult = 1U << 20;        // bytes that a replacement makes

// Immutable; cheap to copy; usable from many threads. The three operations fail with Code::exhausted
// beyond a limit.
class XpathPattern {
public:
    // Fails with Code::invalid and the character where it goes wrong.
    static Result<XpathPattern> compile(std::string_view text, std::string_view flags = {});

    // Whether some part of the text matches.
    Result<bool> found_in(std::string_view text) const;
    // Every match by the replacement, in which $1 is a group and \$ a dollar sign. Fails with
    // Code::invalid where the pattern matches the empty text, as do the other mistakes of clause 7.6.3.
    Result<std::string> replace(std::string_view text, std::string_view replacement) const;
    // The parts between the matches; Code::invalid where the pattern matches the empty text.
    Result<std::vector<std::string>> split(std::string_view text) const;

    struct Compiled;

private:
    explicit XpathPattern(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
    std::shared_ptr<const Compiled> compiled_;
};

}  // namespace madang
