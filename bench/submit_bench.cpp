// Applications submitted through HTTP, durable when answered (session, CSRF, validation, case, act, job,
// commit), beside bare SQLite committing rows of the same size in groups, in the same run.
// Aim: at least 4,000 a second on SQLite.
//
//   submit_bench PROGRAM [SECONDS] [CONNECTIONS]
#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "faults/client.h"
#include "faults/installation.h"

namespace madang::faults {
namespace {

using Steady = std::chrono::steady_clock;

double seconds_since(Steady::time_point begin) { return std::chrono::duration<double>(Steady::now() - begin).count(); }

// An applicant whose address the register does not know: the case waits for an officer, as most do.
std::string application() {
    return json::serialize(json::value{{"service", "certificate-of-residence"},
                                       {"language", "en"},
                                       {"answers",
                                        {{"town", "Maladziečna"}, {"street", "vulica Prytyckaha"}, {"house", "99"},
                                         {"flat", "1"}, {"purpose", "work"}}}});
}

struct Measured {
    double per_second = 0;
    double p50_ms = 0;
    double p99_ms = 0;
    int refused = 0;
};

Measured submit(int port, const std::string& cookie, const std::string& csrf, double seconds, int connections, int round) {
    std::atomic<int> refused{0};
    std::vector<std::vector<double>> times(static_cast<std::size_t>(connections));
    std::vector<std::thread> threads;
    const auto begin = Steady::now();
    for (int c = 0; c < connections; ++c) {
        threads.emplace_back([&, c] {
            Client client(port);
            client.cookie = cookie;
            const std::string body = application();
            for (int i = 0; seconds_since(begin) < seconds; ++i) {
                const auto sent = Steady::now();
                const auto answer = client.request("POST", "/api/v1/applications", body,
                                                   {{"Content-Type", "application/json"},
                                                    {"X-CSRF-Token", csrf},
                                                    {"Idempotency-Key", format("b{}-{}-{}", round, c, i)}});
                if (answer && answer->status == 201) {
                    times[static_cast<std::size_t>(c)].push_back(seconds_since(sent) * 1000);
                } else {
                    ++refused;
                }
            }
        });
    }
    for (auto& thread : threads) thread.join();
    const double took = seconds_since(begin);
    std::vector<double> all;
    for (const auto& one : times) all.insert(all.end(), one.begin(), one.end());
    std::ranges::sort(all);
    Measured measured;
    measured.refused = refused;
    if (all.empty()) return measured;
    measured.per_second = static_cast<double>(all.size()) / took;
    measured.p50_ms = all[all.size() / 2];
    measured.p99_ms = all[all.size() * 99 / 100];
    return measured;
}

// Rows of an application's size, in groups as large as the connections, each group synced.
double bare_sqlite(const Path& file, double seconds, int group) {
    sqlite3* handle = nullptr;
    if (sqlite3_open(file.c_str(), &handle) != SQLITE_OK) return 0;
    sqlite3_exec(handle, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t (id TEXT PRIMARY KEY, body BLOB)",
                 nullptr, nullptr, nullptr);
    sqlite3_stmt* insert = nullptr;
    sqlite3_prepare_v2(handle, "INSERT INTO t VALUES (?, ?)", -1, &insert, nullptr);
    const std::string body(900, 'x');
    std::int64_t rows = 0;
    const auto begin = Steady::now();
    while (seconds_since(begin) < seconds) {
        sqlite3_exec(handle, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
        for (int i = 0; i < group; ++i, ++rows) {
            const std::string id = format("{:020}", rows);
            sqlite3_bind_text(insert, 1, id.data(), static_cast<int>(id.size()), nullptr);
            sqlite3_bind_blob(insert, 2, body.data(), static_cast<int>(body.size()), nullptr);
            sqlite3_step(insert);
            sqlite3_reset(insert);
        }
        sqlite3_exec(handle, "COMMIT", nullptr, nullptr, nullptr);
    }
    const double rate = static_cast<double>(rows) / seconds_since(begin);
    sqlite3_finalize(insert);
    sqlite3_close(handle);
    return rate;
}

int run(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: %s PROGRAM [SECONDS] [CONNECTIONS]\n", argv[0]);
        return 2;
    }
    const double seconds = argc > 2 ? std::atof(argv[2]) : 5;
    const int connections = argc > 3 ? std::atoi(argv[3]) : 64;
    std::string pattern = "/tmp/madang-submit-XXXXXX";
    const Path folder = ::mkdtemp(pattern.data());
    {
        Installation installation(argv[1], folder, "");
        const auto started = installation.start();
        if (!started) return 1;
        std::printf("start to ready: %.3f s\n", *started);
        Client client(installation.port());
        const SignIn& who = installation.citizens().back();
        const auto answer = client.request("POST", "/api/v1/session",
                                           json::serialize(json::value{{"name", who.name}, {"password", who.password}}),
                                           {{"Content-Type", "application/json"}});
        if (!answer || answer->status != 200) return 1;
        const std::string csrf = string_or(parse_json(answer->body)->as_object(), "csrf_token", "");
        for (int round = 0; round < 3; ++round) {
            const double bare = bare_sqlite(folder / format("bare{}.sqlite", round), seconds / 2, connections);
            const Measured ours = submit(installation.port(), client.cookie, csrf, seconds, connections, round);
            std::printf("round %d: %.0f applications/s (p50 %.1f ms, p99 %.1f ms, %d refused), bare SQLite %.0f rows/s, ratio %.3f\n",
                        round + 1, ours.per_second, ours.p50_ms, ours.p99_ms, ours.refused, bare, ours.per_second / bare);
            std::fflush(stdout);
        }
        installation.kill();
    }
    std::filesystem::remove_all(folder);
    return 0;
}

}  // namespace
}  // namespace madang::faults

int main(int argc, char** argv) { return madang::faults::run(argc, argv); }
