// Syslog: RFC 5424, and what RFC 3164 found in use before it.
#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "security/detail/event_scanner.h"
#include "security/event_lines.h"

namespace madang::security {
namespace {

constexpr unsigned kMaxPriority = 191;  // RFC 5424 6.2.1
constexpr std::size_t kMaxTag = 64;     // RFC 3164 says 32; programs have longer names

// RFC 5424 6.2.1, tables 1 and 2, with the words that syslog.conf and its heirs use.
constexpr std::array<std::string_view, 24> kFacilities = {"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news",
    "uucp", "cron", "authpriv", "ftp", "ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"};
constexpr std::array<std::string_view, 8> kSeverities = {"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_printable(char c) { return c > ' ' && c < 0x7f; }

// PRI: "<" one to three digits ">". False where none stands here; nothing is read then.
bool read_priority(EventScanner& in, unsigned& priority) {
    const std::string_view rest = in.rest();
    if (!rest.starts_with('<')) return false;
    std::size_t at = 1;
    priority = 0;
    while (at < rest.size() && at < 4 && is_digit(rest[at])) priority = priority * 10 + static_cast<unsigned>(rest[at++] - '0');
    if (at == 1 || at == rest.size() || rest[at] != '>' || priority > kMaxPriority) return false;
    in.skip(at + 1);
    return true;
}

bool add_priority(unsigned priority, Event& event) {
    return event.add("facility", kFacilities[priority / 8]) && event.add("severity", kSeverities[priority % 8]);
}

bool add_or_null(Event& event, std::string_view name, std::string_view value) {
    return value == "-" ? event.add(name, {}, Event::Value::null) : event.add(name, value);
}

// SD-NAME (6.3): printable ASCII without "=", "]", blank and quote.
bool is_sd_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) { return is_printable(c) && c != '=' && c != ']' && c != '"'; });
}

// PARAM-VALUE (6.3.3): in quotes, with \" \\ and \] for these characters; before others a backslash is itself.
Result<std::string> read_param_value(EventScanner& in) {
    if (!in.accept("\"")) return in.refuse("a value in quotes is expected");
    std::string value;
    for (;;) {
        value += in.until("\"\\");
        if (in.accept("\"")) return value;
        if (in.at_end()) return in.refuse("a value does not end");
        in.skip(1);
        const char next = in.peek();
        if (next != '"' && next != '\\' && next != ']') {
            value.push_back('\\');
        } else {
            value.push_back(next);
            in.skip(1);
        }
    }
}

// STRUCTURED-DATA (6.3): "-" or one or more of [id name="value" …].
Result<void> read_structured_data(EventScanner& in, Event& event) {
    if (in.accept("-")) return {};
    if (in.peek() != '[') return in.refuse("structured data or \"-\" is expected");
    while (in.accept("[")) {
        const std::string_view id = in.until(" ]");
        if (!is_sd_name(id)) return in.refuse("the id of structured data is expected");
        while (in.accept(" ")) {
            const std::string_view name = in.until("=\" ]");
            if (!is_sd_name(name) || !in.accept("=")) return in.refuse("the name of a parameter and \"=\" are expected");
            TRY(const std::string value, read_param_value(in));
            if (!event.add(std::string(id) + "." + std::string(name), value)) return too_many_fields(in);
        }
        if (!in.accept("]")) return in.refuse("the end of structured data is expected");
    }
    return {};
}

// RFC 5424 6, behind PRI and VERSION.
Result<void> read_5424(EventScanner& in, Event& event) {
    // 6.2: what each may be at most.
    constexpr struct {
        std::string_view name;
        std::size_t length;
    } header[] = {{"timestamp", 32}, {"hostname", 255}, {"app_name", 48}, {"procid", 128}, {"msgid", 32}};
    for (const auto& part : header) {
        const std::size_t length = in.rest().substr(0, in.rest().find(' ')).size();
        if (length == 0 || length > part.length) return in.refuse(format("a {} of 1 to {} bytes is expected", part.name, part.length));
        if (!add_or_null(event, part.name, in.word())) return too_many_fields(in);
    }
    TRY_DO(read_structured_data(in, event));
    if (in.at_end()) return {};
    if (!in.accept(" ")) return in.refuse("a blank is expected before the message");
    static_cast<void>(in.accept("\xEF\xBB\xBF"));  // 6.4: a mark that says UTF-8
    if (!event.add("message", in.rest())) return too_many_fields(in);
    return {};
}

// RFC 3164 4.1.2: "Mmm dd hh:mm:ss ", the day with a blank before one digit. 0 where none stands here.
std::size_t old_timestamp(std::string_view text) {
    constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    constexpr std::string_view form = "Mmm dd 00:00:00 ";
    if (text.size() < form.size() || std::ranges::find(months, text.substr(0, 3)) == months.end()) return 0;
    for (std::size_t i = 3; i < form.size(); ++i) {
        const char c = text[i];
        const bool fits = form[i] == 'd' ? is_digit(c) || (i == 4 && c == ' ') : form[i] == '0' ? is_digit(c) : c == form[i];
        if (!fits) return 0;
    }
    return form.size() - 1;
}

// What rsyslog and systemd write instead: RFC 3339.
std::size_t new_timestamp(std::string_view text) {
    constexpr std::string_view form = "0000-00-00T00:00:00";
    const std::size_t length = std::min(text.find(' '), text.size());
    if (length == text.size() || length < form.size() || length > 35) return 0;
    for (std::size_t i = 0; i < form.size(); ++i) {
        if (form[i] == '0' ? !is_digit(text[i]) : text[i] != form[i]) return 0;
    }
    return length;
}

// TAG (4.1.3): the program, perhaps its number in brackets, and a colon. False where the text starts otherwise.
bool read_tag(EventScanner& in, Event& event, bool& room) {
    const std::string_view rest = in.rest();
    const std::size_t name = std::min(rest.find_first_of("[: "), rest.size());
    if (name == 0 || name == rest.size() || name > kMaxTag) return false;
    std::size_t end = name;
    std::string_view number;
    if (rest[name] == '[') {
        end = rest.find(']', name);
        if (end == std::string_view::npos || end - name > kMaxTag) return false;
        number = rest.substr(name + 1, end - name - 1);
        ++end;
    }
    if (!rest.substr(end).starts_with(':')) return false;
    room = event.add("app_name", rest.substr(0, name)) && (number.empty() || event.add("procid", number));
    in.skip(end + 1);
    static_cast<void>(in.accept(" "));
    return true;
}

// RFC 3164 4.1 and 4.3: without a timestamp there is no header, and everything is content.
Result<void> read_3164(EventScanner& in, Event& event) {
    const std::size_t old = old_timestamp(in.rest());
    const std::size_t length = old != 0 ? old : new_timestamp(in.rest());
    bool room = true;
    if (length != 0) {
        room = event.add("timestamp", in.rest().substr(0, length));
        in.skip(length + 1);
        // Some programs leave the host out; then the tag follows, which ends in a colon.
        const std::string_view host = in.rest().substr(0, in.rest().find(' '));
        if (!host.empty() && !host.ends_with(':') && host.size() < in.rest().size()) {
            room = room && event.add("hostname", in.word());
        }
        bool tag_room = true;
        static_cast<void>(read_tag(in, event, tag_room));
        room = room && tag_room;
    }
    if (!room || !event.add("message", in.rest())) return too_many_fields(in);
    return {};
}

}  // namespace

Result<void> parse_syslog_line(std::string_view line, Event& event) {
    event.set_line(line);
    EventScanner in(line);
    unsigned priority = 0;
    if (read_priority(in, priority)) {
        if (!add_priority(priority, event)) return too_many_fields(in);
        // 6.2.2: VERSION, which RFC 3164 does not have; only 1 is known.
        if (in.accept("1 ")) return read_5424(in, event);
    }
    return read_3164(in, event);
}

}  // namespace madang::security
