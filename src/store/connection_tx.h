// Tx and Reader over a connection of either kind.
//
// The first statement that fails decides: later ones are not tried and nothing of the transaction is kept, also
// where the closure passes over the failure. PostgreSQL does so by itself; here both do.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "store/store.h"

namespace madang::store {

template <class Connection>
class ConnectionTx final : public Tx {
public:
    ConnectionTx(Connection& connection, std::vector<std::function<void()>>& actions) : connection_(connection), actions_(actions) {}

    Result<void> query(std::string_view sql, const Values& values, const EachRow& each) override {
        if (failed_) return std::unexpected(*failed_);
        bool by_caller = false;   // an error of the callback is an answer, not a failure of the store
        auto result = connection_.query(sql, values, [&](const Row& row) {
            auto one = each(row);
            by_caller = !one;
            return one;
        });
        if (!result && !by_caller) failed_ = result.error();
        return result;
    }
    Result<std::int64_t> execute(std::string_view sql, const Values& values) override {
        if (failed_) return std::unexpected(*failed_);
        return kept(connection_.execute(sql, values));
    }
    Result<void> execute_many(std::string_view sql, std::span<const Values> rows) override {
        if (failed_) return std::unexpected(*failed_);
        return kept(connection_.execute_many(sql, rows));
    }
    void after_commit(std::function<void()> action) override { actions_.push_back(std::move(action)); }

    const std::optional<Error>& failed() const { return failed_; }
    // What the closure said, unless it passed over a failure.
    Result<void> outcome(Result<void> said) const {
        if (said && failed_) return std::unexpected(*failed_);
        return said;
    }

private:
    template <class T>
    Result<T> kept(Result<T> result) {
        if (!result) failed_ = result.error();
        return result;
    }

    Connection& connection_;
    std::vector<std::function<void()>>& actions_;
    std::optional<Error> failed_;
};

template <class Connection>
class ConnectionReader final : public Reader {
public:
    explicit ConnectionReader(Connection& connection) : connection_(connection) {}
    Result<void> query(std::string_view sql, const Values& values, const EachRow& each) override {
        return connection_.query(sql, values, each);
    }

private:
    Connection& connection_;
};

}  // namespace madang::store
