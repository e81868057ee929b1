// Logs of web servers: the Common and the Combined Log Format of Apache's mod_log_config and nginx's ngx_http_log_module.
#include <algorithm>
#include <string>

#include "base/text.h"
#include "security/detail/event_scanner.h"
#include "security/event_lines.h"

namespace madang::security {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Text in quotes. Both servers write what is no plain text as \xHH; Apache has \" \\ \n \t \r \b \v too. An
// unknown escape stays as it is, so that no trick of a client makes a line unreadable.
Result<std::string> read_quoted(EventScanner& in) {
    if (!in.accept("\"")) return in.refuse("a text in quotes is expected");
    constexpr std::string_view letters = "\"\\ntrbv";
    constexpr std::string_view meant = "\"\\\n\t\r\b\v";
    std::string text;
    for (;;) {
        text += in.until("\"\\");
        if (in.accept("\"")) return is_utf8(text) ? text : mended_utf8(text);
        if (in.at_end()) return in.refuse("a text does not end");
        const std::string_view rest = in.rest();
        if (rest.size() >= 4 && rest[1] == 'x' && hex_digit(rest[2]) >= 0 && hex_digit(rest[3]) >= 0) {
            text.push_back(static_cast<char>(16 * hex_digit(rest[2]) + hex_digit(rest[3])));
            in.skip(4);
        } else if (const std::size_t index = rest.size() < 2 ? std::string_view::npos : letters.find(rest[1]); index != std::string_view::npos) {
            text.push_back(meant[index]);
            in.skip(2);
        } else {
            text.push_back('\\');
            in.skip(1);
        }
    }
}

bool add_or_null(Event& event, std::string_view name, std::string_view value) {
    return value == "-" ? event.add(name, {}, Event::Value::null) : event.add(name, value);
}

// RFC 9112 3: method, target, version. Targets with blanks occur, so the first and the last blank count.
bool add_request(const std::string& request, Event& event) {
    const std::size_t first = request.find(' ');
    const std::size_t last = request.rfind(' ');
    const std::string_view version = last == std::string::npos ? std::string_view() : std::string_view(request).substr(last + 1);
    if (first == 0 || first == last || !version.starts_with("HTTP/")) return add_or_null(event, "cs-request", request);
    const std::string_view target = std::string_view(request).substr(first + 1, last - first - 1);
    const std::size_t mark = target.find('?');
    const bool room = event.add("cs-method", std::string_view(request).substr(0, first)) && event.add("cs-uri", target) &&
                      event.add("cs-uri-stem", target.substr(0, mark)) && event.add("cs-version", version);
    return room && (mark == std::string_view::npos || event.add("cs-uri-query", target.substr(mark + 1)));
}

Result<std::string_view> read_number(EventScanner& in, std::string_view what) {
    const std::string_view text = in.rest().substr(0, in.rest().find(' '));
    const bool digits = !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    if (!digits && text != "-") return in.refuse(format("{} is expected, a number or \"-\"", what));
    return in.word();
}

}  // namespace

Result<void> parse_web_access_line(std::string_view line, Event& event) {
    event.set_line(line);
    EventScanner in(line);
    const std::string_view client = in.word();
    if (client.empty()) return in.refuse("the address of the client is expected");
    static_cast<void>(in.word());  // RFC 1413, which nobody asks any more
    // A user's name may hold blanks; the time behind it starts with a bracket.
    const std::size_t bracket = in.rest().find(" [");
    if (bracket == std::string_view::npos) return in.refuse("the name of the user and a time in brackets are expected");
    const std::string_view user = in.rest().substr(0, bracket);
    in.skip(bracket + 2);
    const std::string_view time = in.until("]");
    if (!in.accept("] ")) return in.refuse("the end of the time is expected");
    bool room = event.add("c-ip", client) && add_or_null(event, "cs-username", user) && event.add("date", time);
    TRY(const std::string request, read_quoted(in));
    room = room && add_request(request, event);
    if (!in.accept(" ")) return in.refuse("a blank is expected behind the request");
    TRY(const std::string_view status, read_number(in, "a status"));
    TRY(const std::string_view bytes, read_number(in, "a number of bytes"));
    room = room && add_or_null(event, "sc-status", status) && add_or_null(event, "sc-bytes", bytes);
    for (const std::string_view name : {"cs-referer", "cs-user-agent"}) {
        if (in.peek() != '"') break;
        TRY(const std::string text, read_quoted(in));
        static_cast<void>(in.accept(" "));
        room = room && add_or_null(event, name, text);
    }
    // What an administrator added behind the format is kept as it is.
    if (!in.at_end()) room = room && event.add("extra", in.rest());
    if (!room) return too_many_fields(in);
    return {};
}

}  // namespace madang::security
