// The rows of registers_*. Only this room uses it; contents are sealed before they come here.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "identity/access.h"
#include "registers/registers.h"
#include "store/store.h"

namespace madang::registers {

struct KindName {
    std::string register_id;
    std::string kind;
};

struct RecordRow {
    RecordId key;
    std::int64_t version = 0;
    identity::PersonId subject;
    Date valid_from{};
    std::optional<Date> valid_to;
    Instant recorded_at{};
    std::optional<Instant> superseded_at;
    identity::Access by;
    Bytes content;
};

Result<void> insert_records(store::Tx& tx, const KindName& kind, std::span<const RecordRow> rows);
// Marks a version as no longer held to be true.
Result<void> supersede(store::Tx& tx, const KindName& kind, const RecordRow& row, Instant now);

// Hashes of what a version can be found by.
struct IndexRow {
    RecordId key;
    std::int64_t version = 0;
    Bytes value_hash;
};
Result<void> insert_index(store::Tx& tx, const KindName& kind, std::span<const IndexRow> rows);
Result<void> copy_index(store::Tx& tx, const KindName& kind, const RecordId& key, std::int64_t from, std::int64_t to);
Result<void> remove_index(store::Tx& tx, const KindName& kind, const RecordId& key, std::int64_t version);

// The versions that are held to be true now, by valid_from.
Result<std::vector<RecordRow>> list_current(store::Reader& reader, const KindName& kind, const RecordId& key);
// Every version, by version; at most `limit`.
Result<std::vector<RecordRow>> list_versions(store::Reader& reader, const KindName& kind, const RecordId& key, std::int64_t limit);
Result<std::optional<RecordRow>> find_version(store::Reader& reader, const KindName& kind, const RecordId& key, Date on, Instant known_at);
Result<std::vector<RecordRow>> find_by_hash(store::Reader& reader, const KindName& kind, const Bytes& value_hash, Date on, std::int64_t limit);

}  // namespace madang::registers
