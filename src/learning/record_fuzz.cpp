// Any bytes as an event that arrives, as a record that is labelled, and as what baselines and names remember: each is read, or refused
// whole.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "learning/baseline.h"
#include "learning/judges.h"
#include "learning/protocol.h"
#include "learning/record.h"
#include "security/event_lines.h"

namespace {

using namespace madang;
using namespace madang::learning;

// What training would make of the protocol, without training.
Features features_of(const Protocol& protocol) {
    TableReader reader(protocol);
    return reader.finish()->features;
}

void read_records(std::string_view bytes) {
    static const std::array protocols{*shipped_protocol("network-flows"), *shipped_protocol("http-requests")};
    static const std::array features{features_of(protocols[0]), features_of(protocols[1])};
    security::Event event;
    (void)security::parse_json_line(bytes, {}, event).has_value();
    for (std::size_t i = 0; i < protocols.size(); ++i) {
        const RecordReader reader(protocols[i], features[i]);
        const auto record = reader.read([&](std::string_view name) -> std::optional<std::string_view> {
            const auto field = event.find(name);
            return field && !field->null ? std::optional(field->value) : std::nullopt;
        });
        if (record && *record) MADANG_CHECK((*record)->row.size() == features[i].size());
        // What an event gave can be labelled, and labelling it again changes nothing.
        const std::string line = record && *record ? (*record)->line : std::string(bytes);
        const auto once = labelled(protocols[i], line, "attack");
        if (!once) continue;
        MADANG_CHECK(!once->contains('\n'));
        const auto again = labelled(protocols[i], *once, "attack");
        MADANG_CHECK(again && *again == *once);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    read_records(bytes);
    Baselines baselines({.entities = 100}, std::chrono::minutes(0));
    if (baselines.recall(bytes)) MADANG_CHECK(baselines.entities() <= 100 && Baselines({.entities = 100}, std::chrono::minutes(0)).recall(baselines.memory()).has_value());
    else MADANG_CHECK(baselines.entities() == 0);
    const auto names = make_domain_judge({"query"});
    if (names->recall(bytes)) MADANG_CHECK(names->recall(names->memory()).has_value());
    else MADANG_CHECK(names->counts().remembered == 0);
    return 0;
}
