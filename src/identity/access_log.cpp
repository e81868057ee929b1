#include "identity/access_log.h"

#include <algorithm>

#include "base/text.h"

namespace madang::identity {
namespace {

constexpr std::size_t kMaxWhat = 200;
constexpr std::size_t kMaxEntries = 1000;

constexpr const char* kInsert =
    "INSERT INTO identity_access (person_id, access_id, at, account_id, capacity, body, case_id, legal_ground, what)"
    " VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)";
constexpr const char* kOfPerson =
    "SELECT person_id, at, account_id, capacity, body, case_id, legal_ground, what FROM identity_access"
    " WHERE person_id=$1 ORDER BY at DESC, access_id DESC LIMIT $2";
constexpr const char* kOfAccount =
    "SELECT person_id, at, account_id, capacity, body, case_id, legal_ground, what FROM identity_access"
    " WHERE account_id=$1 ORDER BY access_id DESC LIMIT $2";

struct AccessIdTag;

Result<AccessLog::Reading> reading_of(const store::Row& row) {
    AccessLog::Reading reading;
    TRY(reading.subject, PersonId::parse(row.text(0)));
    AccessEntry& entry = reading.entry;
    entry.at = Instant(std::chrono::microseconds(row.integer(1)));
    if (!row.text(2).empty()) {
        TRY(entry.who, AccountId::parse(row.text(2)));
    }
    entry.capacity = row.text(3);
    entry.body = row.text(4);
    entry.case_id = row.text(5);
    entry.legal_ground = row.text(6);
    entry.what = row.text(7);
    return reading;
}

std::int64_t bounded(std::size_t limit) { return static_cast<std::int64_t>(std::min(limit, kMaxEntries)); }

}  // namespace

Result<void> AccessLog::record(store::Tx& tx, const Access& access, const PersonId& subject, std::string_view what) {
    return record_many(tx, access, {subject}, what);
}

Result<void> AccessLog::record_many(store::Tx& tx, const Access& access, const std::vector<PersonId>& subjects,
                                    std::string_view what) {
    TRY_DO(check_access(access));
    if (what.empty() || what.size() > kMaxWhat) {
        return fail(Code::invalid, format("what was read is told in 1 to {} bytes", kMaxWhat));
    }
    const std::int64_t at = clock_.now().time_since_epoch().count();
    std::vector<store::Values> rows;
    rows.reserve(subjects.size());
    for (const PersonId& subject : subjects) {
        const auto id = make_id<Id<AccessIdTag>>(clock_, random_);
        rows.push_back({subject.text(), id.text(), at, access.who.is_nil() ? std::string() : access.who.text(), access.capacity,
                        access.body, access.case_id, access.legal_ground, std::string(what)});
    }
    if (rows.size() == 1) {
        TRY_DO(tx.execute(kInsert, rows.front()));
        return {};
    }
    return tx.execute_many(kInsert, rows);
}

Result<std::vector<AccessEntry>> AccessLog::accesses_of(store::Reader& reader, const PersonId& person, std::size_t limit) {
    return reader.all<AccessEntry>(kOfPerson, {person.text(), bounded(limit)}, [](const store::Row& row) -> Result<AccessEntry> {
        TRY(Reading reading, reading_of(row));
        // An officer is shown by capacity and body: the reading is the body's, not a private person's.
        const std::string& capacity = reading.entry.capacity;
        const bool is_private = capacity == "self" || capacity == "parent" || capacity == "representative";
        if (!is_private) reading.entry.who = {};
        return std::move(reading.entry);
    });
}

Result<std::vector<AccessLog::Reading>> AccessLog::readings_by(store::Reader& reader, const AccountId& account, std::size_t limit) {
    return reader.all<Reading>(kOfAccount, {account.text(), bounded(limit)}, reading_of);
}

}  // namespace madang::identity
