// What the law decides where nobody answered in time. The decision, its letter and its act never hang on the process of the
// case; what a grant brings about does, so that it is a job of its own: the process is driven to its granted end, and where
// that fails an operator sees why.
#include <algorithm>

#include "base/text.h"
#include "base/time_text.h"
#include "casework/case_repository.h"
#include "casework/casework.h"
#include "casework/detail/host.h"

namespace madang::casework {
namespace {

constexpr int kMaxSteps = 100;   // of a process that is driven to its end

// A token that waits for a person or for something that happens.
bool can_be_passed(const process::Standing& one) { return one.waits == "task" || one.waits == "event"; }

}  // namespace

Result<void> Casework::decide_by_law(store::Tx& tx, CaseRow& row, bool granted, std::string_view article, std::int64_t attempt) {
    CaseSummary& summary = row.summary;
    const catalogue::Service* service = parts_.pack.find_service(summary.service);
    if (service == nullptr) return fail(Code::not_found, format("the pack has the service \"{}\" no more", summary.service));
    if (is_closed(summary.status) || summary.status == Status::granted || summary.decided_at) return update_case(tx, row);
    auto opened = content_of(tx, row);
    if (!opened && opened.error().code == Code::not_found) return fail(Code::not_found, "the applicant's data were destroyed: what the law decides can be written to nobody");
    TRY(CaseContent content, std::move(opened));
    content.proposal.clear();
    const bool can_go_on = attempt <= 1 && !row.task.empty() && (summary.status == Status::with_officer || summary.status == Status::with_second_officer);
    // The law decides at the end of the term, whenever the house gets to it.
    summary.decided_at = summary.due_at;
    summary.decided_by = format("law:{}", article);
    summary.article = article;
    if (summary.kind == CaseKind::appeal) return procedures_.end_appeal(tx, row, content, granted, "law", "system");
    summary.status = granted ? Status::granted : Status::refused;
    json::object details{{"article", article}, {"by", "law"}, {"at", format_instant(summary.due_at)}};
    TRY_DO(decisions_.add(tx, summary, content, granted ? Effect::granted : Effect::refused, details));
    TRY_DO(record(tx, summary, granted ? "application.granted" : "application.refused", "law", "system", std::move(details)));
    TRY_DO(Letters::forget_reply(tx, summary));
    TRY_DO(consultations_.close(tx, summary));
    TRY_DO(terms_.stop(tx, row, "system"));
    tx.after_commit([this] { wake_worker(); });
    if (granted) {
        TRY_DO(remove_job(tx, summary.body, summary.id));
        TRY_DO(add_job(tx, summary.body, summary.id, parts_.clock.now(), kCarryOutGrant));
        return keep(tx, row, content);
    }
    if (!can_go_on) return decide_without_process(tx, row, content, false);
    Host host(*this, *service, summary, content);
    TRY(const auto task, process::TaskId::parse(row.task));
    TRY_DO(parts_.engine.complete_task(tx, task, {{"granted", false}}, host));
    TRY_DO(settle(tx, row, content));
    return {};
}

Result<void> Casework::carry_out_grant(const Job& job) {
    return parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(auto row, find_case_row(tx, job.body, job.case_id));
        TRY(const auto owed, find_job(tx, job.body, job.case_id));
        if (!row || !owed || owed->what != kCarryOutGrant || row->summary.status != Status::granted) return {};   // another node was faster
        const catalogue::Service* service = parts_.pack.find_service(row->summary.service);
        if (service == nullptr) return fail(Code::not_found, format("the pack has the service \"{}\" no more", row->summary.service));
        TRY(CaseContent content, content_of(tx, *row));
        Host host(*this, *service, row->summary, content, Host::Rule::decided_by_law);
        if (row->instance.empty()) {
            for (const process::Definition& called : service->called) TRY_DO(parts_.engine.deploy(tx, called));
            TRY(const process::InstanceId begun,
                parts_.engine.start(tx, service->process, json::object{{"receipt", row->summary.receipt}}, job.body + "/" + job.case_id.text(), host));
            row->instance = begun.text();
        }
        TRY_DO(within(drive_to_grant(tx, *row, host), "the grant by law is not carried out"));
        TRY_DO(settle(tx, *row, content));
        return {};
    });
}

// Step by step to where the certificate is made: the decision is the law's, and what the process waits for beside it is
// waited for no longer. Code::conflict where it does not come there.
Result<void> Casework::drive_to_grant(store::Tx& tx, CaseRow& row, Host& host) {
    TRY(const auto instance, process::InstanceId::parse(row.instance));
    for (int step = 0; step < kMaxSteps; ++step) {
        TRY(const process::Course course, parts_.engine.course(tx, instance));
        if (course.state != process::InstanceState::running) return fail(Code::conflict, "the procedure has ended without a grant");
        TRY(const auto tasks, parts_.engine.open_tasks(tx, {.instance = instance, .role = {}}));
        if (std::ranges::any_of(tasks, [](const process::Task& one) { return one.operation == catalogue::kIssueCertificate; })) return {};
        const std::string deciding = Tasks::decision_among(*course.model, tasks);
        if (!deciding.empty()) {
            TRY(const auto task, process::TaskId::parse(deciding));
            TRY_DO(parts_.engine.complete_task(tx, task, {{"granted", true}}, host));
            continue;
        }
        TRY(const auto standing, parts_.engine.standing(tx, instance));
        const auto next = std::ranges::find_if(standing, can_be_passed);
        if (next == standing.end()) return fail(Code::conflict, "the procedure stands where nobody can help it on");
        TRY_DO(parts_.engine.skip(tx, instance, next->token, "granted by law", host));
        TRY_DO(record(tx, row.summary, "process.repaired", "law", "system", {{"what", format("\"{}\" passed: granted by law", next->node)}}));
    }
    return fail(Code::exhausted, format("the procedure does not come to its end in {} steps", kMaxSteps));
}

Result<void> Casework::decide_without_process(store::Tx& tx, CaseRow& row, const CaseContent& content, bool granted) {
    if (!granted) {
        TRY_DO(keep(tx, row, content));
        return procedures_.close(tx, row, Status::refused, "system");
    }
    TRY_DO(procedures_.stop_process(tx, row));
    row.task.clear();
    row.summary.status = Status::granted;
    TRY_DO(add_job(tx, row.summary.body, row.summary.id, parts_.clock.now()));
    tx.after_commit([this] { wake_worker(); });
    return keep(tx, row, content);
}

}  // namespace madang::casework
