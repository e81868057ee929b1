// What may become of a case beside its decision: withdrawn by the applicant, joined with a duplicate, opened again, and
// appealed against as a case of its own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "casework/case.h"
#include "government/term.h"
#include "store/store.h"

namespace madang::casework {

class Casework;
struct CaseRow;
struct Officer;
struct Receipt;

struct Link {
    enum class Kind { appeal_of, merged_into };
    Kind kind = Kind::appeal_of;
    CaseSummary other;
    bool from_here = true;   // else the other case points here
};
std::string_view name_of(Link::Kind kind);

class Procedures {
public:
    explicit Procedures(Casework& casework) : casework_(casework) {}

    // Before it is decided. Code::conflict afterwards.
    Result<void> withdraw(const CaseSummary& summary, const identity::AccountId& account);
    // A decided or withdrawn case is worked on anew, for a reason and by an article. A certificate that was issued must be
    // revoked first: Code::conflict.
    Result<void> reopen(const CaseId& id, const Officer& officer, std::string_view reason, std::string_view article);
    // `duplicate` goes on in `kept`: both open, of the same applicant and service, else Code::invalid.
    Result<void> merge(const CaseId& duplicate, const CaseId& kept, const Officer& officer);
    // Open cases of the same applicant for the same service.
    Result<std::vector<CaseSummary>> duplicates_of(const CaseSummary& summary);

    // Within the time that the service gives, by the applicant, once. The superior body decides.
    Result<Receipt> appeal(const CaseSummary& summary, const identity::AccountId& account, std::string_view text, std::string_view idempotency_key);
    // The last moment for an appeal; nothing where none is possible.
    std::optional<Instant> appeal_until(const CaseSummary& summary) const;
    // The same by the pack as it is now: for the letter of a decision that is being made.
    std::optional<Instant> appeal_possible_until(const CaseSummary& summary) const;
    // How the last day for an appeal was found; nothing where none is possible.
    std::optional<government::DueDate> appeal_term(const CaseSummary& summary) const;
    // Whether there is an appeal against the decision as it stands.
    Result<bool> is_appealed(const CaseSummary& summary);
    // Allowed: the decision falls and its case is opened again. Code::denied for a person who took part in the first.
    Result<void> decide_appeal(const CaseId& id, const Officer& officer, bool allowed, std::string_view reason);

    Result<std::vector<Link>> links_of(const CaseSummary& summary);

    // Inside another command. Nothing more is owed: the process ends, the clock stops, no job waits.
    Result<void> close(store::Tx& tx, CaseRow& row, Status status, std::string_view actor);

    // What is decided on an appeal, by an officer or (role "system") by law at the end of its term: content and the fields
    // of the decision are set already.
    Result<void> end_appeal(store::Tx& tx, CaseRow& row, const CaseContent& content, bool allowed, std::string_view actor, std::string_view role);
    Result<void> stop_process(store::Tx& tx, const CaseRow& row);

private:
    Result<std::optional<CaseRow>> appeal_against(store::Reader& reader, const CaseSummary& summary);
    Result<void> link(store::Tx& tx, const CaseSummary& from, Link::Kind kind, const CaseSummary& to);
    Result<void> begin_again(store::Tx& tx, CaseRow& row, std::string_view article, std::string_view actor);

    Casework& casework_;
};

}  // namespace madang::casework
