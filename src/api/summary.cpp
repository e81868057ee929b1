#include "api/summary.h"

#include "base/text.h"
#include "base/time_text.h"
#include "http/multipart.h"

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

json::array files_of(const std::vector<casework::Attachment>& files) {
    json::array all;
    for (const auto& file : files) all.push_back(json::object{{"name", file.name}, {"media_type", file.media_type}, {"sha256", file.sha256}, {"size", file.size}});
    return all;
}

json::object message_of(const casework::Message& message) {
    json::array items;
    for (const auto& item : message.items) items.emplace_back(item);
    return {{"number", message.number}, {"at", format_instant(message.at)}, {"side", casework::name_of(message.side)}, {"kind", casework::name_of(message.kind)},
            {"text", message.text}, {"items", std::move(items)}, {"files", files_of(message.files)}};
}

json::value text_or_null(std::string_view text) { return text.empty() ? json::value(nullptr) : json::value(text); }
json::value moment_or_null(const std::optional<Instant>& moment) { return moment ? json::value(format_instant(*moment)) : json::value(nullptr); }

Result<Paging> paging_of(const http::Request& request) {
    constexpr std::uint64_t kMost = 200;
    const auto first = parse_decimal(request.query.value_or("first", "0"));
    const auto count = parse_decimal(request.query.value_or("count", std::to_string(kMost)));
    if (!first || !count || *first > 1'000'000'000 || *count < 1 || *count > kMost) return fail(Code::invalid, format("\"first\" is a place from 0, \"count\" 1 to {}", kMost));
    return Paging{static_cast<std::int64_t>(*first), static_cast<std::int64_t>(*count)};
}

namespace {

Result<Sent> sent_as_parts(const http::Request& request) {
    TRY(const auto parts, http::parts_of(request));
    Sent sent;
    for (const http::Part& part : parts) {
        if (!part.file_name.empty()) {
            sent.files.push_back({part.file_name, part.content});
            continue;
        }
        // A part that says it is JSON is a value of its own, such as the answers to a form.
        json::value value = json::string(part.content);
        if (part.content_type.starts_with("application/json")) {
            TRY(value, parse_json(part.content, {.bytes = 256U << 10, .depth = 8}));
        }
        sent.object[part.name] = std::move(value);
    }
    return sent;
}

}  // namespace

Result<Sent> sent_of(const http::Request& request) {
    if (to_lower(request.header("Content-Type").value_or("")).starts_with("multipart/form-data")) return sent_as_parts(request);
    if (request.body.empty()) return Sent{};
    TRY(const json::value value, parse_json(request.body, {.bytes = kMaxSent, .depth = 8}));
    if (!value.is_object()) return fail(Code::invalid, "an object was expected");
    Sent sent{.object = value.get_object(), .files = {}};
    const auto* files = sent.object.if_contains("files");
    if (files == nullptr) return sent;
    if (!files->is_array() || files->get_array().size() > casework::kMaxFilesOfMessage) {
        return fail(Code::invalid, format("\"files\" lists at most {} files: {{\"name\", \"content\" in base64}}", casework::kMaxFilesOfMessage));
    }
    for (const json::value& one : files->get_array()) {
        if (!one.is_object()) return fail(Code::invalid, "\"files\": each is an object with \"name\" and \"content\"");
        const std::string where = format("files[{}]", sent.files.size());
        TRY(std::string name, string_at(one.get_object(), "name", where));
        const auto* content = one.get_object().if_contains("content");
        if (content == nullptr || !content->is_string()) return fail(Code::invalid, format("{}: \"content\" is the file in base64", where));
        TRY(const Bytes bytes, within(parse_base64(content->get_string()), where + ": \"content\""));
        sent.files.push_back({std::move(name), std::string(as_text(bytes))});
    }
    sent.object.erase("files");
    return sent;
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
