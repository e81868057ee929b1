#include "base/pattern.h"

#include <unicode/regex.h>
#include <unicode/unistr.h>

#include "base/text.h"

namespace madang {
namespace {

constexpr std::int32_t kMaxSteps = 20;             // ICU's units of 10,000 states, about a millisecond each
constexpr std::int32_t kMaxStack = 1 << 20;        // bytes of backtracking

icu::UnicodeString unicode(std::string_view text) {
    return icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
}

std::unexpected<Error> wrong(std::size_t at, std::string_view why) {
    return fail(Code::invalid, format("the pattern is wrong at character {}: {}", at + 1, why));
}

// Letters after a backslash that mean the same in ECMA-262 22.2.1 and in ICU.
constexpr std::string_view kSharedEscapes = "DWSsbBntrfpPukxcdw123456789";

// Passes a pattern on to ICU, with \d and \w narrowed; refuses what the two dialects read differently.
class Translation {
public:
    explicit Translation(std::string_view text) : text_(text) {}

    Result<std::string> run() {
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '\\') {
                TRY_DO(escape());
            } else if (in_set_) {
                TRY_DO(of_set(c));
            } else {
                TRY_DO(of_pattern(c));
            }
        }
        return std::move(out_);
    }

private:
    bool next_is(std::string_view text) const { return text_.substr(at_).starts_with(text); }

    Result<void> escape() {
        if (at_ + 1 >= text_.size()) return wrong(at_, "a backslash at the end");
        const char c = text_[at_ + 1];
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (letter && kSharedEscapes.find(c) == std::string_view::npos) return wrong(at_, format("\\{} is not known here", c));
        if (next_is("\\u{")) return wrong(at_, "write the character itself, not \\u{...}");
        switch (c) {
            case 'd': out_ += in_set_ ? "0-9" : "[0-9]"; break;
            case 'D': out_ += "[^0-9]"; break;
            case 'w': out_ += in_set_ ? "A-Za-z0-9_" : "[A-Za-z0-9_]"; break;
            case 'W': out_ += "[^A-Za-z0-9_]"; break;
            default: out_.append(text_.substr(at_, 2));
        }
        at_ += 2;
        quantified_ = false;
        return {};
    }

    Result<void> of_set(char c) {
        if (c == '[') return wrong(at_, "a [ within a set stands after a backslash");
        if (next_is("&&") || next_is("--")) return wrong(at_, "sets cannot be combined");
        if (c == ']') in_set_ = false;
        take();
        return {};
    }

    Result<void> of_pattern(char c) {
        if (c == '[') {
            in_set_ = true;
            take();
            if (at_ < text_.size() && text_[at_] == '^') take();
            if (at_ < text_.size() && text_[at_] == ']') return wrong(at_, "a set is not empty");
            quantified_ = false;
            return {};
        }
        if (next_is("(?")) {
            const std::string_view after = text_.substr(at_ + 2);
            const bool shared = after.starts_with(":") || after.starts_with("=") || after.starts_with("!") || after.starts_with("<");
            if (!shared) return wrong(at_, "after (? stands one of : = ! <= <! or a name in < >");
            out_ += "(?";
            at_ += 2;
            quantified_ = false;
            return {};
        }
        if (c == '+' && quantified_) return wrong(at_, "a quantifier cannot be possessive");
        quantified_ = c == '*' || c == '+' || c == '?' || c == '}';
        take();
        return {};
    }

    void take() { out_.push_back(text_[at_++]); }

    std::string_view text_;
    std::string out_;
    std::size_t at_ = 0;
    bool in_set_ = false;
    bool quantified_ = false;    // the last character was a quantifier
};

}  // namespace

struct Pattern::Compiled {
    std::unique_ptr<icu::RegexPattern> pattern;
};

Result<Pattern> Pattern::compile(std::string_view text) {
    if (text.size() > kMaxPattern) return fail(Code::invalid, format("a pattern has at most {} bytes", kMaxPattern));
    if (!is_utf8(text)) return fail(Code::invalid, "the pattern is not UTF-8");
    TRY(const std::string translated, Translation(text).run());
    UParseError place{};
    UErrorCode status = U_ZERO_ERROR;
    auto compiled = std::make_shared<Compiled>();
    compiled->pattern.reset(icu::RegexPattern::compile(unicode(translated), 0, place, status));
    if (U_FAILURE(status)) return fail(Code::invalid, format("the pattern cannot be read ({}, near character {})", u_errorName(status), place.offset));
    return Pattern(std::move(compiled));
}

bool Pattern::matches_whole(std::string_view text) const {
    if (text.size() > kMaxPatternSubject || !is_utf8(text)) return false;
    UErrorCode status = U_ZERO_ERROR;
    const icu::UnicodeString subject = unicode(text);
    const std::unique_ptr<icu::RegexMatcher> matcher(compiled_->pattern->matcher(subject, status));
    if (U_FAILURE(status)) return false;
    matcher->setTimeLimit(kMaxSteps, status);
    matcher->setStackLimit(kMaxStack, status);
    const bool matched = matcher->matches(status) != 0;
    return U_SUCCESS(status) && matched;
}

}  // namespace madang
