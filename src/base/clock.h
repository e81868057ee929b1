// Time is injected: no room reads the system clock. The program passes SystemClock, tests and
// simulations pass ManualClock and turn it by hand.
#pragma once

#include <atomic>
#include <chrono>

namespace madang {

// A moment in UTC, in microseconds since 1970-01-01T00:00:00Z.
using Instant = std::chrono::sys_time<std::chrono::microseconds>;
// A calendar day without a zone.
using Date = std::chrono::year_month_day;

class Clock {
public:
    virtual ~Clock() = default;
    virtual Instant now() const = 0;
};

// The only reader of the machine's clock.
class SystemClock final : public Clock {
public:
    Instant now() const override;
};

// Stands still until it is told to move; safe to read from several threads.
class ManualClock final : public Clock {
public:
    explicit ManualClock(Instant start) : microseconds_(start.time_since_epoch().count()) {}
    Instant now() const override {
        return Instant(std::chrono::microseconds(microseconds_.load(std::memory_order_relaxed)));
    }
    void set(Instant moment) { microseconds_.store(moment.time_since_epoch().count()); }
    void advance(std::chrono::microseconds by) { microseconds_.fetch_add(by.count()); }

private:
    std::atomic<std::chrono::microseconds::rep> microseconds_;
};

}  // namespace madang
