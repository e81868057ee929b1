// The reference models of OMG's BPMN Model Interchange Working Group: each is read, written and read again without loss
// (Canonical XML), and our picture of it holds every shape and edge of the file, each with the element that it shows.
//
//   conformance_bpmn_miwg DIR
#include <algorithm>
#include <filesystem>
#include <set>

#include "base/file.h"
#include "base/text.h"
#include "base/xml_tree.h"
#include "conformance/suite.h"
#include "process/diagram.h"
#include "process/interchange.h"

namespace madang::conformance {
namespace {

std::string local(std::string_view name) { return std::string(name.substr(name.find(':') == std::string_view::npos ? 0 : name.find(':') + 1)); }

std::string attribute(const xml::TreeNode& node, std::string_view name) {
    const auto found = std::ranges::find(node.attributes, name, [](const auto& one) { return std::string_view(one.first); });
    return found == node.attributes.end() ? std::string() : found->second;
}

// "BPMNShape shape-id element-id" of everything drawn, as the file has it.
void collect(const xml::TreeNode& node, std::multiset<std::string>& drawn) {
    const std::string name = local(node.name);
    if (name == "BPMNShape" || name == "BPMNEdge") drawn.insert(format("{} {} {}", name, attribute(node, "id"), local(attribute(node, "bpmnElement"))));
    for (const xml::TreeNode& child : node.children) collect(child, drawn);
}

void judge(const Path& path, const std::string& name, Tally& tally) {
    const auto text = read_file(path);
    const auto tree = text ? xml::parse_tree(*text, name) : Result<xml::Tree>(std::unexpected(text.error()));
    if (!tree) return tally.expect(false, name, tree.error().message);
    const auto written = process::rewrite_bpmn(*text, name);
    const auto again = written ? xml::parse_tree(*written, name) : Result<xml::Tree>(std::unexpected(written.error()));
    tally.expect(again && xml::canonical(*again) == xml::canonical(*tree), name + " (written)", "what was written says something else");

    std::multiset<std::string> expected;
    for (const xml::TreeNode& node : tree->nodes) collect(node, expected);
    const auto diagram = process::read_diagram(*text, name);
    if (!diagram) return tally.expect(false, name + " (drawn)", diagram.error().message);
    std::multiset<std::string> found;
    for (const auto& shape : diagram->shapes) found.insert(format("BPMNShape {} {}", shape.id, shape.element));
    for (const auto& edge : diagram->edges) found.insert(format("BPMNEdge {} {}", edge.id, edge.element));
    // A file that draws nothing is laid out.
    if (expected.empty()) return tally.expect(diagram->laid_out && !diagram->shapes.empty(), name + " (drawn)", "nothing was laid out");
    tally.expect(found == expected && !diagram->laid_out, name + " (drawn)", format("{} shapes and edges in the file, {} in the picture", expected.size(), found.size()));
}

int run(const Path& dir) {
    Tally tally;
    std::set<Path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(dir)) {
        if (equal_ignoring_ascii_case(entry.path().extension().string(), ".bpmn")) files.insert(entry.path());
    }
    for (const Path& file : files) judge(file, std::filesystem::relative(file, dir).string(), tally);
    return tally.finish();
}

}  // namespace
}  // namespace madang::conformance

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("usage: conformance_bpmn_miwg DIR\n", stderr);
        return 2;
    }
    return madang::conformance::run(argv[1]);
}
