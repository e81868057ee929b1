#include "feel/detail/parser.h"

#include <array>
#include <span>

#include "base/text.h"

namespace madang::feel {
namespace {

NodePointer make(NodeKind kind, std::vector<NodePointer> children) {
    auto node = std::make_shared<Node>();
    node->kind = kind;
    for (const auto& child : children) node->uses_input = node->uses_input || child->uses_input;
    node->children = std::move(children);
    return node;
}

NodePointer seal(std::shared_ptr<Node> node) {
    for (const auto& child : node->children) node->uses_input = node->uses_input || child->uses_input;
    return node;
}

struct Operator {
    std::string_view token;
    NodeKind kind;
};
constexpr std::array<Operator, 6> kComparisons{{{"!=", NodeKind::not_equal}, {"<=", NodeKind::less_or_equal},
                                                {">=", NodeKind::greater_or_equal}, {"=", NodeKind::equal},
                                                {"<", NodeKind::less}, {">", NodeKind::greater}}};

// What a text may cost: a plain one enters less than one nesting a byte.
constexpr std::size_t kWorkPerByte = 20;
constexpr std::size_t kLeastWork = 4000;
constexpr std::size_t kWorkPerSecondWay = 400;

bool is_comparison(char c) { return c == '=' || c == '<' || c == '>' || c == '!'; }

}  // namespace

Parser::Parser(std::string_view text, const NameSet& names, const Types* types)
    : reader_(text), names_{&builtin_names_with_blanks(), &names, {}}, types_(types), most_work_(kWorkPerByte * text.size() + kLeastWork) {}

std::unexpected<Error> Parser::too_deep() const {
    if (depth_ > kMaxDepth) return reader_.failure(madang::format("expressions are nested deeper than {}", kMaxDepth));
    return reader_.failure("the expression can be read in too many ways");
}

Result<void> Parser::go_back(std::size_t place) {
    if (++second_ways_ > most_work_ / kWorkPerSecondWay) return reader_.failure("the expression can be read in too many ways");
    reader_.go_to(place);
    return {};
}

void Parser::learn(std::string name) { names_.own.add(std::move(name)); }

Result<NodePointer> Parser::parse_whole_expression() {
    reader_.take("=");
    TRY(NodePointer node, expression());
    if (!reader_.done()) return reader_.failure("the expression should end here; an operator, a comma or a bracket may be missing");
    return node;
}

Result<NodePointer> Parser::parse_whole_unary_tests() {
    TRY(NodePointer node, unary_tests());
    if (!reader_.done()) return reader_.failure("the tests should end here; a comma or a bracket may be missing");
    return node;
}

// Grammar rules 1 and 2.
Parser::Parsed Parser::expression() {
    const Level level(*this);
    if (level.too_deep()) return too_deep();
    switch (reader_.next()) {
        case 'f': if (reader_.sees_word("for")) return for_expression(); break;
        case 'i': if (reader_.sees_word("if")) return if_expression(); break;
        case 's': if (reader_.sees_word("some")) return quantified(NodeKind::some); break;
        case 'e': if (reader_.sees_word("every")) return quantified(NodeKind::every); break;
        default: break;
    }
    return disjunction();
}

Parser::Parsed Parser::disjunction() {
    TRY(NodePointer left, conjunction());
    while (reader_.take_word("or")) {
        TRY(NodePointer right, conjunction());
        left = make(NodeKind::logical_or, {left, right});
    }
    return left;
}

Parser::Parsed Parser::conjunction() {
    TRY(NodePointer left, comparison());
    while (reader_.take_word("and")) {
        TRY(NodePointer right, comparison());
        left = make(NodeKind::logical_and, {left, right});
    }
    return left;
}

// Grammar rule 49: comparisons, `between` and `in`.
Parser::Parsed Parser::comparison() {
    TRY(NodePointer left, additive());
    for (;;) {
        bool found = false;
        for (const auto& [token, kind] : is_comparison(reader_.next()) ? std::span<const Operator>(kComparisons) : std::span<const Operator>()) {
            if (!reader_.take(token)) continue;
            TRY(NodePointer right, additive());
            left = make(kind, {left, right});
            found = true;
            break;
        }
        if (found) continue;
        if (reader_.take_word("between")) {
            TRY(left, between(left));
        } else if (reader_.take_word("in")) {
            TRY(left, in_tests(left));
        } else {
            return left;
        }
    }
}

Parser::Parsed Parser::between(NodePointer value) {
    TRY(NodePointer low, additive());
    if (!reader_.take_word("and")) return reader_.failure("\"between\" needs \"and\" and the upper end");
    TRY(NodePointer high, additive());
    return make(NodeKind::between, {std::move(value), low, high});
}

Parser::Parsed Parser::in_tests(NodePointer value) {
    auto node = std::make_shared<Node>();
    node->kind = NodeKind::in;
    node->children.push_back(std::move(value));
    // "in (a, b)" lists tests; "in (a..b)" and "in (a + b) * c" are one.
    const std::size_t start = reader_.place();
    if (reader_.take("(")) {
        bool listed = true;
        std::vector<NodePointer> tests;
        for (;;) {
            // What cannot be a test in a list cannot be one in brackets either.
            TRY(NodePointer test, unary_test());
            tests.push_back(std::move(test));
            if (reader_.take(",")) continue;
            listed = reader_.take(")");
            break;
        }
        if (listed) {
            for (auto& test : tests) node->children.push_back(std::move(test));
            node->uses_input = node->children.front()->uses_input;
            return node;
        }
        TRY_DO(go_back(start));
    }
    TRY(NodePointer test, unary_test());
    node->children.push_back(std::move(test));
    node->uses_input = node->children.front()->uses_input;
    return node;
}

// Grammar rules 20 and 21.
Parser::Parsed Parser::additive() {
    TRY(NodePointer left, multiplicative());
    for (;;) {
        NodeKind kind = NodeKind::add;
        if (reader_.take("+")) {
            kind = NodeKind::add;
        } else if (reader_.take("-")) {
            kind = NodeKind::subtract;
        } else {
            return left;
        }
        TRY(NodePointer right, multiplicative());
        left = make(kind, {left, right});
    }
}

// Grammar rules 22 and 23.
Parser::Parsed Parser::multiplicative() {
    TRY(NodePointer left, exponent());
    for (;;) {
        NodeKind kind = NodeKind::multiply;
        if (reader_.sees("**")) return left;
        if (reader_.take("*")) {
            kind = NodeKind::multiply;
        } else if (reader_.take("/")) {
            kind = NodeKind::divide;
        } else {
            return left;
        }
        TRY(NodePointer right, exponent());
        left = make(kind, {left, right});
    }
}

// Grammar rule 24; from the left, as the grammar's order says.
Parser::Parsed Parser::exponent() {
    TRY(NodePointer left, unary());
    while (reader_.take("**")) {
        TRY(NodePointer right, unary());
        left = make(NodeKind::power, {left, right});
    }
    return left;
}

// Grammar rule 25: the minus binds tighter than any operator between two.
Parser::Parsed Parser::unary() {
    const Level level(*this);
    if (level.too_deep()) return too_deep();
    if (reader_.take("-")) {
        TRY(NodePointer operand, unary());
        return make(NodeKind::negate, {operand});
    }
    return postfix();
}

// Grammar rules 40, 43, 50 and 51: a path, a filter, a call, `instance of`.
Parser::Parsed Parser::postfix() {
    TRY(NodePointer node, primary());
    for (;;) {
        if (!reader_.sees("..") && reader_.take(".")) {
            auto path = std::make_shared<Node>();
            path->kind = NodeKind::path;
            path->text = std::string(reader_.take_longest(names_));
            if (path->text.empty()) path->text = std::string(reader_.take_name());
            if (path->text.empty()) return reader_.failure("a name should follow the point");
            path->children = {node};
            node = seal(std::move(path));
        } else if (const std::size_t place = reader_.place(); reader_.take("[")) {
            // At the end of a range a "[" may close it: (1..5[.
            const bool may_close = std::exchange(ends_range_, false);
            auto condition_or = expression();
            ends_range_ = may_close;
            if (may_close && (!condition_or || !reader_.sees("]"))) {
                TRY_DO(go_back(place));
                return node;
            }
            TRY(NodePointer condition, std::move(condition_or));
            if (!reader_.take("]")) return reader_.failure("the filter needs its closing \"]\"");
            auto filter = std::make_shared<Node>();
            filter->kind = NodeKind::filter;
            filter->uses_input = node->uses_input;
            filter->children = {node, condition};
            node = filter;
        } else if (reader_.take("(")) {
            TRY(node, call(node));
        } else if (reader_.sees_word("instance")) {
            reader_.take_word("instance");
            if (!reader_.take_word("of")) return reader_.failure("\"instance\" needs \"of\" and a type");
            auto test = std::make_shared<Node>();
            test->kind = NodeKind::instance_of;
            TRY(Type wanted, type());
            test->type = std::make_shared<const Type>(std::move(wanted));
            test->children = {node};
            node = seal(std::move(test));
        } else {
            return node;
        }
    }
}

// Grammar rules 40 to 42: positional or named arguments.
Parser::Parsed Parser::call(NodePointer callee) {
    auto node = std::make_shared<Node>();
    node->kind = NodeKind::call;
    node->children.push_back(std::move(callee));
    if (reader_.take(")")) return seal(std::move(node));
    const std::size_t start = reader_.place();
    if (reader_.take_name_until(":")) {
        reader_.go_to(start);
        TRY_DO(named_arguments(*node));
        return seal(std::move(node));
    }
    do {
        TRY(NodePointer argument, expression());
        node->children.push_back(std::move(argument));
    } while (reader_.take(","));
    if (!reader_.take(")")) return reader_.failure("the call needs a comma or its closing \")\"");
    return seal(std::move(node));
}

Result<void> Parser::named_arguments(Node& node) {
    do {
        auto name = reader_.take_name_until(":");
        if (!name) return reader_.failure("either all arguments of a call have names, or none has");
        node.names.push_back(std::move(*name));
        TRY(NodePointer argument, expression());
        node.children.push_back(std::move(argument));
    } while (reader_.take(","));
    if (!reader_.take(")")) return reader_.failure("the call needs a comma or its closing \")\"");
    return {};
}

// Grammar rule 17 and clause 7.3.2: "-", "not(...)", or tests of which one must hold.
Parser::Parsed Parser::unary_tests() {
    const std::size_t start = reader_.place();
    if (reader_.take("-") && reader_.done()) {
        auto any = std::make_shared<Node>();
        any->kind = NodeKind::any_test;
        return any;
    }
    reader_.go_to(start);
    NodeKind kind = NodeKind::tests;
    bool closes = false;
    if (reader_.take_word("not")) {
        if (reader_.take("(")) {
            kind = NodeKind::not_tests;
            closes = true;
        } else {
            reader_.go_to(start);
        }
    }
    std::vector<NodePointer> tests;
    do {
        TRY(NodePointer test, unary_test());
        tests.push_back(std::move(test));
    } while (reader_.take(","));
    if (closes && !reader_.take(")")) return reader_.failure("\"not(\" needs its closing \")\"");
    if (closes && !reader_.done()) {
        // "not(a) and b" is one expression that begins with a call of not.
        TRY_DO(go_back(start));
        TRY(NodePointer test, unary_test());
        return make(NodeKind::tests, {test});
    }
    return make(kind, std::move(tests));
}

// Grammar rule 7: "< 5", "[1..3]", or an expression.
Parser::Parsed Parser::unary_test() {
    const Level level(*this);
    if (level.too_deep()) return too_deep();
    for (const auto& [token, kind] : is_comparison(reader_.next()) ? std::span<const Operator>(kComparisons) : std::span<const Operator>()) {
        if (!reader_.take(token)) continue;
        auto test = std::make_shared<Node>();
        test->kind = NodeKind::test;
        test->operation = kind;
        TRY(NodePointer operand, additive());
        test->children = {operand};
        return seal(std::move(test));
    }
    return expression();
}

}  // namespace madang::feel
