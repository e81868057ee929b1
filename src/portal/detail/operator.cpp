// The operator's desk: procedures of the whole installation and what failed in them until a person must look. It shows
// how they run and never what they hold: the data of a case is for its officers.
#include <array>
#include <map>

#include "portal/detail/access.h"
#include "portal/detail/correspondence.h"

namespace madang::portal {
namespace {

using House = Portal::House;
using process::InstanceId;
using process::InstanceState;

constexpr std::size_t kShown = 200;

std::string state_text(const Visit& visit, const process::Instance& one) {
    if (!one.problem.empty()) return visit.text("It stands");
    switch (one.state) {
        case InstanceState::running: return visit.text("It runs");
        case InstanceState::completed: return visit.text("Completed");
        case InstanceState::terminated: return visit.text("Ended from outside");
        case InstanceState::failed: return visit.text("Ended by an error");
    }
    return {};
}

std::string_view state_tag(const process::Instance& one) {
    if (!one.problem.empty() || one.state == InstanceState::failed) return "govuk-tag--red";
    return one.state == InstanceState::running ? "govuk-tag--blue" : "govuk-tag--grey";
}

std::string kind_text(const Visit& visit, std::string_view kind) {
    if (kind == "timer") return visit.text("A timer");
    if (kind == "message" || kind == "deliver") return visit.text("A message");
    if (kind == "signal") return visit.text("A signal");
    if (kind == "call" || kind == "answer") return visit.text("A called procedure");
    if (kind == "start") return visit.text("A start");
    return visit.text("A step");
}

json::array incident_rows(const House& house, const Visit& visit, const std::vector<process::Incident>& incidents) {
    json::array rows;
    for (const auto& one : incidents) {
        const bool of_instance = InstanceId::parse(one.instance).has_value();
        rows.push_back({{"i_title", kind_text(visit, one.kind) + (one.name.empty() ? "" : ": " + one.name)}, {"i_problem", one.problem},
                        {"i_since", house.moment(visit, one.since)}, {"i_attempts", std::to_string(one.attempts)}, {"i_instance", one.instance},
                        {"i_number", std::to_string(one.number)}, {"i_url", of_instance ? "/operator/process/" + one.instance : std::string()},
                        {"i_id", format("reason-{}", rows.size() + 1)}});
    }
    return rows;
}

// By the service, as people know it; by the model's name where it belongs to none.
std::string name_of_process(const House& house, const Visit& visit, const process::Instance& one) {
    for (const auto& service : house.parts.pack.services) {
        if (service.process.id == one.definition) return format("{}, {}", visit.text(service.name), visit.text("version {number}", {{"number", std::to_string(one.version)}}));
    }
    return format("{} {}", one.definition, one.version);
}

using Names = std::map<std::string, std::string, std::less<>>;

// The steps by the names that the model gives them.
Names step_names(const Visit& visit, const std::optional<casework::Casework::Course>& course) {
    Names names;
    if (!course) return names;
    const auto diagram = named_diagram(visit, *course, "process");
    if (!diagram) return names;   // an instance of before the model was mended still has its page
    for (const process::Shape& shape : diagram->shapes) {
        if (!shape.name.empty()) names[shape.element] = shape.name;
    }
    return names;
}

std::string step_name(const Names& names, const std::string& node) {
    const auto found = names.find(node);
    return found == names.end() ? node : found->second;
}

std::string what_text(const Visit& visit, std::string_view what) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kTexts{{{"entered", "Begun"},
                                                                                          {"left", "Left"},
                                                                                          {"waits", "Waits"},
                                                                                          {"completed", "Completed"},
                                                                                          {"ended", "Ended"},
                                                                                          {"interrupted", "Interrupted"},
                                                                                          {"cancelled", "Cancelled"},
                                                                                          {"skipped", "Skipped by an operator"},
                                                                                          {"reset", "Counts anew"},
                                                                                          {"compensates", "Takes back what was done"}}};
    for (const auto& [word, text] : kTexts) {
        if (word == what) return visit.text(text);
    }
    return std::string(what);
}

struct Seen {
    std::vector<process::Incident> incidents;
    std::vector<process::Instance> instances;
    std::vector<std::string> receipts;   // by instance
};

Response overview(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto who = operator_of(house, visit);
    if (!who) return who.error();
    const std::string asked = request.query.value_or("process", "");
    auto& casework = house.parts.casework;
    const auto seen = house.parts.store.read<Seen>([&](store::Reader& reader) -> Result<Seen> {
        Seen found;
        TRY(found.incidents, casework.engine().incidents(reader, kShown));
        TRY(found.instances, casework.engine().instances(reader, asked, kShown));
        for (const auto& one : found.instances) {
            TRY(auto receipt, casework.receipt_of(reader, one.business_key));
            found.receipts.push_back(std::move(receipt));
        }
        return found;
    });
    if (!seen) return house.failure(visit, seen.error());
    json::array rows;
    for (std::size_t i = 0; i < seen->instances.size(); ++i) {
        const auto& one = seen->instances[i];
        rows.push_back({{"p_url", "/operator/process/" + one.id.text()}, {"p_name", name_of_process(house, visit, one)}, {"p_receipt", seen->receipts[i]},
                        {"p_state", state_text(visit, one)}, {"p_tag", state_tag(one)}, {"p_started", house.moment(visit, one.started_at)},
                        {"p_ended", one.ended_at ? house.moment(visit, *one.ended_at) : std::string("–")}});
    }
    json::array kinds{json::object{{"o_value", ""}, {"o_label", visit.text("All")}, {"o_checked", asked.empty()}}};
    for (const auto& service : house.parts.pack.services) {
        if (!service.process.id.empty()) kinds.push_back({{"o_value", service.process.id}, {"o_label", visit.text(service.name)}, {"o_checked", service.process.id == asked}});
    }
    const bool calm = seen->incidents.empty();
    const bool none = rows.empty();
    const auto troubles = casework.troubles().list(casework::Troubles::Which::incidents, 0, 1);
    if (!troubles) return house.failure(visit, troubles.error());
    return house.page(visit, "operator", visit.text("Procedures"),
                      {{"case_troubles", troubles->total}, {"incidents", incident_rows(house, visit, seen->incidents)}, {"calm", calm}, {"instances", std::move(rows)}, {"none", none}, {"some", !none}, {"kinds", std::move(kinds)}});
}

struct Looked {
    process::Instance instance;
    std::vector<process::Standing> standing;
    std::vector<process::Step> steps;
    std::vector<process::Task> tasks;
    std::vector<process::Incident> incidents;
    std::string receipt;
};

Result<Looked> look_at(const House& house, const InstanceId& id) {
    auto& casework = house.parts.casework;
    const process::Engine& engine = casework.engine();
    return house.parts.store.read<Looked>([&](store::Reader& reader) -> Result<Looked> {
        Looked found;
        TRY(found.instance, engine.instance(reader, id));
        TRY(found.standing, engine.standing(reader, id));
        TRY(found.steps, engine.history(reader, id));
        TRY(found.tasks, engine.open_tasks(reader, {.instance = id, .role = {}}));
        TRY(found.incidents, engine.incidents(reader, kShown));
        std::erase_if(found.incidents, [&](const process::Incident& one) { return one.instance != id.text(); });
        TRY(found.receipt, casework.receipt_of(reader, found.instance.business_key));
        return found;
    });
}

json::array token_rows(const Visit& visit, const Looked& found, const Names& names) {
    json::array rows;
    for (const auto& one : found.standing) {
        const bool of_person = std::ranges::any_of(found.tasks, [&](const process::Task& task) { return task.node == one.node && task.kind == process::NodeKind::user_task; });
        rows.push_back({{"t_node", step_name(names, one.node)}, {"t_number", std::to_string(one.token)}, {"t_waits", of_person ? visit.text("A person decides here; it cannot be skipped.") : std::string()},
                        {"t_can_skip", !of_person}, {"t_id", format("skip-{}", rows.size() + 1)}});
    }
    return rows;
}

Response show(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto who = operator_of(house, visit);
    if (!who) return who.error();
    const auto id = InstanceId::parse(request.parameter("id"));
    if (!id) return house.failure(visit, {Code::not_found, ""});
    const auto found = look_at(house, *id);
    if (!found) return house.failure(visit, found.error());
    const auto& one = found->instance;
    const auto course = house.parts.casework.course_of(*id);
    if (!course) return house.failure(visit, course.error());
    json::array rows{row(visit.text("State"), state_text(visit, one)), row(visit.text("Begun"), house.moment(visit, one.started_at))};
    if (one.ended_at) rows.push_back(row(visit.text("Ended"), house.moment(visit, *one.ended_at)));
    if (!found->receipt.empty()) rows.push_back(row(visit.text("Receipt number"), found->receipt));
    if (!one.problem.empty()) rows.push_back(row(visit.text("Why it cannot go on"), one.problem));
    const Names names = step_names(visit, *course);
    json::array steps;
    for (const auto& step : found->steps) steps.push_back({{"h_at", house.moment(visit, step.at)}, {"h_node", step_name(names, step.node)}, {"h_what", what_text(visit, step.what)}});
    json::array tokens = token_rows(visit, *found, names);
    const bool has_tokens = !tokens.empty();
    const std::string path = "/operator/process/" + one.id.text();
    const std::string heading = name_of_process(house, visit, one);
    return house.page(visit, "operator_process", heading,
                      {{"heading", heading}, {"rows", std::move(rows)}, {"has_course", course->has_value()}, {"course_url", path + "/course.svg"},
                       {"tokens", std::move(tokens)}, {"has_tokens", has_tokens}, {"skip_url", path + "/skip"}, {"incidents", incident_rows(house, visit, found->incidents)}, {"steps", std::move(steps)}},
                      200, "/operator");
}

Response picture(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto who = operator_of(house, visit);
    if (!who) return who.error();
    const auto id = InstanceId::parse(request.parameter("id"));
    if (!id) return house.failure(visit, {Code::not_found, ""});
    const auto course = house.parts.casework.course_of(*id);
    if (!course) return house.failure(visit, course.error());
    if (!*course) return house.failure(visit, {Code::not_found, ""});
    const auto diagram = named_diagram(visit, **course, "process");
    if (!diagram) return house.failure(visit, diagram.error());
    return Response::bytes(process::draw_svg(*diagram, (**course).progress, {visit.text("The course of the procedure"), visit.text("The list below tells the same")}), "image/svg+xml");
}

// retry, dismiss: what failed is named by the form.
using Repair = Result<void> (*)(const House&, const http::Fields&, const std::string&, const std::string& who);

Result<std::int64_t> number_in(const http::Fields& fields, std::string_view name) {
    TRY(const std::uint64_t number, parse_decimal(fields.value_or(name, "")));
    if (number > 1'000'000'000'000U) return fail(Code::invalid, "there is no such number");
    return static_cast<std::int64_t>(number);
}

Result<void> retry(const House& house, const http::Fields& fields, const std::string& instance, const std::string& who) {
    TRY(const std::int64_t number, number_in(fields, "number"));
    return house.parts.casework.retry_step(instance, number, who);
}
Result<void> dismiss(const House& house, const http::Fields& fields, const std::string& instance, const std::string& who) {
    TRY(const std::int64_t number, number_in(fields, "number"));
    return house.parts.casework.dismiss_step(instance, number, fields.value_or("reason", ""), who);
}
Result<void> skip(const House& house, const http::Fields& fields, const std::string& instance, const std::string& who) {
    TRY(const auto id, InstanceId::parse(instance));
    TRY(const std::int64_t token, number_in(fields, "token"));
    return house.parts.casework.skip_step(id, token, fields.value_or("reason", ""), who);
}

Response repair(const House& house, const Request& request, Repair made) {
    const Visit visit = house.visit(request);
    const auto who = operator_of(house, visit);
    if (!who) return who.error();
    const auto fields = read_fields(house, visit);
    if (!fields) return fields.error();
    const std::string in_path = request.parameter("id");
    const std::string instance = in_path.empty() ? fields->value_or("instance", "") : in_path;
    const std::string back = in_path.empty() ? "/operator" : "/operator/process/" + in_path;
    const auto done = made(house, *fields, instance, who->text());
    return done ? Response::redirect(back) : not_done(house, visit, done.error(), back);
}

}  // namespace

void Portal::House::add_operator_routes(http::Router& router) const {
    using http::Method;
    router.add(Method::get, "/operator", [this](const Request& request) { return overview(*this, request); });
    router.add(Method::get, "/operator/process/{id}", [this](const Request& request) { return show(*this, request); });
    router.add(Method::get, "/operator/process/{id}/course.svg", [this](const Request& request) { return picture(*this, request); });
    router.add(Method::post, "/operator/retry", [this](const Request& request) { return repair(*this, request, retry); }, {.body_limit = 16U << 10});
    router.add(Method::post, "/operator/dismiss", [this](const Request& request) { return repair(*this, request, dismiss); }, {.body_limit = 16U << 10});
    router.add(Method::post, "/operator/process/{id}/skip", [this](const Request& request) { return repair(*this, request, skip); }, {.body_limit = 16U << 10});
}

}  // namespace madang::portal
