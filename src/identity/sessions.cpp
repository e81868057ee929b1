// Sessions: begun, found, ended. ASVS 7.2 to 7.4.
#include <array>

#include "base/text.h"
#include "crypto/seal.h"
#include "identity/accounts.h"
#include "identity/detail/accounts_state.h"

namespace madang::identity {
namespace {

constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kSessionIdBytes = 16;
constexpr auto kSeenEvery = std::chrono::seconds(60);
constexpr auto kTidyEvery = std::chrono::hours(1);

struct EventIdTag;

SignIn::Outcome outcome_of(SessionState state) {
    switch (state) {
        case SessionState::awaiting_code: return SignIn::Outcome::code_needed;
        case SessionState::enrolling: return SignIn::Outcome::enrolment_needed;
        case SessionState::active: break;
    }
    return SignIn::Outcome::signed_in;
}

}  // namespace

std::optional<Bytes> hash_of_token(std::string_view token) {
    if (token.size() > 2 * kTokenBytes) return std::nullopt;
    const auto bytes = parse_base64url(token);
    if (!bytes || bytes->size() != kTokenBytes) return std::nullopt;
    const crypto::Hash hash = crypto::sha256(*bytes);
    return Bytes(hash.begin(), hash.end());
}

FreshToken make_token(Random& random) {
    std::array<std::uint8_t, kTokenBytes> bytes{};
    random.fill(bytes);
    const crypto::Hash hash = crypto::sha256(bytes);
    FreshToken token{base64url(bytes), Bytes(hash.begin(), hash.end())};
    crypto::wipe(bytes);
    return token;
}

std::string session_id(const Bytes& token_hash) {
    const crypto::Hash hash = crypto::sha256(token_hash);
    return hex(ByteSpan(hash).first(kSessionIdBytes));
}

Result<SignIn> Accounts::State::begin_session(store::Tx& tx, const AccountRow& row, SessionState state, std::string_view client) {
    const FreshToken token = make_token(random);
    SignIn answer;
    answer.outcome = outcome_of(state);
    answer.token = token.text;
    Session& session = answer.session;
    session.id = session_id(token.hash);
    session.account = row.id;
    session.person = row.person;
    session.staff_person = row.staff_person;
    TRY(session.roles, roles_of(tx, row.id));
    session.state = state;
    session.started_at = clock.now();
    const auto longest = session.is_staff() ? limits.absolute_staff : limits.absolute;
    session.expires_at = session.started_at + (state == SessionState::active ? longest : limits.unfinished);
    TRY_DO(insert_session(tx, {token.hash, row.id, state, session.started_at, session.started_at, session.expires_at, {}}));
    TRY_DO(write_event(tx, row.id, name_of(answer.outcome), client));
    if (state == SessionState::active) TRY_DO(throttle.remember_client(tx, row.id, client));
    return answer;
}

Result<bool> Accounts::State::end_session(store::Tx& tx, const Bytes& token_hash) {
    tx.after_commit([this, token_hash] { cache.drop(token_hash); });
    return remove_session(tx, token_hash);
}

Result<SignIn> Accounts::State::refuse(const AccountId& account, std::string_view client) {
    TRY_DO(store.write([&](store::Tx& tx) { return write_event(tx, account, name_of(SignIn::Outcome::refused), client); }));
    return SignIn{};
}

Result<void> Accounts::State::write_event(store::Tx& tx, const AccountId& account, std::string_view result, std::string_view client) {
    const auto id = make_id<Id<EventIdTag>>(clock, random);
    return insert_sign_in(tx, account, id.text(),
                          {clock.now(), std::string(result), client.empty() ? std::string() : truncated_address(client)});
}

Result<std::optional<SessionRow>> Accounts::State::find_row(store::Reader& reader, const Bytes& token_hash) const {
    TRY(auto row, find_session_row(reader, token_hash));
    const Instant now = clock.now();
    if (row && (now >= row->expires_at || now - row->last_seen_at >= limits.idle)) row.reset();
    return row;
}

Result<SessionRow> Accounts::State::unfinished(store::Reader& reader, std::string_view token, SessionState state) const {
    if (const auto hash = hash_of_token(token)) {
        TRY(const auto row, find_row(reader, *hash));
        if (row && row->state == state) return *row;
    }
    return fail(Code::denied, "signing in took too long: begin again");
}

void Accounts::State::tidy_now_and_then() {
    const Instant now = clock.now();
    {
        const std::lock_guard lock(tidy_mutex);
        if (now - tidied_at < kTidyEvery) return;
        tidied_at = now;
    }
    // A full disk or a busy store only puts it off to the next hour.
    (void)store.write([&](store::Tx& tx) { return remove_outdated(tx, now); });
}

Result<std::optional<Session>> Accounts::find_session(std::string_view token) {
    const auto hash = hash_of_token(token);
    if (!hash) return std::optional<Session>();
    const Instant now = state_->clock.now();
    const auto seen = state_->cache.find(*hash, now);
    if (seen.over) return std::optional<Session>();
    if (seen.session) {
        // A full disk must not sign people out: the store learns it later.
        if (seen.write_last_seen) {
            (void)state_->store.write([&](store::Tx& tx) { return update_last_seen(tx, *hash, now); });
        }
        return seen.session;
    }
    const std::uint64_t drops = state_->cache.drops();
    Instant stored_seen{};
    TRY(auto session, state_->store.read<std::optional<Session>>([&](store::Reader& reader) -> Result<std::optional<Session>> {
        TRY(const auto row, find_session_row(reader, *hash));
        if (!row || now >= row->expires_at) return std::optional<Session>();
        stored_seen = row->last_seen_at;
        const auto here = state_->cache.last_seen(*hash);
        if (now - std::max(stored_seen, here.value_or(stored_seen)) >= state_->limits.idle) return std::optional<Session>();
        TRY(const auto account, find_account_row(reader, row->account));
        if (!account || account->disabled) return std::optional<Session>();
        TRY(auto roles, roles_of(reader, row->account));
        return std::optional(Session{session_id(*hash), row->account, account->person, std::move(roles), row->state,
                                     row->started_at, row->expires_at, account->staff_person});
    }));
    if (!session) return session;
    if (now - stored_seen >= kSeenEvery) {
        const auto written = state_->store.write([&](store::Tx& tx) { return update_last_seen(tx, *hash, now); });
        if (written) stored_seen = now;
    }
    state_->cache.keep(*hash, *session, stored_seen, now, drops);
    return session;
}

Result<void> Accounts::sign_out(std::string_view token) {
    const auto hash = hash_of_token(token);
    if (!hash) return {};
    return state_->store.write([&](store::Tx& tx) -> Result<void> {
        TRY_DO(state_->end_session(tx, *hash));
        return {};
    });
}

Result<void> Accounts::sign_out_everywhere(const AccountId& account) {
    return state_->store.write([&](store::Tx& tx) { return state_->end_sessions(tx, account); });
}

}  // namespace madang::identity
