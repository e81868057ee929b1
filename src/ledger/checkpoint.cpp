#include "ledger/checkpoint.h"

#include <algorithm>

#include "base/text.h"

namespace madang::ledger {

std::string format_checkpoint(const Checkpoint& checkpoint) {
    return format("{}\n{}\n{}\n", checkpoint.origin, checkpoint.size, base64(checkpoint.root));
}

Result<Checkpoint> parse_checkpoint(std::string_view body) {
    if (!body.ends_with('\n')) return fail(Code::invalid, "the checkpoint does not end in a newline");
    const auto lines = split(body.substr(0, body.size() - 1), '\n');
    if (lines.size() < 3) return fail(Code::invalid, "a checkpoint has an origin, a size and a root");
    if (lines[0].empty()) return fail(Code::invalid, "the checkpoint's origin is empty");
    if (std::ranges::any_of(lines, &std::string_view::empty)) return fail(Code::invalid, "the checkpoint holds an empty line");
    Checkpoint checkpoint;
    checkpoint.origin = std::string(lines[0]);
    TRY(checkpoint.size, within(parse_decimal(lines[1]), "tree size"));
    TRY(const Bytes root, within(parse_base64(lines[2]), "root"));
    if (root.size() != checkpoint.root.size()) return fail(Code::invalid, "the root has not 32 bytes");
    std::ranges::copy(root, checkpoint.root.begin());
    return checkpoint;
}

Result<Checkpoint> open_checkpoint(std::string_view note, const VerifierKey& key) {
    TRY(const std::string body, open_note(note, key));
    TRY(Checkpoint checkpoint, parse_checkpoint(body));
    if (checkpoint.origin != key.name) {
        return fail(Code::denied, format("the checkpoint of {} is signed by {}", checkpoint.origin, key.name));
    }
    return checkpoint;
}

}  // namespace madang::ledger
