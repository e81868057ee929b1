// Accounts, signing in and sessions. Names, second factors and links stand in the store only sealed or as
// keyed hashes; a session's token only as its SHA-256. After OWASP ASVS 5.0, chapters 6 and 7.
//
//   TRY(auto in, accounts.sign_in({name, password, code, client}));
//   switch (in.outcome) { case SignIn::Outcome::signed_in: set_cookie(in.token); … }
//   TRY(auto session, accounts.find_session(token));      nothing where it ended
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "identity/account.h"
#include "store/store.h"

namespace madang::identity {

// The cookie that carries the token of a session.
inline constexpr std::string_view kSessionCookie = "__Host-session";

struct NewAccount {
    std::string name;                       // 3 to 100 characters; capitals do not count
    std::string password;
    std::optional<PersonId> person;         // a citizen's, or who works with a staff account
    std::vector<Role> roles;                // a staff account's
    Bytes totp_secret;                      // 20 bytes where the second factor is set up already, else empty
};

struct SignInRequest {
    std::string name;
    std::string password;
    std::string code;                       // six digits, or empty to be asked for them
    std::string client;                     // the client's address
};

struct SignIn {
    enum class Outcome {
        signed_in,          // `token` opens the session
        code_needed,        // `token` opens confirm_code() only
        enrolment_needed,   // `token` opens begin_enrolment() and confirm_enrolment() only
        refused,            // wrong name, password or code: never said which
        slowed_down,        // too many tries: `retry_after` says when the next counts
    };
    Outcome outcome = Outcome::refused;
    std::string token;      // for the cookie: 256 random bits, base64url
    Session session;
    std::chrono::seconds retry_after{0};
};
std::string_view name_of(SignIn::Outcome outcome);

struct Enrolment {
    std::string secret;     // base32, for typing
    std::string address;    // otpauth://…, for a QR code
};

enum class LinkKind { installer, invitation, password, second_factor };
std::string_view name_of(LinkKind kind);

struct SessionLimits {
    std::chrono::minutes idle{30};
    std::chrono::minutes absolute{12 * 60};
    std::chrono::minutes absolute_staff{8 * 60};
    std::chrono::minutes unfinished{10};    // between password and code
    std::size_t cached = 20'000;            // sessions kept in memory
    std::chrono::seconds cached_for{10};    // how long another node's sign-out may stay unseen
};

// The person behind an account, as a citizen or as staff; nothing for an account without one, and after it was closed.
Result<std::optional<PersonId>> person_behind(store::Reader& reader, const AccountId& account);

// Why a password is refused, as a source text for the catalogues; nothing where it is good. ASVS 6.2.
std::optional<std::string> problem_with_password(std::string_view password, std::string_view name);

class Accounts {
public:
    // `master_key` has 32 bytes; `site` stands in authenticator apps.
    Accounts(store::Store& store, ByteSpan master_key, std::string site, const Clock& clock, Random& random,
             SessionLimits limits = {});
    ~Accounts();
    Accounts(const Accounts&) = delete;
    Accounts& operator=(const Accounts&) = delete;

    // Names of roles that a country has besides those of the house, such as "lawyer". Call it before others use the object.
    void accept_roles(std::vector<std::string> names);

    // Code::conflict for a name that is taken or a person who has such an account, Code::invalid for a bad name, role or
    // password. A person has at most one account as a citizen and one of staff.
    Result<AccountId> create_account(const NewAccount& account);
    Result<std::optional<Account>> find_account(const AccountId& id);
    Result<std::optional<Account>> find_by_name(std::string_view name);
    Result<std::optional<AccountId>> find_by_person(const PersonId& person);
    // Accounts with a role in a body, by creation; at most 500.
    Result<std::vector<Account>> staff_of(std::string_view body);

    Result<SignIn> sign_in(const SignInRequest& request);
    Result<SignIn> confirm_code(std::string_view token, std::string_view code, std::string_view client);
    // The secret stays the same while the page is loaded again.
    Result<Enrolment> begin_enrolment(std::string_view token);
    Result<SignIn> confirm_enrolment(std::string_view token, std::string_view code, std::string_view client);

    // The session of a token, or nothing where it ended. Costs no disk write but one a minute.
    Result<std::optional<Session>> find_session(std::string_view token);
    Result<void> sign_out(std::string_view token);
    Result<void> sign_out_everywhere(const AccountId& account);

    // These end all sessions of the account.
    Result<void> change_password(const AccountId& account, std::string_view old_password, std::string_view new_password);
    Result<void> disable(const AccountId& by, const AccountId& account);
    Result<void> enable(const AccountId& by, const AccountId& account);
    // Ends an account for ever, by the house itself: its name is free again, its person unbound, nothing opens it.
    // The id stays, since acts name it. Code::not_found, Code::conflict for the last administrator.
    Result<void> close(const AccountId& account);
    // Says who works with a staff account that was made without a person, by the house itself. Code::conflict where it is
    // another person's already, or the person has another staff account. Ends its sessions.
    Result<void> bind_staff(const AccountId& account, const PersonId& person);
    Result<void> set_roles(const AccountId& by, const AccountId& account, std::vector<Role> roles);

    // One-time links: 256 random bits, base64url, kept as SHA-256, good for one use within 24 hours.
    // The installer link makes the first administrator; Code::conflict where there is one. A new link
    // ends the one before.
    Result<std::string> make_installer_link();
    Result<AccountId> use_installer_link(std::string_view link, std::string_view name, std::string_view password);
    // By an administrator of the installation or of every body concerned; else Code::denied.
    // An invitation is for one person: Code::conflict where that person has a staff account already.
    Result<std::string> invite(const AccountId& by, std::vector<Role> roles, const PersonId& person);
    Result<AccountId> accept_invitation(std::string_view link, std::string_view name, std::string_view password);
    // A new password; the second factor stays. A new second factor; the password stays (ASVS 6.4.3).
    Result<std::string> make_recovery_link(const AccountId& by, const AccountId& account, LinkKind kind);
    Result<void> use_password_link(std::string_view link, std::string_view new_password);
    Result<void> use_second_factor_link(std::string_view link);
    // What a link is for, without using it; nothing where it is used, over or unknown.
    Result<std::optional<LinkKind>> find_link(std::string_view link);
    Result<bool> has_administrator();

    // Newest first, at most 200.
    Result<std::vector<SignInEvent>> sign_ins_of(const AccountId& account);

    struct State;

private:
    std::unique_ptr<State> state_;
};

}  // namespace madang::identity
