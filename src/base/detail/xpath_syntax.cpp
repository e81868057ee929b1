#include "base/detail/xpath_syntax.h"

#include <vector>

#include "base/text.h"

namespace madang {
namespace {

constexpr int kMaxSetDepth = 10;   // of subtractions within each other

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Flag x: blanks go, except within sets.
std::string without_blanks(std::string_view text) {
    std::string out;
    int sets = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_blank(text[i]) && sets == 0) continue;
        out += text[i];
        if (text[i] == '\\') {
            while (sets == 0 && i + 1 < text.size() && is_blank(text[i + 1])) ++i;
            if (i + 1 < text.size()) out += text[++i];
        } else if (text[i] == '[') {
            ++sets;
        } else if (text[i] == ']' && sets > 0) {
            --sets;
        }
    }
    return out;
}

// A character that ICU must not read as a sign of its own.
void append_literal(std::string& out, char c) {
    const bool plain = is_letter(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80;
    if (c == '\n') {
        out += "\\n";
    } else if (c == '\r') {
        out += "\\r";
    } else if (c == '\t') {
        out += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == ' ' || c == 0x7F) {
        out += madang::format("\\x{:02x}", static_cast<unsigned>(c));
    } else {
        if (!plain) out += '\\';
        out += c;
    }
}

// XML Schema part 2, appendix F.1.1: what a letter after a backslash stands for.
std::string_view class_of(char c) {
    static constexpr std::string_view kStart =
        "_:A-Za-z\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C-\\u200D\\u2070-\\u218F"
        "\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD\\U00010000-\\U000EFFFF]";
    static const std::string kName = std::string("[") + std::string(kStart.substr(0, kStart.size() - 1)) + "\\-.0-9\\u00B7\\u0300-\\u036F\\u203F-\\u2040]";
    static const std::string kNoName = "[^" + kName.substr(1);
    static const std::string kFirst = "[" + std::string(kStart);
    static const std::string kNoFirst = "[^" + std::string(kStart);
    switch (c) {
        case 'd': return "\\p{Nd}";
        case 'D': return "\\P{Nd}";
        case 's': return "[\\x20\\t\\n\\r]";
        case 'S': return "[^\\x20\\t\\n\\r]";
        case 'w': return "[^\\p{P}\\p{Z}\\p{C}]";
        case 'W': return "[\\p{P}\\p{Z}\\p{C}]";
        case 'i': return kFirst;
        case 'I': return kNoFirst;
        case 'c': return kName;
        case 'C': return kNoName;
        default: return {};
    }
}

class Translation {
public:
    Translation(std::string_view text, const XpathFlags& flags) : text_(text), multiline_(flags.multiline), dot_all_(flags.dot_all) {}

    Result<std::string> run() {
        while (at_ < text_.size()) TRY_DO(step());
        if (!open_.empty()) return wrong("a \"(\" is not closed");
        return std::move(out_);
    }

private:
    std::unexpected<Error> wrong(std::string_view why) const {
        return fail(Code::invalid, madang::format("the pattern is wrong at character {}: {}", at_ + 1, why));
    }
    char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

    Result<void> step() {
        const char c = peek();
        switch (c) {
            case '\\': return escape();
            case '[': can_repeat_ = true; return set(0);
            case '(': return group();
            case ')':
                if (open_.empty()) return wrong("a \")\" closes nothing");
                if (open_.back()) ++closed_;
                open_.pop_back();
                return take(true);
            case '|': return take(false);
            case '*': case '+': case '?': case '{': return quantifier();
            case '}': case ']': return wrong("this bracket closes nothing; a backslash makes it a sign");
            case '^': return take(false);
            case '$':
                // Without flag m only the very end, where ICU also takes a last line end before it.
                out_ += multiline_ ? "$" : "\\z";
                ++at_;
                can_repeat_ = false;
                return {};
            case '.':
                out_ += dot_all_ ? "." : "[^\\n\\r]";
                ++at_;
                can_repeat_ = true;
                return {};
            default:
                append_literal(out_, c);
                ++at_;
                can_repeat_ = true;
                return {};
        }
    }

    Result<void> take(bool can_repeat) {
        out_ += text_[at_++];
        can_repeat_ = can_repeat;
        return {};
    }

    Result<void> group() {
        ++at_;
        can_repeat_ = false;
        if (peek() != '?') {
            open_.push_back(true);
            out_ += "(";
            return {};
        }
        if (peek(1) != ':') return wrong("only \"(?:\" may begin with \"(?\"");
        at_ += 2;
        open_.push_back(false);
        out_ += "(?:";
        return {};
    }

    // "*", "+", "?", "{2}", "{2,}", "{2,5}", each with a "?" for the shortest match.
    Result<void> quantifier() {
        if (!can_repeat_) return wrong("there is nothing to repeat here");
        can_repeat_ = false;
        if (peek() == '{') {
            const std::size_t end = text_.find('}', at_);
            if (end == std::string_view::npos) return wrong("a \"{\" is not closed");
            const std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
            const std::size_t comma = inside.find(',');
            const std::string_view least = inside.substr(0, comma);
            const std::string_view most = comma == std::string_view::npos ? std::string_view() : inside.substr(comma + 1);
            const auto low = parse_decimal(least);
            const auto high = most.empty() ? low : parse_decimal(most);
            if (!low || !high || *low > *high || *high > 1000) return wrong("a quantity is {n}, {n,} or {n,m} of at most 1,000");
            out_ += text_.substr(at_, end + 1 - at_);
            at_ = end + 1;
        } else {
            out_ += text_[at_++];
        }
        if (peek() == '?') out_ += text_[at_++];
        return {};
    }

    Result<void> escape() {
        const char c = peek(1);
        can_repeat_ = true;
        if (!is_digit(c)) return character_escape();
        // A back-reference takes as many digits as there are groups closed before it.
        ++at_;
        if (c == '0') return wrong("there is no group 0 to refer to");
        std::size_t group = static_cast<std::size_t>(c - '0');
        ++at_;
        while (is_digit(peek()) && group * 10 + static_cast<std::size_t>(peek() - '0') <= closed_) group = group * 10 + static_cast<std::size_t>(text_[at_++] - '0');
        if (group > closed_) return wrong("a back-reference stands after the group that it refers to");
        out_ += madang::format("(?:\\{})", group);
        return {};
    }

    // The escapes that sets know as well.
    Result<void> character_escape() {
        const char c = peek(1);
        if (c == 'p' || c == 'P') return property();
        if (const auto known = class_of(c); !known.empty()) {
            out_ += known;
        } else if (c == 'n' || c == 'r' || c == 't') {
            out_ += '\\';
            out_ += c;
        } else if (c != '\0' && std::string_view("\\|.-^?*+{}()[]$").find(c) != std::string_view::npos) {
            append_literal(out_, c);
        } else {
            return wrong("this escape is not known");
        }
        at_ += 2;
        return {};
    }

    // \p{L}, \P{Lu}, \p{IsBasicLatin}
    Result<void> property() {
        const std::size_t end = text_.find('}', at_);
        if (peek(2) != '{' || end == std::string_view::npos) return wrong("a category stands in braces, as in \\p{Lu}");
        const std::string_view name = text_.substr(at_ + 3, end - at_ - 3);
        for (const char c : name) {
            if (!is_letter(c) && !is_digit(c) && c != '-') return wrong("the name of a category has letters and digits");
        }
        const bool block = name.starts_with("Is");
        if (name.empty() || (!block && name.size() > 2)) return wrong("there is no such category");
        out_ += madang::format("\\{}{{{}{}}}", text_[at_ + 1], block ? "In" : "", block ? name.substr(2) : name);
        at_ = end + 1;
        return {};
    }

    // [abc], [^a-z], [a-z-[aeiou]]
    Result<void> set(int depth) {
        if (depth > kMaxSetDepth) return wrong("sets are nested too deep");
        ++at_;
        const bool negated = peek() == '^';
        if (negated) ++at_;
        out_ += negated ? "[[^" : "[[";
        bool first = true;
        while (peek() != ']' || first) {
            if (at_ >= text_.size()) return wrong("a \"[\" is not closed");
            if (peek() == '-' && peek(1) == '[' && !first) {
                ++at_;
                out_ += "]--";
                TRY_DO(set(depth + 1));
                if (peek() != ']') return wrong("a subtraction ends its set");
                ++at_;
                out_ += "]";
                return {};
            }
            TRY_DO(set_item(first));
            first = false;
        }
        ++at_;
        out_ += "]]";
        return {};
    }

    Result<void> set_item(bool first) {
        if (peek() == '-' && !first && peek(1) != ']') return wrong("a \"-\" within a set stands at its end or after a backslash");
        if (peek() == '[' || (peek() == ']' && first)) return wrong("a bracket within a set stands after a backslash");
        const bool many = peek() == '\\' && std::string_view("pPdDsSwWiIcC").find(peek(1)) != std::string_view::npos && peek(1) != '\0';
        TRY_DO(set_character());
        const bool range = !many && peek() == '-' && peek(1) != ']' && peek(1) != '[' && peek(1) != '\0';
        if (!range) return {};
        ++at_;
        out_ += '-';
        if (peek() == '\\' && std::string_view("pPdDsSwWiIcC").find(peek(1)) != std::string_view::npos) return wrong("a range ends with one character");
        return set_character();
    }

    Result<void> set_character() {
        if (peek() == '\\') return character_escape();
        append_literal(out_, text_[at_++]);
        while (at_ < text_.size() && (static_cast<unsigned char>(text_[at_]) & 0xC0U) == 0x80U) out_ += text_[at_++];
        return {};
    }

    std::string_view text_;
    const bool multiline_;
    const bool dot_all_;
    std::string out_;
    std::size_t at_ = 0;
    std::vector<bool> open_;        // groups, by whether they count
    std::size_t closed_ = 0;        // counted groups
    bool can_repeat_ = false;
};

}  // namespace

Result<XpathFlags> parse_xpath_flags(std::string_view text) {
    XpathFlags flags;
    for (const char c : text) {
        switch (c) {
            case 's': flags.dot_all = true; break;
            case 'm': flags.multiline = true; break;
            case 'i': flags.ignore_case = true; break;
            case 'x': flags.spaced = true; break;
            case 'q': flags.quoted = true; break;
            default: return fail(Code::invalid, "the flags of a pattern are s, m, i, x and q");
        }
    }
    return flags;
}

Result<std::string> translate_xpath(std::string_view text, const XpathFlags& flags) {
    if (flags.quoted) {
        std::string out;
        for (const char c : text) append_literal(out, c);
        return out;
    }
    const std::string stripped = flags.spaced ? without_blanks(text) : std::string(text);
    return Translation(stripped, flags).run();
}

}  // namespace madang
