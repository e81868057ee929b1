// One line for each answered request, without personal data: the route's pattern instead of the
// path, no query, no address. Written by a thread of its own, so that a slow log stops nobody.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/log.h"
#include "http/metrics.h"

namespace madang::http::detail {

struct AccessRecord {
    std::string_view method;  // of static storage
    std::string_view route;   // lives as long as the server
    int status = 0;
    std::uint64_t bytes = 0;
    std::uint64_t microseconds = 0;
    std::array<char, 36> request_id{};
};

class AccessLog {
public:
    AccessLog(Log& log, Counter& dropped);
    ~AccessLog();
    AccessLog(const AccessLog&) = delete;
    AccessLog& operator=(const AccessLog&) = delete;

    void add(const AccessRecord& record);

private:
    void run();
    void write(const AccessRecord& record);

    Log& log_;
    Counter& dropped_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<AccessRecord> waiting_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace madang::http::detail
