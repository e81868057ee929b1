#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "base/text.h"
#include "security/intake.h"

namespace madang::security {
namespace {

constexpr std::size_t kMaxConnections = 500;
constexpr std::size_t kDatagrams = 256;            // read at once
constexpr std::size_t kDatagramBytes = 65536;
constexpr std::size_t kPiece = 256U << 10;         // of a connection, read at once
constexpr int kReceiveBuffer = 8 << 20;            // of the system, for bursts

std::string name_of(const sockaddr_storage& from) {
    std::array<char, NI_MAXHOST> host{};
    const socklen_t size = from.ss_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
    if (::getnameinfo(reinterpret_cast<const sockaddr*>(&from), size, host.data(), host.size(), nullptr, 0, NI_NUMERICHOST) != 0) return "unknown";
    return host.data();
}

// A message may hold line ends (RFC 5424 says nothing against it); what is kept is one line.
void add_message(std::string& text, std::string_view message) {
    while (message.ends_with('\n') || message.ends_with('\0') || message.ends_with('\r')) message.remove_suffix(1);
    if (message.empty()) return;
    const std::size_t from = text.size();
    text += message;
    std::ranges::replace(text.begin() + static_cast<std::ptrdiff_t>(from), text.end(), '\n', ' ');
    text += '\n';
}

Result<void> problem_with(std::string_view what) { return fail(Code::unavailable, format("{}: {}", what, std::strerror(errno))); }

}  // namespace

SyslogIntake::Connection::~Connection() {
    if (socket >= 0) ::close(socket);
}

bool SyslogIntake::Connection::take(std::string& text, std::uint64_t& too_long) {
    std::size_t from = 0;
    const std::string_view all = begun;
    while (from < all.size()) {
        const std::string_view rest = all.substr(from);
        // RFC 6587, 3.4.1: a length without leading zero, a blank, the message; 3.4.2: else up to the line end.
        if (!skipping && rest.front() >= '1' && rest.front() <= '9') {
            const std::size_t blank = rest.substr(0, 9).find_first_not_of("0123456789");
            if (blank == std::string_view::npos) {
                if (rest.size() >= 9) return false;
                break;
            }
            std::size_t length = 0;
            std::from_chars(rest.data(), rest.data() + blank, length);
            if (rest[blank] != ' ' || length > kMaxIntakeLine) return false;
            if (rest.size() < blank + 1 + length) break;
            add_message(text, rest.substr(blank + 1, length));
            from += blank + 1 + length;
            continue;
        }
        const std::size_t end = rest.find('\n');
        if (end == std::string_view::npos) {
            if (rest.size() > kMaxIntakeLine || skipping) {
                if (!skipping) ++too_long;
                skipping = true;
                from = all.size();
            }
            break;
        }
        if (!skipping) add_message(text, rest.substr(0, end));
        skipping = false;
        from += end + 1;
    }
    begun.erase(0, from);
    return true;
}

Result<std::unique_ptr<SyslogIntake>> SyslogIntake::start(std::string_view address, Intake& intake, Log& log) {
    std::unique_ptr<SyslogIntake> made(new SyslogIntake(intake, log));
    TRY_DO(made->listen(address));
    made->wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (made->wake_ < 0) return std::unexpected(problem_with("eventfd").error());
    made->thread_ = std::thread([one = made.get()] { one->run(); });
    return made;
}

Result<void> SyslogIntake::listen(std::string_view address) {
    const std::size_t colon = address.rfind(':');
    if (colon == std::string_view::npos) return fail(Code::invalid, format("\"{}\" is no address with a port, as 127.0.0.1:5514", address));
    std::string host(address.substr(0, colon));
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    const std::string port(address.substr(colon + 1));
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) return fail(Code::invalid, format("\"{}\" is no address with a port, as 127.0.0.1:5514", address));
    sockaddr_storage where{};
    const socklen_t size = found->ai_addrlen;
    std::memcpy(&where, found->ai_addr, size);
    ::freeaddrinfo(found);
    listener_ = ::socket(where.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int yes = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (listener_ < 0 || ::bind(listener_, reinterpret_cast<const sockaddr*>(&where), size) != 0 || ::listen(listener_, 128) != 0) return problem_with(address);
    // Both speak on one port, also where any free one was asked for.
    sockaddr_storage bound{};
    socklen_t bound_size = sizeof bound;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&bound), &bound_size);
    port_ = ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6*>(&bound)->sin6_port : reinterpret_cast<const sockaddr_in*>(&bound)->sin_port);
    datagrams_ = ::socket(where.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (datagrams_ < 0 || ::bind(datagrams_, reinterpret_cast<const sockaddr*>(&bound), bound_size) != 0) return problem_with(address);
    ::setsockopt(datagrams_, SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
    ::setsockopt(datagrams_, SOL_SOCKET, SO_RXQ_OVFL, &yes, sizeof yes);   // how many were dropped comes with each datagram
    return {};
}

SyslogIntake::~SyslogIntake() {
    if (thread_.joinable()) {
        const std::uint64_t one = 1;
        if (::write(wake_, &one, sizeof one) == static_cast<ssize_t>(sizeof one)) thread_.join();
    }
    for (const int file : {datagrams_, listener_, wake_}) {
        if (file >= 0) ::close(file);
    }
}

void SyslogIntake::read_datagrams() {
    static thread_local std::vector<char> bytes(kDatagrams * kDatagramBytes);
    std::map<std::string, std::string> texts;
    for (std::size_t i = 0; i < kDatagrams; ++i) {
        sockaddr_storage from{};
        alignas(cmsghdr) std::array<char, 64> control{};
        iovec piece{bytes.data(), kDatagramBytes};
        msghdr message{};
        message.msg_name = &from;
        message.msg_namelen = sizeof from;
        message.msg_iov = &piece;
        message.msg_iovlen = 1;
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        const ssize_t got = ::recvmsg(datagrams_, &message, 0);
        if (got < 0) break;
        const std::string source = name_of(from);
        for (cmsghdr* one = CMSG_FIRSTHDR(&message); one != nullptr; one = CMSG_NXTHDR(&message, one)) {
            if (one->cmsg_level != SOL_SOCKET || one->cmsg_type != SO_RXQ_OVFL) continue;
            std::uint32_t dropped = 0;
            std::memcpy(&dropped, CMSG_DATA(one), sizeof dropped);
            if (dropped != lost_) intake_.count_lost(source, dropped - lost_);
            lost_ = dropped;
        }
        add_message(texts[source], {bytes.data(), static_cast<std::size_t>(got)});
    }
    for (const auto& [source, text] : texts) {
        if (const auto taken = intake_.take(source, LineFormat::syslog, text); !taken) log_.error("events were refused", {{"source", source}, {"reason", taken.error().message}});
    }
}

void SyslogIntake::accept_one() {
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    const int socket = ::accept4(listener_, reinterpret_cast<sockaddr*>(&from), &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (socket < 0) return;
    auto one = std::make_unique<Connection>();
    one->socket = socket;
    one->source = name_of(from);
    if (connections_.size() >= kMaxConnections) {
        log_.warning("too many senders of events", {{"source", one->source}});
        return;
    }
    connections_.push_back(std::move(one));
}

// False where the connection is at its end.
bool SyslogIntake::read_some(Connection& one) {
    const std::size_t before = one.begun.size();
    one.begun.resize(before + kPiece);
    const ssize_t got = ::recv(one.socket, one.begun.data() + before, kPiece, 0);
    one.begun.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    std::string text;
    std::uint64_t too_long = 0;
    bool goes_on = got > 0;
    if (got == 0 && !one.begun.empty()) one.begun += '\n';   // the last message has no end of its own
    if (!one.take(text, too_long)) {
        ++too_long;
        goes_on = false;
        log_.warning("the framing of a syslog connection is broken", {{"source", one.source}});
    }
    if (too_long > 0) intake_.count_lost(one.source, too_long);
    if (text.empty()) return goes_on;
    const auto taken = intake_.take(one.source, LineFormat::syslog, text);
    if (!taken) log_.error("events were refused", {{"source", one.source}, {"reason", taken.error().message}});
    return goes_on && taken.has_value();
}

void SyslogIntake::run() {
    for (;;) {
        std::vector<pollfd> all{{wake_, POLLIN, 0}, {datagrams_, POLLIN, 0}, {listener_, POLLIN, 0}};
        for (const auto& one : connections_) all.push_back({one->socket, POLLIN, 0});
        if (::poll(all.data(), all.size(), -1) < 0 && errno != EINTR) return;
        if (all[0].revents != 0) {
            // What arrived before the end is kept.
            read_datagrams();
            return;
        }
        if (all[1].revents != 0) read_datagrams();
        const std::size_t known = all.size() - 3;
        std::vector<bool> ended(known);
        for (std::size_t i = 0; i < known; ++i) {
            if (all[i + 3].revents != 0) ended[i] = !read_some(*connections_[i]);
        }
        for (std::size_t i = known; i-- > 0;) {
            if (ended[i]) connections_.erase(connections_.begin() + static_cast<std::ptrdiff_t>(i));
        }
        if (all[2].revents != 0) accept_one();
    }
}

}  // namespace madang::security
