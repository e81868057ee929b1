#include "ledger/checkpoint.h"

#include <algorithm>

#include "base/text.h"

namespace madang::ledger {

// https://c2sp.org/tlog-checkpoint, "Note text".
Result<Checkpoint> parse_checkpoint(std::string_view text) {
    if (!text.ends_with('\n')) return fail(Code::invalid, "a checkpoint ends with a line end");
    text.remove_suffix(1);
    const auto lines = split(text, '\n');
    if (lines.size() < 3) return fail(Code::invalid, "a checkpoint has an origin, a size and a root");
    for (const std::string_view line : lines) {
        if (line.empty()) return fail(Code::invalid, "a checkpoint has no empty lines");
    }
    Checkpoint checkpoint;
    checkpoint.origin = lines[0];
    TRY(checkpoint.size, within(parse_decimal(lines[1]), "the size in the checkpoint"));
    TRY(const Bytes root, within(parse_base64(lines[2]), "the root in the checkpoint"));
    if (root.size() != checkpoint.root.size()) return fail(Code::invalid, "the root in the checkpoint has not 32 bytes");
    std::ranges::copy(root, checkpoint.root.begin());
    return checkpoint;
}

std::string format_checkpoint(const Checkpoint& checkpoint) {
    return format("{}\n{}\n{}\n", checkpoint.origin, checkpoint.size, base64(checkpoint.root));
}

Result<Checkpoint> open_checkpoint(std::string_view note, const VerifierKey& log) {
    TRY(const std::string text, open_note(note, {&log, 1}));
    TRY(Checkpoint checkpoint, parse_checkpoint(text));
    if (checkpoint.origin != log.name) {
        return fail(Code::denied, format("the checkpoint is of the log {}, not of {}", checkpoint.origin, log.name));
    }
    return checkpoint;
}

}  // namespace madang::ledger
