// What a new password must be. ASVS 5.0: 6.2.1 length, 6.2.4 common ones, 6.2.5 no rules of composition.
#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"
#include "crypto/password.h"
#include "identity/accounts.h"

namespace madang::identity {
namespace {

constexpr std::size_t kMinLength = 8;
constexpr std::size_t kMaxLength = 128;
constexpr std::size_t kNameCounts = 4;   // shorter names may stand in a password

constexpr std::string_view kCommon[] = {
#include "identity/detail/guessed_first.inc"
};

// One or two signs over and over.
bool repeats(std::string_view text) {
    for (const std::size_t period : {1U, 2U}) {
        bool same = true;
        for (std::size_t i = period; i < text.size(); ++i) same = same && text[i] == text[i - period];
        if (same) return true;
    }
    return false;
}

}  // namespace

std::optional<std::string> problem_with_password(std::string_view password, std::string_view name) {
    if (password.size() > crypto::kMaxPasswordSize || count_code_points(password) > kMaxLength) {
        return "The password must have at most 128 characters";
    }
    const auto composed = compose(password);
    if (!composed) return "The password has characters that cannot be typed";
    if (count_code_points(*composed) < kMinLength) return "The password must have at least 8 characters; 15 or more are better";
    const std::string folded = to_lower(*composed);
    if (std::binary_search(std::begin(kCommon), std::end(kCommon), std::string_view(folded)) || repeats(folded)) {
        return "This password is among the first that guessers try: choose another one";
    }
    const std::string folded_name = to_lower(tidy_line(name).value_or(std::string()));
    if (count_code_points(folded_name) >= kNameCounts && folded.find(folded_name) != std::string::npos) {
        return "The password must not contain the name for signing in";
    }
    return std::nullopt;
}

}  // namespace madang::identity
