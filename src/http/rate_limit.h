// Token buckets for each client and class of routes. Memory is bounded: the bucket that was used
// longest ago makes room.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "http/client_address.h"

namespace madang::http {

struct Rate {
    double burst = 60;        // requests at once
    double per_second = 10;   // requests on average
};

class RateLimiter {
public:
    // `rates[c]` is the rate of class c; at most `clients` buckets in all.
    RateLimiter(std::vector<Rate> rates, std::size_t clients);
    ~RateLimiter();
    RateLimiter(const RateLimiter&) = delete;
    RateLimiter& operator=(const RateLimiter&) = delete;

    // Takes one token: zero when there was one, else how long to wait for the next. Thread-safe.
    std::chrono::milliseconds take(std::size_t rate_class, const Address& client, Instant now);
    std::size_t size() const;  // buckets held

private:
    struct Shard;
    std::vector<Rate> rates_;
    std::size_t per_shard_;
    std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace madang::http
