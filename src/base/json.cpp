#include "base/json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <set>
#include <vector>

#include "base/check.h"
#include "base/text.h"

namespace madang {
namespace {

std::string located(std::string_view text, std::size_t offset, std::string_view what) {
    const TextPosition at = position_in(text, offset);
    return format("line {}, column {}: {}", at.line, at.column, what);
}

// Walks the text once and finds a key that its object already has, which Boost.JSON would let the
// last of them win. Strings were checked by the parser before; escapes are compared undecoded except
// through the parser itself, so "\u0061" and "a" count as one.
struct DuplicateFinder {
    std::string_view text;
    std::size_t at = 0;

    std::string_view take_string() {
        const std::size_t start = at++;
        while (text[at] != '"') at += text[at] == '\\' ? 2 : 1;
        ++at;
        return text.substr(start, at - start);
    }

    std::optional<std::size_t> find() {
        struct Level {
            bool object;
            bool expects_key;
            std::set<std::string> keys;
        };
        std::vector<Level> levels;
        while (at < text.size()) {
            const char c = text[at];
            if (c == '{') {
                levels.push_back({true, true, {}});
            } else if (c == '[') {
                levels.push_back({false, false, {}});
            } else if (c == '}' || c == ']') {
                levels.pop_back();
            } else if (c == ',') {
                levels.back().expects_key = levels.back().object;
            } else if (c == '"') {
                const std::size_t start = at;
                const std::string_view quoted = take_string();
                if (!levels.empty() && levels.back().expects_key) {
                    levels.back().expects_key = false;
                    std::string key(quoted);
                    if (key.find('\\') != std::string::npos) {
                        key = json::serialize(json::parse(key));
                    }
                    if (!levels.back().keys.insert(std::move(key)).second) return start;
                }
                continue;
            }
            ++at;
        }
        return std::nullopt;
    }
};

bool utf16_less(const std::u16string& a, const std::u16string& b) { return a < b; }

void write_string(std::string& out, std::string_view text) {
    // RFC 8785 3.2.2.2: the two-character escapes, \u00xx in lower case for other controls.
    out.push_back('"');
    for (const char c : text) {
        switch (c) {
            case '"': out += "\\\""; break;
            case '\\': out += "\\\\"; break;
            case '\b': out += "\\b"; break;
            case '\f': out += "\\f"; break;
            case '\n': out += "\\n"; break;
            case '\r': out += "\\r"; break;
            case '\t': out += "\\t"; break;
            default:
                if (static_cast<unsigned char>(c) < 0x20) {
                    out += format("\\u{:04x}", static_cast<unsigned>(c));
                } else {
                    out.push_back(c);
                }
        }
    }
    out.push_back('"');
}

void write_number(std::string& out, double number) {
    // RFC 8785 3.2.2.3: ECMAScript's Number::toString, from the shortest digits that read back.
    MADANG_CHECK(std::isfinite(number));
    if (number == 0) {
        out.push_back('0');
        return;
    }
    char buffer[64];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, std::fabs(number), std::chars_format::scientific);
    const std::string_view text(buffer, static_cast<std::size_t>(end.ptr - buffer));
    const std::size_t e = text.find('e');
    std::string digits(text.substr(0, e));
    std::erase(digits, '.');
    int exponent = 0;
    const std::string_view exponent_text = text.substr(e + (text[e + 1] == '+' ? 2 : 1));
    std::from_chars(exponent_text.data(), exponent_text.data() + exponent_text.size(), exponent);
    const int k = static_cast<int>(digits.size());
    const int n = exponent + 1;
    if (number < 0) out.push_back('-');
    if (k <= n && n <= 21) {
        out += digits + std::string(static_cast<std::size_t>(n - k), '0');
    } else if (0 < n && n <= 21) {
        out += digits.insert(static_cast<std::size_t>(n), 1, '.');
    } else if (-6 < n && n <= 0) {
        out += "0." + std::string(static_cast<std::size_t>(-n), '0') + digits;
    } else {
        if (k > 1) digits.insert(1, 1, '.');
        out += format("{}e{}{}", digits, n - 1 < 0 ? '-' : '+', std::abs(n - 1));
    }
}

constexpr std::int64_t kLargestExact = std::int64_t{1} << 53;

void write_canonical(std::string& out, const json::value& value) {
    switch (value.kind()) {
        case json::kind::null: out += "null"; return;
        case json::kind::bool_: out += value.get_bool() ? "true" : "false"; return;
        case json::kind::int64:
            MADANG_CHECK(std::abs(value.get_int64()) <= kLargestExact);
            out += std::to_string(value.get_int64());
            return;
        case json::kind::uint64:
            MADANG_CHECK(value.get_uint64() <= static_cast<std::uint64_t>(kLargestExact));
            out += std::to_string(value.get_uint64());
            return;
        case json::kind::double_: write_number(out, value.get_double()); return;
        case json::kind::string: write_string(out, value.get_string()); return;
        case json::kind::array: {
            out.push_back('[');
            bool first = true;
            for (const json::value& item : value.get_array()) {
                if (!first) out.push_back(',');
                first = false;
                write_canonical(out, item);
            }
            out.push_back(']');
            return;
        }
        case json::kind::object: {
            std::vector<std::pair<std::u16string, const json::key_value_pair*>> members;
            for (const auto& member : value.get_object()) {
                members.emplace_back(to_utf16(member.key()), &member);
            }
            std::ranges::sort(members, [](const auto& a, const auto& b) { return utf16_less(a.first, b.first); });
            out.push_back('{');
            bool first = true;
            for (const auto& [key, member] : members) {
                if (!first) out.push_back(',');
                first = false;
                write_string(out, member->key());
                out.push_back(':');
                write_canonical(out, member->value());
            }
            out.push_back('}');
            return;
        }
    }
}

void write_pretty(std::string& out, const json::value& value, std::size_t level) {
    const std::string indent(2 * (level + 1), ' ');
    const std::string outdent(2 * level, ' ');
    if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
        out += "{\n";
        std::size_t i = 0;
        for (const auto& member : *object) {
            out += indent + json::serialize(json::string(member.key())) + ": ";
            write_pretty(out, member.value(), level + 1);
            out += ++i < object->size() ? ",\n" : "\n";
        }
        out += outdent + "}";
    } else if (const auto* array = value.if_array(); array != nullptr && !array->empty()) {
        out += "[\n";
        std::size_t i = 0;
        for (const json::value& item : *array) {
            out += indent;
            write_pretty(out, item, level + 1);
            out += ++i < array->size() ? ",\n" : "\n";
        }
        out += outdent + "]";
    } else {
        out += json::serialize(value);
    }
}

Error missing(std::string_view key, std::string_view where, std::string_view type) {
    return {Code::invalid, format("{}: \"{}\" must be {}", where, key, type)};
}

}  // namespace

Result<json::value> parse_json(std::string_view text, const JsonLimits& limits) {
    if (text.size() > limits.bytes) {
        return fail(Code::exhausted, format("the JSON text has {} bytes; at most {} are read", text.size(), limits.bytes));
    }
    json::parse_options options;
    options.max_depth = limits.depth;
    json::stream_parser parser({}, options);
    boost::system::error_code error;
    const std::size_t read = parser.write_some(text.data(), text.size(), error);
    if (!error && read == text.size()) parser.finish(error);
    if (error) return fail(Code::invalid, located(text, read, error.message()));
    if (read != text.size()) return fail(Code::invalid, located(text, read, "there is more after the end of the value"));
    if (const auto duplicate = DuplicateFinder{text}.find()) {
        return fail(Code::invalid, located(text, *duplicate, "the object has this key twice"));
    }
    return parser.release();
}

std::string canonical_json(const json::value& value) {
    std::string out;
    write_canonical(out, value);
    return out;
}

std::string pretty_json(const json::value& value) {
    std::string out;
    write_pretty(out, value, 0);
    out.push_back('\n');
    return out;
}

Result<std::string> string_at(const json::object& object, std::string_view key, std::string_view where) {
    const json::value* found = object.if_contains(key);
    if (found == nullptr || !found->is_string()) return std::unexpected(missing(key, where, "a text"));
    return std::string(found->get_string());
}

Result<std::int64_t> integer_at(const json::object& object, std::string_view key, std::string_view where) {
    const json::value* found = object.if_contains(key);
    if (found == nullptr || !found->is_int64()) return std::unexpected(missing(key, where, "a whole number"));
    return found->get_int64();
}

Result<bool> bool_at(const json::object& object, std::string_view key, std::string_view where) {
    const json::value* found = object.if_contains(key);
    if (found == nullptr || !found->is_bool()) return std::unexpected(missing(key, where, "true or false"));
    return found->get_bool();
}

Result<json::object> object_at(const json::object& object, std::string_view key, std::string_view where) {
    const json::value* found = object.if_contains(key);
    if (found == nullptr || !found->is_object()) return std::unexpected(missing(key, where, "an object"));
    return found->get_object();
}

Result<json::array> array_at(const json::object& object, std::string_view key, std::string_view where) {
    const json::value* found = object.if_contains(key);
    if (found == nullptr || !found->is_array()) return std::unexpected(missing(key, where, "a list"));
    return found->get_array();
}

std::string string_or(const json::object& object, std::string_view key, std::string_view fallback) {
    const json::value* found = object.if_contains(key);
    return std::string(found != nullptr && found->is_string() ? std::string_view(found->get_string()) : fallback);
}

std::int64_t integer_or(const json::object& object, std::string_view key, std::int64_t fallback) {
    const json::value* found = object.if_contains(key);
    return found != nullptr && found->is_int64() ? found->get_int64() : fallback;
}

bool bool_or(const json::object& object, std::string_view key, bool fallback) {
    const json::value* found = object.if_contains(key);
    return found != nullptr && found->is_bool() ? found->get_bool() : fallback;
}

Result<void> check_keys(const json::object& object, const std::vector<std::string>& known, std::string_view where) {
    for (const auto& member : object) {
        if (std::ranges::find(known, std::string(member.key())) != known.end()) continue;
        const auto near = nearest(member.key(), known);
        return fail(Code::invalid, format("{}: there is no key \"{}\"{}", where, std::string_view(member.key()),
                                          near ? format("; did you mean \"{}\"?", *near) : std::string()));
    }
    return {};
}

}  // namespace madang
