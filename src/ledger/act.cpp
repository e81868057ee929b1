#include "ledger/act.h"

#include <algorithm>

#include "base/text.h"
#include "base/time_text.h"

namespace madang::ledger {
namespace {

constexpr std::size_t kMaxAct = 32U << 10;
constexpr std::size_t kMaxKind = 64;
constexpr std::size_t kMaxWord = 200;      // actor, capacity, body, subject
constexpr std::size_t kMaxGround = 2000;
constexpr std::size_t kMaxDepth = 8;
constexpr std::int64_t kMaxWhole = std::int64_t{1} << 53;

enum class Empty { allowed, refused };

bool is_kind(std::string_view kind) {
    const bool plain = std::ranges::all_of(kind, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.'; });
    const std::size_t dot = kind.find('.');
    return plain && kind.size() <= kMaxKind && dot != std::string_view::npos && dot > 0 && !kind.ends_with('.') && !kind.contains("..");
}

Result<void> check_word(std::string_view word, std::string_view field, std::size_t limit, Empty empty) {
    if (word.empty() && empty == Empty::refused) return fail(Code::invalid, format("an act has no {}", field));
    if (word.size() > limit) return fail(Code::invalid, format("the {} of an act has more than {} bytes", field, limit));
    if (!is_utf8(word)) return fail(Code::invalid, format("the {} of an act is not UTF-8", field));
    return {};
}

// What is hashed must have one spelling: no fractions, no whole numbers beyond 2^53.
Result<void> check_details(const json::value& value, std::size_t depth) {
    if (depth > kMaxDepth) return fail(Code::invalid, format("the details of an act are nested deeper than {}", kMaxDepth));
    if (value.is_double() || value.is_uint64()) return fail(Code::invalid, "the details of an act carry a fraction or a number that is too large");
    if (value.is_int64() && (value.get_int64() > kMaxWhole || value.get_int64() < -kMaxWhole)) {
        return fail(Code::invalid, "the details of an act carry a number beyond 2^53: write it as a text");
    }
    if (value.is_string() && !is_utf8(value.get_string())) return fail(Code::invalid, "the details of an act are not UTF-8");
    if (value.is_array()) {
        for (const auto& item : value.get_array()) TRY_DO(check_details(item, depth + 1));
    }
    if (value.is_object()) {
        for (const auto& member : value.get_object()) {
            if (!is_utf8(member.key())) return fail(Code::invalid, "the details of an act are not UTF-8");
            TRY_DO(check_details(member.value(), depth + 1));
        }
    }
    return {};
}

Result<void> check_act(const Act& act) {
    if (act.id.is_nil()) return fail(Code::invalid, "an act has no id");
    if (!is_kind(act.kind)) return fail(Code::invalid, format("\"{}\" is no kind of act: write it like \"application.submitted\"", act.kind));
    TRY_DO(check_word(act.actor, "actor", kMaxWord, Empty::refused));
    TRY_DO(check_word(act.subject, "subject", kMaxWord, Empty::refused));
    TRY_DO(check_word(act.capacity, "capacity", kMaxWord, Empty::allowed));
    TRY_DO(check_word(act.body, "body", kMaxWord, Empty::allowed));
    TRY_DO(check_word(act.legal_ground, "legal ground", kMaxGround, Empty::allowed));
    for (const auto& member : act.details) {
        if (!is_utf8(member.key())) return fail(Code::invalid, "the details of an act are not UTF-8");
        TRY_DO(check_details(member.value(), 2));
    }
    return {};
}

void put_text(std::string& out, std::string_view text) {
    const bool plain = std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; });
    if (plain) {
        out += '"';
        out += text;
        out += '"';
    } else {
        out += canonical_json(json::value(text));
    }
}

void put_member(std::string& out, std::string_view key, std::string_view text) {
    out += '"';
    out += key;
    out += "\":";
    put_text(out, text);
    out += ',';
}

}  // namespace

// RFC 8785: the members in the order of their names. Written by hand because every act passes here.
Result<std::string> format_act(const Act& act) {
    TRY_DO(check_act(act));
    std::string out = "{";
    out.reserve(512);
    put_member(out, "actor", act.actor);
    put_member(out, "at", format_instant(act.at));
    put_member(out, "body", act.body);
    put_member(out, "capacity", act.capacity);
    out += "\"details\":";
    out += act.details.empty() ? "{}" : canonical_json(act.details);
    out += ',';
    put_member(out, "id", act.id.text());
    put_member(out, "kind", act.kind);
    put_member(out, "legal_ground", act.legal_ground);
    out += "\"subject\":";
    put_text(out, act.subject);
    out += '}';
    if (out.size() > kMaxAct) return fail(Code::exhausted, format("an act has at most {} bytes; this one has {}", kMaxAct, out.size()));
    return out;
}

Result<Act> act_of(const json::object& object) {
    constexpr std::size_t kMembers = 9;
    if (object.size() != kMembers) return fail(Code::invalid, format("an act has {} members, not {}", kMembers, object.size()));
    Act act;
    TRY(const std::string id, string_at(object, "id", "the act"));
    TRY(act.id, within(ActId::parse(id), "the act's id"));
    TRY(const std::string at, string_at(object, "at", "the act"));
    TRY(act.at, within(parse_instant(at), "the act's time"));
    TRY(act.kind, string_at(object, "kind", "the act"));
    TRY(act.actor, string_at(object, "actor", "the act"));
    TRY(act.capacity, string_at(object, "capacity", "the act"));
    TRY(act.body, string_at(object, "body", "the act"));
    TRY(act.subject, string_at(object, "subject", "the act"));
    TRY(act.legal_ground, string_at(object, "legal_ground", "the act"));
    TRY(act.details, object_at(object, "details", "the act"));
    TRY_DO(check_act(act));
    return act;
}

Result<Act> parse_act(std::string_view canonical) {
    TRY(const json::value value, parse_json(canonical, {.bytes = kMaxAct, .depth = kMaxDepth + 2}));
    if (!value.is_object()) return fail(Code::invalid, "an act is a JSON object");
    TRY(Act act, act_of(value.get_object()));
    TRY(const std::string again, format_act(act));
    if (again != canonical) return fail(Code::invalid, "the act is not in canonical form");
    return act;
}

crypto::Hash commitment_of(const Salt& salt, std::string_view canonical) {
    thread_local crypto::Sha256 hash;
    return hash.update(salt).update(as_bytes(canonical)).finish();
}

std::string entry_of(const crypto::Hash& commitment) {
    std::string entry(kEntryPrefix);
    entry += as_text(commitment);
    return entry;
}

}  // namespace madang::ledger
