#include "registers/record_repository.h"

#include "base/text.h"
#include "base/time_text.h"

namespace madang::registers {
namespace {

using store::Row;
using store::Value;
using store::Values;

constexpr const char* kInsert =
    "INSERT INTO registers_record (register_id, kind, record_key, version, subject, valid_from, valid_to, recorded_at, superseded_at,"
    " account_id, capacity, body, case_id, legal_ground, content) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,NULL,$9,$10,$11,$12,$13,$14)";
constexpr const char* kSupersede =
    "UPDATE registers_record SET superseded_at=$5 WHERE register_id=$1 AND kind=$2 AND record_key=$3 AND version=$4"
    " AND superseded_at IS NULL";
constexpr const char* kColumns =
    "SELECT r.record_key, r.version, r.subject, r.valid_from, r.valid_to, r.recorded_at, r.superseded_at, r.account_id, r.capacity,"
    " r.body, r.case_id, r.legal_ground, r.content FROM registers_record r ";
constexpr const char* kInsertIndex =
    "INSERT INTO registers_index (register_id, value_hash, kind, record_key, version) VALUES ($1,$2,$3,$4,$5)"
    " ON CONFLICT (register_id, value_hash, kind, record_key, version) DO NOTHING";
constexpr const char* kCopyIndex =
    "INSERT INTO registers_index (register_id, value_hash, kind, record_key, version)"
    " SELECT register_id, value_hash, kind, record_key, version+$5 FROM registers_index"
    " WHERE register_id=$1 AND kind=$2 AND record_key=$3 AND version=$4";
constexpr const char* kRemoveIndex =
    "DELETE FROM registers_index WHERE register_id=$1 AND kind=$2 AND record_key=$3 AND version=$4";
constexpr const char* kCurrent =
    "WHERE r.register_id=$1 AND r.kind=$2 AND r.record_key=$3 AND r.superseded_at IS NULL ORDER BY r.valid_from";
constexpr const char* kVersions = "WHERE r.register_id=$1 AND r.kind=$2 AND r.record_key=$3 ORDER BY r.version LIMIT $4";
constexpr const char* kVersion =
    "WHERE r.register_id=$1 AND r.kind=$2 AND r.record_key=$3 AND r.valid_from<=$4 AND (r.valid_to IS NULL OR r.valid_to>$4)"
    " AND r.recorded_at<=$5 AND (r.superseded_at IS NULL OR r.superseded_at>$5) ORDER BY r.version DESC LIMIT 1";
constexpr const char* kByHash =
    "JOIN registers_index i ON i.register_id=r.register_id AND i.kind=r.kind AND i.record_key=r.record_key AND i.version=r.version"
    " WHERE i.register_id=$1 AND i.value_hash=$2 AND i.kind=$3 AND r.superseded_at IS NULL"
    " AND r.valid_from<=$4 AND (r.valid_to IS NULL OR r.valid_to>$4) ORDER BY r.record_key LIMIT $5";

std::int64_t microseconds(Instant moment) { return moment.time_since_epoch().count(); }
Instant moment_of(std::int64_t count) { return Instant(std::chrono::microseconds(count)); }

Result<RecordRow> record_row(const Row& row) {
    RecordRow found;
    TRY(found.key, RecordId::parse(row.text(0)));
    found.version = row.integer(1);
    if (!row.text(2).empty()) {
        TRY(found.subject, identity::PersonId::parse(row.text(2)));
    }
    TRY(found.valid_from, parse_date(row.text(3)));
    if (const auto to = row.text_if(4)) {
        TRY(found.valid_to, parse_date(*to));
    }
    found.recorded_at = moment_of(row.integer(5));
    if (const auto superseded = row.integer_if(6)) found.superseded_at = moment_of(*superseded);
    if (!row.text(7).empty()) {
        TRY(found.by.who, identity::AccountId::parse(row.text(7)));
    }
    found.by.capacity = row.text(8);
    found.by.body = row.text(9);
    found.by.case_id = row.text(10);
    found.by.legal_ground = row.text(11);
    const ByteSpan content = row.bytes(12);
    found.content.assign(content.begin(), content.end());
    return found;
}

}  // namespace

Result<void> insert_records(store::Tx& tx, const KindName& kind, std::span<const RecordRow> rows) {
    std::vector<Values> values;
    values.reserve(rows.size());
    for (const RecordRow& row : rows) {
        const Value to = row.valid_to ? Value(format_date(*row.valid_to)) : Value();
        values.push_back({kind.register_id, kind.kind, row.key.text(), row.version, row.subject.is_nil() ? std::string() : row.subject.text(),
                          format_date(row.valid_from), to, microseconds(row.recorded_at),
                          row.by.who.is_nil() ? std::string() : row.by.who.text(), row.by.capacity, row.by.body, row.by.case_id,
                          row.by.legal_ground, row.content});
    }
    return tx.execute_many(kInsert, values);
}

Result<void> supersede(store::Tx& tx, const KindName& kind, const RecordRow& row, Instant now) {
    TRY(const std::int64_t changed, tx.execute(kSupersede, {kind.register_id, kind.kind, row.key.text(), row.version, microseconds(now)}));
    if (changed != 1) return fail(Code::conflict, format("the record {} was changed meanwhile", row.key.text()));
    return {};
}

Result<void> insert_index(store::Tx& tx, const KindName& kind, std::span<const IndexRow> rows) {
    std::vector<Values> values;
    values.reserve(rows.size());
    for (const IndexRow& row : rows) values.push_back({kind.register_id, row.value_hash, kind.kind, row.key.text(), row.version});
    return tx.execute_many(kInsertIndex, values);
}

Result<void> copy_index(store::Tx& tx, const KindName& kind, const RecordId& key, std::int64_t from, std::int64_t to) {
    TRY_DO(tx.execute(kCopyIndex, {kind.register_id, kind.kind, key.text(), from, to - from}));
    return {};
}

Result<void> remove_index(store::Tx& tx, const KindName& kind, const RecordId& key, std::int64_t version) {
    TRY_DO(tx.execute(kRemoveIndex, {kind.register_id, kind.kind, key.text(), version}));
    return {};
}

Result<std::vector<RecordRow>> list_current(store::Reader& reader, const KindName& kind, const RecordId& key) {
    return reader.all<RecordRow>(std::string(kColumns) + kCurrent, {kind.register_id, kind.kind, key.text()}, record_row);
}

Result<std::vector<RecordRow>> list_versions(store::Reader& reader, const KindName& kind, const RecordId& key, std::int64_t limit) {
    return reader.all<RecordRow>(std::string(kColumns) + kVersions, {kind.register_id, kind.kind, key.text(), limit}, record_row);
}

Result<std::optional<RecordRow>> find_version(store::Reader& reader, const KindName& kind, const RecordId& key, Date on, Instant known_at) {
    return reader.first<RecordRow>(std::string(kColumns) + kVersion,
                                   {kind.register_id, kind.kind, key.text(), format_date(on), microseconds(known_at)}, record_row);
}

Result<std::vector<RecordRow>> find_by_hash(store::Reader& reader, const KindName& kind, const Bytes& value_hash, Date on, std::int64_t limit) {
    return reader.all<RecordRow>(std::string(kColumns) + kByHash,
                                 {kind.register_id, value_hash, kind.kind, format_date(on), limit}, record_row);
}

}  // namespace madang::registers
