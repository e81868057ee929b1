#include "http/detail/answer.h"

#include <array>

#include "base/text.h"
#include "http/gzip.h"

namespace madang::http::detail {
namespace {

// ASVS 5.0 3.4.3-3.4.8. Referrer-Policy is same-origin and not no-referrer, which would make browsers
// send "Origin: null" with our own forms.
constexpr std::string_view kSecurityHeaders =
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
    "Referrer-Policy: same-origin\r\n"
    "Permissions-Policy: camera=(), geolocation=(), microphone=(), payment=(), usb=()\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n";
constexpr std::string_view kContentSecurityPolicy =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'\r\n";
constexpr std::string_view kStrictTransport = "Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n";

// Headers that only the server writes: what a handler put there is left out.
constexpr std::array<std::string_view, 8> kOurs = {"content-length", "transfer-encoding", "connection", "date",
                                                   "x-request-id", "content-encoding", "keep-alive",
                                                   "strict-transport-security"};

bool is_ours(std::string_view name) {
    for (const auto known : kOurs) {
        if (equal_ignoring_ascii_case(name, known)) return true;
    }
    return false;
}

// RFC 9110 clause 13.1.2: If-None-Match compares weakly.
bool matches(std::string_view if_none_match, std::string_view etag) {
    if (trim(if_none_match) == "*") return true;
    for (const auto item : split(if_none_match, ',')) {
        auto tag = trim(item);
        if (tag.starts_with("W/")) tag.remove_prefix(2);
        if (tag == etag) return true;
    }
    return false;
}

bool reads(const Request* request) {
    return request != nullptr && (request->method == Method::get || request->method == Method::head);
}

void choose_asset_form(Answer& answer, const Request* request) {
    const Asset& asset = *answer.response.asset;
    answer.varies = !asset.gzip.empty();
    answer.compressed = answer.varies && request != nullptr && accepts_gzip(request->headers.value_or("accept-encoding", ""));
    answer.etag = answer.compressed ? asset.gzip_etag : asset.etag;
    if (!reads(request) || answer.response.status != 200) return;
    const auto known = request->headers.find("if-none-match");
    if (known && (matches(*known, asset.etag) || matches(*known, asset.gzip_etag))) answer.unchanged = true;
}

void add_line(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

void write_cache_control(std::string& out, const Answer& answer) {
    const auto& asset = answer.response.asset;
    if (!asset) {
        out += "Cache-Control: no-store\r\n";
    } else if (asset->caching == Caching::immutable) {
        out += "Cache-Control: public, max-age=31536000, immutable\r\n";
    } else {
        out += "Cache-Control: no-cache\r\n";
    }
}

void write_content_headers(std::string& out, const Answer& answer, const AnswerContext& context) {
    const Response& response = answer.response;
    if (response.asset && !response.headers.has("content-type")) add_line(out, "Content-Type", response.asset->content_type);
    if (!answer.etag.empty()) add_line(out, "ETag", answer.etag);
    if (answer.varies) out += "Vary: Accept-Encoding\r\n";
    if (answer.unchanged || response.status == 204) return;
    if (answer.compressed) out += "Content-Encoding: gzip\r\n";
    std::array<char, 24> digits{};
    const auto end = fmt::format_to(digits.data(), "{}", answer.payload().size());
    add_line(out, "Content-Length", {digits.data(), static_cast<std::size_t>(end - digits.data())});
    if (context.keep_alive && context.http_1_0) out += "Connection: keep-alive\r\n";
}

}  // namespace

std::string_view Answer::payload() const {
    if (!response.asset) return response.body;
    return compressed ? response.asset->gzip : response.asset->body;
}

Answer make_answer(Response response, const Request* request) {
    Answer answer;
    answer.response = std::move(response);
    if (answer.response.asset) {
        choose_asset_form(answer, request);
        return answer;
    }
    Response& made = answer.response;
    if (made.compression == Compression::never || made.body.size() < kSmallestCompressed) return answer;
    if (!is_compressible(made.headers.value_or("content-type", ""))) return answer;
    answer.varies = true;
    if (request == nullptr || !accepts_gzip(request->headers.value_or("accept-encoding", ""))) return answer;
    made.body = gzip(made.body, Effort::quick);
    answer.compressed = true;
    return answer;
}

void write_head(std::string& out, const Answer& answer, const AnswerContext& context) {
    const Response& response = answer.response;
    const int status = answer.unchanged ? 304 : response.status;
    fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", status, reason_of(status));
    add_line(out, "Date", context.date);
    bool has_policy = false;
    bool has_caching = false;
    for (std::size_t i = 0; i < response.headers.size(); ++i) {
        const auto field = response.headers.at(i);
        if (is_ours(field.name)) continue;
        has_policy = has_policy || equal_ignoring_ascii_case(field.name, "content-security-policy");
        has_caching = has_caching || equal_ignoring_ascii_case(field.name, "cache-control");
        add_line(out, field.name, field.value);
    }
    write_content_headers(out, answer, context);
    if (!has_caching) write_cache_control(out, answer);
    if (!has_policy) out += kContentSecurityPolicy;
    out += kSecurityHeaders;
    if (context.secure) out += kStrictTransport;
    add_line(out, "X-Request-Id", context.request_id);
    if (!context.keep_alive) out += "Connection: close\r\n";
    out += "\r\n";
}

bool has_payload(const Answer& answer, const AnswerContext& context) {
    return !context.head_only && !answer.unchanged && answer.response.status != 204;
}

std::string format_http_date(Instant moment) {
    constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(moment);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(moment - day));
    return format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[std::chrono::weekday(day).c_encoding()],
                  static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                  static_cast<int>(date.year()), time.hours().count(), time.minutes().count(), time.seconds().count());
}

}  // namespace madang::http::detail
