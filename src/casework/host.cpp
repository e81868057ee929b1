#include "casework/detail/host.h"

#include "base/text.h"
#include "base/time_text.h"
#include "decision/decision.h"

namespace madang::casework {
namespace {

json::object fact_of(const registers::Residence& residence) {
    // Every language of the register, so that an address compares in the language it was typed in.
    json::object fact;
    json::array towns;
    json::array streets;
    for (const auto& [language, text] : residence.town) towns.emplace_back(text);
    for (const auto& [language, text] : residence.street) streets.emplace_back(text);
    fact["towns"] = std::move(towns);
    fact["streets"] = std::move(streets);
    json::object town;
    json::object street;
    for (const auto& [language, text] : residence.town) town[language] = text;
    for (const auto& [language, text] : residence.street) street[language] = text;
    fact["town"] = std::move(town);
    fact["street"] = std::move(street);
    fact["house"] = residence.house;
    fact["flat"] = residence.flat;
    fact["since"] = format_date(residence.since);
    return fact;
}

}  // namespace

Result<process::Outcome> Casework::Host::run_service(store::Tx& tx, std::string_view operation, const json::object&) {
    if (operation == catalogue::kAskResidence) return ask_residence(tx);
    if (operation == catalogue::kEnterResidence) return enter_residence(tx);
    return fail(Code::invalid, format("no room of this house does the operation \"{}\"", operation));
}

Result<process::Outcome> Casework::Host::decide(std::string_view decision, const json::object&) {
    auto answer = ask_rule(decision);
    if (answer || rule_ == Rule::needed) return answer;
    content_.outcome.clear();
    content_.trace = nullptr;
    return json::object{{"outcome", ""}};
}

Result<json::object> Casework::Host::ask_rule(std::string_view decision) {
    json::object input = content_.facts;
    input["stated"] = content_.answers;
    TRY(decision::Outcome outcome, decision::evaluate(*service_.decisions, decision, input));
    const json::value value = feel::to_json(outcome.value);
    if (!value.is_object()) {
        return fail(Code::invalid, format("the decision \"{}\" gave no rule that fits", decision));
    }
    content_.outcome = value.get_object();
    content_.trace = outcome.trace;
    return json::object{{"outcome", string_or(content_.outcome, "outcome", "")}};
}

Result<json::object> Casework::Host::ask_residence(store::Tx& tx) {
    TRY(const auto residence, parts_.population.residence_of(tx, summary_.applicant.person, today(), access_of(summary_.body, "system", {})));
    content_.facts["residence"] = residence ? json::value(fact_of(*residence)) : json::value(nullptr);
    return json::object{{"registered", residence.has_value()}};
}

// What an officer found to be so stands in the register before any paper states it.
Result<json::object> Casework::Host::enter_residence(store::Tx& tx) {
    // Where nobody answered in time the law has decided, and no officer.
    const auto officer = identity::AccountId::parse(summary_.decided_by);
    const identity::Access access = access_of(summary_.body, officer ? "officer" : "system", officer.value_or(identity::AccountId{}));
    TRY(const auto address, parts_.population.find_address(tx, stated_address(content_), today()));
    if (!address) return fail(Code::invalid, "the address register does not hold the address that the applicant stated");
    TRY(const auto before, parts_.population.residence_of(tx, summary_.applicant.person, today(), access));
    if (before && before->address == address->id) return json::object{{"entered", false}};
    registers::Residence residence;
    residence.id = make_id<registers::RecordId>(parts_.clock, parts_.random);
    residence.person = summary_.applicant.person;
    residence.address = address->id;
    residence.since = today();
    TRY_DO(parts_.population.move_to(tx, residence, access));
    TRY_DO(casework_.record(tx, summary_, "residence.entered", summary_.decided_by, access.capacity, {{"record", residence.id.text()}}));
    return json::object{{"entered", true}};
}

identity::Access Casework::Host::access_of(const std::string& body, std::string capacity, identity::AccountId who) const {
    return {.who = who, .capacity = std::move(capacity), .body = body, .case_id = summary_.id.text(), .legal_ground = service_.legal_ground()};
}

}  // namespace madang::casework
