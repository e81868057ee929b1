#include "security/sigma_reader.h"

#include <algorithm>

#include "base/text.h"
#include "security/detail/sigma_condition.h"
#include "security/detail/sigma_item.h"
#include "security/detail/sigma_metadata.h"
#include "security/detail/sigma_yaml.h"

namespace madang::security {
namespace {

Result<std::vector<SigmaItem>> read_map(std::string_view file, const YamlNode& map) {
    if (map.entries.empty()) return fail_at(file, map.line, "a search identifier is not empty");
    std::vector<SigmaItem> items;
    for (const auto& [key, value] : map.entries) {
        if (key.text.empty()) return fail_at(file, key.line, "a field needs a name");
        TRY(auto item, read_item(file, key, value));
        items.push_back(std::move(item));
    }
    return items;
}

// "Search-Identifier": a map, or a list of maps and keywords, of which one is enough.
Result<SigmaSearch> read_search(std::string_view file, const YamlNode& key, const YamlNode& node) {
    SigmaSearch search{key.text, {}, key.line};
    if (node.is_scalar()) return fail_at(file, node.line, format("{} is neither a list nor a map", key.text));
    if (node.kind == YamlKind::map) {
        TRY(auto items, read_map(file, node));
        search.any_of.push_back(std::move(items));
        return search;
    }
    if (node.items.empty()) return fail_at(file, node.line, "a search identifier is not empty");
    for (const YamlNode& entry : node.items) {
        if (entry.kind == YamlKind::map) {
            TRY(auto items, read_map(file, entry));
            search.any_of.push_back(std::move(items));
        } else {
            TRY(auto keyword, read_keyword(file, entry));
            search.any_of.push_back({});
            search.any_of.back().push_back(std::move(keyword));
        }
    }
    return search;
}

// "The condition can be a list, in this case … logically linked with OR."
Result<Condition> read_condition(std::string_view file, const YamlNode& node, std::span<const SigmaSearch> searches) {
    const auto single = [&](const YamlNode& text) -> Result<Condition> {
        if (text.kind != YamlKind::text) return fail_at(file, text.line, "a condition is a text");
        auto condition = parse_condition(text.text, searches);
        if (!condition) return fail_at(file, text.line, condition.error().message);
        return condition;
    };
    if (node.kind != YamlKind::list) return single(node);
    if (node.items.empty()) return fail_at(file, node.line, "a list of conditions is not empty");
    Condition either{Condition::Kind::any_of, 0, {}};
    for (const YamlNode& item : node.items) {
        TRY(auto condition, single(item));
        either.children.push_back(std::move(condition));
    }
    return either;
}

// The search identifiers and the condition of a map; keys of `others` belong to something else.
Result<Detection> read_detection(std::string_view file, const YamlNode& map, std::string_view other) {
    Detection detection;
    for (const auto& [key, value] : map.entries) {
        if (key.text == "condition" || key.text == other) continue;
        if (key.text == "timeframe") return fail_at(file, key.line, "timeframe is no longer Sigma: write a correlation");
        TRY(auto search, read_search(file, key, value));
        detection.searches.push_back(std::move(search));
        if (detection.searches.size() > kMaxSearches) return fail_at(file, key.line, format("more than {} search identifiers", kMaxSearches));
    }
    if (detection.searches.empty()) return fail_at(file, map.line, "there is no search identifier");
    const YamlNode* condition = map.find("condition");
    if (condition == nullptr) return fail_at(file, map.line, "a condition is missing");
    TRY(detection.condition, read_condition(file, *condition, detection.searches));
    return detection;
}

Result<const YamlNode*> find_map(DocumentPlace place, std::string_view key) {
    const YamlNode* node = place.root.find(key);
    if (node == nullptr) return fail_at(place.file, place.root.line, format("a {} is missing", key));
    if (node->kind != YamlKind::map) return fail_at(place.file, node->line, format("{} is a map", key));
    return node;
}

Result<SigmaRule> read_rule(DocumentPlace place) {
    SigmaRule rule;
    TRY(rule.metadata, read_metadata(place));
    TRY(rule.source, read_log_source(place));
    TRY(const auto* detection, find_map(place, "detection"));
    TRY(rule.detection, read_detection(place.file, *detection, ""));
    return rule;
}

Result<SigmaFilter> read_filter(DocumentPlace place) {
    SigmaFilter filter;
    TRY(filter.metadata, read_metadata(place));
    TRY(filter.source, read_log_source(place));
    TRY(const auto* node, find_map(place, "filter"));
    // Not in specification 2.1, and read by pySigma.
    const YamlNode* rules = node->find("rules");
    filter.of_any_rule = rules != nullptr && rules->kind == YamlKind::text && equal_ignoring_ascii_case(rules->text, "any");
    if (!filter.of_any_rule) {
        TRY(filter.rules, read_texts(place.file, *node, "rules"));
    }
    if (filter.rules.empty() && !filter.of_any_rule) return fail_at(place.file, node->line, "a filter names the rules that it is for");
    TRY(filter.detection, read_detection(place.file, *node, "rules"));
    return filter;
}

Result<void> read_document(DocumentPlace place, SigmaDocuments& out) {
    if (place.root.kind != YamlKind::map) return fail_at(place.file, place.root.line, "a Sigma document is a map");
    if (place.root.find("action") != nullptr) return fail_at(place.file, place.root.line, "action (a rule collection) is no longer Sigma");
    const bool correlation = place.root.find("correlation") != nullptr;
    const bool filter = place.root.find("filter") != nullptr;
    const bool rule = place.root.find("detection") != nullptr;
    if (int{correlation} + int{filter} + int{rule} > 1) {
        return fail_at(place.file, place.root.line, "a document is a rule, a filter or a correlation, not several of them");
    }
    if (correlation) {
        TRY(auto read, read_correlation(place));
        out.correlations.push_back(std::move(read));
    } else if (filter) {
        TRY(auto read, read_filter(place));
        out.filters.push_back(std::move(read));
    } else {
        TRY(auto read, read_rule(place));
        out.rules.push_back(std::move(read));
    }
    return {};
}

void shift(Condition& condition, std::size_t by) {
    if (condition.kind == Condition::Kind::search) condition.search += by;
    for (Condition& child : condition.children) shift(child, by);
}

bool fits(const std::string& wanted, const std::string& found) { return wanted.empty() || wanted == found; }

}  // namespace

SigmaDocuments read_sigma_documents(std::string_view text, std::string_view name) {
    SigmaDocuments out;
    const auto roots = parse_yaml_documents(text, name);
    for (const Result<YamlNode>& root : roots) {
        const auto read = root ? read_document({name, *root}, out) : Result<void>(std::unexpected(root.error()));
        if (!read) out.problems.push_back(read.error().message);
    }
    if (roots.empty()) out.problems.push_back(format("{}:1: there is no document", name));
    return out;
}

Result<SigmaDocuments> read_sigma(std::string_view text, std::string_view name) {
    SigmaDocuments out = read_sigma_documents(text, name);
    if (!out.problems.empty()) return fail(Code::invalid, out.problems.front());
    return out;
}

bool applies_to(const SigmaFilter& filter, const SigmaRule& rule) {
    const bool named = filter.of_any_rule || std::ranges::any_of(filter.rules, [&](const std::string& name) {
        return !name.empty() && (name == rule.metadata.id || name == rule.metadata.name);
    });
    return named && fits(filter.source.category, rule.source.category) && fits(filter.source.product, rule.source.product) &&
           fits(filter.source.service, rule.source.service);
}

SigmaRule with_filter(SigmaRule rule, const SigmaFilter& filter) {
    Condition added = filter.detection.condition;
    shift(added, rule.detection.searches.size());
    rule.detection.searches.insert(rule.detection.searches.end(), filter.detection.searches.begin(), filter.detection.searches.end());
    Condition both{Condition::Kind::all_of, 0, {}};
    both.children.push_back(std::move(rule.detection.condition));
    both.children.push_back(std::move(added));
    rule.detection.condition = std::move(both);
    return rule;
}

}  // namespace madang::security
