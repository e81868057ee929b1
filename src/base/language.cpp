#include "base/language.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>

#include "base/text.h"

namespace madang {

// Plural-Forms: an expression of C over the unsigned n (gettext manual, 11.2.6 "Additional functions
// for plural forms"). It is compiled to a tree with a bounded depth.
struct Catalogue::PluralRule {
    struct Node {
        enum class Kind { literal, argument, not_, multiply, divide, modulo, add, subtract, less, greater, less_equal,
                          greater_equal, equal, not_equal, and_, or_, choose };
        Kind kind = Kind::literal;
        std::uint64_t number = 0;
        std::unique_ptr<Node> a, b, c;
    };
    std::size_t forms = 2;
    std::unique_ptr<Node> expression;

    static std::uint64_t evaluate(const Node& node, std::uint64_t n) {
        const auto a = [&] { return evaluate(*node.a, n); };
        const auto b = [&] { return evaluate(*node.b, n); };
        using enum Node::Kind;
        switch (node.kind) {
            case literal: return node.number;
            case argument: return n;
            case not_: return a() == 0 ? 1 : 0;
            case multiply: return a() * b();
            case divide: { const auto by = b(); return by == 0 ? 0 : a() / by; }
            case modulo: { const auto by = b(); return by == 0 ? 0 : a() % by; }
            case add: return a() + b();
            case subtract: return a() - b();
            case less: return a() < b() ? 1 : 0;
            case greater: return a() > b() ? 1 : 0;
            case less_equal: return a() <= b() ? 1 : 0;
            case greater_equal: return a() >= b() ? 1 : 0;
            case equal: return a() == b() ? 1 : 0;
            case not_equal: return a() != b() ? 1 : 0;
            case and_: return a() != 0 && b() != 0 ? 1 : 0;
            case or_: return a() != 0 || b() != 0 ? 1 : 0;
            case choose: return a() != 0 ? b() : evaluate(*node.c, n);
        }
        return 0;
    }
};

namespace {

using Rule = Catalogue::PluralRule;
using Kind = Rule::Node::Kind;
using NodePtr = std::unique_ptr<Rule::Node>;

constexpr std::size_t kMaxBytes = 5U << 20;
constexpr std::size_t kMaxEntries = 100'000;
constexpr int kMaxRuleDepth = 50;
constexpr char kContextSeparator = '\4';  // as in .mo files

class RuleParser {
public:
    explicit RuleParser(std::string_view text) : text_(text) {}

    Result<NodePtr> parse() {
        TRY(NodePtr node, conditional());
        blanks();
        if (!text_.empty()) return fail(Code::invalid, "the plural rule has more after its end");
        return node;
    }

private:
    struct Operator {
        std::string_view sign;
        Kind kind;
        int level;
    };
    // Longer signs first; levels bind tighter upwards, as in C.
    static constexpr Operator kOperators[] = {
        {"||", Kind::or_, 1},        {"&&", Kind::and_, 2},      {"==", Kind::equal, 3},
        {"!=", Kind::not_equal, 3},  {"<=", Kind::less_equal, 4}, {">=", Kind::greater_equal, 4},
        {"<", Kind::less, 4},        {">", Kind::greater, 4},    {"+", Kind::add, 5},
        {"-", Kind::subtract, 5},    {"*", Kind::multiply, 6},   {"/", Kind::divide, 6},
        {"%", Kind::modulo, 6},
    };

    void blanks() { text_ = text_.substr(std::min(text_.find_first_not_of(" \t\n"), text_.size())); }
    bool take(std::string_view sign) {
        blanks();
        if (!text_.starts_with(sign)) return false;
        text_.remove_prefix(sign.size());
        return true;
    }
    static NodePtr make(Kind kind, NodePtr a = nullptr, NodePtr b = nullptr, NodePtr c = nullptr) {
        auto node = std::make_unique<Rule::Node>();
        node->kind = kind;
        node->a = std::move(a);
        node->b = std::move(b);
        node->c = std::move(c);
        return node;
    }

    Result<NodePtr> conditional() {
        if (++depth_ > kMaxRuleDepth) return fail(Code::exhausted, "the plural rule is nested too deeply");
        TRY(NodePtr condition, binary(1));
        if (take("?")) {
            TRY(NodePtr yes, conditional());
            if (!take(":")) return fail(Code::invalid, "the plural rule lacks a ':'");
            TRY(NodePtr no, conditional());
            condition = make(Kind::choose, std::move(condition), std::move(yes), std::move(no));
        }
        --depth_;
        return condition;
    }

    Result<NodePtr> binary(int level) {
        TRY(NodePtr left, unary());
        for (;;) {
            blanks();
            const auto* found = std::ranges::find_if(
                kOperators, [&](const Operator& o) { return o.level >= level && text_.starts_with(o.sign); });
            if (found == std::end(kOperators)) return left;
            text_.remove_prefix(found->sign.size());
            TRY(NodePtr right, binary(found->level + 1));
            left = make(found->kind, std::move(left), std::move(right));
        }
    }

    Result<NodePtr> unary() {
        blanks();
        if (++depth_ > kMaxRuleDepth) return fail(Code::exhausted, "the plural rule is nested too deeply");
        NodePtr node;
        if (text_.starts_with("!") && !text_.starts_with("!=")) {
            text_.remove_prefix(1);
            TRY(NodePtr inner, unary());
            node = make(Kind::not_, std::move(inner));
        } else if (take("(")) {
            TRY(node, conditional());
            if (!take(")")) return fail(Code::invalid, "the plural rule lacks a ')'");
        } else if (take("n")) {
            node = make(Kind::argument);
        } else {
            std::uint64_t number = 0;
            const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), number);
            if (error != std::errc()) return fail(Code::invalid, "the plural rule is not an expression over n");
            text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
            node = make(Kind::literal);
            node->number = number;
        }
        --depth_;
        return node;
    }

    std::string_view text_;
    int depth_ = 0;
};

Result<std::shared_ptr<const Rule>> parse_rule(std::string_view header) {
    auto rule = std::make_shared<Rule>();
    const std::size_t count = header.find("nplurals=");
    const std::size_t expression = header.find("plural=", count == std::string_view::npos ? 0 : count + 9);
    const std::size_t end = header.find(';', expression);
    if (count == std::string_view::npos || expression == std::string_view::npos || end == std::string_view::npos) {
        return fail(Code::invalid, "Plural-Forms needs \"nplurals=N; plural=EXPRESSION;\"");
    }
    const std::string_view number = header.substr(count + 9);
    std::from_chars(number.data(), number.data() + number.size(), rule->forms);
    if (rule->forms < 1 || rule->forms > 10) return fail(Code::invalid, "nplurals is a number from 1 to 10");
    TRY(rule->expression, RuleParser(header.substr(expression + 7, end - expression - 7)).parse());
    return std::shared_ptr<const Rule>(std::move(rule));
}

// One PO string literal after its keyword: "..." with C escapes.
Result<std::string> parse_literal(std::string_view line) {
    line = trim(line);
    if (line.size() < 2 || line.front() != '"' || line.back() != '"') return fail(Code::invalid, "a text in \"\" was expected");
    line = line.substr(1, line.size() - 2);
    std::string out;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '"') return fail(Code::invalid, "a '\"' inside a text needs a backslash");
        if (line[i] != '\\') {
            out.push_back(line[i]);
            continue;
        }
        if (++i == line.size()) return fail(Code::invalid, "a backslash at the end of a text");
        switch (line[i]) {
            case 'n': out.push_back('\n'); break;
            case 't': out.push_back('\t'); break;
            case 'r': out.push_back('\r'); break;
            case '"': out.push_back('"'); break;
            case '\\': out.push_back('\\'); break;
            default: return fail(Code::invalid, format("the escape \\{} is not known", line[i]));
        }
    }
    return out;
}

std::string key_of(std::string_view source, std::string_view context) {
    std::string key(context);
    if (!context.empty()) key.push_back(kContextSeparator);
    key += source;
    return key;
}

}  // namespace

Catalogue::Catalogue() {
    static const std::shared_ptr<const PluralRule> kGermanic = [] {
        auto rule = std::make_shared<PluralRule>();
        rule->expression = std::move(*RuleParser("n != 1").parse());
        return rule;
    }();
    rule_ = kGermanic;
}

std::string_view Catalogue::text(std::string_view source, std::string_view context) const {
    const auto found = context.empty() ? entries_.find(source) : entries_.find(key_of(source, context));
    return found == entries_.end() || found->second[0].empty() ? source : std::string_view(found->second[0]);
}

std::string Catalogue::plural(std::string_view one, std::string_view many, std::uint64_t n) const {
    const auto found = entries_.find(one);
    std::string pattern(n == 1 ? one : many);
    if (found != entries_.end()) {
        const auto form = static_cast<std::size_t>(PluralRule::evaluate(*rule_->expression, n));
        if (form < found->second.size() && !found->second[form].empty()) pattern = found->second[form];
    }
    return fill_in(pattern, {{"n", std::to_string(n)}});
}

bool Catalogue::has(std::string_view source, std::string_view context) const {
    const auto found = entries_.find(key_of(source, context));
    return found != entries_.end() && std::ranges::none_of(found->second, &std::string::empty);
}

std::vector<std::string> Catalogue::sources() const {
    std::vector<std::string> result;
    for (const auto& [key, forms] : entries_) result.push_back(key);
    return result;
}

void Catalogue::add(const Catalogue& other) {
    if (entries_.empty()) rule_ = other.rule_;
    entries_.insert(other.entries_.begin(), other.entries_.end());
}

Result<Catalogue> parse_po(std::string_view text, std::string_view name) {
    if (text.size() > kMaxBytes) return fail(Code::exhausted, format("{}: larger than {} bytes", name, kMaxBytes));
    if (!is_utf8(text)) return fail(Code::invalid, format("{}: the text is not UTF-8", name));

    struct Entry {
        std::optional<std::string> context, source, plural;
        std::vector<std::string> forms;
        bool fuzzy = false;
    };
    Catalogue catalogue;
    Entry entry;
    std::string* open = nullptr;  // the text that a bare "..." line goes on with
    std::size_t line_number = 0;

    const auto close = [&]() -> Result<void> {
        open = nullptr;
        Entry done = std::exchange(entry, {});
        if (!done.source) return {};
        if (done.forms.empty()) return fail(Code::invalid, "msgid without msgstr");
        if (done.fuzzy) return {};
        if (done.source->empty() && !done.context) {
            if (const std::size_t at = done.forms[0].find("Plural-Forms:"); at != std::string::npos) {
                TRY(catalogue.rule_, parse_rule(std::string_view(done.forms[0]).substr(at)));
            }
            return {};
        }
        if (done.plural && done.forms.size() != catalogue.rule_->forms) {
            return fail(Code::invalid, format("{} plural forms, but Plural-Forms says {}", done.forms.size(),
                                              catalogue.rule_->forms));
        }
        if (catalogue.entries_.size() >= kMaxEntries) return fail(Code::exhausted, format("more than {} entries", kMaxEntries));
        if (!catalogue.entries_.emplace(key_of(*done.source, done.context.value_or("")), std::move(done.forms)).second) {
            return fail(Code::invalid, "this msgid stands here twice");
        }
        return {};
    };
    const auto take_line = [&](std::string_view line) -> Result<void> {
        if (line.empty()) return close();
        if (line.starts_with("#~")) return {};
        if (line.starts_with("#")) {
            if (!entry.forms.empty()) TRY_DO(close());
            if (line.starts_with("#,") && line.find("fuzzy") != std::string_view::npos) entry.fuzzy = true;
            return {};
        }
        if (line.starts_with("\"")) {
            if (open == nullptr) return fail(Code::invalid, "a text without a keyword before it");
            TRY(const std::string more, parse_literal(line));
            *open += more;
            return {};
        }
        const std::size_t blank = line.find_first_of(" \t");
        if (blank == std::string_view::npos) return fail(Code::invalid, "a keyword and a text were expected");
        const std::string_view keyword = line.substr(0, blank);
        TRY(std::string literal, parse_literal(line.substr(blank)));
        if ((keyword == "msgctxt" || keyword == "msgid") && !entry.forms.empty()) TRY_DO(close());
        if (keyword == "msgctxt") {
            open = &entry.context.emplace(std::move(literal));
        } else if (keyword == "msgid") {
            open = &entry.source.emplace(std::move(literal));
        } else if (keyword == "msgid_plural") {
            open = &entry.plural.emplace(std::move(literal));
        } else if (keyword == "msgstr" || keyword == format("msgstr[{}]", entry.forms.size())) {
            if (!entry.source) return fail(Code::invalid, "msgstr without msgid");
            if ((keyword == "msgstr") == entry.plural.has_value() || entry.forms.size() >= 10 ||
                (keyword == "msgstr" && !entry.forms.empty())) {
                return fail(Code::invalid, "msgstr does not fit its msgid");
            }
            open = &entry.forms.emplace_back(std::move(literal));
        } else {
            return fail(Code::invalid, format("the keyword \"{}\" is not known here", keyword));
        }
        return {};
    };
    for (const std::string_view line : split(text, '\n')) {
        ++line_number;
        if (auto taken = take_line(trim(line)); !taken) {
            return fail(taken.error().code, format("{}:{}: {}", name, line_number, taken.error().message));
        }
    }
    TRY_DO(within(close(), name));
    return catalogue;
}

std::string fill_in(std::string_view pattern, const std::map<std::string, std::string, std::less<>>& values) {
    std::string out;
    for (std::size_t at = 0; at < pattern.size();) {
        const std::size_t open = pattern.find('{', at);
        const std::size_t close = open == std::string_view::npos ? open : pattern.find('}', open);
        if (close == std::string_view::npos) {
            out += pattern.substr(at);
            break;
        }
        out += pattern.substr(at, open - at);
        const auto found = values.find(pattern.substr(open + 1, close - open - 1));
        out += found == values.end() ? pattern.substr(open, close - open + 1) : std::string_view(found->second);
        at = close + 1;
    }
    return out;
}

std::string choose_language(std::string_view accept_language, const std::vector<std::string>& available) {
    std::string best = available.empty() ? std::string("en") : available.front();
    double best_weight = 0;
    for (const std::string_view part : split(accept_language.substr(0, 512), ',')) {
        const std::size_t semicolon = part.find(';');
        const std::string_view range = trim(part.substr(0, semicolon));
        double weight = 1;
        if (semicolon != std::string_view::npos) {
            const std::string_view q = trim(part.substr(semicolon + 1));
            if (!q.starts_with("q=")) continue;
            std::from_chars(q.data() + 2, q.data() + q.size(), weight);
        }
        const std::string_view primary = range.substr(0, range.find('-'));
        for (const std::string& language : available) {
            if (weight > best_weight && equal_ignoring_ascii_case(primary, language)) {
                best = language;
                best_weight = weight;
            }
        }
    }
    return best;
}

}  // namespace madang
