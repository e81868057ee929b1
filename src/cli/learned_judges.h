// The judges of arriving events that the settings name: events_domains, events_baselines, events_models.
#pragma once

#include <memory>
#include <vector>

#include "cli/command.h"
#include "cli/installation.h"
#include "http/metrics.h"
#include "security/watcher.h"

namespace madang::cli {

// None where no setting names one. Code::invalid with the setting for what is none.
Result<std::vector<std::unique_ptr<security::Judge>>> judges_of(const Context& context, Installation& house);

// What they did, by judge, in /metrics.
void count_judges(http::Metrics& metrics, const security::Watcher& watcher);

}  // namespace madang::cli
