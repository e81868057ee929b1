#include "identity/mandates.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "base/text.h"

namespace madang::identity {
namespace {

constexpr std::size_t kMaxServices = 100;
constexpr std::size_t kMaxText = 400;

constexpr std::array<std::pair<MandateKind, std::string_view>, 3> kNames{
    {{MandateKind::parent, "parent"}, {MandateKind::guardian, "guardian"}, {MandateKind::power_of_attorney, "power_of_attorney"}}};

constexpr const char* kInsert =
    "INSERT INTO identity_mandate (mandate_id, representative, represented, kind, services, valid_from, valid_until, legal_ground)"
    " VALUES ($1,$2,$3,$4,$5,$6,$7,$8)";
constexpr const char* kRevoke =
    "UPDATE identity_mandate SET valid_until=$2 WHERE mandate_id=$1 AND (valid_until IS NULL OR valid_until>$2)";
constexpr const char* kOfAccount =
    "SELECT m.mandate_id, m.representative, m.represented, m.kind, m.services, m.valid_from, m.valid_until, m.legal_ground"
    " FROM identity_account a JOIN identity_mandate m ON m.representative=a.person_id"
    " WHERE a.account_id=$1 AND m.valid_from<=$2 AND (m.valid_until IS NULL OR m.valid_until>$2)"
    " ORDER BY m.mandate_id LIMIT 500";
constexpr const char* kOfRepresented =
    "SELECT mandate_id, representative, represented, kind, services, valid_from, valid_until, legal_ground"
    " FROM identity_mandate WHERE represented=$1 AND valid_from<=$2 AND (valid_until IS NULL OR valid_until>$2)"
    " ORDER BY mandate_id LIMIT 500";

std::int64_t microseconds(Instant moment) { return moment.time_since_epoch().count(); }
Instant moment_of(std::int64_t count) { return Instant(std::chrono::microseconds(count)); }

Result<Mandate> mandate_of(const store::Row& row) {
    Mandate mandate;
    TRY(mandate.id, MandateId::parse(row.text(0)));
    TRY(mandate.representative, PersonId::parse(row.text(1)));
    TRY(mandate.represented, PersonId::parse(row.text(2)));
    TRY(mandate.kind, parse_mandate_kind(row.text(3)));
    if (!row.text(4).empty()) {
        for (const auto service : split(row.text(4), ' ')) mandate.services.emplace_back(service);
    }
    mandate.valid_from = moment_of(row.integer(5));
    if (const auto until = row.integer_if(6)) mandate.valid_until = moment_of(*until);
    mandate.legal_ground = row.text(7);
    return mandate;
}

Result<void> check_mandate(const Mandate& mandate) {
    if (mandate.representative.is_nil() || mandate.represented.is_nil() || mandate.representative == mandate.represented) {
        return fail(Code::invalid, "a mandate is between two persons");
    }
    if (trim(mandate.legal_ground).empty() || mandate.legal_ground.size() > kMaxText) {
        return fail(Code::invalid, "a mandate has a legal ground");
    }
    if (mandate.valid_until && *mandate.valid_until <= mandate.valid_from) {
        return fail(Code::invalid, "a mandate ends after it begins");
    }
    if (mandate.services.size() > kMaxServices) return fail(Code::invalid, format("a mandate names at most {} services", kMaxServices));
    for (const std::string& service : mandate.services) {
        const bool plain = std::all_of(service.begin(), service.end(), [](char c) { return c > ' ' && c < 0x7f; });
        if (service.empty() || service.size() > kMaxText || !plain) return fail(Code::invalid, "a service in a mandate is named by its id");
    }
    return {};
}

}  // namespace

std::string_view name_of(MandateKind kind) {
    for (const auto& [value, name] : kNames) {
        if (value == kind) return name;
    }
    MADANG_CHECK(false);
}

Result<MandateKind> parse_mandate_kind(std::string_view text) {
    for (const auto& [value, name] : kNames) {
        if (name == text) return value;
    }
    return fail(Code::invalid, "a mandate is one of parent, guardian, power_of_attorney");
}

std::string_view capacity_of(MandateKind kind) { return kind == MandateKind::parent ? "parent" : "representative"; }

bool Mandate::covers(std::string_view service, Instant moment) const {
    if (moment < valid_from || (valid_until && moment >= *valid_until)) return false;
    return services.empty() || std::find(services.begin(), services.end(), service) != services.end();
}

Result<MandateId> Mandates::grant(store::Tx& tx, Mandate mandate) {
    TRY_DO(check_mandate(mandate));
    mandate.id = make_id<MandateId>(clock_, random_);
    const store::Value until = mandate.valid_until ? store::Value(microseconds(*mandate.valid_until)) : store::Value();
    TRY_DO(tx.execute(kInsert, {mandate.id.text(), mandate.representative.text(), mandate.represented.text(),
                                std::string(name_of(mandate.kind)), join(mandate.services, " "), microseconds(mandate.valid_from),
                                until, mandate.legal_ground}));
    return mandate.id;
}

Result<void> Mandates::revoke(store::Tx& tx, const MandateId& id) {
    TRY(const std::int64_t changed, tx.execute(kRevoke, {id.text(), microseconds(clock_.now())}));
    if (changed == 0) return fail(Code::not_found, "there is no such mandate in force");
    return {};
}

Result<std::vector<Mandate>> Mandates::who_may_act_for(store::Reader& reader, const AccountId& account, Instant now) {
    return reader.all<Mandate>(kOfAccount, {account.text(), microseconds(now)}, mandate_of);
}

Result<std::vector<Mandate>> Mandates::representatives_of(store::Reader& reader, const PersonId& represented, Instant now) {
    return reader.all<Mandate>(kOfRepresented, {represented.text(), microseconds(now)}, mandate_of);
}

Result<Mandate> Mandates::check(store::Reader& reader, const AccountId& account, const PersonId& represented,
                                std::string_view service, Instant now) {
    TRY(const auto held, who_may_act_for(reader, account, now));
    for (const Mandate& mandate : held) {
        if (mandate.represented == represented && mandate.covers(service, now)) return mandate;
    }
    return fail(Code::denied, "this account has no mandate to ask for this service for this person");
}

}  // namespace madang::identity
