// User tasks completed through the API, durable when answered: a task of an officer, then the decision with its letter.
// Both with acts, clock and whole history. Aim: at least 3,000 tasks a second on SQLite.
//
//   decide_bench PROGRAM [CASES] [CONNECTIONS]
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "base/check.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "faults/client.h"
#include "faults/installation.h"
#include "must.h"

namespace madang::faults {
namespace {

using Steady = std::chrono::steady_clock;

double seconds_since(Steady::time_point begin) { return std::chrono::duration<double>(Steady::now() - begin).count(); }

struct Session {
    std::string cookie, csrf;
};

// Signed in, or an empty session.
Session sign_in(const Installation& installation, const SignIn& who, const std::string& code) {
    Client client(installation.port());
    const auto answer = client.request("POST", "/api/v1/session", json::serialize(json::value{{"name", who.name}, {"password", who.password}, {"code", code}}),
                                       {{"Content-Type", "application/json"}});
    if (!answer || answer->status != 200) return {};
    return {client.cookie, string_or(parse_json(answer->body)->as_object(), "csrf_token", "")};
}

// Does `work(client, i)` for every i below `count`; the times in milliseconds of those that were answered as wanted.
template <class Work>
std::vector<double> all_at_once(const Installation& installation, const Session& session, int connections, int count, Work work) {
    std::atomic<int> next{0};
    std::mutex mutex;
    std::vector<double> times;
    std::vector<std::thread> threads;
    for (int c = 0; c < connections; ++c) {
        threads.emplace_back([&] {
            Client client(installation.port());
            client.cookie = session.cookie;
            std::vector<double> own;
            for (int i = next++; i < count; i = next++) {
                const auto sent = Steady::now();
                if (work(client, i)) own.push_back(seconds_since(sent) * 1000);
            }
            const std::lock_guard lock(mutex);
            times.insert(times.end(), own.begin(), own.end());
        });
    }
    for (auto& thread : threads) thread.join();
    std::ranges::sort(times);
    return times;
}

// The pack of Belarus, with a task before the decision of one of its services: the officer checks the answers.
Path pack_with_a_check(const Path& folder) {
    const Path pack = folder / "pack";
    std::filesystem::copy(Path(MADANG_SOURCE_DIR) / "packs/by", pack, std::filesystem::copy_options::recursive);
    const Path file = pack / "services/certificate-of-residence/process.bpmn";
    std::string model = must(read_file(file, 1 << 20));
    const auto put = [&](std::string_view old, std::string_view fresh) {
        const std::size_t at = model.find(old);
        MADANG_CHECK(at != std::string::npos);
        model.replace(at, old.size(), fresh);
    };
    put(R"(targetRef="Officer_decides" />)", R"(targetRef="Check_answers" />)");
    put("<bpmn:incoming>Flow_5</bpmn:incoming>", "<bpmn:incoming>Flow_12</bpmn:incoming>");
    put(R"(<bpmn:userTask id="Officer_decides")", R"(<bpmn:userTask id="Check_answers" name="Check the answers" madang:role="officer">
      <bpmn:incoming>Flow_5</bpmn:incoming>
      <bpmn:outgoing>Flow_12</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:sequenceFlow id="Flow_12" sourceRef="Check_answers" targetRef="Officer_decides" />
    <bpmn:userTask id="Officer_decides" madang:decision="true")");
    must(write_file_whole(file, model));
    return pack;
}

// Three rounds of `work` over all cases, each a line of figures; false where none was answered as wanted.
template <class Work>
bool rounds(const char* what, const Installation& installation, const Session& session, int connections, int cases, Work work) {
    const int round = cases / 3;
    for (int r = 0; r < 3; ++r) {
        const auto begin = Steady::now();
        const auto times = all_at_once(installation, session, connections, round, [&](Client& client, int i) { return work(client, static_cast<std::size_t>(r * round + i)); });
        const double took = seconds_since(begin);
        if (times.empty()) return false;
        std::printf("round %d: %.0f %s/s (p50 %.1f ms, p99 %.1f ms, %zu of %d)\n", r + 1, static_cast<double>(times.size()) / took, what, times[times.size() / 2],
                    times[times.size() * 99 / 100], times.size(), round);
        std::fflush(stdout);
    }
    return true;
}

int run(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: %s PROGRAM [CASES] [CONNECTIONS]\n", argv[0]);
        return 2;
    }
    const int cases = argc > 2 ? std::atoi(argv[2]) : 9000;
    const int connections = argc > 3 ? std::atoi(argv[3]) : 64;
    std::string pattern = "/tmp/madang-decide-XXXXXX";
    const Path folder = ::mkdtemp(pattern.data());
    Installation installation(argv[1], folder, "", pack_with_a_check(folder));
    if (!installation.start()) return 1;
    if (installation.officers().empty()) return 1;
    const SignIn& officer = installation.officers().front();
    const Session applicant = sign_in(installation, installation.citizens().back(), "");
    const std::string code(trim(installation.run({"demo", "code", officer.name}).second));
    const Session desk = sign_in(installation, officer, code);
    if (applicant.csrf.empty() || desk.csrf.empty()) return 1;

    const std::string application = json::serialize(json::value{{"service", "certificate-of-residence"}, {"language", "en"},
        {"answers", {{"town", "Maladziečna"}, {"street", "vulica Prytyckaha"}, {"house", "99"}, {"flat", "1"}, {"purpose", "work"}}}});
    std::vector<std::string> receipts(static_cast<std::size_t>(cases));
    all_at_once(installation, applicant, connections, cases, [&](Client& client, int i) {
        const auto answer = client.request("POST", "/api/v1/applications", application,
                                           {{"Content-Type", "application/json"}, {"X-CSRF-Token", applicant.csrf}, {"Idempotency-Key", format("d{}", i)}});
        if (!answer || answer->status != 201) return false;
        receipts[static_cast<std::size_t>(i)] = string_or(parse_json(answer->body)->as_object(), "receipt", "");
        return true;
    });
    // The worker brings each to its officer.
    for (int i = 0; i < 600; ++i) {
        Client client(installation.port());
        client.cookie = applicant.cookie;
        const auto answer = client.request("GET", "/api/v1/applications/" + receipts.back(), "", {});
        if (answer && answer->body.contains("with_officer")) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    std::this_thread::sleep_for(std::chrono::seconds(3));
    std::vector<std::string> tasks(receipts.size());
    all_at_once(installation, desk, connections, cases, [&](Client& client, int i) {
        const std::size_t at = static_cast<std::size_t>(i);
        const auto answer = client.request("GET", format("/api/v1/office/cases/{}/tasks", receipts[at]), "", {});
        if (!answer || answer->status != 200) return false;
        const auto body = must(parse_json(answer->body));
        const json::array& open = body.at("tasks").as_array();
        if (open.empty()) return false;
        tasks[at] = string_or(open.at(0).as_object(), "id", "");
        return true;
    });
    const std::map<std::string, std::string> headers{{"Content-Type", "application/json"}, {"X-CSRF-Token", desk.csrf}};
    const bool done = rounds("tasks", installation, desk, connections, cases, [&](Client& client, std::size_t i) {
        const auto answer = client.request("POST", format("/api/v1/office/cases/{}/tasks/{}/complete", receipts[i], tasks[i]), R"({"outcome":"done","remark":"Fits the register."})", headers);
        return answer && answer->status == 200;
    });
    const bool decided = rounds("decisions", installation, desk, connections, cases, [&](Client& client, std::size_t i) {
        const auto answer = client.request("POST", format("/api/v1/office/cases/{}/decide", receipts[i]), R"({"outcome":"refuse","ground":"25","reason":"No document shows it."})", headers);
        return answer && answer->status == 200;
    });
    if (!done || !decided) return 1;
    installation.kill();
    std::filesystem::remove_all(folder);
    return 0;
}

}  // namespace
}  // namespace madang::faults

int main(int argc, char** argv) { return madang::faults::run(argc, argv); }
