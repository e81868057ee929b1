#include "base/pattern.h"

#include <unicode/regex.h>
#include <unicode/unistr.h>

#include "base/text.h"

namespace madang {
namespace {

constexpr std::size_t kMaxPattern = 1000;
constexpr std::int32_t kMaxSteps = 1000;           // ICU's units, about a millisecond each
constexpr std::int32_t kMaxStack = 1 << 20;        // bytes of backtracking

icu::UnicodeString unicode(std::string_view text) {
    return icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
}

}  // namespace

struct Pattern::Compiled {
    std::unique_ptr<icu::RegexPattern> pattern;
};

Result<Pattern> Pattern::compile(std::string_view text) {
    if (text.size() > kMaxPattern) return fail(Code::exhausted, format("a pattern has at most {} bytes", kMaxPattern));
    UParseError place;
    UErrorCode status = U_ZERO_ERROR;
    auto compiled = std::make_shared<Compiled>();
    compiled->pattern.reset(icu::RegexPattern::compile(unicode(text), 0, place, status));
    if (U_FAILURE(status)) return fail(Code::invalid, format("the pattern is wrong at character {}: {}", place.offset, u_errorName(status)));
    return Pattern(std::move(compiled));
}

bool Pattern::matches_whole(std::string_view text) const {
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
