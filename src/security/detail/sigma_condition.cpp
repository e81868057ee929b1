#include "security/detail/sigma_condition.h"

#include <algorithm>

#include "base/text.h"
#include "security/sigma_pattern.h"

namespace madang::security {
namespace {

Result<std::vector<std::string_view>> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            ++at;
            continue;
        }
        if (c == '|') return fail(Code::invalid, "an aggregation behind | is no longer Sigma: write a correlation");
        const std::size_t end = c == '(' || c == ')' ? at + 1 : std::min(text.find_first_of(" \t\r\n()|", at), text.size());
        words.push_back(text.substr(at, end - at));
        if (words.size() > kMaxConditionWords) return fail(Code::invalid, format("more than {} words", kMaxConditionWords));
        at = end;
    }
    return words;
}

class ConditionParser {
public:
    ConditionParser(std::vector<std::string_view> words, std::span<const SigmaSearch> searches)
        : words_(std::move(words)), searches_(searches) {}

    Result<Condition> run() {
        TRY(auto condition, either(0));
        if (at_ < words_.size()) return fail(Code::invalid, format("\"{}\" is not expected here", words_[at_]));
        return condition;
    }

private:
    bool next_is(std::string_view word) const {
        return at_ < words_.size() && equal_ignoring_ascii_case(words_[at_], word);
    }

    Result<Condition> either(std::size_t depth) {
        return chain(depth, "or", Condition::Kind::any_of, &ConditionParser::both);
    }
    Result<Condition> both(std::size_t depth) {
        return chain(depth, "and", Condition::Kind::all_of, &ConditionParser::negation);
    }

    Result<Condition> chain(std::size_t depth, std::string_view word, Condition::Kind kind,
                            Result<Condition> (ConditionParser::*part)(std::size_t)) {
        TRY(auto first, (this->*part)(depth));
        if (!next_is(word)) return first;
        Condition out{kind, 0, {}};
        out.children.push_back(std::move(first));
        while (next_is(word)) {
            ++at_;
            TRY(auto next, (this->*part)(depth));
            out.children.push_back(std::move(next));
        }
        return out;
    }

    // Recursion over `not` and brackets is bounded by kMaxConditionDepth.
    Result<Condition> negation(std::size_t depth) {
        if (depth > kMaxConditionDepth) return fail(Code::invalid, format("more than {} levels deep", kMaxConditionDepth));
        if (!next_is("not")) return operand(depth);
        ++at_;
        TRY(auto inner, negation(depth + 1));
        Condition out{Condition::Kind::negation, 0, {}};
        out.children.push_back(std::move(inner));
        return out;
    }

    Result<Condition> operand(std::size_t depth) {
        if (at_ == words_.size()) return fail(Code::invalid, "the condition ends too early");
        const std::string_view word = words_[at_++];
        if (word == "(") {
            TRY(auto inner, either(depth + 1));
            if (!next_is(")")) return fail(Code::invalid, "a closing bracket is missing");
            ++at_;
            return inner;
        }
        if (next_is("of")) return group(word);
        for (std::size_t i = 0; i < searches_.size(); ++i) {
            if (searches_[i].name == word) return Condition{Condition::Kind::search, i, {}};
        }
        return fail(Code::invalid, format("there is no search identifier \"{}\"", word));
    }

    // "1/all of them" and "1/all of search-identifier-pattern": names with an underscore in front are left out,
    // unless the pattern asks for one.
    Result<Condition> group(std::string_view count) {
        ++at_;
        const bool all = equal_ignoring_ascii_case(count, "all");
        if (!all && count != "1") return fail(Code::invalid, format("\"{} of\" is neither \"1 of\" nor \"all of\"", count));
        if (at_ == words_.size()) return fail(Code::invalid, "a pattern is missing behind \"of\"");
        const std::string_view word = words_[at_++];
        const std::string_view pattern = equal_ignoring_ascii_case(word, "them") ? "*" : word;
        Condition out{all ? Condition::Kind::all_of : Condition::Kind::any_of, 0, {}};
        for (std::size_t i = 0; i < searches_.size(); ++i) {
            const std::string& name = searches_[i].name;
            if (name.starts_with('_') && !pattern.starts_with('_')) continue;
            if (fits_identifier(pattern, name)) out.children.push_back({Condition::Kind::search, i, {}});
        }
        if (out.children.empty()) return fail(Code::invalid, format("no search identifier fits \"{}\"", word));
        return out;
    }

    std::vector<std::string_view> words_;
    std::span<const SigmaSearch> searches_;
    std::size_t at_ = 0;
};

}  // namespace

bool fits_identifier(std::string_view pattern, std::string_view name) {
    Pattern pieces;
    bool first = true;
    for (const std::string_view part : split(pattern, '*')) {
        if (!first) append_piece(pieces, {PieceKind::any_many, {}});
        append_piece(pieces, {PieceKind::text, std::string(part)});
        first = false;
    }
    return matches(pieces, name);
}

Result<std::vector<std::string_view>> condition_names(std::string_view text) {
    TRY(auto words, words_of(text));
    std::erase_if(words, [](std::string_view word) {
        constexpr std::string_view kOwn[] = {"(", ")", "and", "or", "not"};
        return std::ranges::any_of(kOwn, [&](std::string_view own) { return equal_ignoring_ascii_case(word, own); });
    });
    return words;
}

Result<Condition> parse_condition(std::string_view text, std::span<const SigmaSearch> searches) {
    TRY(auto words, words_of(text));
    return ConditionParser(std::move(words), searches).run();
}

}  // namespace madang::security
