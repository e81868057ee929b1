// JSON lines (RFC 8259) as fields, without a tree between: numbers stay as they were written, names may occur twice.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "base/text.h"
#include "security/detail/windows_json.h"
#include "security/event_lines.h"

namespace madang::security {
namespace {

constexpr std::size_t kHexDigits = 4;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

void append_code_point(std::uint32_t point, std::string& out) {
    const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (point < 0x80) return put(point);
    if (point < 0x800) {
        put(0xC0U | point >> 6U);
    } else if (point < 0x10000) {
        put(0xE0U | point >> 12U);
        put(0x80U | (point >> 6U & 0x3FU));
    } else {
        put(0xF0U | point >> 18U);
        put(0x80U | (point >> 12U & 0x3FU));
        put(0x80U | (point >> 6U & 0x3FU));
    }
    put(0x80U | (point & 0x3FU));
}

class JsonLine {
public:
    JsonLine(std::string_view line, const LineLimits& limits, Event& event) : line_(line), limits_(limits), event_(&event) {
        name_.reserve(64);
        place_.reserve(8);
    }

    Result<void> run() {
        skip_blanks();
        if (peek() != '{') return refuse("an event is a JSON object");
        TRY_DO(value(0));
        skip_blanks();
        if (at_ != line_.size()) return refuse("something follows the object");
        if (flat_provider_ && !add_names_of_system(*event_)) return too_many();
        return {};
    }

private:
    std::unexpected<Error> refuse(std::string_view what) const { return fail(Code::invalid, format("column {}: {}", at_ + 1, what)); }
    std::unexpected<Error> too_many() const { return refuse("more fields than an event may have"); }
    char peek() const { return at_ < line_.size() ? line_[at_] : '\0'; }
    void skip_blanks() {
        while (at_ < line_.size() && is_blank(line_[at_])) ++at_;
    }
    bool accept(char c) {
        if (peek() != c) return false;
        ++at_;
        return true;
    }

    // The recursion ends with the depth that the limits allow.
    Result<void> value(std::size_t depth) {
        if (depth > limits_.depth) return refuse("nested too deep");
        skip_blanks();
        switch (peek()) {
            case '{': return stands_for_data() ? data(depth) : object(depth);
            case '[': return array(depth);
            case '"': {
                // A text without escapes is taken as it stands.
                const std::size_t plain = json_plain_run(line_.substr(at_ + 1));
                if (at_ + 1 + plain < line_.size() && line_[at_ + 1 + plain] == '"') {
                    const std::string_view text = line_.substr(at_ + 1, plain);
                    at_ += plain + 2;
                    return put(text, Event::Value::text);
                }
                text_.clear();
                TRY_DO(string(text_));
                return put(text_, Event::Value::text);
            }
            case 't': return word("true", Event::Value::text);
            case 'f': return word("false", Event::Value::text);
            case 'n': return word("null", Event::Value::null);
            default: return number();
        }
    }

    Result<void> object(std::size_t depth) {
        ++at_;
        skip_blanks();
        if (accept('}')) return {};
        const std::size_t dotted = name_.size();
        const bool outermost = place_.empty();
        for (;;) {
            skip_blanks();
            if (peek() != '"') return refuse("a name in quotes is expected");
            if (!outermost) name_.push_back('.');
            const std::size_t begin = name_.size();
            TRY_DO(string(name_));
            if (name_.size() > kMaxEventFieldName) return refuse("the name of a field is too long");
            place_.push_back(begin);
            skip_blanks();
            if (!accept(':')) return refuse("a colon is expected");
            TRY_DO(value(depth + 1));
            place_.pop_back();
            name_.resize(dotted);
            skip_blanks();
            if (accept('}')) return {};
            if (!accept(',')) return refuse("a comma or the end of the object is expected");
        }
    }

    Result<void> array(std::size_t depth) {
        ++at_;
        skip_blanks();
        if (accept(']')) return {};
        for (;;) {
            TRY_DO(value(depth + 1));
            skip_blanks();
            if (accept(']')) return {};
            if (!accept(',')) return refuse("a comma or the end of the array is expected");
        }
    }

    Result<void> string(std::string& out) {
        ++at_;
        for (;;) {
            const std::string_view plain = line_.substr(at_, json_plain_run(line_.substr(at_)));
            out += plain;
            at_ += plain.size();
            if (accept('"')) return {};
            if (!accept('\\')) return refuse(at_ == line_.size() ? "a text does not end" : "a control character in a text");
            TRY_DO(escape(out));
        }
    }

    Result<void> escape(std::string& out) {
        constexpr std::string_view letters = "\"\\/bfnrt";
        constexpr std::string_view meant = "\"\\/\b\f\n\r\t";
        const char c = peek();
        if (const std::size_t index = letters.find(c); index != std::string_view::npos && at_ < line_.size()) {
            ++at_;
            out.push_back(meant[index]);
            return {};
        }
        if (!accept('u')) return refuse("an escape that JSON does not know");
        TRY(std::uint32_t unit, hex());
        if (unit >= 0xD800 && unit <= 0xDBFF && line_.substr(at_, 2) == "\\u") {
            const std::size_t before = at_;
            at_ += 2;
            TRY(const std::uint32_t low, hex());
            if (low >= 0xDC00 && low <= 0xDFFF) {
                append_code_point(0x10000 + ((unit - 0xD800) << 10U) + (low - 0xDC00), out);
                return {};
            }
            at_ = before;
        }
        // RFC 8259 8.2: half a pair is no character.
        append_code_point(unit >= 0xD800 && unit <= 0xDFFF ? 0xFFFD : unit, out);
        return {};
    }

    Result<std::uint32_t> hex() {
        std::uint32_t number = 0;
        for (std::size_t i = 0; i < kHexDigits; ++i, ++at_) {
            const char c = peek();
            const char lower = static_cast<char>(c | 0x20);
            if (!is_digit(c) && (lower < 'a' || lower > 'f')) return refuse("four hexadecimal digits are expected");
            number = number << 4U | static_cast<std::uint32_t>(is_digit(c) ? c - '0' : lower - 'a' + 10);
        }
        return number;
    }

    Result<void> word(std::string_view spelled, Event::Value kind) {
        if (line_.substr(at_, spelled.size()) != spelled) return refuse("no value of JSON starts so");
        at_ += spelled.size();
        return put(kind == Event::Value::null ? std::string_view() : spelled, kind);
    }

    // RFC 8259 6, kept as it is written.
    Result<void> number() {
        const std::size_t begin = at_;
        const auto digits = [this] {
            const std::size_t first = at_;
            while (is_digit(peek())) ++at_;
            return at_ - first;
        };
        static_cast<void>(accept('-'));
        const bool zero = peek() == '0';
        const std::size_t whole = digits();
        if (whole == 0 || (zero && whole > 1)) return refuse("no value of JSON starts so");
        if (accept('.') && digits() == 0) return refuse("digits are expected behind the point");
        if (accept('e') || accept('E')) {
            if (!accept('+')) static_cast<void>(accept('-'));
            if (digits() == 0) return refuse("digits are expected in the exponent");
        }
        return put(line_.substr(begin, at_ - begin), Event::Value::number);
    }

    Result<void> put(std::string_view text, Event::Value kind) {
        const WindowsShape shape = within_data_ ? WindowsShape::none : shape_of(name_);
        if (shape != WindowsShape::none && (shape != WindowsShape::bare_event || is_bare_event())) return put_windows(shape, text, kind);
        const std::string_view name = name_;
        if (name.ends_with(".#attributes.xmlns")) return {};
        flat_provider_ = flat_provider_ || name == "SourceName" || name == "ProviderName";
        if (!event_->add(name, text, kind)) return too_many();
        return {};
    }

    Result<void> put_windows(WindowsShape shape, std::string_view text, Event::Value kind) {
        const std::string_view dotted = without_envelope(name_);
        std::string name;
        std::string value;
        switch (shape) {
            case WindowsShape::none: break;
            case WindowsShape::event:
            case WindowsShape::bare_event: name = event_field_name(event_place(shape)); break;
            case WindowsShape::winlogbeat: name = winlogbeat_field_name(dotted); break;
            case WindowsShape::wazuh:
                name = wazuh_field_name(dotted);
                text = value = wazuh_value(text);
                break;
        }
        // <EventData/>, and name spaces.
        if (name.empty() && (kind == Event::Value::null || dotted.contains("xmlns"))) return {};
        if (!event_->add(name.empty() ? std::string_view(name_) : name, text, kind)) return too_many();
        return {};
    }

    // From the Event that the value stands in.
    std::vector<std::string_view> event_place(WindowsShape shape) const {
        std::vector<std::string_view> place;
        const std::string_view name = name_;
        for (std::size_t i = 0; i < place_.size(); ++i) {
            const std::size_t end = i + 1 < place_.size() ? place_[i + 1] - 1 : name.size();
            const std::string_view part = name.substr(place_[i], end - place_[i]);
            if (i == 0 && part == "_source") continue;
            if (place.empty() && shape == WindowsShape::bare_event) place.emplace_back("Event");
            place.push_back(part);
        }
        return place;
    }

    // {"System": {…, "EventID": …}}: asked once, and only where a member is called so.
    bool is_bare_event() {
        if (!bare_event_) bare_event_ = line_.contains("\"System\"") && line_.contains("\"EventID\"");
        return *bare_event_;
    }

    bool stands_for_data() {
        if (within_data_ || !name_.ends_with("EventData.Data")) return false;
        const WindowsShape shape = shape_of(name_);
        return shape == WindowsShape::event || (shape == WindowsShape::bare_event && is_bare_event());
    }

    // The members of a <Data> that is an object are read as an event of their own: which of them is the name is only known behind all.
    Result<void> data(std::size_t depth) {
        Event members;
        Event* const around = std::exchange(event_, &members);
        const std::string name = std::exchange(name_, {});
        const std::vector<std::size_t> place = std::exchange(place_, {});
        within_data_ = true;
        TRY_DO(object(depth));
        within_data_ = false;
        event_ = around;
        name_ = name;
        place_ = place;
        if (!add_data_element(members, *event_)) return too_many();
        return {};
    }

    std::string_view line_;
    LineLimits limits_;
    Event* event_;                    // the event, or the members of a <Data>
    std::size_t at_ = 0;
    std::string name_;                // of the value being read, dotted
    std::vector<std::size_t> place_;  // where each part of it starts
    std::string text_;
    std::optional<bool> bare_event_;  // whether the object is a Windows event without "Event" around it
    bool within_data_ = false;
    bool flat_provider_ = false;      // a member says who wrote the event, as NXLog and Fluent Bit call it
};

}  // namespace

Result<void> parse_json_line(std::string_view line, const LineLimits& limits, Event& event) {
    return JsonLine(line, limits, event).run();
}

}  // namespace madang::security
