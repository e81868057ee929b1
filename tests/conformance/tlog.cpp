// The suite `tlog`: transparency logs. Reads any folder that holds, at any depth,
//   inclusion/ consistency/ subtreeinclusion/ subtreeconsistency/   proofs as JSON with "wantErr"
//   a log: checkpoint or checkpoint.<size>, tile/…                  each checkpoint against tiles and entries
//   *.md of c2sp.org                                                the examples printed in them
//
//   conformance_tlog DIR
#include <algorithm>
#include <map>
#include <set>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "conformance/suite.h"
#include "ledger/checkpoint.h"
#include "ledger/proof.h"
#include "ledger/tile.h"

namespace madang::conformance {
namespace {

using namespace ledger;

constexpr std::size_t kMaxFiles = 200'000;
const Path kPublicKey = "publickey";   // beside a log: its verifier key

// A number of a test: int64 or uint64 in JSON, never negative in these suites.
Result<std::uint64_t> number_at(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(key);
    if (value == nullptr) return fail(Code::invalid, format("\"{}\" is missing", key));
    if (value->is_uint64()) return value->get_uint64();
    if (value->is_int64() && value->get_int64() >= 0) return static_cast<std::uint64_t>(value->get_int64());
    return fail(Code::invalid, format("\"{}\" is no number from 0 to 2^64 - 1", key));
}

Result<Bytes> bytes_at(const json::object& object, std::string_view key) {
    TRY(const std::string text, string_at(object, key, "the case"));
    return parse_base64(text);
}

Result<Hash> hash_of(const Bytes& bytes, std::string_view what) {
    Hash hash;
    if (bytes.size() != hash.size()) return fail(Code::invalid, format("{} has {} bytes", what, bytes.size()));
    std::ranges::copy(bytes, hash.begin());
    return hash;
}

Result<std::vector<Hash>> proof_at(const json::object& object) {
    std::vector<Hash> proof;
    const json::value* value = object.if_contains("proof");
    if (value == nullptr || value->is_null()) return proof;
    if (!value->is_array()) return fail(Code::invalid, "\"proof\" is no list");
    for (const json::value& item : value->get_array()) {
        if (!item.is_string()) return fail(Code::invalid, "a hash of the proof is no text");
        TRY(const Bytes bytes, parse_base64(item.get_string()));
        TRY(const Hash hash, hash_of(bytes, "a hash of the proof"));
        proof.push_back(hash);
    }
    return proof;
}

// What our code says of one case.
Result<void> judge(std::string_view kind, const json::object& object) {
    TRY(const auto proof, proof_at(object));
    if (kind == "consistency") {
        TRY(const auto size1, number_at(object, "size1"));
        TRY(const auto size2, number_at(object, "size2"));
        TRY(const Bytes root1, bytes_at(object, "root1"));
        TRY(const Bytes root2, bytes_at(object, "root2"));
        return check_consistency(size1, size2, proof, root1, root2);
    }
    if (kind == "subtreeconsistency") {
        TRY(const auto start, number_at(object, "start"));
        TRY(const auto end, number_at(object, "end"));
        TRY(const auto size, number_at(object, "size"));
        TRY(const Bytes root1, bytes_at(object, "root1"));
        TRY(const Bytes root2, bytes_at(object, "root2"));
        return check_subtree_consistency(start, end, size, proof, root1, root2);
    }
    TRY(const auto index, number_at(object, "leafIdx"));
    TRY(const Bytes leaf_bytes, bytes_at(object, "leafHash"));
    TRY(const Hash leaf, hash_of(leaf_bytes, "leafHash"));
    TRY(const Bytes root, bytes_at(object, "root"));
    if (kind == "inclusion") {
        TRY(const auto size, number_at(object, "treeSize"));
        return check_inclusion(index, size, leaf, proof, root);
    }
    TRY(const auto start, number_at(object, "start"));
    TRY(const auto end, number_at(object, "end"));
    return check_subtree_inclusion(index, start, end, leaf, proof, root);
}

// The folder that says what kind of proof a file holds: the last one with such a name.
std::string kind_of(std::string_view file, const Path& root) {
    const std::set<std::string_view> kinds{"inclusion", "consistency", "subtreeinclusion", "subtreeconsistency"};
    const std::string whole = (root / file).string();
    std::string kind;
    for (const std::string_view element : split(whole, '/')) {
        if (kinds.contains(element)) kind = element;
    }
    return kind;
}

void check_proof_file(const std::string& name, const std::string& kind, std::string_view text, Tally& tally) {
    const auto value = parse_json(text);
    if (!value || !value->is_object() || !value->get_object().contains("wantErr")) {
        return tally.expect(false, name, value ? "no case with \"wantErr\"" : value.error().message);
    }
    const bool want_error = bool_or(value->get_object(), "wantErr", false);
    const auto said = judge(kind, value->get_object());
    tally.expect(said.has_value() != want_error, name, said ? "a wrong proof was accepted" : said.error().message);
}

// --- logs -------------------------------------------------------------------------------------------

class Log {
public:
    Log(Path folder, std::string name, Tally& tally) : folder_(std::move(folder)), name_(std::move(name)), tally_(tally) {
        find_key(folder_ / kPublicKey);
        if (keys_.empty()) find_key(MADANG_TLOG_KEYS);
    }

    void check(const std::string& file) {
        const std::string name = name_ + "/" + file;
        const auto note = read_file(folder_ / file, 1U << 20);
        if (!note) return tally_.expect(false, name, note.error().message);
        const auto checked = check_note(*note);
        tally_.expect(checked.has_value(), name, checked ? "" : checked.error().message);
    }

    // Any two checkpoints of one log are consistent by a proof made from its tiles.
    void check_consistency_of_all() {
        for (auto older = roots_.begin(); older != roots_.end(); ++older) {
            for (auto newer = std::next(older); newer != roots_.end(); ++newer) {
                if (older->first == 0) continue;
                const std::string name = format("{}: consistency of {} and {}", name_, older->first, newer->first);
                const auto proof = make_consistency_proof(older->first, newer->first, hashes(newer->first));
                const auto held = proof ? check_consistency(older->first, newer->first, *proof, older->second, newer->second)
                                        : Result<void>(std::unexpected(proof.error()));
                tally_.expect(held.has_value(), name, held ? "" : held.error().message);
            }
        }
    }

private:
    void find_key(const Path& file) {
        const auto text = read_file(file, 64U << 10);
        if (!text) return;
        for (const std::string_view line : split(*text, '\n')) {
            if (trim(line).empty() || line.starts_with('#')) continue;
            const auto key = parse_verifier_key(trim(line));
            tally_.expect(key.has_value(), file.string(), key ? "" : key.error().message);
            if (key) keys_.push_back(*key);
        }
    }

    // Nothing but a skip by name where no key of this log is known.
    Result<void> check_signature(const std::string& note, const std::string& origin) {
        for (const VerifierKey& key : keys_) {
            if (key.name != origin) continue;
            TRY_DO(open_checkpoint(note, key));
            return {};
        }
        if (!said_) tally_.skip(name_, format("no verifier key of {} is known (file \"publickey\"): signatures are not checked, all else is", origin));
        said_ = true;
        return {};
    }

    // A partial resource, or the full one that has replaced it, cut.
    Result<std::string> read(const TilePath& path) const {
        auto bytes = read_file(folder_ / format_tile_path(path), 1U << 25);
        if (bytes || path.width == kTileWidth) return bytes;
        TilePath full = path;
        full.width = kTileWidth;
        TRY(std::string whole, read_file(folder_ / format_tile_path(full), 1U << 25));
        if (path.level) return whole.substr(0, path.width * Hash{}.size());
        TRY(const auto entries, parse_bundle(whole, kTileWidth));
        std::string cut;
        for (unsigned i = 0; i < path.width; ++i) append_entry(cut, entries[i]);
        return cut;
    }

    HashAt hashes(TreeSize size) const {
        return hashes_in_tiles(size, [this](const TilePath& path) { return read(path); });
    }

    Result<void> check_note(const std::string& note_text) {
        TRY(const Note note, parse_note(note_text));
        TRY(const Checkpoint checkpoint, parse_checkpoint(note.text));
        if (format_checkpoint(checkpoint) != note.text) return fail(Code::invalid, "the checkpoint is not written back as it was read");
        const bool by_origin = std::ranges::any_of(note.signatures, [&](const auto& s) { return s.name == checkpoint.origin && s.signature.size() == 64; });
        if (!by_origin) return fail(Code::invalid, "there is no Ed25519 signature line of the origin");
        TRY_DO(check_signature(note_text, checkpoint.origin));
        roots_[checkpoint.size] = checkpoint.root;
        TRY(const Hash root, make_root(checkpoint.size, hashes(checkpoint.size)));
        if (root != checkpoint.root) return fail(Code::corrupted, "the tiles do not give the root of the checkpoint");
        return check_entries(checkpoint);
    }

    // Each entry is the leaf of the tile, and its inclusion can be proven from the tiles.
    Result<void> check_entries(const Checkpoint& checkpoint) const {
        for (LeafIndex index = 0; index < checkpoint.size; index += kTileWidth) {
            const unsigned width = tile_width(checkpoint.size, 0, index / kTileWidth);
            TRY(const std::string bytes, read({std::nullopt, index / kTileWidth, width}));
            TRY(const auto entries, parse_bundle(bytes, width));
            TRY(const std::string tile_bytes, read({0U, index / kTileWidth, width}));
            TRY(const auto leaves, parse_tile(as_bytes(tile_bytes), width));
            for (unsigned i = 0; i < width; ++i) {
                if (leaf_hash(as_bytes(entries[i])) != leaves[i]) return fail(Code::corrupted, format("entry {} does not hash to its leaf", index + i));
                TRY(const auto proof, make_inclusion_proof(index + i, checkpoint.size, hashes(checkpoint.size)));
                TRY_DO(check_inclusion(index + i, checkpoint.size, leaves[i], proof, checkpoint.root));
            }
        }
        return {};
    }

    const Path folder_;
    const std::string name_;
    Tally& tally_;
    std::vector<VerifierKey> keys_;
    bool said_ = false;
    std::map<TreeSize, Hash> roots_;
};

// --- the specifications --------------------------------------------------------------------------------

// The verifier keys and the notes printed in a specification: every whole note that one of its keys is
// for must open, and with a changed letter must not.
void check_specification(const std::string& name, std::string_view text, Tally& tally) {
    std::vector<VerifierKey> keys;
    std::vector<std::string> blocks;
    std::string block;
    bool inside = false;
    for (const std::string_view line : split(text, '\n')) {
        if (const auto key = parse_verifier_key(trim(line))) keys.push_back(*key);
        if (line.starts_with("```")) {
            if (inside) blocks.push_back(block);
            inside = !inside;
            block.clear();
        } else if (inside) {
            block += std::string(line) + "\n";
        }
    }
    for (const std::string& note : blocks) {
        if (!parse_note(note) || note.contains("[...]") || keys.empty()) continue;
        const auto opened = open_note(note, keys);
        if (!opened && opened.error().code == Code::denied) continue;
        tally.expect(opened.has_value(), name + ": the signed example", opened ? "" : opened.error().message);
        std::string changed = note;
        changed[0] = changed[0] == 'x' ? 'y' : 'x';
        tally.expect(!open_note(changed, keys).has_value(), name + ": the example with a changed letter", "it was accepted");
    }
    for (const std::string& note : blocks) {
        const auto parsed = parse_note(note);
        if (!parsed || !name.ends_with("tlog-checkpoint.md")) continue;
        const auto checkpoint = parse_checkpoint(parsed->text);
        tally.expect(checkpoint && format_checkpoint(*checkpoint) == parsed->text, name + ": the printed checkpoint",
                     checkpoint ? "it is written back differently" : checkpoint.error().message);
    }
    if (name.ends_with("tlog-tiles.md")) {
        const TilePath tile{std::nullopt, 1'234'067, 256};
        tally.expect(format_tile_path(tile) == "tile/entries/x001/x234/067" && parse_tile_path("tile/entries/x001/x234/067") == tile,
                     name + ": index 1234067", "the path differs");
        const bool widths = tile_width(70'000, 0, 272) == 256 && tile_width(70'000, 0, 273) == 112 && tile_width(70'000, 0, 274) == 0 &&
                            tile_width(70'000, 1, 0) == 256 && tile_width(70'000, 1, 1) == 17 && tile_width(70'000, 2, 0) == 1;
        tally.expect(widths, name + ": a tree of 70,000", "the tiles differ");
        tally.expect(tile_width(256, 0, 0) == 256 && tile_width(256, 0, 1) == 0 && tile_width(256, 1, 0) == 1, name + ": a tree of 256", "the tiles differ");
    }
}

int run(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s DIR\n", argv[0]);
        return 2;
    }
    const Path root = argv[1];
    const auto files = list_files(root, kMaxFiles);
    if (!files) {
        std::fprintf(stderr, "%s: %s\n", argv[1], files.error().message.c_str());
        return 2;
    }
    Tally tally;
    std::map<std::string, std::vector<std::string>> logs;   // folder → checkpoints
    for (const std::string& file : *files) {
        const Path path = file;
        const std::string stem = path.filename();
        if (stem == "checkpoint" || (stem.starts_with("checkpoint.") && parse_decimal(stem.substr(11)))) {
            logs[path.parent_path()].push_back(stem);
        } else if (stem.ends_with(".json") || stem.ends_with(".md")) {
            const auto text = read_file(root / file);
            const std::string kind = kind_of(file, root);
            if (!text) {
                tally.expect(false, file, text.error().message);
            } else if (stem.ends_with(".md")) {
                check_specification(file, *text, tally);
            } else if (!kind.empty()) {
                check_proof_file(file, kind, *text, tally);
            }
        }
    }
    for (const auto& [folder, checkpoints] : logs) {
        Log log(root / folder, folder.empty() ? "." : folder, tally);
        for (const std::string& checkpoint : checkpoints) log.check(checkpoint);
        log.check_consistency_of_all();
    }
    return tally.finish();
}

}  // namespace
}  // namespace madang::conformance

int main(int argc, char** argv) { return madang::conformance::run(argc, argv); }
