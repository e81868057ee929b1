// TLS for senders that speak and are not answered (RFC 5425): the server's side of a session over a socket that does not block.
//
//   TRY(const auto tls, TlsServer::open({certificate, key, authority}));
//   TlsSession session(tls, socket);              // until `session.read(buffer)` says closed or failed,
//                                                 // poll the socket for what it wants
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/file.h"
#include "base/result.h"

namespace madang::crypto {

// What a buffer to read into must hold at least: a whole record (RFC 8446, 5.1), so that nothing stays behind in the session
// of which the socket does not tell.
inline constexpr std::size_t kTlsRecord = 16384;

struct TlsServerFiles {
    Path certificate;   // PEM, the server's own first, then what leads to its root
    Path key;           // PEM, not encrypted
    Path clients = {};  // PEM: only who shows a certificate under one of these is let in; empty: anybody
};

// Versions 1.2 and 1.3 with forward secrecy and authenticated encryption; no renegotiation, no compression and no resumption,
// so that a certificate is asked for and checked on every connection. Immutable, cheap to copy, may be used by several threads.
class TlsServer {
public:
    // Code::invalid where a file is not what it should be, with its name.
    static Result<TlsServer> open(const TlsServerFiles& files);

    struct State;
    const State& state() const { return *state_; }

private:
    std::shared_ptr<const State> state_;
};

class TlsSession {
public:
    // The socket stays the caller's and must not block. The process ignores SIGPIPE.
    TlsSession(const TlsServer& server, int socket);
    ~TlsSession();
    TlsSession(TlsSession&&) noexcept;
    TlsSession& operator=(TlsSession&&) = delete;
    TlsSession(const TlsSession&) = delete;
    TlsSession& operator=(const TlsSession&) = delete;

    enum class Step {
        bytes,         // `size` of them are in the buffer
        wants_read,    // go on when the socket can be read
        wants_write,   // … or written: parts of the handshake, answers to new keys
        closed,        // the other side said that it ends, and all it sent was read
        failed,        // `reason` says why; also an end that was not said
    };
    struct Read {
        Step step = Step::failed;
        std::size_t size = 0;
    };
    // Handshake and reading are one: at most one record is taken in each call. `buffer` holds kTlsRecord bytes or more.
    Read read(std::span<char> buffer);
    // Says to the other side that this one ends, where the socket takes it at once.
    void close();

    bool is_open() const;                    // the handshake is done
    const std::string& reason() const { return reason_; }
    // Who was let in, by the certificate that it showed: its first DNS name (subjectAltName), else the last common name of its
    // subject. Nothing where it showed none, or none with a name of 1 to 255 visible characters of UTF-8.
    std::optional<std::string> client_name() const;

private:
    struct State;
    Read end(int result);
    std::unique_ptr<State> state_;
    std::string reason_;
};

}  // namespace madang::crypto
