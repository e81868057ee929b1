// The ledger of official acts. A command appends its acts in its own transaction; the integrator gives
// committed acts their places in the tree, in batches, and signs a checkpoint.
//
//   store.write([&](Tx& tx) { … return ledger.append(tx, act); });
//   ledger.start();                      // on every node; one of them leads
//   ledger.proof(act.id)                 // nothing until the act is integrated
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/random.h"
#include "crypto/ed25519.h"
#include "ledger/act.h"
#include "ledger/checkpoint.h"
#include "store/store.h"

namespace madang::ledger {

class Ledger {
public:
    // `origin` is the log's name, a schema-less URL; it stays the same for ever. `log` may be null.
    Ledger(store::Store& store, const crypto::Ed25519Key& key, std::string origin, const Clock& clock, Random& random,
           Log* log = nullptr);
    ~Ledger();
    Ledger(const Ledger&) = delete;
    Ledger& operator=(const Ledger&) = delete;

    // Part of the command's transaction; wakes the integrator after the commit. Code::conflict where an
    // act of this id is there already, Code::invalid where format_act() refuses it.
    Result<void> append(store::Tx& tx, const Act& act);
    Result<void> append(store::Tx& tx, std::span<const Act> acts);   // in this order; at most 65,536

    // Integrates one batch: what was appended together, up to about kMaxBatch acts; gives their number. One store transaction: a crash
    // leaves the old tree or the new one. Code::conflict where another node integrates at this time.
    Result<std::size_t> integrate();
    static constexpr std::size_t kMaxBatch = 16'384;

    // The background integrator: leads if no other node does, works within 100 ms of a commit.
    void start();
    void stop();

    // Refuses a store that was set back: compares its tree with the checkpoint remembered in `seen`, a
    // file outside the store, which is written anew after each publication from then on.
    // Code::corrupted where the store's tree is smaller than or inconsistent with the remembered one.
    Result<void> guard_against_rollback(const Path& seen);

    Result<std::string> checkpoint();                        // the signed note, also of the empty tree
    Result<std::string> tile(std::string_view path);         // bytes of "tile/0/x001/234", "tile/entries/…"
    Result<std::optional<std::string>> proof(const ActId& id);  // c2sp tlog-proof text; see proof.h
    // From checkpoint to checkpoint, for monitors; Code::invalid where the sizes are not in order.
    Result<std::vector<Hash>> consistency_proof(TreeSize old_size, TreeSize size);

    // In the order of the ledger, those not integrated yet last.
    Result<std::vector<Act>> acts_of(store::Reader& reader, std::string_view subject);
    // The case history of history.h.
    Result<std::string> history_of(store::Reader& reader, std::string_view subject);

    const std::string& origin() const { return origin_; }
    std::string verifier_key() const;      // what others need to check us

private:
    struct State;       // the right edge of the tree, kept between batches
    struct Worker;      // the background integrator

    Result<std::size_t> integrate_locked();
    std::string sign(TreeSize size, const Hash& root) const;
    std::int64_t next_moment();
    void work_until_stopped();

    store::Store& store_;
    const crypto::Ed25519Key key_;
    const std::string origin_;
    const Clock& clock_;
    Random& random_;
    Log* log_;
    std::unique_ptr<State> state_;
    std::unique_ptr<Worker> worker_;
};

}  // namespace madang::ledger
