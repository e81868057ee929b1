// One way to keep rows, over SQLite (one machine, the default) and PostgreSQL (many).
//
// The SQL is the common part of both: placeholders $1, $2, …; types BIGINT, TEXT, BYTEA, DOUBLE
// PRECISION; INSERT … ON CONFLICT; RETURNING. A closure given to write() runs in one transaction and
// may run again after a serialization failure, so it must have no effect outside the store.
//
//   TRY(auto number, store.write<std::int64_t>([&](Tx& tx) -> Result<std::int64_t> {
//       TRY_DO(tx.execute("INSERT INTO t_note (note_id, body) VALUES ($1, $2)", {id, body}));
//       return 1;
//   }));            // returns after the fsync: what is acknowledged is on disk
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace madang::store {

// A bound parameter: null, whole number, real number, text or bytes.
using Value = std::variant<std::monostate, std::int64_t, double, std::string, Bytes>;
using Values = std::vector<Value>;

// One row of an answer; columns count from 0. The views live until the callback returns.
class Row {
public:
    virtual ~Row() = default;
    virtual bool is_null(int column) const = 0;
    virtual std::int64_t integer(int column) const = 0;
    virtual double real(int column) const = 0;
    virtual std::string_view text(int column) const = 0;
    virtual ByteSpan bytes(int column) const = 0;

    std::optional<std::int64_t> integer_if(int column) const;
    std::optional<std::string> text_if(int column) const;
};

using EachRow = std::function<Result<void>(const Row&)>;

// Reads one snapshot.
class Reader {
public:
    virtual ~Reader() = default;
    // Calls `each` for every row; an error from it ends the query and is returned.
    virtual Result<void> query(std::string_view sql, const Values& values, const EachRow& each) = 0;

    // The rows as T, made by `make(const Row&) -> T` or `-> Result<T>`.
    template <class T, class Make>
    Result<std::vector<T>> all(std::string_view sql, const Values& values, Make make);
    // The first row or nothing.
    template <class T, class Make>
    Result<std::optional<T>> first(std::string_view sql, const Values& values, Make make);
};

// Reads and writes inside one transaction.
class Tx : public Reader {
public:
    // The number of rows changed. A broken UNIQUE or FOREIGN KEY is Code::conflict, a full disk
    // Code::exhausted.
    virtual Result<std::int64_t> execute(std::string_view sql, const Values& values = {}) = 0;
    // The same statement for many rows: a pipeline on PostgreSQL.
    virtual Result<void> execute_many(std::string_view sql, std::span<const Values> rows) = 0;
    // Runs after the commit is on disk, never after a rollback (wake a worker, drop a cache entry).
    virtual void after_commit(std::function<void()> action) = 0;
};

// A step forward of one room's tables. Files src/<room>/schema/NNNN_name.sql, compiled in; never
// edited once released: the checksum of what was applied is kept and compared at every start.
struct Migration {
    std::string room;
    int number = 0;     // 1, 2, 3 … within the room
    std::string name;
    std::string sql;    // statements separated by ";" at line ends
};

struct Health {
    bool readable = false;
    bool writable = false;      // false while the disk is full or the server is away
    std::string reason;         // plain language, empty when all is well
};

class Store {
public:
    virtual ~Store() = default;

    template <class T, class F>
    Result<T> write(F&& closure) {
        Result<T> result = fail(Code::unavailable, "the transaction did not run");
        TRY_DO(write_erased([&](Tx& tx) -> Result<void> {
            result = closure(tx);
            if (!result) return std::unexpected(result.error());
            return {};
        }));
        return result;
    }
    template <class F>
    Result<void> write(F&& closure) {
        return write_erased(std::forward<F>(closure));
    }
    // All queries of the closure see one snapshot.
    template <class T, class F>
    Result<T> read(F&& closure) {
        Result<T> result = fail(Code::unavailable, "the reading did not run");
        TRY_DO(read_erased([&](Reader& reader) -> Result<void> {
            result = closure(reader);
            if (!result) return std::unexpected(result.error());
            return {};
        }));
        return result;
    }

    // Brings every room's tables forward, each step in one transaction with its record. Fails with
    // Code::corrupted where an applied step differs from ours, with Code::conflict where the store is
    // newer than the program.
    virtual Result<void> migrate(std::span<const Migration> migrations) = 0;

    // True for exactly one holder at a time over all nodes of the store; held until released or the
    // process ends. For the integrator and other single workers.
    virtual Result<bool> try_lead(std::string_view task) = 0;
    virtual void stop_leading(std::string_view task) = 0;

    virtual Health health() = 0;
    virtual std::string_view kind() const = 0;  // "sqlite" or "postgresql"
    // A consistent copy while others write: one SQLite file, or a logical dump in the same SQLite form.
    virtual Result<void> backup_to(const std::string& path) = 0;

protected:
    virtual Result<void> write_erased(const std::function<Result<void>(Tx&)>& closure) = 0;
    virtual Result<void> read_erased(const std::function<Result<void>(Reader&)>& closure) = 0;
};

// "postgres://user@host:port/name" or the path of a SQLite file (made if absent, mode 0600).
Result<std::unique_ptr<Store>> open(const std::string& address);

template <class T, class Make>
Result<std::vector<T>> Reader::all(std::string_view sql, const Values& values, Make make) {
    std::vector<T> rows;
    TRY_DO(query(sql, values, [&](const Row& row) -> Result<void> {
        Result<T> made = make(row);
        if (!made) return std::unexpected(std::move(made).error());
        rows.push_back(std::move(*made));
        return {};
    }));
    return rows;
}

template <class T, class Make>
Result<std::optional<T>> Reader::first(std::string_view sql, const Values& values, Make make) {
    std::optional<T> found;
    TRY_DO(query(sql, values, [&](const Row& row) -> Result<void> {
        if (found) return {};
        Result<T> made = make(row);
        if (!made) return std::unexpected(std::move(made).error());
        found = std::move(*made);
        return {};
    }));
    return found;
}

}  // namespace madang::store
