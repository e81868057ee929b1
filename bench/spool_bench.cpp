// Events kept and searched: written a second by few and by many senders, text searched a second, blocks left aside.
//
//   spool_bench FOLDER [EVENTS]
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

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
#include "security/intake.h"
#include "security/spool.h"
#include "security/spool_hunt.h"

namespace madang::bench {
namespace {

using namespace security;
using Steady = std::chrono::steady_clock;

constexpr auto kWhile = std::chrono::seconds(5);
constexpr std::uint64_t kOnTheWay = 1500;      // messages, sent and not received yet

double since(Steady::time_point begin) { return std::chrono::duration<double>(Steady::now() - begin).count(); }

std::string line_of(std::mt19937_64& dice, int number) {
    return format(R"({{"EventID":{},"Channel":"Security","Computer":"host-{}.town.example","SystemTime":"2026-11-24T10:00:00Z","User":"TOWN\\user{}","Image":"C:\\Windows\\System32\\{:x}.exe","CommandLine":"C:\\Windows\\System32\\svchost.exe -k netsvcs -p -s {:x} {}","ParentImage":"C:\\Windows\\System32\\services.exe","Hashes":"SHA256={:016x}{:016x}{:016x}{:016x}","ProcessId":{},"ParentProcessId":{},"LogonId":"0x{:x}","IntegrityLevel":"System","RuleName":"-","UtcTime":"2026-11-24 10:00:00.{:03}","Company":"Microsoft Corporation","Description":"Host Process for Windows Services","Product":"Microsoft Windows Operating System"}})",
                  4600 + dice() % 200, dice() % 500, dice() % 3000, dice() % 400, dice() % 5000, number, dice(), dice(), dice(), dice(), dice() % 65536, dice() % 65536, dice() % 100'000'000, dice() % 1000);
}

// As an intake does: each thread waits until its batch is on disk.
void write(const Path& folder, const std::vector<std::string>& lines, std::uint64_t bytes) {
    const auto spool = must(Spool::open(folder, {}));
    const std::size_t count = lines.size();
    const auto begin = Steady::now();
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < 2; ++t) {
        threads.emplace_back([&, t] {
            std::vector<SpoolRecord> batch;
            for (std::size_t i = t; i < count; i += 2) {
                batch.push_back({Instant(std::chrono::hours(500'000)) + std::chrono::milliseconds(i), LineFormat::json, "bench", lines[i]});
                if (batch.size() < 1400 && i + 2 < count) continue;
                must(spool->append(batch));
                batch.clear();
            }
        });
    }
    for (auto& one : threads) one.join();
    const double seconds = since(begin);
    std::printf("%zu events of %.0f bytes written: %.0f events/s, %.0f MB/s\n", count, static_cast<double>(bytes) / static_cast<double>(count), static_cast<double>(count) / seconds, static_cast<double>(bytes) / 1e6 / seconds);
}

void search(const Path& folder, std::uint64_t bytes) {
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
}

// Few events at once from many: what each append costs by itself.
void write_little(const Path& folder, const std::vector<std::string>& lines, std::size_t writers, std::size_t batch) {
    std::filesystem::remove_all(folder);
    const auto spool = must(Spool::open(folder, {}));
    std::atomic<std::uint64_t> stored{0};
    std::atomic<bool> over{false};
    const auto begin = Steady::now();
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < writers; ++t) {
        threads.emplace_back([&, t] {
            const std::string source = format("source-{}", t);
            for (std::size_t i = t; !over; i += writers) {
                std::vector<SpoolRecord> records;
                for (std::size_t k = 0; k < batch; ++k) records.push_back({Instant(std::chrono::hours(500'000)), LineFormat::json, source, lines[(i + k) % lines.size()]});
                must(spool->append(records));
                stored += batch;
            }
        });
    }
    std::this_thread::sleep_for(kWhile);
    over = true;
    for (auto& one : threads) one.join();
    std::uint64_t packed = 0;
    for (const auto& one : spool->segments()) packed += one.packed;
    std::printf("%3zu writers, %zu events each time: %.0f events/s, %.0f bytes on disk an event\n", writers, batch, static_cast<double>(stored) / since(begin), static_cast<double>(packed) / static_cast<double>(stored));
    std::fflush(stdout);
}

// A socket with a sender's address of its own.
int sender_to(int kind, std::uint16_t port, std::size_t number) {
    const int socket = ::socket(AF_INET, kind, 0);
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 256 + static_cast<std::uint32_t>(number));
    sockaddr_in to = own;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (socket < 0 || ::bind(socket, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0 || ::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) std::exit(1);
    return socket;
}

// One message after the other from each sender in turn, as many on the way as a system's buffer holds.
void send_syslog(const Path& folder, int kind, std::size_t senders) {
    std::filesystem::remove_all(folder);
    const SystemClock clock;
    NoLog log;
    const auto spool = must(Spool::open(folder, {}));
    Intake intake(*spool, clock);
    const auto syslog = must(SyslogIntake::start("127.0.0.1:0", intake, log));
    std::vector<int> sockets;
    for (std::size_t i = 0; i < senders; ++i) sockets.push_back(sender_to(kind, syslog->port(), i));
    const auto counted = [&](std::uint64_t IntakeCounts::*which) {
        std::uint64_t all = 0;
        for (const auto& [source, counts] : intake.counts()) all += counts.*which;
        return all;
    };
    const auto begin = Steady::now();
    std::uint64_t sent = 0;
    while (Steady::now() - begin < kWhile) {
        for (std::size_t i = 0; i < senders; ++i, ++sent) {
            const std::string message = format("<34>1 2026-11-24T10:00:00Z host-{} sshd {} - - Failed password for invalid user admin{} from 192.0.2.{} port {} ssh2\n", i, sent % 65536, sent % 5000, sent % 256, sent % 60000);
            if (::send(sockets[i], message.data(), message.size(), 0) != static_cast<ssize_t>(message.size())) std::exit(1);
        }
        while (sent - counted(&IntakeCounts::received) > kOnTheWay) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    while (counted(&IntakeCounts::received) < sent) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const double seconds = since(begin);
    std::printf("syslog from %zu senders by %s: %.0f events/s, %llu refused\n", senders, kind == SOCK_DGRAM ? "datagrams" : "connections", static_cast<double>(counted(&IntakeCounts::stored)) / seconds,
                static_cast<unsigned long long>(counted(&IntakeCounts::refused)));
    std::fflush(stdout);
    for (const int socket : sockets) ::close(socket);
}

int run(const Path& folder, std::size_t count) {
    std::filesystem::remove_all(folder);
    std::mt19937_64 dice(1);
    std::vector<std::string> lines;
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < count; ++i) {
        lines.push_back(line_of(dice, static_cast<int>(i)));
        bytes += lines.back().size();
    }
    write(folder, lines, bytes);
    search(folder, bytes);
    for (const std::size_t writers : {1U, 16U, 64U}) write_little(folder, lines, writers, 5);
    send_syslog(folder, SOCK_DGRAM, 500);
    send_syslog(folder, SOCK_STREAM, 400);
    std::filesystem::remove_all(folder);
    return 0;
}

}  // namespace
}  // namespace madang::bench

int main(int count, char** arguments) {
    if (count < 2) return std::fprintf(stderr, "spool_bench FOLDER [EVENTS]\n"), 2;
    return madang::bench::run(arguments[1], count > 2 ? static_cast<std::size_t>(std::max(1, std::atoi(arguments[2]))) : 500'000);
}
