// The rows of accounts, roles, sessions and links. Only this room uses it; names and secrets are hashed
// or sealed before they come here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "identity/account.h"
#include "store/store.h"

namespace madang::identity {

struct AccountRow {
    AccountId id;
    Bytes name_hash;
    Bytes name_sealed;
    std::optional<PersonId> person;
    std::string password;              // PHC
    Bytes totp_sealed;                 // empty: no second factor
    std::int64_t totp_step = 0;        // the last one used
    bool disabled = false;
    Instant created_at{};
    std::optional<PersonId> staff_person = {};
};

Result<void> insert_account(store::Tx& tx, const AccountRow& row);
Result<std::optional<AccountRow>> find_account_row(store::Reader& reader, const AccountId& id);
Result<std::optional<AccountRow>> find_account_row_by_name(store::Reader& reader, const Bytes& name_hash);
Result<std::optional<AccountId>> find_account_of_person(store::Reader& reader, const PersonId& person);
Result<std::optional<AccountId>> find_staff_account_of_person(store::Reader& reader, const PersonId& person);
Result<void> update_staff_person(store::Tx& tx, const AccountId& id, const PersonId& person);
Result<void> update_password(store::Tx& tx, const AccountId& id, const std::string& phc);
// Empty bytes take the second factor away.
Result<void> update_totp(store::Tx& tx, const AccountId& id, const Bytes& sealed, std::int64_t step);
// False where that step or a later one was used already.
Result<bool> use_totp_step(store::Tx& tx, const AccountId& id, std::int64_t step);
Result<void> update_disabled(store::Tx& tx, const AccountId& id, bool disabled);
// Nothing of the person stays but the id: `name_hash` takes the place of the name's.
Result<void> close_account(store::Tx& tx, const AccountId& id, const Bytes& name_hash);

Result<std::vector<Role>> roles_of(store::Reader& reader, const AccountId& id);
Result<void> replace_roles(store::Tx& tx, const AccountId& id, const std::vector<Role>& roles);
Result<std::vector<AccountId>> accounts_with_roles_in(store::Reader& reader, std::string_view body);
// Enabled administrators of the whole installation.
Result<std::int64_t> count_administrators(store::Reader& reader);

struct SessionRow {
    Bytes token_hash;
    AccountId account;
    SessionState state = SessionState::active;
    Instant started_at{};
    Instant last_seen_at{};
    Instant expires_at{};
    Bytes pending_sealed;              // the secret of an enrolment under way
};
Result<void> insert_session(store::Tx& tx, const SessionRow& row);
Result<std::optional<SessionRow>> find_session_row(store::Reader& reader, const Bytes& token_hash);
Result<void> update_last_seen(store::Tx& tx, const Bytes& token_hash, Instant now);
Result<void> update_pending(store::Tx& tx, const Bytes& token_hash, const Bytes& sealed);
// False where it was gone already.
Result<bool> remove_session(store::Tx& tx, const Bytes& token_hash);
Result<void> remove_sessions_of(store::Tx& tx, const AccountId& account);

struct LinkRow {
    Bytes link_hash;
    std::string kind;
    std::optional<AccountId> account;
    std::vector<Role> roles;
    std::string made_by;               // account id, empty for the installer's
    Instant expires_at{};
    std::optional<PersonId> person = {};   // whom an invitation is for
};
Result<void> insert_link(store::Tx& tx, const LinkRow& row);
Result<std::optional<LinkRow>> find_link_row(store::Reader& reader, const Bytes& link_hash);
Result<bool> remove_link(store::Tx& tx, const Bytes& link_hash);
Result<void> remove_links_of_kind(store::Tx& tx, std::string_view kind, const std::optional<AccountId>& account);

Result<void> insert_sign_in(store::Tx& tx, const AccountId& account, std::string_view event_id, const SignInEvent& event);
Result<std::vector<SignInEvent>> list_sign_ins(store::Reader& reader, const AccountId& account);
// Sessions and links that are over, and what is older than its use: tries, known clients, events.
Result<void> remove_outdated(store::Tx& tx, Instant now);

}  // namespace madang::identity
