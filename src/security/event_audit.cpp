// The Linux audit trail: linux-audit's "Audit event fields" and "Audit event parsing".
#include <algorithm>
#include <iterator>
#include <string>

#include "base/text.h"
#include "security/detail/event_scanner.h"
#include "security/event_lines.h"

namespace madang::security {
namespace {

constexpr char kEnriched = '\x1d';  // what auditd puts before the names it looked up

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The fields whose value a user can choose: in quotes where it is plain, else in capital hex digits.
bool is_encoded(std::string_view type, std::string_view name) {
    constexpr std::string_view encoded[] = {
        "acct", "cgroup", "cmd", "comm", "cwd", "data", "device", "dir", "exe", "file", "grp", "invalid_context", "key", "name",
        "new-chardev", "new-disk", "new-fs", "new-net", "new-rng", "new_group", "ocomm", "old-chardev", "old-disk", "old-fs",
        "old-net", "old-rng", "path", "proctitle", "root_dir", "sw", "vm", "watch"};
    if (std::ranges::find(encoded, name) != std::end(encoded)) return true;
    // a0, a1[0], … are words of a command in EXECVE and bare numbers in SYSCALL.
    return type == "EXECVE" && name.size() >= 2 && name[0] == 'a' && is_digit(name[1]) && !name.ends_with("_len");
}

bool is_capital_hex(std::string_view text) {
    return text.size() >= 2 && text.size() % 2 == 0 &&
           std::ranges::all_of(text, [](char c) { return is_digit(c) || (c >= 'A' && c <= 'F'); });
}

std::string decoded(std::string_view hex, std::string_view name) {
    std::string bytes;
    const auto digit = [](char c) { return is_digit(c) ? c - '0' : c - 'A' + 10; };
    for (std::size_t i = 0; i < hex.size(); i += 2) bytes.push_back(static_cast<char>(16 * digit(hex[i]) + digit(hex[i + 1])));
    if (name == "proctitle") std::ranges::replace(bytes, '\0', ' ');
    return is_utf8(bytes) ? bytes : mended_utf8(bytes);
}

class AuditLine {
public:
    AuditLine(std::string_view line, Event& event) : in_(line), event_(event) {}

    Result<void> run() {
        TRY_DO(head());
        while (!in_.at_end()) {
            if (in_.peek() == ' ' || in_.peek() == ',' || in_.peek() == kEnriched) {
                in_.skip(1);
                continue;
            }
            TRY_DO(pair(Within::line));
        }
        return {};
    }

private:
    enum class Within { line, message };

    // "node=… type=… msg=audit(1700000000.123:456): "
    Result<void> head() {
        if (in_.accept("node=") && !event_.add("node", in_.word())) return too_many_fields(in_);
        if (!in_.accept("type=")) return in_.refuse("\"type=\" is expected");
        type_ = in_.word();
        if (type_.empty()) return in_.refuse("a type is expected");
        if (!in_.accept("msg=audit(")) return in_.refuse("\"msg=audit(\" is expected");
        const std::string_view time = in_.until(":) ");
        if (!is_number(time) || !in_.accept(":")) return in_.refuse("a time and \":\" are expected");
        const std::string_view serial = in_.until(") ");
        if (!is_number(serial) || !in_.accept("):")) return in_.refuse("a serial number and \"):\" are expected");
        const bool room = event_.add("type", type_) && event_.add("timestamp", time) && event_.add("serial", serial);
        if (!room) return too_many_fields(in_);
        return {};
    }

    static bool is_number(std::string_view text) {
        return !text.empty() && std::ranges::all_of(text, [](char c) { return is_digit(c) || c == '.'; });
    }

    // name=value. A word without "=" is text of the kernel or of a program: each is a "message".
    Result<void> pair(Within within) {
        const std::string_view ends = within == Within::message ? "= '\x1d" : "= \x1d";
        const std::string_view name = in_.until(ends);
        if (name.empty() || !in_.accept("=")) {
            if (name.empty()) in_.skip(1);
            if (!name.empty() && !event_.add("message", name)) return too_many_fields(in_);
            return {};
        }
        if (name == "msg" && within == Within::line && in_.accept("'")) return message();
        return value(name, within);
    }

    // msg='op=login acct="root" … res=success'
    Result<void> message() {
        for (;;) {
            if (in_.at_end() || in_.accept("'")) return {};
            if (in_.peek() == ' ' || in_.peek() == ',' || in_.peek() == kEnriched) {
                in_.skip(1);
                continue;
            }
            TRY_DO(pair(Within::message));
        }
    }

    Result<void> value(std::string_view name, Within within) {
        if (name.size() > kMaxEventFieldName) return in_.refuse("the name of a field is too long");
        bool room = true;
        if (in_.accept("\"")) {
            const std::string_view text = in_.until("\"");
            if (!in_.accept("\"")) return in_.refuse("a value in quotes does not end");
            room = event_.add(name, text);
        } else {
            const std::string_view text = in_.until(within == Within::message ? " '\x1d" : " \x1d");
            if (text == "(null)" || text == "?") {
                room = event_.add(name, {}, Event::Value::null);
            } else if (is_encoded(type_, name) && is_capital_hex(text)) {
                room = event_.add(name, decoded(text, name));
            } else {
                room = event_.add(name, text);
            }
        }
        if (!room) return too_many_fields(in_);
        return {};
    }

    EventScanner in_;
    Event& event_;
    std::string_view type_;
};

}  // namespace

Result<void> parse_audit_line(std::string_view line, Event& event) {
    event.set_line(line);
    return AuditLine(line, event).run();
}

}  // namespace madang::security
