// An XML document kept whole: comments, instructions, blanks and prefixes stay, so that what is read can be written again
// without loss. Limits and refusals are those of base/xml.h.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/xml.h"

namespace madang::xml {

struct TreeNode {
    enum class Kind { element, text, cdata, comment, instruction };
    Kind kind = Kind::element;
    std::string name = {};                                             // of an element, with its prefix, or of an instruction
    std::string value = {};                                            // of everything but an element
    std::vector<std::pair<std::string, std::string>> attributes = {};  // as written, xmlns among them
    std::vector<TreeNode> children = {};
};

struct Tree {
    std::vector<TreeNode> nodes;   // before, of and behind the root element
};

Result<Tree> parse_tree(std::string_view text, std::string_view name, const Limits& limits = {});

// As UTF-8 with an XML declaration.
std::string write(const Tree& tree);

// Canonical XML 1.0 without comments (W3C Recommendation of 15 March 2001), of the whole document. Two files with the same
// canonical form say the same. Equal but for the schema, whose default attributes are not added.
std::string canonical(const Tree& tree);

}  // namespace madang::xml
