// One connection to PostgreSQL with its prepared statements. Used by one thread at a time.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "store/store.h"

struct pg_conn;
struct pg_result;

namespace madang::store {

class PostgresConnection {
public:
    static Result<std::unique_ptr<PostgresConnection>> open(const std::string& address);
    ~PostgresConnection();
    PostgresConnection(const PostgresConnection&) = delete;
    PostgresConnection& operator=(const PostgresConnection&) = delete;

    Result<void> query(std::string_view sql, const Values& values, const EachRow& each);
    Result<std::int64_t> execute(std::string_view sql, const Values& values);
    Result<void> execute_many(std::string_view sql, std::span<const Values> rows);  // in a pipeline
    Result<void> run(const std::string& statement);  // without parameters: BEGIN, COMMIT, LISTEN

    // True where the last failure was a serialization failure or a deadlock: run the closure again.
    bool wants_retry() const { return wants_retry_; }
    bool is_broken() const;

private:
    explicit PostgresConnection(pg_conn* connection) : connection_(connection) {}
    Result<std::string> prepared(std::string_view sql, const Values& values);
    Error error_of(const pg_result* result, std::string_view doing);
    Error lost(std::string_view doing);

    pg_conn* connection_;
    std::unordered_map<std::string, std::string> statements_;
    std::uint64_t next_name_ = 0;   // of a prepared statement; never used twice
    std::uint64_t cleared_ = 0;     // how often all prepared statements went
    bool wants_retry_ = false;
};

}  // namespace madang::store
