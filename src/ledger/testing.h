// For tests of this room and of others: a ledger over a scratch store with a clock that stands still.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "base/time_text.h"
#include "ledger/ledger.h"
#include "ledger/migrations.h"
#include "store/testing.h"

namespace madang::ledger {

struct ScratchLedger {
    explicit ScratchLedger(const std::string& kind) : scratch(kind, migrations()) { reopen(); }

    // A Ledger that knows nothing of the one before, as after a restart.
    void reopen() { ledger = std::make_unique<Ledger>(*scratch, key, origin, clock, random); }

    Act act(std::string subject, std::string act_kind = "application.submitted") {
        Act made;
        made.id = make_id<ActId>(clock, random);
        made.kind = std::move(act_kind);
        made.at = clock.now();
        made.actor = "rule:residence";
        made.capacity = "system";
        made.body = "by.maladziecna";
        made.subject = std::move(subject);
        made.legal_ground = "1.3.4";
        made.details = {{"receipt", "7K2M"}};
        return made;
    }
    Result<void> append(const Act& made) {
        return scratch->write([&](store::Tx& tx) { return ledger->append(tx, made); });
    }
    Result<void> append(const std::vector<Act>& acts) {
        return scratch->write([&](store::Tx& tx) { return ledger->append(tx, acts); });
    }

    store::ScratchStore scratch;
    ManualClock clock{*parse_instant("2026-11-23T09:00:00Z")};
    SystemRandom random;
    crypto::Ed25519Key key = crypto::Ed25519Key::generate(random);
    std::string origin = "madang.example/by";
    std::unique_ptr<Ledger> ledger;
};

}  // namespace madang::ledger
