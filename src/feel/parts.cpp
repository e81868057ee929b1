#include <algorithm>

#include "feel/detail/program.h"
#include "feel/detail/syntax.h"
#include "feel/expression.h"

namespace madang::feel {

Parts parts_of(const Expression& expression) {
    const NodeKind kind = expression.root().kind;
    if (kind != NodeKind::logical_and && kind != NodeKind::logical_or) return {Parts::Joined::one, {expression}};
    Parts found{kind == NodeKind::logical_and ? Parts::Joined::all : Parts::Joined::any, {}};
    // a and b and c is ((a and b) and c): the left side is walked down, however long it is.
    NodePointer node = expression.program().tree;
    for (; node->kind == kind; node = node->children[0]) found.parts.emplace_back(node->children[1]);
    found.parts.emplace_back(node);
    std::ranges::reverse(found.parts);
    return found;
}

Expression as_condition(const Expression& expression) {
    const auto yes = std::make_shared<Node>();
    yes->value = Value(true);
    const auto both = std::make_shared<Node>();
    both->kind = NodeKind::logical_and;
    both->children = {expression.program().tree, yes};
    return Expression(both);
}

}  // namespace madang::feel
