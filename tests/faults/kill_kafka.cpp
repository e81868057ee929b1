// Kills a house that writes events to Kafka and one that reads them from there with SIGKILL, again and again: what the first
// acknowledged, the second keeps. Events may be kept twice (docs/formats/kafka.md); how many is printed. The brokers are those that
// librdkafka plays, in this process.
//
//   faults_kill_kafka PROGRAM [ROUNDS]      ends with "N passed, N failed"
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "faults/client.h"
#include "faults/installation.h"

namespace madang::faults {
namespace {

constexpr const char* kToken = "a token of the machines, long enough for it";

using Variables = std::vector<std::pair<const char*, std::string>>;

std::optional<double> start(Installation& house, const Variables& variables) {
    for (const auto& [name, value] : variables) ::setenv(name, value.c_str(), 1);
    const auto started = house.start();
    for (const auto& [name, value] : variables) ::unsetenv(name);
    return started;
}

// Until the server is killed; what it acknowledged.
std::vector<std::string> send(int port, std::string_view name) {
    std::vector<std::string> acknowledged;
    Client client(port);
    for (int i = 0;; ++i) {
        std::vector<std::string> lines;
        std::string body;
        for (int k = 0; k < 20; ++k) {
            lines.push_back(format("{{\"id\":\"{}-{}-{}\"}}", name, i, k));
            body += lines.back() + "\n";
        }
        const auto answer = client.request("POST", "/api/v1/events?source=test", body, {{"Content-Type", "application/x-ndjson"}, {"Authorization", format("Bearer {}", kToken)}});
        if (!answer) return acknowledged;
        if (answer->status == 200) acknowledged.insert(acknowledged.end(), lines.begin(), lines.end());
        std::this_thread::sleep_for(std::chrono::milliseconds(10));   // played brokers forget what is more than 5 MB in a partition
    }
}

double stored(int port) {
    Client client(port);
    const auto answer = client.request("GET", "/metrics", "", {});
    const std::string_view name = "\nmadang_events_stored_total{source=\"kafka:events\"} ";
    const std::size_t at = answer ? answer->body.find(name) : std::string::npos;
    return at == std::string::npos ? 0 : std::atof(answer->body.c_str() + at + name.size());
}

// Until nothing has come for ten seconds.
void catch_up(int port) {
    double before = -1;
    for (int quiet = 0; quiet < 10;) {
        const double now = stored(port);
        quiet = now == before && now > 0 ? quiet + 1 : 0;
        before = now;
        std::this_thread::sleep_for(std::chrono::seconds(1));
    }
}

std::multiset<std::string> kept_by(const Installation& house) {
    const auto [code, out] = house.run({"security", "spool", "export", "--spool", (house.data() / "events").string()});
    std::multiset<std::string> all;
    if (code != 0) return all;
    for (const std::string_view line : split(out, '\n')) {
        if (!line.empty()) all.emplace(line);
    }
    return all;
}

int run(const Path& program, int rounds) {
    const Path folder = std::filesystem::temp_directory_path() / format("madang-kill-kafka-{}", ::getpid());
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    rd_kafka_conf_t* const conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "log_level", "4", nullptr, 0);
    rd_kafka_t* const owner = rd_kafka_new(RD_KAFKA_PRODUCER, conf, nullptr, 0);
    rd_kafka_mock_cluster_t* const cluster = rd_kafka_mock_cluster_new(owner, 3);
    rd_kafka_mock_topic_create(cluster, "events", 4, 3);
    const std::string brokers = rd_kafka_mock_cluster_bootstraps(cluster);
    // So that the group does not wait long for a node that was killed.
    if (!write_file_whole(folder / "properties", "session.timeout.ms = 5000\nheartbeat.interval.ms = 500\n")) return 1;
    const Variables writes{{"MADANG_EVENTS_KAFKA", brokers}, {"MADANG_EVENTS_KAFKA_WRITE", "events"}, {"MADANG_EVENTS_TOKEN", kToken}};
    const Variables reads{{"MADANG_EVENTS_KAFKA", brokers}, {"MADANG_EVENTS_KAFKA_TOPICS", "events=json"}, {"MADANG_EVENTS_KAFKA_PROPERTIES", folder / "properties"}};
    std::set<std::string> acknowledged;
    std::size_t missing = 0, doubled = 0, kills_while_reading = 0;
    {
        std::filesystem::create_directories(folder / "writer");
        std::filesystem::create_directories(folder / "reader");
        Installation writer(program, folder / "writer", "");
        Installation reader(program, folder / "reader", "");
        for (int round = 0; round < rounds; ++round) {
            if (!start(writer, writes) || !start(reader, reads)) return std::printf("FAIL a server did not start in round %d\n0 passed, 1 failed\n", round), 1;
            std::vector<std::vector<std::string>> done(3);
            std::vector<std::thread> senders;
            for (std::size_t s = 0; s < done.size(); ++s) senders.emplace_back([&, s] { done[s] = send(writer.port(), format("{}-{}", round, s)); });
            // The reader is in the middle of it when it is killed.
            for (int i = 0; i < 200 && stored(reader.port()) == 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(100));
            std::this_thread::sleep_for(std::chrono::milliseconds(37 * (round % 7)));
            kills_while_reading += stored(reader.port()) > 0 ? 1 : 0;
            reader.kill();
            writer.kill();
            for (auto& one : senders) one.join();
            for (const auto& one : done) acknowledged.insert(one.begin(), one.end());
        }
        if (!start(reader, reads)) return std::printf("FAIL the reader does not start\n0 passed, 1 failed\n"), 1;
        catch_up(reader.port());
        reader.kill();
        const auto kept = kept_by(reader);
        for (const std::string& one : acknowledged) {
            missing += kept.contains(one) ? 0 : 1;
            doubled += kept.count(one) > 1 ? 1 : 0;
        }
    }
    rd_kafka_mock_cluster_destroy(cluster);
    rd_kafka_destroy(owner);
    std::filesystem::remove_all(folder);
    std::printf("%d rounds, %zu of them killed while reading; %zu events acknowledged, %zu missing, %zu doubled\n", rounds, kills_while_reading, acknowledged.size(), missing, doubled);
    const std::size_t two_batches = 10'000;   // for each kill
    const bool good = missing == 0 && doubled <= two_batches * static_cast<std::size_t>(rounds) && acknowledged.size() > static_cast<std::size_t>(rounds) && kills_while_reading > 0;
    std::printf("%d passed, %d failed\n", good ? 1 : 0, good ? 0 : 1);
    return good ? 0 : 1;
}

}  // namespace
}  // namespace madang::faults

int main(int count, char** arguments) {
    if (count < 2) return std::fprintf(stderr, "faults_kill_kafka PROGRAM [ROUNDS]\n"), 2;
    return madang::faults::run(arguments[1], count > 2 ? std::atoi(arguments[2]) : 8);
}
