// One connection from its first request to its last: a coroutine on its lane. Included by server.cpp only.
//
// Each co_await stands alone, never inside a condition: see wire.h.
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <optional>
#include <string>

#include "base/id.h"
#include "http/detail/request_parser.h"
#include "http/detail/scan_head.h"
#include "http/detail/wire.h"

namespace madang::http::detail {

template <class Stream>
class Connection final {
public:
    Connection(Stream stream, Lane& lane, Service& service, Peer peer)
        : lane_(lane), service_(service), limits_(service.config().limits), peer_(peer), wire_(std::move(stream), lane, limits_) {}
    ~Connection() { service_.close_connection(peer_.address, peer_.trusted); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    Awaitable<void> serve() {
        keep_ = co_await wire_.handshake();
        if (!keep_) {
            service_.refused("handshake").add();
            co_return;
        }
        while (keep_) {
            keep_ = co_await read_head();
            if (keep_) co_await answer_one();
        }
        co_await wire_.close(unread_);
    }

private:
    using Unread = typename Wire<Stream>::Unread;
    static constexpr std::size_t kCopied = 64U << 10;    // a larger payload is written from where it is
    static constexpr std::size_t kKeptBody = 64U << 10;  // memory for bodies that a connection may keep
    static constexpr int kGone = -1;

    // Waits for a head: complete, or with refusal_ set. False: the connection is over.
    Awaitable<bool> read_head() {
        scanner_.reset();
        refusal_ = 0;
        // One allowance for the whole head, from its first octet; a new connection's from its start.
        bool begun = served_ == 0 || !wire_.available().empty();
        auto since = Wire<Stream>::now();
        for (;;) {
            if (scanner_.size() == 0 && wire_.available().starts_with("\r\n")) wire_.consume(2);
            const auto state = scanner_.scan(wire_.available());
            if (state == HeadScanner::State::bad) refusal_ = 400;
            const std::size_t size = state == HeadScanner::State::complete ? scanner_.size() : wire_.available().size();
            if (refusal_ == 0 && size > limits_.header_bytes) refusal_ = 431;
            if (refusal_ != 0 || state == HeadScanner::State::complete) co_return true;
            wire_.idle = wire_.available().empty();
            if (wire_.idle && service_.draining) co_return false;
            if (wire_.idle) wire_.rest();
            const bool more = co_await wire_.fill(begun ? since + limits_.header_time : Wire<Stream>::now() + limits_.idle_time);
            wire_.idle = false;
            if (!more && wire_.expired && !wire_.available().empty()) {
                refusal_ = 408;
                co_return true;
            }
            if (!more) co_return false;
            if (!begun) since = Wire<Stream>::now();
            begun = true;
        }
    }

    Awaitable<void> answer_one() {
        begin_request();
        if (refusal_ == 0) {
            parser_.emplace(service_, head_, request_);
            refusal_ = parser_->read_head(wire_.available().substr(0, scanner_.size()));
            wire_.consume(scanner_.size());
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
        unread_ = refusal && !keep_ ? Unread::maybe : Unread::nothing;
        co_await send_answer();
        parser_.reset();
    }

    void begin_request() {
        started_ = Wire<Stream>::now();
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
        if (request_.body.capacity() > kKeptBody) request_.body.shrink_to_fit();
        request_.route = {};
        request_.parameters.clear();
        request_.request_id = format_uuid(make_uuid_v7(service_.clock().now(), lane_.random()));
    }

    // Zero, kGone, or the status to refuse with.
    Awaitable<int> read_body() {
        if (head_.wants_continue && wire_.available().empty()) wire_.out += "HTTP/1.1 100 Continue\r\n\r\n";
        const auto begun = Wire<Stream>::now();
        while (!parser_->is_done()) {
            if (!wire_.available().empty()) {
                std::size_t used = 0;
                const int status = parser_->read_body(wire_.available(), route_->options.body_limit, used);
                wire_.consume(used);
                if (status != 0) co_return status;
                if (used > 0) continue;
                if (wire_.available().size() > limits_.header_bytes) co_return 400;  // a chunk's head without end
            }
            const bool more = co_await wire_.fill(begun + wire_.time_for(limits_.body_time, request_.body.size()));
            if (!more) co_return wire_.expired && !wire_.broken ? 408 : kGone;
        }
        co_return 0;
    }

    // False: the queue of the workers is full.
    Awaitable<bool> run_handler() {
        if (route_->options.dispatch == Dispatch::inline_) {
            answer_ = service_.run(*route_, request_);
            co_return true;
        }
        if (!wire_.out.empty()) co_await wire_.flush({});
        bool accepted = true;
        auto initiate = [this, &accepted](auto handler) {
            auto resume = std::make_shared<decltype(handler)>(std::move(handler));
            const auto executor = wire_.executor();
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
        write_head(wire_.out, answer_, context);
        const auto payload = has_payload(answer_, context) ? answer_.payload() : std::string_view();
        const auto size = wire_.out.size() + payload.size();
        bool sent = true;
        if (payload.size() > kCopied) {
            sent = co_await wire_.flush(payload);
        } else {
            wire_.out += payload;
            if (wire_.out.size() > kCopied) sent = co_await wire_.flush({});
        }
        const auto spent = Wire<Stream>::now() - started_;
        service_.record(route_, route_ != nullptr ? name_of(request_.method) : std::string_view("-"),
                        answer_.unchanged ? 304 : answer_.response.status, size,
                        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(spent).count()),
                        request_.request_id);
        keep_ = keep_ && sent;
        answer_ = Answer{};
    }

    Lane& lane_;
    Service& service_;
    const Limits& limits_;
    const Peer peer_;
    Wire<Stream> wire_;

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
    Unread unread_ = Unread::nothing;
};

}  // namespace madang::http::detail
