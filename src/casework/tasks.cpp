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

Result<std::shared_ptr<const process::Definition>> model_of(const process::Engine& engine, store::Reader& reader, const CaseRow& row) {
    TRY(const auto id, process::InstanceId::parse(row.instance));
    TRY(const process::Instance instance, engine.instance(reader, id));
    TRY(auto model, engine.find_definition(reader, instance.definition, instance.version));
    if (model == nullptr) return fail(Code::corrupted, format("the model of process {} is not there", row.instance));
    return model;
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
    TRY(const auto model, model_of(casework_.parts_.engine, reader, row));
    for (const process::Task& task : tasks) {
        if (task.kind != process::NodeKind::user_task) continue;
        CaseTask one{.id = task.id, .node = task.node, .name = task.name, .role = task.role, .holder = task.assignee, .since = task.created_at, .decides = false, .form = task.form_key, .outcomes = {}};
        if (const process::Node* node = model->find(task.node)) {
            one.decides = decides(*model, *node);
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

Result<CaseTask> Tasks::own_task(store::Reader& reader, const CaseRow& row, const process::TaskId& task, const Officer& officer) {
    TRY(const auto tasks, open_of(reader, row));
    return own_among(reader, row, tasks, task, officer);
}

Result<CaseTask> Tasks::own_among(store::Reader& reader, const CaseRow& row, const std::vector<CaseTask>& tasks, const process::TaskId& task, const Officer& officer) {
    const Instant now = casework_.parts_.clock.now();
    const auto found = std::ranges::find(tasks, task, &CaseTask::id);
    if (found == tasks.end()) return fail(Code::not_found, format("the case has no open task {}", task.text()));
    TRY_DO(require_impartial(reader, row.summary, officer, casework_.parts_.mandates, now));
    if (!has_role(officer, found->role)) return fail(Code::denied, format("this task is for the role \"{}\"", found->role));
    if (found->holder.empty() || found->holder == officer.account.text()) return *found;
    TRY(const auto holder, identity::AccountId::parse(found->holder));
    TRY(const auto acting, casework_.desk().stand_in(reader, row.summary.body, holder, now));
    if (acting == officer.account) return *found;
    return fail(Code::conflict, "another officer has taken this task");
}

Result<void> Tasks::claim(const CaseId& id, const process::TaskId& task, const Officer& officer) {
    return casework_.parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(const CaseRow row, casework_.open_case(tx, officer.body, id));
        TRY(const CaseTask one, own_task(tx, row, task, officer));
        if (one.holder == officer.account.text()) return {};
        if (!one.holder.empty()) TRY_DO(casework_.parts_.engine.release(tx, task));
        TRY_DO(casework_.parts_.engine.claim(tx, task, officer.account.text()));
        json::object details{{"task", one.node}};
        if (!one.holder.empty()) details["for"] = one.holder;
        return casework_.record(tx, row.summary, "task.claimed", officer.account.text(), "officer", std::move(details));
    });
}

Result<void> Tasks::release(const CaseId& id, const process::TaskId& task, const Officer& officer) {
    return casework_.parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(const CaseRow row, casework_.open_case(tx, officer.body, id));
        TRY(const CaseTask one, own_task(tx, row, task, officer));
        if (one.holder.empty()) return {};
        TRY_DO(casework_.parts_.engine.release(tx, task));
        return casework_.record(tx, row.summary, "task.released", officer.account.text(), "officer", {{"task", one.node}});
    });
}

Result<void> Tasks::complete(const CaseId& id, const process::TaskId& task, const Officer& officer, std::string_view outcome, std::string_view remark) {
    TRY(const std::string words, tidy_lines(remark));
    if (count_code_points(words) > kMaxRemark) return fail(Code::invalid, format("the remark has at most {} characters", kMaxRemark));
    return casework_.parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(CaseRow row, casework_.open_case(tx, officer.body, id));
        TRY(const CaseTask one, own_task(tx, row, task, officer));
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
        return casework_.go_on(tx, row, content, task, {{one.node, json::object{{"outcome", outcome}}}});
    });
}

Result<std::string> Tasks::deciding_task(store::Reader& reader, const CaseRow& row, const std::vector<process::Task>& tasks) {
    return row.summary.decided_at ? Result<std::string>(std::string()) : decision_among(reader, row, tasks);
}

Result<std::string> Tasks::decision_among(store::Reader& reader, const CaseRow& row, const std::vector<process::Task>& tasks) {
    TRY(const auto model, model_of(casework_.parts_.engine, reader, row));
    for (const process::Task& task : tasks) {
        const process::Node* node = model->find(task.node);
        if (node != nullptr && decides(*model, *node)) return task.id.text();
    }
    return std::string();
}

Result<void> Tasks::require_deciding(store::Reader& reader, const CaseRow& row, const Officer& officer) {
    if (row.instance.empty()) return {};   // its procedure was left out: whoever is at the desk decides
    TRY(const auto tasks, open_of(reader, row));
    const auto found = std::ranges::find_if(tasks, [&](const CaseTask& one) { return one.id.text() == row.task; });
    if (found == tasks.end()) {
        std::vector<std::string> first;
        for (const CaseTask& one : tasks) first.push_back(one.name.empty() ? one.node : one.name);
        return fail(Code::conflict, format("the procedure has not come to its decision; what is open: {}", join(first, ", ")));
    }
    TRY_DO(own_among(reader, row, tasks, found->id, officer));
    return {};
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
