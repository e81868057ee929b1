// One I/O thread with what only it touches: its connections, their deadlines, a date, random bytes.
// Included by server.cpp only.
#pragma once

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <limits>
#include <string>
#include <vector>

#include "base/random.h"
#include "http/detail/answer.h"

namespace madang::http::detail {

namespace asio = boost::asio;
using Executor = asio::io_context::executor_type;
// Timeouts run on the steady clock of the machine: they are about the wire, not about the domain.
using Moment = std::chrono::steady_clock::time_point;
inline constexpr Moment kNever = Moment::max();

// Random bytes by the page: one call of the generator for many request ids. One thread only.
class PooledRandom final : public Random {
public:
    explicit PooledRandom(Random& source) : source_(source) {}
    void fill(std::span<std::uint8_t> out) override {
        if (out.size() > pool_.size()) return source_.fill(out);
        if (at_ + out.size() > pool_.size()) {
            source_.fill(pool_);
            at_ = 0;
        }
        std::copy_n(pool_.begin() + static_cast<std::ptrdiff_t>(at_), out.size(), out.begin());
        at_ += out.size();
    }

private:
    Random& source_;
    std::array<std::uint8_t, 1024> pool_{};
    std::size_t at_ = pool_.size();
};

// A connection as its lane sees it.
class LiveConnection {
public:
    virtual ~LiveConnection() = default;
    // Ends the operation that waits; the connection finds expired() set.
    virtual void interrupt() = 0;

    Moment deadline = kNever;
    bool idle = false;  // between requests, nothing received yet
    bool expired = false;
    std::size_t place = 0;
};

class Lane {
public:
    Lane(Random& random, std::chrono::milliseconds period)
        : random_(random), period_(period), sweep_(context) {}

    void start() {
        sweep_.expires_after(period_);
        sweep_.async_wait([this](const boost::system::error_code& error) {
            if (error) return;
            sweep();
            start();
        });
    }
    void stop_sweep() { sweep_.cancel(); }

    void enter(LiveConnection& connection) {
        connection.place = connections_.size();
        connections_.push_back(&connection);
    }
    void leave(LiveConnection& connection) {
        connections_[connection.place] = connections_.back();
        connections_[connection.place]->place = connection.place;
        connections_.pop_back();
    }
    enum class Which { idle, all };
    void interrupt(Which which) {
        for (LiveConnection* connection : connections_) {
            if (which == Which::all || connection->idle) connection->interrupt();
        }
    }

    // The Date of an answer, made once a second.
    std::string_view date(Instant now) {
        const auto second = std::chrono::floor<std::chrono::seconds>(now);
        if (second != date_second_) {
            date_second_ = second;
            date_ = format_http_date(now);
        }
        return date_;
    }
    Random& random() { return random_; }

private:
    void sweep() {
        const auto now = std::chrono::steady_clock::now();
        for (LiveConnection* connection : connections_) {
            if (connection->deadline > now) continue;
            connection->deadline = kNever;
            connection->expired = true;
            connection->interrupt();
        }
    }

    PooledRandom random_;
    std::chrono::milliseconds period_;
    std::vector<LiveConnection*> connections_;
    std::chrono::sys_seconds date_second_{std::chrono::seconds(std::numeric_limits<std::int64_t>::min() / 4)};
    std::string date_;

public:
    // Destroyed before the members above: the connections that it still holds leave through them.
    asio::io_context context{1};

private:
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor> sweep_;
};

}  // namespace madang::http::detail
