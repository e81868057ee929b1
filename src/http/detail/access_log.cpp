#include "http/detail/access_log.h"

#include <chrono>

#include "base/text.h"

namespace madang::http::detail {
namespace {

constexpr std::size_t kMostWaiting = 32'768;
constexpr std::size_t kWakeAt = kMostWaiting / 2;
constexpr std::chrono::milliseconds kPause{100};

}  // namespace

AccessLog::AccessLog(Log& log, Counter& dropped) : log_(log), dropped_(dropped), thread_([this] { run(); }) {}

AccessLog::~AccessLog() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void AccessLog::add(const AccessRecord& record) {
    std::size_t waiting = 0;
    {
        const std::lock_guard lock(mutex_);
        if (waiting_.size() >= kMostWaiting) {
            dropped_.add();
            return;
        }
        waiting_.push_back(record);
        waiting = waiting_.size();
    }
    if (waiting == 1 || waiting == kWakeAt) wake_.notify_one();
}

void AccessLog::run() {
    std::vector<AccessRecord> batch;
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        // Requests come in crowds: a short pause makes one wake-up of many.
        wake_.wait_for(lock, kPause, [this] { return stopping_ || waiting_.size() >= kWakeAt; });
        batch.swap(waiting_);
        lock.unlock();
        for (const auto& record : batch) write(record);
        batch.clear();
        lock.lock();
    }
}

void AccessLog::write(const AccessRecord& record) {
    log_.write(Level::info, "request",
               {{"method", std::string(record.method)},
                {"route", std::string(record.route)},
                {"status", format("{}", record.status)},
                {"bytes", format("{}", record.bytes)},
                {"microseconds", format("{}", record.microseconds)},
                {"request", std::string(record.request_id.data(), record.request_id.size())}});
}

}  // namespace madang::http::detail
