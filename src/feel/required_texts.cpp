#include "feel/detail/syntax.h"
#include "feel/expression.h"

namespace madang::feel {
namespace {

const std::string* text_in(const Node& node) { return node.kind == NodeKind::literal ? std::get_if<std::string>(&node.value.held()) : nullptr; }

void add(std::vector<RequiredText>& all, const Node& name, const Node& text, bool whole) {
    const std::string* words = text_in(text);
    if (name.kind == NodeKind::name && words != nullptr && !words->empty()) all.push_back({name.text, *words, whole});
}

void collect(std::vector<RequiredText>& all, const Node& node) {
    if (node.kind == NodeKind::logical_and) {
        for (const auto& child : node.children) collect(all, *child);
    } else if (node.kind == NodeKind::equal) {
        add(all, *node.children[0], *node.children[1], true);
        add(all, *node.children[1], *node.children[0], true);
    } else if (node.kind == NodeKind::call && node.names.empty() && node.children.size() == 3 && node.children[0]->kind == NodeKind::name) {
        const std::string& called = node.children[0]->text;
        if (called == "contains" || called == "starts with" || called == "ends with") add(all, *node.children[1], *node.children[2], false);
    }
}

}  // namespace

std::vector<RequiredText> required_texts(const Expression& expression) {
    std::vector<RequiredText> all;
    collect(all, expression.root());
    return all;
}

}  // namespace madang::feel
