// What this room knows, as judges of arriving events: names that programs drew, entities that do more than usual, and approved
// models on requests and network flows.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/random.h"
#include "learning/baseline.h"
#include "security/judge.h"

namespace madang::learning {

// "generated-domains": each name in one of these fields, by the source's name or the one of ECS. A label is told once a day for
// each source; the 50,000 that were asked for last are known.
std::unique_ptr<security::Judge> make_domain_judge(std::vector<std::string> fields);

// "baselines": each value of one of these fields is an entity. What states a time more than five minutes ahead is passed over.
using OffsetOf = std::function<std::chrono::minutes(Instant)>;   // of local time from UTC
std::unique_ptr<security::Judge> make_baseline_judge(std::vector<std::string> fields, const BaselineSettings& settings, OffsetOf offset_of);

// Named like the model: the approved version in `models` judges web requests, or events whose fields carry all columns of its
// protocol. What is approved or rolled back later is taken over when look_for_changes() saw it; a version that cannot be used is
// logged, and the former goes on. Where none is approved it says nothing.
std::unique_ptr<security::Judge> make_model_judge(std::string name, const Path& models, const Clock& clock, Random& random, Log& log);

}  // namespace madang::learning
