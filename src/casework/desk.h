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

// Who enters or ends an absence: the officer, the head of the body or its administrator, or the operator of the house.
struct AbsenceBy {
    enum class Capacity { officer, head, house };
    identity::AccountId account;
    Capacity capacity = Capacity::officer;
};

class Desk {
public:
    explicit Desk(Casework& casework) : casework_(casework) {}

    // Code::conflict where somebody else has it who is not absent with this officer as substitute.
    Result<void> claim(const CaseId& id, const Officer& officer);
    Result<void> release(const CaseId& id, const Officer& officer);
    // To another officer of the body; one who is absent has it done by the substitute.
    Result<void> delegate(const CaseId& id, const Officer& officer, const identity::AccountId& to);

    // Code::invalid for an end before its beginning, oneself as substitute, more than a year. Code::denied where an officer
    // enters another's absence, or a head oneself as another's substitute. Each is an act about the absent account.
    Result<void> set_absence(const std::string& body, const Absence& absence, const AbsenceBy& by);
    // It ends now, or never begins. By who is away, a head or the house; Code::conflict where it is over.
    Result<void> end_absence(const std::string& body, const identity::AccountId& account, Instant from, const AbsenceBy& by);
    Result<std::vector<Absence>> absences(const std::string& body);
    // Who works for the account at that moment: itself, or its substitute, through at most five who are absent too.
    Result<identity::AccountId> stand_in(store::Reader& reader, std::string_view body, const identity::AccountId& account, Instant now);

    // The accounts of the absent for whom this officer works now.
    Result<std::vector<identity::AccountId>> stood_in_for(const Officer& officer);

    // Whether this officer may act on the case now: it is not their own (Code::denied), and nobody has it, or this one, or the
    // one this one stands in for (else Code::conflict).
    Result<void> require_turn(store::Reader& reader, const CaseRow& row, const Officer& officer);

    // The absent officer for whom this one acts on the case; empty where it is nobody's or their own.
    static std::string acting_for(const CaseRow& row, const Officer& officer);

    // Four eyes: what one officer proposes another person confirms or gives back. The same person with another account, or
    // standing in for the second, is still one person, and who has not the role of the task does neither (Code::denied).
    // `seen`: the hash of what was looked at (proposal_hash()); Code::conflict where it is another proposal by now.
    Result<void> confirm(const CaseId& id, const Officer& officer, std::string_view seen);
    Result<void> give_back(const CaseId& id, const Officer& officer, std::string_view reason);
    // Inside decide().
    Result<void> propose(store::Tx& tx, CaseRow& row, CaseContent& content, const Officer& officer, const OfficerDecision& decision);

private:
    Result<void> record_absence(store::Tx& tx, const std::string& body, const Absence& absence, std::string_view kind, const AbsenceBy& by);
    Result<void> give_to(store::Tx& tx, CaseRow& row, const std::string& account, std::string_view kind, const Officer& officer);
    Result<void> require_second(store::Reader& reader, const CaseContent& content, const CaseRow& row, const Officer& officer);

    Casework& casework_;
};

}  // namespace madang::casework
