// Regular expressions of packs and forms, run by ICU (Unicode TS 18) within limits of time and stack.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"

namespace madang {

class Pattern {
public:
    // Code::invalid with the place of the mistake; at most 1,000 bytes.
    static Result<Pattern> compile(std::string_view text);

    // Whether the whole text matches. A pattern that takes too long on this text matches nothing.
    bool matches_whole(std::string_view text) const;

    struct Compiled;

private:
    explicit Pattern(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
    std::shared_ptr<const Compiled> compiled_;   // immutable, usable from many threads
};

}  // namespace madang
