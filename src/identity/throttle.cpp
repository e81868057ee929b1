#include "identity/throttle.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/text.h"
#include "crypto/hash.h"

namespace madang::identity {
namespace {

using std::chrono::seconds;

constexpr auto kForgottenAfter = std::chrono::hours(24);
constexpr auto kClientsKept = std::chrono::hours(24 * 90);

constexpr const char* kFindTries = "SELECT failures, last_at FROM identity_throttle WHERE key_hash=$1";
constexpr const char* kPutTries =
    "INSERT INTO identity_throttle (key_hash, failures, last_at) VALUES ($1,$2,$3)"
    " ON CONFLICT (key_hash) DO UPDATE SET failures=excluded.failures, last_at=excluded.last_at";
constexpr const char* kTakeBack = "UPDATE identity_throttle SET failures=failures-1 WHERE key_hash=$1 AND failures>0";
constexpr const char* kForget = "DELETE FROM identity_throttle WHERE key_hash=$1";
constexpr const char* kIsKnown = "SELECT 1 FROM identity_known_client WHERE client_hash=$1 AND last_at>=$2";
constexpr const char* kRemember =
    "INSERT INTO identity_known_client (client_hash, account_id, last_at) VALUES ($1,$2,$3)"
    " ON CONFLICT (client_hash) DO UPDATE SET last_at=excluded.last_at";

std::int64_t microseconds(Instant moment) { return moment.time_since_epoch().count(); }

struct Tries {
    std::int64_t failures = 0;
    Instant last_at{};
};

Result<Tries> tries_under(store::Reader& reader, const Bytes& key, Instant now) {
    TRY(const auto found, reader.first<Tries>(kFindTries, {key}, [](const store::Row& row) -> Result<Tries> {
        return Tries{row.integer(0), Instant(std::chrono::microseconds(row.integer(1)))};
    }));
    if (!found || now - found->last_at > kForgottenAfter) return Tries{};
    // A clock that was set back must not lengthen a delay.
    return Tries{found->failures, std::min(found->last_at, now)};
}

// Nothing for the first `free` tries, then 1, 2, 4 … seconds.
seconds delay_after(std::int64_t failures, int free, seconds longest) {
    if (failures < free) return seconds(0);
    const std::int64_t doublings = std::min<std::int64_t>(failures - free, 20);
    return std::min(seconds(std::int64_t{1} << doublings), longest);
}

struct Address {
    bool is_v4 = false;
    std::array<std::uint8_t, 16> bytes{};
};

std::optional<Address> parse_address(std::string_view text) {
    if (text.size() > 45) return std::nullopt;
    const std::string copy(text);
    Address address;
    if (inet_pton(AF_INET, copy.c_str(), address.bytes.data()) == 1) {
        address.is_v4 = true;
        return address;
    }
    if (inet_pton(AF_INET6, copy.c_str(), address.bytes.data()) != 1) return std::nullopt;
    constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (std::equal(kMapped.begin(), kMapped.end(), address.bytes.begin())) {
        std::copy(address.bytes.begin() + 12, address.bytes.end(), address.bytes.begin());
        address.is_v4 = true;
    }
    return address;
}

std::string v6_prefix(Address address, std::size_t kept, std::string_view suffix) {
    std::fill(address.bytes.begin() + static_cast<std::ptrdiff_t>(kept), address.bytes.end(), std::uint8_t{0});
    std::array<char, INET6_ADDRSTRLEN> text{};
    MADANG_CHECK(inet_ntop(AF_INET6, address.bytes.data(), text.data(), text.size()) != nullptr);
    return std::string(text.data()) + std::string(suffix);
}

}  // namespace

std::string truncated_address(std::string_view client) {
    const auto address = parse_address(client);
    if (!address) return "unknown";
    if (address->is_v4) return format("{}.{}.{}.0/24", address->bytes[0], address->bytes[1], address->bytes[2]);
    return v6_prefix(*address, 6, "/48");
}

std::string network_of(std::string_view client) {
    const auto address = parse_address(client);
    if (!address) return "unknown";
    if (address->is_v4) return format("{}.{}.{}.{}", address->bytes[0], address->bytes[1], address->bytes[2], address->bytes[3]);
    return v6_prefix(*address, 8, "/64");
}

Throttle::Throttle(ByteSpan key, const Clock& clock, TryLimits limits)
    : key_(key.begin(), key.end()), clock_(clock), limits_(limits) {}

Bytes Throttle::hash(std::string_view purpose, ByteSpan a, std::string_view b) const {
    Bytes input = to_bytes(purpose);
    input.push_back(0);
    input.insert(input.end(), a.begin(), a.end());
    input.push_back(0);
    const ByteSpan tail = as_bytes(b);
    input.insert(input.end(), tail.begin(), tail.end());
    const crypto::Hash hashed = crypto::hmac_sha256(key_, input);
    return Bytes(hashed.begin(), hashed.end());
}

Result<Try> Throttle::password_try(store::Reader& reader, ByteSpan name_hash, const std::optional<AccountId>& account,
                                   std::string_view client) {
    const std::string network = network_of(client);
    Try one;
    if (account) {
        one.known_client = hash("known", account->bytes(), network);
        TRY(const auto known, reader.first<bool>(kIsKnown, {one.known_client, microseconds(clock_.now() - kClientsKept)},
                                                 [](const store::Row&) -> Result<bool> { return true; }));
        one.from_known_client = known.value_or(false);
    }
    if (one.from_known_client) {
        one.account_keys = {hash("pair", name_hash, network)};
    } else {
        one.account_keys = {hash("account", name_hash, "")};
        one.client_key = hash("client", {}, network);
    }
    return one;
}

Try Throttle::code_try(const AccountId& account) const {
    Try one;
    one.account_keys = {hash("code", account.bytes(), "")};
    return one;
}

Result<std::optional<seconds>> Throttle::count(store::Tx& tx, const Try& one) {
    const Instant now = clock_.now();
    std::vector<std::pair<Bytes, Tries>> counted;
    seconds wait(0);
    const auto look = [&](const Bytes& key, int free, seconds longest) -> Result<void> {
        TRY(const Tries tries, tries_under(tx, key, now));
        const auto next = tries.last_at + delay_after(tries.failures, free, longest);
        if (next > now) wait = std::max(wait, std::chrono::ceil<seconds>(next - now));
        counted.emplace_back(key, tries);
        return {};
    };
    for (const Bytes& key : one.account_keys) TRY_DO(look(key, limits_.free_per_account, limits_.longest_per_account));
    if (!one.client_key.empty()) TRY_DO(look(one.client_key, limits_.free_per_client, limits_.longest_per_client));
    if (wait > seconds(0)) return std::optional(wait);
    for (const auto& [key, tries] : counted) TRY_DO(tx.execute(kPutTries, {key, tries.failures + 1, microseconds(now)}));
    return std::optional<seconds>();
}

Result<void> Throttle::succeeded(store::Tx& tx, const Try& one) {
    for (const Bytes& key : one.account_keys) TRY_DO(tx.execute(kForget, {key}));
    // An own account must not buy new tries against others from the same client.
    if (!one.client_key.empty()) TRY_DO(tx.execute(kTakeBack, {one.client_key}));
    return {};
}

Result<void> Throttle::remember_client(store::Tx& tx, const AccountId& account, std::string_view client) {
    const std::string network = network_of(client);
    if (network == "unknown") return {};
    TRY_DO(tx.execute(kRemember, {hash("known", account.bytes(), network), account.text(), microseconds(clock_.now())}));
    return {};
}

std::optional<seconds> Throttle::count_unknown_client() {
    const Instant now = clock_.now();
    const std::int64_t minute = std::chrono::floor<std::chrono::minutes>(now).time_since_epoch().count();
    const std::lock_guard lock(mutex_);
    if (minute != minute_) {
        minute_ = minute;
        in_minute_ = 0;
    }
    if (in_minute_ < limits_.per_minute) {
        ++in_minute_;
        return std::nullopt;
    }
    return std::chrono::ceil<seconds>(Instant(std::chrono::minutes(minute + 1)) - now);
}

}  // namespace madang::identity
