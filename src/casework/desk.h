// Who does the work in a body: cases are taken, given on, done by a substitute while somebody is absent, and decided by
// two persons where the service asks for four eyes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "casework/case.h"
#include "store/store.h"

namespace madang::casework {

class Casework;
struct CaseRow;
struct Officer;
struct OfficerDecision;

struct Absence {
    identity::AccountId account;
    identity::AccountId substitute;
    Instant from{};
    Instant until{};   // not included
};

class Desk {
public:
    explicit Desk(Casework& casework) : casework_(casework) {}

    // Code::conflict where somebody else has it who is not absent with this officer as substitute.
    Result<void> claim(const CaseId& id, const Officer& officer);
    Result<void> release(const CaseId& id, const Officer& officer);
    // To another officer of the body; one who is absent has it done by the substitute.
    Result<void> delegate(const CaseId& id, const Officer& officer, const identity::AccountId& to);

    // Code::invalid for an end before its beginning, oneself as substitute, more than a year.
    Result<void> set_absence(const std::string& body, const Absence& absence);
    Result<std::vector<Absence>> absences(const std::string& body);
    // Who works for the account at that moment: itself, or its substitute, through at most five who are absent too.
    Result<identity::AccountId> stand_in(store::Reader& reader, std::string_view body, const identity::AccountId& account, Instant now);

    // Whether this officer may act on the case now: nobody has it, or this one, or the one this one stands in for.
    Result<void> require_turn(store::Reader& reader, const CaseRow& row, const Officer& officer);

    // Four eyes: what one officer proposes another person confirms or gives back. The same person with another account, or
    // standing in for the second, is still one person (Code::denied).
    Result<void> confirm(const CaseId& id, const Officer& officer);
    Result<void> give_back(const CaseId& id, const Officer& officer, std::string_view reason);
    // Inside decide().
    Result<void> propose(store::Tx& tx, CaseRow& row, CaseContent& content, const Officer& officer, const OfficerDecision& decision);

private:
    Result<void> give_to(store::Tx& tx, CaseRow& row, const std::string& account, std::string_view kind, const Officer& officer);
    Result<void> require_second(const CaseContent& content, const CaseRow& row, const Officer& officer);

    Casework& casework_;
};

}  // namespace madang::casework
