#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "security/detail/sigma_item.h"
#include "security/detail/sigma_network.h"
#include "security/detail/sigma_regex.h"
#include "security/detail/sigma_yaml.h"
#include "security/sigma_pattern.h"
#include "security/sigma_reader.h"

namespace madang::security {
namespace {

constexpr std::size_t kMaxFilledMatches = 10'000;  // of one value of a rule

// "%name%" of letters, digits, "_", "-" and "."; the place of its first "%" from `from` on, or npos.
std::size_t find_placeholder(std::string_view text, std::size_t from, std::string_view& name) {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    for (std::size_t at = text.find('%', from); at != std::string_view::npos; at = text.find('%', at + 1)) {
        const std::size_t end = text.find_first_not_of(letters, at + 1);
        if (end == std::string_view::npos || text[end] != '%' || end == at + 1) continue;
        name = text.substr(at + 1, end - at - 1);
        return at;
    }
    return std::string_view::npos;
}

Result<const std::vector<std::string>*> values_of(std::string_view name, const PlaceholderValues& values) {
    const auto found = values.find(name);
    if (found == values.end()) return fail(Code::not_found, format("the placeholder %{}% has no values", name));
    return &found->second;
}

// In an expression a placeholder is any of its values, each as it is spelled.
Result<RegexMatch> filled(const RegexMatch& match, const PlaceholderValues& values) {
    RegexMatch made = match;
    made.expands = false;
    made.source.clear();
    std::size_t from = 0;
    std::string_view name;
    for (std::size_t at = find_placeholder(match.source, 0, name); at != std::string_view::npos; at = find_placeholder(match.source, from, name)) {
        TRY(const auto* known, values_of(name, values));
        made.source += match.source.substr(from, at - from) + "(?:";
        for (std::size_t i = 0; i < known->size(); ++i) made.source += (i == 0 ? "" : "|") + re2::RE2::QuoteMeta((*known)[i]);
        made.source += ")";
        from = at + name.size() + 2;
        if (made.source.size() > kMaxRegexBytes) return fail(Code::exhausted, format("with %{}% the expression has more than {} bytes", name, kMaxRegexBytes));
    }
    made.source += match.source.substr(from);
    TRY_DO(compile_regex(made));
    return made;
}

// A network whose text, or a part of it, is a placeholder: one for each value.
Result<void> add_networks(const std::string& text, const PlaceholderValues& values, std::vector<Match>& out) {
    std::string_view name;
    const std::size_t at = find_placeholder(text, 0, name);
    if (at == std::string::npos) return fail(Code::invalid, format("\"{}\" is no network", text));
    TRY(const auto* known, values_of(name, values));
    for (const std::string& value : *known) {
        TRY(CidrMatch network, parse_cidr(text.substr(0, at) + value + text.substr(at + name.size() + 2)));
        out.emplace_back(network);
    }
    return {};
}

bool has_placeholder(const Match& match) {
    const auto* text = std::get_if<TextMatch>(&match);
    return text != nullptr && std::ranges::find(text->pattern, PieceKind::placeholder, &Piece::kind) != text->pattern.end();
}

// One pattern for each combination of the placeholders' values.
Result<std::vector<Pattern>> combinations(const Pattern& pattern, const PlaceholderValues& values) {
    std::vector<Pattern> done{{}};
    for (const Piece& piece : pattern) {
        if (piece.kind != PieceKind::placeholder) {
            for (Pattern& start : done) append_piece(start, piece);
            continue;
        }
        TRY(const auto* known, values_of(piece.text, values));
        if (done.size() * known->size() > kMaxFilledMatches) {
            return fail(Code::exhausted, format("with %{}% there are more than {} values", piece.text, kMaxFilledMatches));
        }
        std::vector<Pattern> longer;
        for (const Pattern& start : done) {
            for (const std::string& value : *known) {
                Pattern next = start;
                for (Piece& part : parse_pattern(value, Placeholders::are_text)) append_piece(next, std::move(part));
                longer.push_back(std::move(next));
            }
        }
        done = std::move(longer);
    }
    return done;
}

Result<void> fill(SigmaValue& value, const PlaceholderValues& values) {
    std::vector<Match> filled;
    for (Match& match : value.any_of) {
        if (const auto* regex = std::get_if<RegexMatch>(&match); regex != nullptr && regex->expands) {
            TRY(RegexMatch made, madang::security::filled(*regex, values));
            filled.emplace_back(std::move(made));
            continue;
        }
        if (const auto* network = std::get_if<CidrMatch>(&match); network != nullptr && !network->unfilled.empty()) {
            TRY_DO(add_networks(network->unfilled, values, filled));
            continue;
        }
        if (!has_placeholder(match)) {
            filled.push_back(std::move(match));
            continue;
        }
        const auto& text = std::get<TextMatch>(match);
        TRY(auto patterns, combinations(text.pattern, values));
        for (Pattern& pattern : patterns) {
            TRY(auto made, modified(std::move(pattern), text.later, text.letters));
            std::ranges::move(made, std::back_inserter(filled));
            if (filled.size() > kMaxFilledMatches) return fail(Code::exhausted, format("there are more than {} values", kMaxFilledMatches));
        }
    }
    value.any_of = std::move(filled);
    return {};
}

}  // namespace

Result<PlaceholderValues> read_placeholders(std::string_view yaml, std::string_view name) {
    TRY(const auto documents, parse_yaml(yaml, name));
    PlaceholderValues values;
    for (const YamlNode& document : documents) {
        if (document.kind != YamlKind::map) return fail_at(name, document.line, "the file is a map from names of placeholders to their values");
        for (const YamlEntry& entry : document.entries) {
            std::vector<std::string>& all = values[entry.key.text];
            if (entry.value.is_scalar()) {
                all.push_back(entry.value.text);
                continue;
            }
            if (entry.value.kind != YamlKind::list || entry.value.items.empty()) return fail_at(name, entry.value.line, "a text or a list of texts is expected");
            for (const YamlNode& item : entry.value.items) {
                if (!item.is_scalar()) return fail_at(name, item.line, "a text is expected");
                all.push_back(item.text);
            }
            if (all.size() > kMaxListEntries) return fail_at(name, entry.value.line, format("more than {} values", kMaxListEntries));
        }
    }
    return values;
}

Result<SigmaRule> fill_placeholders(SigmaRule rule, const PlaceholderValues& values) {
    for (SigmaSearch& search : rule.detection.searches) {
        for (auto& items : search.any_of) {
            for (SigmaItem& item : items) {
                for (SigmaValue& value : item.values) {
                    TRY_DO(within(fill(value, values), format("{}:{}", rule.metadata.file, value.line)));
                }
            }
        }
    }
    return rule;
}

}  // namespace madang::security
