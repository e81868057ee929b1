// Logs of one line for each event, read as they come: JSON lines, syslog, web server logs and the Linux audit trail.
// A line that cannot be read is counted and passed over; the stream goes on.
//
//   EventLines lines(LineFormat::syslog);
//   lines.feed(bytes, [](const Event& event) { … });
//   lines.finish([](const Event& event) { … });  // a last line without its end
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "security/event.h"

namespace madang::security {

enum class LineFormat {
    json,        // one object a line: Windows events flat, nested, of winlogbeat and Wazuh; Suricata EVE, Zeek
    syslog,      // RFC 5424 and RFC 3164, told apart line by line
    web_access,  // Common and Combined Log Format of Apache and nginx
    audit,       // type=… msg=audit(…): key=value …
    web_error,   // error logs of nginx and Apache
    zeek,        // Zeek's own tables, whose heads name their columns: only in a whole log, not line by line
};

// "json", "syslog", "web_access", "web_error" or "audit"; Code::invalid for another.
Result<LineFormat> parse_line_format(std::string_view name);
std::string_view name_of(LineFormat format);

struct LineLimits {
    std::size_t line = 1U << 20;  // bytes
    std::size_t depth = 64;       // of nested JSON
};

// Each adds the fields of one line to `event`, or fails with Code::invalid and "column N: …" (in bytes). The line is
// UTF-8 and has no line end. What was added before a failure stays.

// RFC 8259. Nested objects become dotted names (alert.signature), values of an array fields of one name. Names that
// occur twice are both there, so that nothing can be hidden behind a second one. Windows events in the
// spellings of their carriers (detail/windows_json.h) get the names that EvtxEvents gives.
Result<void> parse_json_line(std::string_view line, const LineLimits& limits, Event& event);

// RFC 5424, with facility, severity, timestamp, hostname, app_name, procid, msgid, message and each parameter of
// structured data as "id.name"; "-" is null. A line without its version is RFC 3164, whose text may be anything:
// what does not start as clause 4.1 says is all message.
Result<void> parse_syslog_line(std::string_view line, Event& event);

// Names of W3C's Extended Log File Format, as rules for web servers use them: c-ip, cs-username, date, cs-method,
// cs-uri, cs-uri-stem, cs-uri-query, cs-version, sc-status, sc-bytes, cs-referer, cs-user-agent. A request that is
// not of HTTP's form is cs-request as a whole.
Result<void> parse_web_access_line(std::string_view line, Event& event);

// nginx's and Apache's error logs: timestamp, level, procid, c-ip, message and what nginx says of the request. Another line is a message.
Result<void> parse_web_error_line(std::string_view line, Event& event);
bool is_web_error_line(std::string_view line);

// The fields of a record with timestamp and serial; encoded ones are decoded (in proctitle NUL becomes a blank),
// those within msg='…' stand beside the others.
Result<void> parse_audit_line(std::string_view line, Event& event);

// Zeek's ASCII logs: the lines that start with # say how values are separated, what the columns are called and which log it is
// (https://docs.zeek.org/en/master/log-formats.html). Fields get the columns' names, and _path the name of the log; the values of a
// set or a vector are fields of one name; an unset one is null.
class ZeekTable {
public:
    // False for a line of the head, which is taken in.
    Result<bool> take(std::string_view line, Event& event);

private:
    Result<void> take_head(std::string_view line);

    std::string separator_ = "\t", set_separator_ = ",", empty_ = "(empty)", unset_ = "-", path_;
    std::vector<std::string> fields_;
    std::vector<bool> many_;      // by column: a set or a vector
};

struct LineCounts {
    std::uint64_t lines = 0;      // with anything in them
    std::uint64_t events = 0;
    std::uint64_t bad_lines = 0;  // passed over, those that are too long among them
    std::uint64_t mended = 0;     // had bytes that are not UTF-8, each read as U+FFFD

    friend bool operator==(const LineCounts&, const LineCounts&) = default;
};

class EventLines {
public:
    using Use = std::function<void(const Event&)>;
    static constexpr std::size_t kMaxProblems = 100;

    explicit EventLines(LineFormat format, LineLimits limits = {}) : format_(format), limits_(limits) {}

    // Any part of the stream; `use` is called for each event that is whole by now.
    void feed(std::string_view bytes, const Use& use);
    void finish(const Use& use);

    // While `use` is called: the number of the event's line, from 1; empty ones and those that were passed over are counted.
    std::uint64_t line() const { return line_; }
    const LineCounts& counts() const { return counts_; }
    // The first kMaxProblems of what was passed over: "line 17: column 3: …".
    const std::vector<std::string>& problems() const { return problems_; }

private:
    void take(std::string_view line, const Use& use);
    Result<bool> parse(std::string_view line);
    void note(std::string_view problem);

    LineFormat format_;
    LineLimits limits_;
    std::string begun_;       // the start of a line whose end did not come yet
    bool too_long_ = false;   // the rest of that line is not kept
    std::uint64_t line_ = 0;  // its number, from 1, empty ones counted
    Event event_;
    ZeekTable zeek_;
    LineCounts counts_;
    std::vector<std::string> problems_;
};

// Any bytes as UTF-8: each byte that is not part of a code point becomes U+FFFD.
std::string mended_utf8(std::string_view bytes);

}  // namespace madang::security
