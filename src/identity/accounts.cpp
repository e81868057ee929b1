#include "identity/accounts.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "crypto/password.h"
#include "crypto/seal.h"
#include "identity/detail/accounts_state.h"

namespace madang::identity {
namespace {

constexpr std::size_t kMinName = 3;
constexpr std::size_t kMaxName = 100;
constexpr std::size_t kMaxRoles = 50;
constexpr std::size_t kMaxBody = 64;
constexpr std::size_t kSecretBytes = 20;  // RFC 4226, 4: R6

Bytes derive(ByteSpan master_key, std::string_view purpose) {
    MADANG_CHECK(master_key.size() == crypto::kSealKeyBytes);
    const crypto::Hash key = crypto::hmac_sha256(master_key, as_bytes(purpose));
    return Bytes(key.begin(), key.end());
}

bool holds(const std::vector<Role>& roles, std::string_view body, std::string_view role) {
    return std::any_of(roles.begin(), roles.end(), [&](const Role& one) { return one.body == body && one.role == role; });
}

}  // namespace

bool Account::has_role(std::string_view body, std::string_view role) const { return holds(roles, body, role); }
std::vector<std::string> roles_in(const std::vector<Role>& roles, std::string_view body) {
    std::vector<std::string> names;
    for (const Role& one : roles) {
        if (one.body == body) names.push_back(one.role);
    }
    return names;
}
void Accounts::accept_roles(std::vector<std::string> names) { state_->other_roles = std::move(names); }
bool Session::has_role(std::string_view body, std::string_view role) const { return holds(roles, body, role); }

std::optional<std::string> Session::body_as(std::string_view role) const {
    for (const Role& one : roles) {
        if (one.role == role) return one.body;
    }
    return std::nullopt;
}

Result<std::string> check_name(std::string_view name) {
    if (name.size() > kMaxName * 4) return fail(Code::invalid, format("a name for signing in has at most {} characters", kMaxName));
    TRY(std::string tidied, tidy_line(name));
    const std::size_t length = count_code_points(tidied);
    if (length < kMinName || length > kMaxName) {
        return fail(Code::invalid, format("a name for signing in has {} to {} characters", kMinName, kMaxName));
    }
    return tidied;
}

Result<void> check_roles(const std::vector<Role>& roles, const std::vector<std::string>& others) {
    if (roles.size() > kMaxRoles) return fail(Code::invalid, format("an account has at most {} roles", kMaxRoles));
    for (const Role& role : roles) {
        if (std::find(kRoles.begin(), kRoles.end(), role.role) == kRoles.end() && std::find(others.begin(), others.end(), role.role) == others.end()) {
            return fail(Code::invalid, format("a role is one of {}{}{}", fmt::join(kRoles, ", "), others.empty() ? "" : ", ", fmt::join(others, ", ")));
        }
        const bool plain = std::all_of(role.body.begin(), role.body.end(),
                                       [](char c) { return c > ' ' && c < 0x7f && c != ';'; });
        if (!plain || role.body.size() > kMaxBody) return fail(Code::invalid, "a role names its government body by code");
        if (role.body.empty() && role.role != "administrator") {
            return fail(Code::invalid, format("the role {} is held in a government body", role.role));
        }
        if (std::count(roles.begin(), roles.end(), role) > 1) return fail(Code::invalid, "a role is given once");
    }
    return {};
}

Accounts::State::State(store::Store& the_store, ByteSpan master_key, std::string the_site, const Clock& the_clock, Random& the_random,
                       const SessionLimits& the_limits)
    : store(the_store),
      site(std::move(the_site)),
      clock(the_clock),
      random(the_random),
      limits(the_limits),
      name_key(derive(master_key, "madang identity name look-up v1")),
      name_seal_key(derive(master_key, "madang identity name v1")),
      totp_seal_key(derive(master_key, "madang identity second factor v1")),
      throttle(derive(master_key, "madang identity throttle v1"), the_clock),
      cache(the_limits) {}

Bytes Accounts::State::hash_name(std::string_view name) const {
    // Bad UTF-8 can belong to no account; it is hashed as it is, so that it costs the same time.
    const std::string folded = to_lower(tidy_line(name).value_or(std::string(name)));
    const crypto::Hash hash = crypto::hmac_sha256(name_key, as_bytes(folded));
    return Bytes(hash.begin(), hash.end());
}

Result<Account> Accounts::State::account_of(store::Reader& reader, const AccountRow& row) const {
    Account account;
    account.id = row.id;
    TRY(const Bytes name, within(crypto::open_sealed(name_seal_key, row.name_sealed, row.id.bytes()), "the name of an account"));
    account.name = as_text(name);
    account.person = row.person;
    account.staff_person = row.staff_person;
    TRY(account.roles, roles_of(reader, row.id));
    account.disabled = row.disabled;
    account.has_second_factor = !row.totp_sealed.empty();
    account.created_at = row.created_at;
    return account;
}

Result<AccountRow> Accounts::State::new_row(const NewAccount& account, std::string phc) const {
    TRY(const std::string name, check_name(account.name));
    AccountRow row;
    row.id = make_id<AccountId>(clock, random);
    row.name_hash = hash_name(name);
    row.name_sealed = crypto::seal(name_seal_key, as_bytes(name), row.id.bytes(), random);
    (account.roles.empty() ? row.person : row.staff_person) = account.person;
    row.password = std::move(phc);
    if (!account.totp_secret.empty()) row.totp_sealed = seal_secret(row.id, account.totp_secret);
    row.created_at = clock.now();
    return row;
}

Result<void> Accounts::State::check_no_other_staff_account(store::Reader& reader, const PersonId& person) const {
    TRY(const auto other, find_staff_account_of_person(reader, person));
    if (other) return fail(Code::conflict, format("the person {} has a staff account already: one person is one account", person.text()));
    return {};
}

Result<AccountId> Accounts::State::insert(store::Tx& tx, const AccountRow& row, const std::vector<Role>& roles) {
    TRY(const auto namesake, find_account_row_by_name(tx, row.name_hash));
    if (namesake) return fail(Code::conflict, "this name for signing in is taken");
    if (row.person) {
        TRY(const auto other, find_account_of_person(tx, *row.person));
        if (other) return fail(Code::conflict, format("the person {} has an account already", row.person->text()));
    }
    if (row.staff_person) TRY_DO(check_no_other_staff_account(tx, *row.staff_person));
    TRY_DO(insert_account(tx, row));
    TRY_DO(replace_roles(tx, row.id, roles));
    return row.id;
}

Result<void> Accounts::State::end_sessions(store::Tx& tx, const AccountId& account) {
    TRY_DO(remove_sessions_of(tx, account));
    tx.after_commit([this, account] { cache.drop_all_of(account); });
    return {};
}

Result<void> Accounts::State::keeping_an_administrator(store::Tx& tx, const std::function<Result<void>()>& change) const {
    TRY(const std::int64_t before, count_administrators(tx));
    TRY_DO(change());
    TRY(const std::int64_t after, count_administrators(tx));
    if (before > 0 && after == 0) return fail(Code::conflict, "the last administrator of the installation stays");
    return {};
}

Result<void> Accounts::State::check_may_manage(store::Reader& reader, const AccountId& by, const std::vector<Role>& roles) const {
    TRY(const auto row, find_account_row(reader, by));
    TRY(const auto held, roles_of(reader, by));
    if (row && !row->disabled) {
        if (holds(held, "", "administrator")) return {};
        const bool all = std::all_of(roles.begin(), roles.end(), [&](const Role& role) {
            return !role.body.empty() && holds(held, role.body, "administrator");
        });
        if (all && !roles.empty()) return {};
    }
    return fail(Code::denied, "only an administrator of the government body may do this");
}

Bytes Accounts::State::seal_secret(const AccountId& account, ByteSpan secret) const {
    return crypto::seal(totp_seal_key, secret, account.bytes(), random);
}

Result<Bytes> Accounts::State::open_secret(const AccountId& account, ByteSpan sealed) const {
    return within(crypto::open_sealed(totp_seal_key, sealed, account.bytes()), "the second factor of an account");
}

Accounts::Accounts(store::Store& store, ByteSpan master_key, std::string site, const Clock& clock, Random& random, SessionLimits limits)
    : state_(std::make_unique<State>(store, master_key, std::move(site), clock, random, limits)) {}

Accounts::~Accounts() = default;

Result<AccountId> Accounts::create_account(const NewAccount& account) {
    TRY_DO(check_name(account.name));
    TRY_DO(check_roles(account.roles, state_->other_roles));
    if (!account.totp_secret.empty() && account.totp_secret.size() != kSecretBytes) {
        return fail(Code::invalid, format("the secret of a second factor has {} bytes", kSecretBytes));
    }
    if (account.person && account.person->is_nil()) return fail(Code::invalid, "an account names its person by a real id");
    if (const auto problem = problem_with_password(account.password, account.name)) return fail(Code::invalid, *problem);
    TRY(const std::string password, compose(account.password));
    TRY(const AccountRow row, state_->new_row(account, crypto::hash_password(password, state_->random)));
    return state_->store.write<AccountId>([&](store::Tx& tx) { return state_->insert(tx, row, account.roles); });
}

Result<std::optional<Account>> Accounts::find_account(const AccountId& id) {
    return state_->store.read<std::optional<Account>>([&](store::Reader& reader) -> Result<std::optional<Account>> {
        TRY(const auto row, find_account_row(reader, id));
        if (!row) return std::optional<Account>();
        TRY(Account account, state_->account_of(reader, *row));
        return std::optional(std::move(account));
    });
}

Result<std::optional<Account>> Accounts::find_by_name(std::string_view name) {
    if (!check_name(name)) return std::optional<Account>();
    return state_->store.read<std::optional<Account>>([&](store::Reader& reader) -> Result<std::optional<Account>> {
        TRY(const auto row, find_account_row_by_name(reader, state_->hash_name(name)));
        if (!row) return std::optional<Account>();
        TRY(Account account, state_->account_of(reader, *row));
        return std::optional(std::move(account));
    });
}

Result<std::optional<AccountId>> Accounts::find_by_person(const PersonId& person) {
    return state_->store.read<std::optional<AccountId>>(
        [&](store::Reader& reader) { return find_account_of_person(reader, person); });
}

Result<std::vector<Account>> Accounts::staff_of(std::string_view body) {
    return state_->store.read<std::vector<Account>>([&](store::Reader& reader) -> Result<std::vector<Account>> {
        TRY(const auto ids, accounts_with_roles_in(reader, body));
        std::vector<Account> staff;
        for (const AccountId& id : ids) {
            TRY(const auto row, find_account_row(reader, id));
            if (!row) return fail(Code::corrupted, format("a role belongs to the account {}, which is not there", id.text()));
            TRY(Account account, state_->account_of(reader, *row));
            staff.push_back(std::move(account));
        }
        return staff;
    });
}

Result<void> Accounts::change_password(const AccountId& account, std::string_view old_password, std::string_view new_password) {
    TRY(const auto row, state_->store.read<std::optional<AccountRow>>(
                            [&](store::Reader& reader) { return find_account_row(reader, account); }));
    if (!row) return fail(Code::not_found, format("there is no account {}", account.text()));
    TRY(const Account known, state_->store.read<Account>([&](store::Reader& reader) { return state_->account_of(reader, *row); }));
    if (const auto problem = problem_with_password(new_password, known.name)) return fail(Code::invalid, *problem);
    // A stolen session must not serve for guessing the password.
    const Try one = state_->throttle.code_try(account);
    TRY(const auto wait, state_->store.write<std::optional<std::chrono::seconds>>(
                             [&](store::Tx& tx) { return state_->throttle.count(tx, one); }));
    if (wait) return fail(Code::exhausted, format("too many tries: the next counts in {} seconds", wait->count()));
    if (!crypto::verify_password(row->password, compose(old_password).value_or(std::string()))) {
        return fail(Code::denied, "the old password is wrong");
    }
    TRY(const std::string password, compose(new_password));
    const std::string phc = crypto::hash_password(password, state_->random);
    return state_->store.write([&](store::Tx& tx) -> Result<void> {
        TRY_DO(state_->throttle.succeeded(tx, one));
        TRY_DO(update_password(tx, account, phc));
        TRY_DO(state_->write_event(tx, account, "password_changed", ""));
        return state_->end_sessions(tx, account);
    });
}

Result<void> Accounts::disable(const AccountId& by, const AccountId& account) {
    return state_->store.write([&](store::Tx& tx) -> Result<void> {
        TRY(const auto roles, roles_of(tx, account));
        TRY_DO(state_->check_may_manage(tx, by, roles));
        TRY(const auto row, find_account_row(tx, account));
        if (!row) return fail(Code::not_found, format("there is no account {}", account.text()));
        TRY_DO(state_->keeping_an_administrator(tx, [&] { return update_disabled(tx, account, true); }));
        TRY_DO(state_->write_event(tx, account, "disabled", ""));
        return state_->end_sessions(tx, account);
    });
}

Result<void> Accounts::enable(const AccountId& by, const AccountId& account) {
    return state_->store.write([&](store::Tx& tx) -> Result<void> {
        TRY(const auto roles, roles_of(tx, account));
        TRY_DO(state_->check_may_manage(tx, by, roles));
        TRY(const auto row, find_account_row(tx, account));
        if (!row) return fail(Code::not_found, format("there is no account {}", account.text()));
        TRY_DO(state_->write_event(tx, account, "enabled", ""));
        return update_disabled(tx, account, false);
    });
}

Result<void> Accounts::close(const AccountId& account) {
    Bytes name_hash(32);
    state_->random.fill(name_hash);
    return state_->store.write([&](store::Tx& tx) -> Result<void> {
        TRY(const auto row, find_account_row(tx, account));
        if (!row) return fail(Code::not_found, format("there is no account {}", account.text()));
        TRY_DO(state_->keeping_an_administrator(tx, [&] { return update_disabled(tx, account, true); }));
        TRY_DO(state_->end_sessions(tx, account));
        TRY_DO(state_->write_event(tx, account, "closed", ""));
        return close_account(tx, account, name_hash);
    });
}

Result<void> Accounts::bind_staff(const AccountId& account, const PersonId& person) {
    if (person.is_nil()) return fail(Code::invalid, "an account names its person by a real id");
    return state_->store.write([&](store::Tx& tx) -> Result<void> {
        TRY(const auto row, find_account_row(tx, account));
        if (!row) return fail(Code::not_found, format("there is no account {}", account.text()));
        if (row->staff_person == person) return {};
        if (row->staff_person) return fail(Code::conflict, "this account is another person's; close it and make a new one");
        TRY(const auto roles, roles_of(tx, account));
        if (roles.empty() || row->person) return fail(Code::invalid, "only an account of staff is bound to who works with it");
        TRY_DO(state_->check_no_other_staff_account(tx, person));
        TRY_DO(update_staff_person(tx, account, person));
        TRY_DO(state_->write_event(tx, account, "person_bound", ""));
        return state_->end_sessions(tx, account);
    });
}

Result<void> Accounts::set_roles(const AccountId& by, const AccountId& account, std::vector<Role> roles) {
    TRY_DO(check_roles(roles, state_->other_roles));
    return state_->store.write([&](store::Tx& tx) -> Result<void> {
        TRY(auto concerned, roles_of(tx, account));
        concerned.insert(concerned.end(), roles.begin(), roles.end());
        TRY_DO(state_->check_may_manage(tx, by, concerned));
        TRY(const auto row, find_account_row(tx, account));
        if (!row) return fail(Code::not_found, format("there is no account {}", account.text()));
        TRY_DO(state_->keeping_an_administrator(tx, [&] { return replace_roles(tx, account, roles); }));
        TRY_DO(state_->write_event(tx, account, "roles_changed", ""));
        return state_->end_sessions(tx, account);
    });
}

Result<std::vector<SignInEvent>> Accounts::sign_ins_of(const AccountId& account) {
    return state_->store.read<std::vector<SignInEvent>>([&](store::Reader& reader) { return list_sign_ins(reader, account); });
}

}  // namespace madang::identity
