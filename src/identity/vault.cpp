#include "identity/vault.h"

#include <algorithm>
#include <array>
#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "base/check.h"
#include "base/text.h"
#include "crypto/seal.h"

namespace madang::identity {
namespace {

constexpr std::size_t kKeyBytes = crypto::kSealKeyBytes;
constexpr std::size_t kKeysPerQuery = 200;
constexpr auto kKeptFor = std::chrono::seconds(60);

constexpr const char* kFindKey = "SELECT person_id, wrapped, erased_at FROM identity_person_key WHERE person_id=$1";
constexpr const char* kAddKey =
    "INSERT INTO identity_person_key (person_id, wrapped, created_at) VALUES ($1,$2,$3) ON CONFLICT (person_id) DO NOTHING";
constexpr const char* kErase =
    "INSERT INTO identity_person_key (person_id, wrapped, created_at, erased_at) VALUES ($1,NULL,$2,$2)"
    " ON CONFLICT (person_id) DO UPDATE SET wrapped=NULL, erased_at=COALESCE(identity_person_key.erased_at, excluded.erased_at)";

// A data key that leaves no copy in memory when it goes.
class DataKey {
public:
    explicit DataKey(ByteSpan bytes) { std::copy(bytes.begin(), bytes.end(), bytes_.begin()); }
    DataKey(const DataKey&) = default;
    DataKey& operator=(const DataKey&) = default;
    ~DataKey() { crypto::wipe(bytes_); }
    ByteSpan bytes() const { return bytes_; }

private:
    std::array<std::uint8_t, kKeyBytes> bytes_{};
};

// What a sealed value belongs to, so that neither keys nor contents can change their person.
Bytes associated(std::string_view kind, const PersonId& person) {
    Bytes bytes = to_bytes(kind);
    bytes.insert(bytes.end(), person.bytes().begin(), person.bytes().end());
    return bytes;
}
Bytes key_label(const PersonId& person) { return associated("madang-person-key-v1", person); }
Bytes data_label(const PersonId& person) { return associated("madang-person-data-v1", person); }

std::unexpected<Error> erased(const PersonId& person) {
    return fail(Code::not_found, format("erased: the data of the person {} were destroyed", person.text()));
}

}  // namespace

struct Vault::State {
    State(ByteSpan key, const Clock& the_clock, Random& the_random, std::size_t limit)
        : master(key), clock(the_clock), random(the_random), capacity(limit) {}

    struct Cached {
        PersonId person;
        DataKey key;
        Instant since;
    };

    DataKey master;
    const Clock& clock;
    Random& random;
    const std::size_t capacity;

    std::mutex mutex;
    std::list<Cached> recent;  // the latest used first
    std::unordered_map<PersonId, std::list<Cached>::iterator> places;
    std::uint64_t erasures = 0;

    std::optional<DataKey> cached(const PersonId& person);
    // Keeps a key that was read when `erasures` stood at `seen`, unless something was erased since.
    void keep(const PersonId& person, const DataKey& key, std::uint64_t seen);
    void forget(const PersonId& person);
    std::uint64_t erasures_now();

    Result<std::optional<DataKey>> read_key(store::Reader& reader, const PersonId& person);
    Result<DataKey> key_to_open(store::Reader& reader, const PersonId& person);
    Result<DataKey> unwrap(const PersonId& person, ByteSpan wrapped) const;
    store::Values fresh_row(const PersonId& person);
};

std::optional<DataKey> Vault::State::cached(const PersonId& person) {
    const std::lock_guard lock(mutex);
    const auto place = places.find(person);
    if (place == places.end()) return std::nullopt;
    if (clock.now() - place->second->since > kKeptFor) {
        recent.erase(place->second);
        places.erase(place);
        return std::nullopt;
    }
    recent.splice(recent.begin(), recent, place->second);
    return recent.front().key;
}

void Vault::State::keep(const PersonId& person, const DataKey& key, std::uint64_t seen) {
    const std::lock_guard lock(mutex);
    if (capacity == 0 || seen != erasures || places.contains(person)) return;
    if (recent.size() >= capacity) {
        places.erase(recent.back().person);
        recent.pop_back();
    }
    recent.push_front({person, key, clock.now()});
    places[person] = recent.begin();
}

void Vault::State::forget(const PersonId& person) {
    const std::lock_guard lock(mutex);
    ++erasures;
    const auto place = places.find(person);
    if (place == places.end()) return;
    recent.erase(place->second);
    places.erase(place);
}

std::uint64_t Vault::State::erasures_now() {
    const std::lock_guard lock(mutex);
    return erasures;
}

Result<DataKey> Vault::State::unwrap(const PersonId& person, ByteSpan wrapped) const {
    TRY(Bytes key, within(crypto::open_sealed(master.bytes(), wrapped, key_label(person)), "the key of a person"));
    if (key.size() != kKeyBytes) return fail(Code::corrupted, "the key of a person has a wrong size");
    const DataKey data_key(key);
    crypto::wipe(key);
    return data_key;
}

// Nothing where the person has no key yet.
Result<std::optional<DataKey>> Vault::State::read_key(store::Reader& reader, const PersonId& person) {
    TRY(const auto found, reader.first<std::optional<DataKey>>(
                              kFindKey, {person.text()}, [&](const store::Row& row) -> Result<std::optional<DataKey>> {
                                  if (row.is_null(1)) return std::optional<DataKey>();
                                  TRY(const DataKey key, unwrap(person, row.bytes(1)));
                                  return std::optional(key);
                              }));
    if (!found) return std::optional<DataKey>();
    if (!*found) return erased(person);
    return *found;
}

Result<DataKey> Vault::State::key_to_open(store::Reader& reader, const PersonId& person) {
    if (const auto key = cached(person)) return *key;
    const std::uint64_t seen = erasures_now();
    TRY(const auto key, read_key(reader, person));
    if (!key) return fail(Code::not_found, format("nothing was sealed for the person {}", person.text()));
    keep(person, *key, seen);
    return *key;
}

store::Values Vault::State::fresh_row(const PersonId& person) {
    std::array<std::uint8_t, kKeyBytes> key{};
    random.fill(key);
    Bytes wrapped = crypto::seal(master.bytes(), key, key_label(person), random);
    crypto::wipe(key);
    return {person.text(), std::move(wrapped), std::int64_t{clock.now().time_since_epoch().count()}};
}

Vault::Vault(ByteSpan master_key, const Clock& clock, Random& random, std::size_t cached_keys) {
    MADANG_CHECK(master_key.size() == kKeyBytes);
    state_ = std::make_unique<State>(master_key, clock, random, cached_keys);
}

Vault::~Vault() = default;

Result<Bytes> Vault::seal(store::Tx& tx, const PersonId& person, ByteSpan plain) {
    if (person.is_nil()) return fail(Code::invalid, "personal data belong to a person");
    // A key that this transaction makes is never cached before it is on disk.
    auto key = state_->cached(person);
    if (!key) {
        TRY(key, state_->read_key(tx, person));
    }
    if (!key) {
        TRY_DO(tx.execute(kAddKey, state_->fresh_row(person)));
        TRY(key, state_->read_key(tx, person));
        if (!key) return fail(Code::corrupted, "the key of a person was not kept");
    }
    return crypto::seal(key->bytes(), plain, data_label(person), state_->random);
}

Result<std::vector<Bytes>> Vault::seal_many(store::Tx& tx, std::span<const Plain> plains) {
    std::vector<Bytes> sealed;
    sealed.reserve(plains.size());
    for (std::size_t begin = 0; begin < plains.size(); begin += kKeysPerQuery) {
        const auto part = plains.subspan(begin, std::min(kKeysPerQuery, plains.size() - begin));
        std::vector<store::Values> rows;
        std::string sql = "SELECT person_id, wrapped FROM identity_person_key WHERE person_id IN (";
        store::Values persons;
        for (const Plain& plain : part) {
            if (plain.person.is_nil()) return fail(Code::invalid, "personal data belong to a person");
            rows.push_back(state_->fresh_row(plain.person));
            persons.emplace_back(plain.person.text());
            sql += format("{}${}", persons.size() == 1 ? "" : ",", persons.size());
        }
        TRY_DO(tx.execute_many(kAddKey, rows));
        std::unordered_map<PersonId, DataKey> keys;
        TRY_DO(tx.query(sql + ")", persons, [&](const store::Row& row) -> Result<void> {
            TRY(const PersonId person, PersonId::parse(row.text(0)));
            if (row.is_null(1)) return erased(person);
            TRY(const DataKey key, state_->unwrap(person, row.bytes(1)));
            keys.emplace(person, key);
            return {};
        }));
        for (const Plain& plain : part) {
            const auto key = keys.find(plain.person);
            if (key == keys.end()) return fail(Code::corrupted, "the key of a person was not kept");
            sealed.push_back(crypto::seal(key->second.bytes(), plain.bytes, data_label(plain.person), state_->random));
        }
    }
    return sealed;
}

Result<Bytes> Vault::open(store::Reader& reader, const PersonId& person, ByteSpan sealed) {
    TRY(const DataKey key, state_->key_to_open(reader, person));
    return crypto::open_sealed(key.bytes(), sealed, data_label(person));
}

Result<void> Vault::erase(store::Tx& tx, const PersonId& person) {
    TRY_DO(tx.execute(kErase, {person.text(), std::int64_t{state_->clock.now().time_since_epoch().count()}}));
    state_->forget(person);
    // Once more when it is on disk: a reader of the time before may have kept the key meanwhile.
    tx.after_commit([this, person] { state_->forget(person); });
    return {};
}

Result<bool> Vault::is_erased(store::Reader& reader, const PersonId& person) {
    TRY(const auto found, reader.first<bool>(kFindKey, {person.text()},
                                             [](const store::Row& row) -> Result<bool> { return !row.is_null(2); }));
    return found.value_or(false);
}

}  // namespace madang::identity
