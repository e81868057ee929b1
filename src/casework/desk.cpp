#include "casework/desk.h"

#include "base/text.h"
#include "casework/case_repository.h"
#include "casework/casework.h"
#include "casework/impartial.h"
#include "identity/accounts.h"

namespace madang::casework {
namespace {

using catalogue::Ground;

}  // namespace

Result<void> Desk::give_to(store::Tx& tx, CaseRow& row, const std::string& account, std::string_view kind, const Officer& officer) {
    json::object details{{"assignee", account}};
    if (const std::string whom = acting_for(row, officer); !whom.empty()) details["for"] = whom;
    row.summary.assignee = account;
    TRY_DO(casework_.record(tx, row.summary, std::string(kind), officer.account.text(), "officer", std::move(details)));
    return update_case(tx, row);
}

Result<void> Desk::claim(const CaseId& id, const Officer& officer) {
    return casework_.parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(CaseRow row, casework_.open_case(tx, officer.body, id));
        if (row.summary.assignee == officer.account.text()) return {};
        TRY_DO(require_turn(tx, row, officer));
        return give_to(tx, row, officer.account.text(), "case.claimed", officer);
    });
}

Result<void> Desk::release(const CaseId& id, const Officer& officer) {
    return casework_.parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(CaseRow row, casework_.open_case(tx, officer.body, id));
        if (row.summary.assignee.empty()) return {};
        TRY_DO(require_turn(tx, row, officer));
        return give_to(tx, row, "", "case.released", officer);
    });
}

Result<void> Desk::delegate(const CaseId& id, const Officer& officer, const identity::AccountId& to) {
    return casework_.parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(CaseRow row, casework_.open_case(tx, officer.body, id));
        TRY_DO(require_turn(tx, row, officer));
        if (row.summary.applicant.account == to) return fail(Code::denied, "nobody works on an application of their own");
        TRY(const auto person, identity::person_behind(tx, to));
        const Officer colleague{to, officer.body, person};
        if (person) TRY_DO(require_impartial(tx, row.summary, colleague, casework_.parts_.mandates, casework_.parts_.clock.now()));
        return give_to(tx, row, to.text(), "case.delegated", officer);
    });
}

Result<void> Desk::require_turn(store::Reader& reader, const CaseRow& row, const Officer& officer) {
    TRY_DO(require_impartial(reader, row.summary, officer, casework_.parts_.mandates, casework_.parts_.clock.now()));
    const std::string& holder = row.summary.assignee;
    if (holder.empty() || holder == officer.account.text()) return {};
    TRY(const auto held_by, identity::AccountId::parse(holder));
    TRY(const auto acting, stand_in(reader, row.summary.body, held_by, casework_.parts_.clock.now()));
    if (acting == officer.account) return {};
    return fail(Code::conflict, "another officer has taken this case");
}

std::string Desk::acting_for(const CaseRow& row, const Officer& officer) {
    return row.summary.assignee == officer.account.text() ? std::string() : row.summary.assignee;
}

Result<void> Desk::propose(store::Tx& tx, CaseRow& row, CaseContent& content, const Officer& officer, const OfficerDecision& decision) {
    const bool granted = decision.outcome == Ground::Outcome::grant;
    content.proposal = {{"granted", granted}, {"ground", decision.ground}, {"reason", decision.reason}, {"by", officer.account.text()},
                        {"person", officer.person ? officer.person->text() : ""}, {"for", decision.acting_for}};
    row.summary.status = Status::with_second_officer;
    json::object details{{"outcome", granted ? "grant" : "refuse"}, {"article", decision.ground}};
    if (!decision.acting_for.empty()) details["for"] = decision.acting_for;
    TRY_DO(casework_.record(tx, row.summary, "decision.proposed", officer.account.text(), "officer", std::move(details)));
    return casework_.keep(tx, row, content);
}

Result<void> Desk::require_second(store::Reader& reader, const CaseContent& content, const CaseRow& row, const Officer& officer) {
    if (row.summary.status != Status::with_second_officer) return fail(Code::conflict, "no decision waits for a second person");
    TRY_DO(require_impartial(reader, row.summary, officer, casework_.parts_.mandates, casework_.parts_.clock.now()));
    TRY_DO(require_no_hand_in(reader, content, officer));
    const bool same_account = string_or(content.proposal, "by", "") == officer.account.text();
    const bool same_person = string_or(content.proposal, "person", "") == officer.person->text();
    if (same_account || same_person) return fail(Code::denied, "a second person must look at this decision, not the one who proposed it");
    return casework_.tasks().require_role(reader, row, officer);
}

Result<void> Desk::confirm(const CaseId& id, const Officer& officer, std::string_view seen) {
    return casework_.parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(CaseRow row, casework_.case_row(tx, officer.body, id));
        TRY(CaseContent content, casework_.content_of(tx, row));
        TRY_DO(require_second(tx, content, row, officer));
        if (seen.empty()) return fail(Code::invalid, "say which proposal was looked at, by its sha256");
        if (seen != proposal_hash(content)) return fail(Code::conflict, "the proposed decision is another one than was looked at");
        const std::string person = string_or(content.proposal, "person", "");
        if (person.empty()) return fail(Code::denied, "it is not known which person proposed this; give it back");
        TRY(const auto first, identity::AccountId::parse(string_or(content.proposal, "by", "")));
        const OfficerDecision decision{.outcome = bool_or(content.proposal, "granted", false) ? Ground::Outcome::grant : Ground::Outcome::refuse,
                                       .ground = string_or(content.proposal, "ground", ""), .reason = string_or(content.proposal, "reason", ""), .acting_for = string_or(content.proposal, "for", "")};
        content.proposal.clear();
        content.deciders.push_back({first.text(), person, decision.acting_for});
        content.deciders.push_back({officer.account.text(), officer.person->text(), ""});
        TRY_DO(casework_.record(tx, row.summary, "decision.confirmed", officer.account.text(), "officer", {{"proposed_by", first.text()}}));
        return casework_.carry_out(tx, row, content, first, decision);
    });
}

Result<void> Desk::give_back(const CaseId& id, const Officer& officer, std::string_view reason) {
    TRY(const std::string why, tidy_lines(reason));
    if (why.empty() || count_code_points(why) > kMaxMessage) return fail(Code::invalid, format("the reason has 1 to {} characters", kMaxMessage));
    return casework_.parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(CaseRow row, casework_.case_row(tx, officer.body, id));
        TRY(CaseContent content, casework_.content_of(tx, row));
        TRY_DO(require_second(tx, content, row, officer));
        content.proposal["given_back"] = why;
        row.summary.status = Status::with_officer;
        TRY_DO(casework_.record(tx, row.summary, "decision.given_back", officer.account.text(), "officer", {}));
        return casework_.keep(tx, row, content);
    });
}

}  // namespace madang::casework
