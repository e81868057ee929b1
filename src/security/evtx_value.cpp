#include "security/evtx_value.h"

#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <iterator>
#include <vector>

#include "base/text.h"
#include "security/detail/evtx_bytes.h"
#include "security/detail/evtx_utf16.h"

namespace madang::security {
namespace {

constexpr std::size_t kMaxSubAuthorities = 15;  // MS-DTYP 2.4.2.2
constexpr std::uint64_t kTicksPerMicrosecond = 10;
constexpr std::int64_t kMicrosecondsTo1970 = 11'644'473'600'000'000;     // from 1601
constexpr std::int64_t kLastMicrosecond = 253'402'300'799'999'999;       // of the year 9999

auto into(std::string& out) { return std::back_inserter(out); }

void append_hex(std::string_view bytes, std::string& out) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out.push_back(digits[byte >> 4U]);
        out.push_back(digits[byte & 15U]);
    }
}

// The log does not name the code page. Text that is UTF-8 is taken as it is, else each byte for Latin-1.
void append_ansi(std::string_view bytes, std::string& out) {
    while (!bytes.empty() && bytes.back() == 0) bytes.remove_suffix(1);
    if (is_utf8(bytes)) {
        out += bytes;
        return;
    }
    for (const char c : bytes) {
        const std::array<char, 2> unit{c, 0};
        append_utf16({unit.data(), 2}, out);
    }
}

// MS-DTYP 2.3.4.2: the first three parts are little-endian numbers, the rest bytes in their order.
void append_guid(std::string_view b, std::string& out) {
    fmt::format_to(into(out), "{:08X}-{:04X}-{:04X}-", read_little<std::uint32_t>(b), read_little<std::uint16_t>(b, 4),
                   read_little<std::uint16_t>(b, 6));
    append_hex(b.substr(8, 2), out);
    out.push_back('-');
    append_hex(b.substr(10, 6), out);
}

// The bytes that a SID at the start of `bytes` takes, 0 where there is none.
std::size_t size_of_sid(std::string_view bytes) {
    if (bytes.size() < 8) return 0;
    const std::size_t count = static_cast<unsigned char>(bytes[1]);
    const std::size_t size = 8 + 4 * count;
    return count <= kMaxSubAuthorities && size <= bytes.size() ? size : 0;
}

// MS-DTYP 2.4.2.1; an authority of 2^32 or more is written in hex.
void append_sid(std::string_view b, std::string& out) {
    std::uint64_t authority = 0;
    for (std::size_t i = 2; i < 8; ++i) authority = authority << 8U | static_cast<unsigned char>(b[i]);
    fmt::format_to(into(out), "S-{}-", static_cast<unsigned char>(b[0]));
    if (authority >> 32U != 0) {
        fmt::format_to(into(out), "0x{:X}", authority);
    } else {
        fmt::format_to(into(out), "{}", authority);
    }
    for (std::size_t at = 8; at < size_of_sid(b); at += 4) fmt::format_to(into(out), "-{}", read_little<std::uint32_t>(b, at));
}

void append_file_time(std::string_view b, std::string& out) {
    const Instant moment = instant_of_file_time(read_little<std::uint64_t>(b));
    const auto day = std::chrono::floor<std::chrono::days>(moment);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{moment - day};
    fmt::format_to(into(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", int{date.year()}, unsigned{date.month()},
                   unsigned{date.day()}, time.hours().count(), time.minutes().count(), time.seconds().count(),
                   time.subseconds().count());
}

void append_system_time(std::string_view b, std::string& out) {
    const auto part = [b](std::size_t index) { return read_little<std::uint16_t>(b, 2 * index); };
    fmt::format_to(into(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}000Z", part(0), part(1), part(3), part(4), part(5),
                   part(6), part(7));
}

// How many bytes one value of the type takes; 0 where that varies.
std::size_t width_of(EvtxType type) {
    switch (type) {
        case EvtxType::int8: case EvtxType::uint8: return 1;
        case EvtxType::int16: case EvtxType::uint16: return 2;
        case EvtxType::int32: case EvtxType::uint32: case EvtxType::float32: case EvtxType::boolean: case EvtxType::hex32: return 4;
        case EvtxType::int64: case EvtxType::uint64: case EvtxType::float64: case EvtxType::file_time: case EvtxType::hex64: return 8;
        case EvtxType::guid: case EvtxType::system_time: return 16;
        case EvtxType::null: case EvtxType::string: case EvtxType::ansi: case EvtxType::binary: case EvtxType::size:
        case EvtxType::sid: case EvtxType::handle: case EvtxType::binxml: case EvtxType::evt_xml: return 0;
    }
    return 0;
}

bool is_number(EvtxType type) {
    return type >= EvtxType::int8 && type <= EvtxType::float64;
}

std::uint64_t unsigned_of(std::string_view b) {
    std::uint64_t number = 0;
    for (std::size_t i = b.size(); i > 0; --i) number = number << 8U | static_cast<unsigned char>(b[i - 1]);
    return number;
}

// A number, kept apart by sign and kind so that JSON and text agree on it.
json::value number_of(EvtxType type, std::string_view b) {
    const std::uint64_t raw = unsigned_of(b);
    switch (type) {
        case EvtxType::int8: return std::int64_t{static_cast<std::int8_t>(raw)};
        case EvtxType::int16: return std::int64_t{static_cast<std::int16_t>(raw)};
        case EvtxType::int32: return std::int64_t{static_cast<std::int32_t>(raw)};
        case EvtxType::int64: return static_cast<std::int64_t>(raw);
        case EvtxType::float32: return double{std::bit_cast<float>(static_cast<std::uint32_t>(raw))};
        case EvtxType::float64: return std::bit_cast<double>(raw);
        default: return raw;
    }
}

void append_number(EvtxType type, std::string_view b, std::string& out) {
    const std::uint64_t raw = unsigned_of(b);
    if (type == EvtxType::float32) {
        fmt::format_to(into(out), "{}", std::bit_cast<float>(static_cast<std::uint32_t>(raw)));
    } else if (type == EvtxType::float64) {
        fmt::format_to(into(out), "{}", std::bit_cast<double>(raw));
    } else if (const json::value number = number_of(type, b); number.is_int64()) {
        fmt::format_to(into(out), "{}", number.get_int64());
    } else {
        fmt::format_to(into(out), "{}", raw);
    }
}

// One value, whose bytes fit its type.
void append_one(EvtxType type, std::string_view b, std::string& out) {
    switch (type) {
        case EvtxType::null: return;
        case EvtxType::string: case EvtxType::evt_xml: return append_utf16(without_closing_nul(b), out);
        case EvtxType::ansi: return append_ansi(b, out);
        case EvtxType::boolean: out += read_little<std::uint32_t>(b) != 0 ? "true" : "false"; return;
        case EvtxType::guid: return append_guid(b, out);
        case EvtxType::size: case EvtxType::hex32: case EvtxType::hex64:
            fmt::format_to(into(out), "0x{:x}", unsigned_of(b));
            return;
        case EvtxType::file_time: return append_file_time(b, out);
        case EvtxType::system_time: return append_system_time(b, out);
        case EvtxType::sid: return append_sid(b, out);
        case EvtxType::binary: case EvtxType::handle: case EvtxType::binxml: return append_hex(b, out);
        default: return append_number(type, b, out);
    }
}

bool fits(EvtxType type, std::string_view b) {
    if (type == EvtxType::sid) return size_of_sid(b) != 0 && size_of_sid(b) == b.size();
    if (type == EvtxType::size) return b.size() == 4 || b.size() == 8;
    const bool known = type <= EvtxType::hex64 || type == EvtxType::handle || type == EvtxType::binxml || type == EvtxType::evt_xml;
    return known && (width_of(type) == 0 || b.size() == width_of(type));
}

// The end of the text that starts at `at`: texts of an array are closed by NUL units of their width.
std::size_t end_of_text(std::string_view bytes, std::size_t at, std::size_t unit) {
    while (at + unit <= bytes.size() && bytes.substr(at, unit).find_first_not_of('\0') != std::string_view::npos) at += unit;
    return at + unit <= bytes.size() ? at : bytes.size();
}

// The values of an array, one after the other; a rest that is no whole value is the last.
template <class Visit>
void for_each_element(const EvtxValue& value, const Visit& visit) {
    std::string_view rest = value.bytes;
    // The log does not say how wide a SizeT is; machines have had 64 bits for long.
    const std::size_t width = value.type != EvtxType::size ? width_of(value.type) : rest.size() % 8 == 0 ? 8 : 4;
    while (!rest.empty()) {
        std::size_t size = width;
        std::size_t step = width;
        if (value.type == EvtxType::string || value.type == EvtxType::ansi || value.type == EvtxType::evt_xml) {
            const std::size_t unit = value.type == EvtxType::ansi ? 1 : 2;
            size = end_of_text(rest, 0, unit);
            step = size + unit;
        } else if (value.type == EvtxType::sid) {
            step = size = size_of_sid(rest);
        }
        if (step == 0 || size > rest.size()) {
            step = size = rest.size();
        }
        visit(EvtxValue{value.type, false, rest.substr(0, size)});
        rest.remove_prefix(std::min(step, rest.size()));
    }
}

}  // namespace

Instant instant_of_file_time(std::uint64_t ticks) {
    const auto since_1601 = static_cast<std::int64_t>(ticks / kTicksPerMicrosecond);  // below 2^61
    return Instant(std::chrono::microseconds(std::min(since_1601 - kMicrosecondsTo1970, kLastMicrosecond)));
}

std::vector<EvtxValue> elements_of(const EvtxValue& value) {
    if (!value.array) return {value};
    std::vector<EvtxValue> elements;
    for_each_element(value, [&elements](const EvtxValue& element) { elements.push_back(element); });
    return elements;
}

void append_text(const EvtxValue& value, std::string& out) {
    if (value.array) {
        bool first = true;
        for_each_element(value, [&](const EvtxValue& element) {
            if (!first) out += ", ";
            first = false;
            append_text(element, out);
        });
    } else if (fits(value.type, value.bytes)) {
        append_one(value.type, value.bytes, out);
    } else {
        append_hex(value.bytes, out);
    }
}

json::value to_json(const EvtxValue& value) {
    if (value.array) {
        json::array elements;
        for_each_element(value, [&](const EvtxValue& element) { elements.emplace_back(to_json(element)); });
        return elements;
    }
    if (value.is_null()) return nullptr;
    if (fits(value.type, value.bytes)) {
        if (value.type == EvtxType::boolean) return read_little<std::uint32_t>(value.bytes) != 0;
        if (is_number(value.type)) {
            json::value number = number_of(value.type, value.bytes);
            // JSON has no infinity and no "not a number": these stay text.
            if (!number.is_double() || std::isfinite(number.get_double())) return number;
        }
    }
    std::string text;
    append_text(value, text);
    return json::string(text);
}

}  // namespace madang::security
