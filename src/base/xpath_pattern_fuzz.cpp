// The first line is flags, the second a pattern, the rest a text: whatever they are, each operation ends.
#include <algorithm>

#include "base/bytes.h"
#include "base/check.h"
#include "base/text.h"
#include "base/xpath_pattern.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view all = madang::as_text({data, size});
    const std::size_t first = std::min(all.find('\n'), all.size());
    const std::size_t second = std::min(all.find('\n', std::min(first + 1, all.size())), all.size());
    const auto pattern = madang::XpathPattern::compile(all.substr(std::min(first + 1, all.size()), second - std::min(first + 1, second)), all.substr(0, first));
    if (!pattern) return 0;
    const std::string_view text = all.substr(std::min(second + 1, all.size()));
    const auto found = pattern->found_in(text);
    const auto parts = pattern->split(text);
    const auto replaced = pattern->replace(text, "<$0>");
    // What is split falls apart exactly where something is found, and is replaced only there.
    if (found && parts) MADANG_CHECK(*found == (parts->size() > 1));
    if (found && replaced && !*found) MADANG_CHECK(*replaced == text);
    return 0;
}
