// The least that a text must hold for an expression to be found in it: what is shorter need not be searched.
#pragma once

#include <cstddef>
#include <string_view>

namespace madang::security {

// Characters, a lower bound; 0 where the syntax of RE2 (https://github.com/google/re2/wiki/Syntax) holds something that this
// reader leaves to RE2. The expression is one that RE2 compiles.
std::size_t least_length(std::string_view expression);

}  // namespace madang::security
