#include "security/json_documents.h"

#include <algorithm>

#include "base/text.h"

namespace madang::security {
namespace {

constexpr std::size_t kLongestWrapper = 64;   // bytes of {"Records": [

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// {"Records": [ of CloudTrail and Azure, {"Events": [ of AWS' look-ups, {"value": [ of Microsoft's interfaces.
bool is_wrapper(std::string_view text) {
    std::string bare;
    for (const char c : text) {
        if (!is_blank(c)) bare.push_back(c);
    }
    bare = to_lower(bare);
    return bare == R"({"records":[)" || bare == R"({"events":[)" || bare == R"({"value":[)";
}

}  // namespace

bool are_json_documents(std::string_view start) {
    const std::size_t begin = start.find_first_not_of("\xef\xbb\xbf \t\r\n");
    if (begin == std::string_view::npos) return false;
    if (start[begin] == '[') {
        const std::size_t first = start.find_first_not_of(" \t\r\n", begin + 1);
        return first != std::string_view::npos && start[first] == '{';
    }
    if (start[begin] != '{') return false;
    bool in_text = false;
    std::size_t depth = 0;
    for (std::size_t i = begin; i < start.size(); ++i) {
        const char c = start[i];
        if (in_text) {
            if (c == '\n') return false;   // a line that ends in the middle of a text: damaged, and the next may be whole
            if (c == '\\') ++i;
            else if (c == '"') in_text = false;
            continue;
        }
        if (c == '\n') return true;
        if (c == '"') in_text = true;
        else if (c == '[' && i - begin < kLongestWrapper && is_wrapper(start.substr(begin, i - begin + 1))) return true;
        else if (c == '{' || c == '[') ++depth;
        else if ((c == '}' || c == ']') && --depth == 0) {
            const std::string_view behind = trim(start.substr(i + 1, start.find('\n', i) - i - 1));
            return behind.starts_with('{') || behind.starts_with(',');   // the next one in the same line
        }
    }
    return false;
}

void JsonDocuments::feed(std::string_view bytes, const Use& use) {
    while (!bytes.empty()) {
        if (mode_ == Mode::within && in_text_ && !escaped_) {
            // What says nothing about the structure goes in one piece.
            const std::size_t plain = std::min(bytes.find_first_of("\"\\\n"), bytes.size());
            if (text_.size() + plain <= limits_.document) {
                text_ += bytes.substr(0, plain);
                bytes.remove_prefix(plain);
                if (bytes.empty()) return;
            }
        }
        const char c = bytes.front();
        bytes.remove_prefix(1);
        take(c, use);
        if (c == '\n') {
            ++line_;
            line_begins_ = true;
            indent_ = 0;
        } else if (line_begins_ && is_blank(c)) {
            ++indent_;
        } else if (!is_blank(c)) {
            line_begins_ = false;
        }
    }
}

void JsonDocuments::finish(const Use&) {
    if (mode_ == Mode::within) refuse("the object does not end", '\0');
    mode_ = Mode::between;
}

void JsonDocuments::take(char c, const Use& use) {
    switch (mode_) {
        case Mode::between: return take_between(c);
        case Mode::within: return take_within(c, use);
        case Mode::skipping:
            // What was damaged ends where a line begins with an object that does not stand further in.
            if (c == '{' && line_begins_ && indent_ <= begun_indent_) begin();
            return;
    }
}

// Objects may be parted by commas, in arrays or not; what is around them says nothing.
void JsonDocuments::take_between(char c) {
    if (c == '{') return begin();
    if (is_blank(c) || c == ',' || c == '[' || c == ']' || c == '}' || static_cast<unsigned char>(c) >= 0x80U) return;
    // Behind the array of a wrapper, its other members: "@odata.nextLink": "…".
    if (wrapped_ && (c == '"' || !line_begins_)) return;
    begun_at_ = line_;
    begun_indent_ = indent_;
    refuse("an object is expected", c);
}

void JsonDocuments::begin() {
    mode_ = Mode::within;
    text_ = "{";
    open_ = "{";
    last_ = '{';
    in_text_ = escaped_ = false;
    begun_at_ = line_;
    begun_indent_ = indent_;
}

// A bracket, comma or colon only where the grammar has one: an object that was cut off ends there at the latest.
bool JsonDocuments::fits_here(char c) const {
    const bool in_object = open_.back() == '{';
    switch (c) {
        case '{':
        case '[': return in_object ? last_ == ':' : last_ == '[' || last_ == ',';
        case '}': return in_object && last_ != ':' && last_ != ',';
        case ']': return !in_object && last_ != ',';
        default: return true;
    }
}

void JsonDocuments::take_within(char c, const Use& use) {
    if (text_.size() >= limits_.document) return refuse(format("longer than {} bytes", limits_.document), c);
    if (in_text_) {
        if (c == '\n') return refuse("a text does not end", c);
        text_.push_back(c);
        if (escaped_) escaped_ = false;
        else if (c == '\\') escaped_ = true;
        else if (c == '"') in_text_ = false, last_ = '"';
        return;
    }
    if (!fits_here(c)) return refuse("the object does not end", c);
    if (c == '{' && last_ == '[' && text_.size() < kLongestWrapper && is_wrapper(text_)) {
        wrapped_ = true;
        return begin();
    }
    text_.push_back(c);
    if (is_blank(c)) return;
    last_ = c;
    if (c == '"') in_text_ = true;
    if (c == '{' || c == '[') {
        if (open_.size() >= limits_.depth) return refuse("nested too deep", '\0');
        open_.push_back(c);
    } else if (c == '}' || c == ']') {
        open_.pop_back();
        if (open_.empty()) end_value(use);
    }
}

void JsonDocuments::end_value(const Use& use) {
    mode_ = Mode::between;
    ++counts_.lines;
    if (!is_utf8(text_)) {
        ++counts_.mended;
        text_ = mended_utf8(text_);
    }
    event_.clear();
    const auto parsed = parse_json_line(text_, {.line = limits_.document, .depth = limits_.depth}, event_);
    if (!parsed) {
        ++counts_.bad_lines;
        if (problems_.size() < EventLines::kMaxProblems) problems_.push_back(format("line {}: {}", begun_at_, parsed.error().message));
        return;
    }
    ++counts_.events;
    use(event_);
}

void JsonDocuments::refuse(std::string_view why, char c) {
    ++counts_.lines;
    ++counts_.bad_lines;
    if (problems_.size() < EventLines::kMaxProblems) problems_.push_back(format("line {}: {}", begun_at_, why));
    mode_ = Mode::skipping;
    text_.clear();
    if (c == '{' && line_begins_ && indent_ <= begun_indent_) begin();
}

}  // namespace madang::security
