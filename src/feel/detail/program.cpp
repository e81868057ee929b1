#include "feel/detail/program.h"

#include <algorithm>

namespace madang::feel {
namespace {

bool is_literal(const Node& node) { return node.kind == NodeKind::literal; }

// What an expression without variables is, where it can be said now and costs nothing to say.
std::optional<Value> constant(const Node& node) {
    if (is_literal(node)) return node.value;
    if (node.kind == NodeKind::negate && is_literal(*node.children[0]) && node.children[0]->value.as<Number>() != nullptr) {
        return negate(node.children[0]->value);
    }
    if (node.kind == NodeKind::range) {
        const auto first = constant(*node.children[0]);
        const auto last = constant(*node.children[1]);
        if (first && last && !first->is_null() && !last->is_null() && compare(*first, *last)) {
            return Value(Range{node.start_included, *first, *last, node.end_included});
        }
    }
    return std::nullopt;
}

bool mentions(const Node& node, std::string_view name) {
    if (node.kind == NodeKind::name && node.text == name) return true;
    return std::ranges::any_of(node.children, [&](const NodePointer& child) { return mentions(*child, name); });
}

class Compiler {
public:
    std::shared_ptr<Program> take() { return std::move(made_); }

    void add(const Node& node, int depth) {
        made_->depth = std::max(made_->depth, depth);
        const std::size_t place = made_->ops.size();
        made_->ops.emplace_back();
        Op op;
        op.kind = node.kind;
        op.operation = node.operation;
        op.start_included = node.start_included;
        op.end_included = node.end_included;
        op.uses_input = node.uses_input;
        op.mentions_input = node.kind == NodeKind::name && node.text == "?";
        if (is_literal(node)) {
            op.arg = keep(made_->values, &node.value);
        } else if (auto value = constant(node)) {
            op.kind = NodeKind::literal;
            made_->made.push_back(std::make_unique<const Value>(std::move(*value)));
            op.arg = keep(made_->values, made_->made.back().get());
        } else {
            describe(node, op);
            op.count = static_cast<std::uint32_t>(node.children.size());
            for (const auto& child : node.children) {
                const std::size_t below = made_->ops.size();
                add(*child, depth + 1);
                op.mentions_input = op.mentions_input || made_->ops[below].mentions_input;
            }
        }
        op.end = static_cast<std::uint32_t>(made_->ops.size());
        made_->ops[place] = op;
    }

private:
    template <class T>
    static std::uint32_t keep(std::vector<T>& all, T one) {
        all.push_back(std::move(one));
        return static_cast<std::uint32_t>(all.size() - 1);
    }

    void describe(const Node& node, Op& op) {
        if (node.kind == NodeKind::name || node.kind == NodeKind::path) op.arg = text(node.text);
        if (node.kind == NodeKind::call && node.children[0]->kind == NodeKind::name) {
            if (const Builtin* builtin = find_builtin(node.children[0]->text)) op.arg = keep(made_->builtins, builtin) + 1;
        }
        if (!node.names.empty()) {
            op.is_named = true;
            op.names = static_cast<std::uint32_t>(made_->texts.size());
            made_->texts.insert(made_->texts.end(), node.names.begin(), node.names.end());
        }
        if (node.type) op.type = keep(made_->types, node.type) + 1;
        op.looks_back = node.kind == NodeKind::for_in && mentions(*node.children.back(), "partial");
    }

    std::uint32_t text(std::string_view one) {
        const auto found = std::ranges::find(made_->texts, one);
        if (found != made_->texts.end()) return static_cast<std::uint32_t>(found - made_->texts.begin());
        return keep(made_->texts, one);
    }

    std::shared_ptr<Program> made_ = std::make_shared<Program>();
};

}  // namespace

std::shared_ptr<const Program> compile(std::shared_ptr<const Node> root) {
    Compiler compiler;
    compiler.add(*root, 1);
    auto program = compiler.take();
    program->tree = std::move(root);
    program->ops.shrink_to_fit();
    program->values.shrink_to_fit();
    program->texts.shrink_to_fit();
    return program;
}

}  // namespace madang::feel
