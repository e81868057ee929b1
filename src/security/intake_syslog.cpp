#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <span>

#include "base/text.h"
#include "security/detail/syslog_frames.h"
#include "security/intake.h"

namespace madang::security {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::size_t kMaxConnections = 500;
constexpr std::size_t kMaxHandshakes = 100;        // of them, not done yet
constexpr std::size_t kPiece = 256U << 10;         // of a connection, read at once
constexpr std::size_t kTogether = 4U << 20;        // bytes of several connections, stored at once
constexpr auto kLookForLost = std::chrono::seconds(1);

// Time, size and place of each file.
std::string state_of(const crypto::TlsServerFiles& files) {
    std::string state;
    for (const Path* file : {&files.certificate, &files.key, &files.clients}) {
        struct stat about{};
        if (file->empty() || ::stat(file->c_str(), &about) != 0) continue;
        state += format("{} {} {} {};", about.st_mtim.tv_sec, about.st_mtim.tv_nsec, static_cast<std::int64_t>(about.st_size), about.st_ino);
    }
    return state;
}

Result<void> problem_with(std::string_view what) { return fail(Code::unavailable, format("{}: {}", what, std::strerror(errno))); }

}  // namespace

struct SyslogIntake::Connection {
    int socket = -1;
    std::string source;
    SyslogFrames frames;
    std::optional<crypto::TlsSession> tls;
    short wants = POLLIN;
    SteadyTime deadline = SteadyTime::max();   // of the handshake

    Connection() = default;
    ~Connection() {
        if (tls) tls->close();
        if (socket >= 0) ::close(socket);
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    bool shakes_hands() const { return deadline != SteadyTime::max(); }
    enum class Got { something, nothing, end, failed };
    Got read();
};

// At most kPiece bytes behind what has begun.
SyslogIntake::Connection::Got SyslogIntake::Connection::read() {
    std::string& begun = frames.bytes();
    const std::size_t before = begun.size();
    begun.resize(before + kPiece);
    std::size_t size = 0;
    Got got = Got::nothing;
    if (!tls) {
        const ssize_t result = ::recv(socket, begun.data() + before, kPiece, 0);
        if (result > 0) size = static_cast<std::size_t>(result);
        got = result > 0 ? Got::something : result == 0 ? Got::end : errno == EAGAIN || errno == EINTR ? Got::nothing : Got::failed;
    }
    // Records are read one by one; the socket tells of those that are left.
    while (tls && kPiece - size >= crypto::kTlsRecord) {
        const auto read = tls->read(std::span(begun).subspan(before + size));
        size += read.size;
        if (read.step == crypto::TlsSession::Step::bytes) {
            got = Got::something;
            continue;
        }
        wants = read.step == crypto::TlsSession::Step::wants_write ? POLLOUT : POLLIN;
        if (read.step == crypto::TlsSession::Step::closed) got = Got::end;
        if (read.step == crypto::TlsSession::Step::failed) got = Got::failed;
        break;
    }
    begun.resize(before + size);
    return got;
}

SyslogIntake::SyslogIntake(Intake& intake, Log& log) : intake_(intake), log_(log) {}

Result<std::unique_ptr<SyslogIntake>> SyslogIntake::start(std::string_view address, Intake& intake, Log& log) {
    std::unique_ptr<SyslogIntake> made(new SyslogIntake(intake, log));
    TRY_DO(made->listen(address));
    TRY_DO(made->listen_to_datagrams(address));
    TRY_DO(made->begin());
    return made;
}

Result<std::unique_ptr<SyslogIntake>> SyslogIntake::start(std::string_view address, const SyslogTls& tls, Intake& intake, Log& log) {
    std::unique_ptr<SyslogIntake> made(new SyslogIntake(intake, log));
    made->state_of_files_ = state_of(tls.files);
    TRY(made->tls_, crypto::TlsServer::open(tls.files));
    made->files_ = tls.files;
    made->handshake_time_ = tls.handshake_time;
    made->shows_names_ = !tls.files.clients.empty();
    TRY_DO(made->listen(address));
    TRY_DO(made->begin());
    return made;
}

Result<void> SyslogIntake::begin() {
    wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake_ < 0) return problem_with("eventfd");
    thread_ = std::thread([this] { run(); });
    return {};
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
    sockaddr_storage bound{};
    socklen_t bound_size = sizeof bound;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&bound), &bound_size);
    port_ = ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6*>(&bound)->sin6_port : reinterpret_cast<const sockaddr_in*>(&bound)->sin_port);
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

// The first failure is told at once, of many in a second the newest one: who breaks handshakes on purpose fills no log.
void SyslogIntake::count_failure(const std::string& source, std::string_view reason) {
    ++failed_;
    const SteadyTime now = std::chrono::steady_clock::now();
    if (now - told_ < std::chrono::seconds(1)) return;
    told_ = now;
    log_.warning("a sender of syslog failed", {{"source", source}, {"reason", std::string(reason)}, {"failed_so_far", std::to_string(failed_)}});
}

// Senders keep their places; of those that only shake hands, the oldest one makes room.
bool SyslogIntake::make_room(const std::string& source) {
    const auto shaking = [](const auto& one) { return one->shakes_hands(); };
    const auto hands = static_cast<std::size_t>(std::ranges::count_if(connections_, shaking));
    if (connections_.size() < kMaxConnections && hands < kMaxHandshakes) return true;
    if (hands == 0) {
        count_failure(source, "too many senders");
        return false;
    }
    const auto oldest = std::ranges::find_if(connections_, shaking);
    count_failure((*oldest)->source, "too many handshakes at once");
    connections_.erase(oldest);
    return true;
}

// Certificates last for weeks; a program that renews them writes the files and tells nobody. Between certificate and key they do not
// fit together, which the next look mends.
void SyslogIntake::look_for_certificate() {
    const SteadyTime now = std::chrono::steady_clock::now();
    if (now - looked_ < std::chrono::milliseconds(200)) return;
    looked_ = now;
    std::string state = state_of(files_);
    if (state == state_of_files_) return;
    state_of_files_ = std::move(state);
    auto fresh = crypto::TlsServer::open(files_);
    if (!fresh) {
        log_.warning("the new certificate of syslog cannot be used; the former one goes on", {{"reason", fresh.error().message}});
        return;
    }
    tls_ = std::move(*fresh);
    log_.info("syslog has a new certificate", {{"file", files_.certificate.string()}});
}

void SyslogIntake::accept_one() {
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    const int socket = ::accept4(listener_, reinterpret_cast<sockaddr*>(&from), &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (socket < 0) {
        // Without a free descriptor the listener stays ready: not to ask again at once leaves time to the others.
        if (errno == EMFILE || errno == ENFILE) std::this_thread::sleep_for(std::chrono::milliseconds(10));
        return;
    }
    auto one = std::make_unique<Connection>();
    one->socket = socket;
    one->source = name_of(from);
    if (!make_room(one->source)) return;
    if (tls_) {
        look_for_certificate();
        one->tls.emplace(*tls_, socket);
        one->deadline = std::chrono::steady_clock::now() + handshake_time_;
    }
    connections_.push_back(std::move(one));
}

// False where the handshake ended with somebody who has no name.
bool SyslogIntake::greet(Connection& one) {
    if (!one.shakes_hands() || !one.tls->is_open()) return true;
    one.deadline = SteadyTime::max();
    if (!shows_names_) return true;
    const auto name = one.tls->client_name();
    if (!name || name->size() > kMaxSource) {
        count_failure(one.source, "the sender's certificate names nobody");
        return false;
    }
    one.source = *name;
    return true;
}

// What came, by whole messages; false where the connection is at its end.
bool SyslogIntake::read_some(Connection& one, std::string& text) {
    const Connection::Got got = one.read();
    if (!greet(one)) return false;
    const bool ends = got == Connection::Got::end || got == Connection::Got::failed;
    if (got == Connection::Got::failed) count_failure(one.source, one.tls ? one.tls->reason() : std::strerror(errno));
    if (one.shakes_hands()) return !ends;
    bool framed = one.frames.take(text);
    // The last message has no end of its own where line ends frame it.
    if (framed && got == Connection::Got::end) framed = one.frames.finish(text);
    if (!framed) log_.warning("the framing of a syslog connection is broken", {{"source", one.source}});
    // What is left is a message that was broken off.
    const std::uint64_t lost = one.frames.take_too_long() + (!framed || (ends && one.frames.has_rest()) ? 1 : 0);
    if (lost > 0) intake_.count_lost(one.source, lost);
    return framed && !ends;
}

Result<void> SyslogIntake::store(std::span<const SourceText> texts) {
    if (texts.empty()) return {};
    const auto taken = intake_.take_each(LineFormat::syslog, texts);
    if (!taken) log_.error("events were refused", {{"source", std::string(texts.front().source)}, {"sources", std::to_string(texts.size())}, {"reason", taken.error().message}});
    return taken;
}

// `ready` belongs to the connections in their order.
void SyslogIntake::serve_connections(const std::vector<pollfd>& ready) {
    const SteadyTime now = std::chrono::steady_clock::now();
    std::vector<bool> ended(ready.size());
    std::vector<std::string> texts(ready.size());
    std::vector<SourceText> waiting;
    std::size_t first = 0;                 // connection of those that wait
    std::size_t bytes = 0;
    const auto store_waiting = [&](std::size_t upto) {
        const bool stored = store(waiting).has_value();
        for (; first < upto; ++first) {
            if (!stored && !texts[first].empty()) ended[first] = true;
            texts[first] = {};
        }
        waiting.clear();
        bytes = 0;
    };
    for (std::size_t i = 0; i < ready.size(); ++i) {
        Connection& one = *connections_[i];
        if (ready[i].revents != 0) ended[i] = !read_some(one, texts[i]);
        if (!texts[i].empty()) waiting.push_back({one.source, texts[i]});
        bytes += texts[i].size();
        if (bytes >= kTogether) store_waiting(i + 1);
        if (ended[i] || now < one.deadline) continue;
        count_failure(one.source, "the handshake took too long");
        ended[i] = true;
    }
    store_waiting(ready.size());
    for (std::size_t i = ready.size(); i-- > 0;) {
        if (ended[i]) connections_.erase(connections_.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

void SyslogIntake::run() {
    for (;;) {
        std::vector<pollfd> all{{wake_, POLLIN, 0}, {datagrams_, POLLIN, 0}, {listener_, POLLIN, 0}};
        SteadyTime next = SteadyTime::max();
        for (const auto& one : connections_) {
            all.push_back({one->socket, one->wants, 0});
            next = std::min(next, one->deadline);
        }
        open_ = connections_.size();
        if (datagrams_ >= 0) next = std::min(next, std::chrono::steady_clock::now() + kLookForLost);
        const auto patience = next == SteadyTime::max() ? std::chrono::milliseconds(-1)
                                                        : std::max(std::chrono::ceil<std::chrono::milliseconds>(next - std::chrono::steady_clock::now()), std::chrono::milliseconds(0));
        if (::poll(all.data(), all.size(), static_cast<int>(patience.count())) < 0 && errno != EINTR) return;
        if (all[0].revents != 0) {
            // What arrived before the end is kept.
            if (datagrams_ >= 0) read_datagrams();
            connections_.clear();
            return;
        }
        if (all[1].revents != 0) read_datagrams();
        look_for_lost();
        serve_connections({all.begin() + 3, all.end()});
        if (all[2].revents != 0) accept_one();
    }
}

}  // namespace madang::security
