#include "http/multipart.h"

#include <algorithm>

#include "base/text.h"

namespace madang::http {
namespace {

constexpr std::size_t kMaxBoundary = 70;  // RFC 2046 5.1.1

// The value of a parameter such as name="x" (RFC 2183, RFC 7578 4.2); quoted pairs are undone.
Result<std::string> parameter(std::string_view header, std::string_view name) {
    const std::string wanted = "; " + std::string(name) + "=";
    // ASCII only: other letters may change their length, and places in both texts must agree.
    std::string lower(header);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    std::size_t at = lower.find(wanted);
    if (at == std::string::npos) return fail(Code::not_found, format("no {}", name));
    at += wanted.size();
    std::string value;
    if (at >= header.size() || header[at] != '"') {
        const std::size_t end = header.find_first_of("; \t", at);
        return std::string(header.substr(at, end == std::string_view::npos ? end : end - at));
    }
    for (++at; at < header.size() && header[at] != '"'; ++at) {
        if (header[at] == '\\' && at + 1 < header.size()) ++at;
        value.push_back(header[at]);
    }
    if (at >= header.size()) return fail(Code::invalid, format("the {} has no closing quote", name));
    return value;
}

// A file name without folders, whichever way they are written.
std::string last_name(std::string_view path) {
    const std::size_t slash = path.find_last_of("/\\");
    return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

Result<std::string> boundary_of(std::string_view content_type) {
    if (!equal_ignoring_ascii_case(trim(content_type.substr(0, content_type.find(';'))), "multipart/form-data")) {
        return fail(Code::invalid, "the body is not multipart/form-data");
    }
    std::string spaced(content_type);
    if (const std::size_t semicolon = spaced.find(';'); semicolon != std::string::npos && spaced[semicolon + 1] != ' ') {
        spaced.insert(semicolon + 1, 1, ' ');
    }
    TRY(std::string boundary, parameter(spaced, "boundary"));
    if (boundary.empty() || boundary.size() > kMaxBoundary) {
        return fail(Code::invalid, format("the boundary has 1 to {} characters", kMaxBoundary));
    }
    return boundary;
}

Result<Part> parse_part(std::string_view text, const MultipartLimits& limits) {
    const std::size_t end = text.find("\r\n\r\n");
    if (end == std::string_view::npos || end > limits.header_bytes) {
        return fail(Code::invalid, format("its headers do not end within {} bytes", limits.header_bytes));
    }
    Part part;
    part.content = std::string(text.substr(end + 4));
    bool disposed = false;
    for (std::string_view line : split(text.substr(0, end), '\n')) {
        line = trim(line);
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) return fail(Code::invalid, "a header has no colon");
        const std::string name = to_lower(line.substr(0, colon));
        const std::string_view value = trim(line.substr(colon + 1));
        if (name == "content-disposition") {
            if (!equal_ignoring_ascii_case(value.substr(0, value.find(';')), "form-data")) {
                return fail(Code::invalid, "its disposition is not form-data");
            }
            TRY(part.name, parameter(value, "name"));
            auto file = parameter(value, "filename");
            if (!file && file.error().code != Code::not_found) return std::unexpected(file.error());
            if (file) part.file_name = last_name(*file);
            disposed = true;
        } else if (name == "content-type") {
            part.content_type = std::string(value);
        } else if (name == "content-transfer-encoding") {
            return fail(Code::invalid, "Content-Transfer-Encoding is not accepted");
        }
    }
    if (!disposed) return fail(Code::invalid, "it has no Content-Disposition");
    if (part.name.size() > limits.name_bytes || part.file_name.size() > limits.name_bytes) {
        return fail(Code::invalid, format("a name is longer than {} bytes", limits.name_bytes));
    }
    if (!is_utf8(part.name) || !is_utf8(part.file_name)) return fail(Code::invalid, "a name is not UTF-8");
    return part;
}

}  // namespace

Result<std::vector<Part>> parse_multipart(std::string_view body, std::string_view content_type,
                                          const MultipartLimits& limits) {
    TRY(const std::string boundary, boundary_of(content_type));
    const std::string first = "--" + boundary;
    const std::string between = "\r\n--" + boundary;
    // RFC 2046 5.1.1: delimiter := CRLF "--" boundary; the first may stand at the very beginning.
    if (!body.starts_with(first)) return fail(Code::invalid, "the body does not begin with its boundary");
    body.remove_prefix(first.size());
    std::vector<Part> parts;
    while (!body.starts_with("--")) {
        if (!body.starts_with("\r\n")) return fail(Code::invalid, format("a boundary is malformed after part {}", parts.size()));
        body.remove_prefix(2);
        const std::size_t end = body.find(between);
        if (end == std::string_view::npos) return fail(Code::invalid, format("part {} has no end", parts.size() + 1));
        if (parts.size() == limits.parts) return fail(Code::invalid, format("there are more than {} parts", limits.parts));
        TRY(Part part, within(parse_part(body.substr(0, end), limits), format("part {}", parts.size() + 1)));
        parts.push_back(std::move(part));
        body.remove_prefix(end + between.size());
    }
    return parts;
}

Result<std::vector<Part>> parts_of(const Request& request) {
    return parse_multipart(request.body, request.header("Content-Type").value_or(""));
}

}  // namespace madang::http
