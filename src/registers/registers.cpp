#include "registers/registers.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "base/time_text.h"
#include "crypto/hash.h"
#include "crypto/seal.h"
#include "registers/record_repository.h"

namespace madang::registers {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kMaxFound = 1000;
constexpr std::int64_t kMaxVersions = 1000;
constexpr std::size_t kBatch = 500;

struct Target {
    const Definition* definition = nullptr;
    const RecordKind* kind = nullptr;
    KindName name;

    std::string text() const { return format("{}.{}", name.register_id, name.kind); }
};

// One spelling of a value for look-ups: capitals, blanks and composition do not count.
std::string folded(std::string_view text) { return to_lower(tidy_line(text).value_or(std::string(text))); }

std::string as_index_text(const json::value& value) {
    if (const auto* number = value.if_int64()) return std::to_string(*number);
    return value.is_string() ? folded(value.get_string()) : std::string();
}

// The record's key stands before its data under the same seal, so that contents cannot be exchanged
// between the records of a person.
std::string envelope(const Target& target, const RecordId& key, const json::object& data) {
    return format("{}/{}\n{}", target.text(), key.text(), json::serialize(data));
}

Result<json::object> open_envelope(const Target& target, const RecordId& key, ByteSpan plain) {
    const std::string head = format("{}/{}\n", target.text(), key.text());
    const std::string_view text = as_text(plain);
    if (!text.starts_with(head)) return fail(Code::corrupted, format("the content of the record {} belongs to another one", key.text()));
    TRY(json::value value, within(parse_json(text.substr(head.size())), "a record"));
    if (!value.is_object()) return fail(Code::corrupted, format("the content of the record {} is no object", key.text()));
    return std::move(value.get_object());
}

bool overlaps(const RecordRow& row, Date from, const std::optional<Date>& to) {
    const bool begins_before_end = !to || row.valid_from < *to;
    return begins_before_end && (!row.valid_to || *row.valid_to > from);
}

Result<void> check_period(Date from, const std::optional<Date>& to) {
    // Dates stand as text in the store and sort as text only within these years.
    const auto in_range = [](Date date) { return date.ok() && static_cast<int>(date.year()) >= 1 && static_cast<int>(date.year()) <= 9999; };
    if (!in_range(from) || (to && !in_range(*to))) return fail(Code::invalid, "a record is valid from a day that exists");
    if (to && *to <= from) return fail(Code::invalid, "a record ends after it begins");
    return {};
}

}  // namespace

struct Registers::State {
    std::vector<Definition> definitions;
    identity::Vault& vault;
    identity::AccessLog& log;
    Bytes master, index;
    const Clock& clock;
    Random& random;

    Result<Target> target_of(std::string_view kind) const;
    Result<void> check_write(const Target& target, const NewRecord& record, const identity::Access& by) const;
    Bytes register_key(const Target& target) const;
    Result<Bytes> seal(store::Tx& tx, const Target& target, const NewRecord& record, const json::object& data);
    Result<Record> open(store::Reader& reader, const Target& target, const RecordRow& row);
    Bytes hash_of(const Target& target, std::string_view field, std::string_view value) const;
    void add_hashes(const Target& target, const json::object& data, const RecordId& key, std::int64_t version, std::vector<IndexRow>& rows) const;
    // Takes [from, to) out of what the record says now; what it said before and after that stays.
    Result<std::int64_t> clear_period(store::Tx& tx, const Target& target, const std::vector<RecordRow>& current, Date from,
                                      const std::optional<Date>& to, std::int64_t version, Instant now);
    Result<std::int64_t> last_version(store::Reader& reader, const Target& target, const RecordId& key) const;
    Result<void> allow_reading(const Target& target, const identity::Access& access) const;
    Result<std::vector<Record>> open_all(store::Tx& tx, const Target& target, const std::vector<RecordRow>& rows, const identity::Access& access);
};

Result<Target> Registers::State::target_of(std::string_view kind) const {
    const auto dot = kind.find('.');
    const std::string_view id = kind.substr(0, dot);
    for (const Definition& definition : definitions) {
        if (definition.id != id || dot == std::string_view::npos) continue;
        const RecordKind* found = definition.find_kind(kind.substr(dot + 1));
        if (found != nullptr) return Target{&definition, found, {definition.id, found->id}};
    }
    return fail(Code::not_found, format("there is no kind of record \"{}\"", kind));
}

Result<void> Registers::State::check_write(const Target& target, const NewRecord& record, const identity::Access& by) const {
    TRY_DO(within(identity::check_access(by), target.text()));
    TRY_DO(within(check_period(record.valid_from, record.valid_to), target.text()));
    if (record.key.is_nil()) return fail(Code::invalid, format("{}: a record has a key", target.text()));
    if (target.definition->personal == record.subject.is_nil()) {
        return fail(Code::invalid, format("{}: a record of this register is {} about a person", target.text(),
                                          target.definition->personal ? "always" : "never"));
    }
    return {};
}

Bytes Registers::State::register_key(const Target& target) const {
    const crypto::Hash key = crypto::hmac_sha256(master, as_bytes(format("madang register content v1 {}", target.name.register_id)));
    return Bytes(key.begin(), key.end());
}

Result<Bytes> Registers::State::seal(store::Tx& tx, const Target& target, const NewRecord& record, const json::object& data) {
    const std::string plain = envelope(target, record.key, data);
    if (target.definition->personal) return vault.seal(tx, record.subject, as_bytes(plain));
    return crypto::seal(register_key(target), as_bytes(plain), as_bytes(target.text()), random);
}

Result<Record> Registers::State::open(store::Reader& reader, const Target& target, const RecordRow& row) {
    Bytes plain;
    if (target.definition->personal) {
        TRY(plain, vault.open(reader, row.subject, row.content));
    } else {
        TRY(plain, crypto::open_sealed(register_key(target), row.content, as_bytes(target.text())));
    }
    Record record{row.key, row.subject, {}, row.valid_from, row.valid_to, row.version, row.recorded_at, row.superseded_at};
    TRY(record.data, open_envelope(target, row.key, plain));
    return record;
}

Bytes Registers::State::hash_of(const Target& target, std::string_view field, std::string_view value) const {
    const crypto::Hash hash = crypto::hmac_sha256(index, as_bytes(format("madang register look-up v1 {}.{}\n{}", target.text(), field, value)));
    return Bytes(hash.begin(), hash.end());
}

void Registers::State::add_hashes(const Target& target, const json::object& data, const RecordId& key, std::int64_t version,
                                  std::vector<IndexRow>& rows) const {
    for (const Field& field : target.kind->fields) {
        const auto* value = data.if_contains(field.id);
        if (!field.indexed || value == nullptr) continue;
        std::set<std::string> texts;
        if (const auto* by_language = value->if_object()) {
            for (const auto& member : *by_language) texts.insert(as_index_text(member.value()));
        } else {
            texts.insert(as_index_text(*value));
        }
        for (const std::string& text : texts) rows.push_back({key, version, hash_of(target, field.id, text)});
    }
}

Result<std::int64_t> Registers::State::last_version(store::Reader& reader, const Target& target, const RecordId& key) const {
    TRY(const auto last, reader.first<std::int64_t>(
                             "SELECT COALESCE(MAX(version), 0) FROM registers_record WHERE register_id=$1 AND kind=$2 AND record_key=$3",
                             {target.name.register_id, target.name.kind, key.text()},
                             [](const store::Row& row) -> Result<std::int64_t> { return row.integer(0); }));
    return last.value_or(0);
}

Result<std::int64_t> Registers::State::clear_period(store::Tx& tx, const Target& target, const std::vector<RecordRow>& current, Date from,
                                                    const std::optional<Date>& to, std::int64_t version, Instant now) {
    for (const RecordRow& old : current) {
        if (!overlaps(old, from, to)) continue;
        TRY_DO(supersede(tx, target.name, old, now));
        std::vector<RecordRow> rest;
        if (old.valid_from < from) {
            rest.push_back(old);
            rest.back().valid_to = from;
        }
        if (to && (!old.valid_to || *old.valid_to > *to)) {
            rest.push_back(old);
            rest.back().valid_from = *to;
        }
        for (RecordRow& row : rest) {
            row.version = ++version;
            row.recorded_at = now;
            TRY_DO(copy_index(tx, target.name, old.key, old.version, row.version));
        }
        TRY_DO(insert_records(tx, target.name, rest));
        TRY_DO(remove_index(tx, target.name, old.key, old.version));
    }
    return version;
}

Result<void> Registers::State::allow_reading(const Target& target, const identity::Access& access) const {
    if (!target.definition->personal) return {};
    return within(identity::check_access(access), target.text());
}

Result<std::vector<Record>> Registers::State::open_all(store::Tx& tx, const Target& target, const std::vector<RecordRow>& rows,
                                                       const identity::Access& access) {
    if (target.definition->personal && !rows.empty()) {
        std::set<identity::PersonId> subjects;
        for (const RecordRow& row : rows) subjects.insert(row.subject);
        TRY_DO(log.record_many(tx, access, {subjects.begin(), subjects.end()}, target.text()));
    }
    std::vector<Record> records;
    records.reserve(rows.size());
    for (const RecordRow& row : rows) {
        TRY(Record record, open(tx, target, row));
        records.push_back(std::move(record));
    }
    return records;
}

Registers::Registers(std::vector<Definition> definitions, identity::Vault& vault, identity::AccessLog& log, const Keys& keys,
                     const Clock& clock, Random& random) {
    MADANG_CHECK(keys.master.size() == kKeyBytes && keys.index.size() == kKeyBytes);
    state_ = std::make_unique<State>(State{std::move(definitions), vault, log, Bytes(keys.master.begin(), keys.master.end()),
                                           Bytes(keys.index.begin(), keys.index.end()), clock, random});
}

Registers::~Registers() = default;

const Definition* Registers::find_definition(std::string_view register_id) const {
    const auto& all = state_->definitions;
    const auto found = std::find_if(all.begin(), all.end(), [&](const Definition& one) { return one.id == register_id; });
    return found == all.end() ? nullptr : &*found;
}

Result<void> Registers::put(store::Tx& tx, std::string_view kind, const NewRecord& record, const identity::Access& by) {
    TRY(const Target target, state_->target_of(kind));
    TRY_DO(state_->check_write(target, record, by));
    TRY(const json::object data, within(check_data(*target.kind, record.data), target.name.register_id));
    TRY(std::int64_t version, state_->last_version(tx, target, record.key));
    const Instant now = state_->clock.now();
    if (version > 0) {
        TRY(const auto first, list_versions(tx, target.name, record.key, 1));
        if (!first.empty() && first.front().subject != record.subject) {
            return fail(Code::conflict, format("the record {} is about somebody else", record.key.text()));
        }
        TRY(const auto current, list_current(tx, target.name, record.key));
        TRY(version, state_->clear_period(tx, target, current, record.valid_from, record.valid_to, version, now));
    }
    RecordRow row{record.key, version + 1, record.subject, record.valid_from, record.valid_to, now, std::nullopt, by, {}};
    TRY(row.content, state_->seal(tx, target, record, data));
    TRY_DO(insert_records(tx, target.name, {&row, 1}));
    std::vector<IndexRow> hashes;
    state_->add_hashes(target, data, row.key, row.version, hashes);
    return insert_index(tx, target.name, hashes);
}

Result<void> Registers::put_many(store::Tx& tx, std::string_view kind, std::span<const NewRecord> records, const identity::Access& by) {
    TRY(const Target target, state_->target_of(kind));
    const Instant now = state_->clock.now();
    for (std::size_t begin = 0; begin < records.size(); begin += kBatch) {
        const auto part = records.subspan(begin, std::min(kBatch, records.size() - begin));
        std::vector<RecordRow> rows;
        std::vector<IndexRow> hashes;
        std::vector<std::string> plains;
        for (const NewRecord& record : part) {
            TRY_DO(state_->check_write(target, record, by));
            TRY(const json::object data, within(check_data(*target.kind, record.data), target.name.register_id));
            plains.push_back(envelope(target, record.key, data));
            rows.push_back({record.key, 1, record.subject, record.valid_from, record.valid_to, now, std::nullopt, by, {}});
            state_->add_hashes(target, data, record.key, 1, hashes);
        }
        if (target.definition->personal) {
            std::vector<identity::Vault::Plain> personal;
            for (std::size_t i = 0; i < part.size(); ++i) personal.push_back({part[i].subject, as_bytes(plains[i])});
            TRY(auto sealed, state_->vault.seal_many(tx, personal));
            for (std::size_t i = 0; i < rows.size(); ++i) rows[i].content = std::move(sealed[i]);
        } else {
            const Bytes key = state_->register_key(target);
            for (std::size_t i = 0; i < rows.size(); ++i) {
                rows[i].content = crypto::seal(key, as_bytes(plains[i]), as_bytes(target.text()), state_->random);
            }
        }
        TRY_DO(insert_records(tx, target.name, rows));
        TRY_DO(insert_index(tx, target.name, hashes));
    }
    return {};
}

Result<void> Registers::close(store::Tx& tx, std::string_view kind, const RecordId& key, Date from, const identity::Access& by) {
    TRY(const Target target, state_->target_of(kind));
    TRY_DO(within(identity::check_access(by), target.text()));
    TRY_DO(check_period(from, std::nullopt));
    TRY(auto current, list_current(tx, target.name, key));
    std::erase_if(current, [&](const RecordRow& row) { return !overlaps(row, from, std::nullopt); });
    if (current.empty()) return fail(Code::not_found, format("the record {} says nothing from {} on", key.text(), format_date(from)));
    // Who closes it stands with the version that ends on that day.
    for (RecordRow& row : current) row.by = by;
    TRY(const std::int64_t version, state_->last_version(tx, target, key));
    TRY_DO(state_->clear_period(tx, target, current, from, std::nullopt, version, state_->clock.now()));
    return {};
}

Result<std::optional<Record>> Registers::get(store::Tx& tx, std::string_view kind, const RecordId& key, Date on, const identity::Access& access) {
    return as_of(tx, kind, key, on, state_->clock.now(), access);
}

Result<std::optional<Record>> Registers::as_of(store::Tx& tx, std::string_view kind, const RecordId& key, Date on, Instant known_at,
                                               const identity::Access& access) {
    TRY(const Target target, state_->target_of(kind));
    TRY_DO(state_->allow_reading(target, access));
    TRY_DO(check_period(on, std::nullopt));
    TRY(auto row, find_version(tx, target.name, key, on, known_at));
    if (!row) return std::optional<Record>();
    TRY(auto records, state_->open_all(tx, target, {std::move(*row)}, access));
    return std::optional(std::move(records.front()));
}

Result<std::vector<Record>> Registers::find(store::Tx& tx, std::string_view kind, std::string_view field, const json::value& value, Date on,
                                            const identity::Access& access) {
    TRY(const Target target, state_->target_of(kind));
    TRY_DO(state_->allow_reading(target, access));
    TRY_DO(check_period(on, std::nullopt));
    const Field* searched = target.kind->find_field(field);
    if (searched == nullptr || !searched->indexed) return fail(Code::invalid, format("{} cannot be searched by \"{}\"", target.text(), field));
    const bool fits = searched->type == FieldType::integer ? value.is_int64() : value.is_string();
    if (!fits) return fail(Code::invalid, format("{} is searched by \"{}\" with another kind of value", target.text(), field));
    TRY(const auto rows, find_by_hash(tx, target.name, state_->hash_of(target, field, as_index_text(value)), on,
                                      static_cast<std::int64_t>(kMaxFound) + 1));
    if (rows.size() > kMaxFound) return fail(Code::exhausted, format("more than {} records fit: search by something narrower", kMaxFound));
    return state_->open_all(tx, target, rows, access);
}

Result<std::vector<Record>> Registers::history(store::Tx& tx, std::string_view kind, const RecordId& key, const identity::Access& access) {
    TRY(const Target target, state_->target_of(kind));
    TRY_DO(state_->allow_reading(target, access));
    TRY(const auto rows, list_versions(tx, target.name, key, kMaxVersions));
    return state_->open_all(tx, target, rows, access);
}

}  // namespace madang::registers
