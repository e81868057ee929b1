// Events kept and searched: written a second, text searched a second, blocks left aside.
//
//   spool_bench FOLDER [EVENTS]
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <random>
#include <thread>

#include "base/text.h"
#include "must.h"
#include "security/spool.h"
#include "security/spool_hunt.h"

namespace madang::bench {
namespace {

using namespace security;
using Steady = std::chrono::steady_clock;

double since(Steady::time_point begin) { return std::chrono::duration<double>(Steady::now() - begin).count(); }

std::string line_of(std::mt19937_64& dice, int number) {
    return format(R"({{"EventID":{},"Channel":"Security","Computer":"host-{}.town.example","SystemTime":"2026-11-24T10:00:00Z","User":"TOWN\\user{}","Image":"C:\\Windows\\System32\\{:x}.exe","CommandLine":"C:\\Windows\\System32\\svchost.exe -k netsvcs -p -s {:x} {}","ParentImage":"C:\\Windows\\System32\\services.exe","Hashes":"SHA256={:016x}{:016x}{:016x}{:016x}","ProcessId":{},"ParentProcessId":{},"LogonId":"0x{:x}","IntegrityLevel":"System","RuleName":"-","UtcTime":"2026-11-24 10:00:00.{:03}","Company":"Microsoft Corporation","Description":"Host Process for Windows Services","Product":"Microsoft Windows Operating System"}})",
                  4600 + dice() % 200, dice() % 500, dice() % 3000, dice() % 400, dice() % 5000, number, dice(), dice(), dice(), dice(), dice() % 65536, dice() % 65536, dice() % 100'000'000, dice() % 1000);
}

int run(const Path& folder, int count) {
    std::filesystem::remove_all(folder);
    std::mt19937_64 dice(1);
    std::vector<std::string> lines;
    std::uint64_t bytes = 0;
    for (int i = 0; i < count; ++i) {
        lines.push_back(line_of(dice, i));
        bytes += lines.back().size();
    }
    {
        const auto spool = must(Spool::open(folder, {}));
        const auto begin = Steady::now();
        // As an intake does: each thread waits until its batch is on disk.
        std::vector<std::thread> threads;
        for (int t = 0; t < 2; ++t) {
            threads.emplace_back([&, t] {
                std::vector<SpoolRecord> batch;
                for (int i = t; i < count; i += 2) {
                    batch.push_back({Instant(std::chrono::hours(500'000)) + std::chrono::milliseconds(i), LineFormat::json, "bench", lines[static_cast<std::size_t>(i)]});
                    if (batch.size() < 1400 && i + 2 < count) continue;
                    must(spool->append(batch));
                    batch.clear();
                }
            });
        }
        for (auto& one : threads) one.join();
        const double seconds = since(begin);
        std::printf("%d events of %.0f bytes written: %.0f events/s, %.0f MB/s\n", count, static_cast<double>(bytes) / count, count / seconds, static_cast<double>(bytes) / 1e6 / seconds);
    }
    const auto spool = must(Spool::open_to_read(folder));
    std::uint64_t packed = 0;
    for (const auto& one : spool->segments()) packed += one.packed;
    std::printf("packed to %.1f %%\n", 100.0 * static_cast<double>(packed) / static_cast<double>(bytes));
    for (const char* expression : {"contains(CommandLine, \"no such service\")", "contains(CommandLine, \" 77777\")", "Computer = \"host-77.town.example\" and User = \"nobody\"", "EventID > 4798"}) {
        const auto hunt = must(SpoolHunt::compile(expression));
        SpoolQuery query;
        hunt.narrow(query);
        std::vector<Event> events(2);
        std::atomic<std::uint64_t> found{0};
        const auto begin = Steady::now();
        const auto counts = must(spool->search(query, 2, [&](std::size_t thread, const SpoolRecord& record) {
            events[thread].clear();
            if (parse_record(record, events[thread]) && hunt.fits(events[thread])) ++found;
        }));
        const double seconds = since(begin);
        std::printf("%-60s %8llu found, %.3f s, %.2f GB/s of raw text, %llu of %llu blocks opened\n", expression, static_cast<unsigned long long>(found.load()), seconds, static_cast<double>(bytes) / 1e9 / seconds,
                    static_cast<unsigned long long>(counts.blocks_opened), static_cast<unsigned long long>(counts.blocks));
    }
    std::filesystem::remove_all(folder);
    return 0;
}

}  // namespace
}  // namespace madang::bench

int main(int count, char** arguments) {
    if (count < 2) return std::fprintf(stderr, "spool_bench FOLDER [EVENTS]\n"), 2;
    return madang::bench::run(arguments[1], count > 2 ? std::atoi(arguments[2]) : 500'000);
}
