#include "security/detail/sigma_obvious.h"

#include <arpa/inet.h>

#include <cctype>
#include <cstdlib>
#include <set>
#include <string>

#include "base/text.h"
#include "security/detail/sigma_regex.h"
#include "security/sigma_slow.h"

namespace madang::security {
namespace {

// UTF-8: a character goes on as long as bytes of the form 10xxxxxx follow.
std::size_t behind_character(std::string_view text, std::size_t at) {
    do ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U);
    return at;
}

// All places to which one piece leads from one place.
std::set<std::size_t> led_to(const Piece& piece, std::string_view text, std::size_t from) {
    std::set<std::size_t> places;
    switch (piece.kind) {
        case PieceKind::text:
            if (text.substr(from, piece.text.size()) == piece.text) places.insert(from + piece.text.size());
            break;
        case PieceKind::any_one:
            if (from < text.size()) places.insert(behind_character(text, from));
            break;
        case PieceKind::any_many:
            for (places.insert(from); from < text.size();) places.insert(from = behind_character(text, from));
            break;
        case PieceKind::any_dash:
            for (const std::string_view dash : {"-", "/", "\xE2\x80\x93", "\xE2\x80\x94", "\xE2\x80\x95"}) {
                if (text.substr(from, dash.size()) == dash) places.insert(from + dash.size());
            }
            break;
        case PieceKind::placeholder: break;
    }
    return places;
}

bool is_whole(const TextMatch& match, std::string_view given) {
    const std::string text = match.letters == Case::kept ? std::string(given) : fold_case(given);
    std::set<std::size_t> places{0};
    for (Piece piece : match.pattern) {
        if (match.letters == Case::ignored) piece.text = fold_case(piece.text);
        std::set<std::size_t> next;
        for (const std::size_t place : places) next.merge(led_to(piece, text, place));
        places = std::move(next);
    }
    return places.contains(text.size());
}

// [+-]digits[.digits][e[+-]digits], with digits before or behind the point.
std::optional<long double> number_in(const std::string& text) {
    std::size_t at = 0;
    const auto digits = [&] {
        const std::size_t begin = at;
        while (at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])) != 0) ++at;
        return at - begin;
    };
    const auto sign = [&] { at += at < text.size() && (text[at] == '-' || text[at] == '+') ? 1 : 0; };
    sign();
    std::size_t count = digits();
    if (at < text.size() && text[at] == '.') ++at, count += digits();
    if (count == 0 || text.size() > 64) return std::nullopt;
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        sign();
        if (digits() == 0) return std::nullopt;
    }
    if (at != text.size()) return std::nullopt;
    const bool whole = text.find_first_of(".eE") == std::string::npos;
    // Whole numbers of 64 bits are exact; others are what a double holds of them.
    const long double exact = std::strtold(text.c_str(), nullptr);
    return whole && exact < 18446744073709551616.0L && exact > -18446744073709551616.0L ? exact : static_cast<long double>(std::strtod(text.c_str(), nullptr));
}

bool compares(Comparison comparison, long double left, long double right) {
    switch (comparison) {
        case Comparison::equal: return left == right;
        case Comparison::less: return left < right;
        case Comparison::less_or_equal: return left < right || left == right;
        case Comparison::greater: return left > right;
        case Comparison::greater_or_equal: return left > right || left == right;
    }
    return false;
}

// As a row of 0 and 1; IPv4 within IPv6 (::ffff:0:0/96) is IPv4.
std::string bits_of(const std::string& text) {
    unsigned char bytes[16] = {};
    std::size_t count = 0;
    if (inet_pton(AF_INET, text.c_str(), bytes) == 1) count = 4;
    else if (inet_pton(AF_INET6, text.c_str(), bytes) == 1) count = 16;
    std::string bits;
    for (std::size_t i = 0; i < count * 8; ++i) bits += (bytes[i / 8] >> (7 - i % 8) & 1U) != 0 ? '1' : '0';
    const std::string mapped = std::string(80, '0') + std::string(16, '1');
    return bits.size() == 128 && bits.starts_with(mapped) ? bits.substr(96) : bits;
}

bool is_within(const CidrMatch& match, const std::string& text) {
    const std::string bits = bits_of(text);
    if (text.find('\0') != std::string::npos || bits.size() != match.width) return false;
    for (unsigned i = 0; i < match.prefix; ++i) {
        const bool wanted = (match.network.at(i / 8) >> (7 - i % 8) & 1U) != 0;
        if ((bits[i] == '1') != wanted) return false;
    }
    return true;
}

struct OnText {
    const EventScalar& value;
    const std::string& text;

    bool operator()(const TextMatch& match) const { return is_whole(match, text); }
    bool operator()(const NumberMatch& match) const {
        if (match.comparison == Comparison::equal && std::holds_alternative<std::string_view>(value)) return text == match.text;
        const auto number = std::holds_alternative<bool>(value) ? std::nullopt : number_in(text);
        return number && compares(match.comparison, *number, match.number);
    }
    bool operator()(const NullMatch&) const { return false; }
    bool operator()(const ExistenceMatch& match) const { return match.wanted; }
    bool operator()(const RegexMatch& match) const {
        const auto compiled = compile_regex(match);
        return compiled && re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), **compiled);
    }
    bool operator()(const CidrMatch& match) const { return is_within(match, text); }
    bool operator()(const FieldMatch&) const { return false; }
    bool operator()(const TimeMatch& match) const {
        const auto part = time_part(text, match.part);
        return part && compares(match.comparison, *part, match.number);
    }
};

}  // namespace

bool obviously_matches(const Match& match, const EventScalar& value) {
    std::string storage;
    const auto text = text_of(value, storage);
    if (!text) return std::holds_alternative<NullMatch>(match) || (std::holds_alternative<ExistenceMatch>(match) && std::get<ExistenceMatch>(match).wanted);
    const std::string own(*text);
    return std::visit(OnText{value, own}, match);
}

bool obviously_refers(const FieldMatch& match, std::string_view text, std::string_view other) {
    const std::string left = match.letters == Case::kept ? std::string(text) : fold_case(text);
    const std::string right = match.letters == Case::kept ? std::string(other) : fold_case(other);
    switch (match.place) {
        case Place::whole: return left == right;
        case Place::start: return left.starts_with(right);
        case Place::end: return left.ends_with(right);
        case Place::anywhere: return left.contains(right);
    }
    return false;
}

}  // namespace madang::security
