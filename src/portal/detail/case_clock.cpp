// What an officer sees of a case's clock and of its acts: how the date was found, whether it is past, whether the clock stands
// and for whom, and who did what.
#include <algorithm>
#include <array>

#include "portal/detail/correspondence.h"

namespace madang::portal {
namespace {

using House = Portal::House;
using casework::CaseSummary;
using casework::Status;

std::string waits_for(const Visit& visit, const CaseSummary& summary) {
    if (summary.status == Status::awaiting_fee) return visit.text("The clock stands: the fee is not paid.");
    if (summary.status == Status::awaiting_applicant) return visit.text("The clock stands: the applicant was asked for what is missing.");
    return visit.text("The clock stands: another body was asked.");
}

// What concerns the applicant in the words of the body.
std::string officers_text(const Visit& visit, const ledger::Act& act) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kTexts{{{"application.withdrawn", "Withdrawn by the applicant"},
                                                                                         {"application.amended", "Changed by the applicant"},
                                                                                         {"completion.supplied", "The applicant supplied what was missing"},
                                                                                         {"completion.unanswered", "The applicant did not answer in time"},
                                                                                         {"message.sent", "A message to the applicant"},
                                                                                         {"message.received", "A message of the applicant"},
                                                                                         {"decision.appealed", "The applicant appealed"},
                                                                                         {"application.granted", "Granted"},
                                                                                         {"application.refused", "Refused"}}};
    for (const auto& [kind, text] : kTexts) {
        if (kind == act.kind) return visit.text(text);
    }
    return act_text(visit, act);
}

std::string who(const House& house, const Visit& visit, const CaseSummary& summary, const ledger::Act& act) {
    const auto id = identity::AccountId::parse(act.actor);
    if (!id) return visit.text("The house");
    if (*id == summary.applicant.account && summary.channel == "portal") return visit.text("Applicant");
    const auto account = house.parts.accounts.find_account(*id);
    return account && *account && (**account).is_staff() ? (**account).name : visit.text("Applicant");
}

}  // namespace

Result<void> add_clock(const House& house, const Visit& visit, const CaseSummary& summary, json::object& data) {
    const bool over = casework::is_closed(summary.status) || summary.decided_at.has_value();
    TRY(const auto due, house.parts.casework.terms().explain(summary));
    json::array steps;
    if (due) {
        for (const auto& step : due->steps) steps.push_back(json::object{{"step_text", government::in_words(step, *visit.words, visit.language, house.parts.pack.government)}});
    }
    const bool stands = !over && due && due->suspended;
    data["clock_stands"] = stands ? waits_for(visit, summary) : std::string();
    data["overdue"] = !over && !stands && summary.due_at < house.parts.clock.now();
    data["has_due_steps"] = !steps.empty();
    data["due_steps"] = std::move(steps);
    TRY(const auto acts, house.parts.casework.history(summary));
    data["effects"] = effect_rows(house, visit, acts);
    TRY(const auto extended, house.parts.casework.terms().extended(summary));
    data["extended"] = extended_text(visit, extended);
    data["can_extend"] = bool_or(data, "can_extend", false) && extended.times < extended.most;
    data["used"] = used_text(visit, casework::used_up(summary, house.parts.clock.now()));
    return {};
}

json::array effect_rows(const House& house, const Visit& visit, const std::vector<ledger::Act>& acts) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kTexts{{{"deemed_grant", "The term ended on {date} without an answer. By law the application counts as granted."},
                                                                                         {"deemed_refusal", "The term ended on {date} without an answer. By law the application counts as refused."},
                                                                                         {"fee_refund", "The term ended on {date} without an answer. By law the fee is given back."},
                                                                                         {"none", "The term ended on {date} without an answer. The body still has to answer."}}};
    json::array rows;
    for (const auto& act : acts) {
        if (act.kind != "term.ended") continue;
        const auto due = parse_instant(string_or(act.details, "due_at", ""));
        const Date day = house.parts.pack.government.time_zone().date((due ? *due : act.at) - std::chrono::microseconds(1));
        const std::string effect = string_or(act.details, "effect", "");
        const std::string superior = string_or(act.details, "superior", "");
        const std::string body = superior.empty() ? std::string() : house.body_name(visit, superior);
        std::string text;
        if (effect == "escalation") {
            text = superior.empty() ? visit.text("The term ended on {date} without an answer. The body still has to answer.", {{"date", long_date(day, visit.language)}})
                                    : visit.text("The term ended on {date} without an answer. By law the case stands before the superior body too: {body}.", {{"date", long_date(day, visit.language)}, {"body", body}});
        }
        for (const auto& [name, source] : kTexts) {
            if (name == effect) text = visit.text(source, {{"date", long_date(day, visit.language)}});
        }
        rows.push_back({{"effect_text", std::move(text)}, {"effect_article", visit.text(string_or(act.details, "article", ""))}});
    }
    return rows;
}

std::string extended_text(const Visit& visit, const casework::Terms::Extended& extended) {
    if (extended.times == 0) return {};
    return visit.text("Extensions of the term: {n}. The law allows: {most}. The reason stands in the letters below.", {{"n", std::to_string(extended.times)}, {"most", std::to_string(extended.most)}});
}

std::string used_text(const Visit& visit, int used) {
    if (used == 50) return visit.text("Half of the term is used");
    return used == 80 ? visit.text("Four fifths of the term are used") : std::string();
}

void add_versions(const House& house, const Visit& visit, const CaseSummary& summary, const casework::CaseContent& content, json::object& data) {
    const auto* service = house.parts.pack.find_service(summary.service);
    const auto versions = casework::versions_of(summary, content);
    json::array changes;
    for (std::size_t i = 1; service != nullptr && i < versions.size(); ++i) {
        const auto& before = versions[i - 1];
        const auto& now = versions[i];
        json::array rows;
        for (const std::string& key : now.changed) {
            const form::Field* field = service->form.find_field(key);
            const auto text = [&](const json::object& answers) { return !answers.contains(key) ? std::string("–") : field == nullptr ? json::serialize(answers.at(key)) : answer_text(visit, *field, answers); };
            rows.push_back({{"x_field", field == nullptr ? key : visit.text(field->label)}, {"x_before", text(before.answers)}, {"x_now", text(now.answers)}});
        }
        changes.push_back({{"v_title", visit.text("Changed on {moment}", {{"moment", house.moment(visit, now.since)}})}, {"v_rows", std::move(rows)}});
    }
    data["changes"] = std::move(changes);
}

Result<void> add_acts(const House& house, const Visit& visit, const CaseSummary& summary, json::object& data) {
    TRY(const auto acts, house.parts.casework.history(summary));
    json::array rows;
    for (const auto& act : acts) rows.push_back({{"act_text", officers_text(visit, act)}, {"act_who", who(house, visit, summary, act)}, {"act_at", house.moment(visit, act.at)}});
    data["acts"] = std::move(rows);
    return {};
}

}  // namespace madang::portal
