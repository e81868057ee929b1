// What web servers write about what went wrong: nginx's error_log and the default ErrorLogFormat of Apache 2.4 and 2.2.
#include <algorithm>

#include "security/detail/event_scanner.h"
#include "security/event_lines.h"

namespace madang::security {
namespace {

constexpr std::string_view kNginxTime = "0000/00/00 00:00:00";

bool has_form(std::string_view text, std::string_view form) {
    if (text.size() < form.size()) return false;
    for (std::size_t i = 0; i < form.size(); ++i) {
        if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i]) return false;
    }
    return true;
}

// "message, client: 10.0.0.1, server: a.by, request: "GET / HTTP/1.1", host: "a.by"": what nginx adds about the request.
bool add_details(std::string_view message, Event& event) {
    constexpr std::pair<std::string_view, std::string_view> known[] = {{"client", "c-ip"}, {"server", "s-computername"}, {"request", "cs-request"}, {"upstream", "upstream"}, {"host", "cs-host"}, {"referrer", "cs-referer"}};
    bool room = event.add("message", message);
    for (const auto& [theirs, ours] : known) {
        const std::string mark = ", " + std::string(theirs) + ": ";
        const std::size_t at = message.find(mark);
        if (at == std::string_view::npos) continue;
        std::string_view rest = message.substr(at + mark.size());
        const bool quoted = rest.starts_with('"');
        if (quoted) rest.remove_prefix(1);
        room = room && event.add(ours, rest.substr(0, rest.find(quoted ? '"' : ',')));
    }
    return room;
}

// 2024/01/02 10:11:12 [error] 123#45: *6 message
Result<void> read_nginx(EventScanner& in, Event& event) {
    bool room = event.add("timestamp", in.rest().substr(0, kNginxTime.size()));
    in.skip(kNginxTime.size());
    if (!in.accept(" [")) return in.refuse("a level in brackets is expected");
    room = room && event.add("level", in.until("]"));
    if (!in.accept("] ")) return in.refuse("the end of the level is expected");
    const std::string_view process = in.rest().substr(0, in.rest().find(": "));
    if (!process.empty() && process.size() < in.rest().size() && process.find_first_not_of("0123456789#") == std::string_view::npos) {
        room = room && event.add("procid", process.substr(0, process.find('#')));
        in.skip(process.size() + 2);
    }
    if (in.accept("*")) static_cast<void>(in.word());   // the number of the connection
    if (!room || !add_details(in.rest(), event)) return too_many_fields(in);
    return {};
}

// [Wed Oct 11 14:32:52.123456 2023] [core:error] [pid 1:tid 2] [client 10.0.0.1:1234] AH00126: message
Result<void> read_apache(EventScanner& in, Event& event) {
    bool room = true;
    for (std::size_t part = 0; in.accept("["); ++part) {
        const std::string_view text = in.until("]");
        if (!in.accept("]")) return in.refuse("the end of a bracket is expected");
        static_cast<void>(in.accept(" "));
        if (part == 0) room = room && event.add("timestamp", text);
        else if (part == 1) room = room && event.add("level", text.substr(text.find(':') == std::string_view::npos ? 0 : text.find(':') + 1));
        else if (text.starts_with("pid ")) room = room && event.add("procid", text.substr(4, text.find(':') - 4));
        else if (text.starts_with("client ")) {
            const std::size_t port = text.rfind(':');
            const bool has_port = port != std::string_view::npos && (text.find(':') == port || text[port - 1] == ']');
            room = room && event.add("c-ip", text.substr(7, has_port ? port - 7 : std::string_view::npos));
        }
    }
    if (!room || !event.add("message", in.rest())) return too_many_fields(in);
    return {};
}

}  // namespace

bool is_web_error_line(std::string_view line) {
    if (has_form(line, kNginxTime)) return line.substr(kNginxTime.size()).starts_with(" [");
    if (!line.starts_with('[')) return false;
    constexpr std::string_view days[] = {"Mon ", "Tue ", "Wed ", "Thu ", "Fri ", "Sat ", "Sun "};
    return std::ranges::find(days, line.substr(1, 4)) != std::end(days) && line.find("] [") != std::string_view::npos;
}

Result<void> parse_web_error_line(std::string_view line, Event& event) {
    event.set_line(line);
    EventScanner in(line);
    if (has_form(line, kNginxTime)) return read_nginx(in, event);
    if (in.peek() == '[') return read_apache(in, event);
    // A message of several lines, or of a program that the server runs.
    if (!event.add("message", line)) return too_many_fields(in);
    return {};
}

}  // namespace madang::security
