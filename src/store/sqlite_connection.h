// One SQLite connection with its prepared statements. Used by one thread at a time.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "store/store.h"

struct sqlite3;
struct sqlite3_stmt;

namespace madang::store {

class SqliteConnection {
public:
    enum class Mode { writer, reader };
    static Result<std::unique_ptr<SqliteConnection>> open(const std::string& path, Mode mode);
    ~SqliteConnection();
    SqliteConnection(const SqliteConnection&) = delete;
    SqliteConnection& operator=(const SqliteConnection&) = delete;

    Result<void> query(std::string_view sql, const Values& values, const EachRow& each);
    Result<std::int64_t> execute(std::string_view sql, const Values& values);
    Result<void> execute_many(std::string_view sql, std::span<const Values> rows);
    // Several statements without parameters, as a schema step has.
    Result<void> run(const std::string& script);
    sqlite3* handle() { return handle_; }

private:
    explicit SqliteConnection(sqlite3* handle) : handle_(handle) {}
    // A statement with the places of its parameters, so that binding looks no names up.
    struct Statement {
        sqlite3_stmt* handle = nullptr;
        std::vector<std::size_t> places;   // of bind index i + 1 among the values
        bool in_use = false;
    };
    class Lease;
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    Result<Statement> prepare(std::string_view sql);
    Result<Lease> lease(std::string_view sql);
    Result<std::int64_t> step_through(const Lease& statement, const Values& values);
    Error error(std::string_view doing) const;

    sqlite3* handle_;
    std::unordered_map<std::string, std::unique_ptr<Statement>, Hash, std::equal_to<>> statements_;
};

}  // namespace madang::store
