#include "store/migrate.h"

#include <map>

#include "base/text.h"

namespace madang::store {
namespace {

constexpr const char* kCreate =
    "CREATE TABLE IF NOT EXISTS store_migration (room TEXT NOT NULL, number BIGINT NOT NULL, name TEXT NOT NULL,"
    " checksum TEXT NOT NULL, PRIMARY KEY (room, number))";
constexpr const char* kApplied = "SELECT room, number, name, checksum FROM store_migration ORDER BY room, number";
constexpr const char* kInsert = "INSERT INTO store_migration (room, number, name, checksum) VALUES ($1,$2,$3,$4)";

using Applied = std::map<std::pair<std::string, std::int64_t>, std::string>;

Result<void> check_applied(const Applied& applied, std::span<const Migration> migrations) {
    for (const auto& [key, checksum] : applied) {
        bool known = false;
        for (const Migration& migration : migrations) {
            if (migration.room != key.first || migration.number != key.second) continue;
            known = true;
            if (checksum != checksum_of(migration.sql)) {
                return fail(Code::corrupted, format("step {} of the tables of {} is not the one that was applied", key.second, key.first));
            }
        }
        if (!known) {
            return fail(Code::conflict, format("the store has step {} of the tables of {}: it belongs to a newer program", key.second, key.first));
        }
    }
    return {};
}

}  // namespace

std::string checksum_of(std::string_view sql) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char c : sql) {
        hash ^= static_cast<std::uint8_t>(c);
        hash *= 0x100000001b3U;
    }
    return format("{:016x}", hash);
}

std::vector<std::string> statements_of(std::string_view sql) {
    std::vector<std::string> statements;
    std::string statement;
    for (const std::string_view line : split(sql, '\n')) {
        const std::string_view trimmed = trim(line);
        if (trimmed.empty() || trimmed.starts_with("--")) continue;
        statement += line;
        statement += '\n';
        if (!trimmed.ends_with(';')) continue;
        statement.erase(statement.find_last_of(';'));
        statements.push_back(std::move(statement));
        statement.clear();
    }
    if (!trim(statement).empty()) statements.push_back(std::move(statement));
    return statements;
}

Result<void> apply_migrations(Store& store, std::span<const Migration> migrations) {
    TRY_DO(store.write([](Tx& tx) -> Result<void> {
        TRY_DO(tx.execute(kCreate));
        return {};
    }));
    TRY(const auto applied, store.read<Applied>([](Reader& reader) -> Result<Applied> {
        Applied found;
        TRY_DO(reader.query(kApplied, {}, [&](const Row& row) -> Result<void> {
            found[{std::string(row.text(0)), row.integer(1)}] = row.text(3);
            return {};
        }));
        return found;
    }));
    TRY_DO(check_applied(applied, migrations));
    std::map<std::string, std::int64_t> last;
    for (const Migration& migration : migrations) {
        if (migration.number != ++last[migration.room]) {
            return fail(Code::invalid, format("the steps of {} have a gap before {}", migration.room, migration.number));
        }
        if (applied.contains({migration.room, migration.number})) continue;
        TRY_DO(within(store.write([&](Tx& tx) -> Result<void> {
            for (const std::string& statement : statements_of(migration.sql)) TRY_DO(tx.execute(statement));
            TRY_DO(tx.execute(kInsert, {migration.room, std::int64_t{migration.number}, migration.name, checksum_of(migration.sql)}));
            return {};
        }), format("step {} of the tables of {}", migration.number, migration.room)));
    }
    return {};
}

}  // namespace madang::store
