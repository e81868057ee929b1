// Sessions kept in memory for some seconds, so that a page does not ask the store who is there. Bounded:
// the least recently used go first.
#pragma once

#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/bytes.h"
#include "identity/accounts.h"

namespace madang::identity {

class SessionCache {
public:
    SessionCache(const SessionLimits& limits) : limits_(limits) {}

    struct Seen {
        std::optional<Session> session;   // nothing: ask the store
        bool over = false;                // it was here and its time is over
        bool write_last_seen = false;     // the store should learn that it is in use
    };
    Seen find(const Bytes& token_hash, Instant now);

    // Counts what was dropped; a session read before that count must not be kept after it.
    std::uint64_t drops();
    // Keeps what the store said while `drops()` stood at `before`. `last_seen` is the store's.
    void keep(const Bytes& token_hash, const Session& session, Instant last_seen, Instant now, std::uint64_t before);
    // When the session was last used here, if this node knows.
    std::optional<Instant> last_seen(const Bytes& token_hash);
    void drop(const Bytes& token_hash);
    void drop_all_of(const AccountId& account);

private:
    struct Entry {
        std::string key;
        Session session;
        Instant read_at;
        Instant last_seen;     // in use, here
        Instant stored_seen;   // as the store has it
    };
    using Place = std::list<Entry>::iterator;
    void erase(Place place);

    const SessionLimits limits_;
    std::mutex mutex_;
    std::list<Entry> recent_;  // the latest used first
    std::unordered_map<std::string, Place> places_;
    std::uint64_t drops_ = 0;
};

}  // namespace madang::identity
