// The store of many nodes: PostgreSQL 15 through libpq. A write is one SERIALIZABLE transaction, run
// again after a serialization failure or a deadlock; a read is one REPEATABLE READ snapshot.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "store/store.h"

namespace madang::store {

class PostgresConnection;

class PostgresStore final : public Store {
public:
    static Result<std::unique_ptr<Store>> open(const std::string& address, std::size_t connections = 8);
    ~PostgresStore() override;

    Result<void> migrate(std::span<const Migration> migrations) override;
    Result<bool> try_lead(std::string_view task) override;
    void stop_leading(std::string_view task) override;
    Health health() override;
    std::string_view kind() const override { return "postgresql"; }
    Result<void> backup_to(const std::string& path) override;

protected:
    Result<void> write_erased(const std::function<Result<void>(Tx&)>& closure) override;
    Result<void> read_erased(const std::function<Result<void>(Reader&)>& closure) override;

private:
    class Lease;
    PostgresStore(std::string address, std::size_t connections);
    Result<std::unique_ptr<PostgresConnection>> take();
    Result<std::unique_ptr<PostgresConnection>> begin(const std::string& statement);
    void give_back(std::unique_ptr<PostgresConnection> connection);

    std::string address_;
    std::size_t most_;
    std::mutex mutex_;
    std::condition_variable returned_;
    std::vector<std::unique_ptr<PostgresConnection>> idle_;
    std::size_t open_ = 0;

    std::mutex leading_mutex_;
    std::map<std::string, std::unique_ptr<PostgresConnection>, std::less<>> leading_;
};

// One statement outside any transaction, on a connection of its own (CREATE DATABASE and the like).
Result<void> run_alone(const std::string& address, const std::string& statement);

}  // namespace madang::store
