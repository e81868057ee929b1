#include "learning/signed_lines.h"

#include <filesystem>

#include "base/text.h"
#include "crypto/ed25519.h"

namespace madang::learning {
namespace {

constexpr std::size_t kMaxBytes = 512U << 20;

}  // namespace

Result<LinesRead> SignedLines::read() const {
    LinesRead read;
    std::error_code problem;
    if (!std::filesystem::exists(file_, problem)) return read;
    TRY(read.text, read_file(file_, kMaxBytes));
    TRY(const crypto::Ed25519Key key, crypto::Ed25519Key::from_seed(seed_));
    for (const std::string_view line : split(read.text, '\n')) {
        if (line.empty()) continue;
        TRY(const json::value value, within(parse_json(line), format("{}: line {}", file_.string(), read.lines.size() + 1)));
        if (!value.is_object()) return fail(Code::corrupted, format("{}: a line is an object", file_.string()));
        json::object object = value.get_object();
        const std::string given = string_or(object, "signature", "");
        object.erase("signature");
        const auto bytes = parse_hex(given);
        if (!bytes || !key.public_key().verify(as_bytes(read.last_signature + canonical_json(object)), *bytes)) {
            return fail(Code::corrupted, format("{}: line {} is not signed by this folder's key", file_.string(), read.lines.size() + 1));
        }
        read.lines.push_back(std::move(object));
        read.last_signature = given;
    }
    return read;
}

Result<void> SignedLines::add(const std::vector<json::object>& lines) const {
    TRY(const FileLock alone, FileLock::take(file_.string() + ".lock"));
    TRY(LinesRead before, read());
    TRY(const crypto::Ed25519Key key, crypto::Ed25519Key::from_seed(seed_));
    for (json::object line : lines) {
        before.last_signature = hex(key.sign(as_bytes(before.last_signature + canonical_json(line))));
        line["signature"] = before.last_signature;
        before.text += json::serialize(line) + "\n";
    }
    return write_file_whole(file_, before.text);
}

}  // namespace madang::learning
