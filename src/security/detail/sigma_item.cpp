#include "security/detail/sigma_item.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/text.h"
#include "security/detail/sigma_encoding.h"
#include "security/detail/sigma_modifiers.h"
#include "security/detail/sigma_network.h"
#include "security/detail/sigma_number.h"
#include "security/detail/sigma_regex.h"
#include "security/sigma_pattern.h"

namespace madang::security {
namespace {

Pattern with_dashes(const Pattern& pattern) {
    Pattern out;
    for (const Piece& piece : pattern) {
        std::string_view rest = piece.text;
        while (piece.kind == PieceKind::text && !rest.empty()) {
            const std::size_t dash = dash_width(rest);
            const std::size_t width = dash == 0 ? character_width(rest) : dash;
            append_piece(out, dash == 0 ? Piece{PieceKind::text, std::string(rest.substr(0, width))} : Piece{PieceKind::any_dash, {}});
            rest.remove_prefix(width);
        }
        if (piece.kind != PieceKind::text) append_piece(out, piece);
    }
    return out;
}

template <class Encoder>
Result<void> encode(const Pattern& pattern, std::vector<Pattern>& out, Encoder encoder) {
    TRY(auto plain, plain_texts(pattern));
    for (const std::string& text : plain) {
        for (const std::string& encoded : encoder(text)) {
            if (encoded.empty()) return fail(Code::invalid, "the value is too short");
            out.push_back(plain_pattern(encoded));
        }
    }
    return {};
}

Result<void> apply(Modifier modifier, const Pattern& pattern, std::vector<Pattern>& out) {
    switch (modifier) {
        case Modifier::contains: out.push_back(placed(pattern, Place::anywhere)); return {};
        case Modifier::startswith: out.push_back(placed(pattern, Place::start)); return {};
        case Modifier::endswith: out.push_back(placed(pattern, Place::end)); return {};
        case Modifier::windash: out.push_back(with_dashes(pattern)); return {};
        case Modifier::utf16: return encode(pattern, out, [](const auto& t) { return std::vector{encode_utf16(t, Utf16::marked)}; });
        case Modifier::utf16be: return encode(pattern, out, [](const auto& t) { return std::vector{encode_utf16(t, Utf16::big_endian)}; });
        case Modifier::utf16le:
        case Modifier::wide: return encode(pattern, out, [](const auto& t) { return std::vector{encode_utf16(t, Utf16::little_endian)}; });
        case Modifier::base64: return encode(pattern, out, [](const auto& t) { return std::vector{base64(as_bytes(t))}; });
        case Modifier::base64offset: return encode(pattern, out, [](const auto& t) { return base64_offsets(t); });
        default: out.push_back(pattern); return {};
    }
}

Pattern without_placeholders(const Pattern& pattern) {
    Pattern rest;
    for (const Piece& piece : pattern) {
        if (piece.kind != PieceKind::placeholder) append_piece(rest, piece);
    }
    return rest;
}

bool encodes(Modifier modifier) {
    constexpr Modifier all[] = {Modifier::utf16, Modifier::utf16le, Modifier::utf16be, Modifier::wide, Modifier::base64, Modifier::base64offset};
    return std::ranges::find(all, modifier) != std::end(all);
}

// Makes the matches of one value. Messages are without their place; read_item() puts it in front.
class ValueReader {
public:
    ValueReader(const FieldKey& key, const YamlNode& node) : key_(key), node_(node) {}

    Result<std::vector<Match>> run() const {
        if (!node_.is_scalar()) return fail(Code::invalid, "a value is a text, a number, a truth value or null");
        if (node_.text.size() > kMaxValueBytes) return fail(Code::invalid, format("a value has at most {} bytes", kMaxValueBytes));
        if (key_.has(Modifier::exists)) return one(existence());
        if (key_.has(Modifier::re)) return one(regex());
        if (key_.has(Modifier::cidr)) return one(cidr());
        if (key_.has(Modifier::fieldref)) return one(field_reference());
        if (key_.time_part()) return one(time());
        if (key_.comparison() != Comparison::equal) return one(number());
        return texts();
    }

private:
    static Result<std::vector<Match>> one(Result<Match> match) {
        if (!match) return std::unexpected(std::move(match).error());
        return std::vector<Match>{std::move(*match)};
    }

    bool is_number() const { return node_.kind == YamlKind::integer || node_.kind == YamlKind::real; }

    Result<std::string_view> text_for(std::string_view modifier) const {
        if (node_.kind == YamlKind::text) return std::string_view(node_.text);
        return fail(Code::invalid, format("{} needs a text, and \"{}\" is none: put it in quotes", modifier, node_.text));
    }

    Result<Match> existence() const {
        if (node_.kind != YamlKind::boolean) return fail(Code::invalid, "exists is true or false");
        return ExistenceMatch{node_.text.front() == 't' || node_.text.front() == 'T'};
    }

    Result<Match> regex() const {
        TRY(auto source, text_for("re"));
        RegexMatch match{std::string(source), key_.has(Modifier::i), key_.has(Modifier::m), key_.has(Modifier::s), key_.has(Modifier::expand)};
        TRY_DO(compile_regex(match));
        return match;
    }

    Result<Match> cidr() const {
        TRY(auto text, text_for("cidr"));
        if (key_.has(Modifier::expand) && text.contains('%')) return CidrMatch{.network = {}, .prefix = 0, .width = 0, .unfilled = std::string(text)};
        TRY(auto network, parse_cidr(text));
        return network;
    }

    Result<Match> field_reference() const {
        TRY(auto text, text_for("fieldref"));
        if (text.empty() || text.size() > kMaxFieldNameBytes) return fail(Code::invalid, "fieldref needs the name of a field");
        return FieldMatch{std::string(text), key_.place(), key_.has(Modifier::cased) ? Case::kept : Case::ignored};
    }

    Result<Match> number() const {
        if (!is_number()) return fail(Code::invalid, format("a comparison needs a number, and \"{}\" is none", node_.text));
        TRY(auto value, parse_yaml_number(node_.text));
        return NumberMatch{key_.comparison(), value.number, value.text};
    }

    // "Time Modifiers": each part has its own range.
    Result<Match> time() const {
        constexpr std::pair<long double, long double> kRanges[] = {{0, 59}, {0, 23}, {1, 31}, {1, 52}, {1, 12}, {0, 9999}};
        if (node_.kind != YamlKind::integer) return fail(Code::invalid, "a part of a time is a whole number");
        TRY(auto value, parse_yaml_number(node_.text));
        const TimePart part = *key_.time_part();
        const auto [least, most] = kRanges[static_cast<std::size_t>(part)];
        if (value.number < least || value.number > most) {
            return fail(Code::invalid, format("{} is not between {} and {}", value.text, static_cast<int>(least), static_cast<int>(most)));
        }
        return TimeMatch{part, key_.comparison(), value.number};
    }

    // What is no text becomes one when a modifier of texts asks for it, or is compared as what it is.
    Result<std::vector<Match>> texts() const {
        const bool of_texts = key_.first_of({Modifier::windash, Modifier::expand, Modifier::utf16, Modifier::utf16le, Modifier::utf16be,
                                             Modifier::wide, Modifier::base64, Modifier::base64offset}).has_value();
        if (of_texts && node_.kind != YamlKind::text) {
            TRY_DO(text_for(name_of(key_.modifiers.front())));
        }
        if (node_.kind == YamlKind::null) return null();
        if (is_number()) {
            const bool compared = key_.place() == Place::whole && !key_.has(Modifier::cased) && !key_.field.empty();
            // Readers of YAML differ about leading zeros. A part of a text is meant as it stands: contains: 00000429.
            if (!compared && has_leading_zero(node_.text)) return changed(plain_pattern(node_.text));
            TRY(auto value, parse_yaml_number(node_.text));
            if (compared) return std::vector<Match>{NumberMatch{Comparison::equal, value.number, value.text}};
            return changed(plain_pattern(value.text));
        }
        if (node_.kind == YamlKind::boolean) return changed(plain_pattern(to_lower(node_.text)));
        const bool expand = key_.has(Modifier::expand);
        Pattern pattern = parse_pattern(node_.text, expand ? Placeholders::are_read : Placeholders::are_text);
        return changed(std::move(pattern));
    }

    // "Special Field Values": null is a type of its own.
    Result<std::vector<Match>> null() const {
        if (key_.field.empty()) return fail(Code::invalid, "null is no keyword");
        if (key_.place() != Place::whole || key_.has(Modifier::cased)) return fail(Code::invalid, "null is no text");
        return std::vector<Match>{NullMatch{}};
    }

    Result<std::vector<Match>> changed(Pattern start) const {
        std::vector<Modifier> modifiers = key_.modifiers;
        // A keyword is found wherever it stands in a text of the event.
        if (key_.field.empty()) modifiers.push_back(Modifier::contains);
        return modified(std::move(start), modifiers, key_.has(Modifier::cased) ? Case::kept : Case::ignored);
    }

    const FieldKey& key_;
    const YamlNode& node_;
};

Result<SigmaValue> read_value(std::string_view file, const FieldKey& key, const YamlNode& node) {
    auto matches = ValueReader(key, node).run();
    if (!matches) return fail_at(file, node.line, matches.error().message);
    return SigmaValue{std::move(*matches), node.line};
}

Result<void> check_list(std::string_view file, const FieldKey& key, const YamlNode& value) {
    if (value.items.empty()) return fail_at(file, value.line, "a list of values is not empty");
    if (value.items.size() > kMaxValues) return fail_at(file, value.line, format("more than {} values", kMaxValues));
    if (key.has(Modifier::exists)) return fail_at(file, value.line, "exists has one value");
    for (const YamlNode& item : value.items) {
        if (item.kind == YamlKind::null) return fail_at(file, item.line, "null cannot be part of a list of values");
    }
    return {};
}

}  // namespace

Result<std::vector<Match>> modified(Pattern pattern, std::span<const Modifier> modifiers, Case letters) {
    std::vector<Pattern> patterns{std::move(pattern)};
    std::vector<Modifier> later;
    for (std::size_t i = 0; i < modifiers.size(); ++i) {
        const bool waits = encodes(modifiers[i]) && std::ranges::any_of(patterns, [](const Pattern& one) { return std::ranges::find(one, PieceKind::placeholder, &Piece::kind) != one.end(); });
        if (waits) {
            for (const Pattern& one : patterns) TRY_DO(within(plain_texts(without_placeholders(one)), name_of(modifiers[i])));
            later.assign(modifiers.begin() + static_cast<std::ptrdiff_t>(i), modifiers.end());
            break;
        }
        std::vector<Pattern> next;
        for (const Pattern& one : patterns) TRY_DO(within(apply(modifiers[i], one, next), name_of(modifiers[i])));
        patterns = std::move(next);
    }
    std::vector<Match> matches;
    for (Pattern& one : patterns) matches.emplace_back(TextMatch{std::move(one), letters, later});
    return matches;
}

Result<SigmaItem> read_item(std::string_view file, const YamlNode& key_node, const YamlNode& value) {
    auto key = parse_field_key(key_node.text);
    if (!key) return fail_at(file, key_node.line, key.error().message);
    if (key->field.size() > kMaxFieldNameBytes) return fail_at(file, key_node.line, "the name of the field is too long");
    SigmaItem item;
    item.field = key->field;
    item.line = key_node.line;
    item.join = key->has(Modifier::all) ? Join::all : Join::any;
    item.sense = key->has(Modifier::neq) ? Sense::negated : Sense::plain;
    if (value.kind == YamlKind::map) return fail_at(file, value.line, "a field has a value or a list of values, not a map");
    if (value.is_scalar()) {
        if (item.join == Join::all) return fail_at(file, value.line, "all needs a list of values");
        TRY(auto read, read_value(file, *key, value));
        item.values.push_back(std::move(read));
        return item;
    }
    TRY_DO(check_list(file, *key, value));
    // "Single item values are not allowed to have an all modifier."
    if (item.join == Join::all && value.items.size() == 1) return fail_at(file, value.line, "all needs more than one value");
    for (const YamlNode& node : value.items) {
        TRY(auto read, read_value(file, *key, node));
        item.values.push_back(std::move(read));
    }
    return item;
}

Result<SigmaItem> read_keyword(std::string_view file, const YamlNode& value) {
    SigmaItem item;
    item.line = value.line;
    TRY(auto read, read_value(file, FieldKey{}, value));
    item.values.push_back(std::move(read));
    return item;
}

}  // namespace madang::security
