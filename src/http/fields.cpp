#include "http/fields.h"

#include "base/text.h"

namespace madang::http {
namespace {

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

enum class Plus { literal, blank };

// RFC 3986 clause 2.1: "%" and two hexadecimal digits; anything else after "%" is an error.
Result<std::string> percent_decode(std::string_view text, Plus plus) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '+' && plus == Plus::blank) {
            out.push_back(' ');
        } else if (c != '%') {
            out.push_back(c);
        } else {
            const int high = i + 2 < text.size() ? digit_of(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? digit_of(text[i + 2]) : -1;
            if (high < 0 || low < 0) return fail(Code::invalid, "\"%\" is not followed by two hexadecimal digits");
            out.push_back(static_cast<char>(high * 16 + low));
            i += 2;
        }
    }
    return out;
}

Result<std::string> decode_value(std::string_view raw, std::size_t limit) {
    if (raw.size() > limit * 3) return fail(Code::invalid, format("longer than {} bytes", limit));
    TRY(auto value, percent_decode(raw, Plus::blank));
    if (value.size() > limit) return fail(Code::invalid, format("longer than {} bytes", limit));
    if (value.find('\0') != std::string::npos) return fail(Code::invalid, "holds a NUL character");
    if (!is_utf8(value)) return fail(Code::invalid, "is not UTF-8 text");
    return value;
}

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
}

Result<std::string> decode_segment(std::string_view raw) {
    TRY(auto segment, percent_decode(raw, Plus::literal));
    for (const char c : segment) {
        if (is_control(c)) return fail(Code::invalid, "the path holds a control character");
        if (c == '/' || c == '\\') return fail(Code::invalid, "the path holds an escaped slash or a backslash");
    }
    if (segment == "." || segment == "..") return fail(Code::invalid, "the path holds a \".\" or \"..\" segment");
    if (!is_utf8(segment)) return fail(Code::invalid, "the path is not UTF-8 text");
    return segment;
}

Result<void> read_path(std::string_view raw, Target& target) {
    std::size_t begin = 1;
    while (begin <= raw.size()) {
        const auto end = std::min(raw.find('/', begin), raw.size());
        TRY(auto segment, decode_segment(raw.substr(begin, end - begin)));
        target.path += '/';
        target.path += segment;
        target.segments.push_back(std::move(segment));
        begin = end + 1;
    }
    if (target.segments.size() == 1 && target.segments.front().empty()) target.segments.clear();
    return {};
}

}  // namespace

std::optional<std::string_view> Fields::find(std::string_view name) const {
    for (const auto& [key, value] : pairs_) {
        if (key == name) return value;
    }
    return std::nullopt;
}

std::string Fields::value_or(std::string_view name, std::string_view fallback) const {
    return std::string(find(name).value_or(fallback));
}

std::vector<std::string> Fields::all(std::string_view name) const {
    std::vector<std::string> found;
    for (const auto& [key, value] : pairs_) {
        if (key == name) found.push_back(value);
    }
    return found;
}

std::map<std::string, std::vector<std::string>> Fields::grouped() const {
    std::map<std::string, std::vector<std::string>> groups;
    for (const auto& [key, value] : pairs_) groups[key].push_back(value);
    return groups;
}

// WHATWG URL clause 5.1, application/x-www-form-urlencoded parsing; broken escapes are refused
// instead of being kept as text, so that one body has one reading.
Result<Fields> parse_urlencoded(std::string_view text, const FieldLimits& limits) {
    Fields fields;
    std::size_t place = 0;
    while (!text.empty()) {
        const auto end = std::min(text.find('&'), text.size());
        const auto pair = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (pair.empty()) continue;
        if (++place > limits.fields) return fail(Code::invalid, format("more than {} fields", limits.fields));
        const auto equals = std::min(pair.find('='), pair.size());
        TRY(auto name, within(decode_value(pair.substr(0, equals), limits.name_bytes), format("name of field {}", place)));
        const auto raw = equals < pair.size() ? pair.substr(equals + 1) : std::string_view();
        TRY(auto value, within(decode_value(raw, limits.value_bytes), format("value of field {}", place)));
        fields.add(std::move(name), std::move(value));
    }
    return fields;
}

std::string percent_encode(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                           c == '.' || c == '_' || c == '~';
        if (plain) {
            out.push_back(c);
        } else {
            out.push_back('%');
            out.push_back(kDigits[byte >> 4U]);
            out.push_back(kDigits[byte & 15U]);
        }
    }
    return out;
}

// RFC 9112 clause 3.2: origin-form, and absolute-form as every server must accept it.
Result<Target> parse_target(std::string_view text) {
    for (const char c : text) {
        if (is_control(c) || c == ' ' || c == '#') {
            return fail(Code::invalid, "the target holds a blank, a control character or a fragment");
        }
    }
    Target target;
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (text.size() < scheme.size() || !equal_ignoring_ascii_case(text.substr(0, scheme.size()), scheme)) continue;
        text.remove_prefix(scheme.size());
        const auto end = std::min(text.find_first_of("/?"), text.size());
        target.authority = text.substr(0, end);
        if (target.authority.empty()) return fail(Code::invalid, "the target names no host");
        text.remove_prefix(end);
        break;
    }
    const auto mark = std::min(text.find('?'), text.size());
    std::string_view path = text.substr(0, mark);
    if (mark < text.size()) target.query = text.substr(mark + 1);
    if (path.empty() && !target.authority.empty()) path = "/";
    if (!path.starts_with('/')) return fail(Code::invalid, "the target does not begin with \"/\"");
    TRY_DO(read_path(path, target));
    return target;
}

bool is_local_path(std::string_view text) {
    if (!text.starts_with('/') || text.starts_with("//")) return false;
    for (const char c : text) {
        if (is_control(c) || c == '\\' || c == ' ') return false;
    }
    return true;
}

}  // namespace madang::http
