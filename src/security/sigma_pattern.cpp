#include "security/sigma_pattern.h"

#include <optional>

#include "base/text.h"

namespace madang::security {
namespace {

bool names_placeholder(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

// The name between the percent sign at `at` and the next one.
std::optional<std::string_view> placeholder_at(std::string_view text, std::size_t at) {
    std::size_t end = at + 1;
    while (end < text.size() && names_placeholder(text[end])) ++end;
    if (end == text.size() || text[end] != '%' || end == at + 1) return std::nullopt;
    return text.substr(at + 1, end - at - 1);
}

// Where the text goes on behind a piece other than `*`, or nothing when it does not match here.
std::optional<std::size_t> pass(const Piece& piece, std::string_view text, std::size_t at) {
    const std::string_view rest = text.substr(at);
    switch (piece.kind) {
        case PieceKind::text:
            if (!rest.starts_with(piece.text)) return std::nullopt;
            return at + piece.text.size();
        case PieceKind::any_one:
            if (rest.empty()) return std::nullopt;
            return at + character_width(rest);
        case PieceKind::any_dash: {
            const std::size_t width = dash_width(rest);
            if (width == 0) return std::nullopt;
            return at + width;
        }
        case PieceKind::any_many:
        case PieceKind::placeholder: break;
    }
    return std::nullopt;
}

}  // namespace

std::size_t character_width(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t width = lead < 0xC0U ? 1 : lead < 0xE0U ? 2 : lead < 0xF0U ? 3 : 4;
    if (width > text.size()) return 1;
    for (std::size_t i = 1; i < width; ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U) return 1;
    }
    return width;
}

std::size_t dash_width(std::string_view text) {
    for (const std::string_view dash : kDashes) {
        if (text.starts_with(dash)) return dash.size();
    }
    return 0;
}

void append_piece(Pattern& pattern, Piece piece) {
    const bool same = !pattern.empty() && pattern.back().kind == piece.kind;
    if (piece.kind == PieceKind::text && piece.text.empty()) return;
    if (same && piece.kind == PieceKind::any_many) return;
    if (same && piece.kind == PieceKind::text) {
        pattern.back().text += piece.text;
    } else {
        pattern.push_back(std::move(piece));
    }
}

Pattern plain_pattern(std::string_view text) {
    Pattern pattern;
    append_piece(pattern, {PieceKind::text, std::string(text)});
    return pattern;
}

Pattern parse_pattern(std::string_view text, Placeholders placeholders) {
    Pattern pattern;
    std::string plain;
    const auto flush = [&](PieceKind kind, std::string_view name) {
        append_piece(pattern, {PieceKind::text, std::exchange(plain, {})});
        append_piece(pattern, {kind, std::string(name)});
    };
    const bool percent = placeholders == Placeholders::are_read;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '\\' && at + 1 < text.size()) {
            const char next = text[at + 1];
            if (next == '*' || next == '?' || next == '\\' || (percent && next == '%')) {
                plain += next;
                ++at;
            } else {
                plain += c;
            }
        } else if (c == '*') {
            flush(PieceKind::any_many, {});
        } else if (c == '?') {
            flush(PieceKind::any_one, {});
        } else if (const auto name = c == '%' && percent ? placeholder_at(text, at) : std::nullopt) {
            flush(PieceKind::placeholder, *name);
            at += name->size() + 1;
        } else {
            plain += c;
        }
    }
    append_piece(pattern, {PieceKind::text, std::move(plain)});
    return pattern;
}

Pattern placed(Pattern pattern, Place place) {
    Pattern out;
    if (place == Place::end || place == Place::anywhere) append_piece(out, {PieceKind::any_many, {}});
    for (Piece& piece : pattern) append_piece(out, std::move(piece));
    if (place == Place::start || place == Place::anywhere) append_piece(out, {PieceKind::any_many, {}});
    return out;
}

Pattern folded(Pattern pattern) {
    for (Piece& piece : pattern) {
        if (piece.kind == PieceKind::text) piece.text = fold_case(piece.text);
    }
    return pattern;
}

// Every piece but `*` has one length at a given place, so going back to the last `*` alone is enough.
bool matches(const Pattern& pattern, std::string_view text) {
    std::size_t piece = 0;
    std::size_t at = 0;
    std::optional<std::size_t> star;  // the piece behind the last `*`
    std::size_t retry = 0;            // where that piece was last tried
    while (true) {
        if (piece < pattern.size() && pattern[piece].kind == PieceKind::any_many) {
            star = ++piece;
            retry = at;
            if (piece == pattern.size()) return true;
        } else if (const auto next = piece < pattern.size() ? pass(pattern[piece], text, at) : std::nullopt) {
            at = *next;
            ++piece;
        } else if (piece == pattern.size() && at == text.size()) {
            return true;
        } else {
            if (!star || retry >= text.size()) return false;
            retry += character_width(text.substr(retry));
            piece = *star;
            if (pattern[piece].kind == PieceKind::text) {
                retry = text.find(pattern[piece].text, retry);
                if (retry == std::string_view::npos) return false;
            }
            at = retry;
        }
    }
}

std::string spell(const Pattern& pattern) {
    std::string out;
    for (const Piece& piece : pattern) {
        switch (piece.kind) {
            case PieceKind::any_many: out += '*'; break;
            case PieceKind::any_one: out += '?'; break;
            case PieceKind::any_dash: out += "{dash}"; break;
            case PieceKind::placeholder: out += "%" + piece.text + "%"; break;
            case PieceKind::text:
                for (const char c : piece.text) {
                    if (c == '*' || c == '?' || c == '\\') out += '\\';
                    out += c;
                }
        }
    }
    return out;
}

}  // namespace madang::security
