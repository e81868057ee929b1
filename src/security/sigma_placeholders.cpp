#include <algorithm>

#include "base/text.h"
#include "security/sigma_pattern.h"
#include "security/sigma_reader.h"

namespace madang::security {
namespace {

constexpr std::size_t kMaxFilledMatches = 10'000;  // of one value of a rule

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
        const auto found = values.find(piece.text);
        if (found == values.end()) return fail(Code::not_found, format("the placeholder %{}% has no values", piece.text));
        if (done.size() * found->second.size() > kMaxFilledMatches) {
            return fail(Code::exhausted, format("with %{}% there are more than {} values", piece.text, kMaxFilledMatches));
        }
        std::vector<Pattern> longer;
        for (const Pattern& start : done) {
            for (const std::string& value : found->second) {
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
        if (!has_placeholder(match)) {
            filled.push_back(std::move(match));
            continue;
        }
        const auto& text = std::get<TextMatch>(match);
        TRY(auto patterns, combinations(text.pattern, values));
        for (Pattern& pattern : patterns) filled.emplace_back(TextMatch{std::move(pattern), text.letters});
    }
    value.any_of = std::move(filled);
    return {};
}

}  // namespace

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
