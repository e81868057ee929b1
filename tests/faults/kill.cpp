// Kills the server with SIGKILL at random moments while citizens submit, and checks after the last
// round that every acknowledged application is there exactly once, with its act, that every issued
// certificate is there exactly once, and that the ledger verifies.
//
//   faults_kill PROGRAM [ROUNDS] [sqlite|postgresql]      ends with "N passed, N failed"
//
// For PostgreSQL a database is made on the server that MADANG_TEST_POSTGRES names; without it the exit code is 77.
#include <cstdio>
#include <cstdlib>

#include <atomic>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "base/json.h"
#include "base/text.h"
#include "faults/client.h"
#include "faults/installation.h"
#include "store/store.h"
#include "store/testing.h"

namespace madang::faults {
namespace {

constexpr int kWriters = 4;

struct Session {
    std::string cookie;
    std::string csrf;
};

std::optional<Session> sign_in(int port, const SignIn& who) {
    Client client(port);
    const auto answer = client.request("POST", "/api/v1/session",
                                       json::serialize(json::value{{"name", who.name}, {"password", who.password}}),
                                       {{"Content-Type", "application/json"}});
    if (!answer || answer->status != 200) return std::nullopt;
    const auto value = parse_json(answer->body);
    if (!value) return std::nullopt;
    return Session{client.cookie, string_or(value->as_object(), "csrf_token", "")};
}

// What one writer saw: key → receipt of every acknowledged application.
struct Acknowledged {
    std::mutex mutex;
    std::map<std::string, std::string> receipts;
    std::atomic<int> disagreements{0};   // one key, two receipts
    std::atomic<int> refused{0};
};

std::string application(int number) {
    // Every tenth one lives where he says, so that certificates are issued under the kills as well.
    const bool at_home = number % 10 == 0;
    return json::serialize(json::value{
        {"service", "certificate-of-residence"},
        {"language", "en"},
        {"answers",
         {{"town", "Maladziečna"}, {"street", "vulica Prytyckaha"}, {"house", at_home ? "12" : "13"},
          {"flat", at_home ? "45" : ""}, {"purpose", "work"}}}});
}

void write_until(const std::atomic<bool>& stop, int port, const Session& session, int writer, int round, Acknowledged& seen) {
    Client client(port);
    client.cookie = session.cookie;
    for (int i = 0; !stop; ++i) {
        const std::string key = format("w{}-r{}-n{}", writer, round, i);
        for (int attempt = 0; attempt < 2 && !stop; ++attempt) {  // a retry with the same key must be the same case
            const auto answer = client.request("POST", "/api/v1/applications", application(i),
                                               {{"Content-Type", "application/json"},
                                                {"X-CSRF-Token", session.csrf}, {"Idempotency-Key", key}});
            if (!answer) return;
            if (answer->status != 201 && answer->status != 200) {
                ++seen.refused;
                continue;
            }
            const auto value = parse_json(answer->body);
            const std::string receipt = value ? string_or(value->as_object(), "receipt", "") : "";
            const std::lock_guard lock(seen.mutex);
            const auto [at, fresh] = seen.receipts.emplace(key, receipt);
            if (!fresh && at->second != receipt) ++seen.disagreements;
        }
        // Four busy citizens, not a flood: what is owed at the end is done within a minute.
        std::this_thread::sleep_for(std::chrono::milliseconds(4));
    }
}

struct Tally {
    int passed = 0;
    int failed = 0;
    void expect(bool good, const std::string& what) {
        std::printf("%s %s\n", good ? "ok  " : "FAIL", what.c_str());
        (good ? passed : failed) += 1;
    }
};

std::int64_t count(store::Store& store, const std::string& sql) {
    const auto found = store.read<std::optional<std::int64_t>>([&](store::Reader& reader) {
        return reader.first<std::int64_t>(sql, {}, [](const store::Row& row) -> Result<std::int64_t> { return row.integer(0); });
    });
    if (!found) std::printf("%s\n", found.error().message.c_str());
    return found ? found->value_or(-1) : -1;
}

void check_store(store::Store& store, const Acknowledged& seen, Tally& tally) {
    std::map<std::string, int> there;
    const auto listed = store.read<std::vector<std::string>>([&](store::Reader& reader) {
        return reader.all<std::string>("SELECT receipt FROM casework_case", {},
                                       [](const store::Row& row) -> Result<std::string> { return std::string(row.text(0)); });
    });
    if (listed) {
        for (const std::string& receipt : *listed) ++there[receipt];
    }
    int missing = 0;
    int doubled = 0;
    std::set<std::string> receipts;
    for (const auto& [key, receipt] : seen.receipts) {
        if (!receipts.insert(receipt).second) ++doubled;
        const auto found = there.find(receipt);
        if (found == there.end()) ++missing;
        else if (found->second != 1) ++doubled;
    }
    tally.expect(listed.has_value() && missing == 0, format("{} acknowledged applications, {} missing", seen.receipts.size(), missing));
    tally.expect(doubled == 0, format("{} doubled", doubled));
    tally.expect(seen.disagreements == 0, format("{} retries that made a second case", seen.disagreements.load()));
    const auto cases = count(store, "SELECT count(*) FROM casework_case");
    const auto acts = count(store, "SELECT count(*) FROM ledger_act WHERE kind='application.submitted'");
    tally.expect(cases == acts, format("{} cases, {} acts of submission", cases, acts));
    const auto jobs = count(store, "SELECT count(*) FROM casework_job");
    tally.expect(jobs == 0, format("{} cases still owed work", jobs));
    const auto issued = count(store, "SELECT count(*) FROM casework_case WHERE status='issued'");
    const auto certificates = count(store, "SELECT count(*) FROM ledger_act WHERE kind='certificate.issued'");
    const auto codes = count(store, "SELECT count(DISTINCT certificate_code) FROM casework_case WHERE status='issued'");
    tally.expect(issued > 0 && issued == certificates && issued == codes,
                 format("{} cases issued, {} acts of issuing, {} codes", issued, certificates, codes));
}

int run(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: %s PROGRAM [ROUNDS] [sqlite|postgresql]\n", argv[0]);
        return 2;
    }
    const int rounds = argc > 2 ? std::atoi(argv[2]) : 200;
    std::unique_ptr<store::ScratchStore> scratch;
    std::string address;
    if (argc > 3 && std::string_view(argv[3]) == "postgresql") {
        if (std::getenv("MADANG_TEST_POSTGRES") == nullptr) {
            std::printf("MADANG_TEST_POSTGRES is not set\n");
            return 77;
        }
        scratch = std::make_unique<store::ScratchStore>("postgresql", std::span<const store::Migration>());
        address = scratch->address();
    }
    std::string pattern = "/tmp/madang-kill-XXXXXX";
    const Path folder = ::mkdtemp(pattern.data());
    Tally tally;
    Acknowledged seen;
    {
        Installation installation(argv[1], folder, address);
        std::mt19937 random(20261123);
        std::optional<Session> session;
        double slowest = 0;
        int not_started = 0;
        for (int round = 0; round < rounds; ++round) {
            const auto seconds = installation.start();
            if (!seconds) {
                ++not_started;
                break;
            }
            slowest = std::max(slowest, *seconds);
            if (!session) session = sign_in(installation.port(), installation.citizens().front());
            if (!session) break;
            std::atomic<bool> stop{false};
            std::vector<std::thread> writers;
            for (int writer = 0; writer < kWriters; ++writer) {
                writers.emplace_back([&, writer] { write_until(stop, installation.port(), *session, writer, round, seen); });
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(5 + random() % 200));
            installation.kill();
            stop = true;
            for (auto& writer : writers) writer.join();
            if (round % 20 == 19) std::fprintf(stderr, "%d rounds, %zu acknowledged\n", round + 1, seen.receipts.size());
        }
        tally.expect(not_started == 0, format("{} starts failed; the slowest took {:.2f} s", not_started, slowest));
        tally.expect(session.has_value(), "the session of the first round outlives every kill");
        tally.expect(seen.refused == 0, format("{} applications refused", seen.refused.load()));
        // A last, quiet run finishes what the house owes.
        if (installation.start()) {
            const std::string path = address.empty() ? (installation.data() / "madang.sqlite").string() : address;
            auto store = store::open(path);
            for (int i = 0; store && i < 1200 && count(**store, "SELECT count(*) FROM casework_job") > 0; ++i) {
                std::this_thread::sleep_for(std::chrono::milliseconds(100));
            }
            std::this_thread::sleep_for(std::chrono::seconds(1));  // the integrator's last batch
            tally.expect(installation.stop() == 0, "a graceful stop ends with 0");
            if (store) check_store(**store, seen, tally);
            const auto [exported, text] = installation.run({"ledger", "export", (folder / "copy").string()});
            tally.expect(exported == 0, "the ledger can be exported");
            const auto [verified, verdict] = installation.run({"verify", (folder / "copy").string()});
            tally.expect(verified == 0, "the exported ledger verifies");
        } else {
            tally.expect(false, "the server starts after the last kill");
        }
    }
    if (tally.failed == 0) std::filesystem::remove_all(folder);
    std::printf("%d passed, %d failed\n", tally.passed, tally.failed);
    return tally.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace madang::faults

int main(int argc, char** argv) { return madang::faults::run(argc, argv); }
