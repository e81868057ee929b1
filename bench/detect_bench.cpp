// Sigma rules on JSON lines of about 600 bytes: events a second with all rules, beside the bare scan for the rules' literals in
// the same bytes, the time of compiling, the memory, and how the cost of an event grows with the rules.
//
//   detect_bench RULES LOGS [EVENTS]      folders of Sigma rules and of EVTX files
#include <sys/resource.h>
#include <ctime>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "base/json.h"
#include "base/text.h"
#include "must.h"
#include "security/detector.h"
#include "security/evtx.h"
#include "security/rule_set.h"

namespace madang::bench {
namespace {

using namespace security;
using Seconds = std::chrono::duration<double>;

constexpr std::size_t kLineBytes = 600;

double since(std::chrono::steady_clock::time_point begin) { return Seconds(std::chrono::steady_clock::now() - begin).count(); }

// Real events as flat JSON, each filled up to about 600 bytes; those that are much longer are left out.
std::vector<std::string> lines_of(const Path& logs, std::size_t count) {
    std::vector<std::string> kinds;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(logs)) {
        if (entry.path().extension() != ".evtx") continue;
        const auto file = EvtxFile::open(entry.path());
        auto log = EvtxReader::open(file ? file->bytes() : std::string_view());
        if (!log) continue;
        EvtxEvents events;
        Event event;
        while (const EvtxRecord* record = log->next()) {
            events.fill(log->paths(), *record, event);
            json::object object(json::object{});
            for (const EventField& field : event.fields()) object[field.name] = field.null ? json::value(nullptr) : json::value(field.value);
            std::string line = json::serialize(object);
            if (line.size() > kLineBytes * 6 / 5) continue;
            if (line.size() + 20 < kLineBytes) {
                line.pop_back();
                line += ",\"padding\":\"" + std::string(kLineBytes - line.size() - 15, '.') + "\"}";
            }
            kinds.push_back(std::move(line));
        }
    }
    std::vector<std::string> lines;
    lines.reserve(count);
    for (std::size_t i = 0; i < count && !kinds.empty(); ++i) lines.push_back(kinds[i * 7919 % kinds.size()]);
    return lines;
}

// Of this thread: what other work on the machine does not change.
double cpu_seconds() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

struct Measured {
    double seconds = 0, cpu = 0;
    std::uint64_t events = 0, detections = 0;
};

// A part of a log, read and matched as `madang detect` does.
Measured run_rules(const SigmaProgram& program, std::string_view log) {
    SigmaProgram::Run run(program);
    EventLines reader(LineFormat::json);
    Measured measured;
    const LogOrigin origin{.category = {}, .product = "windows", .service = {}};
    const auto begin = std::chrono::steady_clock::now();
    const double cpu = cpu_seconds();
    reader.feed(log, [&](const Event& event) {
        ++measured.events;
        measured.detections += run.matches(event, origin).size();
    });
    measured.seconds = since(begin);
    measured.cpu = cpu_seconds() - cpu;
    return measured;
}

Measured in_threads(const SigmaProgram& program, const std::vector<std::string>& parts) {
    std::vector<Measured> measured(parts.size());
    const auto begin = std::chrono::steady_clock::now();
    {
        std::vector<std::jthread> running;
        for (std::size_t t = 0; t < parts.size(); ++t) running.emplace_back([&, t] { measured[t] = run_rules(program, parts[t]); });
    }
    Measured all;
    all.seconds = since(begin);
    for (const Measured& one : measured) all.events += one.events, all.detections += one.detections, all.cpu += one.cpu;
    return all;
}

struct Bare {
    double seconds = 0, cpu = 0;
    std::size_t hits = 0;
};

// The literals of all rules looked for in the same bytes, and nothing else.
Bare bare_scan(const SigmaProgram& program, const std::vector<std::string>& lines) {
    SigmaProgram::Run run(program);
    Bare bare;
    const auto begin = std::chrono::steady_clock::now();
    const double cpu = cpu_seconds();
    for (const auto& line : lines) bare.hits += run.count_literals(line);
    bare.seconds = since(begin);
    bare.cpu = cpu_seconds() - cpu;
    return bare;
}

int run(int argc, char** argv) {
    if (argc < 3) {
        std::fprintf(stderr, "usage: %s RULES LOGS [EVENTS]\n", argv[0]);
        return 2;
    }
    const std::size_t count = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 200'000;
    const auto set = must(load_rules({argv[1]}), "rules");
    const auto sources = must(LogSources::shipped(), "log sources");
    const auto lines = lines_of(argv[2], count);
    std::uint64_t bytes = 0;
    for (const auto& line : lines) bytes += line.size() + 1;
    std::vector<std::string> parts(2);
    for (std::size_t i = 0; i < lines.size(); ++i) (parts[i * 2 / lines.size()] += lines[i]) += '\n';
    std::printf("%zu lines of %.0f bytes\n", lines.size(), static_cast<double>(bytes) / static_cast<double>(std::max<std::size_t>(lines.size(), 1)));
    for (const std::size_t rules : {std::size_t{400}, std::size_t{1000}, std::size_t{2000}, set.rules.size()}) {
        std::vector<SigmaRule> some;
        // Spread over the folders, not the first ones alone.
        for (std::size_t i = 0; i < set.rules.size() && some.size() < rules; ++i) {
            if (i * rules / set.rules.size() != (i + 1) * rules / set.rules.size()) some.push_back(set.rules[i]);
        }
        auto begin = std::chrono::steady_clock::now();
        const auto program = must(SigmaProgram::compile(std::move(some), sources), "compiling");
        const double compiled = since(begin);
        std::vector<double> rates, costs;
        Measured measured;
        for (int round = 0; round < 5; ++round) {
            measured = in_threads(*program, parts);
            rates.push_back(static_cast<double>(measured.events) / measured.seconds);
            costs.push_back(1e6 * measured.cpu / static_cast<double>(measured.events));
        }
        std::ranges::sort(rates);
        std::ranges::sort(costs);
        const Bare bare = bare_scan(*program, lines);
        const double scan = 1e6 * bare.cpu / static_cast<double>(lines.size());
        std::printf("%5zu rules: %7.0f events/s on 2 threads (%.2f us of CPU an event), %llu detections; bare scan %.2f us a line (%zu hits): %.2f of its speed; compiled in %.2f s\n", program->size(), rates[2], costs[2],
                    static_cast<unsigned long long>(measured.detections), scan, bare.hits, scan / costs[2], compiled);
        std::fflush(stdout);
    }
    // Reading alone, to know what the rules cost.
    EventLines reader(LineFormat::json);
    std::uint64_t read = 0;
    const double before = cpu_seconds();
    reader.feed(parts.front(), [&](const Event&) { ++read; });
    std::printf("reading alone: %.2f us of CPU an event\n", 1e6 * (cpu_seconds() - before) / static_cast<double>(read));
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    std::printf("at most %ld MB of memory, of which %llu MB are the lines\n", usage.ru_maxrss / 1024, static_cast<unsigned long long>(2 * bytes >> 20));
    return 0;
}

}  // namespace
}  // namespace madang::bench

int main(int argc, char** argv) { return madang::bench::run(argc, argv); }
