#include "security/detail/sigma_metadata.h"

#include <algorithm>
#include <set>
#include <span>

#include "base/text.h"
#include "security/sigma_reader.h"

namespace madang::security {
namespace {

constexpr std::size_t kMaxNameBytes = 256 * 4;    // 256 characters
constexpr std::size_t kMaxDescriptionBytes = 65'535 * 4;

bool has_only(std::string_view text, std::string_view signs) {
    return std::ranges::all_of(text, [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || signs.find(c) != std::string_view::npos;
    });
}

std::size_t line_of(const YamlNode& map, std::string_view key) {
    const YamlNode* node = map.find(key);
    return node == nullptr ? map.line : node->line;
}

template <class Choice>
Result<Choice> read_choice(DocumentPlace place, std::string_view key, std::span<const std::pair<std::string_view, Choice>> choices) {
    TRY(auto text, read_text(place.file, place.root, key, kMaxNameBytes));
    if (text.empty()) return Choice{};
    const auto found = std::ranges::find(choices, text, &std::pair<std::string_view, Choice>::first);
    if (found != choices.end()) return found->second;
    return fail_at(place.file, line_of(place.root, key), format("there is no {} \"{}\"", key, text));
}

// YYYY-MM-DD of a day that the calendar has; rules from before 2024 have YYYY/MM/DD.
Result<std::string> read_date(DocumentPlace place, std::string_view key) {
    TRY(auto text, read_text(place.file, place.root, key, kMaxNameBytes));
    if (text.empty()) return text;
    const std::string written = text;
    if (text.size() == 10 && text[4] == '/' && text[7] == '/') text[4] = text[7] = '-';
    const std::string_view digits = "0123456789";
    bool shaped = text.size() == 10 && text[4] == '-' && text[7] == '-';
    for (const std::size_t at : {0, 1, 2, 3, 5, 6, 8, 9}) shaped = shaped && digits.find(text[at]) != std::string_view::npos;
    if (shaped) {
        const auto number = [&](std::size_t from, std::size_t count) { return std::stoi(text.substr(from, count)); };
        const std::chrono::year_month_day day{std::chrono::year(number(0, 4)), std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                              std::chrono::day(static_cast<unsigned>(number(8, 2)))};
        if (day.ok()) return text;
    }
    return fail_at(place.file, line_of(place.root, key), format("{} \"{}\" is not a day as YYYY-MM-DD", key, written));
}

// "Tags": lower-case letters, numerals, underscores, hyphens, and a dot behind the namespace.
Result<std::vector<std::string>> read_tags(DocumentPlace place) {
    TRY(auto tags, read_texts(place.file, place.root, "tags"));
    for (const std::string& tag : tags) {
        const std::size_t dot = tag.find('.');
        const bool good = dot != std::string::npos && dot > 0 && dot + 1 < tag.size() && has_only(tag.substr(0, dot), "_-") &&
                          has_only(tag.substr(dot + 1), "._-");
        if (!good) return fail_at(place.file, line_of(place.root, "tags"), format("\"{}\" is no tag", tag));
    }
    return tags;
}

Result<std::vector<SigmaRelated>> read_related(DocumentPlace place) {
    std::vector<SigmaRelated> out;
    const YamlNode* list = place.root.find("related");
    if (list == nullptr || list->kind == YamlKind::null) return out;
    if (list->kind != YamlKind::list) return fail_at(place.file, list->line, "related is a list");
    const std::set<std::string> types{"derived", "obsolete", "merged", "renamed", "similar"};
    for (const YamlNode& item : list->items) {
        if (item.kind != YamlKind::map) return fail_at(place.file, item.line, "an entry of related is a map with id and type");
        SigmaRelated related;
        TRY(related.id, read_text(place.file, item, "id", kMaxNameBytes));
        TRY(related.type, read_text(place.file, item, "type", kMaxNameBytes));
        if (related.id.empty()) return fail_at(place.file, item.line, "an entry of related needs an id");
        if (!types.contains(related.type)) return fail_at(place.file, item.line, format("there is no relation \"{}\"", related.type));
        out.push_back(std::move(related));
    }
    return out;
}

constexpr std::pair<std::string_view, SigmaStatus> kStatuses[] = {{"stable", SigmaStatus::stable},
                                                                  {"test", SigmaStatus::test},
                                                                  {"experimental", SigmaStatus::experimental},
                                                                  {"deprecated", SigmaStatus::deprecated},
                                                                  {"unsupported", SigmaStatus::unsupported}};
constexpr std::pair<std::string_view, SigmaLevel> kLevels[] = {{"informational", SigmaLevel::informational},
                                                               {"low", SigmaLevel::low},
                                                               {"medium", SigmaLevel::medium},
                                                               {"high", SigmaLevel::high},
                                                               {"critical", SigmaLevel::critical}};

Result<std::vector<std::string>> texts_of(std::string_view file, const YamlNode& list, std::string_view key) {
    if (list.items.size() > kMaxListEntries) return fail_at(file, list.line, format("{} has more than {} entries", key, kMaxListEntries));
    std::vector<std::string> out;
    for (const YamlNode& item : list.items) {
        if (!item.is_scalar() || item.kind == YamlKind::null) return fail_at(file, item.line, format("an entry of {} is a text", key));
        out.push_back(item.text);
    }
    return out;
}

}  // namespace

Result<std::string> read_text(std::string_view file, const YamlNode& map, std::string_view key, std::size_t most_bytes) {
    const YamlNode* node = map.find(key);
    if (node == nullptr || node->kind == YamlKind::null) return std::string();
    if (!node->is_scalar()) return fail_at(file, node->line, format("{} is a text", key));
    if (node->text.size() > most_bytes) return fail_at(file, node->line, format("{} is too long", key));
    return node->text;
}

Result<std::vector<std::string>> read_texts(std::string_view file, const YamlNode& map, std::string_view key) {
    const YamlNode* node = map.find(key);
    if (node == nullptr || node->kind == YamlKind::null) return std::vector<std::string>();
    if (node->kind != YamlKind::list) return fail_at(file, node->line, format("{} is a list", key));
    return texts_of(file, *node, key);
}

Result<std::vector<std::string>> read_text_or_texts(std::string_view file, const YamlNode& map, std::string_view key) {
    const YamlNode* node = map.find(key);
    const bool single = node != nullptr && node->is_scalar() && node->kind != YamlKind::null;
    if (single) return std::vector<std::string>{node->text};
    return read_texts(file, map, key);
}

Result<SigmaMetadata> read_metadata(DocumentPlace place) {
    const auto text = [&](std::string_view key, std::size_t most) { return read_text(place.file, place.root, key, most); };
    SigmaMetadata out;
    out.file = place.file;
    out.line = place.root.line;
    TRY(out.title, text("title", kMaxNameBytes));
    if (out.title.empty()) return fail_at(place.file, place.root.line, "a title is missing");
    if (count_code_points(out.title) > 256) return fail_at(place.file, line_of(place.root, "title"), "the title has more than 256 characters");
    TRY(out.id, text("id", kMaxNameBytes));
    TRY(out.name, text("name", kMaxNameBytes));
    TRY(out.taxonomy, text("taxonomy", kMaxNameBytes));
    TRY(out.description, text("description", kMaxDescriptionBytes));
    TRY(out.license, text("license", kMaxNameBytes));
    TRY(out.author, text("author", kMaxDescriptionBytes));
    TRY(out.date, read_date(place, "date"));
    TRY(out.modified, read_date(place, "modified"));
    TRY(out.status, read_choice<SigmaStatus>(place, "status", kStatuses));
    TRY(out.level, read_choice<SigmaLevel>(place, "level", kLevels));
    TRY(out.references, read_texts(place.file, place.root, "references"));
    TRY(out.tags, read_tags(place));
    TRY(out.fields, read_texts(place.file, place.root, "fields"));
    TRY(out.falsepositives, read_text_or_texts(place.file, place.root, "falsepositives"));
    TRY(out.scope, read_texts(place.file, place.root, "scope"));
    TRY(out.related, read_related(place));
    return out;
}

// "LogSource": category, product and service alone or in any combination, in lower case.
Result<LogSource> read_log_source(DocumentPlace place) {
    const YamlNode* node = place.root.find("logsource");
    if (node == nullptr) return fail_at(place.file, place.root.line, "a logsource is missing");
    if (node->kind != YamlKind::map) return fail_at(place.file, node->line, "logsource is a map");
    LogSource source;
    const std::pair<std::string_view, std::string*> parts[] = {
        {"category", &source.category}, {"product", &source.product}, {"service", &source.service}};
    for (const auto& [key, part] : parts) {
        TRY(*part, read_text(place.file, *node, key, kMaxNameBytes));
        if (!has_only(*part, "_.-")) {
            return fail_at(place.file, line_of(*node, key), format("{} \"{}\" is not in lower case with _ for blanks", key, *part));
        }
    }
    TRY(source.definition, read_text(place.file, *node, "definition", kMaxDescriptionBytes));
    if (source.category.empty() && source.product.empty() && source.service.empty()) {
        return fail_at(place.file, node->line, "logsource names no category, product or service");
    }
    return source;
}

}  // namespace madang::security
