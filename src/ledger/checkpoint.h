// A checkpoint is the log's statement "I hold exactly these entries", as the text of a signed note.
// Written format: docs/formats/checkpoint.md, after https://c2sp.org/tlog-checkpoint
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "ledger/merkle.h"
#include "ledger/note.h"

namespace madang::ledger {

struct Checkpoint {
    std::string origin;  // which log speaks; never empty
    TreeSize size = 0;
    Hash root{};         // of the first `size` entries

    friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

// The text of the note. Extension lines are ignored. Code::invalid on anything but the exact format.
Result<Checkpoint> parse_checkpoint(std::string_view text);
std::string format_checkpoint(const Checkpoint& checkpoint);

// A signed checkpoint of the log that the key is for: the key's name is its origin. Fails as open_note(),
// and with Code::denied where the checkpoint is of another origin.
Result<Checkpoint> open_checkpoint(std::string_view note, const VerifierKey& log);

}  // namespace madang::ledger
