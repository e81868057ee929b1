// An expression as it is run: its nodes in one array, in the order in which they are written, children
// right behind their parent. Constants are worked out, built-in functions found, names kept once.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "feel/detail/evaluation.h"
#include "feel/detail/syntax.h"

namespace madang::feel {

struct Op {
    NodeKind kind = NodeKind::literal;
    NodeKind operation = NodeKind::equal;   // of a test
    bool start_included = false;            // of a range
    bool end_included = false;
    bool uses_input = false;                // as the node says: a true of it is the answer of the test
    bool mentions_input = false;            // `?` stands somewhere below, at any place
    bool looks_back = false;                // of an iteration: `partial` stands in its body
    std::uint32_t count = 0;                // children
    std::uint32_t end = 0;                  // the place behind the last node below
    std::uint32_t node = 0;                 // in nodes: with its value, text, names or type, where it has any
    std::uint32_t builtin = 0;              // of a call: in builtins, plus one; 0 where it calls something else
};

// Immutable once made; shared by threads.
struct Program : std::enable_shared_from_this<Program> {
    std::vector<Op> ops;
    std::vector<const Node*> nodes;
    std::vector<const Builtin*> builtins;
    std::vector<std::unique_ptr<const Node>> made;   // constants that were worked out
    std::shared_ptr<const Node> tree;                // what was compiled and is used in place
    int depth = 0;                                   // nodes within each other

    const Op& root() const { return ops.front(); }
    const Node& node(const Op& op) const { return *nodes[op.node]; }
};

std::shared_ptr<const Program> compile(std::shared_ptr<const Node> root);

}  // namespace madang::feel
