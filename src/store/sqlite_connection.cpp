#include "store/sqlite_connection.h"

#include <sqlite3.h>

#include "base/text.h"

namespace madang::store {
namespace {

constexpr int kBusyMilliseconds = 10'000;
constexpr std::size_t kMaxStatements = 500;

Code code_of(int result) {
    switch (result & 0xFF) {
        case SQLITE_CONSTRAINT: return Code::conflict;
        case SQLITE_FULL: return Code::exhausted;
        case SQLITE_TOOBIG: return Code::exhausted;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return Code::corrupted;
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_AUTH: return Code::denied;
        case SQLITE_MISMATCH:
        case SQLITE_RANGE:
        case SQLITE_ERROR: return Code::invalid;
        default: return Code::unavailable;
    }
}

class SqliteRow final : public Row {
public:
    explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}
    bool is_null(int column) const override { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
    std::int64_t integer(int column) const override { return sqlite3_column_int64(statement_, column); }
    double real(int column) const override { return sqlite3_column_double(statement_, column); }
    std::string_view text(int column) const override {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
        return text == nullptr ? std::string_view{}
                               : std::string_view(text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
    }
    ByteSpan bytes(int column) const override {
        const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
        return data == nullptr ? ByteSpan{} : ByteSpan(data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
    }

private:
    sqlite3_stmt* statement_;
};

// Binds $1, $2, … by their names, so that one that stands twice is bound once.
int bind(sqlite3_stmt* statement, const Values& values) {
    const int count = sqlite3_bind_parameter_count(statement);
    for (int index = 1; index <= count; ++index) {
        const char* name = sqlite3_bind_parameter_name(statement, index);
        const auto number = name == nullptr ? Result<std::uint64_t>(static_cast<std::uint64_t>(index)) : parse_decimal(name + 1);
        if (!number || *number < 1 || *number > values.size()) return SQLITE_RANGE;
        const Value& value = values[*number - 1];
        int result = SQLITE_OK;
        if (std::holds_alternative<std::monostate>(value)) {
            result = sqlite3_bind_null(statement, index);
        } else if (const auto* whole = std::get_if<std::int64_t>(&value)) {
            result = sqlite3_bind_int64(statement, index, *whole);
        } else if (const auto* real = std::get_if<double>(&value)) {
            result = sqlite3_bind_double(statement, index, *real);
        } else if (const auto* text = std::get_if<std::string>(&value)) {
            result = sqlite3_bind_text64(statement, index, text->data(), text->size(), nullptr, SQLITE_UTF8);
        } else {
            // An empty blob with a null pointer would be NULL.
            const auto& bytes = std::get<Bytes>(value);
            result = bytes.empty() ? sqlite3_bind_zeroblob(statement, index, 0)
                                   : sqlite3_bind_blob64(statement, index, bytes.data(), bytes.size(), nullptr);
        }
        if (result != SQLITE_OK) return result;
    }
    return SQLITE_OK;
}

// Gives the statement back clean, whatever happened.
class Use {
public:
    explicit Use(sqlite3_stmt* statement) : statement_(statement) {}
    ~Use() {
        sqlite3_reset(statement_);
        sqlite3_clear_bindings(statement_);
    }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

private:
    sqlite3_stmt* statement_;
};

}  // namespace

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const std::string& path, Mode mode) {
    sqlite3* handle = nullptr;
    const int flags = (mode == Mode::writer ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READWRITE) |
                      SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const int result = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
    std::unique_ptr<SqliteConnection> connection(new SqliteConnection(handle));
    if (result != SQLITE_OK) return std::unexpected(connection->error(format("cannot open {}", path)));
    sqlite3_busy_timeout(handle, kBusyMilliseconds);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    TRY_DO(connection->run(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;"
        "PRAGMA cache_size=-4096; PRAGMA trusted_schema=OFF; PRAGMA secure_delete=FAST;"));
    if (mode == Mode::reader) TRY_DO(connection->run("PRAGMA query_only=ON;"));
    return connection;
}

SqliteConnection::~SqliteConnection() {
    for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
    sqlite3_close(handle_);
}

Error SqliteConnection::error(std::string_view doing) const {
    const int result = sqlite3_extended_errcode(handle_);
    Code code = code_of(result);
    // A write that the disk refused for want of space shows as an I/O error with ENOSPC behind it.
    if ((result & 0xFF) == SQLITE_IOERR && sqlite3_system_errno(handle_) == ENOSPC) code = Code::exhausted;
    return {code, format("{}: {}", doing, sqlite3_errmsg(handle_))};
}

Result<sqlite3_stmt*> SqliteConnection::prepared(std::string_view sql) {
    std::string key(sql);
    if (const auto found = statements_.find(key); found != statements_.end()) return found->second;
    if (statements_.size() >= kMaxStatements) {
        for (const auto& [old, statement] : statements_) sqlite3_finalize(statement);
        statements_.clear();
    }
    sqlite3_stmt* statement = nullptr;
    const char* rest = nullptr;
    if (sqlite3_prepare_v3(handle_, key.data(), static_cast<int>(key.size() + 1), SQLITE_PREPARE_PERSISTENT, &statement, &rest) != SQLITE_OK) {
        return std::unexpected(error("cannot prepare a statement"));
    }
    if (statement == nullptr || !trim(rest).empty()) {
        sqlite3_finalize(statement);
        return fail(Code::invalid, "a statement is exactly one");
    }
    statements_.emplace(std::move(key), statement);
    return statement;
}

Result<void> SqliteConnection::query(std::string_view sql, const Values& values, const EachRow& each) {
    TRY(sqlite3_stmt* const statement, prepared(sql));
    const Use use(statement);
    if (bind(statement, values) != SQLITE_OK) return fail(Code::invalid, "the parameters do not fit the statement");
    const SqliteRow row(statement);
    for (;;) {
        const int result = sqlite3_step(statement);
        if (result == SQLITE_DONE) return {};
        if (result != SQLITE_ROW) return std::unexpected(error("cannot read"));
        TRY_DO(each(row));
    }
}

Result<std::int64_t> SqliteConnection::execute(std::string_view sql, const Values& values) {
    TRY(sqlite3_stmt* const statement, prepared(sql));
    const Use use(statement);
    if (bind(statement, values) != SQLITE_OK) return fail(Code::invalid, "the parameters do not fit the statement");
    int result = SQLITE_ROW;
    while (result == SQLITE_ROW) result = sqlite3_step(statement);
    if (result != SQLITE_DONE) return std::unexpected(error("cannot write"));
    return sqlite3_changes64(handle_);
}

Result<void> SqliteConnection::execute_many(std::string_view sql, std::span<const Values> rows) {
    for (const Values& values : rows) TRY_DO(execute(sql, values));
    return {};
}

Result<void> SqliteConnection::run(const std::string& script) {
    if (sqlite3_exec(handle_, script.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
        return std::unexpected(error("cannot run"));
    }
    return {};
}

}  // namespace madang::store
