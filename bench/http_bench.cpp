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
#include "load.h"

namespace {

using namespace madang;
using namespace madang::bench;

constexpr int kRounds = 5;

std::string page() {
    std::string html = "<!doctype html><html lang=\"en\"><head><title>Case</title></head><body><table>";
    for (int row = 0; html.size() < 5700; ++row) {
        html += format("<tr><td>{}</td><td>Certificate of residence</td><td>2026-11-{:02}</td><td>open</td></tr>\n", row, row % 28 + 1);
    }
    return html + "</table></body></html>\n";
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
