// Comma-separated values after RFC 4180, in UTF-8. Written cells cannot become formulas in a spreadsheet (OWASP, CSV
// injection): one that begins with = + - @, a tab or a carriage return gets an apostrophe before it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace madang {

using CsvRow = std::vector<std::string>;

struct CsvLimits {
    std::size_t bytes = 20U << 20;
    std::size_t rows = 100'000;
    std::size_t columns = 200;
};

// All rows, the header among them; a byte order mark and empty lines are passed over. Code::invalid with "NAME:LINE: …"
// on an open quote, text after a closing quote or a row of another length than the first; Code::exhausted.
Result<std::vector<CsvRow>> parse_csv(std::string_view text, std::string_view name, const CsvLimits& limits = {});

// One line with CRLF.
std::string csv_line(const CsvRow& row);

}  // namespace madang
