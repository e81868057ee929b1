// Files that were packed as they stand (gzip, RFC 1952; Zstandard, RFC 8878; xz; bzip2), unpacked piece by piece.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/result.h"

namespace madang {

struct UnpackLimits {
    std::uint64_t total = std::uint64_t{64} << 30;   // bytes that come out
    std::uint64_t ratio = 1000;                      // out to in, beyond the first 64 MB
};

// Whether it starts as one of them.
bool is_packed(std::string_view start);

// `use` gets one piece after the other, its views end with the call; false ends the reading. Code::corrupted for what is damaged
// or cut off, Code::exhausted beyond a limit: what came before was used.
Result<void> unpack(std::string_view packed, const UnpackLimits& limits, const std::function<bool(std::string_view)>& use);

}  // namespace madang
