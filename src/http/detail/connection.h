// One connection from its first octet to its last: a coroutine on its lane. `Stream` is a TCP socket
// or TLS over one. Included by server.cpp only.
//
// Each co_await stands alone, never inside a condition: g++ 12 destroys the temporaries of one in a
// short-circuit expression twice.
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "base/id.h"
#include "http/detail/lane.h"
#include "http/detail/request_parser.h"
#include "http/detail/scan_head.h"

namespace madang::http::detail {

using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using TlsStream = asio::ssl::stream<Socket>;
using Token = asio::use_awaitable_t<Executor>;
template <class T>
using Awaitable = asio::awaitable<T, Executor>;

template <class Stream>
class Connection final : public LiveConnection {
public:
    Connection(Stream stream, Lane& lane, Service& service, Peer peer)
        : stream_(std::move(stream)), lane_(lane), service_(service), limits_(service.config().limits), peer_(peer) {
        lane_.enter(*this);
    }
    ~Connection() override {
        lane_.leave(*this);
        service_.close_connection(peer_.address, peer_.trusted);
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void interrupt() override {
        ErrorCode ignored;
        socket().cancel(ignored);
    }

    Awaitable<void> serve() {
        keep_ = co_await handshake();
        if (!keep_) co_return;
        while (keep_) {
            keep_ = co_await read_head();
            if (keep_) co_await answer_one();
        }
        co_await close();
    }

private:
    static constexpr bool kTls = std::is_same_v<Stream, TlsStream>;
    static constexpr std::size_t kFirstBuffer = 4096;
    static constexpr std::size_t kCopied = 64U << 10;       // a larger payload is written from where it is
    static constexpr std::size_t kKept = 64U << 10;         // memory that an idle connection may keep
    static constexpr std::size_t kDrained = 1U << 20;       // octets read and dropped before a refusal closes
    static constexpr std::chrono::milliseconds kFarewell{1000};
    static constexpr int kGone = -1;

    auto& socket() {
        if constexpr (kTls) {
            return stream_.next_layer();
        } else {
            return stream_;
        }
    }

    static Moment now() { return std::chrono::steady_clock::now(); }
    void wait_until(Moment moment) {
        expired = false;
        deadline = moment;
    }
    std::chrono::milliseconds time_for(std::chrono::milliseconds base, std::size_t octets) const {
        return base + std::chrono::seconds(octets / std::max<std::size_t>(1, limits_.body_rate));
    }

    Awaitable<bool> handshake() {
        if constexpr (kTls) {
            wait_until(now() + limits_.handshake_time);
            ErrorCode error;
            co_await stream_.async_handshake(asio::ssl::stream_base::server, asio::redirect_error(Token{}, error));
            if (error) service_.refused("handshake").add();
            co_return !error;
        }
        co_return true;
    }

    std::string_view available() const { return {in_.data() + begin_, end_ - begin_}; }
    void consume(std::size_t octets) { begin_ += octets; }

    // Sends what waits to be sent, then waits for more octets. False with expired set: none in time.
    Awaitable<bool> fill(Moment until) {
        if (!out_.empty()) {
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

    void make_room() {
        if (begin_ == end_) {
            begin_ = end_ = 0;
        } else if (end_ == in_.size() && begin_ > 0) {
            std::copy(in_.begin() + static_cast<std::ptrdiff_t>(begin_), in_.begin() + static_cast<std::ptrdiff_t>(end_), in_.begin());
            end_ -= begin_;
            begin_ = 0;
        }
        if (in_.empty()) in_.resize(kFirstBuffer);
        if (end_ == in_.size()) in_.resize(in_.size() * 2);
    }

    Awaitable<bool> flush(std::string_view payload) {
        wait_until(now() + time_for(limits_.write_time, out_.size() + payload.size()));
        ErrorCode error;
        const std::array<asio::const_buffer, 2> buffers = {asio::buffer(out_), asio::buffer(payload)};
        if (payload.empty()) {
            co_await asio::async_write(stream_, buffers[0], asio::redirect_error(Token{}, error));
        } else {
            co_await asio::async_write(stream_, buffers, asio::redirect_error(Token{}, error));
        }
        deadline = kNever;
        out_.clear();
        if (out_.capacity() > 2 * kKept) out_.shrink_to_fit();
        broken_ = broken_ || static_cast<bool>(error);
        co_return !error;
    }

    // Waits for a head: complete, or with refusal_ set. False: the connection is over.
    Awaitable<bool> read_head() {
        scanner_.reset();
        refusal_ = 0;
        // One allowance for the whole head, from its first octet; a new connection's from its start.
        bool begun = served_ == 0 || begin_ != end_;
        auto since = now();
        for (;;) {
            if (scanner_.size() == 0 && available().starts_with("\r\n")) consume(2);
            const auto state = scanner_.scan(available());
            if (state == HeadScanner::State::bad) refusal_ = 400;
            const std::size_t size = state == HeadScanner::State::complete ? scanner_.size() : available().size();
            if (refusal_ == 0 && size > limits_.header_bytes) refusal_ = 431;
            if (refusal_ != 0 || state == HeadScanner::State::complete) co_return true;
            idle = available().empty();
            if (idle && service_.draining) co_return false;
            const bool more = co_await fill(begun ? since + limits_.header_time : now() + limits_.idle_time);
            idle = false;
            if (!more && expired && !available().empty()) {
                refusal_ = 408;
                co_return true;
            }
            if (!more) co_return false;
            if (!begun) since = now();
            begun = true;
        }
    }

    Awaitable<void> answer_one() {
        begin_request();
        if (refusal_ == 0) {
            parser_.emplace(service_, head_, request_);
            refusal_ = parser_->read_head(available().substr(0, scanner_.size()));
            consume(scanner_.size());
        }
        std::optional<Refusal> refusal;
        if (refusal_ != 0) {
            refusal = Refusal{refusal_, {}, 0, refusal_ == 408 ? "slow" : "malformed"};
            head_.keep_alive = false;
        } else {
            refusal = service_.admit(head_, peer_, request_, route_);
            if (refusal && head_.has_body) head_.keep_alive = false;
        }
        if (!refusal && head_.has_body) {
            const int status = co_await read_body();
            if (status == kGone) {
                keep_ = false;
                co_return;
            }
            if (status != 0) {
                refusal = Refusal{status, {}, status == 503 ? 1 : 0, status == 408 ? "slow" : "body"};
                head_.keep_alive = false;
            }
        }
        if (!refusal) {
            const bool ran = co_await run_handler();
            if (!ran) refusal = Refusal{503, {}, 1, "queue"};
        }
        if (refusal) answer_ = service_.refuse(*refusal, &request_);
        keep_ = head_.keep_alive && !service_.draining && ++served_ < limits_.requests_per_connection;
        unread_ = refusal && !keep_;
        co_await send_answer();
        parser_.reset();
    }

    void begin_request() {
        started_ = now();
        head_.method.clear();
        head_.has_body = head_.keep_alive = false;
        head_.minor = 1;
        route_ = nullptr;
        request_.method = Method::get;
        request_.target.clear();
        request_.path.clear();
        request_.query.clear();
        request_.headers.clear();
        request_.body.clear();
        if (request_.body.capacity() > kKept) request_.body.shrink_to_fit();
        request_.route = {};
        request_.parameters.clear();
        request_.request_id = format_uuid(make_uuid_v7(service_.clock().now(), lane_.random()));
    }

    // Zero, kGone, or the status to refuse with.
    Awaitable<int> read_body() {
        if (head_.wants_continue && available().empty()) out_ += "HTTP/1.1 100 Continue\r\n\r\n";
        const auto begun = now();
        while (!parser_->is_done()) {
            if (!available().empty()) {
                std::size_t used = 0;
                const int status = parser_->read_body(available(), route_->options.body_limit, used);
                consume(used);
                if (status != 0) co_return status;
                if (used > 0) continue;
                if (available().size() > limits_.header_bytes) co_return 400;  // a chunk's head without end
            }
            const bool more = co_await fill(begun + time_for(limits_.body_time, request_.body.size()));
            if (!more) co_return expired && !broken_ ? 408 : kGone;
        }
        co_return 0;
    }

    // False: the queue of the workers is full.
    Awaitable<bool> run_handler() {
        if (route_->options.dispatch == Dispatch::inline_) {
            answer_ = service_.run(*route_, request_);
            co_return true;
        }
        if (!out_.empty()) co_await flush({});
        bool accepted = true;
        auto initiate = [this, &accepted](auto handler) {
            auto resume = std::make_shared<decltype(handler)>(std::move(handler));
            const auto executor = stream_.get_executor();
            const auto go_on = [resume] { std::move (*resume)(); };
            Job job = [this, executor, go_on] {
                answer_ = service_.run(*route_, request_);
                asio::post(executor, go_on);
            };
            accepted = service_.workers().submit(job);
            if (!accepted) asio::post(executor, go_on);
        };
        const Token token;
        co_await asio::async_initiate<const Token&, void()>(initiate, token);
        co_return accepted;
    }

    Awaitable<void> send_answer() {
        AnswerContext context;
        context.http_1_0 = head_.minor == 0;
        context.head_only = head_.method == "HEAD";
        context.keep_alive = keep_;
        context.secure = request_.scheme == Scheme::https;
        context.request_id = request_.request_id;
        context.date = lane_.date(service_.clock().now());
        write_head(out_, answer_, context);
        const auto payload = has_payload(answer_, context) ? answer_.payload() : std::string_view();
        const auto size = out_.size() + payload.size();
        bool sent = true;
        if (payload.size() > kCopied) {
            sent = co_await flush(payload);
        } else {
            out_ += payload;
            if (out_.size() > kCopied) sent = co_await flush({});
        }
        const auto spent = now() - started_;
        service_.record(route_, route_ != nullptr ? name_of(request_.method) : std::string_view("-"),
                        answer_.unchanged ? 304 : answer_.response.status, size,
                        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(spent).count()),
                        request_.request_id);
        keep_ = keep_ && sent;
        answer_ = Answer{};
    }

    // RFC 9112 clause 9.6: half-close, then read what still comes, so that the answer is not lost.
    Awaitable<void> close() {
        if (!out_.empty() && !broken_) co_await flush({});
        ErrorCode error;
        if constexpr (kTls) {
            if (!broken_) {
                wait_until(now() + kFarewell);
                co_await stream_.async_shutdown(asio::redirect_error(Token{}, error));
            }
        }
        error = {};
        socket().shutdown(asio::socket_base::shutdown_send, error);
        if (unread_ && !error && !broken_) {
            wait_until(now() + kFarewell);
            std::size_t drained = 0;
            in_.resize(std::max(in_.size(), kFirstBuffer));
            while (!error && drained < kDrained) {
                const auto read = co_await socket().async_read_some(asio::buffer(in_), asio::redirect_error(Token{}, error));
                drained += read;
            }
        }
        socket().close(error);
    }

    Stream stream_;
    Lane& lane_;
    Service& service_;
    const Limits& limits_;
    const Peer peer_;

    std::vector<char> in_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::string out_;
    HeadScanner scanner_;
    HeadFacts head_;
    Request request_;
    std::optional<RequestParser> parser_;
    const Route* route_ = nullptr;
    Answer answer_;
    Moment started_;
    int refusal_ = 0;
    std::size_t served_ = 0;
    bool keep_ = false;
    bool unread_ = false;
    bool broken_ = false;
};

}  // namespace madang::http::detail
