// The other half of the suite `bpmn-betsy`: models that an engine must refuse when they are deployed.
#pragma once

#include "base/file.h"
#include "conformance/suite.h"

namespace madang::conformance {

// `dir` holds expected.json. Rules that are not checked are named in bpmn_betsy_known.txt with the reason.
void judge_refusals(const Path& dir, Tally& tally);

}  // namespace madang::conformance
