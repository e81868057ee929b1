// Any bytes as CSV: refused with a line, or read; what was read is read again from what is written.
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/check.h"
#include "base/csv.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace madang;
    const auto rows = parse_csv(as_text(ByteSpan(data, size)), "fuzz.csv");
    if (!rows) {
        MADANG_CHECK(rows.error().message.starts_with("fuzz.csv:"));
        return 0;
    }
    std::string written;
    for (const CsvRow& row : *rows) written += csv_line(row);
    const auto again = parse_csv(written, "again.csv");
    MADANG_CHECK(again.has_value());
    for (std::size_t i = 0; i < again->size(); ++i) MADANG_CHECK((*again)[i].size() == (*rows)[0].size());
    return 0;
}
