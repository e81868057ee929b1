// One-time links: the installer's, invitations, and recovery by an administrator. ASVS 6.3.2, 6.4.1, 6.4.3.
#include <array>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "crypto/password.h"
#include "identity/accounts.h"
#include "identity/detail/accounts_state.h"

namespace madang::identity {
namespace {

constexpr auto kLinkLives = std::chrono::hours(24);

constexpr std::array<std::pair<LinkKind, std::string_view>, 4> kNames{{{LinkKind::installer, "installer"},
                                                                      {LinkKind::invitation, "invitation"},
                                                                      {LinkKind::password, "password"},
                                                                      {LinkKind::second_factor, "second_factor"}}};

std::unexpected<Error> no_such_link() {
    return fail(Code::not_found, "this link was used, is over or never was: ask for a new one");
}

// The link's row, if it may be used for that now.
Result<LinkRow> usable(store::Reader& reader, std::string_view link, LinkKind kind, Instant now) {
    const auto hash = hash_of_token(link);
    if (!hash) return no_such_link();
    TRY(const auto row, find_link_row(reader, *hash));
    if (!row || row->kind != name_of(kind) || now >= row->expires_at) return no_such_link();
    return *row;
}

// Takes the link away; of two at the same time only one goes on.
Result<LinkRow> take(store::Tx& tx, std::string_view link, LinkKind kind, Instant now) {
    TRY(const LinkRow row, usable(tx, link, kind, now));
    TRY(const bool taken, remove_link(tx, row.link_hash));
    if (!taken) return no_such_link();
    return row;
}

}  // namespace

std::string_view name_of(LinkKind kind) {
    for (const auto& [value, name] : kNames) {
        if (value == kind) return name;
    }
    MADANG_CHECK(false);
}

Result<bool> Accounts::has_administrator() {
    TRY(const std::int64_t count, state_->store.read<std::int64_t>([](store::Reader& reader) { return count_administrators(reader); }));
    return count > 0;
}

Result<std::string> Accounts::make_installer_link() {
    const FreshToken token = make_token(state_->random);
    return state_->store.write<std::string>([&](store::Tx& tx) -> Result<std::string> {
        TRY(const std::int64_t administrators, count_administrators(tx));
        if (administrators > 0) return fail(Code::conflict, "the installation has an administrator already");
        TRY_DO(remove_links_of_kind(tx, name_of(LinkKind::installer), std::nullopt));
        TRY_DO(insert_link(tx, {token.hash, std::string(name_of(LinkKind::installer)), std::nullopt, {{"", "administrator"}}, "",
                                state_->clock.now() + kLinkLives}));
        return token.text;
    });
}

Result<AccountId> Accounts::State::account_by_link(std::string_view link, LinkKind kind, std::string_view name,
                                                   std::string_view password) {
    // The link is looked at before the costly work on the password, and taken after it.
    TRY_DO(store.read<LinkRow>([&](store::Reader& reader) { return usable(reader, link, kind, clock.now()); }));
    TRY_DO(check_name(name));
    if (const auto problem = problem_with_password(password, name)) return fail(Code::invalid, *problem);
    TRY(const std::string composed, compose(password));
    const NewAccount account{std::string(name), {}, std::nullopt, {}, {}};
    TRY(AccountRow row, new_row(account, crypto::hash_password(composed, random)));
    return store.write<AccountId>([&](store::Tx& tx) -> Result<AccountId> {
        TRY(const LinkRow taken, take(tx, link, kind, clock.now()));
        if (kind == LinkKind::installer) {
            TRY(const std::int64_t administrators, count_administrators(tx));
            if (administrators > 0) return fail(Code::conflict, "the installation has an administrator already");
        }
        row.staff_person = taken.person;
        TRY_DO(write_event(tx, row.id, "link_used", ""));
        return insert(tx, row, taken.roles);
    });
}

Result<AccountId> Accounts::use_installer_link(std::string_view link, std::string_view name, std::string_view password) {
    return state_->account_by_link(link, LinkKind::installer, name, password);
}

Result<AccountId> Accounts::accept_invitation(std::string_view link, std::string_view name, std::string_view password) {
    return state_->account_by_link(link, LinkKind::invitation, name, password);
}

Result<std::string> Accounts::invite(const AccountId& by, std::vector<Role> roles, const PersonId& person) {
    TRY_DO(check_roles(roles, state_->other_roles));
    if (roles.empty()) return fail(Code::invalid, "an invitation names the roles that it gives");
    if (person.is_nil()) return fail(Code::invalid, "an invitation is for one person");
    const FreshToken token = make_token(state_->random);
    return state_->store.write<std::string>([&](store::Tx& tx) -> Result<std::string> {
        TRY_DO(state_->check_may_manage(tx, by, roles));
        TRY_DO(state_->check_no_other_staff_account(tx, person));
        TRY_DO(insert_link(tx, {token.hash, std::string(name_of(LinkKind::invitation)), std::nullopt, roles, by.text(),
                                state_->clock.now() + kLinkLives, person}));
        return token.text;
    });
}

Result<std::string> Accounts::make_recovery_link(const AccountId& by, const AccountId& account, LinkKind kind) {
    if (kind != LinkKind::password && kind != LinkKind::second_factor) {
        return fail(Code::invalid, "a recovery link is for a password or for a second factor");
    }
    const FreshToken token = make_token(state_->random);
    return state_->store.write<std::string>([&](store::Tx& tx) -> Result<std::string> {
        TRY(const auto row, find_account_row(tx, account));
        if (!row) return fail(Code::not_found, format("there is no account {}", account.text()));
        // Nobody recovers an account of their own: a stolen session must not become a stolen account.
        if (by == account) return fail(Code::denied, "another administrator must make this link");
        TRY(const auto roles, roles_of(tx, account));
        TRY_DO(state_->check_may_manage(tx, by, roles));
        TRY_DO(remove_links_of_kind(tx, name_of(kind), account));
        TRY_DO(insert_link(tx, {token.hash, std::string(name_of(kind)), account, {}, by.text(), state_->clock.now() + kLinkLives}));
        TRY_DO(state_->write_event(tx, account, "recovery_link_made", ""));
        return token.text;
    });
}

Result<void> Accounts::use_password_link(std::string_view link, std::string_view new_password) {
    TRY(const Account account, state_->store.read<Account>([&](store::Reader& reader) -> Result<Account> {
        TRY(const LinkRow row, usable(reader, link, LinkKind::password, state_->clock.now()));
        if (!row.account) return no_such_link();
        TRY(const auto found, find_account_row(reader, *row.account));
        if (!found) return no_such_link();
        return state_->account_of(reader, *found);
    }));
    if (const auto problem = problem_with_password(new_password, account.name)) return fail(Code::invalid, *problem);
    TRY(const std::string password, compose(new_password));
    const std::string phc = crypto::hash_password(password, state_->random);
    return state_->store.write([&](store::Tx& tx) -> Result<void> {
        TRY_DO(take(tx, link, LinkKind::password, state_->clock.now()));
        TRY_DO(update_password(tx, account.id, phc));
        TRY_DO(state_->write_event(tx, account.id, "link_used", ""));
        return state_->end_sessions(tx, account.id);
    });
}

Result<void> Accounts::use_second_factor_link(std::string_view link) {
    return state_->store.write([&](store::Tx& tx) -> Result<void> {
        TRY(const LinkRow row, take(tx, link, LinkKind::second_factor, state_->clock.now()));
        if (!row.account) return no_such_link();
        TRY_DO(update_totp(tx, *row.account, {}, 0));
        TRY_DO(state_->write_event(tx, *row.account, "link_used", ""));
        return state_->end_sessions(tx, *row.account);
    });
}

Result<std::optional<LinkKind>> Accounts::find_link(std::string_view link) {
    const auto hash = hash_of_token(link);
    if (!hash) return std::optional<LinkKind>();
    TRY(const auto row, state_->store.read<std::optional<LinkRow>>(
                            [&](store::Reader& reader) { return find_link_row(reader, *hash); }));
    if (!row || state_->clock.now() >= row->expires_at) return std::optional<LinkKind>();
    for (const auto& [kind, name] : kNames) {
        if (name == row->kind) return std::optional(kind);
    }
    return fail(Code::corrupted, "a link of an unknown kind");
}

}  // namespace madang::identity
