#include "security/detail/evtx_utf16.h"

#include <cstdint>

namespace madang::security {
namespace {

std::uint32_t unit_at(std::string_view utf16, std::size_t at) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(utf16[at])) |
           static_cast<std::uint32_t>(static_cast<unsigned char>(utf16[at + 1])) << 8U;
}

void append_code_point(std::uint32_t point, std::string& out) {
    const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (point < 0x80) {
        put(point);
    } else if (point < 0x800) {
        put(0xC0U | point >> 6U);
        put(0x80U | (point & 0x3FU));
    } else if (point < 0x10000) {
        put(0xE0U | point >> 12U);
        put(0x80U | (point >> 6U & 0x3FU));
        put(0x80U | (point & 0x3FU));
    } else {
        put(0xF0U | point >> 18U);
        put(0x80U | (point >> 12U & 0x3FU));
        put(0x80U | (point >> 6U & 0x3FU));
        put(0x80U | (point & 0x3FU));
    }
}

// How many units from `at` are ASCII.
std::size_t ascii_run(std::string_view utf16, std::size_t at) {
    std::size_t count = 0;
    for (; at + 1 < utf16.size(); at += 2, ++count) {
        if (static_cast<unsigned char>(utf16[at]) >= 0x80 || utf16[at + 1] != 0) break;
    }
    return count;
}

}  // namespace

void append_utf16(std::string_view utf16, std::string& out) {
    std::size_t at = 0;
    while (at + 1 < utf16.size()) {
        // Nearly all of a log is ASCII, and a known length makes the copy of it fast.
        const std::size_t run = ascii_run(utf16, at);
        const std::size_t before = out.size();
        out.resize(before + run);
        for (std::size_t i = 0; i < run; ++i) out[before + i] = utf16[at + 2 * i];
        at += 2 * run;
        // Then what is not ASCII, up to the next unit that is.
        while (at + 1 < utf16.size()) {
            const std::uint32_t unit = unit_at(utf16, at);
            if (unit < 0x80) break;
            at += 2;
            if (unit < 0xD800 || unit > 0xDFFF) {
                append_code_point(unit, out);
                continue;
            }
            const std::uint32_t low = unit < 0xDC00 && at + 1 < utf16.size() ? unit_at(utf16, at) : 0;
            if (low < 0xDC00 || low > 0xDFFF) {
                append_code_point(0xFFFD, out);
                continue;
            }
            append_code_point(0x10000 + ((unit - 0xD800) << 10U) + (low - 0xDC00), out);
            at += 2;
        }
    }
}

std::string_view without_closing_nul(std::string_view utf16) {
    while (utf16.size() >= 2 && utf16.size() % 2 == 0 && utf16[utf16.size() - 1] == 0 && utf16[utf16.size() - 2] == 0) {
        utf16.remove_suffix(2);
    }
    return utf16;
}

}  // namespace madang::security
