#include <algorithm>

#include "base/text.h"
#include "feel/detail/evaluation.h"
#include "feel/detail/parser.h"
#include "feel/detail/program.h"
#include "feel/expression.h"

namespace madang::feel {

NameSet::NameSet(const std::vector<std::string>& names) {
    for (const std::string& name : names) add(name);
}

void NameSet::add(std::string name) {
    if (name.find_first_of(" -+*/.'") == std::string::npos) return;
    const auto same_start = std::ranges::equal_range(names_, name.front(), {}, [](const std::string& one) { return one.front(); });
    if (std::ranges::find(same_start, name) != same_start.end()) return;
    first_.set(static_cast<unsigned char>(name.front()));
    names_.insert(same_start.end(), std::move(name));
}

std::span<const std::string> NameSet::beginning_with(char first) const {
    if (!first_.test(static_cast<unsigned char>(first))) return {};
    const auto found = std::ranges::equal_range(names_, first, {}, [](const std::string& one) { return one.front(); });
    return {found.begin(), found.end()};
}

Result<Expression> parse_expression(std::string_view text, const std::vector<std::string>& names, const Types* types) {
    return parse_expression(text, NameSet(names), types);
}

Result<Expression> parse_expression(std::string_view text, const NameSet& names, const Types* types) {
    if (text.size() > kMaxExpressionBytes) return fail(Code::exhausted, madang::format("an expression has at most {} bytes", kMaxExpressionBytes));
    if (!is_utf8(text)) return fail(Code::invalid, "the expression is not UTF-8");
    Parser parser(text, names, types);
    TRY(NodePointer root, parser.parse_whole_expression());
    return Expression(std::move(root));
}

Result<Expression> parse_unary_tests(std::string_view text, const std::vector<std::string>& names, const Types* types) {
    return parse_unary_tests(text, NameSet(names), types);
}

Result<Expression> parse_unary_tests(std::string_view text, const NameSet& names, const Types* types) {
    if (text.size() > kMaxExpressionBytes) return fail(Code::exhausted, madang::format("a cell has at most {} bytes", kMaxExpressionBytes));
    if (!is_utf8(text)) return fail(Code::invalid, "the cell is not UTF-8");
    if (text == "-") {   // the most frequent cell is kept once
        static const Expression kAny = [] {
            auto any = std::make_shared<Node>();
            any->kind = NodeKind::any_test;
            return Expression(std::move(any));
        }();
        return kAny;
    }
    Parser parser(text, names, types);
    TRY(NodePointer root, parser.parse_whole_unary_tests());
    return Expression(std::move(root));
}

Expression make_null(std::string reason) {
    auto node = std::make_shared<Node>();
    node->value = Value::null(std::move(reason));
    return Expression(std::move(node));
}

Expression::Expression(std::shared_ptr<const Node> root) : program_(compile(std::move(root))) {}
const Node& Expression::root() const { return *program_->tree; }

Value evaluate(const Expression& expression, const Context& variables, const Budget& budget) {
    Evaluation evaluation(budget);
    return evaluation.evaluate(expression.program(), Scope{nullptr, &variables, {}});
}

Value matches(const Expression& tests, const Value& input, const Context& variables, const Budget& budget) {
    Evaluation evaluation(budget);
    const Truth passed = evaluation.test(tests.program(), input, Scope{nullptr, &variables, {}});
    if (passed != Truth::unknown) return Value(passed == Truth::yes);
    return Value::null(evaluation.is_spent() ? std::string(kSpent) : "the input cannot be compared with the tests");
}

namespace {

void collect(const Node& node, std::vector<std::string> bound, std::vector<std::string>& found) {
    if (node.kind == NodeKind::name) {
        const auto known = [&](const std::vector<std::string>& names) { return std::find(names.begin(), names.end(), node.text) != names.end(); };
        if (!known(bound) && !known(found) && node.text != "?" && find_builtin(node.text) == nullptr) found.push_back(node.text);
    }
    const bool binds = node.kind == NodeKind::for_in || node.kind == NodeKind::some || node.kind == NodeKind::every ||
                       node.kind == NodeKind::function || node.kind == NodeKind::context;
    if (binds) bound.insert(bound.end(), node.names.begin(), node.names.end());
    if (node.kind == NodeKind::for_in) bound.emplace_back("partial");
    for (const auto& child : node.children) collect(*child, bound, found);
}

}  // namespace

std::vector<std::string> free_names(const Expression& expression) {
    std::vector<std::string> found;
    collect(expression.root(), {}, found);
    return found;
}

}  // namespace madang::feel
