// An official act: who did what to which case, when, in what capacity and on what legal ground. It holds
// ids and hashes, never a person's data. Its leaf in the tree is a salted commitment.
// Written format: docs/formats/act.md
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "crypto/hash.h"

namespace madang::ledger {

using ActId = Id<struct ActIdTag>;
using Salt = std::array<std::uint8_t, 16>;

struct Act {
    ActId id;
    std::string kind;          // "application.submitted": dotted, past tense
    Instant at{};
    std::string actor;         // account id or "rule:<decision>"
    std::string capacity;      // "self", "parent", "officer", "system" …
    std::string body;          // code of the government body
    std::string subject;       // id of the case or document
    std::string legal_ground;
    json::object details;      // hashes and ids only
};

// The canonical JSON (RFC 8785) that is committed to. Code::invalid where a field is missing or too
// long, or where details are deeper than 8 or carry fractions; Code::exhausted beyond 32 kB.
Result<std::string> format_act(const Act& act);
// Reads exactly what format_act() writes.
Result<Act> parse_act(std::string_view canonical);
// The act in a JSON object; other members are refused.
Result<Act> act_of(const json::object& object);

// SHA-256(salt ‖ canonical JSON of the act).
crypto::Hash commitment_of(const Salt& salt, std::string_view canonical);
// The entry of the log: "madang-act-v1", a line end and the commitment; 46 bytes.
inline constexpr std::string_view kEntryPrefix = "madang-act-v1\n";
inline constexpr std::size_t kEntrySize = 14 + 32;
std::string entry_of(const crypto::Hash& commitment);

}  // namespace madang::ledger
