#include "store/sqlite_store.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "base/check.h"
#include "base/text.h"
#include "store/connection_tx.h"
#include "store/migrate.h"

namespace madang::store {
namespace {

constexpr std::size_t kMaxGroup = 512;          // closures in one commit
constexpr std::chrono::milliseconds kGroupTime(8);   // of work before one commit: a few times what its sync takes
constexpr std::size_t kMaxIdleReaders = 16;
constexpr std::uintmax_t kLeastSpace = 1U << 20;  // bytes free before a full disk is tried again
constexpr int kCheckpointPages = 4000;  // of the write-ahead log, about 16 MB

// The store whose writer thread this is; a write from inside a write would wait for itself.
thread_local const void* t_writing = nullptr;

}  // namespace

// A caller that waits for its closure; it lives on the caller's stack.
struct SqliteStore::Waiting {
    const std::function<Result<void>(Tx&)>* closure = nullptr;
    Result<void> result;
    std::vector<std::function<void()>> actions;

    // Asleep at once: std::atomic::wait gives the processor away again and again first, and many wait while one writes.
    void wait() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return done_; });
    }
    // The caller may be gone once the lock is free: nothing of it is touched later.
    void end() {
        const std::lock_guard lock(mutex_);
        done_ = true;
        changed_.notify_one();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool done_ = false;
};

Result<std::unique_ptr<Store>> SqliteStore::open(const std::string& path) {
    // The file is made with its mode before SQLite opens it: no moment when others could read it.
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) return fail(Code::unavailable, format("cannot open {}: {}", path, std::strerror(errno)));
    ::close(descriptor);
    std::unique_ptr<SqliteStore> store(new SqliteStore(path));
    TRY(store->writer_, SqliteConnection::open(path, SqliteConnection::Mode::writer));
    TRY_DO(store->writer_->run("PRAGMA wal_autocheckpoint=0;"));
    sqlite3_wal_hook(store->writer_->handle(), [](void* self, sqlite3*, const char*, int pages) {
        static_cast<SqliteStore*>(self)->pages_in_log_ = pages;
        return SQLITE_OK;
    }, store.get());
    store->thread_ = std::thread([raw = store.get()] { raw->write_until_stopped(); });
    return std::unique_ptr<Store>(std::move(store));
}

SqliteStore::~SqliteStore() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    arrived_.notify_all();
    if (thread_.joinable()) thread_.join();
    for (const auto& [task, descriptor] : leading_) ::close(descriptor);
}

Result<void> SqliteStore::write_erased(const std::function<Result<void>(Tx&)>& closure) {
    MADANG_CHECK(t_writing != this);
    Waiting waiting;
    waiting.closure = &closure;
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return fail(Code::unavailable, "the store is closing");
        queue_.push_back(&waiting);
    }
    arrived_.notify_one();
    waiting.wait();
    if (waiting.result) {
        for (const auto& action : waiting.actions) action();
    }
    return waiting.result;
}

void SqliteStore::write_until_stopped() {
    t_writing = this;
    std::vector<Waiting*> group, left;
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            arrived_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
            if (queue_.empty()) return;
            const std::size_t count = std::min(queue_.size(), kMaxGroup);
            group.assign(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count));
            queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count));
        }
        commit_group(group, left);
        for (Waiting* waiting : group) waiting->end();
        if (left.empty()) continue;
        const std::lock_guard lock(mutex_);
        queue_.insert(queue_.begin(), left.begin(), left.end());
        left.clear();
    }
}

void SqliteStore::commit_group(std::vector<Waiting*>& group, std::vector<Waiting*>& left) {
    const auto fail_all = [&](const Error& error) {
        for (Waiting* waiting : group) {
            if (waiting->result) waiting->result = std::unexpected(error);
        }
    };
    {
        const std::lock_guard lock(health_mutex_);
        if (sync_failed_) return fail_all({Code::unavailable, "a sync to the disk failed; nothing is written until a restart"});
    }
    if (const auto begun = writer_->execute("BEGIN IMMEDIATE", {}); !begun) {
        note(std::unexpected(begun.error()));
        return fail_all(begun.error());
    }
    std::optional<Error> full;   // a statement that found no room, though the others may go on
    const auto until = std::chrono::steady_clock::now() + kGroupTime;
    for (std::size_t i = 0; i < group.size(); ++i) {
        // Those that are done are answered, and ask anew, while the others are worked on.
        if (i > 0 && std::chrono::steady_clock::now() > until) {
            left.assign(group.begin() + static_cast<std::ptrdiff_t>(i), group.end());
            group.resize(i);
            break;
        }
        Waiting* const waiting = group[i];
        // Each closure in a savepoint of its own: one that fails takes nothing of the others with it.
        auto begun = writer_->execute("SAVEPOINT closure", {});
        if (begun) {
            ConnectionTx<SqliteConnection> tx(*writer_, waiting->actions);
            waiting->result = tx.outcome((*waiting->closure)(tx));
            if (tx.failed() && tx.failed()->code == Code::exhausted) full = tx.failed();
            if (sqlite3_get_autocommit(writer_->handle()) != 0) {
                // A full disk or an I/O error may roll the whole transaction back by itself.
                const Error error = waiting->result ? Error{Code::unavailable, "the transaction was rolled back"} : waiting->result.error();
                note(std::unexpected(error));
                return fail_all(error);
            }
            if (!waiting->result) begun = writer_->execute("ROLLBACK TO closure", {});
            if (begun) begun = writer_->execute("RELEASE closure", {});
        }
        if (!begun) waiting->result = std::unexpected(begun.error());
    }
    Result<void> committed;
    if (const auto ended = writer_->execute("COMMIT", {}); !ended) committed = std::unexpected(ended.error());
    note(committed && full ? Result<void>(std::unexpected(*full)) : committed);
    if (!committed) {
        static_cast<void>(writer_->run("ROLLBACK"));
        fail_all(committed.error());
        return;
    }
    if (pages_in_log_ >= kCheckpointPages) checkpoint();
}

// Moves the write-ahead log into the file. SQLite's own automatic checkpoint would hide a sync that fails.
void SqliteStore::checkpoint() {
    const int result = sqlite3_wal_checkpoint_v2(writer_->handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    pages_in_log_ = 0;
    if (result == SQLITE_OK || (result & 0xFF) == SQLITE_BUSY || (result & 0xFF) == SQLITE_LOCKED) return;
    note(fail((result & 0xFF) == SQLITE_FULL ? Code::exhausted : Code::unavailable, format("a checkpoint failed: {}", sqlite3_errstr(result))));
}

void SqliteStore::note(const Result<void>& committed) {
    const std::lock_guard lock(health_mutex_);
    trouble_ = committed ? std::string() : committed.error().message;
    const int code = sqlite3_extended_errcode(writer_->handle());
    if (!committed && (code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC)) sync_failed_ = true;
}

Result<void> SqliteStore::read_erased(const std::function<Result<void>(Reader&)>& closure) {
    std::unique_ptr<SqliteConnection> connection;
    {
        const std::lock_guard lock(readers_mutex_);
        if (!idle_readers_.empty()) {
            connection = std::move(idle_readers_.back());
            idle_readers_.pop_back();
        }
    }
    if (!connection) {
        TRY(connection, SqliteConnection::open(path_, SqliteConnection::Mode::reader));
    }
    TRY_DO(connection->execute("BEGIN", {}));
    ConnectionReader<SqliteConnection> reader(*connection);
    auto result = closure(reader);
    const auto ended = connection->execute("COMMIT", {});
    if (!ended) return result ? std::unexpected(ended.error()) : result;  // the connection is dropped
    give_back(std::move(connection));
    return result;
}

void SqliteStore::give_back(std::unique_ptr<SqliteConnection> connection) {
    const std::lock_guard lock(readers_mutex_);
    if (idle_readers_.size() < kMaxIdleReaders) idle_readers_.push_back(std::move(connection));
}

Result<void> SqliteStore::migrate(std::span<const Migration> migrations) { return apply_migrations(*this, migrations); }

Result<bool> SqliteStore::try_lead(std::string_view task) {
    const std::lock_guard lock(leading_mutex_);
    if (leading_.contains(task)) return true;
    const std::string file = format("{}.{}.lock", path_, task);
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) return fail(Code::unavailable, format("cannot open {}: {}", file, std::strerror(errno)));
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        ::close(descriptor);
        return false;
    }
    leading_.emplace(task, descriptor);
    return true;
}

void SqliteStore::stop_leading(std::string_view task) {
    const std::lock_guard lock(leading_mutex_);
    if (const auto found = leading_.find(task); found != leading_.end()) {
        ::close(found->second);
        leading_.erase(found);
    }
}

Health SqliteStore::health() {
    Health health;
    health.readable = read_erased([](Reader& reader) { return reader.query("SELECT 1", {}, [](const Row&) { return Result<void>(); }); }).has_value();
    bool in_trouble = false;
    {
        const std::lock_guard lock(health_mutex_);
        in_trouble = !trouble_.empty();
    }
    // After a failure a small write tells whether the disk takes data again. It could find room in the
    // log where a real one would not, so there must be some space as well.
    std::error_code unknown;
    if (in_trouble && std::filesystem::space(path_, unknown).available >= kLeastSpace) {
        static_cast<void>(write_erased([](Tx& tx) -> Result<void> {
            TRY_DO(tx.execute("CREATE TABLE IF NOT EXISTS store_probe (probed BIGINT)"));
            TRY_DO(tx.execute("DELETE FROM store_probe"));
            TRY_DO(tx.execute("INSERT INTO store_probe VALUES ($1)", {std::int64_t{1}}));
            return {};
        }));
    }
    const std::lock_guard lock(health_mutex_);
    health.reason = trouble_;
    health.writable = trouble_.empty() && !sync_failed_;
    return health;
}

Result<void> SqliteStore::backup_to(const std::string& path) {
    std::error_code unknown;
    if (std::filesystem::exists(path, unknown)) return fail(Code::conflict, format("{} is there already", path));
    TRY(auto source, SqliteConnection::open(path_, SqliteConnection::Mode::reader));
    const std::string beside = path + ".new";
    std::filesystem::remove(beside, unknown);
    {
        TRY(auto target, SqliteConnection::open(beside, SqliteConnection::Mode::writer));
        TRY_DO(target->run("PRAGMA journal_mode=DELETE;"));
        sqlite3_backup* backup = sqlite3_backup_init(target->handle(), "main", source->handle(), "main");
        if (backup == nullptr) return fail(Code::unavailable, "the backup cannot begin");
        const int copied = sqlite3_backup_step(backup, -1);  // one snapshot; writers go on beside it
        const int finished = sqlite3_backup_finish(backup);
        if (copied != SQLITE_DONE || finished != SQLITE_OK) {
            return fail((copied & 0xFF) == SQLITE_FULL ? Code::exhausted : Code::unavailable,
                        format("the backup stopped: {}", sqlite3_errstr(copied != SQLITE_DONE ? copied : finished)));
        }
        std::string verdict;
        TRY_DO(target->query("PRAGMA integrity_check(1)", {}, [&](const Row& row) -> Result<void> {
            verdict = row.text(0);
            return {};
        }));
        if (verdict != "ok") return fail(Code::corrupted, format("the backup is damaged: {}", verdict));
    }
    const int descriptor = ::open(beside.c_str(), O_RDWR | O_CLOEXEC);
    const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
    if (descriptor >= 0) ::close(descriptor);
    if (!synced) return fail(Code::unavailable, format("cannot sync {}", beside));
    ::chmod(beside.c_str(), 0600);
    std::error_code error;
    std::filesystem::rename(beside, path, error);
    if (error) return fail(Code::unavailable, format("cannot rename {}: {}", beside, error.message()));
    // The name is on disk only once its folder is.
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    const int opened = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool kept = opened >= 0 && ::fsync(opened) == 0;
    if (opened >= 0) ::close(opened);
    if (!kept) return fail(Code::unavailable, format("cannot sync the folder of {}", path));
    return {};
}

}  // namespace madang::store
