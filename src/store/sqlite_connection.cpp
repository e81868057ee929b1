#include "store/sqlite_connection.h"

#include <sqlite3.h>

#include "base/text.h"

namespace madang::store {
namespace {

constexpr int kBusyMilliseconds = 10'000;
constexpr std::size_t kMaxStatements = 500;

Code code_of(int result) {
    if (result == SQLITE_CONSTRAINT_NOTNULL || result == SQLITE_CONSTRAINT_CHECK) return Code::invalid;
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

int bind_one(sqlite3_stmt* statement, int index, const Value& value) {
    if (std::holds_alternative<std::monostate>(value)) return sqlite3_bind_null(statement, index);
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return sqlite3_bind_int64(statement, index, *whole);
    if (const auto* real = std::get_if<double>(&value)) return sqlite3_bind_double(statement, index, *real);
    if (const auto* text = std::get_if<std::string>(&value)) {
        return sqlite3_bind_text64(statement, index, text->data(), text->size(), nullptr, SQLITE_UTF8);
    }
    // An empty blob with a null pointer would be NULL.
    const auto& bytes = std::get<Bytes>(value);
    return bytes.empty() ? sqlite3_bind_zeroblob(statement, index, 0)
                         : sqlite3_bind_blob64(statement, index, bytes.data(), bytes.size(), nullptr);
}

}  // namespace

// A statement in somebody's hands. The cached one is given back clean, whatever happened; where it is in
// use already (a query inside the callback of the same query) the lease owns one of its own.
class SqliteConnection::Lease {
public:
    explicit Lease(Statement& cached) : statement_(&cached) { cached.in_use = true; }
    explicit Lease(std::unique_ptr<Statement> own) : own_(std::move(own)), statement_(own_.get()) {}
    Lease(Lease&& other) noexcept : own_(std::move(other.own_)), statement_(std::exchange(other.statement_, nullptr)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
        if (statement_ == nullptr) return;
        sqlite3_reset(statement_->handle);
        sqlite3_clear_bindings(statement_->handle);
        statement_->in_use = false;
        if (own_) sqlite3_finalize(own_->handle);
    }

    sqlite3_stmt* handle() const { return statement_->handle; }
    // $1, $2, … by their numbers, so that one that stands twice is bound twice.
    Result<void> bind(const Values& values) const {
        for (std::size_t i = 0; i < statement_->places.size(); ++i) {
            const std::size_t place = statement_->places[i];
            if (place >= values.size() || bind_one(statement_->handle, static_cast<int>(i) + 1, values[place]) != SQLITE_OK) {
                return fail(Code::invalid, "the parameters do not fit the statement");
            }
        }
        return {};
    }

private:
    std::unique_ptr<Statement> own_;
    Statement* statement_;
};

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const std::string& path, Mode mode) {
    // Its own count of memory takes a lock for every allocation; nobody asks for it. Refused, harmlessly, once SQLite runs.
    [[maybe_unused]] static const int counts_no_memory = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
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
        "PRAGMA cache_size=-32768; PRAGMA trusted_schema=OFF; PRAGMA secure_delete=FAST;"));
    if (mode == Mode::reader) TRY_DO(connection->run("PRAGMA query_only=ON;"));
    return connection;
}

SqliteConnection::~SqliteConnection() {
    for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement->handle);
    sqlite3_close(handle_);
}

Error SqliteConnection::error(std::string_view doing) const {
    const int result = sqlite3_extended_errcode(handle_);
    Code code = code_of(result);
    // A write that the disk refused for want of space shows as an I/O error with ENOSPC behind it.
    if ((result & 0xFF) == SQLITE_IOERR && sqlite3_system_errno(handle_) == ENOSPC) code = Code::exhausted;
    return {code, format("{}: {}", doing, sqlite3_errmsg(handle_))};
}

Result<SqliteConnection::Statement> SqliteConnection::prepare(std::string_view sql) {
    Statement made;
    const char* rest = nullptr;
    const std::string text(sql);
    if (sqlite3_prepare_v3(handle_, text.data(), static_cast<int>(text.size() + 1), SQLITE_PREPARE_PERSISTENT, &made.handle, &rest) != SQLITE_OK) {
        return std::unexpected(error("cannot prepare a statement"));
    }
    bool good = made.handle != nullptr && trim(rest).empty();
    const int count = good ? sqlite3_bind_parameter_count(made.handle) : 0;
    for (int index = 1; index <= count; ++index) {
        const char* name = sqlite3_bind_parameter_name(made.handle, index);
        const auto number = name == nullptr ? Result<std::uint64_t>(static_cast<std::uint64_t>(index)) : parse_decimal(name + 1);
        good = good && number && *number >= 1;
        made.places.push_back(good ? static_cast<std::size_t>(*number) - 1 : 0);
    }
    if (good) return made;
    sqlite3_finalize(made.handle);
    return fail(Code::invalid, "a statement is exactly one, with parameters $1, $2, …");
}

Result<SqliteConnection::Lease> SqliteConnection::lease(std::string_view sql) {
    const auto found = statements_.find(sql);
    if (found != statements_.end() && !found->second->in_use) return Lease(*found->second);
    TRY(Statement made, prepare(sql));
    auto statement = std::make_unique<Statement>(std::move(made));
    if (found != statements_.end()) return Lease(std::move(statement));
    if (statements_.size() >= kMaxStatements) {
        std::erase_if(statements_, [](const auto& entry) {
            if (entry.second->in_use) return false;
            sqlite3_finalize(entry.second->handle);
            return true;
        });
    }
    return Lease(*statements_.emplace(std::string(sql), std::move(statement)).first->second);
}

Result<void> SqliteConnection::query(std::string_view sql, const Values& values, const EachRow& each) {
    TRY(const Lease statement, lease(sql));
    TRY_DO(statement.bind(values));
    const SqliteRow row(statement.handle());
    for (;;) {
        const int result = sqlite3_step(statement.handle());
        if (result == SQLITE_DONE) return {};
        if (result != SQLITE_ROW) return std::unexpected(error("cannot read"));
        TRY_DO(each(row));
    }
}

Result<std::int64_t> SqliteConnection::execute(std::string_view sql, const Values& values) {
    TRY(const Lease statement, lease(sql));
    return step_through(statement, values);
}

// To the end of the statement; rows of a RETURNING are passed over.
Result<std::int64_t> SqliteConnection::step_through(const Lease& statement, const Values& values) {
    TRY_DO(statement.bind(values));
    int result = SQLITE_ROW;
    while (result == SQLITE_ROW) result = sqlite3_step(statement.handle());
    if (result != SQLITE_DONE) return std::unexpected(error("cannot write"));
    return sqlite3_changes64(handle_);
}

Result<void> SqliteConnection::execute_many(std::string_view sql, std::span<const Values> rows) {
    if (rows.empty()) return {};
    TRY(const Lease statement, lease(sql));
    for (const Values& values : rows) {
        TRY_DO(step_through(statement, values));
        sqlite3_reset(statement.handle());
    }
    return {};
}

Result<void> SqliteConnection::run(const std::string& script) {
    if (sqlite3_exec(handle_, script.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
        return std::unexpected(error("cannot run"));
    }
    return {};
}

}  // namespace madang::store
