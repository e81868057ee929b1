// Any bytes as a BPMN file: read, or refused with the file's name; what was read is one connected graph.
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/check.h"
#include "process/definition.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace madang;
    using namespace madang::process;
    const auto read = parse_bpmn(as_text(ByteSpan(data, size)), "fuzz.bpmn");
    if (!read) {
        MADANG_CHECK(read.error().message.starts_with("fuzz.bpmn:"));
        return 0;
    }
    MADANG_CHECK(read->nodes.size() <= kMaxNodes);
    for (const Scope& scope : read->scopes) {
        for (const std::size_t place : scope.entries) MADANG_CHECK(read->nodes.at(place).kind != NodeKind::boundary_event);
    }
    for (const Node& node : read->nodes) {
        MADANG_CHECK(read->find(node.id) == &node);
        for (const std::size_t flow : node.outgoing) MADANG_CHECK(&read->nodes.at(read->flows.at(flow).source) == &node);
        for (const std::size_t flow : node.incoming) MADANG_CHECK(&read->nodes.at(read->flows.at(flow).target) == &node);
    }
    return 0;
}
