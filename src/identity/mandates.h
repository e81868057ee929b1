// The right to act for another person: a parent for a child, a guardian, a holder of a power of attorney.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "identity/access.h"
#include "store/store.h"

namespace madang::identity {

using MandateId = Id<struct MandateIdTag>;

enum class MandateKind { parent, guardian, power_of_attorney };
std::string_view name_of(MandateKind kind);
Result<MandateKind> parse_mandate_kind(std::string_view text);
// "parent" for a parent, else "representative": the word of an Access and of a service's `applicants`.
std::string_view capacity_of(MandateKind kind);

struct Mandate {
    MandateId id;
    PersonId representative;
    PersonId represented;
    MandateKind kind = MandateKind::parent;
    std::vector<std::string> services;   // ids of services; empty means all
    Instant valid_from{};
    std::optional<Instant> valid_until;  // not included
    std::string legal_ground;            // the article of law; no personal data

    bool covers(std::string_view service, Instant moment) const;
};

class Mandates {
public:
    Mandates(const Clock& clock, Random& random) : clock_(clock), random_(random) {}

    // Gives the mandate its id. Code::invalid for a mandate to oneself, an empty ground or time, or more
    // than 100 services.
    Result<MandateId> grant(store::Tx& tx, Mandate mandate);
    // Ends it now; Code::not_found where there is none that is in force.
    Result<void> revoke(store::Tx& tx, const MandateId& id);

    // The mandates that an account's person holds at that moment, oldest first; at most 500.
    Result<std::vector<Mandate>> who_may_act_for(store::Reader& reader, const AccountId& account, Instant now);
    // Those who may act for a person, for that person to see.
    Result<std::vector<Mandate>> representatives_of(store::Reader& reader, const PersonId& represented, Instant now);
    // The mandate by which an account may ask for a service for a person; Code::denied without one.
    Result<Mandate> check(store::Reader& reader, const AccountId& account, const PersonId& represented,
                          std::string_view service, Instant now);

private:
    const Clock& clock_;
    Random& random_;
};

}  // namespace madang::identity
