#include "base/text.h"

#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <charconv>
#include <numeric>

#include "base/ascii.h"
#include "base/check.h"

namespace madang {
namespace {

// Calls `each` with every code point; false as soon as the text is not UTF-8.
template <class Each>
bool for_each_code_point(std::string_view text, Each each) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    const auto size = static_cast<std::int64_t>(text.size());
    std::int64_t at = 0;
    while (at < size) {
        UChar32 code = 0;
        U8_NEXT(bytes, at, size, code);
        if (code < 0) return false;
        each(code);
    }
    return true;
}

void append_code_point(std::string& out, UChar32 code) {
    char buffer[4];
    std::int32_t length = 0;
    UBool error = 0;
    U8_APPEND(reinterpret_cast<std::uint8_t*>(buffer), length, 4, code, error);
    MADANG_CHECK(error == 0);
    out.append(buffer, static_cast<std::size_t>(length));
}

enum class LineEnds { become_blanks, are_kept };

Result<std::string> tidy(std::string_view text, LineEnds line_ends) {
    TRY(const std::string composed, compose(text));
    std::string out;
    bool blank = false;
    bool control = false;
    int breaks = 0;
    for_each_code_point(composed, [&](UChar32 code) {
        if (code == '\r') return;
        if (code == '\n' && line_ends == LineEnds::are_kept) {
            ++breaks;
            return;
        }
        // U+200C and U+200D join letters in some scripts and stay.
        if (u_charType(code) == U_FORMAT_CHAR && code != 0x200C && code != 0x200D) return;
        if (u_isUWhiteSpace(code)) {
            blank = true;
            return;
        }
        if (u_charType(code) == U_CONTROL_CHAR) {
            control = true;
            return;
        }
        if (!out.empty()) {
            if (breaks > 0) {
                out.append(static_cast<std::size_t>(std::min(breaks, 2)), '\n');
            } else if (blank) {
                out.push_back(' ');
            }
        }
        blank = false;
        breaks = 0;
        append_code_point(out, code);
    });
    if (control) return fail(Code::invalid, "the text holds a control character");
    return out;
}

}  // namespace

bool is_utf8(std::string_view text) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    for (std::size_t at = 0; at < text.size();) {
        at += ascii_run(text.substr(at));
        if (at == text.size()) return true;
        UChar32 code = 0;
        U8_NEXT(bytes, at, text.size(), code);
        if (code < 0) return false;
    }
    return true;
}

std::size_t count_code_points(std::string_view utf8) {
    return static_cast<std::size_t>(
        std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::u16string to_utf16(std::string_view utf8) {
    std::u16string out;
    for_each_code_point(utf8, [&](UChar32 code) {
        if (code >= 0x10000) {
            out.push_back(static_cast<char16_t>(U16_LEAD(code)));
            out.push_back(static_cast<char16_t>(U16_TRAIL(code)));
        } else {
            out.push_back(static_cast<char16_t>(code));
        }
    });
    return out;
}

Result<std::string> compose(std::string_view text) {
    if (!is_utf8(text)) return fail(Code::invalid, "the text is not UTF-8");
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(status);
    MADANG_CHECK(U_SUCCESS(status));
    std::string out;
    icu::StringByteSink<std::string> sink(&out);
    nfc->normalizeUTF8(0, icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())), sink, nullptr, status);
    if (U_FAILURE(status)) return fail(Code::invalid, "the text cannot be normalised");
    return out;
}

Result<std::string> tidy_line(std::string_view text) { return tidy(text, LineEnds::become_blanks); }
Result<std::string> tidy_lines(std::string_view text) { return tidy(text, LineEnds::are_kept); }

std::string to_lower(std::string_view text) {
    std::string out;
    icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())))
        .toLower(icu::Locale::getRoot())
        .toUTF8String(out);
    return out;
}

std::string to_upper(std::string_view text) {
    std::string out;
    icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())))
        .toUpper(icu::Locale::getRoot())
        .toUTF8String(out);
    return out;
}

std::string fold_case(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        if (static_cast<unsigned char>(c) < 0x80U) {
            out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
            ++at;
            continue;
        }
        const std::size_t begin = at;
        UChar32 code = 0;
        U8_NEXT(bytes, at, text.size(), code);
        if (code < 0) {
            out.append(text.substr(begin, at - begin));
        } else {
            append_code_point(out, u_foldCase(code, U_FOLD_CASE_DEFAULT));
        }
    }
    return out;
}

std::string escape_markup(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\'': out += "&#39;"; break;
            default: out += c;
        }
    }
    return out;
}

std::string_view trim(std::string_view text) {
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
    std::string out;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) out += separator;
        out += parts[i];
    }
    return out;
}

bool equal_ignoring_ascii_case(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

Result<std::uint64_t> parse_decimal(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || (text.size() > 1 && text[0] == '0')) {
        return fail(Code::invalid, "not a whole decimal number");
    }
    return number;
}

TextPosition position_in(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, offset);
    const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 == 0
    return {static_cast<std::size_t>(std::ranges::count(before, '\n')) + 1,
            count_code_points(before.substr(line_start)) + 1};
}

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates) {
    if (word.empty()) return std::nullopt;
    std::optional<std::string> best;
    std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
    for (const std::string& candidate : candidates) {
        std::vector<std::size_t> row(candidate.size() + 1);  // Levenshtein, one row at a time
        std::iota(row.begin(), row.end(), 0U);
        for (std::size_t i = 0; i < word.size(); ++i) {
            std::size_t diagonal = row[0]++;
            for (std::size_t j = 0; j < candidate.size(); ++j) {
                const std::size_t change = diagonal + (word[i] == candidate[j] ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, change});
            }
        }
        if (row.back() < best_distance) {
            best_distance = row.back();
            best = candidate;
        }
    }
    return best;
}

}  // namespace madang
