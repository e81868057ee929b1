// Names of hosts that a program made up: malware draws hundreds a day so that one of them answers.
//
// A logistic function of how the letters follow each other, of lengths and shares, fitted on words of English and their
// compounds against six ways of drawing names (docs/formats/learning.md says how it does on each). Names that are made to be
// spoken or put together from words are hardly told from real ones; internationalised names (xn--) are not judged.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace madang::learning {

struct NameScore {
    std::string label;               // the part that was judged: "kqxvzjwpt" of "www.kqxvzjwpt.example"
    double probability = 0;          // of being generated
    bool generated = false;          // above the threshold: 1 % of made-up names of words lie there
    std::vector<std::string> reasons;
};

// Nothing for names without a label to judge: addresses, single labels under five letters, xn--, over 253 bytes.
std::optional<NameScore> judge_domain(std::string_view name);

}  // namespace madang::learning
