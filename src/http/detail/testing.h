// For tests: a server on a free port and a client that writes raw octets.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/log.h"
#include "base/text.h"
#include "http/server.h"

namespace madang::http::testing {

// A connection to 127.0.0.1. Every wait ends after a few seconds.
class RawClient {
public:
    explicit RawClient(std::uint16_t port, std::uint32_t from = INADDR_LOOPBACK) {
        socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (socket_ < 0) return;  // no file descriptor left: not connected
        sockaddr_in local{};
        local.sin_family = AF_INET;
        local.sin_addr.s_addr = htonl(from);
        MADANG_CHECK(::bind(socket_, reinterpret_cast<sockaddr*>(&local), sizeof local) == 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int on = 1;
        ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    }
    ~RawClient() { ::close(socket_); }
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    bool connected() const { return connected_; }
    RawClient& send(std::string_view octets) {
        while (!octets.empty()) {
            const auto sent = ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL);
            if (sent <= 0) break;
            octets.remove_prefix(static_cast<std::size_t>(sent));
        }
        return *this;
    }
    RawClient& half_close() {
        ::shutdown(socket_, SHUT_WR);
        return *this;
    }

    // The next answer: head and, by Content-Length, body; "" when the server closed without one.
    std::string answer(bool head_only = false) {
        while (buffer_.find("\r\n\r\n") == std::string::npos && receive()) {
        }
        const auto end = buffer_.find("\r\n\r\n");
        if (end == std::string::npos) return std::exchange(buffer_, {});
        std::size_t size = end + 4;
        const auto place = buffer_.find("Content-Length: ");
        if (place < end && !head_only && !buffer_.starts_with("HTTP/1.1 100")) {
            size += std::strtoull(buffer_.c_str() + place + 16, nullptr, 10);
        }
        while (buffer_.size() < size && receive()) {
        }
        std::string whole = buffer_.substr(0, size);
        buffer_.erase(0, std::min(size, buffer_.size()));
        return whole;
    }
    // True when the server closes (or resets) without sending more.
    bool closed() {
        return buffer_.empty() && !receive() && !timed_out_;
    }

private:
    bool receive() {
        pollfd waiting{socket_, POLLIN, 0};
        if (::poll(&waiting, 1, 5000) <= 0) {
            timed_out_ = true;
            return false;
        }
        char chunk[16384];
        const auto size = ::recv(socket_, chunk, sizeof chunk, 0);
        if (size <= 0) return false;
        buffer_.append(chunk, static_cast<std::size_t>(size));
        return true;
    }

    int socket_ = -1;
    bool connected_ = false;
    bool timed_out_ = false;
    std::string buffer_;
};

inline int status_of(std::string_view answer) {
    if (answer.size() < 12 || !answer.starts_with("HTTP/1.1 ")) return 0;
    return (answer[9] - '0') * 100 + (answer[10] - '0') * 10 + (answer[11] - '0');
}
inline std::string_view body_of(std::string_view answer) {
    const auto end = answer.find("\r\n\r\n");
    return end == std::string_view::npos ? std::string_view() : answer.substr(end + 4);
}

// Keeps the lines that the server logs.
class LinesLog final : public Log {
public:
    void write(Level, std::string_view message, std::initializer_list<LogField> fields) override {
        std::string line(message);
        for (const auto& [key, value] : fields) line += format(" {}={}", key, value);
        const std::lock_guard lock(mutex_);
        text_ += line + "\n";
    }
    std::string text() const {
        const std::lock_guard lock(mutex_);
        return text_;
    }

private:
    mutable std::mutex mutex_;
    std::string text_;
};

struct Site {
    explicit Site(Router router, Config config = {}) {
        config.port = 0;
        if (config.io_threads == 0) config.io_threads = 2;
        server = std::make_unique<Server>(std::move(config), std::move(router), metrics, log, clock, random);
        const auto started = server->start();
        MADANG_CHECK(started.has_value());
    }
    std::uint16_t port() const { return server->port(); }
    // One request on a connection of its own.
    std::string ask(std::string_view octets) const { return RawClient(port()).send(octets).answer(); }
    std::string fetch(std::string_view target, std::string_view headers = {}) const {
        return ask(format("GET {} HTTP/1.1\r\nHost: localhost\r\n{}\r\n", target, headers));
    }
    std::string post(std::string_view target, std::string_view body, std::string_view headers = {}) const {
        return ask(format("POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                          "Content-Length: {}\r\n{}\r\n{}",
                          target, body.size(), headers, body));
    }

    SystemClock clock;
    SystemRandom random;
    Metrics metrics;
    LinesLog log;
    std::unique_ptr<Server> server;
};

}  // namespace madang::http::testing
