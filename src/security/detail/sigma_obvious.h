// One match on one value, written from the specification alone and as plainly as it can be: what the matchers of the program are
// held against. It shares with them only what a rule is read into, the folding of letters, RE2 and the reading of times.
#pragma once

#include <string_view>

#include "security/sigma_event.h"
#include "security/sigma_rule.h"

namespace madang::security {

// Existence and null of an absent field are the caller's, and so are the values of other fields.
bool obviously_matches(const Match& match, const EventScalar& value);

// "fieldref": whether `text` is `other`, or begins, ends or goes on with it somewhere.
bool obviously_refers(const FieldMatch& match, std::string_view text, std::string_view other);

}  // namespace madang::security
