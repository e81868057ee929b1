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
    bool is_named = false;                  // of a call: names of its arguments stand at `names`
    std::uint32_t count = 0;                // children
    std::uint32_t end = 0;                  // the place behind the last node below
    std::uint32_t arg = 0;                  // of a literal in values; of a name or path in texts; of a call in builtins, plus one
    std::uint32_t names = 0;                // the first of its names, in texts
    std::uint32_t type = 0;                 // in types, plus one
};

// Immutable once made; shared by threads.
struct Program : std::enable_shared_from_this<Program> {
    std::vector<Op> ops;
    std::shared_ptr<const Node> tree;                 // what was compiled: its literals are used in place
    std::vector<std::unique_ptr<const Value>> made;   // constants that were worked out
    std::vector<const Value*> values;
    std::vector<std::string_view> texts;              // of the tree
    std::vector<std::shared_ptr<const Type>> types;
    std::vector<const Builtin*> builtins;
    int depth = 0;   // nodes within each other

    const Op& root() const { return ops.front(); }
};

std::shared_ptr<const Program> compile(std::shared_ptr<const Node> root);

}  // namespace madang::feel
