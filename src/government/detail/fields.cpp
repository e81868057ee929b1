#include "government/detail/fields.h"

#include <algorithm>

#include "base/text.h"
#include "base/time_text.h"

namespace madang::government {

std::unexpected<Error> wrong(std::string_view where, std::string_view what) {
    return fail(Code::invalid, format("{}: {}", where, what));
}

Result<std::string> line_of(const json::value& value, std::string_view where) {
    if (!value.is_string()) return wrong(where, "a text is expected");
    const std::string_view text = value.get_string();
    if (text.empty() || text.size() > kMaxText * 4) return wrong(where, format("a text has 1 to {} characters", kMaxText));
    return within(tidy_line(text), where);
}

Result<Date> parse_day(const json::value& value, std::string_view where) {
    if (!value.is_string()) return wrong(where, "a date is written \"2026-07-03\"");
    return within(parse_date(value.get_string()), where);
}

}  // namespace madang::government
