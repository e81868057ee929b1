#include "api/api.h"
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
    operation_object.as_object()["parameters"] =
        json::array{{{"name", name}, {"in", where}, {"required", where == "path"}, {"schema", {{"type", "string"}}}}};
    return operation_object;
}

json::value with_body(json::value operation_object, std::string_view media_type, const json::value& schema) {
    operation_object.as_object()["requestBody"] = {{"required", true}, {"content", {{media_type, {{"schema", schema}}}}}};
    return operation_object;
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
                                  {"properties", {{"service", text}, {"language", text}, {"person", text}, {"answers", object}}}};
    paths["/api/v1/applications"] = {
        {"post", with_parameter(with_body(operation("apply", "Submits an application; needs X-CSRF-Token and Idempotency-Key; 201 with a receipt once it is on disk",
                                                    json_answer("The receipt", object)), "application/json", application), "Idempotency-Key", "header")},
        {"get", operation("applications", "One's own applications", json_answer("The applications", object))}};
    paths["/api/v1/applications/{receipt}"] = {{"get", with_parameter(operation("application", "One application of one's own", json_answer("The application", object)), "receipt", "path")}};
    paths["/api/v1/services"] = {{"get", with_parameter(operation("services", "What this house does for people", json_answer("The services", object)), "lang", "query")}};
    paths["/openapi.json"] = {{"get", operation("openapi", "This description", json_answer("OpenAPI 3.1", object))}};
    return {{"openapi", "3.1.0"},
            {"info", {{"title", "Madang"}, {"version", MADANG_VERSION}, {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}}},
            {"servers", json::array{{{"url", server}}}},
            {"paths", std::move(paths)},
            {"components",
             {{"schemas",
               {{"Problem",
                 {{"type", "object"}, {"properties", {{"title", text}, {"status", {{"type", "integer"}}}, {"detail", text}}}}},
                {"Verdict",
                 {{"type", "object"},
                  {"properties",
                   {{"standing", {{"type", "string"}, {"enum", json::array{"valid", "changed", "revoked", "expired", "other_issuer", "unknown", "not_a_certificate"}}}},
                    {"issuer", text},
                    {"certificate", {{"type", json::array{"object", "null"}}}},
                    {"checks", {{"type", "array"}, {"items", object}}}}}}}}}}}};
}

}  // namespace madang::api
