#include "faults/installation.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "base/check.h"
#include "base/json.h"
#include "base/text.h"
#include "faults/client.h"

namespace madang::faults {
namespace {

int free_port() {
    const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    MADANG_CHECK(::bind(probe, reinterpret_cast<const sockaddr*>(&address), size) == 0);
    MADANG_CHECK(::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    ::close(probe);
    return ntohs(address.sin_port);
}

// Starts the program; its output goes to the two descriptors.
pid_t spawn(const Path& program, const std::vector<std::string>& arguments, int out, int err) {
    std::vector<char*> argv;
    std::vector<std::string> words{program.string()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(out, 1);
        ::dup2(err, 2);
        ::execv(argv[0], argv.data());
        ::_exit(127);
    }
    return child;
}

}  // namespace

Installation::Installation(Path program, Path folder, std::string store, Path pack)
    : program_(std::move(program)), folder_(std::move(folder)), store_(std::move(store)), port_(free_port()) {
    const auto [made, text] = run({"init", "--pack", (pack.empty() ? Path(MADANG_SOURCE_DIR) / "packs/by" : pack).string()});
    MADANG_CHECK(made == 0);
    const auto [loaded, demo] = run({"demo", "load", "--json"});
    MADANG_CHECK(loaded == 0);
    const auto value = parse_json(demo);
    MADANG_CHECK(value.has_value());
    for (const auto& item : value->at("sign_ins").as_array()) {
        const auto& object = item.as_object();
        const bool staff = object.contains("totp") && !object.at("totp").is_null();
        (staff ? officers_ : citizens_).push_back({string_or(object, "name", ""), string_or(object, "password", ""), staff});
    }
    MADANG_CHECK(!citizens_.empty());
}

Installation::~Installation() {
    if (process_ > 0) kill();
}

std::pair<int, std::string> Installation::run(std::vector<std::string> arguments) const {
    std::vector<std::string> all{"--data", data().string()};
    if (!store_.empty()) all.insert(all.end(), {"--store", store_});
    all.insert(all.end(), arguments.begin(), arguments.end());
    int pipe[2];
    MADANG_CHECK(::pipe2(pipe, O_CLOEXEC) == 0);
    const pid_t child = spawn(program_, all, pipe[1], 2);
    ::close(pipe[1]);
    std::string output;
    char bytes[4096];
    for (ssize_t got = 0; (got = ::read(pipe[0], bytes, sizeof bytes)) > 0;) output.append(bytes, static_cast<std::size_t>(got));
    ::close(pipe[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), output};
}

std::optional<double> Installation::start(double at_most) {
    const auto begin = std::chrono::steady_clock::now();
    std::vector<std::string> all{"--data", data().string(), "--listen", format("127.0.0.1:{}", port_),
                                 "--requests-per-minute", "0"};
    if (!store_.empty()) all.insert(all.end(), {"--store", store_});
    all.emplace_back("serve");
    const int log = ::open((folder_ / "server.log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    process_ = spawn(program_, all, log, log);
    ::close(log);
    for (;;) {
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        Client client(port_);
        const auto answer = client.request("GET", "/readyz");
        if (answer && answer->status == 200) return seconds;
        int status = 0;
        if (seconds > at_most || ::waitpid(process_, &status, WNOHANG) == process_) return std::nullopt;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

void Installation::kill() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = -1;
}

int Installation::stop() {
    ::kill(process_, SIGTERM);
    int status = 0;
    ::waitpid(process_, &status, 0);
    process_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace madang::faults
