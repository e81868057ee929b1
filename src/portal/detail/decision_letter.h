// The letter of a decision as both sides see it: a page, and files to keep and to check.
#pragma once

#include <string_view>

#include "portal/detail/house.h"

namespace madang::portal {

// `file`: "letter" is the page, "letter.pdf" the paper, "letter.p7s" its signature (CAdES), "letter.json" what the act of the
// decision commits to. "Not found" where none was made.
Response letter_of(const Portal::House& house, const Visit& visit, const casework::CaseSummary& summary, const identity::Access& access,
                   std::string_view file);

}  // namespace madang::portal
