// An HTTP request in numbers: lengths, kinds of characters, depth of encoding and the marks of known attacks.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace madang::learning {

struct HttpRequest {
    std::string method;   // "GET"
    std::string target;   // path and query, as sent
    std::string body;
};

struct LabelledRequest {
    HttpRequest request;
    std::string label;
};
// {"method", "target" (or "path" and "query"), "body", "label"}; what is missing is empty but the target and the label.
Result<LabelledRequest> parse_labelled_request(std::string_view line);

inline constexpr std::size_t kHttpFeatures = 28;
struct HttpFeatureName {
    std::string_view name, words;
};
std::span<const HttpFeatureName, kHttpFeatures> http_feature_names();
std::array<float, kHttpFeatures> http_features(const HttpRequest& request);

// Percent encoding undone, at most `rounds` times; how often it changed something is in `depth`.
std::string decode_percent(std::string_view text, int rounds, int& depth);
// Shannon's entropy in bits a byte; 0 for an empty text.
double entropy_of(std::string_view text);

}  // namespace madang::learning
