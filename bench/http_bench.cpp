// Our server and nginx, side by side: the same page of 5.7 KB from memory and from a static file,
// wrk with 64 connections on the same cores, in turns. Aim: a third of nginx, p99 under 20 ms.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "http/server.h"

extern char** environ;

namespace {

using namespace madang;

constexpr int kRounds = 5;
constexpr std::uint16_t kNginxPort = 18'931;

struct Figures {
    double requests_per_second = 0;
    double p50_ms = 0;
    double p99_ms = 0;
    std::uint64_t failed = 0;
};

std::string page() {
    std::string html = "<!doctype html><html lang=\"en\"><head><title>Case</title></head><body><table>";
    for (int row = 0; html.size() < 5700; ++row) {
        html += format("<tr><td>{}</td><td>Certificate of residence</td><td>2026-11-{:02}</td><td>open</td></tr>\n", row, row % 28 + 1);
    }
    return html + "</table></body></html>\n";
}

pid_t run(const std::vector<std::string>& words, int output) {
    std::vector<char*> argv;
    std::vector<std::string> copy = words;
    for (auto& word : copy) argv.push_back(word.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    if (output >= 0) posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    pid_t child = -1;
    if (posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ) != 0) child = -1;
    posix_spawn_file_actions_destroy(&actions);
    return child;
}

std::string output_of(const std::vector<std::string>& words) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) return {};
    const pid_t child = run(words, ends[1]);
    close(ends[1]);
    std::string text;
    std::array<char, 4096> chunk{};
    for (ssize_t size = 0; (size = read(ends[0], chunk.data(), chunk.size())) > 0;) text.append(chunk.data(), static_cast<std::size_t>(size));
    close(ends[0]);
    if (child > 0) waitpid(child, nullptr, 0);
    return text;
}

// The number behind `label` in wrk's report, with its unit of time made milliseconds.
double figure(const std::string& report, std::string_view label) {
    const auto place = report.find(label);
    if (place == std::string::npos) return 0;
    char* end = nullptr;
    const double number = std::strtod(report.c_str() + place + label.size(), &end);
    if (std::string_view(end).starts_with("us")) return number / 1000;
    if (std::string_view(end).starts_with("s")) return number * 1000;
    return number;
}

Figures load(std::string_view url) {
    const auto report = output_of({"wrk", "-t1", "-c64", "-d3s", "--latency", std::string(url)});
    return {figure(report, "Requests/sec:"), figure(report, "50%"), figure(report, "99%"),
            static_cast<std::uint64_t>(figure(report, "Non-2xx or 3xx responses:"))};
}

// The median over the rounds of one against the other in the same round.
double ratio(const std::vector<Figures>& ours, const std::vector<Figures>& theirs) {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < ours.size(); ++i) ratios.push_back(ours[i].requests_per_second / theirs[i].requests_per_second);
    std::sort(ratios.begin(), ratios.end());
    return ratios[ratios.size() / 2];
}

Figures median(std::vector<Figures> all) {
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.requests_per_second < b.requests_per_second; });
    return all[all.size() / 2];
}

std::string nginx_settings(const Path& folder) {
    return format("daemon off; pid {0}/pid; error_log {0}/error.log;\nworker_processes auto;\n"
                  "events {{ worker_connections 1024; }}\n"
                  "http {{ access_log {0}/access.log combined buffer=64k; sendfile on; tcp_nopush on; keepalive_requests 1000000;\n"
                  "  types {{ text/html html; }} client_body_temp_path {0}; proxy_temp_path {0}; fastcgi_temp_path {0};\n"
                  "  uwsgi_temp_path {0}; scgi_temp_path {0};\n"
                  "  server {{ listen 127.0.0.1:{1}; root {0}; }} }}\n",
                  folder.string(), kNginxPort);
}

}  // namespace

int main() {
    std::array<char, 32> name{"/tmp/madang-http-bench-XXXXXX"};
    const char* made = mkdtemp(name.data());
    if (made == nullptr) return 1;
    const Path folder = made;
    std::filesystem::permissions(folder, std::filesystem::perms(0755));
    const std::string html = page();
    if (!write_file_whole(folder / "index.html", html) || !write_file_whole(folder / "nginx.conf", nginx_settings(folder))) return 1;
    const pid_t nginx = run({"/usr/sbin/nginx", "-c", (folder / "nginx.conf").string()}, -1);

    std::FILE* lines = std::fopen((folder / "our.log").c_str(), "w");
    const SystemClock clock;
    SystemRandom random;
    StreamLog log(lines, LogForm::json_lines, Level::info, clock);
    http::Metrics metrics;
    http::Router router;
    const auto asset = http::make_asset("text/html; charset=utf-8", html, http::Caching::revalidate);
    router.add(http::Method::get, "/asset", [&](const http::Request&) { return http::Response::from(asset); }, {.dispatch = http::Dispatch::inline_});
    router.add(http::Method::get, "/made", [&](const http::Request&) { return http::Response::html(html); }, {.dispatch = http::Dispatch::inline_});
    router.add(http::Method::get, "/worker", [&](const http::Request&) { return http::Response::html(html); });
    http::Config config;
    config.port = 0;
    http::Server server(config, std::move(router), metrics, log, clock, random);
    if (!server.start()) return 1;

    struct Row { const char* what; std::string url; std::vector<Figures> rounds; };
    std::vector<Row> rows = {
        {"nginx, static file", format("http://127.0.0.1:{}/index.html", kNginxPort), {}},
        {"ours, cached page", format("http://127.0.0.1:{}/asset", server.port()), {}},
        {"ours, page made inline", format("http://127.0.0.1:{}/made", server.port()), {}},
        {"ours, page made by a worker", format("http://127.0.0.1:{}/worker", server.port()), {}},
    };
    std::this_thread::sleep_for(std::chrono::milliseconds(500));  // nginx opens its port
    for (auto& row : rows) load(row.url);
    for (int round = 0; round < kRounds; ++round) {
        for (auto& row : rows) row.rounds.push_back(load(row.url));
    }
    const std::string figures = metrics.text();
    std::printf("page of %zu bytes, wrk -t1 -c64 on the same cores, access logs on, median of %d rounds of 3 s\n", html.size(), kRounds);
    for (const auto& row : rows) {
        const auto f = median(row.rounds);
        std::printf("%-28s %9.0f requests/s  p50 %6.2f ms  p99 %6.2f ms  %5.2f of nginx  %llu failed\n", row.what, f.requests_per_second,
                    f.p50_ms, f.p99_ms, ratio(row.rounds, rows[0].rounds), static_cast<unsigned long long>(f.failed));
    }
    const std::string_view label = "access_log_dropped_total ";
    const auto dropped = figures.find(label);
    if (dropped != std::string::npos) {
        std::printf("lines of our access log lost because the log was too slow: %llu\n",
                    std::strtoull(figures.c_str() + dropped + label.size(), nullptr, 10));
    }
    server.stop();
    if (nginx > 0) {
        kill(nginx, SIGTERM);
        waitpid(nginx, nullptr, 0);
    }
    std::fclose(lines);
    std::filesystem::remove_all(folder);
    return 0;
}
