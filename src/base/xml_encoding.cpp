#include "base/xml_encoding.h"

#include <cstdint>

#include "base/text.h"

namespace madang::xml {
namespace {

enum class Order { big, little };

void append(std::string& out, std::uint32_t point) {
    const auto byte = [&](std::uint32_t value) { out.push_back(static_cast<char>(value)); };
    if (point < 0x80) return byte(point);
    if (point < 0x800) {
        byte(0xC0 | (point >> 6));
    } else {
        if (point < 0x10000) byte(0xE0 | (point >> 12));
        else {
            byte(0xF0 | (point >> 18));
            byte(0x80 | ((point >> 12) & 0x3F));
        }
        byte(0x80 | ((point >> 6) & 0x3F));
    }
    byte(0x80 | (point & 0x3F));
}

std::string from_latin1(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size());
    for (const char c : bytes) append(out, static_cast<unsigned char>(c));
    return out;
}

Result<std::string> from_utf16(std::string_view bytes, Order order, std::string_view name) {
    const auto wrong = [&] { return fail(Code::invalid, format("{}: the text is not UTF-16", name)); };
    if (bytes.size() % 2 != 0) return wrong();
    const auto unit = [&](std::size_t at) {
        const auto first = static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at]));
        const auto second = static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + 1]));
        return order == Order::big ? first << 8 | second : second << 8 | first;
    };
    std::string out;
    out.reserve(bytes.size());
    for (std::size_t at = 0; at < bytes.size(); at += 2) {
        const std::uint32_t high = unit(at);
        if (high < 0xD800 || high > 0xDFFF) {
            append(out, high);
            continue;
        }
        // A pair of surrogates, the high one first.
        if (high > 0xDBFF || at + 3 >= bytes.size()) return wrong();
        at += 2;
        const std::uint32_t low = unit(at);
        if (low < 0xDC00 || low > 0xDFFF) return wrong();
        append(out, 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00));
    }
    return out;
}

// What the declaration says: <?xml version="1.0" encoding="…"?>; nothing where it does not.
std::string_view declared(std::string_view bytes) {
    if (!bytes.starts_with("<?xml")) return {};
    const std::string_view declaration = bytes.substr(0, bytes.find("?>"));
    const std::size_t at = declaration.find("encoding");
    const std::size_t open = at == std::string_view::npos ? at : declaration.find_first_of("\"'", at);
    if (open == std::string_view::npos) return {};
    const std::size_t close = declaration.find(declaration[open], open + 1);
    return close == std::string_view::npos ? std::string_view() : declaration.substr(open + 1, close - open - 1);
}

}  // namespace

Result<std::string> in_utf8(std::string_view bytes, std::string_view name) {
    constexpr std::size_t kMaxShown = 40;
    using namespace std::string_view_literals;
    if (bytes.starts_with("\xFE\xFF")) return from_utf16(bytes.substr(2), Order::big, name);
    if (bytes.starts_with("\xFF\xFE")) return from_utf16(bytes.substr(2), Order::little, name);
    if (bytes.starts_with("\0<"sv)) return from_utf16(bytes, Order::big, name);
    if (bytes.starts_with("<\0"sv)) return from_utf16(bytes, Order::little, name);
    const bool marked = bytes.starts_with("\xEF\xBB\xBF");
    if (marked) bytes.remove_prefix(3);
    const std::string_view encoding = declared(bytes);
    if (!marked && (equal_ignoring_ascii_case(encoding, "ISO-8859-1") || equal_ignoring_ascii_case(encoding, "latin1"))) {
        // What is kept says itself in what it is written.
        const auto at = static_cast<std::size_t>(encoding.data() - bytes.data());
        return format("{}UTF-8{}", bytes.substr(0, at), from_latin1(bytes.substr(at + encoding.size())));
    }
    const bool known = marked || encoding.empty() || equal_ignoring_ascii_case(encoding, "UTF-8") || equal_ignoring_ascii_case(encoding, "US-ASCII") ||
                       equal_ignoring_ascii_case(encoding, "ASCII") || equal_ignoring_ascii_case(encoding, "UTF-16");
    // A text that says UTF-16 and has reached us byte by byte was rewritten on its way.
    if (!known && !is_utf8(bytes)) return fail(Code::invalid, format("{}: the encoding \"{}\" is not read; it is UTF-8, UTF-16 or ISO-8859-1", name, encoding.substr(0, kMaxShown)));
    if (!is_utf8(bytes)) return fail(Code::invalid, format("{}: the text is not UTF-8", name));
    return std::string(bytes);
}

}  // namespace madang::xml
