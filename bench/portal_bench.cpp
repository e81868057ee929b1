// The page of a service, made for each request from its template, beside nginx serving a static file of the same
// size, in turns; and what the program costs to keep: start, memory, size of a page with its style.
// Aims: a third of nginx, p99 under 20 ms; start under 0.3 s, 60 MB idle, 40 MB stripped, 14,000 bytes.
//
//   portal_bench PROGRAM
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <thread>

#include "base/text.h"
#include "faults/client.h"
#include "faults/installation.h"
#include "http/gzip.h"
#include "load.h"

namespace {

using namespace madang;
using namespace madang::bench;

constexpr int kRounds = 5;
constexpr std::string_view kPage = "/services/certificate-of-residence?lang=en";

// "VmRSS:    45678 kB" of /proc/<pid>/status, in MB. The kernel's file has no size, so it is read as a stream.
double resident_mb(pid_t process) {
    std::FILE* file = std::fopen(format("/proc/{}/status", process).c_str(), "r");
    char line[256];
    double kilobytes = 0;
    while (file != nullptr && std::fgets(line, sizeof line, file) != nullptr) {
        if (std::string_view(line).starts_with("VmRSS:")) kilobytes = std::strtod(line + 6, nullptr);
    }
    if (file != nullptr) std::fclose(file);
    return kilobytes / 1024;
}

std::string style_of(const std::string& page) {
    const std::size_t at = page.find("/assets/");
    return at == std::string::npos ? "" : page.substr(at, page.find('"', at) - at);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return std::fprintf(stderr, "usage: %s PROGRAM\n", argv[0]), 2;
    std::string pattern = "/tmp/madang-portal-bench-XXXXXX";
    const Path folder = ::mkdtemp(pattern.data());
    std::filesystem::permissions(folder, std::filesystem::perms(0755));
    {
        faults::Installation house(argv[1], folder, "");
        std::vector<double> starts;
        for (int i = 0; i < kRounds; ++i) {
            if (i > 0) house.stop();
            const auto seconds = house.start();
            if (!seconds) return std::fprintf(stderr, "the program does not start\n"), 1;
            starts.push_back(*seconds);
        }
        std::sort(starts.begin(), starts.end());
        std::this_thread::sleep_for(std::chrono::seconds(1));
        std::printf("start to ready, median of %d: %.3f s; idle memory %.1f MB\n", kRounds, starts[starts.size() / 2], resident_mb(house.process()));

        faults::Client client(house.port());
        const auto page = client.request("GET", kPage);
        if (!page || page->status != 200) return std::fprintf(stderr, "the page does not come\n"), 1;
        const auto style = client.request("GET", style_of(page->body));
        if (!style || style->status != 200) return std::fprintf(stderr, "the style does not come\n"), 1;
        const std::size_t small = http::gzip(page->body, http::Effort::quick).size() + http::gzip(style->body, http::Effort::best).size();
        std::printf("page %zu bytes, with its style compressed %zu bytes\n", page->body.size(), small);

        if (!write_file_whole(folder / "index.html", page->body) || !write_file_whole(folder / "nginx.conf", nginx_settings(folder))) return 1;
        const pid_t nginx = run({"/usr/sbin/nginx", "-c", (folder / "nginx.conf").string()}, -1);
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        std::vector<Figures> ours;
        std::vector<Figures> theirs;
        for (int round = 0; round < kRounds; ++round) {
            theirs.push_back(load(format("http://127.0.0.1:{}/index.html", kNginxPort)));
            ours.push_back(load(format("http://127.0.0.1:{}{}", house.port(), kPage)));
        }
        for (const auto& [name, rounds] : {std::pair{"nginx, static file", &theirs}, std::pair{"ours, page made each time", &ours}}) {
            const Figures middle = median(*rounds);
            std::printf("%-27s %8.0f requests/s  p50 %6.2f ms  p99 %6.2f ms  %.2f of nginx  %llu failed\n", name, middle.requests_per_second, middle.p50_ms,
                        middle.p99_ms, ratio(*rounds, theirs), static_cast<unsigned long long>(middle.failed));
        }
        std::printf("memory after the load %.1f MB\n", resident_mb(house.process()));
        if (nginx > 0) {
            ::kill(nginx, SIGTERM);
            ::waitpid(nginx, nullptr, 0);
        }
        house.stop();
    }
    std::filesystem::remove_all(folder);
    return 0;
}
