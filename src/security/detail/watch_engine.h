// The rules of a watcher as they were loaded together, and what their correlations know.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "security/event.h"
#include "security/sigma_correlator.h"
#include "security/sigma_program.h"
#include "security/source_origins.h"
#include "security/spool.h"
#include "security/watcher.h"

namespace madang::security {

// At most so many records are read again so that correlations and judges know what came before. Meanwhile events are taken in, and what
// is in them is found late: after a restart that may last a quarter of a minute. On two busy cores and with 3,755 rules it was 12 s for
// 500,000 records and 29 s for twice as many (watch_bench).
inline constexpr std::uint64_t kWarmRecords = 500'000;

struct Watcher::Engine {
    explicit Engine(std::unique_ptr<const SigmaProgram> rules) : program(std::move(rules)), run(*program) {}
    // Makes the record an event, and tells what rules it met and what correlations found by it.
    std::vector<std::uint32_t> meet(Event& event, const SpoolRecord& record, const SourceOrigins& origins, Instant now, SpoolPlace place, std::uint32_t number, const SigmaCorrelator::Use& use);
    // Of what correlations say of their occurrences: SEGMENT:OFFSET:NUMBER.
    static std::string text_of(std::uint64_t where);

    std::unique_ptr<const SigmaProgram> program;
    SigmaProgram::Run run;
    std::unique_ptr<SigmaCorrelator> correlator;
    std::size_t refused = 0;
    SpoolPlace upto;                       // what the correlator knows
};

}  // namespace madang::security
