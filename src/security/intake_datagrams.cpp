// Syslog as datagrams (RFC 5426): all that wait are stored together, each counted under its sender.
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "security/intake.h"

namespace madang::security {
namespace {

constexpr std::size_t kAtOnce = 64;                // datagrams that the system is asked for in one call
constexpr std::size_t kDatagramBytes = 65536;
constexpr std::size_t kTogether = 4U << 20;        // bytes, about, that are stored at once
constexpr int kReceiveBuffer = 8 << 20;            // of the system, for bursts

// What SO_MEMINFO tells, as the system's own header (linux/sock_diag.h) counts it.
constexpr std::size_t kMemoryFacts = 9;
constexpr std::size_t kDrops = 8;                  // place of the dropped datagrams among them

// How many datagrams the system dropped; nothing where it does not tell.
std::optional<std::uint32_t> dropped_of(int socket) {
    std::array<std::uint32_t, kMemoryFacts> facts{};
    socklen_t size = sizeof facts;
    if (::getsockopt(socket, SOL_SOCKET, SO_MEMINFO, facts.data(), &size) != 0 || size <= kDrops * sizeof facts[0]) return std::nullopt;
    return facts[kDrops];
}

}  // namespace

void append_as_line(std::string& text, std::string_view message) {
    while (message.ends_with('\n') || message.ends_with('\0') || message.ends_with('\r')) message.remove_suffix(1);
    if (message.empty()) return;
    const std::size_t from = text.size();
    text += message;
    std::ranges::replace(text.begin() + static_cast<std::ptrdiff_t>(from), text.end(), '\n', ' ');
    text += '\n';
}

std::string SyslogIntake::name_of(const sockaddr_storage& from) {
    std::array<char, NI_MAXHOST> host{};
    const socklen_t size = from.ss_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
    if (::getnameinfo(reinterpret_cast<const sockaddr*>(&from), size, host.data(), host.size(), nullptr, 0, NI_NUMERICHOST) != 0) return std::string(kUnknownSender);
    return host.data();
}

// On the port of the connections, also where any free one was asked for.
Result<void> SyslogIntake::listen_to_datagrams(std::string_view address) {
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&bound), &size);
    datagrams_ = ::socket(bound.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (datagrams_ < 0 || ::bind(datagrams_, reinterpret_cast<const sockaddr*>(&bound), size) != 0) return fail(Code::unavailable, format("{}: {}", address, std::strerror(errno)));
    ::setsockopt(datagrams_, SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
    if (!dropped_of(datagrams_)) log_.warning("the system does not tell how many datagrams it drops", {{"address", std::string(address)}});
    return {};
}

void SyslogIntake::read_datagrams() {
    static thread_local std::vector<char> bytes(kAtOnce * kDatagramBytes);
    std::array<sockaddr_storage, kAtOnce> from{};
    std::array<iovec, kAtOnce> pieces{};
    std::array<mmsghdr, kAtOnce> messages{};
    std::map<std::string, std::string> texts;
    for (std::size_t together = 0; together < kTogether;) {
        for (std::size_t i = 0; i < kAtOnce; ++i) {
            pieces[i] = {bytes.data() + i * kDatagramBytes, kDatagramBytes};
            messages[i] = {};
            messages[i].msg_hdr.msg_name = &from[i];
            messages[i].msg_hdr.msg_namelen = sizeof from[i];
            messages[i].msg_hdr.msg_iov = &pieces[i];
            messages[i].msg_hdr.msg_iovlen = 1;
        }
        const int got = ::recvmmsg(datagrams_, messages.data(), kAtOnce, 0, nullptr);
        for (int i = 0; i < got; ++i) {
            const std::string_view message(bytes.data() + static_cast<std::size_t>(i) * kDatagramBytes, messages[static_cast<std::size_t>(i)].msg_len);
            append_as_line(texts[name_of(from[static_cast<std::size_t>(i)])], message);
            together += message.size() + sizeof(SpoolRecord);
        }
        if (got < static_cast<int>(kAtOnce)) break;
    }
    std::vector<SourceText> all;
    for (const auto& [source, text] : texts) {
        if (!text.empty()) all.push_back({source, text});
    }
    (void)store(all);   // it tells why; a datagram's sender hears nothing
}

// Asked of the system itself: what it drops while no other datagram comes is known as well.
void SyslogIntake::look_for_lost() {
    if (datagrams_ < 0) return;
    const std::lock_guard lock(mutex_);
    const auto dropped = dropped_of(datagrams_);
    if (!dropped || *dropped == lost_) return;
    const std::uint32_t more = *dropped - lost_;   // right also where the system's number began anew
    lost_ = *dropped;
    dropped_ += more;
    intake_.count_lost(kUnknownSender, more);
}

SyslogCounts SyslogIntake::counts() {
    look_for_lost();
    return {open_, dropped_, failed_};
}

}  // namespace madang::security
