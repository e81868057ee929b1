// A copy of the ledger as static files (https://c2sp.org/tlog-tiles): checkpoint, tile/<level>/…,
// tile/entries/…. Anyone can serve it and anyone can check it, without our server and store. It holds
// commitments only; the acts themselves stay in the store and in case histories.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"
#include "ledger/checkpoint.h"
#include "store/store.h"

namespace madang::ledger {

using CopyProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;  // acts

struct ExportSummary {
    TreeSize size = 0;
    std::uint64_t files_written = 0;   // files that were there with the same bytes do not count
};

// Writes or brings forward a copy; the checkpoint comes last, so a copy that was broken off is the old
// one. Code::conflict where the folder holds a copy of another log, or a longer one.
Result<ExportSummary> export_copy(store::Store& store, const Path& folder, const CopyProgress& progress = {});

enum class Wrong { nothing, checkpoint, tile, entries, act };
std::string_view name_of(Wrong wrong);

struct CopyVerdict {
    TreeSize size = 0;
    Wrong wrong = Wrong::nothing;
    std::optional<LeafIndex> first_wrong;   // the first act that does not stand as signed
    std::string path;                       // the file that disagrees
    std::string finding;                    // one sentence; empty when all is well
    bool good() const { return wrong == Wrong::nothing; }
};

// Hashes every entry, rebuilds every tile and the root, and compares them with the files and the signed
// checkpoint. `key` is a verifier key. Fails with Code::not_found where the folder holds no checkpoint
// and Code::denied where another log's key signed it; everything else is a verdict.
Result<CopyVerdict> verify_copy(const Path& folder, std::string_view key, const CopyProgress& progress = {});

// The same for the tables of a store, with every stored act against its entry.
Result<CopyVerdict> verify_store(store::Store& store, std::string_view key, const CopyProgress& progress = {});

}  // namespace madang::ledger
