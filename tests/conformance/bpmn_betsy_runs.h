// The executable half of the suite `bpmn-betsy`: processes with the trace that each must leave.
#pragma once

#include "base/file.h"
#include "conformance/suite.h"

namespace madang::conformance {

// `dir` holds expected.json.
void judge_runs(const Path& dir, Tally& tally);

}  // namespace madang::conformance
