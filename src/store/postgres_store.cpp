#include "store/postgres_store.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>

#include "base/check.h"
#include "base/text.h"
#include "store/connection_tx.h"
#include "store/copy.h"
#include "store/migrate.h"
#include "store/postgres_connection.h"

namespace madang::store {
namespace {

constexpr int kAttempts = 12;
constexpr auto kFirstPause = std::chrono::milliseconds(2);
constexpr auto kLongestPause = std::chrono::milliseconds(250);
constexpr auto kLongestWait = std::chrono::seconds(30);  // for a connection of the pool

thread_local const void* t_writing = nullptr;

// A pause that grows and is not the same for two who collide.
void pause(int attempt) {
    thread_local std::minstd_rand jitter(static_cast<unsigned>(std::hash<std::thread::id>{}(std::this_thread::get_id())));
    const auto longest = std::min<std::chrono::milliseconds>(kFirstPause * (1 << std::min(attempt, 7)), kLongestPause);
    std::this_thread::sleep_for(std::chrono::microseconds(jitter() % (longest.count() * 1000) + 500));
}

// The lock of a task: 64 bits of FNV-1a over its name.
std::int64_t lock_of(std::string_view task) {
    return static_cast<std::int64_t>(std::stoull(checksum_of(task), nullptr, 16));
}

}  // namespace

PostgresStore::PostgresStore(std::string address, std::size_t connections) : address_(std::move(address)), most_(connections) {}
PostgresStore::~PostgresStore() = default;

Result<std::unique_ptr<Store>> PostgresStore::open(const std::string& address, std::size_t connections) {
    std::unique_ptr<PostgresStore> store(new PostgresStore(address, connections));
    TRY(auto first, store->take());  // a wrong address fails here, not at the first request
    store->give_back(std::move(first));
    return std::unique_ptr<Store>(std::move(store));
}

Result<std::unique_ptr<PostgresConnection>> PostgresStore::take() {
    {
        std::unique_lock lock(mutex_);
        if (!returned_.wait_for(lock, kLongestWait, [&] { return !idle_.empty() || open_ < most_; })) {
            return fail(Code::unavailable, "every connection to PostgreSQL is in use");
        }
        if (!idle_.empty()) {
            auto connection = std::move(idle_.back());
            idle_.pop_back();
            return connection;
        }
        ++open_;
    }
    auto opened = PostgresConnection::open(address_);
    if (!opened) {
        const std::lock_guard lock(mutex_);
        --open_;
        returned_.notify_one();
    }
    return opened;
}

void PostgresStore::give_back(std::unique_ptr<PostgresConnection> connection) {
    const std::lock_guard lock(mutex_);
    if (connection->is_broken()) {
        --open_;  // dropped; the next one is made new
    } else {
        idle_.push_back(std::move(connection));
    }
    returned_.notify_one();
}

Result<void> PostgresStore::write_erased(const std::function<Result<void>(Tx&)>& closure) {
    MADANG_CHECK(t_writing != this);
    for (int attempt = 0;; ++attempt) {
        TRY(auto connection, begin("BEGIN ISOLATION LEVEL SERIALIZABLE"));
        std::vector<std::function<void()>> actions;
        Result<void> result;
        bool again = false;
        {
            ConnectionTx<PostgresConnection> tx(*connection, actions);
            t_writing = this;
            result = tx.outcome(closure(tx));
            t_writing = nullptr;
            if (result) {
                // Where the connection breaks here the outcome is not known: that is said, never retried.
                result = connection->run("COMMIT");
                if (!result && connection->is_broken()) {
                    result = fail(Code::unavailable, "the connection broke during the commit; whether it was kept is not known");
                }
            }
            again = !result && connection->wants_retry() && !connection->is_broken();
            if (!result && !connection->is_broken()) static_cast<void>(connection->run("ROLLBACK"));
        }
        give_back(std::move(connection));
        if (result) {
            for (const auto& action : actions) action();
            return result;
        }
        if (!again || attempt + 1 >= kAttempts) return result;
        pause(attempt);
    }
}

Result<void> PostgresStore::read_erased(const std::function<Result<void>(Reader&)>& closure) {
    TRY(auto connection, begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
    ConnectionReader<PostgresConnection> reader(*connection);
    const Result<void> result = closure(reader);
    if (!connection->is_broken()) static_cast<void>(connection->run(result ? "COMMIT" : "ROLLBACK"));
    give_back(std::move(connection));
    return result;
}

// After a restart of the server every idle connection is stale: they are dropped, and a new one is asked once.
Result<std::unique_ptr<PostgresConnection>> PostgresStore::begin(const std::string& statement) {
    for (int attempt = 0;; ++attempt) {
        TRY(auto connection, take());
        const auto begun = connection->run(statement);
        if (begun) return connection;
        const bool broken = connection->is_broken();
        give_back(std::move(connection));
        if (!broken || attempt > 0) return std::unexpected(begun.error());
        const std::lock_guard lock(mutex_);
        open_ -= idle_.size();
        idle_.clear();
    }
}

Result<void> PostgresStore::migrate(std::span<const Migration> migrations) {
    // Nodes that start together bring the tables forward one after another.
    TRY(auto guard, PostgresConnection::open(address_));
    TRY_DO(guard->run("SET statement_timeout = 0"));   // the first one may take its time
    TRY_DO(guard->run(format("SELECT pg_advisory_lock({})", lock_of("migrate"))));
    return apply_migrations(*this, migrations);
}

Result<bool> PostgresStore::try_lead(std::string_view task) {
    const std::lock_guard lock(leading_mutex_);
    if (const auto found = leading_.find(task); found != leading_.end()) {
        if (found->second->run("SELECT 1")) return true;
        leading_.erase(found);  // the connection broke, and the lock went with it
    }
    TRY(auto connection, PostgresConnection::open(address_));
    bool leads = false;
    TRY_DO(connection->query("SELECT CASE WHEN pg_try_advisory_lock($1) THEN 1 ELSE 0 END", {lock_of(task)},
                             [&](const Row& row) -> Result<void> {
                                 leads = row.integer(0) == 1;
                                 return {};
                             }));
    if (leads) leading_.emplace(task, std::move(connection));
    return leads;
}

void PostgresStore::stop_leading(std::string_view task) {
    const std::lock_guard lock(leading_mutex_);
    if (const auto found = leading_.find(task); found != leading_.end()) leading_.erase(found);
}

Health PostgresStore::health() {
    Health health;
    const auto read = read_erased([](Reader& reader) { return reader.query("SELECT 1", {}, [](const Row&) { return Result<void>(); }); });
    health.readable = read.has_value();
    if (!read) {
        health.reason = read.error().message;
        return health;
    }
    bool read_only = false;
    const auto asked = read_erased([&](Reader& reader) {
        return reader.query("SELECT CASE WHEN pg_is_in_recovery() THEN 1 ELSE 0 END", {}, [&](const Row& row) -> Result<void> {
            read_only = row.integer(0) == 1;
            return {};
        });
    });
    health.writable = asked.has_value() && !read_only;
    if (read_only) health.reason = "this server is a standby and takes no writes";
    if (!asked) health.reason = asked.error().message;
    return health;
}

Result<void> PostgresStore::backup_to(const std::string& path) { return copy_to_sqlite(*this, path); }

Result<void> run_alone(const std::string& address, const std::string& statement) {
    TRY(const auto connection, PostgresConnection::open(address));
    return connection->run(statement);
}

}  // namespace madang::store
