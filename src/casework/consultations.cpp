#include "casework/consultations.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "base/time_text.h"
#include "casework/case_repository.h"
#include "casework/casework.h"
#include "casework/impartial.h"

namespace madang::casework {
namespace {

using store::Row;

constexpr std::size_t kMaxBodies = 20;
constexpr std::size_t kMaxShared = 50;
constexpr int kMostWorkingDays = 60;
constexpr std::string_view kUnanswered = "unanswered";   // its term ended
constexpr std::string_view kWithdrawn = "withdrawn";     // not needed any more
constexpr std::array<std::string_view, 3> kPositions{"agree", "disagree", "no_remarks"};

constexpr const char* kColumns =
    "SELECT body, case_id, number, asked_body, asked_by, asked_at, due_at, answered_at, answered_by, content FROM casework_consultation ";
constexpr const char* kInsert =
    "INSERT INTO casework_consultation (body, case_id, number, asked_body, asked_by, asked_at, due_at, content) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)";
constexpr const char* kAnswer = "UPDATE casework_consultation SET answered_at=$4, answered_by=$5, content=$6 WHERE body=$1 AND case_id=$2 AND number=$3";
constexpr const char* kNextNumber = "SELECT coalesce(max(number),0)+1 FROM casework_consultation WHERE body=$1 AND case_id=$2";
constexpr const char* kAsked = "SELECT count(*) FROM casework_consultation WHERE asked_body=$1 AND answered_at IS NULL";
constexpr const char* kOpen = "SELECT count(*) FROM casework_consultation WHERE body=$1 AND case_id=$2 AND answered_at IS NULL";

constexpr const char* kClosed = "UPDATE casework_consultation SET answered_at=$4, content=$5 WHERE body=$1 AND case_id=$2 AND number=$3";
constexpr const char* kNextDue = "SELECT body, case_id, number FROM casework_consultation WHERE answered_at IS NULL AND due_at<$1 AND ";
constexpr const char* kLeave = "UPDATE casework_consultation SET answered_at=$4 WHERE body=$1 AND case_id=$2 AND number=$3 AND answered_at IS NULL";

std::int64_t microseconds(Instant moment) { return moment.time_since_epoch().count(); }

struct Sealed {
    Consultation consultation;
    Bytes content;
};

Result<Sealed> sealed_of(const Row& row) {
    Sealed found;
    Consultation& one = found.consultation;
    one.body = row.text(0);
    TRY(one.case_id, CaseId::parse(row.text(1)));
    one.number = row.integer(2);
    one.asked_body = row.text(3);
    one.asked_by = row.text(4);
    one.asked_at = Instant(std::chrono::microseconds(row.integer(5)));
    one.due_at = Instant(std::chrono::microseconds(row.integer(6)));
    if (const auto answered = row.integer_if(7)) one.closed_at = Instant(std::chrono::microseconds(*answered));
    one.answered_by = row.text_if(8).value_or("");
    const ByteSpan bytes = row.bytes(9);
    found.content.assign(bytes.begin(), bytes.end());
    return found;
}

Result<std::string> text_within(std::string_view given, std::string_view what) {
    TRY(std::string text, tidy_lines(given));
    if (text.empty() || count_code_points(text) > kMaxMessage) return fail(Code::invalid, format("{} has 1 to {} characters", what, kMaxMessage));
    return text;
}

json::object content_of(const Consultation& one) {
    json::object object{{"question", one.question}, {"answer", one.answer}, {"position", one.position}};
    json::array files;
    for (const SharedFile& file : one.files) {
        files.push_back(json::object{{"message", file.ref.message}, {"place", file.ref.place}, {"name", file.about.name}, {"media_type", file.about.media_type}, {"sha256", file.about.sha256}, {"size", file.about.size}});
    }
    if (!files.empty()) object["files"] = std::move(files);
    return object;
}

std::vector<SharedFile> files_in(const json::object& object) {
    std::vector<SharedFile> files;
    const auto* given = object.if_contains("files");
    if (given == nullptr || !given->is_array()) return files;
    for (const json::value& item : given->get_array()) {
        const json::object& one = item.as_object();
        files.push_back({{integer_or(one, "message", 0), integer_or(one, "place", 0)}, {string_or(one, "name", ""), string_or(one, "media_type", ""), string_or(one, "sha256", ""), integer_or(one, "size", 0)}});
    }
    return files;
}

}  // namespace

Result<Consultation> Consultations::opened(store::Reader& reader, const identity::PersonId& person, Consultation consultation, ByteSpan sealed) {
    TRY(const Bytes plain, casework_.parts_.vault.open(reader, person, sealed));
    TRY(const json::value value, parse_json(as_text(plain)));
    if (!value.is_object()) return fail(Code::corrupted, "a consultation is an object");
    consultation.question = string_or(value.get_object(), "question", "");
    consultation.answer = string_or(value.get_object(), "answer", "");
    consultation.position = string_or(value.get_object(), "position", "");
    consultation.files = files_in(value.get_object());
    if (consultation.closed_at && consultation.position.empty()) consultation.position = kWithdrawn;   // left out by an operator
    return consultation;
}

Result<void> Consultations::ask(const CaseId& id, const Officer& officer, const std::vector<std::string>& bodies, std::string_view given, const government::Term& term,
                                const std::vector<FileRef>& refs) {
    TRY(const std::string question, text_within(given, "the question"));
    const std::set<std::string> asked(bodies.begin(), bodies.end());
    const std::set<FileRef> unique(refs.begin(), refs.end());
    const std::vector<FileRef> given_files(unique.begin(), unique.end());
    if (given_files.size() > kMaxShared) return fail(Code::invalid, format("at most {} files go with a question", kMaxShared));
    if (asked.empty() || asked.size() > kMaxBodies) return fail(Code::invalid, format("1 to {} bodies are asked at once", kMaxBodies));
    const Parts& parts = casework_.parts_;
    for (const std::string& body : asked) {
        if (parts.pack.government.find(body) == nullptr) return fail(Code::invalid, format("there is no body \"{}\"", body));
        if (body == officer.body) return fail(Code::invalid, "a body does not consult itself");
    }
    return parts.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(CaseRow row, casework_.undecided_case(tx, officer.body, id));
        TRY_DO(casework_.desk().require_turn(tx, row, officer));
        if (row.summary.status != Status::with_officer) return fail(Code::conflict, "the case is not with an officer");
        const auto first = [](const Row& found) -> Result<std::int64_t> { return found.integer(0); };
        TRY(const auto next, tx.first<std::int64_t>(kNextNumber, {row.summary.body, row.summary.id.text()}, first));
        Consultation one{.body = row.summary.body, .case_id = row.summary.id, .number = next.value_or(1), .asked_body = {}, .asked_by = officer.account.text(),
                         .asked_at = parts.clock.now(), .due_at = {}, .closed_at = {}, .answered_by = {}, .question = question, .answer = {}, .position = {}, .receipt = {}, .service = {}, .files = {}};
        TRY(const auto about, casework_.letters().attachments(tx, row.summary, given_files));
        json::array hashes;
        for (std::size_t i = 0; i < about.size(); ++i) {
            one.files.push_back({given_files[i], about[i]});
            hashes.emplace_back(about[i].sha256);
        }
        for (const std::string& body : asked) {
            one.asked_body = body;
            TRY(const government::DueDate due, parts.pack.government.due_at(body, one.asked_at, term));
            // The applicant's term stands meanwhile: not for longer than a body may take.
            TRY(const government::DueDate latest, parts.pack.government.due_at(body, one.asked_at, {.kind = government::Term::Kind::working_days, .count = kMostWorkingDays}));
            if (due.at > latest.at) return fail(Code::invalid, format("a body is asked for its answer within {} working days", kMostWorkingDays));
            one.due_at = due.at;
            TRY(Bytes sealed, parts.vault.seal(tx, row.summary.applicant.person, as_bytes(json::serialize(content_of(one)))));
            TRY_DO(tx.execute(kInsert, {one.body, id.text(), one.number, one.asked_body, one.asked_by, microseconds(one.asked_at), microseconds(one.due_at), std::move(sealed)}));
            json::object details{{"number", one.number}, {"body", body}, {"due_at", format_instant(one.due_at)}};
            if (!hashes.empty()) details["files_sha256"] = hashes;
            if (const std::string whom = Desk::acting_for(row, officer); !whom.empty()) details["for"] = whom;
            TRY_DO(casework_.record(tx, row.summary, "consultation.asked", officer.account.text(), "officer", std::move(details)));
            ++one.number;
        }
        TRY_DO(casework_.terms().suspend(tx, row, government::WaitingFor::body, join({asked.begin(), asked.end()}, ", "), officer.account.text()));
        return update_case(tx, row);
    });
}

Result<void> Consultations::answer(std::string_view asking_body, const CaseId& id, std::int64_t number, const Officer& officer, std::string_view position,
                                   std::string_view given) {
    TRY(const std::string text, text_within(given, "the answer"));
    if (std::ranges::find(kPositions, position) == kPositions.end()) return fail(Code::invalid, "the position is agree, disagree or no_remarks");
    const Parts& parts = casework_.parts_;
    return parts.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(auto found, tx.first<Sealed>(std::string(kColumns) + "WHERE body=$1 AND case_id=$2 AND number=$3", {std::string(asking_body), id.text(), number}, sealed_of));
        if (!found || found->consultation.asked_body != officer.body) return fail(Code::not_found, "your body was not asked this");
        if (found->consultation.closed_at) {
            return fail(Code::conflict, found->consultation.answered_by.empty() ? "the question is closed: its term ended, or the answer is not needed any more" : "this was answered already");
        }
        TRY(CaseRow row, casework_.case_row(tx, asking_body, id));
        TRY_DO(require_impartial(tx, row.summary, officer, parts.mandates, parts.clock.now()));
        TRY(Consultation one, opened(tx, row.summary.applicant.person, found->consultation, found->content));
        one.answer = text;
        one.position = position;
        TRY(Bytes sealed, parts.vault.seal(tx, row.summary.applicant.person, as_bytes(json::serialize(content_of(one)))));
        TRY_DO(Troubles::over(tx, {one.body, id, Work::consultation, number}));
        TRY_DO(tx.execute(kAnswer, {one.body, id.text(), number, microseconds(parts.clock.now()), officer.account.text(), std::move(sealed)}));
        TRY_DO(casework_.record(tx, row.summary, "consultation.answered", officer.account.text(), "officer",
                                {{"number", number}, {"body", officer.body}, {"position", position}}));
        if (is_closed(row.summary.status)) return {};
        TRY_DO(casework_.resume_if_free(tx, row, officer.account.text()));
        return update_case(tx, row);
    });
}

Result<Letters::Opened> Consultations::file(std::string_view asking_body, const CaseId& id, std::int64_t number, const FileRef& wanted, const Officer& officer) {
    const Parts& parts = casework_.parts_;
    return parts.store.write<Letters::Opened>([&](store::Tx& tx) -> Result<Letters::Opened> {
        TRY(auto found, tx.first<Sealed>(std::string(kColumns) + "WHERE body=$1 AND case_id=$2 AND number=$3", {std::string(asking_body), id.text(), number}, sealed_of));
        if (!found || found->consultation.asked_body != officer.body) return fail(Code::not_found, "your body was not asked this");
        if (found->consultation.closed_at) return fail(Code::conflict, "the question is closed, and its files with it");
        TRY(const CaseRow row, casework_.case_row(tx, asking_body, id));
        TRY_DO(require_impartial(tx, row.summary, officer, parts.mandates, parts.clock.now()));
        TRY(const Consultation one, opened(tx, row.summary.applicant.person, found->consultation, found->content));
        const auto shared = std::ranges::find(one.files, wanted, &SharedFile::ref);
        if (shared == one.files.end()) return fail(Code::not_found, "there is no such file with this question");
        const catalogue::Service* service = parts.pack.find_service(row.summary.service);
        TRY_DO(parts.access_log.record(tx, {.who = officer.account, .capacity = "officer", .body = officer.body, .case_id = id.text(),
                                            .legal_ground = service == nullptr ? row.summary.applicant.legal_ground : service->legal_ground()}, row.summary.applicant.person, "file"));
        TRY(Bytes bytes, casework_.letters().bytes_of(tx, row.summary, wanted, shared->about));
        return Letters::Opened{shared->about, std::move(bytes)};
    });
}

Result<void> Consultations::shut(store::Tx& tx, const CaseSummary& summary, Consultation one, ByteSpan sealed, std::string_view how, std::string_view actor) {
    Bytes again(sealed.begin(), sealed.end());
    auto whole = opened(tx, summary.applicant.person, one, sealed);
    if (whole) {
        whole->position = how;
        TRY(again, casework_.parts_.vault.seal(tx, summary.applicant.person, as_bytes(json::serialize(content_of(*whole)))));
    } else if (whole.error().code != Code::not_found) {   // destroyed with the applicant's data: it is closed all the same
        return std::unexpected(std::move(whole.error()));
    }
    TRY_DO(tx.execute(kClosed, {one.body, one.case_id.text(), one.number, microseconds(casework_.parts_.clock.now()), std::move(again)}));
    TRY_DO(Troubles::over(tx, {one.body, one.case_id, Work::consultation, one.number}));
    json::object details{{"number", one.number}, {"body", one.asked_body}};
    if (how == kUnanswered) details["due_at"] = format_instant(one.due_at);
    return casework_.record(tx, summary, format("consultation.{}", how), std::string(actor), actor == "system" ? "system" : "officer", std::move(details));
}

Result<void> Consultations::close(store::Tx& tx, const CaseSummary& summary) {
    TRY(auto open, tx.all<Sealed>(std::string(kColumns) + "WHERE body=$1 AND case_id=$2 AND answered_at IS NULL ORDER BY number", {summary.body, summary.id.text()}, sealed_of));
    for (Sealed& one : open) TRY_DO(shut(tx, summary, std::move(one.consultation), one.content, kWithdrawn, "system"));
    return {};
}

Result<void> Consultations::withdraw(const CaseId& id, std::int64_t number, const Officer& officer) {
    return casework_.parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(CaseRow row, casework_.open_case(tx, officer.body, id));
        TRY_DO(casework_.desk().require_turn(tx, row, officer));
        TRY(auto found, tx.first<Sealed>(std::string(kColumns) + "WHERE body=$1 AND case_id=$2 AND number=$3", {officer.body, id.text(), number}, sealed_of));
        if (!found) return fail(Code::not_found, format("the case has no question {}", number));
        if (found->consultation.closed_at) return fail(Code::conflict, "the question is answered or closed already");
        TRY_DO(shut(tx, row.summary, std::move(found->consultation), found->content, kWithdrawn, officer.account.text()));
        TRY_DO(casework_.resume_if_free(tx, row, officer.account.text()));
        return update_case(tx, row);
    });
}

Result<bool> Consultations::work_once(Instant now) {
    static const std::string query = kNextDue + not_in_trouble("casework_consultation", Work::consultation, "casework_consultation.number") + " ORDER BY due_at LIMIT 1";
    TRY(const auto due, casework_.parts_.store.read<std::optional<Due>>([&](store::Reader& reader) {
        return reader.first<Due>(query, {microseconds(now)}, [](const Row& row) -> Result<Due> {
            TRY(const CaseId id, CaseId::parse(row.text(1)));
            return Due{std::string(row.text(0)), id, row.integer(2)};
        });
    }));
    if (!due) return false;
    if (const auto ended = end_one(*due); !ended) TRY_DO(casework_.troubles().failed({due->body, due->id, Work::consultation, due->number}, ended.error()));
    return true;
}

Result<void> Consultations::end_one(const Due& due) {
    return casework_.parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(auto found, tx.first<Sealed>(std::string(kColumns) + "WHERE body=$1 AND case_id=$2 AND number=$3", {due.body, due.id.text(), due.number}, sealed_of));
        if (!found || found->consultation.closed_at) return {};   // answered meanwhile
        TRY(CaseRow row, casework_.case_row(tx, due.body, due.id));
        TRY_DO(shut(tx, row.summary, std::move(found->consultation), found->content, kUnanswered, "system"));
        if (is_closed(row.summary.status)) return {};
        TRY_DO(casework_.resume_if_free(tx, row, "system"));
        return update_case(tx, row);
    });
}

Result<void> Consultations::leave(store::Tx& tx, CaseRow& row, std::int64_t number) {
    TRY_DO(tx.execute(kLeave, {row.summary.body, row.summary.id.text(), number, microseconds(casework_.parts_.clock.now())}));
    TRY_DO(casework_.record(tx, row.summary, "consultation.withdrawn", "system", "system", {{"number", number}}));
    if (is_closed(row.summary.status)) return {};
    TRY_DO(casework_.resume_if_free(tx, row, "system"));
    return update_case(tx, row);
}

Result<std::vector<Consultation>> Consultations::of_case(const CaseSummary& summary, const identity::Access& access) {
    return casework_.parts_.store.write<std::vector<Consultation>>([&](store::Tx& tx) -> Result<std::vector<Consultation>> {
        TRY(auto sealed, tx.all<Sealed>(std::string(kColumns) + "WHERE body=$1 AND case_id=$2 ORDER BY number LIMIT 500", {summary.body, summary.id.text()}, sealed_of));
        std::vector<Consultation> all;
        if (!sealed.empty()) TRY_DO(casework_.parts_.access_log.record(tx, access, summary.applicant.person, "questions"));
        for (Sealed& one : sealed) {
            TRY(Consultation found, opened(tx, summary.applicant.person, std::move(one.consultation), one.content));
            all.push_back(std::move(found));
        }
        return all;
    });
}

Result<std::vector<Consultation>> Consultations::inbox(const Officer& officer) {
    return casework_.parts_.store.write<std::vector<Consultation>>([&](store::Tx& tx) -> Result<std::vector<Consultation>> {
        TRY(auto sealed, tx.all<Sealed>(std::string(kColumns) + "WHERE asked_body=$1 AND answered_at IS NULL ORDER BY due_at LIMIT 500", {officer.body}, sealed_of));
        std::vector<Consultation> all;
        for (Sealed& one : sealed) {
            TRY(const CaseRow row, casework_.case_row(tx, one.consultation.body, one.consultation.case_id));
            const catalogue::Service* service = casework_.parts_.pack.find_service(row.summary.service);
            const identity::Access access{.who = officer.account, .capacity = "officer", .body = officer.body, .case_id = row.summary.id.text(),
                                          .legal_ground = service == nullptr ? row.summary.applicant.legal_ground : service->legal_ground()};
            auto whole = opened(tx, row.summary.applicant.person, std::move(one.consultation), one.content);
            if (!whole) continue;   // it can be opened no more; its end closes it, and it hides no other
            TRY_DO(casework_.parts_.access_log.record(tx, access, row.summary.applicant.person, "questions"));
            Consultation& found = *whole;
            found.receipt = row.summary.receipt;
            found.service = row.summary.service;
            all.push_back(std::move(found));
        }
        return all;
    });
}

Result<std::int64_t> Consultations::asked_of(std::string_view body) {
    return casework_.parts_.store.read<std::int64_t>([&](store::Reader& reader) -> Result<std::int64_t> {
        TRY(const auto count, reader.first<std::int64_t>(kAsked, {std::string(body)}, [](const Row& row) -> Result<std::int64_t> { return row.integer(0); }));
        return count.value_or(0);
    });
}

Result<std::int64_t> Consultations::open(store::Reader& reader, const CaseSummary& summary) {
    TRY(const auto count, reader.first<std::int64_t>(kOpen, {summary.body, summary.id.text()}, [](const Row& row) -> Result<std::int64_t> { return row.integer(0); }));
    return count.value_or(0);
}

}  // namespace madang::casework
