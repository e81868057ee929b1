#include "security/event_lines.h"

#include "base/text.h"

namespace madang::security {
namespace {

// The length of the code point that starts `bytes` (Unicode 15, table 3-7), 0 where none does.
std::size_t code_point_length(std::string_view bytes) {
    const auto byte = [bytes](std::size_t at) { return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U; };
    const auto follows = [&byte](std::size_t at, unsigned low = 0x80, unsigned high = 0xBF) { return byte(at) >= low && byte(at) <= high; };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        return follows(1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF) && follows(2) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        return follows(1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF) && follows(2) && follows(3) ? 4 : 0;
    }
    return 0;
}

}  // namespace

Result<LineFormat> parse_line_format(std::string_view name) {
    if (name == "json") return LineFormat::json;
    if (name == "syslog") return LineFormat::syslog;
    if (name == "web_access") return LineFormat::web_access;
    if (name == "web_error") return LineFormat::web_error;
    if (name == "audit") return LineFormat::audit;
    return fail(Code::invalid, format("the format of lines is json, syslog, web_access, web_error or audit, not \"{}\"", name.substr(0, 50)));
}

std::string_view name_of(LineFormat format) {
    switch (format) {
        case LineFormat::json: return "json";
        case LineFormat::syslog: return "syslog";
        case LineFormat::web_access: return "web_access";
        case LineFormat::web_error: return "web_error";
        case LineFormat::audit: return "audit";
        case LineFormat::zeek: return "zeek";
    }
    return "json";
}

std::string mended_utf8(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size());
    while (!bytes.empty()) {
        const std::size_t length = code_point_length(bytes);
        if (length == 0) {
            text += "\xEF\xBF\xBD";
            bytes.remove_prefix(1);
        } else {
            text += bytes.substr(0, length);
            bytes.remove_prefix(length);
        }
    }
    return text;
}

void EventLines::feed(std::string_view bytes, const Use& use) {
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        const std::string_view part = bytes.substr(0, end);
        const bool whole = end != std::string_view::npos;
        bytes.remove_prefix(whole ? end + 1 : bytes.size());
        if (whole && begun_.empty() && !too_long_ && part.size() <= limits_.line) {
            ++line_;
            take(part, use);
            continue;
        }
        if (!too_long_ && part.size() <= limits_.line - begun_.size()) {
            begun_ += part;
        } else {
            too_long_ = true;
            begun_.clear();
        }
        if (whole) finish(use);
    }
}

void EventLines::finish(const Use& use) {
    ++line_;
    if (too_long_) {
        ++counts_.lines;
        note(format("longer than {} bytes", limits_.line));
    } else {
        take(begun_, use);
    }
    begun_.clear();
    too_long_ = false;
}

void EventLines::take(std::string_view line, const Use& use) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (trim(line).empty()) return;
    ++counts_.lines;
    std::string mended;
    if (!is_utf8(line)) {
        ++counts_.mended;
        mended = mended_utf8(line);
        line = mended;
    }
    event_.clear();
    const Result<bool> parsed = parse(line);
    if (!parsed) {
        note(parsed.error().message);
        return;
    }
    if (!*parsed) {   // of the head: no event, and not bad
        --counts_.lines;
        return;
    }
    ++counts_.events;
    use(event_);
}

Result<bool> EventLines::parse(std::string_view line) {
    const auto done = [](const Result<void>& parsed) { return parsed ? Result<bool>(true) : std::unexpected(parsed.error()); };
    switch (format_) {
        case LineFormat::json: return done(parse_json_line(line, limits_, event_));
        case LineFormat::syslog: return done(parse_syslog_line(line, event_));
        case LineFormat::web_access: return done(parse_web_access_line(line, event_));
        case LineFormat::web_error: return done(parse_web_error_line(line, event_));
        case LineFormat::audit: return done(parse_audit_line(line, event_));
        case LineFormat::zeek: return zeek_.take(line, event_);
    }
    return fail(Code::invalid, "column 1: a format that is not known");
}

void EventLines::note(std::string_view problem) {
    ++counts_.bad_lines;
    if (problems_.size() < kMaxProblems) problems_.push_back(format("line {}: {}", line_, problem));
}

}  // namespace madang::security
