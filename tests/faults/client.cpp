#include "faults/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/text.h"

namespace madang::faults {

Client::~Client() { close(); }

void Client::close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
    buffer_.clear();
}

bool Client::connect() {
    if (socket_ >= 0) return true;
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const timeval limit{20, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return true;
    close();
    return false;
}

bool Client::fill() {
    char bytes[16384];
    const ssize_t got = ::recv(socket_, bytes, sizeof bytes, 0);
    if (got <= 0) return false;
    buffer_.append(bytes, static_cast<std::size_t>(got));
    return true;
}

std::optional<Answer> Client::read_answer() {
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
        if (!fill()) return std::nullopt;
    }
    Answer answer;
    std::size_t length = 0;
    bool first = true;
    for (const std::string_view line : split(std::string_view(buffer_).substr(0, end), '\n')) {
        if (first) {
            answer.status = line.size() > 12 ? std::atoi(std::string(line.substr(9, 3)).c_str()) : 0;
            first = false;
            continue;
        }
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        const std::string name = to_lower(line.substr(0, colon));
        const std::string value(trim(line.substr(colon + 1)));
        if (name == "content-length") length = static_cast<std::size_t>(std::atoll(value.c_str()));
        if (name == "set-cookie") {
            const std::string pair = value.substr(0, value.find(';'));
            // One of the same name takes the place of the other.
            std::string kept;
            for (const std::string_view other : split(cookie, ';')) {
                const std::string_view one = trim(other);
                if (!one.empty() && one.substr(0, one.find('=')) != pair.substr(0, pair.find('='))) kept += std::string(one) + "; ";
            }
            cookie = kept + pair;
        }
        answer.headers[name] = value;
    }
    buffer_.erase(0, end + 4);
    while (buffer_.size() < length) {
        if (!fill()) return std::nullopt;
    }
    answer.body = buffer_.substr(0, length);
    buffer_.erase(0, length);
    if (answer.headers["connection"] == "close") close();
    return answer;
}

std::optional<Answer> Client::request(std::string_view method, std::string_view path, std::string_view body,
                                      const std::map<std::string, std::string>& headers) {
    if (!connect()) return std::nullopt;
    std::string text = format("{} {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Length: {}\r\n", method, path, port_, body.size());
    for (const auto& [name, value] : headers) text += format("{}: {}\r\n", name, value);
    if (!cookie.empty()) text += format("Cookie: {}\r\n", cookie);
    text += "\r\n";
    text += body;
    std::string_view left = text;
    while (!left.empty()) {
        const ssize_t sent = ::send(socket_, left.data(), left.size(), MSG_NOSIGNAL);
        if (sent <= 0) {
            close();
            return std::nullopt;
        }
        left.remove_prefix(static_cast<std::size_t>(sent));
    }
    auto answer = read_answer();
    if (!answer) close();
    return answer;
}

}  // namespace madang::faults
