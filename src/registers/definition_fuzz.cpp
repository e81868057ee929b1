// Any bytes as a register's definition: read or refused; what was read checks data without falling over.
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/check.h"
#include "registers/definition.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace madang;
    using namespace madang::registers;
    const std::string_view text = as_text(ByteSpan(data, size));
    const auto read = parse_definition(text, "fuzz.json");
    const auto value = parse_json(text);
    if (!read || !value || !value->is_object()) return 0;
    for (const RecordKind& kind : read->kinds) {
        // The definition itself serves as data, and so does one value of its for every field.
        (void)check_data(kind, value->get_object());
        json::object filled;
        for (const Field& field : kind.fields) filled[field.id] = value->get_object().begin()->value();
        const auto checked = check_data(kind, filled);
        if (checked) MADANG_CHECK(check_data(kind, *checked) == checked);
    }
    return 0;
}
