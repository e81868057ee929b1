#include "cli/case_reader.h"

#include <cerrno>
#include <cstring>

#include "base/text.h"

namespace madang::cli {
namespace {

constexpr std::size_t kBuffer = 64U << 10;

Case case_of(std::uint64_t number, Result<json::value> value) {
    if (!value) return {number, "", std::unexpected(std::move(value).error())};
    json::object* object = value->if_object();
    if (object == nullptr) return {number, "", fail(Code::invalid, "it is not an object of inputs")};
    const json::value* id = object->if_contains("id");
    json::value* input = object->if_contains("input");
    if (object->size() != 2 || id == nullptr || input == nullptr || !input->is_object()) return {number, "", std::move(*object)};
    std::string name = id->is_string() ? std::string(id->get_string()) : json::serialize(*id);
    return {number, std::move(name), std::move(input->get_object())};
}

Result<json::value> parsed(std::string_view text) { return parse_json(text, {.bytes = kMaxLineBytes}); }

}  // namespace

Result<CaseReader> CaseReader::open(const std::string& file) {
    CaseReader reader;
    reader.name_ = file == "-" ? "standard input" : file;
    reader.file_.reset(file == "-" ? stdin : std::fopen(file.c_str(), "rb"));
    if (!reader.file_) return fail(errno == ENOENT ? Code::not_found : Code::unavailable, format("{}: {}", file, std::strerror(errno)));
    return reader;
}

std::string CaseReader::where(const Case& one) const {
    return is_array_ ? format("{}: case {}", name_, one.number) : format("{}:{}", name_, one.number);
}

// The next line, without its end; what is beyond the limit of a line is passed over.
Result<std::optional<CaseReader::Line>> CaseReader::line(std::size_t limit) {
    Line made;
    made.number = lines_ + 1;
    bool any = false;
    for (;;) {
        if (at_ == buffer_.size()) {
            buffer_.resize(kBuffer);
            buffer_.resize(std::fread(buffer_.data(), 1, kBuffer, file_.get()));
            at_ = 0;
            bytes_ += buffer_.size();
            if (bytes_ > kMaxInputBytes) return fail(Code::exhausted, format("{} is larger than {} bytes", name_, kMaxInputBytes));
            if (std::ferror(file_.get()) != 0) return fail(Code::unavailable, format("{}: {}", name_, std::strerror(errno)));
            if (buffer_.empty()) break;
        }
        any = true;
        const std::size_t end = buffer_.find('\n', at_);
        const std::size_t size = (end == std::string::npos ? buffer_.size() : end) - at_;
        made.too_long = made.too_long || made.text.size() + size > limit;
        if (!made.too_long) made.text.append(buffer_, at_, size);
        at_ += size;
        if (end == std::string::npos) continue;
        ++at_;
        break;
    }
    if (!any) return std::optional<Line>();
    ++lines_;
    return std::optional<Line>(std::move(made));
}

Result<std::optional<CaseReader::Line>> CaseReader::full_line(std::size_t limit) {
    if (!ahead_.empty()) {
        Line made = std::move(ahead_.back());
        ahead_.pop_back();
        return std::optional<Line>(std::move(made));
    }
    for (;;) {
        TRY(std::optional<Line> made, line(limit));
        if (!made || made->too_long || !trim(made->text).empty()) return made;
    }
}

// Which form it is, by the first line: one that is JSON by itself, or the beginning of more.
Result<void> CaseReader::begin() {
    begun_ = true;
    TRY(std::optional<Line> first, full_line(kMaxWholeBytes));
    if (!first) return fail(Code::invalid, format("{} is empty", name_));
    if (first->number == 1 && first->text.starts_with("\xEF\xBB\xBF")) first->text.erase(0, 3);
    const std::string_view text = trim(first->text);
    const bool opens = text.starts_with('{') || text.starts_with('[');
    if (first->too_long || !opens) {
        ahead_.push_back(std::move(*first));
        return {};
    }
    if (text.starts_with('[')) return read_whole(std::move(*first));
    first->too_long = text.size() > kMaxLineBytes;
    const bool whole_line = first->too_long || parsed(text);
    TRY(std::optional<Line> second, full_line());
    if (whole_line) {
        single_ = !second && !first->too_long;
    } else if (second && !(trim(second->text).starts_with('{') && parsed(trim(second->text)))) {
        first->text += "\n" + second->text;
        return read_whole(std::move(*first));
    }
    if (second) ahead_.push_back(std::move(*second));
    ahead_.push_back(std::move(*first));
    return {};
}

Result<void> CaseReader::read_whole(Line first) {
    std::string text = std::move(first.text);
    // Blank lines stand for themselves, so that a mistake is located.
    text.insert(0, static_cast<std::size_t>(first.number - 1), '\n');
    for (;;) {
        TRY(const std::optional<Line> more, line(kMaxWholeBytes));
        if (!more) break;
        if (more->too_long || text.size() + more->text.size() > kMaxWholeBytes) {
            return fail(Code::exhausted, format("{} is larger than {} bytes: give one object a line (JSON lines)", name_, kMaxWholeBytes));
        }
        text += "\n" + more->text;
    }
    TRY(json::value value, within(parse_json(text, {.bytes = kMaxWholeBytes + 1}), name_));
    is_array_ = value.is_array();
    single_ = !is_array_;
    array_.emplace();
    if (is_array_) array_ = std::move(value.get_array());
    else array_->push_back(std::move(value));
    return {};
}

Result<std::optional<Case>> CaseReader::next() {
    if (!begun_) TRY_DO(begin());
    if (array_) {
        if (place_ == array_->size()) return std::optional<Case>();
        ++place_;
        return std::optional<Case>(case_of(place_, std::move((*array_)[place_ - 1])));
    }
    TRY(const std::optional<Line> line_or_end, full_line());
    if (!line_or_end) return std::optional<Case>();
    if (line_or_end->too_long) {
        return std::optional<Case>(Case{line_or_end->number, "", fail(Code::exhausted, format("the line is longer than {} bytes", kMaxLineBytes))});
    }
    return std::optional<Case>(case_of(line_or_end->number, parsed(trim(line_or_end->text))));
}

}  // namespace madang::cli
