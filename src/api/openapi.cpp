#include "api/api.h"
#include "api/openapi_routes.h"
#include "api/openapi_shapes.h"
#include "base/text.h"

namespace madang::api {
namespace {

json::value text_of(std::string_view description, std::string_view media_type, const json::value& schema) {
    return {{"description", description}, {"content", {{media_type, {{"schema", schema}}}}}};
}

json::value operation(std::string_view id, std::string_view summary, const json::value& good) {
    return {{"operationId", id},
            {"summary", summary},
            {"responses",
             {{"200", good},
              {"default", text_of("A problem (RFC 9457)", "application/problem+json", {{"$ref", "#/components/schemas/Problem"}})}}}};
}

json::value with_parameter(json::value operation_object, std::string_view name, std::string_view where) {
    json::value& parameters = operation_object.as_object()["parameters"];
    if (!parameters.is_array()) parameters = json::array();
    parameters.as_array().push_back(json::object{{"name", name}, {"in", where}, {"required", where == "path"}, {"schema", {{"type", "string"}}}});
    return operation_object;
}

json::value with_body(json::value operation_object, std::string_view media_type, const json::value& schema) {
    operation_object.as_object()["requestBody"] = {{"required", true}, {"content", {{media_type, {{"schema", schema}}}}}};
    return operation_object;
}

// One step in a case: its path, its id, what it does, and the members of its body.
struct StepPath {
    const char* path;
    const char* id;
    const char* summary;
    std::vector<const char*> members;
};

const std::vector<StepPath>& step_paths() {
    static const std::vector<StepPath> kPaths{
        {"/api/v1/applications/{receipt}/withdraw", "withdraw", "Withdraws one's own application before it is decided", {}},
        {"/api/v1/applications/{receipt}/appeal", "appeal", "Appeals against the decision; needs Idempotency-Key", {"text"}},
        {"/api/v1/applications/{receipt}/messages", "writeToBody", "Writes to the body; answers the letter where one waits. Files as base64, or the whole as multipart/form-data", {"text", "files"}},
        {"/api/v1/office/cases/{receipt}/claim", "claimCase", "Takes a case", {}},
        {"/api/v1/office/cases/{receipt}/release", "releaseCase", "Gives a case back", {}},
        {"/api/v1/office/cases/{receipt}/delegate", "delegateCase", "Gives a case to another officer, by sign-in name", {"to"}},
        {"/api/v1/office/cases/{receipt}/decide", "decideCase", "Decides by an article, or proposes where four eyes are asked for", {"outcome", "ground", "reason"}},
        {"/api/v1/office/cases/{receipt}/confirm", "confirmDecision", "Confirms another person's decision; \"seen\" is the sha256 of the proposal that was looked at, as the case shows it", {"seen"}},
        {"/api/v1/office/cases/{receipt}/give-back", "giveBackDecision", "Gives another person's decision back", {"reason"}},
        {"/api/v1/office/cases/{receipt}/completion", "requestCompletion", "Sends the one letter that names what is missing; \"items\" is a list", {"items", "text"}},
        {"/api/v1/office/cases/{receipt}/messages", "writeToApplicant", "Writes to the applicant. Files as base64, or the whole as multipart/form-data", {"text", "files"}},
        {"/api/v1/office/cases/{receipt}/question-withdrawal", "withdrawQuestion", "A question to another body is needed no more; \"number\" is its number in the case", {"number"}},
        {"/api/v1/office/cases/{receipt}/consultations", "consultBodies", "Asks other bodies; \"bodies\" is a list, \"term\" like 5wd; \"files\" lists those of the case that they may read, as \"MESSAGE/PLACE\"", {"bodies", "question", "term", "files"}},
        {"/api/v1/office/cases/{receipt}/extend", "extendTerm", "Extends the term as far as the service allows", {"by", "reason", "article"}},
        {"/api/v1/office/cases/{receipt}/reopen", "reopenCase", "Opens a closed case again", {"reason", "article"}},
        {"/api/v1/office/cases/{receipt}/merge", "mergeCase", "Joins a duplicate with another case of the applicant", {"into"}},
        {"/api/v1/office/cases/{receipt}/appeal-decision", "decideAppeal", "Allows or dismisses an appeal; \"allowed\" is true or false", {"allowed", "reason"}},
        {"/api/v1/office/cases/{receipt}/payment", "payAtDesk", "The fee was paid at the cash desk", {"cash_receipt"}},
        {"/api/v1/office/cases/{receipt}/process-messages", "tellProcess", "Tells the case's process a BPMN message, by the body's administrator; \"variables\" is an object", {"message", "variables"}},
        {"/api/v1/office/cases/{receipt}/refuse-exemption", "refuseExemption", "The exemption from the fee is not due: the applicant is written to and pays", {"reason"}},
        {"/api/v1/office/cases/{receipt}/refund", "payOutAtDesk", "The refund was paid out at the cash desk", {"cash_voucher"}},
    };
    return kPaths;
}

// What stands in a case, for both sides of it.
void add_case_file_paths(json::object& paths) {
    const json::value object{{"type", "object"}};
    const json::value bytes{{"type", "string"}, {"format", "binary"}};
    const auto get = [&](const std::string& path, std::string_view id, std::string_view summary, const json::value& good) {
        if (!paths[path].is_object()) paths[path] = json::object();
        json::value one = with_parameter(operation(id, summary, good), "receipt", "path");
        if (path.ends_with("{place}")) one = with_parameter(with_parameter(one, "number", "path"), "place", "path");
        paths[path].as_object()["get"] = std::move(one);
    };
    const auto data = [&](std::string_view description) { return text_of(description, "application/json", object); };
    for (const auto& [base, side] : {std::pair<std::string, std::string>{"/api/v1/applications/{receipt}", "own"}, {"/api/v1/office/cases/{receipt}", "office"}}) {
        get(base + "/letter", side + "Letter", "The letter of the last decision, with the SHA-256 that stands in its act", data("The letter"));
        get(base + "/letter.pdf", side + "LetterPdf", "The same, drawn as PDF", text_of("The PDF", "application/pdf", bytes));
        get(base + "/letter.p7s", side + "LetterSignature", "The detached CAdES signature of the PDF", text_of("The signature, DER", "application/pkcs7-signature", bytes));
        get(base + "/history", side + "History", "The official acts of the case with their proofs, for madang verify", data("The history"));
        get(base + "/files/{number}/{place}", side + "File", "A file of a message, by the message's number and the file's place from 0", text_of("The file", "application/octet-stream", bytes));
    }
    get("/api/v1/office/cases/{receipt}", "officeCase", "One case of the officer's body with its answers, facts and trace", data("The case"));
    get("/api/v1/office/cases/{receipt}/messages", "officeMessages", "The letters and messages of a case", data("The messages"));
    get("/api/v1/office/cases/{receipt}/duplicates", "duplicates", "Open cases of the same applicant for the same service", data("The cases"));
}

void add_procedure_paths(json::object& paths) {
    const json::value text{{"type", "string"}};
    const json::value object{{"type", "object"}};
    const auto json_answer = [&](std::string_view description) { return text_of(description, "application/json", object); };
    for (const StepPath& one : step_paths()) {
        json::object members;
        for (const char* member : one.members) {
            const std::string_view name = member;
            if (name == "items" || name == "bodies") members[name] = {{"type", "array"}, {"items", text}};
            else if (name == "files" && std::string_view(one.id) == "consultBodies") members[name] = {{"type", "array"}, {"items", text}};
            else if (name == "files") members[name] = schema_of("[FileUpload]");
            else if (name == "variables") members[name] = object;
            else if (name == "allowed") members[name] = json::object{{"type", "boolean"}};
            else members[name] = text;
        }
        paths[one.path] = {{"post", with_parameter(with_body(operation(one.id, one.summary, json_answer("The case as it stands now")), "application/json",
                                                             {{"type", "object"}, {"properties", std::move(members)}}), "receipt", "path")}};
    }
    paths["/api/v1/applications/{receipt}/messages"].as_object()["get"] = with_parameter(operation("messages", "The letters and messages of one's own case", json_answer("The messages")), "receipt", "path");
    paths["/api/v1/applications/{receipt}/term"] = {{"get", with_parameter(operation("term", "How the due date was found, in words", json_answer("The date and the steps")), "receipt", "path")}};
    json::value& term = paths["/api/v1/applications/{receipt}/term"].as_object()["get"];
    term = with_parameter(term, "lang", "query");
    add_case_file_paths(paths);
    json::value cases = operation("officeCases", "Cases of the officer's body: without parameters those that wait, by due date", json_answer("\"total\" found, the place of the \"first\" of them, and \"cases\""));
    json::array asked;
    for (const auto& [name, says] : {std::pair{"state", "waiting (default), open, closed, all, or a status"}, std::pair{"service", "id of a service"}, std::pair{"role", "with an open task for the role"},
                                     std::pair{"mine", "true: those that the officer has"}, std::pair{"overdue", "true: past their date"}, std::pair{"receipt", "the receipt number or its beginning"},
                                     std::pair{"first", "place of the first, from 0"}, std::pair{"count", "1 to 500"}}) {
        asked.push_back({{"name", name}, {"in", "query"}, {"required", false}, {"description", says}, {"schema", text}});
    }
    cases.as_object()["parameters"] = std::move(asked);
    paths["/api/v1/office/cases"] = {{"get", std::move(cases)}};
    paths["/api/v1/office/cases/{receipt}/tasks"] = {{"get", with_parameter(operation("caseTasks", "The open tasks of a case: for which role, who has them, how they may end, which one decides", json_answer("The tasks")), "receipt", "path")}};
    for (const auto& [name, id, summary] : {std::tuple{"claim", "claimTask", "Takes a task of one's role"}, std::tuple{"release", "releaseTask", "Gives a task back"},
                                            std::tuple{"complete", "completeTask", "A task that is not the decision is done, with an outcome of its model and a remark"}}) {
        json::value described = with_parameter(with_body(operation(id, summary, json_answer("The tasks that are open now")), "application/json", {{"type", "object"}, {"properties", {{"outcome", text}, {"remark", text}}}}), "receipt", "path");
        described.as_object()["parameters"].as_array().push_back({{"name", "task"}, {"in", "path"}, {"required", true}, {"schema", text}});
        paths[format("/api/v1/office/cases/{{receipt}}/tasks/{{task}}/{}", name)] = {{"post", std::move(described)}};
    }
    paths["/api/v1/office/refunds"] = {{"get", operation("refundsAtDesk", "What the body has to pay back at its cash desk", json_answer("The refunds"))}};
    const json::value absence{{"type", "object"}, {"properties", {{"who", text}, {"substitute", text}, {"from", text}, {"until", text}}}};
    paths["/api/v1/office/absences"] = {{"get", operation("absences", "Who of the body is away, and who works in their stead", json_answer("The absences"))},
                                        {"post", with_body(operation("enterAbsence", "Enters one's own absence, or as administrator anybody's; sign-in names and days, the last one included", json_answer("The absence")), "application/json", absence)}};
    paths["/api/v1/office/absences/end"] = {{"post", with_body(operation("endAbsence", "Ends an absence now, by its first day", json_answer("Ended")), "application/json", absence)}};
    paths["/api/v1/office/workload"] = {{"get", operation("workload", "How the body stands with its work", json_answer("Counts and a forecast"))}};
    paths["/api/v1/office/applications"] = {{"post", with_body(operation("applyAtCounter", "Takes in an application for a person at the counter; needs Idempotency-Key", json_answer("The receipt")), "application/json",
                                                               {{"type", "object"}, {"properties", {{"service", text}, {"personal_number", text}, {"language", text}, {"exemption", text}, {"answers", object}}}})}};
    paths["/api/v1/office/applications/bulk"] = {{"post", with_parameter(with_body(operation("applyInBulk", "Takes in many applications from a CSV file", json_answer("A report by line")), "text/csv", text), "service", "query")}};
    json::value& bulk = paths["/api/v1/office/applications/bulk"].as_object()["post"];
    bulk = with_parameter(bulk, "lang", "query");
    const json::value notice{{"type", "object"}, {"properties", {{"reference", text}, {"state", {{"type", "string"}, {"enum", json::array{"paid", "refunded"}}}}, {"amount", text}, {"currency", text}, {"proof", text}}}};
    paths["/api/v1/payments/notices"] = {{"post", with_parameter(with_body(operation("paymentNotice", "A payment provider tells what was paid or given back", json_answer("Settled")), "application/json", notice), "X-Madang-Signature", "header")}};
    paths["/api/v1/payments/refunds"] = {{"post", with_parameter(with_body(operation("refundsDue", "A payment provider fetches what it has to give back", json_answer("The refunds")), "application/json", notice), "X-Madang-Signature", "header")}};
}

}  // namespace

json::value openapi(std::string_view server) {
    const json::value text{{"type", "string"}};
    const json::value bytes{{"type", "string"}, {"format", "binary"}};
    const json::value object{{"type", "object"}};
    const json::value verdict{{"$ref", "#/components/schemas/Verdict"}};
    const auto json_answer = [](std::string_view description, const json::value& schema) {
        return text_of(description, "application/json", schema);
    };
    const json::value sign_in_schema{{"type", "object"},
                                     {"required", json::array{"name", "password"}},
                                     {"properties", {{"name", text}, {"password", text}, {"code", text}}}};
    json::object paths;
    paths["/ledger/checkpoint"] = {{"get", operation("checkpoint", "The ledger's signed checkpoint (C2SP tlog-checkpoint)", text_of("A signed note", "text/plain", text))}};
    paths["/ledger/tile/{path}"] = {{"get", with_parameter(operation("tile", "A tile or bundle (C2SP tlog-tiles)", text_of("Its bytes", "application/octet-stream", bytes)), "path", "path")}};
    paths["/trust.json"] = {{"get", operation("trust", "The keys to verify this house by", json_answer("A trust file", object))}};
    paths["/revocations.txt"] = {{"get", operation("revocations", "The revoked certificates, signed", text_of("A signed note", "text/plain", text))}};
    paths["/api/v1/certificates/{code}"] = {{"get", with_parameter(operation("verifyCode", "Whether a certificate is valid, by its code", json_answer("A verdict", verdict)), "code", "path")}};
    paths["/api/v1/verify"] = {{"post", with_body(operation("verifyFile", "Whether a certificate is valid, by its PDF or ASiC file", json_answer("A verdict", verdict)), "application/octet-stream", bytes)}};
    paths["/api/v1/session"] = {{"post", with_body(operation("signIn", "Signs in and sets the session cookie", json_answer("The session", object)), "application/json", sign_in_schema)},
                                {"get", operation("session", "The session of the cookie", json_answer("The session", object))}};
    paths["/api/v1/session/end"] = {{"post", operation("signOut", "Ends the session; needs X-CSRF-Token", json_answer("Done", object))}};
    const json::value application{{"type", "object"},
                                  {"required", json::array{"service", "answers"}},
                                  {"properties", {{"service", text}, {"language", text}, {"person", text}, {"exemption", text}, {"answers", object}, {"files", schema_of("[FileUpload]")}}}};
    paths["/api/v1/applications"] = {
        {"post", with_parameter(with_body(operation("apply", "Submits an application; needs X-CSRF-Token and Idempotency-Key; 201 with a receipt once it is on disk",
                                                    json_answer("The receipt", object)), "application/json", application), "Idempotency-Key", "header")},
        {"get", operation("applications", "One's own applications", json_answer("The applications", object))}};
    paths["/api/v1/applications/{receipt}"] = {{"get", with_parameter(operation("application", "One application of one's own", json_answer("The application", object)), "receipt", "path")}};
    add_procedure_paths(paths);
    paths["/api/v1/services"] = {{"get", with_parameter(operation("services", "What this house does for people", json_answer("The services", object)), "lang", "query")}};
    paths["/api/v1/events"] = {{"post", with_parameter(with_parameter(with_parameter(with_parameter(with_parameter(with_body(operation("sendEvents", "Keeps events, one a line (JSON also in arrays, in {\"Records\": […]} and over several lines); on disk when it answers. Needs Authorization: Bearer", json_answer("How many were received, stored and refused", object)),
                                                                                "application/x-ndjson", text), "source", "query"), "format", "query"), "category", "query"), "product", "query"), "service", "query")}};
    paths["/api/v1/detections"] = {{"get", with_parameter(with_parameter(operation("detections", "What rules and learned judges found in events, in the order of finding; \"next\" is where to ask from. About 1,000 of them or 8 MB at once; texts beyond 16,384 bytes end with an ellipsis; \"unreadable\" counts what cannot be read again. Needs Authorization: Bearer",
                                                                                  json_answer("Detections and the next place", object)), "after", "query"), "level", "query")}};
    paths["/openapi.json"] = {{"get", operation("openapi", "This description", json_answer("OpenAPI 3.1", object))}};
    add_listed_paths(paths);
    add_conditions(paths);
    const json::value session{{"type", "apiKey"}, {"in", "cookie"}, {"name", identity::kSessionCookie}, {"description", "Set by signing in"}};
    const json::value token{{"type", "http"}, {"scheme", "bearer"}};
    const json::value signature{{"type", "apiKey"}, {"in", "header"}, {"name", "X-Madang-Signature"}, {"description", "HMAC-SHA256 of the body under the shared secret, in hexadecimal digits"}};
    return {{"openapi", "3.1.0"},
            {"info", {{"title", "Madang"}, {"version", MADANG_VERSION}, {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}}},
            {"servers", json::array{{{"url", server}}}},
            {"paths", std::move(paths)},
            {"components", {{"securitySchemes", {{"session", session}, {"token", token}, {"signature", signature}}}, {"schemas", schemas()}}}};
}

}  // namespace madang::api
