#include "identity/account_repository.h"

#include <array>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "identity/accounts.h"

namespace madang::identity {
namespace {

using store::Row;
using store::Value;

constexpr const char* kCloseAccount =
    "UPDATE identity_account SET name_hash=$2, name_sealed=$2, person_id=NULL, staff_person_id=NULL, password='', totp_sealed=NULL, disabled=1 WHERE account_id=$1";
constexpr const char* kInsertAccount =
    "INSERT INTO identity_account (account_id, name_hash, name_sealed, person_id, password, totp_sealed, totp_step, disabled, created_at, staff_person_id)"
    " VALUES ($1,$2,$3,$4,$5,$6,$7,0,$8,$9)";
constexpr const char* kAccountColumns =
    "SELECT account_id, name_hash, name_sealed, person_id, password, totp_sealed, totp_step, disabled, created_at, staff_person_id FROM identity_account ";
constexpr const char* kUseStep = "UPDATE identity_account SET totp_step=$2 WHERE account_id=$1 AND totp_step<$2";
constexpr const char* kRolesIn =
    "SELECT DISTINCT account_id FROM identity_role WHERE body=$1 ORDER BY account_id LIMIT 500";
constexpr const char* kAdministrators =
    "SELECT count(*) FROM identity_role r JOIN identity_account a ON a.account_id=r.account_id"
    " WHERE r.body='' AND r.role='administrator' AND a.disabled=0";
constexpr const char* kInsertSession =
    "INSERT INTO identity_session (token_hash, account_id, state, started_at, last_seen_at, expires_at, pending_sealed)"
    " VALUES ($1,$2,$3,$4,$5,$6,$7)";
constexpr const char* kFindSession =
    "SELECT account_id, state, started_at, last_seen_at, expires_at, pending_sealed FROM identity_session WHERE token_hash=$1";
constexpr const char* kInsertLink =
    "INSERT INTO identity_link (link_hash, kind, account_id, roles, made_by, expires_at, person_id) VALUES ($1,$2,$3,$4,$5,$6,$7)";
constexpr const char* kFindLink = "SELECT kind, account_id, roles, made_by, expires_at, person_id FROM identity_link WHERE link_hash=$1";
constexpr const char* kInsertSignIn =
    "INSERT INTO identity_sign_in (account_id, event_id, at, result, client) VALUES ($1,$2,$3,$4,$5)";
constexpr const char* kListSignIns =
    "SELECT at, result, client FROM identity_sign_in WHERE account_id=$1 ORDER BY event_id DESC LIMIT 200";

constexpr auto kTriesKept = std::chrono::hours(24);
constexpr auto kClientsKept = std::chrono::hours(24 * 90);
constexpr auto kSignInsKept = std::chrono::hours(24 * 365);

constexpr std::array<std::pair<SessionState, std::string_view>, 3> kStates{{{SessionState::awaiting_code, "awaiting_code"},
                                                                           {SessionState::enrolling, "enrolling"},
                                                                           {SessionState::active, "active"}}};

std::string state_name(SessionState state) {
    for (const auto& [value, name] : kStates) {
        if (value == state) return std::string(name);
    }
    MADANG_CHECK(false);
}

Result<SessionState> parse_state(std::string_view text) {
    for (const auto& [value, name] : kStates) {
        if (name == text) return value;
    }
    return fail(Code::corrupted, "a session is in a state that does not exist");
}

std::int64_t microseconds(Instant moment) { return moment.time_since_epoch().count(); }
Instant moment_of(std::int64_t count) { return Instant(std::chrono::microseconds(count)); }
Bytes copy(ByteSpan bytes) { return Bytes(bytes.begin(), bytes.end()); }
Value bytes_or_null(const Bytes& bytes) { return bytes.empty() ? Value() : Value(bytes); }

Value person_or_null(const std::optional<PersonId>& person) { return person ? Value(person->text()) : Value(); }

Result<std::optional<PersonId>> person_if(const Row& row, int column) {
    const auto text = row.text_if(column);
    if (!text) return std::optional<PersonId>();
    TRY(const PersonId person, PersonId::parse(*text));
    return std::optional(person);
}

Result<AccountRow> account_row(const Row& row) {
    AccountRow found;
    TRY(found.id, AccountId::parse(row.text(0)));
    found.name_hash = copy(row.bytes(1));
    found.name_sealed = copy(row.bytes(2));
    TRY(found.person, person_if(row, 3));
    found.password = row.text(4);
    if (!row.is_null(5)) found.totp_sealed = copy(row.bytes(5));
    found.totp_step = row.integer(6);
    found.disabled = row.integer(7) != 0;
    found.created_at = moment_of(row.integer(8));
    TRY(found.staff_person, person_if(row, 9));
    return found;
}

// Roles of a link stand in one text: "body role;body role". Neither has blanks or semicolons.
std::string roles_text(const std::vector<Role>& roles) {
    std::vector<std::string> parts;
    for (const Role& role : roles) parts.push_back(role.body + " " + role.role);
    return join(parts, ";");
}

std::vector<Role> roles_from(std::string_view text) {
    std::vector<Role> roles;
    if (text.empty()) return roles;
    for (const auto part : split(text, ';')) {
        const auto blank = part.find(' ');
        roles.push_back({std::string(part.substr(0, blank)), std::string(part.substr(blank + 1))});
    }
    return roles;
}

}  // namespace

Result<void> insert_account(store::Tx& tx, const AccountRow& row) {
    TRY_DO(tx.execute(kInsertAccount, {row.id.text(), row.name_hash, row.name_sealed, person_or_null(row.person), row.password,
                                       bytes_or_null(row.totp_sealed), row.totp_step, microseconds(row.created_at),
                                       person_or_null(row.staff_person)}));
    return {};
}

Result<std::optional<AccountRow>> find_account_row(store::Reader& reader, const AccountId& id) {
    return reader.first<AccountRow>(std::string(kAccountColumns) + "WHERE account_id=$1", {id.text()}, account_row);
}

Result<std::optional<AccountRow>> find_account_row_by_name(store::Reader& reader, const Bytes& name_hash) {
    return reader.first<AccountRow>(std::string(kAccountColumns) + "WHERE name_hash=$1", {name_hash}, account_row);
}

Result<std::optional<AccountId>> find_account_of_person(store::Reader& reader, const PersonId& person) {
    return reader.first<AccountId>("SELECT account_id FROM identity_account WHERE person_id=$1", {person.text()},
                                   [](const Row& row) { return AccountId::parse(row.text(0)); });
}

Result<std::optional<AccountId>> find_staff_account_of_person(store::Reader& reader, const PersonId& person) {
    return reader.first<AccountId>("SELECT account_id FROM identity_account WHERE staff_person_id=$1", {person.text()},
                                   [](const Row& row) { return AccountId::parse(row.text(0)); });
}

Result<void> update_staff_person(store::Tx& tx, const AccountId& id, const PersonId& person) {
    TRY_DO(tx.execute("UPDATE identity_account SET staff_person_id=$2 WHERE account_id=$1", {id.text(), person.text()}));
    return {};
}

Result<std::optional<PersonId>> person_behind(store::Reader& reader, const AccountId& account) {
    TRY(const auto row, find_account_row(reader, account));
    if (!row) return std::optional<PersonId>();
    return row->staff_person ? row->staff_person : row->person;
}

Result<void> update_password(store::Tx& tx, const AccountId& id, const std::string& phc) {
    TRY_DO(tx.execute("UPDATE identity_account SET password=$2 WHERE account_id=$1", {id.text(), phc}));
    return {};
}

Result<void> update_totp(store::Tx& tx, const AccountId& id, const Bytes& sealed, std::int64_t step) {
    TRY_DO(tx.execute("UPDATE identity_account SET totp_sealed=$2, totp_step=$3 WHERE account_id=$1",
                      {id.text(), bytes_or_null(sealed), step}));
    return {};
}

Result<bool> use_totp_step(store::Tx& tx, const AccountId& id, std::int64_t step) {
    TRY(const std::int64_t changed, tx.execute(kUseStep, {id.text(), step}));
    return changed == 1;
}

Result<void> update_disabled(store::Tx& tx, const AccountId& id, bool disabled) {
    TRY_DO(tx.execute("UPDATE identity_account SET disabled=$2 WHERE account_id=$1", {id.text(), std::int64_t{disabled ? 1 : 0}}));
    return {};
}

Result<void> close_account(store::Tx& tx, const AccountId& id, const Bytes& name_hash) {
    TRY_DO(tx.execute(kCloseAccount, {id.text(), name_hash}));
    TRY_DO(replace_roles(tx, id, {}));
    return remove_sessions_of(tx, id);
}

Result<std::vector<Role>> roles_of(store::Reader& reader, const AccountId& id) {
    return reader.all<Role>("SELECT body, role FROM identity_role WHERE account_id=$1 ORDER BY body, role", {id.text()},
                            [](const Row& row) -> Result<Role> { return Role{std::string(row.text(0)), std::string(row.text(1))}; });
}

Result<void> replace_roles(store::Tx& tx, const AccountId& id, const std::vector<Role>& roles) {
    TRY_DO(tx.execute("DELETE FROM identity_role WHERE account_id=$1", {id.text()}));
    for (const Role& role : roles) {
        TRY_DO(tx.execute("INSERT INTO identity_role (body, role, account_id) VALUES ($1,$2,$3)", {role.body, role.role, id.text()}));
    }
    return {};
}

Result<std::vector<AccountId>> accounts_with_roles_in(store::Reader& reader, std::string_view body) {
    return reader.all<AccountId>(kRolesIn, {std::string(body)}, [](const Row& row) { return AccountId::parse(row.text(0)); });
}

Result<std::int64_t> count_administrators(store::Reader& reader) {
    TRY(const auto count,
        reader.first<std::int64_t>(kAdministrators, {}, [](const Row& row) -> Result<std::int64_t> { return row.integer(0); }));
    return count.value_or(0);
}

Result<void> insert_session(store::Tx& tx, const SessionRow& row) {
    TRY_DO(tx.execute(kInsertSession, {row.token_hash, row.account.text(), state_name(row.state), microseconds(row.started_at),
                                       microseconds(row.last_seen_at), microseconds(row.expires_at), bytes_or_null(row.pending_sealed)}));
    return {};
}

Result<std::optional<SessionRow>> find_session_row(store::Reader& reader, const Bytes& token_hash) {
    return reader.first<SessionRow>(kFindSession, {token_hash}, [&](const Row& row) -> Result<SessionRow> {
        SessionRow found;
        found.token_hash = token_hash;
        TRY(found.account, AccountId::parse(row.text(0)));
        TRY(found.state, parse_state(row.text(1)));
        found.started_at = moment_of(row.integer(2));
        found.last_seen_at = moment_of(row.integer(3));
        found.expires_at = moment_of(row.integer(4));
        if (!row.is_null(5)) found.pending_sealed = copy(row.bytes(5));
        return found;
    });
}

Result<void> update_last_seen(store::Tx& tx, const Bytes& token_hash, Instant now) {
    TRY_DO(tx.execute("UPDATE identity_session SET last_seen_at=$2 WHERE token_hash=$1", {token_hash, microseconds(now)}));
    return {};
}

Result<void> update_pending(store::Tx& tx, const Bytes& token_hash, const Bytes& sealed) {
    TRY_DO(tx.execute("UPDATE identity_session SET pending_sealed=$2 WHERE token_hash=$1", {token_hash, bytes_or_null(sealed)}));
    return {};
}

Result<bool> remove_session(store::Tx& tx, const Bytes& token_hash) {
    TRY(const std::int64_t changed, tx.execute("DELETE FROM identity_session WHERE token_hash=$1", {token_hash}));
    return changed == 1;
}

Result<void> remove_sessions_of(store::Tx& tx, const AccountId& account) {
    TRY_DO(tx.execute("DELETE FROM identity_session WHERE account_id=$1", {account.text()}));
    return {};
}

Result<void> insert_link(store::Tx& tx, const LinkRow& row) {
    const Value account = row.account ? Value(row.account->text()) : Value();
    TRY_DO(tx.execute(kInsertLink, {row.link_hash, row.kind, account, roles_text(row.roles), row.made_by, microseconds(row.expires_at),
                                    person_or_null(row.person)}));
    return {};
}

Result<std::optional<LinkRow>> find_link_row(store::Reader& reader, const Bytes& link_hash) {
    return reader.first<LinkRow>(kFindLink, {link_hash}, [&](const Row& row) -> Result<LinkRow> {
        LinkRow found;
        found.link_hash = link_hash;
        found.kind = row.text(0);
        if (const auto account = row.text_if(1)) {
            TRY(found.account, AccountId::parse(*account));
        }
        found.roles = roles_from(row.text(2));
        found.made_by = row.text(3);
        found.expires_at = moment_of(row.integer(4));
        TRY(found.person, person_if(row, 5));
        return found;
    });
}

Result<bool> remove_link(store::Tx& tx, const Bytes& link_hash) {
    TRY(const std::int64_t changed, tx.execute("DELETE FROM identity_link WHERE link_hash=$1", {link_hash}));
    return changed == 1;
}

Result<void> remove_links_of_kind(store::Tx& tx, std::string_view kind, const std::optional<AccountId>& account) {
    if (!account) {
        TRY_DO(tx.execute("DELETE FROM identity_link WHERE kind=$1 AND account_id IS NULL", {std::string(kind)}));
        return {};
    }
    TRY_DO(tx.execute("DELETE FROM identity_link WHERE kind=$1 AND account_id=$2", {std::string(kind), account->text()}));
    return {};
}

Result<void> insert_sign_in(store::Tx& tx, const AccountId& account, std::string_view event_id, const SignInEvent& event) {
    TRY_DO(tx.execute(kInsertSignIn, {account.text(), std::string(event_id), microseconds(event.at), event.result, event.client}));
    return {};
}

Result<std::vector<SignInEvent>> list_sign_ins(store::Reader& reader, const AccountId& account) {
    return reader.all<SignInEvent>(kListSignIns, {account.text()}, [](const Row& row) -> Result<SignInEvent> {
        return SignInEvent{moment_of(row.integer(0)), std::string(row.text(1)), std::string(row.text(2))};
    });
}

Result<void> remove_outdated(store::Tx& tx, Instant now) {
    TRY_DO(tx.execute("DELETE FROM identity_session WHERE expires_at<=$1", {microseconds(now)}));
    TRY_DO(tx.execute("DELETE FROM identity_link WHERE expires_at<=$1", {microseconds(now)}));
    TRY_DO(tx.execute("DELETE FROM identity_throttle WHERE last_at<$1", {microseconds(now - kTriesKept)}));
    TRY_DO(tx.execute("DELETE FROM identity_known_client WHERE last_at<$1", {microseconds(now - kClientsKept)}));
    TRY_DO(tx.execute("DELETE FROM identity_sign_in WHERE at<$1", {microseconds(now - kSignInsKept)}));
    return {};
}

}  // namespace madang::identity
