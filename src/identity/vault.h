// Personal data at rest: each person has a key of 256 bits, kept wrapped by the master key. Destroying
// the key erases everything that was sealed under it, in every copy, at once; the row that stays says when.
//
//   TRY(Bytes sealed, vault.seal(tx, person, plain));     makes the person's key at the first use
//   TRY(Bytes plain, vault.open(reader, person, sealed)); Code::not_found "erased" after erase()
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/random.h"
#include "identity/access.h"
#include "store/store.h"

namespace madang::identity {

class Vault {
public:
    // `master_key` has 32 bytes. At most `cached_keys` unwrapped keys stay in memory, each for at most a
    // minute: that long another node may still open what was erased here.
    Vault(ByteSpan master_key, const Clock& clock, Random& random, std::size_t cached_keys = 10'000);
    ~Vault();
    Vault(const Vault&) = delete;
    Vault& operator=(const Vault&) = delete;

    // Code::not_found for a person who was erased.
    Result<Bytes> seal(store::Tx& tx, const PersonId& person, ByteSpan plain);
    // The same for many, in order, with few round trips.
    struct Plain {
        PersonId person;
        ByteSpan bytes;
    };
    Result<std::vector<Bytes>> seal_many(store::Tx& tx, std::span<const Plain> plains);

    // Code::not_found for an erased or unknown person, Code::corrupted for bytes that seal() did not make
    // for this person.
    Result<Bytes> open(store::Reader& reader, const PersonId& person, ByteSpan sealed);

    // Destroys the person's key for ever. Erasing twice, or a person without data, is no error.
    Result<void> erase(store::Tx& tx, const PersonId& person);
    Result<bool> is_erased(store::Reader& reader, const PersonId& person);

    struct State;

private:
    std::unique_ptr<State> state_;
};

}  // namespace madang::identity
