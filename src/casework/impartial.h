// Who may not act on a case: nobody works on a case of their own. Told by the person behind an account, so that a second
// account, a mandate, a delegation or standing in for somebody changes nothing.
#pragma once

#include "casework/case.h"
#include "identity/mandates.h"
#include "store/store.h"

namespace madang::casework {

struct Officer;

// Code::denied for an account that is bound to no person: it cannot be shown to be somebody else.
Result<void> require_person(const Officer& officer);

// Code::denied for the applicant, for whoever asked or took the application in with whatever account, for whoever may act for
// the applicant, and for an account without a person.
Result<void> require_impartial(store::Reader& reader, const CaseSummary& summary, const Officer& officer, identity::Mandates& mandates, Instant now);

// Code::denied for whoever took a change of the answers in at the counter: nobody decides on what they typed themselves.
Result<void> require_no_hand_in(store::Reader& reader, const CaseContent& content, const Officer& officer);

// Whether this officer proposed, confirmed or made a decision in the case.
Result<bool> took_part(store::Reader& reader, const CaseSummary& summary, const CaseContent& content, const Officer& officer);

}  // namespace madang::casework
