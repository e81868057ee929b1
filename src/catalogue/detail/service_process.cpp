#include "catalogue/detail/service_process.h"

#include <algorithm>
#include <set>

#include "base/text.h"

namespace madang::catalogue {
namespace {

const std::vector<std::string>& operations() {
    static const std::vector<std::string> kAll{std::string(kAskResidence), std::string(kEnterResidence), std::string(kIssueCertificate)};
    return kAll;
}

bool catches(const process::Node& node) {
    using Kind = process::NodeKind;
    return node.kind == Kind::receive_task || node.kind == Kind::intermediate_catch_event || node.kind == Kind::boundary_event || node.kind == Kind::start_event;
}

// Operations that this house does for a process, and those whose work waits as a task of the worker.
Result<void> check_node(const Service& service, const process::Node& node, const std::set<std::string, std::less<>>& processes, const std::string& where) {
    const auto refuse = [&](std::string_view problem) { return fail(Code::invalid, format("{}:{}: <{} id=\"{}\"> {}", where, node.line, name_of(node.kind), node.id, problem)); };
    if (node.kind == process::NodeKind::service_task && std::ranges::find(operations(), node.operation) == operations().end()) {
        return fail(Code::invalid, format("{}:{}: the service task \"{}\" asks for the operation \"{}\"; there are {}", where, node.line, node.id, node.operation, join(operations(), ", ")));
    }
    if (node.kind == process::NodeKind::business_rule_task && !service.decisions->has(node.decision)) {
        return fail(Code::invalid, format("{}:{}: the rule task \"{}\" asks for the decision \"{}\", which its file has not", where, node.line, node.id, node.decision));
    }
    if (node.kind == process::NodeKind::call_activity && !processes.contains(node.called)) return refuse(format("calls \"{}\", which its file has not", node.called));
    for (const process::Trigger& trigger : node.triggers) {
        if (trigger.kind == process::TriggerKind::message && catches(node) && !trigger.correlation) {
            return refuse("waits for a message of any case; madang:correlationKey=\"=receipt\" says that it is its own");
        }
    }
    return {};
}

bool issues(const process::Definition& one) {
    return std::ranges::any_of(one.nodes, [](const process::Node& node) { return node.operation == kIssueCertificate; });
}

// Who a user task is for must be a role that somebody can have, and where there are several it must be told which one decides.
Result<void> check_tasks(const Service& service, const std::vector<std::string>& roles, const std::string& where) {
    const process::Node* first = nullptr;
    std::size_t tasks = 0;
    std::size_t deciding = 0;
    for (const process::Node& node : service.process.nodes) {
        if (node.kind != process::NodeKind::user_task) continue;
        if (first == nullptr) first = &node;
        ++tasks;
        deciding += std::size_t{node.decides};
        if (node.role == kOfficer || std::ranges::find(roles, node.role) != roles.end()) continue;
        const std::string others = roles.empty() ? "pack.json names no \"roles\" besides" : format("pack.json besides: {}", join(roles, ", "));
        return fail(Code::invalid, format("{}:{}: the user task \"{}\" is for the role \"{}\"; there is \"{}\", and {}", where, node.line, node.id, node.role, kOfficer, others));
    }
    for (const process::Definition& one : service.called) {
        for (const process::Node& node : one.nodes) {
            if (node.kind == process::NodeKind::user_task) {
                return fail(Code::invalid, format("{}:{}: the user task \"{}\" stands in a called process, where no officer sees it; tasks stand in the process that begins with the application", where, node.line, node.id));
            }
        }
    }
    if (tasks < 2 || deciding > 0) return {};
    return fail(Code::invalid, format("{}:{}: the process has {} user tasks, and none is marked as the one that decides (madang:decision=\"true\")", where, first->line, tasks));
}

}  // namespace

Result<void> take_processes(Service& service, std::vector<process::Definition> all, const std::string& where) {
    std::set<std::string, std::less<>> called;
    for (const process::Definition& one : all) {
        for (const process::Node& node : one.nodes) {
            if (node.kind == process::NodeKind::call_activity && node.called != one.id) called.insert(node.called);
        }
    }
    std::vector<std::string> first;
    for (const process::Definition& one : all) {
        if (!called.contains(one.id)) first.push_back(one.id);
    }
    // A global task that nobody calls begins nothing.
    if (first.size() > 1) {
        std::erase_if(first, [&](const std::string& id) {
            const auto one = std::ranges::find(all, id, &process::Definition::id);
            return std::ranges::none_of(one->nodes, [](const process::Node& node) { return node.kind == process::NodeKind::start_event; });
        });
    }
    if (first.size() != 1) return fail(Code::invalid, format("{}: exactly one process begins with the application, and the others are called by it; {} are called by none{}{}", where, first.size(), first.empty() ? "" : ": ", join(first, ", ")));
    for (process::Definition& one : all) {
        if (one.id == first.front()) service.process = std::move(one);
        else service.called.push_back(std::move(one));
    }
    return {};
}

Result<void> check_processes(const Service& service, const std::vector<std::string>& roles, const std::string& where) {
    if (!issues(service.process) && std::ranges::none_of(service.called, issues)) {
        return fail(Code::invalid, format("{}: no step issues the certificate (madang:operation=\"{}\"): what is granted would come to nothing", where, kIssueCertificate));
    }
    std::set<std::string, std::less<>> ids{service.process.id};
    for (const process::Definition& one : service.called) ids.insert(one.id);
    for (const process::Node& node : service.process.nodes) TRY_DO(check_node(service, node, ids, where));
    for (const process::Definition& one : service.called) {
        for (const process::Node& node : one.nodes) TRY_DO(check_node(service, node, ids, where));
    }
    return check_tasks(service, roles, where);
}

bool Service::hears(process::TriggerKind kind, std::string_view event_name) const {
    const auto in = [&](const process::Definition& one) {
        return std::ranges::any_of(one.nodes, [&](const process::Node& node) {
            return catches(node) && std::ranges::any_of(node.triggers, [&](const process::Trigger& trigger) { return trigger.kind == kind && trigger.name == event_name; });
        });
    };
    return in(process) || std::ranges::any_of(called, in);
}

}  // namespace madang::catalogue
