// Figures about the running program, written as OpenMetrics text 1.0.0.
//
//   auto& signed_in = metrics.counter("madang_sign_ins", "Sign-ins", {{"outcome", "ok"}});
//   signed_in.add();                                   // madang_sign_ins_total{outcome="ok"} 1
//   metrics.observe("madang_ledger_acts", "Acts in the tree", Metrics::Kind::counter,
//                   [&] { return std::vector<Metrics::Sample>{{{}, double(ledger.size())}}; });
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace madang::http {

class Counter {
public:
    void add(std::uint64_t by = 1) { value_.fetch_add(by, std::memory_order_relaxed); }
    std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

class Gauge {
public:
    void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
    void add(std::int64_t by) { value_.fetch_add(by, std::memory_order_relaxed); }
    std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::int64_t> value_{0};
};

// Counts of durations in buckets, in seconds.
class Histogram {
public:
    explicit Histogram(std::vector<double> upper_bounds);
    void observe(double seconds);

private:
    friend class Metrics;
    std::vector<double> bounds_;  // rising; +Inf is added
    std::unique_ptr<std::atomic<std::uint64_t>[]> counts_;
    std::atomic<std::uint64_t> nanoseconds_{0};
};

class Metrics {
public:
    using Labels = std::vector<std::pair<std::string, std::string>>;
    enum class Kind { counter, gauge };
    struct Sample {
        Labels labels;
        double value = 0;
    };

    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    // The figure of that name and those labels, made when it is new; the reference lives as long as
    // this object. Names are [a-z_][a-z0-9_]* without "_total", one kind and help a name: else a bug.
    Counter& counter(std::string_view name, std::string_view help, Labels labels = {});
    Gauge& gauge(std::string_view name, std::string_view help, Labels labels = {});
    Histogram& histogram(std::string_view name, std::string_view help, Labels labels = {},
                         std::vector<double> upper_bounds = default_bounds());
    // Asks `samples` whenever the figures are read; a later call for the same name replaces it.
    void observe(std::string_view name, std::string_view help, Kind kind, std::function<std::vector<Sample>()> samples);

    std::string text() const;  // ends in "# EOF\n"
    static std::vector<double> default_bounds();  // 0.5 ms to 10 s
    static std::string_view content_type();

private:
    struct Family;
    Family& family(std::string_view name, std::string_view help, int kind);
    std::map<std::string, std::vector<Sample>> ask() const;
    static std::string buckets(const std::string& name, const Labels& labels, const Histogram& figure);

    mutable std::mutex mutex_;
    std::vector<std::unique_ptr<Family>> families_;
};

}  // namespace madang::http
