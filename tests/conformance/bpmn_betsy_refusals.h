// The other half of the suite `bpmn-betsy`: models that an engine must refuse when they are deployed.
#pragma once

#include "base/file.h"
#include "conformance/suite.h"

namespace madang::conformance {

// `dir` holds expected.json. A model passes when the rule that its folder names is found broken.
void judge_refusals(const Path& dir, Tally& tally);
// The models that run break no rule, but those that bpmn_betsy_known.txt names with the reason.
void judge_true_negatives(const Path& dir, Tally& tally);

}  // namespace madang::conformance
