#include "documents/certificate_template.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/json.h"
#include "base/text.h"

namespace madang::documents {
namespace {

constexpr std::size_t kMaxBytes = 256U << 10;
constexpr std::size_t kMaxDepth = 8;
constexpr std::size_t kMaxLanguages = 3;
constexpr std::size_t kMaxBlocks = 64;
constexpr std::size_t kMaxRows = 64;
constexpr std::size_t kMaxValues = 64;
constexpr std::size_t kMaxText = 4000;
constexpr std::string_view kFormat = "madang-certificate-1";

constexpr std::array<std::pair<std::string_view, BlockKind>, 10> kKinds{{
    {"notice", BlockKind::notice},
    {"issuer", BlockKind::issuer},
    {"title", BlockKind::title},
    {"number", BlockKind::number},
    {"paragraph", BlockKind::paragraph},
    {"fields", BlockKind::fields},
    {"validity", BlockKind::validity},
    {"signature", BlockKind::signature},
    {"seal", BlockKind::seal},
    {"qr", BlockKind::qr},
}};

// What the house itself puts in; a template need not declare these.
constexpr std::array<std::string_view, 7> kOwnValues{"number",  "code",    "issued_on",     "valid_until",
                                                     "country", "issuing_body", "verify_address"};

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= 64 && text[0] >= 'a' && text[0] <= 'z' &&
           std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

// Reads with the place in mind, so that each refusal names it.
class Reader {
public:
    Reader(std::string_view name, CertificateTemplate& out) : name_(name), out_(out) {}

    Result<void> read(const json::value& value);

private:
    template <class... Args>
    std::unexpected<Error> refuse(std::string_view path, fmt::format_string<Args...> pattern, Args&&... arguments) const {
        return fail(Code::invalid, format("{}, {}: {}", name_, path, format(pattern, std::forward<Args>(arguments)...)));
    }
    Result<const json::object*> object(const json::value& value, std::string_view path) const {
        if (!value.is_object()) return refuse(path, "must be an object");
        return &value.get_object();
    }
    Result<void> only_keys(const json::object& object, std::string_view path, std::vector<std::string> known) const;
    Result<void> read_languages(const json::object& root);
    Result<void> read_values(const json::object& root);
    Result<void> check_places(std::string_view text, std::string_view path) const;
    Result<Wording> read_wording(const json::object& object, std::string_view key, std::string_view path) const;
    Result<Row> read_row(const json::value& value, const std::string& path) const;
    Result<Block> read_block(const json::value& value, const std::string& path) const;
    Result<void> check_blocks() const;

    std::string_view name_;
    CertificateTemplate& out_;
};

Result<void> Reader::only_keys(const json::object& object, std::string_view path, std::vector<std::string> known) const {
    for (const auto& [key, value] : object) {
        const std::string_view word = key;
        if (std::ranges::find(known, word) != known.end()) continue;
        const auto meant = nearest(word, known);
        return refuse(path, "unknown key \"{}\"{}", word, meant ? format("; did you mean \"{}\"?", *meant) : "");
    }
    return {};
}

Result<void> Reader::read_languages(const json::object& root) {
    const json::value* list = root.if_contains("languages");
    if (list == nullptr || !list->is_array() || list->get_array().empty() || list->get_array().size() > kMaxLanguages) {
        return refuse("languages", "must be a list of one to {} language tags", kMaxLanguages);
    }
    for (const json::value& tag : list->get_array()) {
        const std::string_view text = tag.is_string() ? std::string_view(tag.get_string()) : std::string_view();
        const bool plain = text.size() >= 2 && text.size() <= 35 && std::ranges::all_of(text, [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
        });
        if (!plain) return refuse("languages", "\"{}\" is not a BCP 47 language tag", text);
        if (std::ranges::find(out_.languages, text) != out_.languages.end()) return refuse("languages", "\"{}\" stands twice", text);
        out_.languages.emplace_back(text);
    }
    return {};
}

Result<void> Reader::read_values(const json::object& root) {
    const json::value* declared = root.if_contains("values");
    if (declared == nullptr) return {};
    TRY(const auto* values, object(*declared, "values"));
    if (values->size() > kMaxValues) return refuse("values", "more than {} values", kMaxValues);
    for (const auto& [key, kind] : *values) {
        const std::string_view name = key;
        const std::string path = format("values.{}", name);
        if (!is_name(name)) return refuse(path, "a name is written with a-z, 0-9 and _");
        if (std::ranges::find(kOwnValues, name) != kOwnValues.end()) return refuse(path, "this name is the house's own");
        const std::string_view word = kind.is_string() ? std::string_view(kind.get_string()) : std::string_view();
        if (word != "text" && word != "date") return refuse(path, "a value is \"text\" or \"date\", not \"{}\"", word);
        out_.values.emplace(name, word == "date" ? ValueKind::date : ValueKind::text);
    }
    return {};
}

Result<void> Reader::check_places(std::string_view text, std::string_view path) const {
    if (count_code_points(text) > kMaxText) return refuse(path, "more than {} characters", kMaxText);
    if (const auto tidy = tidy_lines(text); !tidy) return refuse(path, "{}", tidy.error().message);
    std::vector<std::string> known(kOwnValues.begin(), kOwnValues.end());
    for (const auto& [name, kind] : out_.values) known.push_back(name);
    for (std::size_t at = 0; (at = text.find_first_of("{}", at)) != std::string_view::npos;) {
        const std::size_t end = text.find('}', at);
        if (text[at] == '}' || end == std::string_view::npos) return refuse(path, "a brace without its partner");
        const std::string_view word = text.substr(at + 1, end - at - 1);
        if (std::ranges::find(known, word) == known.end()) {
            const auto meant = nearest(word, known);
            return refuse(path, "unknown placeholder {{{}}}{}", word, meant ? format("; did you mean {{{}}}?", *meant) : "");
        }
        at = end + 1;
    }
    return {};
}

Result<Wording> Reader::read_wording(const json::object& owner, std::string_view key, std::string_view parent) const {
    const std::string path = parent.empty() ? std::string(key) : format("{}.{}", parent, key);
    const json::value* value = owner.if_contains(key);
    if (value == nullptr) return refuse(path, "is missing");
    Wording wording;
    if (value->is_string()) {
        wording.source = value->get_string();
        if (trim(wording.source).empty()) return refuse(path, "must not be empty");
        TRY_DO(check_places(wording.source, path));
        return wording;
    }
    if (!value->is_object()) return refuse(path, "must be a text, or texts by language");
    for (const auto& [language, text] : value->get_object()) {
        const std::string_view tag = language;
        if (std::ranges::find(out_.languages, tag) == out_.languages.end()) {
            return refuse(path, "\"{}\" is not among the languages of the template", tag);
        }
        if (!text.is_string()) return refuse(path, "the text in \"{}\" must be a text", tag);
        const std::string words(text.get_string());
        if (trim(words).empty()) return refuse(path, "the text in \"{}\" must not be empty", tag);
        TRY_DO(check_places(words, path));
        wording.texts.emplace(tag, words);
    }
    for (const std::string& language : out_.languages) {
        if (!wording.texts.contains(language)) return refuse(path, "has no text in \"{}\"", language);
    }
    return wording;
}

Result<Row> Reader::read_row(const json::value& value, const std::string& path) const {
    TRY(const auto* row, object(value, path));
    TRY_DO(only_keys(*row, path, {"label", "value", "optional"}));
    Row out;
    TRY(out.label, read_wording(*row, "label", path));
    TRY(out.value, read_wording(*row, "value", path));
    if (const json::value* optional = row->if_contains("optional")) {
        if (!optional->is_bool()) return refuse(path + ".optional", "must be true or false");
        out.optional = optional->get_bool();
    }
    return out;
}

Result<Block> Reader::read_block(const json::value& value, const std::string& path) const {
    TRY(const auto* block, object(value, path));
    const json::value* type = block->if_contains("type");
    if (type == nullptr || !type->is_string()) return refuse(path, "has no \"type\"");
    const std::string_view word = type->get_string();
    const auto found = std::ranges::find(kKinds, word, &std::pair<std::string_view, BlockKind>::first);
    if (found == kKinds.end()) {
        std::vector<std::string> known;
        for (const auto& [name, kind] : kKinds) known.emplace_back(name);
        const auto meant = nearest(word, known);
        return refuse(path + ".type", "unknown block \"{}\"{}", word, meant ? format("; did you mean \"{}\"?", *meant) : "");
    }
    Block out;
    out.kind = found->second;
    out.path = path;
    if (out.kind == BlockKind::fields) {
        TRY_DO(only_keys(*block, path, {"type", "rows"}));
        const json::value* rows = block->if_contains("rows");
        if (rows == nullptr || !rows->is_array() || rows->get_array().empty() || rows->get_array().size() > kMaxRows) {
            return refuse(path + ".rows", "must be a list of 1 to {} rows", kMaxRows);
        }
        for (std::size_t i = 0; i < rows->get_array().size(); ++i) {
            TRY(Row row, read_row(rows->get_array()[i], format("{}.rows[{}]", path, i)));
            out.rows.push_back(std::move(row));
        }
        return out;
    }
    if (out.kind == BlockKind::validity) {
        TRY_DO(only_keys(*block, path, {"type", "text", "text_without_end"}));
        if (block->contains("text_without_end")) {
            TRY(out.text_without_end, read_wording(*block, "text_without_end", path));
        }
    } else {
        TRY_DO(only_keys(*block, path, {"type", "text"}));
    }
    TRY(out.text, read_wording(*block, "text", path));
    return out;
}

Result<void> Reader::check_blocks() const {
    for (const BlockKind kind : {BlockKind::issuer, BlockKind::title, BlockKind::number, BlockKind::qr}) {
        const auto count = std::ranges::count(out_.blocks, kind, &Block::kind);
        if (count != 1) return refuse("blocks", "a certificate has exactly one block \"{}\", not {}", name_of(kind), count);
    }
    if (out_.blocks.back().kind != BlockKind::qr) return refuse("blocks", "the block \"qr\" is the last one");
    return {};
}

Result<void> Reader::read(const json::value& value) {
    TRY(const auto* root, object(value, "the file"));
    TRY_DO(only_keys(*root, "the file", {"format", "page", "languages", "arrangement", "title", "values", "blocks"}));
    if (string_or(*root, "format", "") != kFormat) return refuse("format", "must be \"{}\"", kFormat);
    if (string_or(*root, "page", "A4") != "A4") return refuse("page", "only \"A4\" is supported");
    TRY_DO(read_languages(*root));
    TRY_DO(read_values(*root));
    const std::string arrangement = string_or(*root, "arrangement", "one_after_another");
    if (arrangement != "side_by_side" && arrangement != "one_after_another") {
        return refuse("arrangement", "must be \"side_by_side\" or \"one_after_another\", not \"{}\"", arrangement);
    }
    if (arrangement == "side_by_side") {
        if (out_.languages.size() > 2) return refuse("arrangement", "two languages at most stand side by side");
        out_.arrangement = Arrangement::side_by_side;
    }
    TRY(out_.title, read_wording(*root, "title", ""));
    const json::value* blocks = root->if_contains("blocks");
    if (blocks == nullptr || !blocks->is_array() || blocks->get_array().empty() || blocks->get_array().size() > kMaxBlocks) {
        return refuse("blocks", "must be a list of 1 to {} blocks", kMaxBlocks);
    }
    for (std::size_t i = 0; i < blocks->get_array().size(); ++i) {
        TRY(Block block, read_block(blocks->get_array()[i], format("blocks[{}]", i)));
        out_.blocks.push_back(std::move(block));
    }
    return check_blocks();
}

}  // namespace

std::string_view name_of(BlockKind kind) {
    return std::ranges::find(kKinds, kind, &std::pair<std::string_view, BlockKind>::second)->first;
}

Result<CertificateTemplate> parse_certificate_template(std::string_view json, std::string_view name) {
    TRY(const json::value value, within(parse_json(json, {.bytes = kMaxBytes, .depth = kMaxDepth}), name));
    CertificateTemplate out;
    out.name = name;
    TRY_DO(Reader(name, out).read(value));
    return out;
}

std::vector<std::string> sources_of(const CertificateTemplate& certificate) {
    std::set<std::string> sources;
    const auto add = [&](const Wording& wording) {
        if (!wording.source.empty()) sources.insert(wording.source);
    };
    add(certificate.title);
    for (const Block& block : certificate.blocks) {
        add(block.text);
        add(block.text_without_end);
        for (const Row& row : block.rows) {
            add(row.label);
            // A value that is nothing but places needs no translation.
            const bool words = std::ranges::any_of(fill_in(row.value.source, {}), [depth = 0](char c) mutable {
                if (c == '{') ++depth;
                const bool outside = depth == 0 && static_cast<unsigned char>(c) > ' ' && c != ',' && c != '.';
                if (c == '}') --depth;
                return outside;
            });
            if (words) add(row.value);
        }
    }
    return {sources.begin(), sources.end()};
}

std::string text_of(const Wording& wording, std::string_view language, const Words& catalogues) {
    if (wording.source.empty()) {
        const auto text = wording.texts.find(language);
        return text == wording.texts.end() ? std::string() : text->second;
    }
    const auto catalogue = catalogues.find(language);
    return catalogue == catalogues.end() ? wording.source : std::string(catalogue->second.text(wording.source));
}

}  // namespace madang::documents
