// Logs that a rotation put aside: beside the log, under its name with a number or a date, perhaps packed with gzip or Zstandard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"

namespace madang::security {

inline constexpr std::size_t kMaxRotated = 1000;   // of one log that are looked at

struct RotatedLog {
    Path path;
    std::uint64_t node = 0;       // inode
    std::int64_t changed = 0;     // nanoseconds since 1970
    std::uint64_t size = 0;       // as it lies there
};

// "access.log" has access.log.1, access.log-20261124.gz and access-20261124.log, but not access.log.bak nor access-tls.log.
bool is_rotated_name(std::string_view log, std::string_view name);
// Those of a log, the one that was written longest ago first.
std::vector<RotatedLog> rotated_logs(const Path& log);
// The first `bytes` bytes, unpacked; fewer where there are fewer or it cannot be read.
std::string start_of(const Path& log, std::size_t bytes);

}  // namespace madang::security
