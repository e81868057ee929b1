// Who looked at a person's data, for that person.
#include <algorithm>

#include "portal/detail/house.h"

namespace madang::portal {
namespace {

using House = Portal::House;

constexpr std::size_t kMaxReadings = 200;

std::string who_text(const House& house, const Visit& visit, const identity::AccessEntry& entry) {
    if (entry.who == visit.signed_in()->account) return visit.text("You");
    const std::string body = entry.body.empty() ? std::string() : house.body_name(visit, entry.body);
    if (entry.capacity == "officer") return visit.text("An officer of {body}", {{"body", body}});
    if (entry.capacity == "system") return body.empty() ? visit.text("The system") : visit.text("The system, for {body}", {{"body", body}});
    if (entry.capacity == "parent") return visit.text("A parent");
    if (entry.capacity == "representative") return visit.text("A representative");
    if (entry.capacity == "auditor") return visit.text("An auditor");
    if (entry.capacity == "helper") return visit.text("A helper at the counter");
    return visit.text("Another account");
}

std::string what_text(const Visit& visit, const std::string& what) {
    if (what.starts_with("population.person")) return visit.text("Name, date of birth and personal number, in the population register");
    if (what.starts_with("population.residence")) return visit.text("Place of residence, in the population register");
    if (what.starts_with("population.parent")) return visit.text("Parents and children, in the population register");
    if (what == "case") return visit.text("An application and its answers");
    if (what == "letters") return visit.text("The letters of an application");
    if (what == "questions") return visit.text("Questions about an application to other bodies, and their answers");
    if (what == "file") return visit.text("A file that came with an application");
    if (what == "decision") return visit.text("The letter of a decision");
    if (what.starts_with("certificate ")) return visit.text("Certificate {code}", {{"code", what.substr(12)}});
    return what;
}

bool differ_in_time_only(json::object a, json::object b) {
    a.erase("r_at");
    b.erase("r_at");
    return a == b;
}

// The lines of a table, newest first. Readings that differ in nothing but their time are one line that
// says how many they were.
json::array readings(const House& house, const Visit& visit, const std::vector<identity::AccessEntry>& entries,
                     const std::map<std::string, std::string>& receipts, bool own) {
    struct Line {
        json::object row;
        int times;
        Instant first;
    };
    std::vector<Line> lines;
    for (const auto& entry : entries) {
        if ((entry.who == visit.signed_in()->account) != own) continue;
        const auto receipt = receipts.find(entry.case_id);
        json::object line{{"r_who", who_text(house, visit, entry)}, {"r_what", what_text(visit, entry.what)},
                          {"r_case", entry.case_id.empty() ? std::string("–") : (receipt == receipts.end() ? entry.case_id : receipt->second)},
                          {"r_ground", house.legal_ground(visit, entry.legal_ground)}, {"r_at", house.moment(visit, entry.at)}};
        const auto same = std::ranges::find_if(lines, [&](const Line& before) { return differ_in_time_only(before.row, line); });
        if (same != lines.end()) {
            ++same->times;
            same->first = entry.at;
            continue;
        }
        lines.push_back({std::move(line), 1, entry.at});
    }
    json::array rows;
    for (Line& line : lines) {
        if (line.times > 1) {
            line.row["r_times"] = visit.text("{number} times since {first}", {{"number", std::to_string(line.times)}, {"first", house.moment(visit, line.first)}});
        }
        rows.push_back(std::move(line.row));
    }
    return rows;
}

using Watched = std::vector<std::pair<identity::PersonId, std::string>>;

Result<Watched> watched_by(const House& house, const Visit& visit, const identity::Session& session) {
    const Instant now = house.parts.clock.now();
    const Date today = house.parts.pack.government.time_zone().date(now);
    return house.parts.store.write<Watched>([&](store::Tx& tx) -> Result<Watched> {
        Watched all{{*session.person, visit.text("My data")}};
        TRY(const auto mandates, house.parts.mandates.who_may_act_for(tx, session.account, now));
        for (const auto& mandate : mandates) {
            if (mandate.kind != identity::MandateKind::parent) continue;
            TRY(const auto child, house.parts.population.person(tx, mandate.represented, today,
                                                                {.who = session.account, .capacity = "parent", .body = {}, .case_id = {}, .legal_ground = mandate.legal_ground}));
            if (child) all.emplace_back(mandate.represented, child->full_name(visit.language));
        }
        return all;
    });
}

Response show(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto* session = visit.signed_in();
    if (session == nullptr) return house.sign_in_first(visit);
    if (!session->person) return house.message(visit, 403, visit.text("Who looked at my data"), {visit.text("An account of staff has no data of a person behind it.")});
    const auto cases = house.parts.casework.cases_of({session->account, session->person});
    if (!cases) return house.failure(visit, cases.error());
    std::map<std::string, std::string> receipts;
    for (const auto& one : *cases) receipts[one.id.text()] = one.receipt;
    // The person's own data, and that of the children they answer for.
    auto watched = watched_by(house, visit, *session);
    if (!watched) return house.failure(visit, watched.error());
    json::array persons;
    for (const auto& [person, name] : *watched) {
        const auto entries = house.parts.store.read<std::vector<identity::AccessEntry>>(
            [&](store::Reader& reader) { return house.parts.access_log.accesses_of(reader, person, kMaxReadings); });
        if (!entries) return house.failure(visit, entries.error());
        json::array rows = readings(house, visit, *entries, receipts, false);
        json::array own = readings(house, visit, *entries, receipts, true);
        const bool none = rows.empty();
        const bool some_own = !own.empty();
        persons.push_back({{"p_name", name}, {"reads", std::move(rows)}, {"p_none", none}, {"p_some", !none}, {"own_reads", std::move(own)}, {"p_own", some_own}});
    }
    return house.page(visit, "my_data", visit.text("Who looked at my data"), {{"persons", std::move(persons)}});
}

}  // namespace

void Portal::House::add_my_data_routes(http::Router& router) const {
    router.add(http::Method::get, "/my-data", [this](const Request& request) { return show(*this, request); });
}

}  // namespace madang::portal
