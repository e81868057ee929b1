#include "api/openapi_routes.h"

#include <map>
#include <set>

#include "api/openapi_shapes.h"
#include "base/text.h"

namespace madang::api {
namespace {

// One operation. Of a POST `body` are the members of its JSON object. What it answers as JSON stands in answer_of().
struct Operation {
    const char* method;
    const char* path;
    const char* id;
    const char* summary;
    std::vector<Member> query = {};
    std::vector<Member> body = {};
    const char* media_type = "application/json";
};

const std::vector<Member>& paging() {
    static const std::vector<Member> kPaging{{"first", "integer", "place of the first, from 0"}, {"count", "integer", "1 to 200"}};
    return kPaging;
}

std::vector<Member> with_paging(std::vector<Member> members) {
    members.insert(members.end(), paging().begin(), paging().end());
    return members;
}

const std::vector<Operation>& operations() {
    static const std::vector<Operation> kOperations{
        {"get", "/api/v1/bodies", "bodies", "The government bodies by their codes", {{"lang", "text"}}},
        {"get", "/api/v1/calendar/explain", "explainTerm", "When an answer is due, and why",
         {{"received", "text", "local time of receipt: 2026-11-27 or 2026-11-27T16:30; required"}, {"term", "text", "3wd (working days), 5d, 10h, 2w, 1mo, 1y, at-once or day; required"}, {"body", "text", "code; the first with office hours"},
          {"rule", "by|eu|kr"}, {"lang", "text"}}},
        {"get", "/api/v1/calendar/{body}/{year}", "calendarYear", "The working, short, moved and free days of a year as a body works"},
        {"get", "/api/v1/office/questions", "questions", "What other bodies ask this one, by date"},
        {"get", "/api/v1/office/questions/{body}/{case}/{number}/files/{message}/{place}", "questionFile", "A file of the case that came with an open question; no other can be read", {}, {}, "application/octet-stream"},
        {"get", "/api/v1/office/escalated", "escalatedCases", "Cases of bodies below that the law put before this one, since they were not answered in time; open ones first"},
        {"get", "/api/v1/office/escalated/{receipt}", "escalatedCase", "One of them with its acts, without what is sealed in it"},
        {"post", "/api/v1/office/questions/{body}/{case}/{number}", "answerQuestion", "Answers a question of another body", {}, {{"position", "agree|disagree|no_remarks"}, {"text", "text"}}},
        {"post", "/api/v1/applications/{receipt}/amend", "amendApplication", "Changes the answers of one's own application before it is decided, where the law lets it be amended: the term runs anew. Sent again it changes nothing", {},
         {{"version", "integer", "which version is changed, as .../versions numbers them"}, {"answers", "object", "all of them, by the keys of the form"}, {"language?", "text", "of what is wrong with them"}}},
        {"get", "/api/v1/drafts", "drafts", "One's own applications that are not sent yet, the newest first"},
        {"get", "/api/v1/drafts/{id}", "draft", "One of them with its answers and what is missing or cannot be read", {{"lang", "text"}}},
        {"post", "/api/v1/drafts", "beginDraft", "Begins an application; what the register knows of the applicant stands in it already", {},
         {{"service", "text"}, {"person?", "text", "for whom, where it is not oneself"}, {"answers?", "object", "by the keys of the form"}, {"language?", "text"}}},
        {"post", "/api/v1/drafts/{id}", "saveDraft", "Changes the answers that are named and keeps the others, right or wrong; null takes one away", {}, {{"answers", "object"}, {"language?", "text"}}},
        {"post", "/api/v1/drafts/{id}/submit", "submitDraft", "Sends it. Sent again it is the same application", {}, {{"language?", "text"}, {"exemption?", "text", "from the fee, by its id"}}},
        {"post", "/api/v1/drafts/{id}/discard", "discardDraft", "Throws it away"},
        {"get", "/api/v1/applications/{receipt}/versions", "ownVersions", "What was answered in each version of one's own application, and how often it may be amended from now on"},
        {"post", "/api/v1/office/cases/{receipt}/amend", "amendAtCounter", "The same for an applicant who is at the counter", {},
         {{"version", "integer"}, {"answers", "object"}, {"language?", "text"}}},
        {"get", "/api/v1/office/cases/{receipt}/versions", "caseVersions", "What was answered in each version of an application"},
        {"get", "/api/v1/office/cases/{receipt}/consultations", "caseQuestions", "What was asked of other bodies in a case, with their answers"},
        {"post", "/api/v1/office/cases/{receipt}/package", "packageCase", "A closed case as a BagIt folder for an archive, zipped (docs/formats/case-package.md); an act says that it was packed", {}, {}, "application/zip"},
        {"get", "/api/v1/office/workload.csv", "workloadCsv", "The cases of the body as CSV without personal data of applicants; no cell can become a formula", {{"from", "date"}, {"until", "date"}}, {}, "text/csv"},
        {"get", "/api/v1/office/workload.svg", "workloadPlot", "What is due in the next working days and what will be late, as a picture", {{"lang", "text"}}, {}, "image/svg+xml"},
        {"get", "/api/v1/processes", "processes", "Procedures of the whole installation, the newest first; for its administrators",
         with_paging({{"process", "text", "id of a model"}, {"state", "running|stands|completed|terminated|failed"}, {"q", "text", "receipt, business key or its beginning, or id"}})},
        {"get", "/api/v1/processes/{id}", "process", "One procedure: where it stands and what happened. The history has pages", paging()},
        {"post", "/api/v1/processes/{id}/skip", "skipStep", "Goes on as if the step at which a token stands were done; not for what a person decides", {}, {{"token", "integer"}, {"reason", "text"}}},
        {"post", "/api/v1/processes/{id}/repair", "repairProcess", "Sets variables of a procedure that cannot go on; then try its incident again", {}, {{"variables", "object"}, {"reason", "text"}}},
        {"post", "/api/v1/processes/{id}/migrate", "migrateProcess", "Moves one procedure to another version, or with dry_run says what keeps it", {},
         {{"version", "integer"}, {"nodes?", "{text}", "nodes that changed their id, by the old one"}, {"dry_run?", "boolean"}, {"reason?", "text", "needed without dry_run"}}},
        {"post", "/api/v1/migrations", "migrateProcesses", "The same for the running procedures of a model that are on other versions, up to 100 at once", {},
         {{"process", "text"}, {"version", "integer"}, {"nodes?", "{text}"}, {"dry_run?", "boolean"}, {"reason?", "text"}, {"after?", "text", "the answer's next"}}},
        {"get", "/api/v1/incidents", "incidents", "What failed until a person must look, the oldest first; for administrators of the installation", paging()},
        {"post", "/api/v1/incidents/{instance}/{number}/retry", "retryIncident", "What failed is due now"},
        {"post", "/api/v1/incidents/{instance}/{number}/dismiss", "dismissIncident", "What failed is taken away", {}, {{"reason", "text"}}},
        {"post", "/api/v1/signals", "signalProcesses", "A BPMN signal to all procedures that wait for it", {}, {{"signal", "text", "its name in the models"}, {"variables?", "object", "what it carries"}}},
        {"post", "/api/v1/processes/prune", "pruneProcesses", "Forgets ended procedures when the years are over for which their service keeps its cases, or all that ended before a day", {}, {{"before?", "date"}}},
        {"post", "/api/v1/models/check", "checkModel", "Whether a BPMN file can be run and comes to an end, and if not where and why; for administrators. Nothing is kept", {},
         {{"bpmn", "text", "the file"}, {"name?", "text", "what messages call it"}}},
        {"post", "/api/v1/terms/recompute", "recomputeTerms", "Counts the running terms again by the calendars of today; a date that moves is an act in its case"},
        {"get", "/api/v1/operator/case-incidents", "caseIncidents", "Work of the house that failed for cases until an operator looks: why, how often, since when",
         with_paging({{"state", "incident|all", "all: also what is tried again by itself"}})},
        {"post", "/api/v1/operator/case-incidents/{reference}/retry", "retryCaseWork", "Failed work of a case is tried again now; an act in the case"},
        {"post", "/api/v1/operator/case-incidents/{reference}/skip", "skipCaseWork", "Failed work of a case is left out; an act in the case", {}, {{"reason", "text"}}},
    };
    return kOperations;
}

json::object parameter(std::string_view name, std::string_view where, const json::value& schema, std::string_view says) {
    json::object one{{"name", name}, {"in", where}, {"required", where == "path" || says.ends_with("required")}, {"schema", schema}};
    if (!says.empty()) one["description"] = says;
    return one;
}

json::array parameters_of(const Operation& operation) {
    json::array all;
    const std::string_view path = operation.path;
    for (std::size_t at = path.find('{'); at != std::string_view::npos; at = path.find('{', at + 1)) {
        all.push_back(parameter(path.substr(at + 1, path.find('}', at) - at - 1), "path", schema_of("text"), ""));
    }
    for (const Member& member : operation.query) all.push_back(parameter(member.name, "query", schema_of(member.type), member.says));
    return all;
}

json::value problem_answer(std::string_view says) {
    return {{"description", says}, {"content", {{"application/problem+json", {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}}}};
}

const std::map<std::string_view, std::string_view>& answers() {
    static const std::map<std::string_view, std::string_view> kAnswers{
        {"trust", "Trust"}, {"verifyCode", "Verdict"}, {"verifyFile", "Verdict"}, {"signIn", "SignedIn"}, {"session", "Session"}, {"signOut", "SignedOut"}, {"apply", "Receipt"}, {"applications", "Applications"},
        {"application", "Case"}, {"services", "Services"}, {"sendEvents", "EventsTaken"}, {"detections", "Detections"}, {"openapi", "OpenApi"}, {"ownLetter", "Letter"}, {"officeLetter", "Letter"}, {"ownHistory", "History"},
        {"officeHistory", "History"}, {"officeCase", "OfficeCase"}, {"officeMessages", "Messages"}, {"messages", "Messages"}, {"duplicates", "Cases"}, {"withdraw", "Case"}, {"appeal", "Receipt"}, {"writeToBody", "MessageSent"},
        {"writeToApplicant", "MessageSent"}, {"tellProcess", "ProcessTold"}, {"officeCases", "CasePage"}, {"caseTasks", "CaseTasks"}, {"claimTask", "CaseTasks"}, {"releaseTask", "CaseTasks"}, {"completeTask", "CaseTasks"},
        {"refundsAtDesk", "Refunds"}, {"absences", "Absences"}, {"enterAbsence", "Absence"}, {"endAbsence", "AbsenceEnded"}, {"workload", "Workload"}, {"applyAtCounter", "Receipt"}, {"applyInBulk", "BulkReport"}, {"term", "Term"},
        {"paymentNotice", "Settled"}, {"refundsDue", "RefundsDue"}, {"bodies", "Bodies"}, {"explainTerm", "DueDate"}, {"calendarYear", "CalendarYear"}, {"questions", "Questions"}, {"answerQuestion", "QuestionAnswered"},
        {"caseQuestions", "CaseQuestions"}, {"processes", "Processes"}, {"process", "ProcessDetail"}, {"skipStep", "Repaired"}, {"repairProcess", "Repaired"}, {"migrateProcess", "Migration"}, {"migrateProcesses", "Migrations"},
        {"incidents", "Incidents"}, {"retryIncident", "Repaired"}, {"dismissIncident", "Repaired"}, {"signalProcesses", "Signalled"}, {"pruneProcesses", "Pruned"}, {"recomputeTerms", "Recomputed"},
        {"escalatedCases", "EscalatedCases"}, {"escalatedCase", "EscalatedDetail"}, {"amendApplication", "Case"}, {"amendAtCounter", "Case"}, {"ownVersions", "Versions"}, {"caseVersions", "Versions"},
        {"drafts", "Drafts"}, {"draft", "Draft"}, {"beginDraft", "Draft"}, {"saveDraft", "Draft"}, {"submitDraft", "Receipt"}, {"discardDraft", "DraftGone"}, {"checkModel", "ModelCheck"},
        {"caseIncidents", "CaseIncidents"}, {"retryCaseWork", "CaseWorkRepaired"}, {"skipCaseWork", "CaseWorkRepaired"},
    };
    return kAnswers;
}

// A header that the operation asks for, once.
void add_header(json::object& operation, std::string_view name, bool required) {
    json::value& parameters = operation["parameters"];
    if (!parameters.is_array()) parameters = json::array();
    for (json::value& one : parameters.as_array()) {
        if (one.as_object()["name"].as_string() == name) {
            one.as_object()["required"] = required;
            return;
        }
    }
    parameters.as_array().push_back(json::object{{"name", name}, {"in", "header"}, {"required", required}, {"schema", {{"type", "string"}}}});
}

// One that makes something answers 201 and says where it is.
void set_status(json::object& responses, std::string_view id) {
    static const std::set<std::string_view> kMaking{"apply", "applyAtCounter", "appeal", "beginDraft", "submitDraft"};
    if (kMaking.contains(id)) {
        responses["201"] = responses["200"];
        responses["201"].as_object()["headers"] = {{"Location", {{"description", "What was made"}, {"schema", {{"type", "string"}}}}}};
        responses.erase("200");
    }
    if (id == "tellProcess") {
        responses["202"] = responses["200"];
        responses.erase("200");
    }
}

// The steps in a case answer the case as it stands then.
std::string_view shape_of(std::string_view id, std::string_view path) {
    const std::string_view listed = answer_of(id);
    return listed.empty() && path.starts_with("/api/v1/office/cases/{receipt}/") ? "Case" : listed;
}

void name_answer(json::object& responses, std::string_view id, std::string_view path) {
    for (auto& response : responses) {
        if (response.key() == "default") continue;
        json::object& content = response.value().as_object()["content"].as_object();
        if (content.contains("application/json")) content["application/json"] = json::object{{"schema", schema_of(shape_of(id, path))}};
    }
}

void add_problems(json::object& responses, std::string_view path, bool of_session, bool changes) {
    if (of_session) {
        responses["401"] = problem_answer("Nobody is signed in");
        responses["403"] = problem_answer(changes ? "Not allowed to this account, or the X-CSRF-Token is missing" : "Not allowed to this account");
    }
    if (path.find('{') != std::string_view::npos || (of_session && changes)) responses["404"] = problem_answer("It is not there, or not for this account");
    if (!changes) return;
    responses["409"] = problem_answer("It does not fit how things stand");
    responses["413"] = problem_answer("The body is too large");
    responses["422"] = problem_answer("The body or a parameter says something that cannot be");
}

bool needs_session(std::string_view path) {
    for (const std::string_view begin : {"/api/v1/applications", "/api/v1/drafts", "/api/v1/models", "/api/v1/office", "/api/v1/processes", "/api/v1/migrations", "/api/v1/incidents", "/api/v1/operator", "/api/v1/signals", "/api/v1/terms/recompute"}) {
        if (path.starts_with(begin)) return true;
    }
    return false;
}

}  // namespace

std::string_view answer_of(std::string_view operation_id) {
    const auto found = answers().find(operation_id);
    return found == answers().end() ? std::string_view() : found->second;
}

void add_listed_paths(json::object& paths) {
    for (const Operation& operation : operations()) {
        json::object one{{"operationId", operation.id}, {"summary", operation.summary}};
        if (json::array parameters = parameters_of(operation); !parameters.empty()) one["parameters"] = std::move(parameters);
        const std::string_view media = operation.media_type;
        const json::value schema = media == "application/json" ? json::value(json::object()) : media == "application/zip" || media == "application/octet-stream" ? json::value{{"type", "string"}, {"format", "binary"}} : json::value{{"type", "string"}};
        one["responses"] = {{"200", {{"description", operation.summary}, {"content", {{media, {{"schema", schema}}}}}}}, {"default", problem_answer("A problem (RFC 9457)")}};
        if (!operation.body.empty()) one["requestBody"] = {{"required", true}, {"content", {{"application/json", {{"schema", object_schema(operation.body)}}}}}};
        if (!paths[operation.path].is_object()) paths[operation.path] = json::object();
        paths[operation.path].as_object()[operation.method] = std::move(one);
    }
}

void add_conditions(json::object& paths) {
    static const std::set<std::string_view> kKeyed{"apply", "applyAtCounter", "appeal"};
    for (auto& path : paths) {
        const std::string_view name = path.key();
        const bool of_token = name == "/api/v1/events" || name == "/api/v1/detections";
        for (auto& method : path.value().as_object()) {
            json::object& one = method.value().as_object();
            const std::string id(one["operationId"].as_string());
            const bool changes = method.key() == "post";
            const bool of_session = needs_session(name) || id == "session" || id == "signOut";
            if (of_token) one["security"] = json::array{json::object{{"token", json::array()}}};
            if (of_session) one["security"] = json::array{json::object{{"session", json::array()}}};
            if (name.starts_with("/api/v1/payments")) one["security"] = json::array{json::object{{"signature", json::array()}}};
            if (of_session && changes) add_header(one, "X-CSRF-Token", true);
            if (kKeyed.contains(id)) add_header(one, "Idempotency-Key", true);
            json::object& responses = one["responses"].as_object();
            set_status(responses, id);
            name_answer(responses, id, name);
            add_problems(responses, name, of_session, changes);
        }
    }
}

}  // namespace madang::api
