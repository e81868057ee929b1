// From the arrival of an event to its detection on disk, all rules watching, at several loads; after a restart and while rules change.
//
//   watch_bench FOLDER RULES [SECONDS]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <stop_token>
#include <thread>

#include "base/json.h"
#include "base/text.h"
#include "base/time_text.h"
#include "must.h"
#include "security/intake.h"
#include "security/watcher.h"

namespace madang::bench {
namespace {

using namespace security;
using Steady = std::chrono::steady_clock;

constexpr std::string_view kMark = R"(title: The mark of the benchmark
id: 0b5f3b7e-6d0f-4f5c-9a51-6b3ad8f2f0a1
author: The house
license: DRL 1.1
level: high
logsource: {product: windows}
detection:
    selection: {CommandLine|contains: the-mark-of-the-benchmark}
    condition: selection
)";

std::string line_of(const Clock& clock, std::string_view command, std::uint64_t number) {
    return format(R"({{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"host-{}.town.example","UtcTime":"{}","Image":"C:\\Windows\\System32\\svchost.exe","CommandLine":"{} {}","ParentImage":"C:\\Windows\\System32\\services.exe","User":"NT AUTHORITY\\SYSTEM","IntegrityLevel":"System","ProcessId":{},"Company":"Microsoft Corporation","Description":"Host Process for Windows Services","Product":"Microsoft Windows Operating System","CurrentDirectory":"C:\\Windows\\system32\\"}})",
                  number % 500, format_instant(clock.now()), command, number, number % 65536);
}

// Events of a usual kind, `rate` a second in a hundred pieces, until it is told to stop.
void load(Intake& intake, const Clock& clock, std::uint64_t rate, const std::stop_token& stop) {
    std::uint64_t number = 0;
    auto next = Steady::now();
    while (!stop.stop_requested()) {
        std::string text;
        for (std::uint64_t i = 0; i < rate / 100; ++i) text += line_of(clock, R"(C:\\Windows\\System32\\svchost.exe -k netsvcs -p -s)", number++) + "\n";
        if (!text.empty()) must(intake.take("load", LineFormat::json, text));
        next += std::chrono::milliseconds(10);
        std::this_thread::sleep_until(next);
    }
}

// Milliseconds from when the mark is handed in until its detection can be read.
std::vector<double> delays(Intake& intake, const Spool& findings, const Clock& clock, int marks) {
    std::vector<double> all;
    SpoolPlace place = findings.newest();
    for (int i = 0; i < marks; ++i) {
        const std::string command = format("the-mark-of-the-benchmark {}", i);
        const auto sent = Steady::now();
        must(intake.take("mark", LineFormat::json, line_of(clock, command, static_cast<std::uint64_t>(i))));
        bool seen = false;
        while (!seen && Steady::now() - sent < std::chrono::seconds(30)) {
            const auto read = must(findings.read_behind(place, [&](const SpoolRecord& record, SpoolPlace, std::uint32_t) { seen = seen || record.line.find(command + " ") != std::string_view::npos; }));
            if (read) place = *read;
            else std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        if (!seen) return std::printf("the mark was not found within 30 s\n"), std::exit(1), all;
        all.push_back(std::chrono::duration<double, std::milli>(Steady::now() - sent).count());
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    std::ranges::sort(all);
    return all;
}

constexpr std::string_view kDay = R"(title: The mark often
id: 0b5f3b7e-6d0f-4f5c-9a51-6b3ad8f2f0a2
level: high
correlation:
    type: event_count
    rules: [0b5f3b7e-6d0f-4f5c-9a51-6b3ad8f2f0a1]
    group-by: [Computer]
    timespan: 1d
    condition: {gte: 100000}
    generate: true
)";

// A day of events is on disk of which correlations must know: how long until what comes after a start is found, and how late
// detections are while changed rules learn it.
void warm(const Path& folder, const Path& rules, std::uint64_t events_before) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder / "rules");
    must(write_file_whole(folder / "rules" / "mark.yml", kMark));
    must(write_file_whole(folder / "rules" / "day.yml", kDay));
    const SystemClock clock;
    NoLog log;
    const auto events = must(Spool::open(folder / "events", {}));
    const auto findings = must(Spool::open(folder / "detections", {}));
    Intake intake(*events, clock);
    for (std::uint64_t number = 0; number < events_before;) {
        std::string text;
        for (int i = 0; i < 5000; ++i) text += line_of(clock, R"(C:\\Windows\\System32\\svchost.exe -k netsvcs -p -s)", number++) + "\n";
        must(intake.take("load", LineFormat::json, text));
    }
    const auto begin = Steady::now();
    const auto watcher = must(Watcher::start({*events, *findings, must(LogSources::shipped()), {folder / "rules", rules}, folder / "place", clock, log}));
    const double started = std::chrono::duration<double>(Steady::now() - begin).count();
    const double first = delays(intake, *findings, clock, 1).front() / 1000;
    const std::uint64_t loads = watcher->counts().loads;
    must(write_file_whole(folder / "rules" / "day.yml", std::string(kDay) + "description: changed\n"));
    std::vector<double> all;
    const auto changed = Steady::now();
    while (watcher->counts().loads == loads) {
        const auto some = delays(intake, *findings, clock, 5);
        all.insert(all.end(), some.begin(), some.end());
    }
    const double taken = std::chrono::duration<double>(Steady::now() - changed).count();
    std::ranges::sort(all);
    std::printf("%7llu events before a start, %llu rules: started after %.1f s, first detection after %.1f s; changed rules watch after %.1f s, meanwhile visible after %.1f ms (median), %.1f ms at most\n",
                static_cast<unsigned long long>(events_before), static_cast<unsigned long long>(watcher->counts().rules), started, started + first, taken, all[all.size() / 2], all.back());
    std::fflush(stdout);
}

int run(const Path& folder, const Path& rules, int seconds) {
    for (const std::uint64_t before : {100'000, 500'000}) warm(folder, rules, before);
    for (const std::uint64_t rate : {0, 10'000, 50'000, 100'000}) {
        std::filesystem::remove_all(folder);
        std::filesystem::create_directories(folder / "rules");
        must(write_file_whole(folder / "rules" / "mark.yml", kMark));
        const SystemClock clock;
        NoLog log;
        const auto events = must(Spool::open(folder / "events", {}));
        const auto findings = must(Spool::open(folder / "detections", {}));
        const auto watcher = must(Watcher::start({*events, *findings, must(LogSources::shipped()), {folder / "rules", rules}, folder / "place", clock, log}));
        Intake intake(*events, clock);
        std::vector<double> all;
        {
            std::jthread sender([&](const std::stop_token& stop) { load(intake, clock, rate, stop); });
            std::this_thread::sleep_for(std::chrono::seconds(2));
            all = delays(intake, *findings, clock, seconds * 20);
        }
        const auto counts = watcher->counts();
        std::printf("%7llu events/s, %llu rules: visible after %.1f ms (median), %.1f ms (99 of 100), %.1f ms at most; %llu events behind at the end\n", static_cast<unsigned long long>(rate),
                    static_cast<unsigned long long>(counts.rules), all[all.size() / 2], all[all.size() * 99 / 100], all.back(), static_cast<unsigned long long>(counts.behind));
        std::fflush(stdout);
    }
    std::filesystem::remove_all(folder);
    return 0;
}

}  // namespace
}  // namespace madang::bench

int main(int count, char** arguments) {
    if (count < 3) return std::fprintf(stderr, "watch_bench FOLDER RULES [SECONDS]\n"), 2;
    return madang::bench::run(arguments[1], arguments[2], count > 3 ? std::max(1, std::atoi(arguments[3])) : 10);
}
