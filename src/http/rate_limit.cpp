#include "http/rate_limit.h"

#include <algorithm>
#include <cmath>
#include <list>
#include <mutex>
#include <unordered_map>

#include "base/bytes.h"
#include "base/check.h"

namespace madang::http {
namespace {

constexpr std::size_t kShards = 16;

struct Key {
    Address client;
    std::size_t rate_class = 0;
    friend bool operator==(const Key&, const Key&) = default;
};

struct KeyHash {
    std::size_t operator()(const Key& key) const {
        return std::hash<std::string_view>{}(as_text(key.client.bits)) ^ (key.rate_class * 0x9E3779B97F4A7C15ULL);
    }
};

struct Bucket {
    Key key;
    double tokens = 0;
    Instant filled;
};

}  // namespace

struct RateLimiter::Shard {
    std::mutex mutex;
    std::list<Bucket> recent;  // used last stands first
    std::unordered_map<Key, std::list<Bucket>::iterator, KeyHash> places;
};

RateLimiter::RateLimiter(std::vector<Rate> rates, std::size_t clients)
    : rates_(std::move(rates)), per_shard_(std::max<std::size_t>(1, clients / kShards)) {
    for (std::size_t i = 0; i < kShards; ++i) shards_.push_back(std::make_unique<Shard>());
}

RateLimiter::~RateLimiter() = default;

std::chrono::milliseconds RateLimiter::take(std::size_t rate_class, const Address& client, Instant now) {
    MADANG_CHECK(rate_class < rates_.size());
    const Rate& rate = rates_[rate_class];
    const Key key{client.subscriber(), rate_class};
    Shard& shard = *shards_[KeyHash{}(key) % kShards];
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.places.find(key);
    if (found == shard.places.end()) {
        if (shard.recent.size() >= per_shard_) {
            shard.places.erase(shard.recent.back().key);
            shard.recent.pop_back();
        }
        shard.recent.push_front({key, rate.burst, now});
        shard.places[key] = shard.recent.begin();
    } else {
        shard.recent.splice(shard.recent.begin(), shard.recent, found->second);
    }
    Bucket& bucket = shard.recent.front();
    // A clock that was set back gives nothing and takes nothing.
    const double seconds = std::max(0.0, std::chrono::duration<double>(now - bucket.filled).count());
    bucket.tokens = std::min(rate.burst, bucket.tokens + seconds * rate.per_second);
    bucket.filled = now;
    if (bucket.tokens >= 1) {
        bucket.tokens -= 1;
        return std::chrono::milliseconds(0);
    }
    const double wait = rate.per_second > 0 ? (1 - bucket.tokens) / rate.per_second : 3600;
    return std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil(std::min(wait, 3600.0) * 1000)));
}

std::size_t RateLimiter::size() const {
    std::size_t total = 0;
    for (const auto& shard : shards_) {
        const std::lock_guard lock(shard->mutex);
        total += shard->recent.size();
    }
    return total;
}

}  // namespace madang::http
