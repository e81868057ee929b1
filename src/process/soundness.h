// Whether the tokens of a model can come to an end: all markings of each process and sub-process by clause 13 of BPMN
// 2.0.2, with each choice taken both ways. Conditions are not looked at, so what is found is a warning: a join may be
// reached by a token that waits for ever (SOUND.deadlock), a node by two tokens at once where one was meant (SOUND.twice).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "process/rules.h"

namespace madang::process {

struct Soundness {
    std::vector<Violation> warnings;          // by line
    std::vector<std::string> not_judged;      // "process p: it holds a complex gateway"
};

// Fails as check_rules does. What holds complex gateways, counts tokens (startQuantity) or has more than 20,000 markings is not
// judged, and an ad-hoc sub-process has no order to judge.
Result<Soundness> check_soundness(std::string_view xml, std::string_view name);

}  // namespace madang::process
