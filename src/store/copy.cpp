#include "store/copy.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/text.h"
#include "store/sqlite_connection.h"

namespace madang::store {
namespace {

constexpr std::size_t kBatch = 2000;  // rows in one statement batch
constexpr const char* kSteps = "store_migration";
constexpr const char* kProbe = "store_probe";

constexpr const char* kSqliteTables =
    "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
constexpr const char* kSqliteColumns = "SELECT name, type FROM pragma_table_info($1) ORDER BY cid";
constexpr const char* kPostgresTables =
    "SELECT table_name::text FROM information_schema.tables WHERE table_schema=current_schema() AND table_type='BASE TABLE'"
    " ORDER BY table_name";
constexpr const char* kPostgresColumns =
    "SELECT column_name::text, upper(data_type)::text FROM information_schema.columns"
    " WHERE table_schema=current_schema() AND table_name=$1 ORDER BY ordinal_position";

struct Column {
    std::string name;
    std::string type;  // BIGINT, TEXT, BYTEA, DOUBLE PRECISION
};
struct Table {
    std::string name;
    std::vector<Column> columns;
};

// Reads from a store or from the connection of a file alike.
using Query = std::function<Result<void>(std::string_view, const Values&, const EachRow&)>;

Result<std::vector<Table>> tables_of(const Query& query, std::string_view kind) {
    const bool sqlite = kind == "sqlite";
    std::vector<Table> tables;
    TRY_DO(query(sqlite ? kSqliteTables : kPostgresTables, {}, [&](const Row& row) -> Result<void> {
        if (row.text(0) != kProbe) tables.push_back({std::string(row.text(0)), {}});
        return {};
    }));
    for (Table& table : tables) {
        TRY_DO(query(sqlite ? kSqliteColumns : kPostgresColumns, {table.name}, [&](const Row& row) -> Result<void> {
            table.columns.push_back({std::string(row.text(0)), std::string(row.text(1))});
            return {};
        }));
    }
    return tables;
}

Result<Value> value_of(const Row& row, int column, std::string_view type) {
    if (row.is_null(column)) return Value{};
    if (type == "BIGINT" || type == "INTEGER") return Value{row.integer(column)};
    if (type == "TEXT") return Value{std::string(row.text(column))};
    if (type == "DOUBLE PRECISION") return Value{row.real(column)};
    if (type == "BYTEA") {
        const ByteSpan bytes = row.bytes(column);
        return Value{Bytes(bytes.begin(), bytes.end())};
    }
    return fail(Code::invalid, format("a column of type {} cannot be copied", type));
}

std::string column_list(const Table& table) {
    std::vector<std::string> names;
    for (const Column& column : table.columns) names.push_back(column.name);
    return join(names, ", ");
}

std::string insert_into(const Table& table) {
    std::vector<std::string> places;
    for (std::size_t i = 1; i <= table.columns.size(); ++i) places.push_back(format("${}", i));
    return format("INSERT INTO {} ({}) VALUES ({})", table.name, column_list(table), join(places, ", "));
}

// Hands over the rows of a table in batches.
Result<std::int64_t> copy_rows(const Query& query, const Table& table,
                               const std::function<Result<void>(std::span<const Values>)>& take) {
    std::vector<Values> batch;
    std::int64_t rows = 0;
    TRY_DO(query(format("SELECT {} FROM {}", column_list(table), table.name), {}, [&](const Row& row) -> Result<void> {
        Values values;
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            TRY(Value value, value_of(row, static_cast<int>(i), table.columns[i].type));
            values.push_back(std::move(value));
        }
        batch.push_back(std::move(values));
        ++rows;
        if (batch.size() < kBatch) return {};
        TRY_DO(take(batch));
        batch.clear();
        return {};
    }));
    if (!batch.empty()) TRY_DO(take(batch));
    return rows;
}

Result<std::vector<std::string>> steps_of(const Query& query) {
    std::vector<std::string> steps;
    TRY_DO(query("SELECT room, number, checksum FROM store_migration ORDER BY room, number", {}, [&](const Row& row) -> Result<void> {
        steps.push_back(format("{} {} {}", row.text(0), row.integer(1), row.text(2)));
        return {};
    }));
    return steps;
}

Query reading(Reader& reader) {
    return [&reader](std::string_view sql, const Values& values, const EachRow& each) { return reader.query(sql, values, each); };
}
Query reading(SqliteConnection& connection) {
    return [&connection](std::string_view sql, const Values& values, const EachRow& each) { return connection.query(sql, values, each); };
}

}  // namespace

Result<void> copy_to_sqlite(Store& store, const std::string& path) {
    if (std::filesystem::exists(path)) return fail(Code::conflict, format("{} is there already", path));
    const std::string beside = path + ".new";
    std::filesystem::remove(beside);
    const int made = ::open(beside.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (made < 0) return fail(Code::unavailable, format("cannot make {}", beside));
    ::close(made);
    {
        TRY(auto target, SqliteConnection::open(beside, SqliteConnection::Mode::writer));
        TRY_DO(target->run("PRAGMA journal_mode=DELETE; BEGIN;"));
        TRY_DO(store.read<bool>([&](Reader& reader) -> Result<bool> {
            TRY(const auto tables, tables_of(reading(reader), store.kind()));
            for (const Table& table : tables) {
                std::vector<std::string> columns;
                for (const Column& column : table.columns) columns.push_back(column.name + " " + column.type);
                TRY_DO(target->run(format("CREATE TABLE {} ({})", table.name, join(columns, ", "))));
                const std::string insert = insert_into(table);
                TRY_DO(copy_rows(reading(reader), table, [&](std::span<const Values> rows) { return target->execute_many(insert, rows); }));
            }
            return true;
        }));
        TRY_DO(target->run("COMMIT;"));
    }
    const int descriptor = ::open(beside.c_str(), O_RDWR | O_CLOEXEC);
    const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
    if (descriptor >= 0) ::close(descriptor);
    if (!synced) return fail(Code::unavailable, format("cannot sync {}", beside));
    std::error_code error;
    std::filesystem::rename(beside, path, error);
    if (error) return fail(Code::unavailable, format("cannot rename {}: {}", beside, error.message()));
    return {};
}

Result<Restored> restore_from(Store& store, const std::string& sqlite_file, const RowCounts& fresh, const CopyProgress& progress) {
    if (!std::filesystem::exists(sqlite_file)) return fail(Code::not_found, format("there is no file {}", sqlite_file));
    TRY(auto source, SqliteConnection::open(sqlite_file, SqliteConnection::Mode::reader));
    std::string verdict;
    TRY_DO(source->query("PRAGMA integrity_check(1)", {}, [&](const Row& row) -> Result<void> {
        verdict = row.text(0);
        return {};
    }));
    if (verdict != "ok") return fail(Code::corrupted, format("{} is damaged: {}", sqlite_file, verdict));
    TRY(const auto steps, within(steps_of(reading(*source)), sqlite_file));
    TRY(const auto tables, tables_of(reading(*source), "sqlite"));
    TRY(const RowCounts counts, count_rows(store));
    if (counts != fresh) return fail(Code::conflict, "the store is in use already: a copy is restored into a new one");
    // One transaction: a restore is there whole or not at all.
    return store.write<Restored>([&](Tx& tx) -> Result<Restored> {
        TRY(const auto ours, steps_of(reading(tx)));
        if (ours != steps) return fail(Code::conflict, "the copy was made by another version of the tables");
        Restored restored;
        for (const Table& table : tables) {
            if (table.name == kSteps) continue;
            TRY_DO(tx.execute(format("DELETE FROM {}", table.name)));  // what a step put there is in the copy too
            const std::string insert = insert_into(table);
            TRY_DO(copy_rows(reading(*source), table, [&](std::span<const Values> rows) -> Result<void> {
                TRY_DO(tx.execute_many(insert, rows));
                restored.rows += static_cast<std::int64_t>(rows.size());
                if (progress) progress(restored.rows);
                return {};
            }));
            ++restored.tables;
        }
        return restored;
    });
}

Result<RowCounts> count_rows(Store& store) {
    return store.read<RowCounts>([&](Reader& reader) -> Result<RowCounts> {
        TRY(const auto tables, tables_of(reading(reader), store.kind()));
        RowCounts counts;
        for (const Table& table : tables) {
            TRY_DO(reader.query(format("SELECT count(*) FROM {}", table.name), {}, [&](const Row& row) -> Result<void> {
                counts.emplace_back(table.name, row.integer(0));
                return {};
            }));
        }
        return counts;
    });
}

}  // namespace madang::store
