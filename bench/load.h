// What the benchmarks of HTTP share: wrk as the load, nginx as the one to compare with.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"

namespace madang::bench {

inline constexpr std::uint16_t kNginxPort = 18'931;

struct Figures {
    double requests_per_second = 0;
    double p50_ms = 0;
    double p99_ms = 0;
    std::uint64_t failed = 0;
};

pid_t run(const std::vector<std::string>& words, int output);
std::string output_of(const std::vector<std::string>& words);
// wrk with one thread and 64 connections for three seconds.
Figures load(std::string_view url);
// The median over the rounds of one against the other in the same round.
double ratio(const std::vector<Figures>& ours, const std::vector<Figures>& theirs);
Figures median(std::vector<Figures> all);
// Serves the files of the folder on kNginxPort.
std::string nginx_settings(const Path& folder);

}  // namespace madang::bench
