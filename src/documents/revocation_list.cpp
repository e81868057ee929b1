#include "documents/revocation_list.h"

#include <algorithm>

#include "base/text.h"
#include "base/time_text.h"
#include "documents/certificate_code.h"
#include "documents/detail/note_key.h"

namespace madang::documents {
namespace {

constexpr std::size_t kMaxBytes = 64U << 20;
constexpr std::size_t kMaxLines = 1'000'000;
constexpr std::size_t kMaxGround = 800;   // bytes
constexpr std::string_view kFormat = "madang-revocations-v1";

Result<Revocation> parse_line(std::string_view line) {
    const std::size_t first = line.find(' ');
    const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
    if (second == std::string_view::npos) return fail(Code::invalid, "a line has a code, a date and a legal ground");
    Revocation out;
    TRY(out.code, parse_code(line.substr(0, first)));
    if (out.code != line.substr(0, first)) return fail(Code::invalid, "a code is not spelled as it was issued");
    TRY(out.revoked_on, parse_date(line.substr(first + 1, second - first - 1)));
    out.ground = line.substr(second + 1);
    if (out.ground.empty() || out.ground.size() > kMaxGround) return fail(Code::invalid, "the legal ground is missing or too long");
    return out;
}

Result<RevocationList> parse_body(std::string_view body) {
    if (!body.ends_with('\n')) return fail(Code::invalid, "the list does not end with a line end");
    body.remove_suffix(1);
    const auto lines = split(body, '\n');
    if (lines.size() < 4 || lines[0] != kFormat) return fail(Code::invalid, "this is not a list of revoked certificates");
    if (lines.size() - 4 > kMaxLines) return fail(Code::exhausted, format("the list has more than {} lines", kMaxLines));
    RevocationList list;
    list.origin = lines[1];
    TRY(list.made_at, parse_instant(lines[2]));
    TRY(const std::uint64_t count, parse_decimal(lines[3]));
    if (count != lines.size() - 4) return fail(Code::invalid, format("the list says {} lines and has {}", count, lines.size() - 4));
    for (std::size_t i = 4; i < lines.size(); ++i) {
        TRY(Revocation revocation, within(parse_line(lines[i]), format("line {}", i + 1)));
        if (!list.revocations.empty() && list.revocations.back().code >= revocation.code) {
            return fail(Code::invalid, format("line {}: the codes are not in order", i + 1));
        }
        list.revocations.push_back(std::move(revocation));
    }
    return list;
}

}  // namespace

const Revocation* RevocationList::find(std::string_view code) const {
    const auto at = std::ranges::lower_bound(revocations, code, {}, &Revocation::code);
    return at == revocations.end() || at->code != code ? nullptr : &*at;
}

std::string sign_revocation_list(const RevocationList& list, std::string_view name, const crypto::Ed25519Key& key) {
    std::vector<Revocation> sorted = list.revocations;
    std::ranges::sort(sorted, {}, &Revocation::code);
    std::string body = format("{}\n{}\n{}\n{}\n", kFormat, list.origin, format_instant(list.made_at), sorted.size());
    for (const Revocation& revocation : sorted) {
        body += format("{} {} {}\n", revocation.code, format_date(revocation.revoked_on), revocation.ground);
    }
    return sign_text(body, name, key);
}

Result<RevocationList> open_revocation_list(std::string_view note, std::string_view verifier_key) {
    if (note.size() > kMaxBytes) return fail(Code::exhausted, "the list of revoked certificates is too large");
    TRY(const NoteKey key, parse_note_key(verifier_key));
    TRY(const std::string body, open_text(note, key));
    return parse_body(body);
}

}  // namespace madang::documents
