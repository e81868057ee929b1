#include "identity/detail/session_cache.h"

#include <algorithm>

namespace madang::identity {
namespace {

constexpr auto kWriteEvery = std::chrono::seconds(60);

std::string key_of(const Bytes& token_hash) { return std::string(as_text(token_hash)); }

}  // namespace

SessionCache::Seen SessionCache::find(const Bytes& token_hash, Instant now) {
    const std::lock_guard lock(mutex_);
    const auto found = places_.find(key_of(token_hash));
    if (found == places_.end()) return {};
    Entry& entry = *found->second;
    if (now >= entry.session.expires_at || now - entry.last_seen >= limits_.idle) {
        erase(found->second);
        return {.session = std::nullopt, .over = true, .write_last_seen = false};
    }
    if (now - entry.read_at > limits_.cached_for) return {};
    Seen seen;
    entry.last_seen = std::max(entry.last_seen, now);
    if (now - entry.stored_seen >= kWriteEvery) {
        entry.stored_seen = now;
        seen.write_last_seen = true;
    }
    seen.session = entry.session;
    recent_.splice(recent_.begin(), recent_, found->second);
    return seen;
}

std::uint64_t SessionCache::drops() {
    const std::lock_guard lock(mutex_);
    return drops_;
}

void SessionCache::keep(const Bytes& token_hash, const Session& session, Instant last_seen, Instant now, std::uint64_t before) {
    const std::lock_guard lock(mutex_);
    if (before != drops_ || limits_.cached == 0) return;
    const std::string key = key_of(token_hash);
    const auto found = places_.find(key);
    if (found != places_.end()) {
        Entry& entry = *found->second;
        entry.session = session;
        entry.read_at = now;
        entry.last_seen = now;
        entry.stored_seen = std::max(entry.stored_seen, last_seen);
        return;
    }
    if (recent_.size() >= limits_.cached) erase(std::prev(recent_.end()));
    recent_.push_front({key, session, now, now, last_seen});
    places_[key] = recent_.begin();
}

std::optional<Instant> SessionCache::last_seen(const Bytes& token_hash) {
    const std::lock_guard lock(mutex_);
    const auto found = places_.find(key_of(token_hash));
    if (found == places_.end()) return std::nullopt;
    return found->second->last_seen;
}

void SessionCache::drop(const Bytes& token_hash) {
    const std::lock_guard lock(mutex_);
    ++drops_;
    const auto found = places_.find(key_of(token_hash));
    if (found != places_.end()) erase(found->second);
}

void SessionCache::drop_all_of(const AccountId& account) {
    const std::lock_guard lock(mutex_);
    ++drops_;
    for (auto place = recent_.begin(); place != recent_.end();) {
        const auto next = std::next(place);
        if (place->session.account == account) erase(place);
        place = next;
    }
}

void SessionCache::erase(Place place) {
    places_.erase(place->key);
    recent_.erase(place);
}

}  // namespace madang::identity
