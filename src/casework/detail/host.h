// What the process of one case may ask of the house.
#pragma once

#include "casework/case_repository.h"
#include "casework/casework.h"

namespace madang::casework {

// Personal data goes into the sealed content; the variables of the process hold only what the content-free path needs.
class Casework::Host final : public process::Host {
public:
    // A rule that cannot answer stops a case; what the law has decided does not hang on it.
    enum class Rule { needed, decided_by_law };
    Host(Casework& casework, const catalogue::Service& service, const CaseSummary& summary, CaseContent& content, Rule rule = Rule::needed)
        : casework_(casework), parts_(casework.parts_), service_(service), summary_(summary), content_(content), rule_(rule) {}

    Result<process::Outcome> run_service(store::Tx& tx, std::string_view operation, const json::object&) override;
    Result<process::Outcome> decide(std::string_view decision, const json::object&) override;

private:
    Result<json::object> ask_residence(store::Tx& tx);
    Result<json::object> enter_residence(store::Tx& tx);
    Result<json::object> ask_rule(std::string_view decision);
    Date today() const { return parts_.pack.government.time_zone().date(parts_.clock.now()); }
    identity::Access access_of(const std::string& body, std::string capacity, identity::AccountId who) const;

    Casework& casework_;
    const Parts& parts_;
    const catalogue::Service& service_;
    const CaseSummary& summary_;
    CaseContent& content_;
    Rule rule_;
};

}  // namespace madang::casework
