#include "ledger/ledger.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/check.h"
#include "base/text.h"
#include "ledger/detail/edge.h"
#include "ledger/detail/ledger_repository.h"
#include "ledger/note.h"

namespace madang::ledger {
namespace {

constexpr auto kPause = std::chrono::milliseconds(100);   // between batches, while there is work
constexpr auto kLook = std::chrono::seconds(2);           // for acts of other nodes and for the lead
constexpr std::size_t kMaxAppended = 65'536;
constexpr std::string_view kTask = "ledger.integrate";

}  // namespace

struct Ledger::State {
    std::mutex integrating;              // one batch at a time in this process
    std::optional<detail::Edge> edge;    // none: to be read from the store
    Path seen;                           // empty: no file remembers the checkpoint
    std::atomic<std::int64_t> last_moment{0};
};

struct Ledger::Worker {
    std::mutex mutex;
    std::condition_variable woken;
    bool work = false;
    bool stopping = false;
    std::thread thread;

    void wake() {
        {
            const std::lock_guard lock(mutex);
            work = true;
        }
        woken.notify_one();
    }
};

Ledger::Ledger(store::Store& store, const crypto::Ed25519Key& key, std::string origin, const Clock& clock, Random& random, Log* log)
    : store_(store), key_(key), origin_(std::move(origin)), clock_(clock), random_(random), log_(log),
      state_(std::make_unique<State>()), worker_(std::make_unique<Worker>()) {
    MADANG_CHECK(is_key_name(origin_));
}

Ledger::~Ledger() { stop(); }

std::string Ledger::verifier_key() const { return format_verifier_key(origin_, key_.public_key()); }

std::string Ledger::sign(TreeSize size, const Hash& root) const {
    return sign_note(format_checkpoint({origin_, size, root}), origin_, key_);
}

// The clock's microsecond, made to grow, so that the acts of one command keep their order in the tree.
std::int64_t Ledger::next_moment() {
    const std::int64_t now = clock_.now().time_since_epoch().count();
    std::int64_t last = state_->last_moment.load(std::memory_order_relaxed);
    while (!state_->last_moment.compare_exchange_weak(last, std::max(last + 1, now), std::memory_order_relaxed)) {}
    return std::max(last + 1, now);
}

Result<void> Ledger::append(store::Tx& tx, const Act& act) { return append(tx, std::span(&act, 1)); }

Result<void> Ledger::append(store::Tx& tx, std::span<const Act> acts) {
    if (acts.empty()) return {};
    if (acts.size() > kMaxAppended) return fail(Code::exhausted, format("at most {} acts are appended at once", kMaxAppended));
    std::vector<Salt> salts(acts.size());
    random_.fill({salts.front().data(), salts.size() * sizeof(Salt)});
    detail::NewGroup group;
    group.appended_at = next_moment();
    group.acts.reserve(acts.size());
    group.commitments.reserve(acts.size() * sizeof(Hash));
    for (std::size_t i = 0; i < acts.size(); ++i) {
        TRY(std::string content, format_act(acts[i]));
        group.add(acts[i], salts[i], std::move(content));
    }
    TRY_DO(detail::insert_group(tx, group));
    tx.after_commit([worker = worker_.get()] { worker->wake(); });
    return {};
}

Result<std::size_t> Ledger::integrate() {
    const std::lock_guard lock(state_->integrating);
    auto done = integrate_locked();
    // Whether the store took the batch is not known after a failure: the edge is read anew.
    if (!done) state_->edge.reset();
    return done;
}

Result<std::size_t> Ledger::integrate_locked() {
    struct Work {
        detail::Tree tree;
        std::vector<detail::PendingGroup> groups;
        std::optional<detail::Edge> edge;
    };
    const TreeSize known = state_->edge ? state_->edge->size() : UINT64_MAX;
    TRY(Work work, store_.read<Work>([&](store::Reader& reader) -> Result<Work> {
        Work found;
        TRY(found.tree, detail::find_tree(reader));
        TRY(found.groups, detail::pending_groups(reader, kMaxBatch));
        if (found.tree.size != known && !found.groups.empty()) {
            TRY(found.edge, detail::Edge::read(found.tree.size, detail::reading_from(reader)));
        }
        return found;
    }));
    if (work.groups.empty()) return std::size_t{0};
    if (work.edge) state_->edge = std::move(work.edge);

    detail::Edge edge = *state_->edge;
    std::vector<detail::Piece> pieces;
    std::vector<detail::Placed> placed;
    placed.reserve(work.groups.size());
    for (auto& group : work.groups) {
        placed.push_back({std::move(group.id), edge.size()});
        for (const Hash& commitment : group.commitments) edge.add(entry_of(commitment), pieces);
    }
    edge.add_partial(work.tree.size, pieces);
    const detail::Tree next{edge.size(), sign(edge.size(), edge.root())};
    TRY_DO(store_.write([&](store::Tx& tx) -> Result<void> {
        TRY_DO(detail::advance_tree(tx, work.tree.size, next));
        TRY_DO(detail::place_groups(tx, placed));
        return detail::put_pieces(tx, pieces);
    }));
    state_->edge = std::move(edge);
    if (!state_->seen.empty()) {
        if (const auto kept = write_file_whole(state_->seen, next.checkpoint, Readable::by_owner); !kept && log_ != nullptr) {
            log_->error("the checkpoint could not be remembered outside the store", {{"reason", kept.error().message}});
        }
    }
    return static_cast<std::size_t>(next.size - work.tree.size);
}

void Ledger::start() {
    if (worker_->thread.joinable()) return;
    worker_->stopping = false;
    worker_->work = true;   // what was committed before the start
    worker_->thread = std::thread([this] { work_until_stopped(); });
}

void Ledger::stop() {
    if (!worker_->thread.joinable()) return;
    {
        const std::lock_guard lock(worker_->mutex);
        worker_->stopping = true;
    }
    worker_->woken.notify_one();
    worker_->thread.join();
    store_.stop_leading(kTask);
}

void Ledger::work_until_stopped() {
    bool failing = false;
    const auto report = [&](const Error& error) {
        if (!failing && error.code != Code::conflict && log_ != nullptr) log_->error("acts wait to be integrated", {{"reason", error.message}});
        failing = true;
    };
    for (;;) {
        {
            std::unique_lock lock(worker_->mutex);
            worker_->woken.wait_for(lock, kLook, [&] { return worker_->work || worker_->stopping; });
            if (worker_->stopping) return;
            worker_->work = false;
        }
        const auto leads = store_.try_lead(kTask);
        if (!leads) report(leads.error());
        if (leads && *leads) {
            auto done = integrate();
            while (done && *done >= kMaxBatch) done = integrate();
            if (!done) {
                report(done.error());
                if (done.error().code == Code::conflict) worker_->wake();
            } else {
                failing = false;
            }
        }
        std::unique_lock lock(worker_->mutex);
        worker_->woken.wait_for(lock, kPause, [&] { return worker_->stopping; });
        if (worker_->stopping) return;
    }
}

Result<void> Ledger::guard_against_rollback(const Path& seen) {
    const std::lock_guard lock(state_->integrating);
    TRY(const std::string current_note, checkpoint());
    const VerifierKey own = ledger::verifier_key(origin_, key_.public_key());
    TRY(const Checkpoint current, within(open_checkpoint(current_note, own), "the store's checkpoint"));
    const auto remembered_note = read_file(seen, 64U << 10);
    if (remembered_note) {
        const auto opened = open_checkpoint(*remembered_note, own);
        if (!opened) return fail(Code::corrupted, format("{}: {}", seen.string(), opened.error().message));
        if (opened->size > current.size) {
            return fail(Code::corrupted, format("the store was set back: it holds {} acts, and {} were published (remembered in {}). Restore a newer backup",
                                                current.size, opened->size, seen.string()));
        }
        TRY(const Hash root, store_.read<Hash>([&](store::Reader& reader) {
            return make_root(opened->size, hashes_in_tiles(current.size, detail::reading_from(reader)));
        }));
        if (root != opened->root) {
            return fail(Code::corrupted, format("the first {} acts of the store are not those that were published (remembered in {})", opened->size, seen.string()));
        }
    } else if (remembered_note.error().code != Code::not_found) {
        return std::unexpected(remembered_note.error());
    }
    TRY_DO(write_file_whole(seen, current_note, Readable::by_owner));
    state_->seen = seen;
    return {};
}

}  // namespace madang::ledger
