#include "load.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/text.h"

extern char** environ;

namespace madang::bench {
namespace {

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

}  // namespace

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

Figures load(std::string_view url) {
    const auto report = output_of({"wrk", "-t1", "-c64", "-d3s", "--latency", std::string(url)});
    return {figure(report, "Requests/sec:"), figure(report, "50%"), figure(report, "99%"),
            static_cast<std::uint64_t>(figure(report, "Non-2xx or 3xx responses:"))};
}

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

}  // namespace madang::bench
