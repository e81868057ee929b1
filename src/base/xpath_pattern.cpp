#include "base/xpath_pattern.h"

#include <unicode/regex.h>
#include <unicode/unistr.h>

#include "base/detail/xpath_syntax.h"
#include "base/text.h"

namespace madang {
namespace {

constexpr int kMaxWork = 100;                      // callbacks of ICU, each after 10,000 states
constexpr std::int32_t kMaxStack = 1 << 20;        // bytes of backtracking

icu::UnicodeString unicode(std::string_view text) {
    return icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
}

std::string utf8(const icu::UnicodeString& text) {
    std::string out;
    text.toUTF8String(out);
    return out;
}

// One walk over the matches in a text, with what it has cost.
class Walk {
public:
    Walk(const icu::RegexPattern& pattern, std::string_view text) : subject_(unicode(text)) {
        matcher_.reset(pattern.matcher(subject_, status_));
        if (U_FAILURE(status_)) return;
        matcher_->setStackLimit(kMaxStack, status_);
        matcher_->setMatchCallback(&Walk::go_on, this, status_);
    }
    Walk(const Walk&) = delete;
    Walk& operator=(const Walk&) = delete;

    Result<bool> next() {
        const bool found = U_SUCCESS(status_) && matcher_->find(status_) != 0;
        if (U_FAILURE(status_)) return fail(Code::exhausted, "the pattern takes too long on this text");
        if (found && ++matches_ > kMaxXpathMatches) return fail(Code::exhausted, format("the pattern matches more than {} times", kMaxXpathMatches));
        return found;
    }
    std::int32_t start() { return matcher_->start(status_); }
    std::int32_t end() { return matcher_->end(status_); }
    std::int32_t groups() const { return matcher_->groupCount(); }
    std::string group(std::int32_t number) { return utf8(matcher_->group(number, status_)); }
    std::string between(std::int32_t from, std::int32_t to) const { return utf8(subject_.tempSubStringBetween(from, to)); }
    std::int32_t size() const { return subject_.length(); }

private:
    static UBool U_CALLCONV go_on(const void* context, std::int32_t) {
        return static_cast<UBool>(++*static_cast<const Walk*>(context)->work_ <= kMaxWork);
    }

    icu::UnicodeString subject_;
    UErrorCode status_ = U_ZERO_ERROR;
    std::unique_ptr<icu::RegexMatcher> matcher_;
    std::unique_ptr<int> work_ = std::make_unique<int>(0);   // ICU hands the walk back as const
    std::size_t matches_ = 0;
};

// Clause 7.6.3 step by step: "\$", "\\" and "$N", which takes as many digits as there are groups.
Result<std::string> expand(std::string_view replacement, Walk& walk) {
    std::string out;
    for (std::size_t i = 0; i < replacement.size(); ++i) {
        const char c = replacement[i];
        const char next = i + 1 < replacement.size() ? replacement[i + 1] : '\0';
        if (c == '\\') {
            if (next != '\\' && next != '$') return fail(Code::invalid, "in a replacement a backslash stands before \"$\" or a backslash");
            out += next;
            ++i;
        } else if (c == '$') {
            if (next < '0' || next > '9') return fail(Code::invalid, "in a replacement the number of a group follows \"$\"");
            std::int32_t group = next - '0';
            ++i;
            while (i + 1 < replacement.size() && replacement[i + 1] >= '0' && replacement[i + 1] <= '9' && group * 10 + (replacement[i + 1] - '0') <= walk.groups()) {
                group = group * 10 + (replacement[++i] - '0');
            }
            if (group <= walk.groups()) out += walk.group(group);
        } else {
            out += c;
        }
    }
    return out;
}

Result<void> check_subject(std::string_view text) {
    if (text.size() > kMaxXpathSubject) return fail(Code::exhausted, format("a pattern is tried on at most {} bytes", kMaxXpathSubject));
    if (!is_utf8(text)) return fail(Code::invalid, "the text is not UTF-8");
    return {};
}

}  // namespace

struct XpathPattern::Compiled {
    std::unique_ptr<icu::RegexPattern> pattern;
    bool quoted = false;
};

Result<XpathPattern> XpathPattern::compile(std::string_view text, std::string_view flag_text) {
    if (text.size() > kMaxXpathPattern) return fail(Code::invalid, format("a pattern has at most {} bytes", kMaxXpathPattern));
    if (!is_utf8(text)) return fail(Code::invalid, "the pattern is not UTF-8");
    TRY(const XpathFlags flags, parse_xpath_flags(flag_text));
    TRY(const std::string translated, translate_xpath(text, flags));
    std::uint32_t icu_flags = UREGEX_UNIX_LINES;
    if (flags.dot_all) icu_flags |= UREGEX_DOTALL;
    if (flags.multiline) icu_flags |= UREGEX_MULTILINE;
    if (flags.ignore_case) icu_flags |= UREGEX_CASE_INSENSITIVE;
    UParseError place{};
    UErrorCode status = U_ZERO_ERROR;
    auto compiled = std::make_shared<Compiled>();
    compiled->quoted = flags.quoted;
    compiled->pattern.reset(icu::RegexPattern::compile(unicode(translated), icu_flags, place, status));
    if (U_FAILURE(status)) return fail(Code::invalid, format("the pattern cannot be read ({})", u_errorName(status)));
    return XpathPattern(std::move(compiled));
}

Result<bool> XpathPattern::found_in(std::string_view text) const {
    TRY_DO(check_subject(text));
    Walk walk(*compiled_->pattern, text);
    return walk.next();
}

Result<std::string> XpathPattern::replace(std::string_view text, std::string_view replacement) const {
    TRY_DO(check_subject(text));
    Walk on_nothing(*compiled_->pattern, "");
    TRY(const bool matches_nothing, on_nothing.next());
    if (matches_nothing) return fail(Code::invalid, "a pattern that matches the empty text cannot be replaced");
    Walk walk(*compiled_->pattern, text);
    std::string out;
    std::int32_t done = 0;
    for (;;) {
        TRY(const bool found, walk.next());
        if (!found) return out + walk.between(done, walk.size());
        out += walk.between(done, walk.start());
        if (compiled_->quoted) {
            out += replacement;
        } else {
            TRY(const std::string one, expand(replacement, walk));
            out += one;
        }
        done = walk.end();
        if (out.size() > kMaxXpathResult) return fail(Code::exhausted, "the replacement would make too long a text");
    }
}

Result<std::vector<std::string>> XpathPattern::split(std::string_view text) const {
    TRY_DO(check_subject(text));
    Walk on_nothing(*compiled_->pattern, "");
    TRY(const bool matches_nothing, on_nothing.next());
    if (matches_nothing) return fail(Code::invalid, "a text cannot be split at a pattern that matches the empty text");
    Walk walk(*compiled_->pattern, text);
    std::vector<std::string> parts;
    std::int32_t done = 0;
    for (;;) {
        TRY(const bool found, walk.next());
        parts.push_back(walk.between(done, found ? walk.start() : walk.size()));
        if (!found) return parts;
        done = walk.end();
    }
}

}  // namespace madang
