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

constexpr std::int64_t kPage = 50;
constexpr std::int64_t kSteps = 200;          // of a history on one page
constexpr std::size_t kMaxTyped = 200;
constexpr std::size_t kMaxValue = 10'000;   // of a repaired variable

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

// As the picture of the model calls them, else as the model does.
Names step_names(const Visit& visit, const casework::ProcessDetail& detail, const std::optional<casework::Casework::Course>& course) {
    Names names;
    for (const auto& [id, name] : detail.names) names[id] = visit.text(name);
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

json::object option(std::string value, std::string label, const std::string& chosen) {
    const bool checked = value == chosen;
    return {{"o_value", std::move(value)}, {"o_label", std::move(label)}, {"o_checked", checked}};
}

// What is looked for, and from which place of the list.
struct Asked {
    casework::ProcessFilter filter;
    std::int64_t first = 0, first_incident = 0;

    std::string address(std::int64_t place, std::int64_t incident) const {
        return format("/operator?process={}&state={}&q={}&first={}&incident={}", http::percent_encode(filter.process), http::percent_encode(filter.state), http::percent_encode(filter.text), place, incident);
    }
};

Asked read_asked(const Request& request) {
    const auto typed = [&](std::string_view name) {
        std::string value = request.query.value_or(name, "");
        return value.size() > kMaxTyped ? std::string() : value;
    };
    const auto place = [&](std::string_view name) {
        const auto number = parse_decimal(typed(name));
        return number && *number < 1'000'000'000 ? static_cast<std::int64_t>(*number) : 0;
    };
    Asked asked{{typed("process"), typed("state"), typed("q")}, place("first"), place("incident")};
    constexpr std::array<std::string_view, 5> kStates{"running", "stands", "completed", "terminated", "failed"};
    if (std::ranges::find(kStates, asked.filter.state) == kStates.end()) asked.filter.state.clear();
    return asked;
}

void add_filter(const House& house, const Visit& visit, const Asked& asked, json::object& data) {
    json::array kinds{option("", visit.text("All"), asked.filter.process)};
    bool listed = asked.filter.process.empty();
    for (const auto& service : house.parts.pack.services) {
        if (service.process.id.empty()) continue;
        listed = listed || service.process.id == asked.filter.process;
        kinds.push_back(option(service.process.id, visit.text(service.name), asked.filter.process));
    }
    if (!listed) kinds.push_back(option(asked.filter.process, asked.filter.process, asked.filter.process));   // one that others call
    data["kinds"] = std::move(kinds);
    data["states"] = json::array{option("", visit.text("All"), asked.filter.state), option("running", visit.text("It runs"), asked.filter.state), option("stands", visit.text("It stands"), asked.filter.state),
                                 option("completed", visit.text("Completed"), asked.filter.state), option("terminated", visit.text("Ended from outside"), asked.filter.state),
                                 option("failed", visit.text("Ended by an error"), asked.filter.state)};
    data["q_typed"] = asked.filter.text;
    data["move_url"] = asked.filter.process.empty() ? std::string("/operator/move") : "/operator/move?process=" + http::percent_encode(asked.filter.process);
}

// "1 to 50 of 120", where not all are on the page.
std::string part_text(const Visit& visit, std::int64_t first, std::int64_t count, std::int64_t total) {
    if (count == total) return {};
    return visit.text("{first} to {last} of {total}", {{"first", std::to_string(first + 1)}, {"last", std::to_string(first + count)}, {"total", std::to_string(total)}});
}

json::array process_rows(const House& house, const Visit& visit, const std::vector<casework::SeenProcess>& processes) {
    json::array rows;
    for (const auto& seen : processes) {
        const process::Instance& one = seen.instance;
        rows.push_back({{"p_url", "/operator/process/" + one.id.text()}, {"p_name", name_of_process(house, visit, one)}, {"p_receipt", seen.receipt},
                        {"p_state", state_text(visit, one)}, {"p_tag", state_tag(one)}, {"p_started", house.moment(visit, one.started_at)},
                        {"p_ended", one.ended_at ? house.moment(visit, *one.ended_at) : std::string("–")}});
    }
    return rows;
}

Response overview(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto who = operator_of(house, visit);
    if (!who) return who.error();
    const Asked asked = read_asked(request);
    auto& casework = house.parts.casework;
    const auto found = page_at(asked.first, kPage, [&](std::int64_t first) { return casework.processes().find(asked.filter, first, kPage); });
    if (!found) return house.failure(visit, found.error());
    const auto failed = page_at(asked.first_incident, kPage, [&](std::int64_t first) { return casework.processes().incidents(first, kPage); });
    if (!failed) return house.failure(visit, failed.error());
    const auto troubles = casework.troubles().list(casework::Troubles::Which::incidents, 0, 1);
    if (!troubles) return house.failure(visit, troubles.error());
    const std::int64_t count = std::ssize(found->processes), incidents = std::ssize(failed->incidents);
    const bool none = count == 0;
    const auto back = [](std::int64_t first) { return std::max<std::int64_t>(0, first - kPage); };
    json::object data{{"case_troubles", troubles->total}, {"incidents", incident_rows(house, visit, failed->incidents)}, {"calm", incidents == 0},
                      {"incidents_shown", part_text(visit, failed->first, incidents, failed->total)},
                      {"incidents_before", failed->first > 0 ? asked.address(found->first, back(failed->first)) : std::string()},
                      {"incidents_after", failed->first + incidents < failed->total ? asked.address(found->first, failed->first + incidents) : std::string()},
                      {"instances", process_rows(house, visit, found->processes)}, {"none", none}, {"some", !none},
                      {"shown", part_text(visit, found->first, count, found->total)},
                      {"before_url", found->first > 0 ? asked.address(back(found->first), failed->first) : std::string()},
                      {"after_url", found->first + count < found->total ? asked.address(found->first + count, failed->first) : std::string()}};
    add_filter(house, visit, asked, data);
    return house.page(visit, "operator", visit.text("Procedures"), std::move(data));
}

json::array token_rows(const Visit& visit, const casework::ProcessDetail& found, const Names& names) {
    json::array rows;
    for (const auto& one : found.standing) {
        const bool of_person = found.of_persons.contains(one.node);
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
    const auto asked = parse_decimal(request.query.value_or("first", "0"));
    const auto found = house.parts.casework.processes().look_at(*id, asked && *asked < 1'000'000 ? static_cast<std::int64_t>(*asked) : 0, kSteps);
    if (!found) return house.failure(visit, found.error());
    const auto& one = found->seen.instance;
    const auto course = house.parts.casework.course_of(*id);
    if (!course) return house.failure(visit, course.error());
    json::array rows{row(visit.text("State"), state_text(visit, one)), row(visit.text("Begun"), house.moment(visit, one.started_at))};
    if (one.ended_at) rows.push_back(row(visit.text("Ended"), house.moment(visit, *one.ended_at)));
    if (!found->seen.receipt.empty()) rows.push_back(row(visit.text("Receipt number"), found->seen.receipt));
    if (!one.problem.empty() && found->incidents.empty()) rows.push_back(row(visit.text("Why it cannot go on"), one.problem));
    const Names names = step_names(visit, *found, *course);
    json::array steps;
    for (const auto& step : found->steps) steps.push_back({{"h_at", house.moment(visit, step.at)}, {"h_node", step_name(names, step.node)}, {"h_what", what_text(visit, step.what)}});
    json::array tokens = token_rows(visit, *found, names);
    const bool has_tokens = !tokens.empty();
    const std::string path = "/operator/process/" + one.id.text();
    const std::string heading = name_of_process(house, visit, one);
    json::array names_of_variables;
    for (const auto& variable : found->variables) names_of_variables.emplace_back(json::object{{"v_name", variable.name}});
    const std::int64_t first = found->first_step, count = std::ssize(found->steps);
    const auto from = [&](std::int64_t place) { return format("{}?first={}", path, place); };
    return house.page(visit, "operator_process", heading,
                      {{"heading", heading}, {"rows", std::move(rows)}, {"has_course", course->has_value()}, {"course_url", path + "/course.svg"},
                       {"tokens", std::move(tokens)}, {"has_tokens", has_tokens}, {"skip_url", path + "/skip"}, {"incidents", incident_rows(house, visit, found->incidents)}, {"steps", std::move(steps)},
                       {"can_repair", !one.problem.empty() || !found->incidents.empty()}, {"repair_url", path + "/repair"}, {"variables", std::move(names_of_variables)},
                       {"move_url", one.state == InstanceState::running ? "/operator/move?process=" + http::percent_encode(one.definition) : std::string()},
                       {"shown", part_text(visit, first, count, found->all_steps)},
                       {"before_url", first > 0 ? from(std::max<std::int64_t>(0, first - kSteps)) : std::string()},
                       {"after_url", first + count < found->all_steps ? from(first + count) : std::string()}},
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

// A number, a list and the like as JSON; what is no JSON is a text.
Result<void> set_variable(const House& house, const http::Fields& fields, const std::string& instance, const std::string& who) {
    TRY(const auto id, InstanceId::parse(instance));
    const std::string name(trim(fields.value_or("name", "")));
    const std::string typed = fields.value_or("value", "");
    if (name.empty() || name.size() > kMaxTyped || typed.size() > kMaxValue) return fail(Code::invalid, "name the variable, and give its value");
    auto value = parse_json(typed);
    return house.parts.casework.processes().repair(id, json::object{{name, value ? std::move(*value) : json::value(typed)}}, fields.value_or("reason", ""), who);
}

// Why a repair was not done, with the way back.
Response not_repaired(const House& house, const Visit& visit, const Error& error, const std::string& back) {
    const std::string title = visit.text("This was not done"), link = visit.text("Procedures");
    switch (error.code) {
        case Code::invalid: return house.message(visit, 422, title, {visit.text("Enter what is asked for, and the reason.")}, back, link);
        case Code::denied: return house.message(visit, 403, title, {visit.text("This decides which way the procedure goes: that is for its rules and its officers.")}, back, link);
        case Code::conflict: return house.message(visit, 409, title, {visit.text("The procedure went on in the meantime, or it can go on by itself.")}, back, link);
        case Code::not_found: case Code::corrupted: case Code::exhausted: case Code::unavailable: break;
    }
    return house.failure(visit, error);
}

// On the page of the procedure that `id` names, or of what failed by the fields of a form.
Response repair(const House& house, const Request& request, Repair made, const std::string& id = {}) {
    const Visit visit = house.visit(request);
    const auto who = operator_of(house, visit);
    if (!who) return who.error();
    const auto fields = read_fields(house, visit);
    if (!fields) return fields.error();
    const std::string instance = id.empty() ? fields->value_or("instance", "") : id;
    const std::string back = id.empty() ? "/operator" : "/operator/process/" + id;
    const auto done = made(house, *fields, instance, who->text());
    return done ? Response::redirect(back) : not_repaired(house, visit, done.error(), back);
}

}  // namespace

void Portal::House::add_operator_routes(http::Router& router) const {
    using http::Method;
    router.add(Method::get, "/operator", [this](const Request& request) { return overview(*this, request); });
    router.add(Method::get, "/operator/process/{id}", [this](const Request& request) { return show(*this, request); });
    router.add(Method::get, "/operator/process/{id}/course.svg", [this](const Request& request) { return picture(*this, request); });
    router.add(Method::post, "/operator/retry", [this](const Request& request) { return repair(*this, request, retry); }, {.body_limit = 16U << 10});
    router.add(Method::post, "/operator/dismiss", [this](const Request& request) { return repair(*this, request, dismiss); }, {.body_limit = 16U << 10});
    router.add(Method::post, "/operator/process/{id}/skip", [this](const Request& request) { return repair(*this, request, skip, request.parameter("id")); }, {.body_limit = 16U << 10});
    router.add(Method::post, "/operator/process/{id}/repair", [this](const Request& request) { return repair(*this, request, set_variable, request.parameter("id")); }, {.body_limit = 64U << 10});
}

}  // namespace madang::portal
