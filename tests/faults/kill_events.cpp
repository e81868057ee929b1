// Kills a server with SIGKILL while events stream in, again and again: what it acknowledged is there afterwards.
//
//   faults_kill_events PROGRAM [ROUNDS]      ends with "N passed, N failed"
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <thread>
#include <vector>

#include "base/text.h"
#include "faults/client.h"
#include "faults/installation.h"

namespace madang::faults {
namespace {

constexpr const char* kToken = "a token of the machines, long enough for it";

int run(const Path& program, int rounds) {
    const Path folder = std::filesystem::temp_directory_path() / format("madang-kill-events-{}", ::getpid());
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    ::setenv("MADANG_EVENTS_TOKEN", kToken, 1);
    std::set<std::string> acknowledged;
    int missing = 0;
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
                            lines.push_back(format("{{\"id\":\"{}-{}-{}-{}\"}}", round, s, i, k));
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
        const auto [code, out] = house.run({"security", "spool", "export", "--spool", (house.data() / "events").string()});
        std::multiset<std::string> kept;
        for (const std::string_view line : split(out, '\n')) kept.emplace(line);
        for (const std::string& one : acknowledged) missing += kept.count(one) == 1 ? 0 : 1;
        if (code != 0) ++missing;
    }
    std::filesystem::remove_all(folder);
    std::printf("%d rounds, %zu events acknowledged, %d missing or doubled\n", rounds, acknowledged.size(), missing);
    const bool good = missing == 0 && acknowledged.size() > static_cast<std::size_t>(rounds);
    std::printf("%d passed, %d failed\n", good ? 1 : 0, good ? 0 : 1);
    return good ? 0 : 1;
}

}  // namespace
}  // namespace madang::faults

int main(int count, char** arguments) {
    if (count < 2) return std::fprintf(stderr, "faults_kill_events PROGRAM [ROUNDS]\n"), 2;
    return madang::faults::run(arguments[1], count > 2 ? std::atoi(arguments[2]) : 100);
}
