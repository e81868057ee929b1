// Events as they arrive at a running installation: each source has counters, received = stored + refused, and what was
// acknowledged is on disk.
#pragma once

#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "crypto/tls_server.h"
#include "security/event_times.h"
#include "security/spool.h"

namespace madang::security {

struct RotatedLog;

inline constexpr std::size_t kMaxSources = 1000;
inline constexpr std::string_view kOtherSources = "others";   // in counters, those beyond
inline constexpr std::size_t kMaxIntakeLine = 1U << 20;   // bytes

inline constexpr std::string_view kUnknownSender = "unknown";

struct IntakeCounts {
    std::uint64_t received = 0, stored = 0, refused = 0;   // lines
    std::uint64_t gaps = 0;                                // how often something was lost of which nobody knows how many lines it was
};

struct SourceText {
    std::string_view source, text;
};

// Lines of one text that were refused: the first as "line 17: column 3: …", of JSON over several lines the one in which the object
// begins, and how many more there are.
struct RefusedLines {
    static constexpr std::size_t kMost = 20;
    std::vector<std::string> first;
    std::uint64_t more = 0;

    void add(std::uint64_t line, std::string_view reason);
};

class Intake {
public:
    // `zone`: east of UTC, of times in syslog that do not say it (RFC 3164) and of whose source `times` says nothing.
    Intake(EventSink& sink, const Clock& clock, std::chrono::minutes zone = {}, EventTimes times = EventTimes::shipped())
        : sink_(sink), clock_(clock), zone_(zone), times_(std::move(times)) {}

    // All lines of a text; those that are longer than kMaxIntakeLine or hold no event are refused and counted. What is counted as
    // stored is on disk. Code::exhausted for a name or one source too many, or a full disk: then nothing is counted as stored.
    Result<IntakeCounts> take(std::string_view source, LineFormat format, std::string_view text);
    // The same for texts of several sources, which wait for the disk once and are counted each for itself: all of them are stored or
    // refused.
    Result<void> take_each(LineFormat format, std::span<const SourceText> texts);
    // As take(), for a text that is whole: where it is JSON in arrays or over several lines (json_documents.h), each object is a line.
    // `refused` is told which were refused, and why.
    Result<IntakeCounts> take_whole(std::string_view source, LineFormat format, std::string_view text, RefusedLines& refused);
    // The same for records that were parted before and say their sources themselves. Counted under `way`; the time that each has is
    // when it arrived, and gives way to the event's own.
    Result<IntakeCounts> take_records(std::string_view way, std::vector<SpoolRecord> records);
    // Datagrams that the system had no room for.
    void count_lost(std::string_view source, std::uint64_t lines);
    // A part of a log that was gone before it could be read.
    void count_gap(std::string_view source);

    std::map<std::string, IntakeCounts> counts() const;

private:
    using Counted = std::map<std::string_view, IntakeCounts>;
    using Refuse = std::function<void(std::size_t record, std::string_view reason)>;
    Result<IntakeCounts*> of(std::string_view source);
    Result<Counted> keep(std::vector<SpoolRecord> records, std::optional<std::string_view> way, const Refuse& refuse);
    Result<IntakeCounts> keep_as(std::string_view way, std::vector<SpoolRecord> records, const Refuse& refuse);
    Result<IntakeCounts> take_documents(std::string_view source, std::string_view text, RefusedLines& refused);

    EventSink& sink_;
    const Clock& clock_;
    std::chrono::minutes zone_;
    EventTimes times_;
    mutable std::mutex mutex_;
    std::map<std::string, IntakeCounts, std::less<>> all_;
};

// One message goes behind `text` as one line: line ends within it (RFC 5424 says nothing against them) become blanks, those at its
// end fall away, and of an empty message nothing is left.
void append_as_line(std::string& text, std::string_view message);

struct SyslogTls {
    crypto::TlsServerFiles files;
    std::chrono::milliseconds handshake_time = std::chrono::seconds(10);
};
struct SyslogCounts {
    std::uint64_t connections = 0;      // open now
    // Datagrams for which the system had no room, also while no other comes. Refused of kUnknownSender: nobody knows whose they were.
    std::uint64_t dropped = 0;
    std::uint64_t failed = 0;           // handshakes that came to nothing, sessions that broke, senders for whom there was no place
};

// Syslog on one address: datagrams (RFC 5426) and connections (RFC 6587: messages framed by their length or by line ends), or
// connections over TLS alone (RFC 5425). A connection is read only as fast as its messages reach the disk, so its sender is slowed
// and not dropped; one that sends slowly, or half a handshake, holds up no other.
class SyslogIntake {
public:
    // `address` is "127.0.0.1:5514" or "[::1]:5514"; port 0 is any free one. The source of each message is the sender's address.
    static Result<std::unique_ptr<SyslogIntake>> start(std::string_view address, Intake& intake, Log& log);
    // Where senders show certificates, the source is the name in them (crypto::TlsSession::client_name); a certificate without one
    // is refused. Files that are changed later hold from the next connection on; where they are wrong, the former ones do.
    static Result<std::unique_ptr<SyslogIntake>> start(std::string_view address, const SyslogTls& tls, Intake& intake, Log& log);
    ~SyslogIntake();
    SyslogIntake(const SyslogIntake&) = delete;
    SyslogIntake& operator=(const SyslogIntake&) = delete;
    std::uint16_t port() const { return port_; }
    SyslogCounts counts();

private:
    struct Connection;
    SyslogIntake(Intake& intake, Log& log);
    Result<void> listen(std::string_view address);
    Result<void> listen_to_datagrams(std::string_view address);
    Result<void> begin();
    void run();
    void serve_connections(const std::vector<pollfd>& ready);
    void read_datagrams();
    void look_for_lost();
    Result<void> store(std::span<const SourceText> texts);
    void accept_one();
    void look_for_certificate();
    bool make_room(const std::string& source);
    bool greet(Connection& one);
    bool read_some(Connection& one, std::string& text);
    static std::string name_of(const sockaddr_storage& from);
    void count_failure(const std::string& source, std::string_view reason);

    Intake& intake_;
    Log& log_;
    std::optional<crypto::TlsServer> tls_;
    crypto::TlsServerFiles files_;
    std::string state_of_files_;           // by which a change is known
    std::chrono::steady_clock::time_point looked_{};
    std::chrono::milliseconds handshake_time_{};
    bool shows_names_ = false;             // senders show certificates
    int datagrams_ = -1, listener_ = -1, wake_ = -1;
    std::uint16_t port_ = 0;
    std::mutex mutex_;                     // of what was lost
    std::uint32_t lost_ = 0;               // as the system counts
    std::vector<std::unique_ptr<Connection>> connections_;
    std::atomic<std::uint64_t> open_ = 0, failed_ = 0, dropped_ = 0;
    std::chrono::steady_clock::time_point told_{};
    std::thread thread_;
};

// Log files, followed as they grow and across their rotations: renamed and begun anew, or copied and cut; also several of them and
// packed ones (.gz, .zst) while nobody looked. What cannot be read any more is counted as a gap and warned of. A file is read only as
// fast as its lines reach the disk. How far each was read is noted behind every piece; a crash between the two takes a piece in
// twice, and none is left out.
struct FollowedFile {
    Path path;
    LineFormat format = LineFormat::json;
};
// "/var/log/nginx/access.log=web_access, /var/log/audit/audit.log=audit"; Code::invalid for what is none.
Result<std::vector<FollowedFile>> parse_followed_files(std::string_view text);

class FileIntake {
public:
    // `state` is a file of this class's own. A log that is not there yet is waited for; one that was never followed is read from
    // its start. Code::corrupted for a state that cannot be read.
    static Result<std::unique_ptr<FileIntake>> start(std::vector<FollowedFile> files, Path state, Intake& intake, Log& log);
    ~FileIntake();
    FileIntake(const FileIntake&) = delete;
    FileIntake& operator=(const FileIntake&) = delete;

private:
    struct Followed;
    FileIntake(Path state, Intake& intake, Log& log);
    Result<void> recall();
    Result<void> note() const;
    void run(const std::stop_token& stop);
    bool read_some(Followed& one, bool at_its_end);
    bool go_on(Followed& one, const std::stop_token& stop);
    bool go_on_after_cut(Followed& one);
    bool advance(Followed& one, const std::stop_token& stop);
    bool read_packed(Followed& one, const RotatedLog& log, const std::stop_token& stop);
    bool keep(Followed& one, std::string_view text);
    void find_again(Followed& one);
    void tell_gap(const Followed& one, std::string_view what);

    Path state_;
    Intake& intake_;
    Log& log_;
    std::vector<std::unique_ptr<Followed>> all_;
    std::jthread thread_;
};

}  // namespace madang::security
