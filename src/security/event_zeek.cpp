#include "base/text.h"
#include "security/event_lines.h"

namespace madang::security {
namespace {

constexpr std::size_t kMaxColumns = 1000;

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// "\\x09" is a tabulator: bytes that would be mistaken for others are written so.
std::string unescaped(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escape = text[i] == '\\' && i + 3 < text.size() && text[i + 1] == 'x' && digit_of(text[i + 2]) >= 0 && digit_of(text[i + 3]) >= 0;
        if (!escape) {
            plain += text[i];
            continue;
        }
        plain += static_cast<char>(digit_of(text[i + 2]) * 16 + digit_of(text[i + 3]));
        i += 3;
    }
    return is_utf8(plain) ? plain : mended_utf8(plain);
}

std::vector<std::string_view> pieces(std::string_view text, std::string_view separator) {
    std::vector<std::string_view> all;
    for (;;) {
        const std::size_t end = text.find(separator);
        all.push_back(text.substr(0, end));
        if (end == std::string_view::npos || all.size() == kMaxEventFields) return all;
        text.remove_prefix(end + separator.size());
    }
}

}  // namespace

Result<void> ZeekTable::take_head(std::string_view line) {
    // The line of the separator itself is separated by a blank.
    if (line.starts_with("#separator ")) {
        const std::string separator = unescaped(line.substr(11));
        if (separator.empty()) return fail(Code::invalid, "column 12: the separator is empty");
        *this = ZeekTable();
        separator_ = separator;
        return {};
    }
    const auto words = pieces(line.substr(1), separator_);
    const std::string value = words.size() > 1 ? unescaped(words[1]) : std::string();
    if (words[0] == "set_separator" && !value.empty()) set_separator_ = value;
    else if (words[0] == "empty_field") empty_ = value;
    else if (words[0] == "unset_field") unset_ = value;
    else if (words[0] == "path") path_ = value;
    else if (words[0] == "fields") {
        if (words.size() - 1 > kMaxColumns) return fail(Code::exhausted, format("column 1: these are more than {} columns", kMaxColumns));
        fields_.clear();
        for (std::size_t i = 1; i < words.size(); ++i) fields_.push_back(unescaped(words[i]));
        many_.assign(fields_.size(), false);
    } else if (words[0] == "types") {
        for (std::size_t i = 0; i < many_.size() && i + 1 < words.size(); ++i) many_[i] = words[i + 1].starts_with("set[") || words[i + 1].starts_with("vector[");
    }
    return {};   // open, close and what others may add say nothing of events
}

Result<bool> ZeekTable::take(std::string_view line, Event& event) {
    if (line.starts_with('#')) {
        TRY_DO(take_head(line));
        return false;
    }
    if (fields_.empty()) return fail(Code::invalid, "column 1: no #fields line came before");
    const auto values = pieces(line, separator_);
    if (values.size() != fields_.size()) return fail(Code::invalid, format("column 1: {} values for {} columns", values.size(), fields_.size()));
    bool room = path_.empty() || event.add("_path", path_);
    for (std::size_t i = 0; i < values.size() && room; ++i) {
        if (values[i] == unset_) {
            room = event.add(fields_[i], "", Event::Value::null);
        } else if (values[i] == empty_) {
            if (!many_[i]) room = event.add(fields_[i], "");
        } else if (!many_[i]) {
            room = event.add(fields_[i], unescaped(values[i]));
        } else {
            for (const std::string_view one : pieces(values[i], set_separator_)) room = room && (one == unset_ ? event.add(fields_[i], "", Event::Value::null) : event.add(fields_[i], unescaped(one)));
        }
    }
    if (!room) return fail(Code::invalid, "column 1: more than an event may hold");
    return true;
}

}  // namespace madang::security
