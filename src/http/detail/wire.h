// The octets of one connection: what came in and was not read yet, what waits to go out, and the
// deadlines of both. `Stream` is a TCP socket or TLS over one. Included by server.cpp only.
//
// Each co_await stands alone, never inside a condition: g++ 12 destroys the temporaries of one in a
// short-circuit expression twice.
#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "http/detail/lane.h"
#include "http/server.h"

namespace madang::http::detail {

using ErrorCode = boost::system::error_code;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using TlsStream = asio::ssl::stream<Socket>;
using Token = asio::use_awaitable_t<Executor>;
template <class T>
using Awaitable = asio::awaitable<T, Executor>;

template <class Stream>
class Wire final : public LiveConnection {
public:
    Wire(Stream stream, Lane& lane, const Limits& limits) : stream_(std::move(stream)), lane_(lane), limits_(limits) {
        lane_.enter(*this);
    }
    ~Wire() override { lane_.leave(*this); }
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    void interrupt() override {
        ErrorCode ignored;
        socket().cancel(ignored);
    }
    auto executor() { return stream_.get_executor(); }
    static Moment now() { return std::chrono::steady_clock::now(); }

    std::string out;  // what the next flush() sends
    bool broken = false;  // nothing can be sent any more

    // What came in and was not consumed.
    std::string_view available() const { return {in_.data() + begin_, end_ - begin_}; }
    void consume(std::size_t octets) { begin_ += octets; }

    // Before a wait that may be long: gives back what only a large message needed.
    void rest() {
        if (begin_ != end_ || in_.size() <= 2 * kFirstBuffer) return;
        in_ = std::vector<char>(kFirstBuffer);
        begin_ = end_ = 0;
    }

    Awaitable<bool> handshake() {
        if constexpr (kTls) {
            wait_until(now() + limits_.handshake_time);
            ErrorCode error;
            co_await stream_.async_handshake(asio::ssl::stream_base::server, asio::redirect_error(Token{}, error));
            deadline = kNever;
            co_return !error;
        }
        co_return true;
    }

    // Sends what waits to be sent, then waits for more octets. False with expired set: none in time.
    Awaitable<bool> fill(Moment until) {
        if (!out.empty()) {
            const bool sent = co_await flush({});
            if (!sent) co_return false;
        }
        make_room();
        wait_until(until);
        if (until <= now()) {
            expired = true;
            co_return false;
        }
        ErrorCode error;
        const auto received = co_await stream_.async_read_some(asio::buffer(in_.data() + end_, in_.size() - end_),
                                                               asio::redirect_error(Token{}, error));
        deadline = kNever;
        end_ += received;
        co_return !error;
    }

    // Sends `out` and then `payload` from where it is.
    Awaitable<bool> flush(std::string_view payload) {
        wait_until(now() + time_for(limits_.write_time, out.size() + payload.size()));
        ErrorCode error;
        const std::array<asio::const_buffer, 2> buffers = {asio::buffer(out), asio::buffer(payload)};
        if (payload.empty()) {
            co_await asio::async_write(stream_, buffers[0], asio::redirect_error(Token{}, error));
        } else {
            co_await asio::async_write(stream_, buffers, asio::redirect_error(Token{}, error));
        }
        deadline = kNever;
        out.clear();
        if (out.capacity() > kKept) out.shrink_to_fit();
        broken = broken || static_cast<bool>(error);
        co_return !error;
    }

    enum class Unread { nothing, maybe };
    // RFC 9112 clause 9.6: half-close, then read what still comes, so that the last answer is not lost.
    Awaitable<void> close(Unread unread) {
        if (!out.empty() && !broken) co_await flush({});
        ErrorCode error;
        if constexpr (kTls) {
            if (!broken) {
                wait_until(now() + kFarewell);
                co_await stream_.async_shutdown(asio::redirect_error(Token{}, error));
            }
        }
        error = {};
        socket().shutdown(asio::socket_base::shutdown_send, error);
        if (unread == Unread::maybe && !error && !broken) {
            wait_until(now() + kFarewell);
            in_.resize(std::max(in_.size(), kFirstBuffer));
            for (std::size_t drained = 0; !error && drained < kDrained;) {
                const auto size = co_await socket().async_read_some(asio::buffer(in_), asio::redirect_error(Token{}, error));
                drained += size;
            }
        }
        socket().close(error);
    }

    // A time that grows by a second for each `body_rate` octets.
    std::chrono::milliseconds time_for(std::chrono::milliseconds base, std::size_t octets) const {
        return base + std::chrono::seconds(octets / std::max<std::size_t>(1, limits_.body_rate));
    }

private:
    static constexpr bool kTls = std::is_same_v<Stream, TlsStream>;
    static constexpr std::size_t kFirstBuffer = 4096;
    static constexpr std::size_t kLargestBuffer = 64U << 10;
    static constexpr std::size_t kKept = 32U << 10;    // memory for answers that an idle connection may keep
    static constexpr std::size_t kDrained = 1U << 20;  // octets read and dropped before a refusal closes
    static constexpr std::chrono::milliseconds kFarewell{1000};

    auto& socket() {
        if constexpr (kTls) {
            return stream_.next_layer();
        } else {
            return stream_;
        }
    }
    void wait_until(Moment moment) {
        expired = false;
        deadline = moment;
    }
    void make_room() {
        if (begin_ == end_) {
            // A buffer that was filled to the brim is too small for this sender.
            if (end_ == in_.size() && in_.size() < kLargestBuffer) in_.resize(std::max(kFirstBuffer, in_.size() * 2));
            begin_ = end_ = 0;
        } else if (end_ == in_.size() && begin_ > 0) {
            std::copy(in_.begin() + static_cast<std::ptrdiff_t>(begin_), in_.begin() + static_cast<std::ptrdiff_t>(end_), in_.begin());
            end_ -= begin_;
            begin_ = 0;
        }
        if (end_ == in_.size()) in_.resize(in_.size() * 2);
    }

    Stream stream_;
    Lane& lane_;
    const Limits& limits_;
    std::vector<char> in_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace madang::http::detail
