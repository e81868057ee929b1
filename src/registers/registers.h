// Authoritative registers with their whole history: what was so when (valid time, days), and what was
// known when (recorded time). Contents are sealed, under the key of the person whom a record is about or,
// in a register without personal data, under the register's key; look-ups go by keyed hashes.
//
//   registers.put(tx, "population.residence", {.key = id, .subject = person, .data = …, .valid_from = day}, by);
//   TRY(auto found, registers.find(tx, "population.residence", "person", person.text(), today, access));
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/random.h"
#include "identity/access.h"
#include "identity/access_log.h"
#include "identity/vault.h"
#include "registers/definition.h"
#include "store/store.h"

namespace madang::registers {

using RecordId = Id<struct RecordIdTag>;

struct NewRecord {
    RecordId key;                         // the same for all versions of a record
    identity::PersonId subject;           // whom it is about; nil in a register without personal data
    json::object data;
    Date valid_from{};
    std::optional<Date> valid_to;         // not included; nothing: until further notice
};

struct Record {
    RecordId key;
    identity::PersonId subject;
    json::object data;
    Date valid_from{};
    std::optional<Date> valid_to;
    std::int64_t version = 0;             // counts from 1 within the record
    Instant recorded_at{};
    std::optional<Instant> superseded_at; // since when something else is held to be true
};

struct Keys {
    ByteSpan master;   // 32 bytes: registers without personal data are sealed under keys derived from it
    ByteSpan index;    // 32 bytes: keyed hashes of what is searched for
};

class Registers {
public:
    Registers(std::vector<Definition> definitions, identity::Vault& vault, identity::AccessLog& log, const Keys& keys,
              const Clock& clock, Random& random);
    ~Registers();

    const Definition* find_definition(std::string_view register_id) const;

    // Below, `kind` is "register.kind"; an unknown one is Code::not_found. `by` says who writes and on what
    // ground and is kept with the version; without them it is Code::denied.

    // From `valid_from` to `valid_to` the record now says this; what it said before stays in the history.
    // Code::conflict where the record is about somebody else.
    Result<void> put(store::Tx& tx, std::string_view kind, const NewRecord& record, const identity::Access& by);
    // Records that are new, in few round trips; Code::conflict where one is there already.
    Result<void> put_many(store::Tx& tx, std::string_view kind, std::span<const NewRecord> records, const identity::Access& by);
    // The record says nothing from that day on. Code::not_found where it says nothing then anyhow.
    Result<void> close(store::Tx& tx, std::string_view kind, const RecordId& key, Date from, const identity::Access& by);

    // Reading takes a Tx because a reading of personal data is written down in the same transaction.
    // Without capacity or legal ground a personal register is Code::denied.
    Result<std::optional<Record>> get(store::Tx& tx, std::string_view kind, const RecordId& key, Date on,
                                      const identity::Access& access);
    // The same as it was known at an earlier moment.
    Result<std::optional<Record>> as_of(store::Tx& tx, std::string_view kind, const RecordId& key, Date on, Instant known_at,
                                        const identity::Access& access);
    // Records valid on that day whose indexed field has this value (of a `texts`: in any language; of a
    // text: capitals and blanks do not count). At most 1,000, by key; more is Code::exhausted.
    Result<std::vector<Record>> find(store::Tx& tx, std::string_view kind, std::string_view field, const json::value& value,
                                     Date on, const identity::Access& access);
    // Every version, oldest first; at most 1,000.
    Result<std::vector<Record>> history(store::Tx& tx, std::string_view kind, const RecordId& key, const identity::Access& access);

    struct State;

private:
    std::unique_ptr<State> state_;
};

}  // namespace madang::registers
