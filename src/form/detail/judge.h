// One answer on its way to typed data: the value, or what is wrong with it. Hidden or shown is not
// asked here, so each answer is judged once.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "form/check.h"

namespace madang::form {

inline constexpr std::size_t kMaxAnswer = 100'000;   // bytes of one text

struct Judged {
    std::optional<json::value> value;          // absent where nothing was answered or it is wrong
    std::string problem;                       // source text, empty where there is none
    std::map<std::string, std::string> values; // for the braces of `problem`
};

Judged judge(const Field& field, const Answers& answers);

}  // namespace madang::form
