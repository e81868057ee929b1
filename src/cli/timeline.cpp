#include "cli/timeline.h"

#include <algorithm>

#include "base/csv.h"
#include "base/text.h"
#include "cli/spool_options.h"

namespace madang::cli {
namespace {

constexpr std::size_t kFieldShown = 160;     // bytes, in the table

// Of a table: what is longer is in the other forms.
std::string shortened(const std::string& text) {
    if (text.size() <= kFieldShown) return text;
    std::size_t end = kFieldShown;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;   // not within a character
    return text.substr(0, end) + "…";
}

enum class Values { whole, shortened };

std::string fields_line(const Finding& one, Values values) {
    std::string text;
    for (const auto& [name, value] : one.fields) {
        const std::string plain = shown(value);
        text += format("{}{}: {}", text.empty() ? "" : "; ", shown(name), values == Values::whole ? plain : shortened(plain));
    }
    return text;
}

std::string harmless(const std::string& given) {
    std::string text = shown(given);
    if (!text.empty() && std::string_view("=+-@").contains(text.front())) text.insert(text.begin(), '\'');
    return text;
}

}  // namespace

std::string timeline_table(const std::vector<Finding>& findings) {
    std::string text;
    for (const Finding& one : findings) {
        text += format("{:<27} {:<13} {}\n    {} #{}{}\n", one.time.empty() ? "(no time)" : shown(one.time), name_of(one.level), shown(one.title), shown(one.file), one.record,
                       one.computer.empty() ? "" : ", " + shown(one.computer));
        if (const std::string fields = fields_line(one, Values::shortened); !fields.empty()) text += "    " + fields + "\n";
    }
    return text;
}

std::string timeline_csv(const std::vector<Finding>& findings) {
    std::string text = csv_line({"time", "level", "title", "rule", "author", "licence", "file", "record", "computer", "tags", "fields"});
    for (const Finding& one : findings) {
        CsvRow row{one.time, std::string(name_of(one.level)), one.title, one.rule, one.author, one.licence, one.file, std::to_string(one.record), one.computer, join(one.tags, " "), fields_line(one, Values::whole)};
        std::ranges::transform(row, row.begin(), harmless);
        text += csv_line(row);
    }
    return text;
}

}  // namespace madang::cli
