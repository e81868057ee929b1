#include "ledger/ledger.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "base/check.h"
#include "base/text.h"
#include "ledger/history.h"
#include "ledger/proof.h"

namespace madang::ledger {
namespace {

constexpr std::string_view kTask = "ledger";
constexpr auto kBatchEvery = std::chrono::milliseconds(100);
constexpr auto kRetryAfter = std::chrono::seconds(1);
constexpr std::int64_t kEntriesLevel = -1;

constexpr const char* kInsertAct =
    "INSERT INTO ledger_act (act_id, subject, kind, salt, content) VALUES ($1,$2,$3,$4,$5)";
constexpr const char* kWaiting =
    "SELECT act_id, salt, content FROM ledger_act WHERE leaf_index IS NULL ORDER BY act_id LIMIT $1";
constexpr const char* kPlace = "UPDATE ledger_act SET leaf_index=$2 WHERE act_id=$1";
constexpr const char* kPutTile =
    "INSERT INTO ledger_tile (level, tile_index, width, content) VALUES ($1,$2,$3,$4)"
    " ON CONFLICT (level, tile_index, width) DO NOTHING";
constexpr const char* kFindTile = "SELECT content FROM ledger_tile WHERE level=$1 AND tile_index=$2 AND width=$3";
constexpr const char* kDropPartial = "DELETE FROM ledger_tile WHERE level=$1 AND tile_index=$2 AND width<256";
constexpr const char* kFindCheckpoint = "SELECT note FROM ledger_checkpoint WHERE one=1";
constexpr const char* kPutCheckpoint =
    "INSERT INTO ledger_checkpoint (one, size, note) VALUES (1,$1,$2)"
    " ON CONFLICT (one) DO UPDATE SET size=excluded.size, note=excluded.note";
constexpr const char* kFindAct = "SELECT salt, content, leaf_index FROM ledger_act WHERE act_id=$1";
constexpr const char* kActsOf = "SELECT content FROM ledger_act WHERE subject=$1 ORDER BY act_id";
constexpr const char* kIdsOf = "SELECT act_id FROM ledger_act WHERE subject=$1 ORDER BY act_id";

Result<std::optional<Bytes>> find_tile(store::Reader& reader, std::int64_t level, std::uint64_t index, unsigned width) {
    return reader.first<Bytes>(kFindTile, {level, static_cast<std::int64_t>(index), std::int64_t{width}},
                               [](const store::Row& row) -> Result<Bytes> {
                                   const ByteSpan bytes = row.bytes(0);
                                   return Bytes(bytes.begin(), bytes.end());
                               });
}

TileReader tiles_of(store::Reader& reader) {
    return [&reader](const TilePath& path) -> Result<Bytes> {
        TRY(auto found, find_tile(reader, path.level, path.index, path.width));
        if (!found) return fail(Code::not_found, format("there is no {}", format_tile_path(path)));
        return std::move(*found);
    };
}

// The right edge of the tree while a batch is added to it: the last, partial tile of each level.
class Edge {
public:
    Edge(store::Tx& tx, std::uint64_t size) : tx_(tx), size_(size) {}

    Result<void> load() {
        for (unsigned level = 0; level * 8 < 64 && (size_ >> (level * 8)) > 0; ++level) {
            const std::uint64_t hashes = size_ >> (level * 8);
            const auto width = static_cast<unsigned>(hashes % kTileWidth);
            levels_.emplace_back();
            if (width == 0) continue;
            TRY(const auto tile, find_tile(tx_, level, hashes / kTileWidth, width));
            if (!tile) return fail(Code::corrupted, format("the tree of {} lacks its last tile of level {}", size_, level));
            TRY(levels_.back(), parse_tile(*tile));
        }
        const auto width = static_cast<unsigned>(size_ % kTileWidth);
        if (width > 0) {
            TRY(const auto bundle, find_tile(tx_, kEntriesLevel, size_ / kTileWidth, width));
            if (!bundle) return fail(Code::corrupted, format("the tree of {} lacks its last bundle", size_));
            bundle_ = *bundle;
        }
        return {};
    }

    Result<void> add(ByteSpan entry) {
        append_entry(bundle_, entry);
        TRY_DO(add_hash(0, leaf_hash(entry)));
        ++size_;
        if (size_ % kTileWidth == 0) {
            TRY_DO(put(kEntriesLevel, size_ / kTileWidth - 1, kTileWidth, std::exchange(bundle_, {})));
        }
        return {};
    }

    // The partial tiles that a checkpoint of this size requires, and the root.
    Result<Hash> finish() {
        for (unsigned level = 0; level < levels_.size(); ++level) {
            const auto width = levels_[level].size();
            if (width > 0) TRY_DO(put(level, (size_ >> (level * 8)) / kTileWidth, width, format_tile(levels_[level])));
        }
        if (!bundle_.empty()) TRY_DO(put(kEntriesLevel, size_ / kTileWidth, size_ % kTileWidth, bundle_));
        return range_hash(0, size_, node_reader(size_, [this](const TilePath& path) -> Result<Bytes> {
                              if (path.width < kTileWidth) return format_tile(levels_[path.level]);
                              TRY(auto found, find_tile(tx_, path.level, path.index, path.width));
                              if (!found) return fail(Code::corrupted, format("there is no {}", format_tile_path(path)));
                              return std::move(*found);
                          }));
    }
    std::uint64_t size() const { return size_; }

private:
    Result<void> add_hash(unsigned level, const Hash& hash) {
        if (level == levels_.size()) levels_.emplace_back();
        Hashes& row = levels_[level];
        row.push_back(hash);
        if (row.size() < kTileWidth) return {};
        const std::uint64_t index = ((size_ + 1) >> (level * 8)) / kTileWidth - 1;
        TRY_DO(put(level, index, kTileWidth, format_tile(row)));
        Hashes full = std::exchange(row, {});
        while (full.size() > 1) {
            for (std::size_t i = 0; i < full.size() / 2; ++i) full[i] = node_hash(full[2 * i], full[2 * i + 1]);
            full.resize(full.size() / 2);
        }
        return add_hash(level + 1, full.front());
    }

    Result<void> put(std::int64_t level, std::uint64_t index, std::size_t width, Bytes content) {
        const auto place = static_cast<std::int64_t>(index);
        TRY_DO(tx_.execute(kPutTile, {level, place, static_cast<std::int64_t>(width), std::move(content)}));
        // tlog-tiles: partial tiles may go once the full one is there.
        if (width == kTileWidth) TRY_DO(tx_.execute(kDropPartial, {level, place}));
        return {};
    }

    store::Tx& tx_;
    std::uint64_t size_;
    std::vector<Hashes> levels_;
    Bytes bundle_;
};

struct WaitingAct {
    std::string id;
    Salt salt;
    std::string content;
};

Result<Salt> salt_of(ByteSpan bytes) {
    Salt salt;
    if (bytes.size() != salt.size()) return fail(Code::corrupted, "a salt of the ledger has not 16 bytes");
    std::ranges::copy(bytes, salt.begin());
    return salt;
}

}  // namespace

struct Ledger::Worker {
    std::mutex mutex;
    std::condition_variable changed;
    bool stopping = false;
    bool waiting = true;  // acts may wait from before the start
    std::thread thread;
};

Ledger::Ledger(store::Store& store, const crypto::Ed25519Key& key, std::string origin, const Clock& clock, Random& random, Log& log)
    : store_(store), key_(key), origin_(std::move(origin)), clock_(clock), random_(random), log_(log),
      worker_(std::make_unique<Worker>()) {}

Ledger::~Ledger() { stop(); }

Result<void> Ledger::append(store::Tx& tx, const Act& act) { return append_many(tx, {act}); }

Result<void> Ledger::append_many(store::Tx& tx, const std::vector<Act>& acts) {
    std::vector<store::Values> rows;
    rows.reserve(acts.size());
    for (const Act& act : acts) {
        Bytes salt(Salt{}.size());
        random_.fill(salt);
        rows.push_back({act.id.text(), act.subject, act.kind, std::move(salt), canonical_act(act)});
    }
    TRY_DO(tx.execute_many(kInsertAct, rows));
    tx.after_commit([this] {
        const std::lock_guard lock(worker_->mutex);
        worker_->waiting = true;
        worker_->changed.notify_one();
    });
    return {};
}

Result<Checkpoint> Ledger::current(store::Reader& reader) const {
    TRY(const auto note, reader.first<std::string>(kFindCheckpoint, {}, [](const store::Row& row) -> Result<std::string> {
        return std::string(row.text(0));
    }));
    if (!note) return Checkpoint{origin_, 0, empty_root()};
    return within(open_checkpoint(*note, verifier()), "the ledger's own checkpoint");
}

Result<std::size_t> Ledger::integrate(std::size_t at_most) {
    return store_.write<std::size_t>([&](store::Tx& tx) -> Result<std::size_t> {
        TRY(const auto waiting, tx.all<WaitingAct>(kWaiting, {static_cast<std::int64_t>(at_most)},
                                                   [](const store::Row& row) -> Result<WaitingAct> {
                                                       TRY(const Salt salt, salt_of(row.bytes(1)));
                                                       return WaitingAct{std::string(row.text(0)), salt, std::string(row.text(2))};
                                                   }));
        if (waiting.empty()) return std::size_t{0};
        TRY(const Checkpoint before, current(tx));
        Edge edge(tx, before.size);
        TRY_DO(edge.load());
        std::vector<store::Values> places;
        places.reserve(waiting.size());
        for (const WaitingAct& act : waiting) {
            places.push_back({act.id, static_cast<std::int64_t>(edge.size())});
            TRY_DO(edge.add(as_bytes(format_entry(commitment(act.salt, act.content)))));
        }
        TRY_DO(tx.execute_many(kPlace, places));
        TRY(const Hash root, edge.finish());
        const std::string note = sign_note(format_checkpoint({origin_, edge.size(), root}), origin_, key_);
        TRY_DO(tx.execute(kPutCheckpoint, {static_cast<std::int64_t>(edge.size()), note}));
        return waiting.size();
    });
}

void Ledger::start() {
    worker_->thread = std::thread([this] {
        bool leads = false;
        for (;;) {
            {
                std::unique_lock lock(worker_->mutex);
                worker_->changed.wait(lock, [&] { return worker_->stopping || worker_->waiting; });
                // A short pause gathers a batch; a stop still integrates what waits.
                if (!worker_->stopping) worker_->changed.wait_for(lock, kBatchEvery, [&] { return worker_->stopping; });
                if (worker_->stopping && !worker_->waiting) break;
                worker_->waiting = false;
            }
            if (!leads) leads = store_.try_lead(kTask).value_or(false);
            if (!leads) {
                // Another node integrates; look again later, it may go away.
                std::unique_lock lock(worker_->mutex);
                if (worker_->changed.wait_for(lock, kRetryAfter, [&] { return worker_->stopping; })) break;
                worker_->waiting = true;
                continue;
            }
            const auto done = integrate();
            if (!done) {
                log_.error("the ledger cannot integrate", {{"reason", done.error().message}});
                std::unique_lock lock(worker_->mutex);
                if (worker_->changed.wait_for(lock, kRetryAfter, [&] { return worker_->stopping; })) break;
                worker_->waiting = true;
            } else if (*done > 0) {
                const std::lock_guard lock(worker_->mutex);
                worker_->waiting = true;  // there may be more than one batch
            }
        }
        if (leads) store_.stop_leading(kTask);
    });
}

void Ledger::stop() {
    {
        const std::lock_guard lock(worker_->mutex);
        worker_->stopping = true;
        worker_->changed.notify_all();
    }
    if (worker_->thread.joinable()) worker_->thread.join();
}

Result<std::string> Ledger::checkpoint() {
    return store_.read<std::string>([&](store::Reader& reader) -> Result<std::string> {
        TRY(const auto note, reader.first<std::string>(kFindCheckpoint, {}, [](const store::Row& row) -> Result<std::string> {
            return std::string(row.text(0));
        }));
        if (note) return *note;
        return sign_note(format_checkpoint({origin_, 0, empty_root()}), origin_, key_);
    });
}

Result<Bytes> Ledger::tile(std::string_view path) {
    TRY(const TilePath wanted, parse_tile_path(path));
    return store_.read<Bytes>([&](store::Reader& reader) -> Result<Bytes> {
        const std::int64_t level = wanted.kind == TilePath::Kind::entries ? kEntriesLevel : std::int64_t{wanted.level};
        TRY(auto found, find_tile(reader, level, wanted.index, wanted.width));
        if (!found) return fail(Code::not_found, format("there is no {}", path));
        return std::move(*found);
    });
}

Result<std::optional<std::string>> Ledger::proof(const ActId& id) {
    return store_.read<std::optional<std::string>>([&](store::Reader& reader) -> Result<std::optional<std::string>> {
        struct Found {
            Salt salt;
            std::string content;
            std::optional<std::int64_t> index;
        };
        TRY(const auto found, reader.first<Found>(kFindAct, {id.text()}, [](const store::Row& row) -> Result<Found> {
            TRY(const Salt salt, salt_of(row.bytes(0)));
            return Found{salt, std::string(row.text(1)), row.integer_if(2)};
        }));
        if (!found) return fail(Code::not_found, format("there is no act {}", id.text()));
        if (!found->index) return std::nullopt;
        TRY(const Checkpoint checkpoint, current(reader));
        TRY(const auto note, reader.first<std::string>(kFindCheckpoint, {}, [](const store::Row& row) -> Result<std::string> {
            return std::string(row.text(0));
        }));
        Proof proof;
        proof.extra = format_extra(found->salt, found->content);
        proof.index = static_cast<std::uint64_t>(*found->index);
        TRY(proof.path, inclusion_proof(proof.index, checkpoint.size, node_reader(checkpoint.size, tiles_of(reader))));
        proof.checkpoint = note.value_or("");
        return format_proof(proof);
    });
}

Result<std::vector<Act>> Ledger::acts_of(store::Reader& reader, std::string_view subject) {
    return reader.all<Act>(kActsOf, {std::string(subject)}, [](const store::Row& row) -> Result<Act> {
        TRY(const json::value value, parse_json(row.text(0)));
        return parse_act(value);
    });
}

Result<std::string> Ledger::history_of(std::string_view subject) {
    TRY(const auto ids, store_.read<std::vector<std::string>>([&](store::Reader& reader) {
        return reader.all<std::string>(kIdsOf, {std::string(subject)},
                                       [](const store::Row& row) -> Result<std::string> { return std::string(row.text(0)); });
    }));
    std::vector<std::string> proofs;
    for (const std::string& text : ids) {
        TRY(const ActId id, ActId::parse(text));
        TRY(auto one, proof(id));
        if (!one) return fail(Code::unavailable, "an act of this case has no place in the ledger yet; try again in a second");
        proofs.push_back(std::move(*one));
    }
    return format_history(subject, proofs);
}

Result<void> Ledger::check_grown_from(std::string_view note) {
    TRY(const Checkpoint before, within(open_checkpoint(note, verifier()), "the remembered checkpoint"));
    return store_.read<bool>([&](store::Reader& reader) -> Result<bool> {
        TRY(const Checkpoint now, current(reader));
        if (now.size < before.size) {
            return fail(Code::corrupted, format("the ledger held {} acts and holds {} now: an old copy was put back", before.size, now.size));
        }
        TRY(const Hash root, range_hash(0, before.size, node_reader(now.size, tiles_of(reader))));
        if (root != before.root) return fail(Code::corrupted, format("the first {} acts of the ledger are not those that were signed", before.size));
        return true;
    }).transform([](bool) {});
}

}  // namespace madang::ledger
