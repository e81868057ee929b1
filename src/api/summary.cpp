#include "api/summary.h"

#include "base/text.h"
#include "base/time_text.h"

namespace madang::api {

json::object summary_of(const casework::CaseSummary& summary) {
    return {{"receipt", summary.receipt},
            {"kind", casework::name_of(summary.kind)},
            {"service", summary.service},
            {"body", summary.body},
            {"channel", summary.channel},
            {"status", casework::name_of(summary.status)},
            {"submitted_at", format_instant(summary.submitted_at)},
            {"due_at", format_instant(summary.due_at)},
            {"decided_at", summary.decided_at ? json::value(format_instant(*summary.decided_at)) : json::value(nullptr)},
            {"article", summary.article.empty() ? json::value(nullptr) : json::value(summary.article)},
            {"certificate", summary.certificate_code.empty() ? json::value(nullptr) : json::value(summary.certificate_code)}};
}

http::Response answer(const json::value& value, int status) { return http::Response::json(json::serialize(value) + "\n", status); }

Result<json::object> object_of(const http::Request& request) {
    if (request.body.empty()) return json::object();
    TRY(const json::value value, parse_json(request.body, {.bytes = 256U << 10, .depth = 8}));
    if (!value.is_object()) return fail(Code::invalid, "an object was expected");
    return value.get_object();
}

Result<std::vector<std::string>> texts_of(const json::object& object, std::string_view key) {
    TRY(const json::array list, array_at(object, key, "body"));
    std::vector<std::string> texts;
    for (const json::value& item : list) {
        if (!item.is_string()) return fail(Code::invalid, format("\"{}\" lists texts", key));
        texts.emplace_back(item.get_string());
    }
    return texts;
}

}  // namespace madang::api
