#include "documents/revocation_list.h"

#include <algorithm>

#include "base/text.h"
#include "base/time_text.h"
#include "crypto/hash.h"
#include "documents/code.h"
#include "ledger/note.h"

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

crypto::Hash hash_of(std::string_view lines) { return crypto::sha256(as_bytes(lines)); }

// The text of the note: format, origin, moment, count and hash of the lines below it.
Result<std::uint64_t> parse_head(std::string_view head, std::string_view below, RevocationList& list) {
    if (!head.ends_with('\n')) return fail(Code::invalid, "the list does not begin with a note");
    head.remove_suffix(1);
    const auto lines = split(head, '\n');
    if (lines.size() != 5 || lines[0] != kFormat) return fail(Code::invalid, "this is not a list of revoked certificates");
    list.origin = lines[1];
    TRY(list.made_at, parse_instant(lines[2]));
    TRY(const std::uint64_t count, parse_decimal(lines[3]));
    if (lines[4] != hex(hash_of(below))) return fail(Code::corrupted, "the lines of the list are not those that were signed");
    return count;
}

}  // namespace

const Revocation* RevocationList::find(std::string_view code) const {
    const auto at = std::ranges::lower_bound(revocations, code, {}, &Revocation::code);
    return at == revocations.end() || at->code != code ? nullptr : &*at;
}

std::string sign_revocation_list(const RevocationList& list, std::string_view name, const crypto::Ed25519Key& key) {
    std::vector<Revocation> sorted = list.revocations;
    std::ranges::sort(sorted, {}, &Revocation::code);
    std::string below;
    for (const Revocation& revocation : sorted) {
        below += format("{} {} {}\n", revocation.code, format_date(revocation.revoked_on), revocation.ground);
    }
    const std::string head = format("{}\n{}\n{}\n{}\n{}\n", kFormat, list.origin, format_instant(list.made_at), sorted.size(), hex(hash_of(below)));
    return format("{}\n{}", ledger::sign_note(head, name, key), below);
}

Result<RevocationList> open_revocation_list(std::string_view text, std::string_view verifier_key) {
    if (text.size() > kMaxBytes) return fail(Code::exhausted, "the list of revoked certificates is too large");
    const std::size_t body = text.find("\n\n");
    const std::size_t end = body == std::string_view::npos ? body : text.find("\n\n", body + 2);
    if (end == std::string_view::npos) return fail(Code::invalid, "this is not a list of revoked certificates");
    const std::string_view below = text.substr(end + 2);
    TRY(const ledger::VerifierKey key, ledger::parse_verifier_key(verifier_key));
    TRY(const std::string head, ledger::open_note(text.substr(0, end + 1), std::span(&key, 1)));
    RevocationList list;
    TRY(const std::uint64_t count, parse_head(head, below, list));
    if (count > kMaxLines) return fail(Code::exhausted, format("the list has more than {} lines", kMaxLines));
    std::size_t number = 0;
    for (std::size_t at = 0; at < below.size(); ++number) {
        const std::size_t line_end = std::min(below.find('\n', at), below.size());
        TRY(Revocation revocation, within(parse_line(below.substr(at, line_end - at)), format("revocation {}", number + 1)));
        if (!list.revocations.empty() && list.revocations.back().code >= revocation.code) {
            return fail(Code::invalid, format("revocation {}: the codes are not in order", number + 1));
        }
        list.revocations.push_back(std::move(revocation));
        at = line_end + 1;
    }
    if (number != count) return fail(Code::invalid, format("the list says {} lines and has {}", count, number));
    return list;
}

}  // namespace madang::documents
