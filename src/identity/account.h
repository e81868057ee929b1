// What the house knows of an account. A citizen's account is bound to a person; a staff account has roles and, so that
// two accounts are known to be two persons, the person who works with it.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "identity/access.h"

namespace madang::identity {

// "officer", "administrator", "auditor", "helper" or "head" (who sees how its work stands) of a body, or one that the country names for tasks; an administrator with
// body "" is one of the whole installation.
struct Role {
    std::string body;
    std::string role;
    friend auto operator<=>(const Role&, const Role&) = default;
};
inline constexpr std::array<std::string_view, 5> kRoles{"officer", "administrator", "auditor", "helper", "head"};

// The names of the roles in one body.
std::vector<std::string> roles_in(const std::vector<Role>& roles, std::string_view body);

struct Account {
    AccountId id;
    std::string name;                // for signing in, as it was typed when the account was made
    std::optional<PersonId> person;  // a citizen's
    std::vector<Role> roles;         // sorted; empty for a citizen
    bool disabled = false;
    bool has_second_factor = false;
    Instant created_at{};
    std::optional<PersonId> staff_person = {};   // who works with it; opens nothing of that person's own

    bool is_staff() const { return !roles.empty(); }
    bool has_role(std::string_view body, std::string_view role) const;
};

// What a session may do. Only `active` may do anything but finish signing in.
enum class SessionState { awaiting_code, enrolling, active };

struct Session {
    std::string id;                  // names the session in CSRF tokens and logs; not a secret, opens nothing
    AccountId account;
    std::optional<PersonId> person;
    std::vector<Role> roles;
    SessionState state = SessionState::active;
    Instant started_at{};
    Instant expires_at{};            // absolute; an idle session ends earlier
    std::optional<PersonId> staff_person = {};

    bool is_staff() const { return !roles.empty(); }
    // The body of the first role of that name, if any.
    std::optional<std::string> body_as(std::string_view role) const;
    bool has_role(std::string_view body, std::string_view role) const;
};

struct SignInEvent {
    Instant at{};
    std::string result;              // "signed_in", "code_needed", "refused", "disabled", "link_used", …
    std::string client;              // address without its last part: "192.0.2.0/24"
};

}  // namespace madang::identity
