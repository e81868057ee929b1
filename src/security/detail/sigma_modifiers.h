// The words behind a field's name: `field|contains|all`, by the Sigma modifiers appendix 2.1.0.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "security/sigma_rule.h"

namespace madang::security {

// In groups: of one group a field has at most one, but for the flags of `re`.
enum class Modifier {
    contains, startswith, endswith,                       // place
    windash, expand,
    utf16, utf16le, utf16be, wide,                        // utf16
    base64, base64offset,                                 // base64
    re, cidr, exists, fieldref, gt, gte, lt, lte,         // type
    i, m, s,                                              // flags of re
    minute, hour, day, week, month, year,                 // part of a time
    all, neq, cased,
};

struct FieldKey {
    std::string field;                // empty for keywords
    std::vector<Modifier> modifiers;  // in the order in which they are applied

    bool has(Modifier modifier) const;
    std::optional<Modifier> first_of(std::initializer_list<Modifier> group) const;
    std::optional<TimePart> time_part() const;
    Comparison comparison() const;    // equal, unless gt, gte, lt or lte
    Place place() const;
};

std::string_view name_of(Modifier modifier);

// Fails with Code::invalid on an unknown modifier, one that is there twice, and ones that cannot stand together.
Result<FieldKey> parse_field_key(std::string_view text);

}  // namespace madang::security
