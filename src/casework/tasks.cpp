#include "casework/tasks.h"

#include <algorithm>

#include "base/text.h"
#include "base/time_text.h"
#include "casework/case_repository.h"
#include "casework/casework.h"
#include "casework/impartial.h"

namespace madang::casework {
namespace {

constexpr std::size_t kMaxRemark = 2000;
constexpr const char* kForget = "DELETE FROM casework_task WHERE body=$1 AND case_id=$2";
constexpr const char* kNote = "INSERT INTO casework_task (body, case_id, task_id, role) VALUES ($1,$2,$3,$4)";

// The only user task of a model decides; of several those that are marked.
bool decides(const process::Definition& model, const process::Node& node) {
    if (node.kind != process::NodeKind::user_task) return false;
    if (node.decides) return true;
    // A model that was begun before tasks were marked has none: whichever is reached decides, once.
    return std::ranges::none_of(model.nodes, &process::Node::decides);
}

auto deciding_of(const std::vector<CaseTask>& tasks, const CaseRow& row) {
    return std::ranges::find_if(tasks, [&](const CaseTask& one) { return one.id.text() == row.task; });
}

Result<void> check_role(const CaseTask& task, const Officer& officer) {
    if (Tasks::has_role(officer, task.role)) return {};
    return fail(Code::denied, format("this task is for the role \"{}\"", task.role));
}

}  // namespace

bool Tasks::has_role(const Officer& officer, std::string_view role) {
    return role == "officer" || std::ranges::find(officer.roles, role) != officer.roles.end();
}

Result<std::vector<CaseTask>> Tasks::open_of(store::Reader& reader, const CaseRow& row) {
    std::vector<CaseTask> found;
    if (row.instance.empty() || is_closed(row.summary.status)) return found;
    TRY(const auto instance, process::InstanceId::parse(row.instance));
    TRY(const auto tasks, casework_.parts_.engine.open_tasks(reader, {.instance = instance, .role = {}}));
    if (tasks.empty()) return found;
    TRY(const process::Course course, casework_.parts_.engine.course(reader, instance));
    return among(*course.model, tasks);
}

std::vector<CaseTask> Tasks::among(const process::Definition& model, const std::vector<process::Task>& tasks) {
    std::vector<CaseTask> found;
    for (const process::Task& task : tasks) {
        if (task.kind != process::NodeKind::user_task) continue;
        CaseTask one{.id = task.id, .node = task.node, .name = task.name, .role = task.role, .holder = task.assignee, .since = task.created_at, .decides = false, .form = task.form_key, .outcomes = {}};
        if (const process::Node* node = model.find(task.node)) {
            one.decides = decides(model, *node);
            one.outcomes = node->outcomes;
        }
        if (one.decides) one.outcomes.clear();
        else if (one.outcomes.empty()) one.outcomes = {"done"};
        found.push_back(std::move(one));
    }
    return found;
}

Result<std::vector<CaseTask>> Tasks::of_case(const CaseSummary& summary) {
    return casework_.parts_.store.read<std::vector<CaseTask>>([&](store::Reader& reader) -> Result<std::vector<CaseTask>> {
        TRY(const CaseRow row, casework_.case_row(reader, summary.body, summary.id));
        return open_of(reader, row);
    });
}

Result<CaseTask> Tasks::own_among(store::Reader& reader, const CaseRow& row, const std::vector<CaseTask>& tasks, const process::TaskId& task, const Officer& officer) {
    const Instant now = casework_.parts_.clock.now();
    const auto found = std::ranges::find(tasks, task, &CaseTask::id);
    if (found == tasks.end()) return fail(Code::not_found, format("the case has no open task {}", task.text()));
    TRY_DO(require_impartial(reader, row.summary, officer, casework_.parts_.mandates, now));
    TRY_DO(check_role(*found, officer));
    if (found->holder.empty() || found->holder == officer.account.text()) return *found;
    TRY(const auto holder, identity::AccountId::parse(found->holder));
    TRY(const auto acting, casework_.desk().stand_in(reader, row.summary.body, holder, now));
    if (acting == officer.account) return *found;
    return fail(Code::conflict, "another officer has taken this task");
}

Result<Tasks::Standing> Tasks::claim(const CaseId& id, const process::TaskId& task, const Officer& officer) {
    return give_to(id, task, officer, officer.account.text());
}

Result<Tasks::Standing> Tasks::release(const CaseId& id, const process::TaskId& task, const Officer& officer) { return give_to(id, task, officer, ""); }

// To the officer, or with an empty account to nobody.
Result<Tasks::Standing> Tasks::give_to(const CaseId& id, const process::TaskId& task, const Officer& officer, const std::string& account) {
    return casework_.parts_.store.write<Standing>([&](store::Tx& tx) -> Result<Standing> {
        TRY(const CaseRow row, casework_.open_case(tx, officer.body, id));
        TRY(auto tasks, open_of(tx, row));
        TRY(const CaseTask one, own_among(tx, row, tasks, task, officer));
        if (one.holder == account) return Standing{row.summary, std::move(tasks)};
        if (!one.holder.empty()) TRY_DO(casework_.parts_.engine.release(tx, task));
        json::object details{{"task", one.node}};
        if (!account.empty()) {
            TRY_DO(casework_.parts_.engine.claim(tx, task, account));
            if (!one.holder.empty()) details["for"] = one.holder;
        }
        TRY_DO(casework_.record(tx, row.summary, account.empty() ? "task.released" : "task.claimed", officer.account.text(), "officer", std::move(details)));
        std::ranges::find(tasks, task, &CaseTask::id)->holder = account;
        return Standing{row.summary, std::move(tasks)};
    });
}

Result<Tasks::Standing> Tasks::complete(const CaseId& id, const process::TaskId& task, const Officer& officer, std::string_view outcome, std::string_view remark) {
    TRY(const std::string words, tidy_lines(remark));
    if (count_code_points(words) > kMaxRemark) return fail(Code::invalid, format("the remark has at most {} characters", kMaxRemark));
    return casework_.parts_.store.write<Standing>([&](store::Tx& tx) -> Result<Standing> {
        TRY(CaseRow row, casework_.open_case(tx, officer.body, id));
        TRY(const auto open, open_of(tx, row));
        TRY(const CaseTask one, own_among(tx, row, open, task, officer));
        if (one.decides) return fail(Code::conflict, "this task is the decision: it is made with an article of law and a reason");
        if (row.summary.status == Status::awaiting_applicant) return fail(Code::conflict, "the applicant was asked and has not answered yet");
        if (std::ranges::find(one.outcomes, outcome) == one.outcomes.end()) {
            return fail(Code::invalid, format("the task \"{}\" ends with one of: {}", one.name.empty() ? one.node : one.name, join(one.outcomes, ", ")));
        }
        TRY(CaseContent content, casework_.content_of(tx, row));
        const std::string absent = one.holder == officer.account.text() ? std::string() : one.holder;
        content.tasks.push_back({one.node, one.name, std::string(outcome), words, officer.account.text(), absent, format_instant(casework_.parts_.clock.now())});
        json::object details{{"task", one.node}, {"outcome", outcome}};
        if (!absent.empty()) details["for"] = absent;
        TRY_DO(casework_.record(tx, row.summary, "task.completed", officer.account.text(), "officer", std::move(details)));
        TRY(const Open now, casework_.go_on(tx, row, content, task, {{one.node, json::object{{"outcome", outcome}}}}));
        return Standing{row.summary, is_closed(row.summary.status) ? std::vector<CaseTask>() : among(*now.model, now.tasks)};
    });
}

std::string Tasks::decision_among(const process::Definition& model, const std::vector<process::Task>& tasks) {
    for (const process::Task& task : tasks) {
        const process::Node* node = model.find(task.node);
        if (node != nullptr && decides(model, *node)) return task.id.text();
    }
    return {};
}

Result<void> Tasks::require_deciding(store::Reader& reader, const CaseRow& row, const Officer& officer) {
    if (row.instance.empty()) return {};   // its procedure was left out: whoever is at the desk decides
    TRY(const auto tasks, open_of(reader, row));
    const auto found = deciding_of(tasks, row);
    if (found == tasks.end()) {
        std::vector<std::string> first;
        for (const CaseTask& one : tasks) first.push_back(one.name.empty() ? one.node : one.name);
        return fail(Code::conflict, format("the procedure has not come to its decision; what is open: {}", join(first, ", ")));
    }
    TRY_DO(own_among(reader, row, tasks, found->id, officer));
    return {};
}

Result<void> Tasks::require_role(store::Reader& reader, const CaseRow& row, const Officer& officer) {
    TRY(const auto tasks, open_of(reader, row));
    const auto found = deciding_of(tasks, row);
    return found == tasks.end() ? Result<void>() : check_role(*found, officer);
}

Result<void> Tasks::keep(store::Tx& tx, const CaseRow& row, const std::vector<process::Task>& tasks) {
    const CaseSummary& summary = row.summary;
    TRY_DO(tx.execute(kForget, {summary.body, summary.id.text()}));
    for (const process::Task& task : tasks) {
        if (task.kind == process::NodeKind::user_task) TRY_DO(tx.execute(kNote, {summary.body, summary.id.text(), task.id.text(), task.role}));
    }
    return {};
}

}  // namespace madang::casework
