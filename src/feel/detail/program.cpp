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
            op.node = keep(made_->nodes, &node);
        } else if (auto value = constant(node)) {
            op.kind = NodeKind::literal;
            auto literal = std::make_unique<Node>();
            literal->value = std::move(*value);
            op.node = keep(made_->nodes, literal.get());
            made_->made.push_back(std::move(literal));
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
    static std::uint32_t keep(std::vector<const T*>& all, const T* one) {
        all.push_back(one);
        return static_cast<std::uint32_t>(all.size() - 1);
    }

    void describe(const Node& node, Op& op) {
        if (!node.text.empty() || !node.names.empty() || node.type) op.node = keep(made_->nodes, &node);
        if (node.kind == NodeKind::call && node.children[0]->kind == NodeKind::name) {
            if (const Builtin* builtin = find_builtin(node.children[0]->text)) op.builtin = keep(made_->builtins, builtin) + 1;
        }
        // A call without names has none at its place.
        if (node.kind == NodeKind::call && node.names.empty()) op.node = keep(made_->nodes, &node);
        op.looks_back = node.kind == NodeKind::for_in && mentions(*node.children.back(), "partial");
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
    program->nodes.shrink_to_fit();
    return program;
}

}  // namespace madang::feel
