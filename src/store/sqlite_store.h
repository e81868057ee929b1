// The store on one machine: SQLite in WAL mode with synchronous=FULL, one writer thread that commits
// what waits in one group, and readers on snapshots.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "base/file.h"
#include "store/sqlite_connection.h"
#include "store/store.h"

namespace madang::store {

class SqliteStore final : public Store {
public:
    static Result<std::unique_ptr<Store>> open(const std::string& path);
    ~SqliteStore() override;

    Result<void> migrate(std::span<const Migration> migrations) override;
    Result<bool> try_lead(std::string_view task) override;
    void stop_leading(std::string_view task) override;
    Health health() override;
    std::string_view kind() const override { return "sqlite"; }
    Result<void> backup_to(const std::string& path) override;

protected:
    Result<void> write_erased(const std::function<Result<void>(Tx&)>& closure) override;
    Result<void> read_erased(const std::function<Result<void>(Reader&)>& closure) override;

private:
    struct Waiting;
    explicit SqliteStore(std::string path) : path_(std::move(path)) {}
    void write_until_stopped();
    void commit_group(std::vector<Waiting*>& group, std::vector<Waiting*>& left);
    void note(const Result<void>& committed);
    void checkpoint();
    void give_back(std::unique_ptr<SqliteConnection> connection);

    std::string path_;
    std::unique_ptr<SqliteConnection> writer_;
    int pages_in_log_ = 0;       // of the writer thread
    std::thread thread_;
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<Waiting*> queue_;
    bool stopping_ = false;

    std::mutex readers_mutex_;
    std::vector<std::unique_ptr<SqliteConnection>> idle_readers_;

    std::mutex health_mutex_;
    std::string trouble_;        // why the last commit failed; empty when it did not
    bool sync_failed_ = false;   // an fsync failed: what is on disk is unknown, no write is taken any more

    std::mutex leading_mutex_;
    std::map<std::string, int, std::less<>> leading_;  // task → descriptor of its lock file
};

}  // namespace madang::store
