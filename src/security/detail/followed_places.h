// How far each followed file was read, as it is noted for the next start.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace madang::security {

struct FollowedPlace {
    std::uint64_t node = 0;        // inode
    std::uint64_t offset = 0;      // behind which nothing was read
    std::string head;              // how the file begins, by which it is known again
    std::string tail;              // what it holds before `offset`; never longer than that
    std::int64_t changed = 0;      // when it was written last, nanoseconds since 1970
    friend bool operator==(const FollowedPlace&, const FollowedPlace&) = default;
};
using FollowedPlaces = std::map<std::string, FollowedPlace>;   // by path

// Code::corrupted for what was not written by text_of().
Result<FollowedPlaces> parse_followed_places(std::string_view text);
std::string text_of(const FollowedPlaces& places);

}  // namespace madang::security
