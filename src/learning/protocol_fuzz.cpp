// Any bytes as a protocol of training and as a labelled request: refused with its name, or read so that a table can be begun.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "learning/http_features.h"
#include "learning/protocol.h"
#include "learning/table.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace madang;
    using namespace madang::learning;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto protocol = parse_protocol(text, "fuzz");
    if (!protocol) {
        MADANG_CHECK(protocol.error().message.contains("fuzz"));
    } else {
        MADANG_CHECK(protocol->text == text);
        MADANG_CHECK(protocol->false_alarms > 0 && protocol->false_alarms < 1);
        TableReader reader(*protocol);
        if (const auto made = reader.finish()) MADANG_CHECK(made->table.rows() == 0);
    }
    (void)parse_labelled_request(text).has_value();
    return 0;
}
