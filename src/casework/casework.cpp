#include "casework/casework.h"

#include <algorithm>
#include <set>
#include <array>

#include "base/bytes.h"
#include "base/text.h"
#include "casework/case_repository.h"
#include "casework/detail/work.h"
#include "documents/code.h"

namespace madang::casework {
namespace {

constexpr std::size_t kMaxKey = 100;

Result<const catalogue::Service*> service_of(const catalogue::Pack& pack, std::string_view id) {
    const catalogue::Service* service = pack.find_service(id);
    if (service == nullptr) return fail(Code::not_found, format("there is no service \"{}\"", id));
    return service;
}

json::object answers_to_json(const form::Answers& answers) {
    json::object object;
    for (const auto& [key, texts] : answers) {
        json::array list;
        for (const std::string& text : texts) list.emplace_back(text);
        object[key] = std::move(list);
    }
    return object;
}

Result<form::Answers> answers_from_json(std::string_view text) {
    TRY(const json::value value, parse_json(text));
    form::Answers answers;
    if (!value.is_object()) return fail(Code::corrupted, "the answers of a draft are an object");
    for (const auto& member : value.get_object()) {
        auto& texts = answers[std::string(member.key())];
        for (const auto& item : member.value().as_array()) texts.emplace_back(item.as_string());
    }
    return answers;
}

}  // namespace

Casework::Casework(const Parts& parts, std::unique_ptr<PaymentProvider> provider)
    : parts_(parts), provider_(provider ? std::move(provider) : make_cash_desk()), worker_(std::make_unique<Worker>()) {}

Casework::~Casework() { stop_worker(); }

Result<Applicant> Casework::applicant_for(const identity::AccountId& account, const std::optional<identity::PersonId>& own,
                                          const std::optional<identity::PersonId>& whom, std::string_view service_id) {
    TRY(const catalogue::Service* const service, service_of(parts_.pack, service_id));
    const auto may = [&](std::string_view capacity) { return std::ranges::find(service->applicants, capacity) != service->applicants.end(); };
    if (!own) return fail(Code::denied, "only a person applies, and this account is bound to none");
    if (!whom || *whom == *own) {
        if (!may("self")) return fail(Code::denied, "this service is not asked for by oneself");
        return Applicant{account, *own, "self", service->legal_ground()};
    }
    TRY(const identity::Mandate mandate, parts_.store.read<identity::Mandate>([&](store::Reader& reader) {
        return parts_.mandates.check(reader, account, *whom, service_id, parts_.clock.now());
    }));
    const std::string capacity(identity::capacity_of(mandate.kind));
    if (!may(capacity)) return fail(Code::denied, format("this service is not asked for as {}", capacity));
    return Applicant{account, *whom, capacity, mandate.legal_ground};
}

Result<DraftId> Casework::begin_draft(const std::string& service, const Applicant& applicant,
                                      const form::Answers& answers) {
    TRY_DO(service_of(parts_.pack, service));
    const Draft draft{make_id<DraftId>(parts_.clock, parts_.random), service, applicant, parts_.clock.now(), answers};
    TRY_DO(save_draft(draft));
    return draft.id;
}

Result<DraftId> Casework::begin_amendment(const CaseSummary& summary, const identity::AccountId& account, const CaseContent& content) {
    TRY(const catalogue::Service* const service, service_of(parts_.pack, summary.service));
    Applicant applicant = summary.applicant;
    applicant.account = account;
    const Draft draft{make_id<DraftId>(parts_.clock, parts_.random), summary.service, std::move(applicant), parts_.clock.now(), form::answers_of(service->form, content.answers),
                      summary.receipt, static_cast<int>(content.earlier.size()) + 1};
    TRY_DO(save_draft(draft));
    return draft.id;
}

namespace {

// "residence.town" of what the register holds, in the language of the page.
std::string prefill_of(std::string_view name, const registers::Residence& residence, const std::string& language) {
    const auto in_language = [&](const registers::TextByLanguage& texts) -> std::string {
        const auto found = texts.find(language);
        if (found != texts.end()) return found->second;
        return texts.empty() ? std::string() : texts.begin()->second;
    };
    if (name == "residence.town") return in_language(residence.town);
    if (name == "residence.street") return in_language(residence.street);
    if (name == "residence.house") return residence.house;
    if (name == "residence.flat") return residence.flat;
    return {};
}

}  // namespace

Result<form::Answers> Casework::prefill(const std::string& service_id, const Applicant& applicant, const std::string& language) {
    TRY(const catalogue::Service* const service, service_of(parts_.pack, service_id));
    const identity::Access access{.who = applicant.account, .capacity = applicant.capacity, .body = {}, .case_id = {},
                                  .legal_ground = applicant.legal_ground};
    const Date today = parts_.pack.government.time_zone().date(parts_.clock.now());
    TRY(const auto residence, parts_.store.write<std::optional<registers::Residence>>([&](store::Tx& tx) {
        return parts_.population.residence_of(tx, applicant.person, today, access);
    }));
    form::Answers answers;
    if (!residence) return answers;
    for (const form::Page& page : service->form.pages) {
        for (const form::Field& field : page.fields) {
            const std::string text = prefill_of(field.prefill, *residence, language);
            if (!text.empty()) answers[field.key] = {text};
        }
    }
    return answers;
}

Result<Draft> Casework::find_draft(const identity::AccountId& account, const DraftId& id) {
    return parts_.store.read<Draft>([&](store::Reader& reader) -> Result<Draft> {
        TRY(const auto row, find_draft_row(reader, account, id));
        if (!row) return fail(Code::not_found, "this draft is not there any more");
        TRY(const Bytes content, parts_.vault.open(reader, row->applicant.person, row->sealed));
        TRY(auto answers, answers_from_json(as_text(content)));
        return Draft{row->id, row->service, row->applicant, row->updated_at, std::move(answers), row->amends, row->version};
    });
}

Result<void> Casework::save_draft(const Draft& draft) {
    const std::string content = json::serialize(answers_to_json(draft.answers));
    return parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(Bytes sealed, parts_.vault.seal(tx, draft.applicant.person, as_bytes(content)));
        return put_draft(tx, {draft.id, draft.service, draft.applicant, parts_.clock.now(), std::move(sealed), draft.amends, draft.version});
    });
}

Result<std::optional<Receipt>> Casework::sent_with(const identity::AccountId& account, std::string_view key) {
    std::set<std::string_view> bodies;
    for (const catalogue::Service& service : parts_.pack.services) bodies.insert(service.provider);
    return parts_.store.read<std::optional<Receipt>>([&](store::Reader& reader) -> Result<std::optional<Receipt>> {
        for (const std::string_view body : bodies) {
            TRY(const auto row, find_by_key(reader, body, account, key));
            if (row) return std::optional(Receipt{row->summary.id, row->summary.receipt, row->summary.submitted_at, row->summary.due_at});
        }
        return std::nullopt;
    });
}

Result<std::vector<DraftId>> Casework::drafts_of(const identity::AccountId& account) {
    return parts_.store.read<std::vector<DraftId>>([&](store::Reader& reader) { return list_drafts(reader, account); });
}

Result<void> Casework::discard_draft(const identity::AccountId& account, const DraftId& id) {
    return parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(const auto row, find_draft_row(tx, account, id));
        if (!row) return fail(Code::not_found, "this draft is not there any more");
        return remove_draft(tx, account, id);
    });
}

Result<SubmissionOutcome> Casework::submit(const Submission& submission, std::optional<DraftId> draft) {
    TRY(const catalogue::Service* const service, service_of(parts_.pack, submission.service));
    if (submission.idempotency_key.empty() || submission.idempotency_key.size() > kMaxKey) {
        return fail(Code::invalid, format("the idempotency key has 1 to {} characters", kMaxKey));
    }
    form::Checked checked = form::check(service->form, submission.answers);
    if (!checked.problems.empty()) return SubmissionOutcome{std::nullopt, std::move(checked.problems)};

    const Instant now = parts_.clock.now();
    CaseRow row;
    CaseSummary& summary = row.summary;
    summary.id = make_id<CaseId>(parts_.clock, parts_.random);
    summary.body = service->provider;
    summary.receipt = documents::make_code(parts_.random);
    summary.service = service->id;
    summary.applicant = submission.applicant;
    summary.language = submission.language;
    summary.submitted_at = now;
    summary.channel = submission.channel;
    TRY(const bool must_pay, fees_.is_owed(*service, submission.exemption));
    summary.status = must_pay ? Status::awaiting_fee : Status::received;
    TRY(const Terms::Begun begun, terms_.count_from(summary, service->term));
    summary.due_at = begun.due_at;
    row.idempotency_key = submission.idempotency_key;
    CaseContent content;
    content.answers = std::move(checked.data);
    std::array<std::uint8_t, 16> salt{};
    parts_.random.fill(salt);
    content.salt = hex(salt);
    const std::string plain = json::serialize(to_json(content));

    const auto sent_before = [&](store::Reader& reader) -> Result<std::optional<SubmissionOutcome>> {
        TRY(const auto before, find_by_key(reader, summary.body, summary.applicant.account, row.idempotency_key));
        if (!before) return std::optional<SubmissionOutcome>();
        const CaseSummary& s = before->summary;
        return std::optional(SubmissionOutcome{Receipt{s.id, s.receipt, s.submitted_at, s.due_at}, {}});
    };
    auto kept = parts_.store.write<SubmissionOutcome>([&](store::Tx& tx) -> Result<SubmissionOutcome> {
        TRY(auto before, sent_before(tx));
        if (before) return std::move(*before);
        TRY(row.sealed, parts_.vault.seal(tx, summary.applicant.person, as_bytes(plain)));
        TRY_DO(record(tx, summary, "application.submitted", summary.applicant.account.text(), summary.applicant.capacity,
                      {{"service", summary.service}, {"service_version", service->version}, {"answers_sha256", commitment_of(content)}}));
        TRY_DO(fees_.charge(tx, summary, *service, submission.exemption));
        TRY_DO(terms_.begin(tx, summary, begun));
        TRY_DO(insert_case(tx, row));
        if (!submission.files.empty()) TRY_DO(letters_.receive_files(tx, summary, submission.files));
        if (summary.status == Status::received) TRY_DO(add_job(tx, summary.body, summary.id, now));
        if (draft) TRY_DO(remove_draft(tx, summary.applicant.account, *draft));
        tx.after_commit([this] { worker_->wake(); });
        return SubmissionOutcome{Receipt{summary.id, summary.receipt, summary.submitted_at, summary.due_at}, {}};
    });
    if (kept || kept.error().code != Code::conflict) return kept;
    // The same button pressed on two nodes at once: the other was first, and its case is the case.
    TRY(auto before, parts_.store.read<std::optional<SubmissionOutcome>>(sent_before));
    return before ? std::move(*before) : std::move(kept);
}

Result<CaseRow> Casework::case_row(store::Reader& reader, std::string_view body, const CaseId& id) {
    TRY(auto row, find_case_row(reader, body, id));
    if (!row) return fail(Code::not_found, "there is no such case of this body");
    return std::move(*row);
}

Result<CaseRow> Casework::open_case(store::Reader& reader, std::string_view body, const CaseId& id) {
    TRY(CaseRow row, case_row(reader, body, id));
    if (is_closed(row.summary.status)) return fail(Code::conflict, "this case is closed");
    return row;
}

Result<CaseRow> Casework::undecided_case(store::Reader& reader, std::string_view body, const CaseId& id) {
    TRY(CaseRow row, open_case(reader, body, id));
    if (row.summary.decided_at || row.summary.status == Status::granted) return fail(Code::conflict, "the decision was made already");
    return row;
}

Result<void> Casework::keep(store::Tx& tx, CaseRow& row, const CaseContent& content) {
    TRY(row.sealed, parts_.vault.seal(tx, row.summary.applicant.person, as_bytes(json::serialize(to_json(content)))));
    return update_case(tx, row);
}

Result<void> Casework::resume_if_free(store::Tx& tx, CaseRow& row, std::string_view actor) {
    if (row.summary.status == Status::awaiting_applicant || row.summary.status == Status::awaiting_fee) return {};
    TRY(const std::int64_t asked, consultations_.open(tx, row.summary));
    return asked > 0 ? Result<void>() : terms_.resume(tx, row, actor);
}

int Casework::used_up(const CaseSummary& summary) const { return casework::used_up(summary, parts_.clock.now()); }

void Casework::wake_worker() { worker_->wake(); }

Result<void> Casework::record(store::Tx& tx, const CaseSummary& summary, std::string kind, std::string actor,
                              std::string capacity, json::object details) {
    ledger::Act act;
    act.id = make_id<ledger::ActId>(parts_.clock, parts_.random);
    act.kind = std::move(kind);
    act.at = parts_.clock.now();
    act.actor = std::move(actor);
    act.capacity = std::move(capacity);
    act.body = summary.body;
    act.subject = summary.id.text();
    const catalogue::Service* service = parts_.pack.find_service(summary.service);
    act.legal_ground = service == nullptr ? summary.applicant.legal_ground : service->legal_ground();
    act.details = std::move(details);
    return parts_.ledger.append(tx, act);
}

Result<CaseSummary> Casework::find_case(std::string_view receipt, const Owner& owner) {
    TRY(const std::string code, documents::parse_code(receipt));
    return parts_.store.read<CaseSummary>([&](store::Reader& reader) -> Result<CaseSummary> {
        TRY(const auto row, find_of_owner(reader, owner, code));
        if (!row) return fail(Code::not_found, "there is no such case of this account");
        return row->summary;
    });
}

Result<CaseSummary> Casework::find_for_officer(std::string_view receipt, const Officer& officer) {
    TRY(const std::string code, documents::parse_code(receipt));
    return parts_.store.read<CaseSummary>([&](store::Reader& reader) -> Result<CaseSummary> {
        TRY(const auto row, find_by_receipt(reader, officer.body, code));
        if (!row) return fail(Code::not_found, "there is no such case of this body");
        return row->summary;
    });
}

Result<std::vector<CaseSummary>> Casework::cases_of(const Owner& owner) {
    return parts_.store.read<std::vector<CaseSummary>>(
        [&](store::Reader& reader) { return list_of_owner(reader, owner); });
}

Result<std::vector<CaseSummary>> Casework::inbox(const std::string& body) {
    return parts_.store.read<std::vector<CaseSummary>>([&](store::Reader& reader) { return list_open(reader, body, parts_.clock.now()); });
}

Result<CaseContent> Casework::open_content(const CaseSummary& summary, const identity::Access& access) {
    if (access.capacity.empty() || access.legal_ground.empty()) {
        return fail(Code::denied, "personal data are read only in a capacity and on a legal ground");
    }
    return parts_.store.write<CaseContent>([&](store::Tx& tx) -> Result<CaseContent> {
        TRY(const auto row, find_case_row(tx, summary.body, summary.id));
        if (!row) return fail(Code::not_found, format("there is no case {}", summary.id.text()));
        TRY_DO(parts_.access_log.record(tx, access, summary.applicant.person, "case"));
        return content_of(tx, *row);
    });
}

Result<CaseContent> Casework::content_of(store::Reader& reader, const CaseRow& row) {
    TRY(const Bytes content, parts_.vault.open(reader, row.summary.applicant.person, row.sealed));
    TRY(const json::value value, parse_json(as_text(content)));
    return parse_content(value);
}

Result<std::vector<ledger::Act>> Casework::history(const CaseSummary& summary) {
    return parts_.store.read<std::vector<ledger::Act>>(
        [&](store::Reader& reader) { return parts_.ledger.acts_of(reader, summary.id.text()); });
}

Result<std::string> Casework::provable_history(const CaseSummary& summary) {
    return parts_.store.read<std::string>([&](store::Reader& reader) { return parts_.ledger.history_of(reader, summary.id.text()); });
}

Result<std::optional<Casework::Course>> Casework::course_of(const CaseSummary& summary) {
    TRY(const CaseRow row, parts_.store.read<CaseRow>([&](store::Reader& reader) { return case_row(reader, summary.body, summary.id); }));
    if (row.instance.empty()) return std::optional<Course>();
    TRY(const auto instance, process::InstanceId::parse(row.instance));
    return course_of(instance);
}

Result<std::optional<Casework::Course>> Casework::course_of(const process::InstanceId& instance) {
    return parts_.store.read<std::optional<Course>>([&](store::Reader& reader) -> Result<std::optional<Course>> {
        const auto instance_row = parts_.engine.instance(reader, instance);
        // Forgotten when its time was over; the case stays.
        if (!instance_row && instance_row.error().code == Code::not_found) return std::optional<Course>();
        TRY(const process::Instance found, instance_row);
        TRY(const auto definition, parts_.engine.find_definition(reader, found.definition, found.version));
        if (!definition || !definition->source) return std::optional<Course>();
        Course course{definition->source, {}};
        TRY(const auto history, parts_.engine.history(reader, instance));
        for (const process::Step& step : history) course.progress.passed.insert(step.node);
        TRY(const auto standing, parts_.engine.standing(reader, instance));
        for (const process::Standing& one : standing) course.progress.here.insert(one.node);
        if (!found.problem.empty()) course.progress.trouble = course.progress.here;
        course.progress.over = found.state != process::InstanceState::running;
        return std::optional(std::move(course));
    });
}

Result<std::int64_t> Casework::jobs_owed() {
    return parts_.store.read<std::int64_t>([](store::Reader& reader) { return count_jobs(reader); });
}

}  // namespace madang::casework
