// Signing in: a password, then for staff and whoever has set it up a one-time code. ASVS 6.3, 6.5.
#include <array>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "crypto/password.h"
#include "crypto/totp.h"
#include "identity/accounts.h"
#include "identity/detail/accounts_state.h"

namespace madang::identity {
namespace {

constexpr std::size_t kMaxNameBytes = 400;
constexpr std::size_t kMaxCodeBytes = 20;
constexpr std::size_t kSecretBytes = 20;

constexpr std::array<std::pair<SignIn::Outcome, std::string_view>, 5> kNames{{{SignIn::Outcome::signed_in, "signed_in"},
                                                                             {SignIn::Outcome::code_needed, "code_needed"},
                                                                             {SignIn::Outcome::enrolment_needed, "enrolment_needed"},
                                                                             {SignIn::Outcome::refused, "refused"},
                                                                             {SignIn::Outcome::slowed_down, "slowed_down"}}};

using Wait = std::optional<std::chrono::seconds>;

SignIn slowed_down(std::chrono::seconds wait) {
    SignIn answer;
    answer.outcome = SignIn::Outcome::slowed_down;
    answer.retry_after = wait;
    return answer;
}

// What is known of a name before its password is looked at.
struct Candidate {
    std::optional<AccountRow> row;
    bool is_staff = false;
    Try counted;
    Wait wait;
};

// Six digits as people type them: blanks do not count.
std::string digits_of(std::string_view code) {
    std::string digits;
    for (const char c : code) {
        if (c != ' ') digits += c;
    }
    return digits;
}

}  // namespace

std::string_view name_of(SignIn::Outcome outcome) {
    for (const auto& [value, name] : kNames) {
        if (value == outcome) return name;
    }
    MADANG_CHECK(false);
}

Result<SignIn> Accounts::sign_in(const SignInRequest& request) {
    if (request.name.size() > kMaxNameBytes || request.password.size() > crypto::kMaxPasswordSize) return SignIn{};
    const Bytes name_hash = state_->hash_name(request.name);
    TRY(Candidate who, state_->store.write<Candidate>([&](store::Tx& tx) -> Result<Candidate> {
        Candidate found;
        TRY(found.row, find_account_row_by_name(tx, name_hash));
        const std::optional<AccountId> id = found.row ? std::optional(found.row->id) : std::nullopt;
        if (id) {
            TRY(const auto roles, roles_of(tx, *id));
            found.is_staff = !roles.empty();
        }
        TRY(found.counted, state_->throttle.password_try(tx, name_hash, id, request.client));
        if (!found.counted.from_known_client) found.wait = state_->throttle.count_unknown_client();
        if (!found.wait) {
            TRY(found.wait, state_->throttle.count(tx, found.counted));
        }
        return found;
    }));
    if (who.wait) return slowed_down(*who.wait);

    // 6.3.8: a name that does not exist takes as long as one that does.
    const std::string password = compose(request.password).value_or(std::string());
    bool right = false;
    if (who.row) {
        right = crypto::verify_password(who.row->password, password) && !who.row->disabled;
    } else {
        crypto::spend_password_time(password);
    }
    if (!right) return who.row ? state_->refuse(who.row->id, request.client) : Result<SignIn>(SignIn{});

    const AccountRow& row = *who.row;
    std::string rehashed;
    if (crypto::needs_rehash(row.password)) rehashed = crypto::hash_password(password, state_->random);
    SessionState next = SessionState::active;
    if (!row.totp_sealed.empty()) {
        next = SessionState::awaiting_code;
    } else if (who.is_staff) {
        next = SessionState::enrolling;
    }
    TRY(SignIn answer, state_->store.write<SignIn>([&](store::Tx& tx) -> Result<SignIn> {
        TRY_DO(state_->throttle.succeeded(tx, who.counted));
        if (!rehashed.empty()) TRY_DO(update_password(tx, row.id, rehashed));
        return state_->begin_session(tx, row, next, request.client);
    }));
    state_->tidy_now_and_then();
    if (next == SessionState::awaiting_code && !request.code.empty()) return confirm_code(answer.token, request.code, request.client);
    return answer;
}

Result<SignIn> Accounts::confirm_code(std::string_view token, std::string_view code, std::string_view client) {
    if (code.size() > kMaxCodeBytes) return SignIn{};
    struct Counted {
        SessionRow session;
        Wait wait;
    };
    TRY(const Counted counted, state_->store.write<Counted>([&](store::Tx& tx) -> Result<Counted> {
        Counted found;
        TRY(found.session, state_->unfinished(tx, token, SessionState::awaiting_code));
        TRY(found.wait, state_->throttle.count(tx, state_->throttle.code_try(found.session.account)));
        return found;
    }));
    if (counted.wait) return slowed_down(*counted.wait);
    const AccountId account = counted.session.account;
    TRY(SignIn answer, state_->store.write<SignIn>([&](store::Tx& tx) -> Result<SignIn> {
        TRY(const SessionRow session, state_->unfinished(tx, token, SessionState::awaiting_code));
        TRY(const auto row, find_account_row(tx, account));
        if (!row || row->disabled || row->totp_sealed.empty()) return SignIn{};
        TRY(const Bytes secret, state_->open_secret(account, row->totp_sealed));
        const auto step = crypto::match_totp(secret, digits_of(code), state_->clock.now(), row->totp_step);
        if (!step) return SignIn{};
        // 6.5.1: a code counts once, also when two arrive at the same time.
        TRY(const bool first_use, use_totp_step(tx, account, *step));
        if (!first_use) return SignIn{};
        TRY_DO(state_->throttle.succeeded(tx, state_->throttle.code_try(account)));
        // 7.2.4: the token changes; only one of two requests at the same time gets the new one.
        TRY(const bool ended, state_->end_session(tx, session.token_hash));
        if (!ended) return SignIn{};
        return state_->begin_session(tx, *row, SessionState::active, client);
    }));
    if (answer.outcome == SignIn::Outcome::refused) return state_->refuse(account, client);
    return answer;
}

Result<Enrolment> Accounts::begin_enrolment(std::string_view token) {
    return state_->store.write<Enrolment>([&](store::Tx& tx) -> Result<Enrolment> {
        TRY(const SessionRow session, state_->unfinished(tx, token, SessionState::enrolling));
        TRY(const auto row, find_account_row(tx, session.account));
        if (!row || row->disabled) return fail(Code::denied, "the account is closed");
        Bytes secret(kSecretBytes);
        if (session.pending_sealed.empty()) {
            state_->random.fill(secret);
            TRY_DO(update_pending(tx, session.token_hash, state_->seal_secret(session.account, secret)));
        } else {
            TRY(secret, state_->open_secret(session.account, session.pending_sealed));
        }
        TRY(const Account account, state_->account_of(tx, *row));
        return Enrolment{base32(secret), crypto::totp_address(state_->site, account.name, secret)};
    });
}

Result<SignIn> Accounts::confirm_enrolment(std::string_view token, std::string_view code, std::string_view client) {
    if (code.size() > kMaxCodeBytes) return SignIn{};
    return state_->store.write<SignIn>([&](store::Tx& tx) -> Result<SignIn> {
        TRY(const SessionRow session, state_->unfinished(tx, token, SessionState::enrolling));
        TRY(const auto row, find_account_row(tx, session.account));
        if (!row || row->disabled) return fail(Code::denied, "the account is closed");
        // Another session of the account was faster: this one may not replace what it set up.
        if (!row->totp_sealed.empty()) return fail(Code::conflict, "the second factor is set up already: sign in again");
        if (session.pending_sealed.empty()) return fail(Code::conflict, "the second factor was not begun to be set up");
        TRY(const Bytes secret, state_->open_secret(session.account, session.pending_sealed));
        const auto step = crypto::match_totp(secret, digits_of(code), state_->clock.now(), 0);
        if (!step) return SignIn{};
        TRY_DO(update_totp(tx, session.account, session.pending_sealed, *step));
        TRY_DO(state_->write_event(tx, session.account, "second_factor_set_up", client));
        // 7.2.4: the token changes; only one of two requests at the same time gets the new one.
        TRY(const bool ended, state_->end_session(tx, session.token_hash));
        if (!ended) return SignIn{};
        return state_->begin_session(tx, *row, SessionState::active, client);
    });
}

}  // namespace madang::identity
