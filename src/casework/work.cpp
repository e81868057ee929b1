// What the house does with a case after it is received: the process of the service moves until a person
// or a document is needed, and each move is one transaction.
#include <algorithm>

#include "base/text.h"
#include "base/time_text.h"
#include "casework/case_repository.h"
#include "casework/casework.h"
#include "casework/detail/case_hosts.h"
#include "casework/detail/host.h"
#include "casework/detail/work.h"
#include "casework/impartial.h"

namespace madang::casework {
namespace {

constexpr std::size_t kMaxReason = 2000;

}  // namespace

Result<std::optional<CaseRow>> Casework::row_of_process(store::Reader& reader, std::string_view business_key) {
    const std::size_t slash = business_key.find('/');
    if (slash == std::string_view::npos) return std::optional<CaseRow>();
    const auto id = CaseId::parse(business_key.substr(slash + 1));
    if (!id) return std::optional<CaseRow>();
    return find_case_row(reader, business_key.substr(0, slash), *id);
}

Result<std::string> Casework::receipt_of(store::Reader& reader, std::string_view business_key) {
    TRY(const auto row, row_of_process(reader, business_key));
    return row ? row->summary.receipt : std::string();
}

Result<void> Casework::record_repair(store::Tx& tx, std::string_view business_key, std::string what, std::string_view reason, std::string_view actor) {
    TRY(const auto row, row_of_process(tx, business_key));
    if (!row) return {};
    return record(tx, row->summary, "process.repaired", std::string(actor), "operator", {{"what", what}, {"reason", reason}});
}

Result<void> Casework::retry_step(std::string_view instance, std::int64_t number, std::string_view actor) {
    const auto id = process::InstanceId::parse(instance);   // what came from outside has none
    return parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY_DO(parts_.engine.retry(tx, instance, number));
        if (!id) return {};
        const auto found = parts_.engine.instance(tx, *id);
        if (!found) return found.error().code == Code::not_found ? Result<void>() : std::unexpected(found.error());
        return record_repair(tx, found->business_key, format("step {} tried again", number), "", actor);
    });
}

Result<void> Casework::dismiss_step(std::string_view instance, std::int64_t number, std::string_view reason, std::string_view actor) {
    const auto id = process::InstanceId::parse(instance);
    return parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY_DO(parts_.engine.dismiss(tx, instance, number, reason));
        if (!id) return {};
        const auto found = parts_.engine.instance(tx, *id);
        if (!found) return found.error().code == Code::not_found ? Result<void>() : std::unexpected(found.error());
        return record_repair(tx, found->business_key, format("step {} taken away", number), reason, actor);
    });
}

Result<void> Casework::skip_step(const process::InstanceId& instance, std::int64_t token, std::string_view reason, std::string_view actor) {
    return parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(const process::Instance found, parts_.engine.instance(tx, instance));
        TRY(const auto standing, parts_.engine.standing(tx, instance));
        for (const process::Standing& one : standing) {
            if (one.token == token && one.of_person) return fail(Code::denied, format("\"{}\" is for a person to decide; it cannot be skipped", one.node));
        }
        CaseHosts hosts(*this);
        TRY_DO(hosts.with_host(tx, found, [&](process::Host& host) { return parts_.engine.skip(tx, instance, token, reason, host); }));
        return record_repair(tx, found.business_key, format("token {} skipped", token), reason, actor);
    });
}

Result<void> Casework::migrate_process(const process::InstanceId& instance, int version, const process::NodeMap& nodes, std::string_view reason,
                                       std::string_view actor) {
    return parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(const process::Instance found, parts_.engine.instance(tx, instance));
        CaseHosts hosts(*this);
        TRY_DO(hosts.with_host(tx, found, [&](process::Host& host) { return parts_.engine.migrate(tx, instance, version, nodes, reason, host); }));
        return record_repair(tx, found.business_key, format("moved from version {} of \"{}\" to version {}", found.version, found.definition, version), reason, actor);
    });
}

Result<void> Casework::change_variables(store::Tx& tx, const process::Instance& instance, const json::object& variables, std::string_view reason) {
    CaseHosts hosts(*this);
    return hosts.with_host(tx, instance, [&](process::Host& host) { return parts_.engine.change(tx, instance.id, {.variables = variables, .cancelled = {}, .begun = {}}, reason, host); });
}

Result<void> Casework::begin_process(const Job& job) {
    return parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(auto row, find_case_row(tx, job.body, job.case_id));
        if (!row || !row->instance.empty()) return {};  // another node was faster
        const catalogue::Service* service = parts_.pack.find_service(row->summary.service);
        if (service == nullptr) return fail(Code::not_found, "the pack has this service no more");
        TRY(CaseContent content, content_of(tx, *row));
        Host host(*this, *service, row->summary, content);
        for (const process::Definition& called : service->called) TRY_DO(parts_.engine.deploy(tx, called));
        // By its receipt the process knows which messages are its own (madang:correlationKey).
        TRY(const process::InstanceId instance,
            parts_.engine.start(tx, service->process, json::object{{"receipt", row->summary.receipt}}, row->summary.body + "/" + row->summary.id.text(), host));
        row->instance = instance.text();
        TRY_DO(settle(tx, *row, content));
        return {};
    });
}

Result<Tasks::Open> Casework::settle(store::Tx& tx, CaseRow& row, const CaseContent& content) {
    TRY(const auto instance, process::InstanceId::parse(row.instance));
    TRY(const process::Course course, parts_.engine.course(tx, instance));
    TRY(auto tasks, parts_.engine.open_tasks(tx, {.instance = instance, .role = {}}));
    TRY_DO(follow(tx, row, content, course, tasks));
    TRY_DO(tasks_.keep(tx, row, tasks));
    TRY_DO(keep(tx, row, content));
    return Tasks::Open{course.model, std::move(tasks)};
}

// What the case is where its process stands with these tasks.
Result<void> Casework::follow(store::Tx& tx, CaseRow& row, const CaseContent& content, const process::Course& course, const std::vector<process::Task>& tasks) {
    CaseSummary& summary = row.summary;
    row.task.clear();
    const std::string article = content.trace.is_object() ? string_or(content.trace.get_object(), "article", "") : "";
    const bool by_rule = summary.decided_by.empty();
    if (tasks.empty()) {
        // A process that waits for a moment or a message has decided nothing yet.
        const bool granted = summary.status == Status::granted || summary.status == Status::issued;
        if (granted) return {};   // by law: what is owed stays owed
        if (course.state != process::InstanceState::running) {
            TRY_DO(require_refusal(summary, content, course.state));
            summary.status = Status::refused;
            if (by_rule) TRY_DO(refuse_by_rule(tx, summary, content));
        }
        if (is_closed(summary.status) && summary.clock != ClockState::stopped) TRY_DO(terms_.stop(tx, row, "system"));
        TRY_DO(remove_job(tx, summary.body, summary.id));
    } else if (const auto issue = std::ranges::find(tasks, catalogue::kIssueCertificate, &process::Task::operation); issue != tasks.end()) {
        row.task = issue->id.text();
        summary.status = Status::granted;
        if (by_rule) {
            summary.decided_at = parts_.clock.now();
            summary.decided_by = "rule:" + string_or(content.outcome, "outcome", "");
            summary.article = article;
            json::object details{{"article", article}, {"by", "rule"}};
            TRY_DO(decisions_.add(tx, summary, content, Effect::granted, details));
            TRY_DO(record(tx, summary, "application.granted", summary.decided_by, "system", std::move(details)));
            TRY_DO(terms_.stop(tx, row, "system"));
        }
        TRY_DO(add_job(tx, summary.body, summary.id, parts_.clock.now()));
    } else {
        // Granted by law: others may still do their tasks, what follows from the grant is owed all the same.
        if (summary.status == Status::granted) return {};
        if (!summary.decided_at) row.task = Tasks::decision_among(*course.model, tasks);
        // One who waits for the applicant or for a second person goes on waiting while others do their tasks.
        const bool waits = summary.status == Status::awaiting_applicant || summary.status == Status::with_second_officer;
        if (summary.status == Status::received) TRY_DO(record(tx, summary, "application.sent_to_officer", "rule", "system", {{"article", article}}));
        if (!waits || summary.decided_at) summary.status = Status::with_officer;
        TRY_DO(remove_job(tx, summary.body, summary.id));
    }
    return {};
}

// A process that ends without its certificate has refused: by the officer, or by its rule where no person had a hand in it. One
// that ends in another way decides nothing: it is told, and nothing of the step that led there is kept.
Result<void> Casework::require_refusal(const CaseSummary& summary, const CaseContent& content, process::InstanceState state) {
    if (content.granted) return fail(Code::conflict, "the procedure ends without the certificate that was granted; its model must be mended");
    if (!summary.decided_by.empty()) return {};
    if (state == process::InstanceState::failed) return fail(Code::conflict, "the procedure ends by an error, and nobody has decided; its model must be mended");
    if (content.outcome.empty() || !content.tasks.empty()) return fail(Code::conflict, "the procedure comes to its end, and nobody has decided; its model must be mended");
    return {};
}

// The process ended and no person decided: its rule refused.
Result<void> Casework::refuse_by_rule(store::Tx& tx, CaseSummary& summary, const CaseContent& content) {
    summary.decided_at = parts_.clock.now();
    summary.decided_by = "rule:" + string_or(content.outcome, "outcome", "");
    summary.article = content.trace.is_object() ? string_or(content.trace.get_object(), "article", "") : "";
    json::object details{{"article", summary.article}, {"by", "rule"}};
    TRY_DO(decisions_.add(tx, summary, content, Effect::refused, details));
    return record(tx, summary, "application.refused", summary.decided_by, "system", std::move(details));
}

Result<CaseSummary> Casework::decide(const CaseId& id, const Officer& officer, const OfficerDecision& decision) {
    TRY(const std::string reason, tidy_lines(decision.reason));
    if (reason.empty() || count_code_points(reason) > kMaxReason) {
        return fail(Code::invalid, format("the reason has 1 to {} characters", kMaxReason));
    }
    return parts_.store.write<CaseSummary>([&](store::Tx& tx) -> Result<CaseSummary> {
        TRY(CaseRow row, case_row(tx, officer.body, id));
        const CaseSummary& summary = row.summary;
        if (summary.kind == CaseKind::appeal) return fail(Code::conflict, "an appeal is allowed or dismissed, not granted");
        if (summary.status != Status::with_officer || summary.decided_at) return fail(Code::conflict, "this case was decided already, or waits for somebody else");
        TRY_DO(desk_.require_turn(tx, row, officer));
        TRY_DO(tasks_.require_deciding(tx, row, officer));
        TRY(const std::int64_t asked, consultations_.open(tx, summary));
        if (asked > 0) return fail(Code::conflict, "another body was asked and has not answered yet");
        const catalogue::Service* service = parts_.pack.find_service(summary.service);
        const catalogue::Ground* ground = service == nullptr ? nullptr : service->find_ground(decision.ground);
        if (ground == nullptr || ground->outcome != decision.outcome) {
            return fail(Code::invalid, "choose an article of law that fits the decision");
        }
        TRY(CaseContent content, content_of(tx, row));
        TRY_DO(require_no_hand_in(tx, content, officer));
        OfficerDecision tidy = decision;
        tidy.reason = reason;
        tidy.acting_for = Desk::acting_for(row, officer);
        if (service->four_eyes) {
            TRY_DO(desk_.propose(tx, row, content, officer, tidy));
        } else {
            content.deciders.push_back({officer.account.text(), officer.person->text(), tidy.acting_for});
            TRY_DO(carry_out(tx, row, content, officer.account, tidy));
        }
        return row.summary;
    });
}

Result<void> Casework::carry_out(store::Tx& tx, CaseRow& row, CaseContent& content, const identity::AccountId& officer, const OfficerDecision& decision) {
    CaseSummary& summary = row.summary;
    const catalogue::Service* service = parts_.pack.find_service(summary.service);
    const catalogue::Ground* ground = service == nullptr ? nullptr : service->find_ground(decision.ground);
    if (ground == nullptr) return fail(Code::not_found, "the pack has this service or this ground no more");
    content.reason = decision.reason;
    const bool granted = decision.outcome == catalogue::Ground::Outcome::grant;
    summary.decided_at = parts_.clock.now();
    summary.decided_by = officer.text();
    summary.article = ground->text;
    json::object details{{"article", ground->id}, {"by", "officer"}};
    if (!decision.acting_for.empty()) details["for"] = decision.acting_for;
    content.granted = granted;
    if (!granted) summary.status = Status::refused;
    TRY_DO(decisions_.add(tx, summary, content, granted ? Effect::granted : Effect::refused, details));
    TRY_DO(record(tx, summary, granted ? "application.granted" : "application.refused", summary.decided_by, "officer", std::move(details)));
    if (!granted) TRY_DO(refund_if(tx, summary, "refused"));
    TRY_DO(terms_.stop(tx, row, summary.decided_by));
    if (row.instance.empty()) return decide_without_process(tx, row, content, granted);   // an operator left it out
    Host host(*this, *service, summary, content);
    TRY(const auto task, process::TaskId::parse(row.task));
    TRY_DO(parts_.engine.complete_task(tx, task, {{"granted", granted}}, host));
    TRY_DO(settle(tx, row, content));
    tx.after_commit([this] { worker_->wake(); });
    return {};
}

Result<Tasks::Open> Casework::go_on(store::Tx& tx, CaseRow& row, const CaseContent& content, const process::TaskId& task, const json::object& result) {
    const catalogue::Service* service = parts_.pack.find_service(row.summary.service);
    if (service == nullptr) return fail(Code::not_found, "the pack has this service no more");
    CaseContent changed = content;
    Host host(*this, *service, row.summary, changed);
    TRY_DO(parts_.engine.complete_task(tx, task, result, host));
    tx.after_commit([this] { worker_->wake(); });
    return settle(tx, row, changed);
}

Result<void> Casework::refund_if(store::Tx& tx, const CaseSummary& summary, std::string_view when) {
    const catalogue::Service* service = parts_.pack.find_service(summary.service);
    const catalogue::Refund* refund = service == nullptr ? nullptr : service->find_refund(when);
    return refund == nullptr ? Result<void>() : fees_.refund(tx, summary, when, refund->article);
}

Result<void> Casework::issue_certificate(const Job& job) {
    // Drawing and signing take milliseconds and stay outside the transaction; what they make is numbered,
    // stored and recorded inside one. A crash between leaves nothing but a number that is void.
    TRY(const auto row, parts_.store.read<std::optional<CaseRow>>(
                            [&](store::Reader& reader) { return find_case_row(reader, job.body, job.case_id); }));
    if (!row) return fail(Code::not_found, "the case of this job is not there");
    const catalogue::Service* service = parts_.pack.find_service(row->summary.service);
    if (service == nullptr) return fail(Code::not_found, "the pack has this service no more");
    TRY(const documents::Request request, certificate_request(*service, *row));
    TRY(auto draft, parts_.certificates.prepare(request));
    return parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(auto current, find_case_row(tx, job.body, job.case_id));
        if (!current || current->summary.status != Status::granted) return {};  // another node was faster
        CaseSummary& summary = current->summary;
        TRY(const std::string code, parts_.certificates.commit(tx, draft));
        TRY(CaseContent content, content_of(tx, *current));
        if (!current->task.empty()) {   // granted by law, a process that stood was ended
            Host host(*this, *service, summary, content);
            TRY(const auto task, process::TaskId::parse(current->task));
            TRY_DO(parts_.engine.complete_task(tx, task, {{"certificate", code}}, host));
        }
        summary.status = Status::issued;
        summary.certificate_code = code;
        current->task.clear();
        TRY_DO(remove_job(tx, summary.body, summary.id));
        return update_case(tx, *current);
    });
}

}  // namespace madang::casework
