// Kills a server with SIGKILL while events stream in, again and again: what it acknowledged is there afterwards, once, and a rule
// that watches and a judge that remembers have each found every event that is there, once.
//
//   faults_kill_events PROGRAM [ROUNDS]      ends with "N passed, N failed"
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "faults/client.h"
#include "faults/installation.h"

namespace madang::faults {
namespace {

constexpr const char* kToken = "a token of the machines, long enough for it";

constexpr std::string_view kRule = R"(title: Any event
id: 7d3f4c1e-2a52-4c0e-9a0b-0d8b6f1f6c11
level: low
logsource:
    category: application
detection:
    selection:
        id|exists: true
    condition: selection
)";

// Until the rules have looked at all that is kept.
bool caught_up(const Installation& house) {
    for (int i = 0; i < 600; ++i) {
        Client client(house.port());
        const auto answer = client.request("GET", "/metrics", "", {});
        if (answer && answer->body.contains("\nmadang_detection_behind 0\n")) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return false;
}

std::multiset<std::string> lines_of(Installation& house, const char* spool, bool findings, int& problems) {
    const auto [code, out] = house.run({"security", "spool", "export", "--spool", (house.data() / spool).string()});
    if (code != 0) ++problems;
    std::multiset<std::string> all;
    for (const std::string_view line : split(out, '\n')) {
        if (line.empty()) continue;
        if (!findings) {
            all.emplace(line);
            continue;
        }
        const auto finding = parse_json(line);
        if (finding) all.emplace(std::string_view(finding->at("event").as_string()));
        else ++problems;
    }
    return all;
}

int run(const Path& program, int rounds) {
    const Path folder = std::filesystem::temp_directory_path() / format("madang-kill-events-{}", ::getpid());
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    ::setenv("MADANG_EVENTS_TOKEN", kToken, 1);
    const Path rules = folder / "rules.yml";
    if (!write_file_whole(rules, kRule)) return std::printf("FAIL the rule cannot be written\n0 passed, 1 failed\n"), 1;
    ::setenv("MADANG_EVENTS_RULES", rules.c_str(), 1);
    // Each event asks for a drawn name of its own, and for one that all ask for: the first is told with each, the second once a day.
    ::setenv("MADANG_EVENTS_DOMAINS", "query,common", 1);
    ::setenv("MADANG_EVENTS_BASELINES", "id", 1);
    std::set<std::string> acknowledged;
    int missing = 0;
    int wrong = 0;
    std::size_t detections = 0;
    {
        Installation house(program, folder, "");
        for (int round = 0; round < rounds; ++round) {
            if (!house.start()) return std::printf("FAIL the server did not start in round %d\n0 passed, 1 failed\n", round), 1;
            std::vector<std::thread> senders;
            std::vector<std::vector<std::string>> done(3);
            for (int s = 0; s < 3; ++s) {
                senders.emplace_back([&, s] {
                    Client client(house.port());
                    for (int i = 0;; ++i) {
                        std::vector<std::string> lines;
                        std::string body;
                        for (int k = 0; k < 20; ++k) {
                            lines.push_back(format("{{\"id\":\"{0}-{1}-{2}-{3}\",\"query\":\"kqxvzjwptl{0}x{1}x{2}x{3}.com\",\"common\":\"rkwqpzlvbnxt.com\"}}", round, s, i, k));
                            body += lines.back() + "\n";
                        }
                        const auto answer = client.request("POST", "/api/v1/events?source=test", body, {{"Content-Type", "application/x-ndjson"}, {"Authorization", format("Bearer {}", kToken)}});
                        if (!answer) return;   // killed
                        if (answer->status == 200) done[static_cast<std::size_t>(s)].insert(done[static_cast<std::size_t>(s)].end(), lines.begin(), lines.end());
                    }
                });
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(20 + round % 40));
            house.kill();
            for (auto& one : senders) one.join();
            for (const auto& one : done) acknowledged.insert(one.begin(), one.end());
        }
        if (!house.start() || !caught_up(house)) return std::printf("FAIL the rules do not come to the end of the events\n0 passed, 1 failed\n"), 1;
        house.kill();
        const auto kept = lines_of(house, "events", false, missing);
        const auto found = lines_of(house, "detections", true, missing);
        for (const std::string& one : acknowledged) missing += kept.count(one) == 1 ? 0 : 1;
        // Two for each event; one has a third, or two where a day ended meanwhile.
        std::size_t more = 0;
        for (const std::string& one : kept) {
            const std::size_t times = found.count(one);
            if (times == 3) ++more;
            else if (times != 2) ++wrong;
            if (times != 2) std::printf("found %zu times: %s\n", times, one.c_str());
        }
        detections = found.size();
        if (found.size() != 2 * kept.size() + more || more < 1 || more > 2) ++wrong;
    }
    std::filesystem::remove_all(folder);
    std::printf("%d rounds, %zu events acknowledged, %d missing or doubled; %zu detections, %d missing or doubled\n", rounds, acknowledged.size(), missing, detections, wrong);
    const bool good = missing == 0 && wrong == 0 && acknowledged.size() > static_cast<std::size_t>(rounds);
    std::printf("%d passed, %d failed\n", good ? 1 : 0, good ? 0 : 1);
    return good ? 0 : 1;
}

}  // namespace
}  // namespace madang::faults

int main(int count, char** arguments) {
    if (count < 2) return std::fprintf(stderr, "faults_kill_events PROGRAM [ROUNDS]\n"), 2;
    return madang::faults::run(arguments[1], count > 2 ? std::atoi(arguments[2]) : 100);
}
