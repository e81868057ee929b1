// What the sources of Accounts share: keys, the cache of sessions, and the steps that several use.
#pragma once

#include <array>
#include <functional>
#include <mutex>
#include <unordered_map>

#include "crypto/hash.h"
#include "identity/account_repository.h"
#include "identity/accounts.h"
#include "identity/detail/session_cache.h"
#include "identity/throttle.h"

namespace madang::identity {

struct Accounts::State {
    State(store::Store& the_store, ByteSpan master_key, std::string the_site, const Clock& the_clock, Random& the_random,
          const SessionLimits& the_limits);

    store::Store& store;
    const std::string site;
    const Clock& clock;
    Random& random;
    const SessionLimits limits;
    std::vector<std::string> other_roles;   // of the country
    const Bytes name_key, name_seal_key, totp_seal_key;   // derived from the master key, one for each purpose
    Throttle throttle;
    SessionCache cache;
    std::mutex tidy_mutex;
    Instant tidied_at{};

    // Names.
    Bytes hash_name(std::string_view name) const;         // of a name as it was typed
    Result<Account> account_of(store::Reader& reader, const AccountRow& row) const;

    // Makes the row; the password is hashed already.
    Result<AccountRow> new_row(const NewAccount& account, std::string phc) const;
    Result<AccountId> insert(store::Tx& tx, const AccountRow& row, const std::vector<Role>& roles);
    // Code::conflict where there is one.
    Result<void> check_no_other_staff_account(store::Reader& reader, const PersonId& person) const;
    Result<void> end_sessions(store::Tx& tx, const AccountId& account);
    Result<AccountId> account_by_link(std::string_view link, LinkKind kind, std::string_view name, std::string_view password);

    // Runs a change that may not take the last administrator of the installation away.
    Result<void> keeping_an_administrator(store::Tx& tx, const std::function<Result<void>()>& change) const;
    // Code::denied unless `by` is an enabled administrator of the installation or of each of these bodies.
    Result<void> check_may_manage(store::Reader& reader, const AccountId& by, const std::vector<Role>& roles) const;

    // Secrets of second factors.
    Bytes seal_secret(const AccountId& account, ByteSpan secret) const;
    Result<Bytes> open_secret(const AccountId& account, ByteSpan sealed) const;

    // Sessions and events.
    Result<SignIn> begin_session(store::Tx& tx, const AccountRow& row, SessionState state, std::string_view client);
    Result<bool> end_session(store::Tx& tx, const Bytes& token_hash);
    Result<SignIn> refuse(const AccountId& account, std::string_view client);
    Result<void> write_event(store::Tx& tx, const AccountId& account, std::string_view result, std::string_view client);
    // The session of a token as the store has it; nothing where it ended.
    Result<std::optional<SessionRow>> find_row(store::Reader& reader, const Bytes& token_hash) const;
    Result<SessionRow> unfinished(store::Reader& reader, std::string_view token, SessionState state) const;
    void tidy_now_and_then();
};

// Checks that several operations make. Code::invalid with a message in plain words.
Result<std::string> check_name(std::string_view name);
Result<void> check_roles(const std::vector<Role>& roles, const std::vector<std::string>& others);

// SHA-256 of the bytes that a token or link spells; nothing where it is no such text.
std::optional<Bytes> hash_of_token(std::string_view token);
struct FreshToken {
    std::string text;   // base64url of 256 random bits
    Bytes hash;
};
FreshToken make_token(Random& random);
// Names a session without opening it.
std::string session_id(const Bytes& token_hash);

}  // namespace madang::identity
