#include "api/openapi_shapes.h"

#include "base/text.h"

namespace madang::api {
namespace {

const std::vector<Shape>& public_shapes() {
    static const std::vector<Shape> kShapes{
        {"Problem", "Why a request was not done (RFC 9457)", {{"type?", "text"}, {"title", "text"}, {"status", "integer"}, {"detail?", "text"}, {"problems?", "[FormProblem]", "of the answers to a form"}}},
        {"FormProblem", "One answer that is missing or cannot be read", {{"page", "text"}, {"key", "text"}, {"text", "text"}}},
        {"Trust", "By which keys this house is verified (docs/formats)", {{"format", "text"}, {"issuers", "[TrustedIssuer]"}}},
        {"TrustedIssuer", "", {{"name", "text"}, {"origin", "text"}, {"ledger_key", "text"}, {"certificate_key", "text"}, {"roots_pem", "text"}}},
        {"Verdict", "What was found when a certificate was checked", {{"standing", "valid|changed|revoked|expired|other_issuer|unknown|not_a_certificate"}, {"issuer", "text"}, {"certificate", "CertificateFacts?"}, {"checks", "[Check]"}}},
        {"CertificateFacts", "What anyone may know of a certificate", {{"code", "text"}, {"number", "text"}, {"service", "text"}, {"title", "{text}", "by language"}, {"issuing_body", "{text}", "by language"}, {"issued_on", "date"}, {"valid_until", "date?"}, {"revoked_on", "date?"}}},
        {"Check", "One check and its result", {{"id", "text"}, {"result", "ok|failed|not_done"}, {"text", "text"}, {"found", "text"}}},
        {"SignedIn", "Who signed in, and the token that changes carry", {{"account", "text"}, {"csrf_token", "text"}}},
        {"Session", "The session of the cookie", {{"account", "text"}, {"roles", "[Role]"}, {"expires_at", "instant"}, {"csrf_token", "text"}}},
        {"Role", "A role in a body; an administrator of body \"\" is one of the whole installation", {{"body", "text"}, {"role", "text"}}},
        {"SignedOut", "", {{"signed_out", "boolean"}}},
        {"Services", "What this house does for people", {{"language", "text"}, {"services", "[Service]"}}},
        {"Service", "", {{"id", "text"}, {"number", "text"}, {"name", "text"}, {"summary", "text"}, {"legal_basis", "text"}, {"provider", "text", "code of a body"}, {"fee", "text"}, {"exemptions", "[Exemption]"}, {"you_bring", "[text]"}, {"we_ask_for", "[text]"}}},
        {"Exemption", "From the fee", {{"id", "text"}, {"text", "text"}, {"article", "text"}}},
        {"EventsTaken", "Lines of events", {{"received", "integer"}, {"stored", "integer"}, {"refused", "integer"}, {"refused_lines", "[text]", "the first of them: \"line 17: column 3: a colon is expected\""}, {"more_refused_lines", "integer", "refused beyond those that are named"}}},
        {"Detections", "", {{"detections", "[Detection]"}, {"next", "text", "where to ask from"}, {"unreadable", "integer"}}},
        {"Detection", "What a rule or a learned judge found; its fields are in docs/formats", {}},
        {"OpenApi", "An OpenAPI 3.1 document", {}},
        {"Bodies", "", {{"bodies", "[Body]"}}},
        {"Body", "A government body", {{"code", "text"}, {"name", "text"}, {"parent", "text?"}}},
        {"DueDate", "When an answer is due, and why", {{"body", "text"}, {"rule", "by|eu|kr", "whose law counts"}, {"due_at", "instant"}, {"date", "date"}, {"provisional", "boolean", "a year in the count has no published calendar yet"}, {"steps", "[DueStep]"}}},
        {"DueStep", "", {{"text", "text"}, {"article", "text"}}},
        {"CalendarYear", "The days of a year as a body works", {{"body", "text"}, {"year", "integer"}, {"published", "boolean"}, {"sources", "[text]"}, {"days", "[CalendarDay]"}}},
        {"CalendarDay", "", {{"date", "date"}, {"kind", "working|short|moved_working|holiday|off"}, {"shorter_by_minutes?", "integer"}}},
        {"Settled", "", {{"reference", "text"}, {"settled", "boolean"}}},
        {"RefundsDue", "What a payment provider has to give back", {{"refunds", "[RefundDue]"}}},
        {"RefundDue", "", {{"reference", "text"}, {"amount", "text"}, {"currency", "text"}, {"ordered_at", "instant"}}},
    };
    return kShapes;
}

const std::vector<Shape>& case_shapes() {
    static const std::vector<Shape> kShapes{
        {"Receipt", "An application or appeal is on disk", {{"receipt", "text"}, {"submitted_at", "instant"}, {"due_at", "instant"}}},
        {"Case", "How a case stands, without what is sealed in it",
         {{"receipt", "text"}, {"kind", "application|appeal"}, {"service", "text"}, {"body", "text"}, {"channel", "text"}, {"status", "CaseStatus"}, {"submitted_at", "instant"}, {"due_at", "instant"}, {"decided_at", "instant?"},
          {"article", "text?"}, {"certificate", "text?", "its code"}}},
        {"Cases", "", {{"cases", "[Case]"}}},
        {"Applications", "One's own", {{"applications", "[Case]"}}},
        {"CasePage", "Some of the cases that were found", {{"total", "integer"}, {"first", "integer"}, {"cases", "[InboxCase]"}}},
        {"InboxCase", "",
         {{"receipt", "text"}, {"kind", "application|appeal"}, {"service", "text"}, {"body", "text"}, {"channel", "text"}, {"status", "CaseStatus"}, {"submitted_at", "instant"}, {"due_at", "instant"}, {"decided_at", "instant?"},
          {"article", "text?"}, {"certificate", "text?"}, {"term_used", "integer", "of the term, for warnings: 0, 50, 80 or 100 per cent"}, {"assignee", "text?", "account"}, {"acting_for", "text?", "the absent for whom this officer works on it"}}},
        {"OfficeCase", "A case with all that is sealed in it; reading it is written down",
         {{"receipt", "text"}, {"kind", "application|appeal"}, {"service", "text"}, {"body", "text"}, {"channel", "text"}, {"status", "CaseStatus"}, {"submitted_at", "instant"}, {"due_at", "instant"}, {"decided_at", "instant?"},
          {"article", "text?"}, {"certificate", "text?"}, {"assignee", "text?"}, {"answers", "object", "by the keys of the form"}, {"facts", "object", "what registers answered"}, {"outcome", "object", "what the rule answered"},
          {"trace", "any", "how it came to that"}, {"reason", "text"}, {"proposal", "Proposal?", "a decision that waits for a second person"}, {"tasks_done", "[TaskDone]"}, {"messages", "[Message]"}, {"acts", "[Act]"}, {"links", "[CaseLink]"}, {"payments", "[Payment]"}}},
        {"Proposal", "A decision that one officer proposes and another person confirms", {{"outcome", "grant|refuse"}, {"ground", "text", "id of the article"}, {"reason", "text"}, {"sha256", "text", "of what is confirmed"}}},
        {"EscalatedCases", "", {{"open", "integer", "not answered yet"}, {"cases", "[EscalatedCase]", "at most 500"}}},
        {"EscalatedCase", "",
         {{"receipt", "text"}, {"kind", "application|appeal"}, {"service", "text"}, {"body", "text"}, {"channel", "text"}, {"status", "CaseStatus"}, {"submitted_at", "instant"}, {"due_at", "instant"}, {"decided_at", "instant?"},
          {"article", "text?"}, {"certificate", "text?"}, {"term_ended_at", "instant"}, {"escalated_by", "text", "article of law"}}},
        {"EscalatedDetail", "",
         {{"receipt", "text"}, {"kind", "application|appeal"}, {"service", "text"}, {"body", "text"}, {"channel", "text"}, {"status", "CaseStatus"}, {"submitted_at", "instant"}, {"due_at", "instant"}, {"decided_at", "instant?"},
          {"article", "text?"}, {"certificate", "text?"}, {"term_ended_at", "instant"}, {"escalated_by", "text", "article of law"}, {"acts", "[Act]"}}},
        {"Versions", "The answers of an application through its amendments, oldest first; the last version holds", {{"amendable", "integer", "how often from now on"}, {"article", "text?", "of law that lets it"}, {"versions", "[AnswerVersion]"}}},
        {"AnswerVersion", "", {{"number", "integer", "from 1"}, {"since", "instant"}, {"until", "instant?"}, {"answers", "object"}, {"sha256", "text", "what the act of that version commits to"}, {"changed", "[text]", "keys with another answer than before"}}},
        {"TaskDone", "What came of a task", {{"node", "text"}, {"name", "text"}, {"outcome", "text"}, {"remark", "text"}, {"account", "text"}, {"acting_for", "text?"}, {"at", "instant"}, {"answers", "object", "to the form of the task, by its keys"}}},
        {"Act", "An official act; .../history has it with its proof", {{"id", "text"}, {"at", "instant"}, {"kind", "text"}, {"actor", "text"}, {"capacity", "text"}, {"legal_ground", "text"}, {"details", "object"}}},
        {"CaseLink", "", {{"kind", "appeal_of|merged_into"}, {"receipt", "text"}, {"from_here", "boolean"}}},
        {"Payment", "A fee or a refund", {{"kind", "fee|refund"}, {"state", "text"}, {"amount", "text"}, {"currency", "text"}, {"at", "instant"}}},
        {"Messages", "Oldest first", {{"messages", "[Message]"}}},
        {"Message", "", {{"number", "integer"}, {"at", "instant"}, {"side", "applicant|body"}, {"kind", "message|completion|answer|decision|appeal|fee|reopening"}, {"text", "text"}, {"items", "[text]", "what is missing, of a completion"}, {"files", "[File]"}}},
        {"File", "A file of a message: PDF, PNG or JPEG", {{"name", "text"}, {"media_type", "text"}, {"sha256", "text"}, {"size", "integer", "bytes"}}},
        {"FileUpload", "PDF, PNG or JPEG of at most 10 MB", {{"name", "text"}, {"content", "text", "base64"}}},
        {"MessageSent", "", {{"number", "integer"}, {"at", "instant"}, {"files", "[File]"}}},
        {"Term", "How the due date was found", {{"due_at", "instant"}, {"suspended", "boolean"}, {"provisional", "boolean", "a year in the count has no published calendar yet"}, {"promised_at", "instant?", "an earlier date that was told before days off were declared; it is kept where it can be"},
          {"extended", "integer", "how often the term was extended"}, {"extensions_allowed", "integer"}, {"effects", "[TermEffect]", "what the law lets happen at the end of the term"}, {"steps", "[text]"}}},
        {"TermEffect", "", {{"effect", "escalation|deemed_grant|deemed_refusal|fee_refund"}, {"article", "text"}}},
        {"Letter", "The letter of a decision and the hashes that its act names", {{"sha256", "text"}, {"pdf_sha256", "text?"}, {"letter", "DecisionLetter"}}},
        {"DecisionLetter", "docs/formats/decision-letter.md", {}},
        {"History", "The acts of a case with their proofs (docs/formats/act.md)", {{"format", "text"}, {"subject", "text"}, {"pending", "integer"}, {"checkpoint", "text"}, {"acts", "[ProvedAct]"}}},
        {"ProvedAct", "", {{"index", "integer"}, {"salt", "text"}, {"act", "object"}, {"proof", "[text]"}}},
        {"CaseTasks", "The open tasks of a case", {{"receipt", "text"}, {"status", "CaseStatus"}, {"tasks", "[Task]"}}},
        {"Task", "",
         {{"id", "text"}, {"node", "text"}, {"name", "text"}, {"role", "text"}, {"since", "instant"}, {"decides", "boolean"}, {"holder", "text?"}, {"outcomes", "[text]"}, {"for_you", "boolean"}, {"form", "text?", "key of its form in the pack"}}},
        {"ProcessTold", "", {{"receipt", "text"}, {"message", "text"}}},
    };
    return kShapes;
}

const std::vector<Shape>& office_shapes() {
    static const std::vector<Shape> kShapes{
        {"Refunds", "", {{"refunds", "[Refund]"}}},
        {"Refund", "", {{"receipt", "text"}, {"amount", "text"}, {"currency", "text"}, {"ordered_at", "instant"}, {"why", "text"}, {"article", "text"}}},
        {"Absences", "", {{"absences", "[Absence]"}}},
        {"Absence", "", {{"account", "text"}, {"substitute", "text"}, {"from", "instant"}, {"until", "instant", "not included"}}},
        {"AbsenceEnded", "", {{"account", "text"}, {"from", "instant"}, {"ended", "boolean"}}},
        {"Workload", "How a body stands with its work, and what will be late at its pace",
         {{"body", "text"}, {"at", "instant"}, {"open", "integer"}, {"unassigned", "integer"}, {"half_used", "integer", "half of the term is used up"}, {"most_used", "integer", "four fifths are"}, {"overdue", "integer"}, {"waiting", "integer"}, {"received_30", "integer"}, {"decided_30", "integer"}, {"decided_late_30", "integer"},
          {"pace", "number", "decided a working day"}, {"by_service", "{integer}"}, {"by_status", "{integer}"}, {"by_officer", "{integer}", "by account, \"\" for nobody"}, {"ages", "[integer]", "in working days: 0-1, 2-5, 6-10, 11-20, more"},
          {"days", "[WorkloadDay]"}, {"expected_late", "integer"}}},
        {"WorkloadDay", "", {{"date", "date"}, {"due", "integer"}, {"done", "integer", "open cases that the pace reaches by then, in all"}, {"late", "integer"}}},
        {"BulkReport", "What became of each line", {{"rows", "[BulkRow]"}}},
        {"Drafts", "Applications that are not sent yet", {{"drafts", "[DraftSummary]"}}},
        {"DraftSummary", "", {{"id", "text"}, {"service", "text"}, {"saved_at", "instant"}, {"changes", "text?", "the receipt of the application whose answers it changes"}}},
        {"Draft", "An application that is not sent yet",
         {{"id", "text"}, {"service", "text"}, {"saved_at", "instant"}, {"changes", "text?"}, {"answers", "object", "lists of texts, as typed"}, {"problems", "[FormProblem]", "none: it can be sent"}}},
        {"DraftGone", "", {{"id", "text"}, {"done", "text"}}},
        {"BulkRow", "", {{"line", "integer"}, {"receipt", "text?"}, {"problems", "[text]"}}},
        {"Questions", "What other bodies ask this one, by date: at most 500 of the total", {{"total", "integer"}, {"questions", "[Question]"}}},
        {"CaseQuestions", "What was asked of other bodies in a case", {{"questions", "[Question]"}}},
        {"Question", "",
         {{"body", "text", "who asks"}, {"case", "text"}, {"number", "integer"}, {"asked_body", "text"}, {"asked_at", "instant"}, {"due_at", "instant"}, {"closed_at", "instant?"}, {"question", "text"}, {"answer", "text?"},
          {"position", "text?", "agree, disagree, no_remarks, unanswered, withdrawn"}, {"files", "[SharedFile]", "that the asked body may read while the question is open"}, {"receipt?", "text"}, {"service?", "text"}}},
        {"SharedFile", "", {{"message", "integer"}, {"place", "integer"}, {"name", "text"}, {"media_type", "text"}, {"sha256", "text"}, {"size", "integer"}}},
        {"QuestionAnswered", "", {{"body", "text"}, {"case", "text"}, {"number", "integer"}, {"position", "text"}}},
        {"Processes", "The newest first", {{"total", "integer"}, {"first", "integer"}, {"processes", "[Process]"}}},
        {"Process", "A procedure that runs or ran",
         {{"id", "text"}, {"process", "text", "id of the model"}, {"version", "integer"}, {"case", "text?", "its business key"}, {"receipt", "text?"}, {"state", "running|completed|terminated|failed"}, {"problem", "text?"},
          {"started_at", "instant"}, {"ended_at", "instant?"}, {"called_by", "text?"}}},
        {"ProcessDetail", "One procedure. Values of variables are data of the case and not shown here",
         {{"process", "Process"}, {"tokens", "[Token]"}, {"variables", "[Variable]"}, {"incidents", "[Incident]"}, {"history", "ProcessSteps"}}},
        {"Token", "Where it stands", {{"token", "integer"}, {"node", "text"}, {"waits", "text"}}},
        {"Variable", "", {{"name", "text"}, {"kind", "text"}}},
        {"ProcessSteps", "", {{"total", "integer"}, {"first", "integer"}, {"steps", "[ProcessStep]"}}},
        {"ProcessStep", "", {{"at", "instant"}, {"node", "text"}, {"what", "text"}}},
        {"Incidents", "What failed until a person must look, the oldest first", {{"total", "integer"}, {"first", "integer"}, {"incidents", "[Incident]"}}},
        {"CaseIncidents", "Work that failed for cases", {{"total", "integer"}, {"first", "integer"}, {"incidents", "[CaseIncident]"}}},
        {"CaseIncident", "", {{"reference", "text"}, {"body", "text"}, {"receipt", "text"}, {"service", "text"}, {"work", "job|term|reply|consultation|fee|letter|calendar"}, {"number", "integer"}, {"state", "incident|tried_again"},
                             {"problem", "text"}, {"attempts", "integer"}, {"since", "instant"}, {"last_at", "instant"}, {"next_at", "instant?"}, {"can_skip", "boolean"}}},
        {"CaseWorkRepaired", "", {{"reference", "text"}, {"done", "due|skipped"}}},
        {"Incident", "", {{"instance", "text"}, {"number", "integer"}, {"kind", "text"}, {"name", "text"}, {"problem", "text"}, {"attempts", "integer"}, {"since", "instant"}}},
        {"Repaired", "", {{"instance", "text"}, {"done", "text"}}},
        {"Migration", "Whether one procedure can move to a version, or that it has", {{"id", "text"}, {"version", "integer", "the one it is on now"}, {"can_move", "boolean"}, {"moved", "boolean"}, {"problems", "[text]"}}},
        {"Signalled", "", {{"signal", "text"}, {"services", "integer", "that have a step which waits for it"}}},
        {"Pruned", "", {{"forgotten", "integer"}, {"by_model", "[PrunedModel]"}}},
        {"PrunedModel", "", {{"process", "text?", "null: of all models"}, {"before", "instant"}, {"forgotten", "integer"}}},
        {"ModelCheck", "What the rules of BPMN and the soundness of its processes say of a model",
         {{"can_run", "boolean"}, {"processes", "[CheckedProcess]"}, {"violations", "[ModelViolation]"}, {"not_judged", "[text]", "what was not looked at to its end"}, {"unreadable?", "text", "why the engine cannot read it"}}},
        {"CheckedProcess", "", {{"process", "text"}, {"nodes", "integer"}, {"flows", "integer"}}},
        {"ModelViolation", "", {{"rule", "text"}, {"clause", "text", "of BPMN 2.0.2"}, {"message", "text"}, {"file", "text"}, {"element", "text"}, {"line", "integer"}, {"warning", "boolean"}}},
        {"Recomputed", "", {{"moved", "integer", "terms whose date is another one now"}}},
        {"Migrations", "Some of the running procedures on other versions", {{"migrations", "[Migration]"}, {"next", "text?", "ask again from here; null where there are no more"}}},
    };
    return kShapes;
}

json::value simple(std::string_view type) {
    if (type == "any") return json::object();
    if (type == "object") return json::object{{"type", "object"}, {"additionalProperties", true}};
    if (type == "text") return json::object{{"type", "string"}};
    if (type == "date") return json::object{{"type", "string"}, {"format", "date"}};
    if (type == "instant") return json::object{{"type", "string"}, {"format", "date-time"}};
    return json::object{{"type", type}};
}

}  // namespace

json::value schema_of(std::string_view type) {
    if (type.ends_with('?')) {
        json::value inner = schema_of(type.substr(0, type.size() - 1));
        return json::object{{"anyOf", json::array{std::move(inner), json::object{{"type", "null"}}}}};
    }
    if (type.starts_with('[')) return json::object{{"type", "array"}, {"items", schema_of(type.substr(1, type.size() - 2))}};
    if (type.starts_with('{')) return json::object{{"type", "object"}, {"additionalProperties", schema_of(type.substr(1, type.size() - 2))}};
    if (type.find('|') != std::string_view::npos) {
        json::array words;
        for (const std::string_view word : split(type, '|')) words.emplace_back(word);
        return json::object{{"type", "string"}, {"enum", std::move(words)}};
    }
    if (type.front() >= 'A' && type.front() <= 'Z') return json::object{{"$ref", format("#/components/schemas/{}", type)}};
    return simple(type);
}

json::object object_schema(const std::vector<Member>& members) {
    json::object properties(json::object{});
    json::array required;
    for (const Member& member : members) {
        std::string_view name = member.name;
        const bool optional = name.ends_with('?');
        if (optional) name.remove_suffix(1);
        json::value schema = schema_of(member.type);
        if (*member.says != '\0') schema.as_object()["description"] = member.says;
        properties[name] = std::move(schema);
        if (!optional) required.emplace_back(name);
    }
    json::object object{{"type", "object"}};
    if (!properties.empty()) object["properties"] = std::move(properties);
    if (!required.empty()) object["required"] = std::move(required);
    return object;
}

json::object schemas() {
    json::object all(json::object{});
    for (const auto* shapes : {&public_shapes(), &case_shapes(), &office_shapes()}) {
        for (const Shape& shape : *shapes) {
            json::object one = object_schema(shape.members);
            if (*shape.says != '\0') one["description"] = shape.says;
            all[shape.name] = std::move(one);
        }
    }
    all["CaseStatus"] = schema_of("awaiting_fee|received|with_officer|awaiting_applicant|with_second_officer|granted|issued|refused|withdrawn|merged|allowed|lapsed");
    return all;
}

}  // namespace madang::api
