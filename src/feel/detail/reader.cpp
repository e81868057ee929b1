#include "feel/detail/reader.h"

#include "base/text.h"

namespace madang::feel {
namespace {

bool is_blank(char32_t c) {
    return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 || c == 0x180E ||
           (c >= 0x2000 && c <= 0x200B) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000 || c == 0xFEFF;
}

void append_utf8(std::string& out, char32_t c) {
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += static_cast<char>(0xC0U | (c >> 6U));
        out += static_cast<char>(0x80U | (c & 0x3FU));
    } else if (c < 0x10000) {
        out += static_cast<char>(0xE0U | (c >> 12U));
        out += static_cast<char>(0x80U | ((c >> 6U) & 0x3FU));
        out += static_cast<char>(0x80U | (c & 0x3FU));
    } else {
        out += static_cast<char>(0xF0U | (c >> 18U));
        out += static_cast<char>(0x80U | ((c >> 12U) & 0x3FU));
        out += static_cast<char>(0x80U | ((c >> 6U) & 0x3FU));
        out += static_cast<char>(0x80U | (c & 0x3FU));
    }
}

}  // namespace

bool is_name_start(char32_t c) {
    if (c < 0x80) return c == '?' || c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    return c == '?' || c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= 0xC0 && c <= 0xD6) ||
           (c >= 0xD8 && c <= 0xF6) || (c >= 0xF8 && c <= 0x2FF) || (c >= 0x370 && c <= 0x37D) || (c >= 0x37F && c <= 0x1FFF) ||
           (c >= 0x200C && c <= 0x200D) || (c >= 0x2070 && c <= 0x218F) || (c >= 0x2C00 && c <= 0x2FEF) ||
           (c >= 0x3001 && c <= 0xD7FF) || (c >= 0xF900 && c <= 0xFDCF) || (c >= 0xFDF0 && c <= 0xFFFD) ||
           (c >= 0x10000 && c <= 0xEFFFF);
}

bool is_name_part(char32_t c) {
    if (c >= '0' && c <= '9') return true;
    return is_name_start(c) || (c >= '0' && c <= '9') || c == 0xB7 || (c >= 0x300 && c <= 0x36F) || c == 0x203F || c == 0x2040;
}

char32_t TextReader::peek_wide(std::size_t at, std::size_t& size) const {
    const auto byte = [&](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(text_[i])); };
    const char32_t first = byte(at);
    size = first < 0x80 ? 1 : (first < 0xE0 ? 2 : (first < 0xF0 ? 3 : 4));
    if (at + size > text_.size()) {
        size = 1;
        return 0xFFFD;
    }
    char32_t c = size == 1 ? first : (size == 2 ? first & 0x1FU : (size == 3 ? first & 0x0FU : first & 0x07U));
    for (std::size_t i = 1; i < size; ++i) c = (c << 6U) | (byte(at + i) & 0x3FU);
    return c;
}

void TextReader::skip_all() {
    while (at_ < text_.size()) {
        std::size_t size = 0;
        if (is_blank(peek(at_, size))) {
            at_ += size;
        } else if (text_.substr(at_).starts_with("//")) {
            const std::size_t end = text_.find('\n', at_);
            at_ = end == std::string_view::npos ? text_.size() : end + 1;
        } else if (text_.substr(at_).starts_with("/*")) {
            const std::size_t end = text_.find("*/", at_ + 2);
            if (end == std::string_view::npos) return;   // the parser meets the "/"
            at_ = end + 2;
        } else {
            return;
        }
    }
}

bool TextReader::sees_word(std::string_view word) const {
    if (!sees(word)) return false;
    std::size_t size = 0;
    return !is_name_part(peek(at_ + word.size(), size));
}

bool TextReader::take_word(std::string_view word) {
    if (!sees_word(word)) return false;
    at_ += word.size();
    skip();
    return true;
}

std::string_view TextReader::take_name() {
    std::size_t end = at_;
    std::size_t size = 0;
    if (!is_name_start(peek(end, size))) return {};
    while (is_name_part(peek(end, size)) && size > 0) end += size;
    const std::string_view name = text_.substr(at_, end - at_);
    at_ = end;
    skip();
    return name;
}

std::optional<std::size_t> TextReader::match(std::string_view name) const {
    std::size_t at = at_;
    for (std::size_t i = 0; i < name.size();) {
        std::size_t size = 0;
        if (name[i] == ' ') {
            if (!is_blank(peek(at, size))) return std::nullopt;
            while (is_blank(peek(at, size)) && size > 0) at += size;
            ++i;
            continue;
        }
        if (at >= text_.size() || text_[at] != name[i]) return std::nullopt;
        ++at;
        ++i;
    }
    std::size_t size = 0;
    const bool ends_as_word = !name.empty() && (static_cast<unsigned char>(name.back()) >= 0x80 || is_name_part(static_cast<char32_t>(static_cast<unsigned char>(name.back()))));
    if (ends_as_word && is_name_part(peek(at, size))) return std::nullopt;
    return at;
}

std::string_view TextReader::longest(std::span<const std::string> names, std::size_t& end) const {
    std::string_view found;
    for (const std::string& name : names) {
        if (name.empty() || name.front() != next()) continue;
        const auto reached = match(name);
        if (reached && *reached > end) {
            end = *reached;
            found = name;
        }
    }
    return found;
}

std::string_view TextReader::take_longest(std::span<const std::string> names) {
    std::size_t end = at_;
    const std::string_view found = longest(names, end);
    at_ = end;
    if (!found.empty()) skip();
    return found;
}

std::string_view TextReader::take_longest(const KnownNames& names) {
    std::size_t end = at_;
    std::string_view found;
    for (const NameSet* set : {names.builtin, names.given, &names.own}) {
        const std::string_view one = set == nullptr ? std::string_view() : longest(set->beginning_with(next()), end);
        if (!one.empty()) found = one;
    }
    at_ = end;
    if (!found.empty()) skip();
    return found;
}

std::optional<std::string> TextReader::take_name_until(std::string_view stop) {
    const bool stop_is_word = stop.front() >= 'a' && stop.front() <= 'z';
    std::string name;
    std::size_t at = at_;
    std::size_t size = 0;
    bool blank = false;
    if (!is_name_start(peek(at, size))) return std::nullopt;
    while (at < text_.size()) {
        const char32_t c = peek(at, size);
        const bool stops = text_.substr(at).starts_with(stop) && (!stop_is_word || blank);
        std::size_t after = 0;
        if (stops && (!stop_is_word || !is_name_part(peek(at + stop.size(), after)))) {
            at_ = at + stop.size();
            skip();
            return name;
        }
        if (is_blank(c)) {
            blank = true;
        } else if (is_name_part(c) || c == '.' || c == '/' || c == '-' || c == '\'' || c == '+' || c == '*') {
            if (blank && !name.empty()) name += ' ';
            blank = false;
            name += text_.substr(at, size);
        } else {
            return std::nullopt;
        }
        at += size;
    }
    return std::nullopt;
}

bool TextReader::sees_number() const {
    const auto digit = [&](std::size_t at) { return at < text_.size() && text_[at] >= '0' && text_[at] <= '9'; };
    return digit(at_) || (at_ < text_.size() && text_[at_] == '.' && digit(at_ + 1));
}

// Grammar rule 37, with the exponent of DMN 1.5.
Result<Number> TextReader::take_number() {
    const auto digit = [&](std::size_t at) { return at < text_.size() && text_[at] >= '0' && text_[at] <= '9'; };
    const std::size_t start = at_;
    std::size_t end = at_;
    while (digit(end)) ++end;
    if (end < text_.size() && text_[end] == '.' && digit(end + 1)) {
        ++end;
        while (digit(end)) ++end;
    }
    if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
        std::size_t power = end + 1;
        if (power < text_.size() && (text_[power] == '+' || text_[power] == '-')) ++power;
        if (digit(power)) {
            end = power;
            while (digit(end)) ++end;
        }
    }
    const auto number = Number::parse(text_.substr(start, end - start));
    if (!number) return failure("this number is beyond 34 digits and its exponent");
    at_ = end;
    skip();
    return *number;
}

// Grammar rule 35 and the escapes of rule 64.
Result<std::string> TextReader::take_string() {
    const std::size_t start = at_;
    std::string out;
    ++at_;
    while (at_ < text_.size() && text_[at_] != '"') {
        if (text_[at_] != '\\') {
            out += text_[at_++];
            continue;
        }
        const char escaped = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
        at_ += 2;
        if (escaped == 'u' || escaped == 'U') {
            const std::size_t digits = escaped == 'u' ? 4 : 6;
            char32_t c = 0;
            for (std::size_t i = 0; i < digits; ++i, ++at_) {
                const char digit = at_ < text_.size() ? text_[at_] : '\0';
                const int value = digit >= '0' && digit <= '9'   ? digit - '0'
                                  : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10
                                  : digit >= 'A' && digit <= 'F' ? digit - 'A' + 10
                                                                 : -1;
                if (value < 0) return failure("an escape \\u has four digits, \\U six, each 0-9 or A-F");
                c = c * 16 + static_cast<char32_t>(value);
            }
            if (c >= 0xD800 && c <= 0xDBFF && text_.substr(at_).starts_with("\\u") && at_ + 6 <= text_.size()) {
                // A surrogate pair of UTF-16 is one character.
                const auto low = static_cast<char32_t>(std::strtoul(std::string(text_.substr(at_ + 2, 4)).c_str(), nullptr, 16));
                if (low >= 0xDC00 && low <= 0xDFFF) {
                    c = 0x10000 + ((c - 0xD800) << 10U) + (low - 0xDC00);
                    at_ += 6;
                }
            }
            if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return failure("this escape is no character");
            append_utf8(out, c);
            continue;
        }
        switch (escaped) {
            case 'n': out += '\n'; break;
            case 't': out += '\t'; break;
            case 'r': out += '\r'; break;
            case '"': case '\\': case '\'': out += escaped; break;
            default:
                out += '\\';   // as written, e.g. the \d of a pattern
                --at_;
        }
    }
    if (at_ >= text_.size()) return failure_at(start, "this string has no closing quote");
    ++at_;
    skip();
    return out;
}

std::unexpected<Error> TextReader::failure_at(std::size_t place, std::string message) const {
    const TextPosition position = position_in(text_, place);
    return fail(Code::invalid, madang::format("line {}, column {}: {}", position.line, position.column, message));
}

}  // namespace madang::feel
