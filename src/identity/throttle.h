// Slowing down those who guess, without giving anybody the means to lock others out. Each try is counted
// before the password is looked at, so that tries at the same time cannot slip through together.
//
// A try counts against the account and the client. From a client where the account signed in before, it
// counts only against that pair: strangers' tries do not slow down the owner at home. Delays grow from a
// second and double up to a limit; nothing is ever locked for good.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "identity/access.h"
#include "store/store.h"

namespace madang::identity {

struct TryLimits {
    int free_per_account = 5;
    std::chrono::seconds longest_per_account{15 * 60};
    int free_per_client = 50;                           // many people may share an address
    std::chrono::seconds longest_per_client{5 * 60};
    int per_minute = 1200;                              // from unknown clients, on this node
};

// What one try is counted under.
struct Try {
    std::vector<Bytes> account_keys;   // forgotten when it succeeds
    Bytes client_key;                  // only this try is taken back; empty for a known client
    Bytes known_client;                // the pair of account and client
    bool from_known_client = false;
};

class Throttle {
public:
    // `key` has 32 bytes and hashes names and addresses.
    Throttle(ByteSpan key, const Clock& clock, TryLimits limits = {});

    // A try with a password for a name (hashed, also of one that does not exist).
    Result<Try> password_try(store::Reader& reader, ByteSpan name_hash, const std::optional<AccountId>& account, std::string_view client);
    // A try with a one-time code.
    Try code_try(const AccountId& account) const;

    // Counts it. How long to wait instead, where it comes too early: then nothing was counted.
    Result<std::optional<std::chrono::seconds>> count(store::Tx& tx, const Try& one);
    Result<void> succeeded(store::Tx& tx, const Try& one);
    Result<void> remember_client(store::Tx& tx, const AccountId& account, std::string_view client);

    // How long all unknown clients must wait, if too many came within a minute.
    std::optional<std::chrono::seconds> count_unknown_client();

private:
    Bytes hash(std::string_view purpose, ByteSpan a, std::string_view b) const;

    Bytes key_;
    const Clock& clock_;
    const TryLimits limits_;
    std::mutex mutex_;
    std::int64_t minute_ = 0;
    int in_minute_ = 0;
};

// "192.0.2.0/24", "2001:db8:1::/48", or "unknown".
std::string truncated_address(std::string_view client);
// The whole IPv4 address or the first 64 bits of an IPv6 one: what a client cannot change at will.
std::string network_of(std::string_view client);

}  // namespace madang::identity
