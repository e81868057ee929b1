// The worker of casework: sleeps until a commit wakes it or half a second has passed.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "casework/casework.h"

namespace madang::casework {

struct Casework::Worker {
    std::mutex mutex;
    std::condition_variable changed;   // a commit, a finished job, or the end
    std::uint64_t wakes = 0;
    std::uint64_t finished = 0;
    bool stopping = false;
    std::thread thread;

    void wake() {
        const std::lock_guard lock(mutex);
        ++wakes;
        changed.notify_all();
    }
    void one_finished() {
        const std::lock_guard lock(mutex);
        ++finished;
        changed.notify_all();
    }
};

}  // namespace madang::casework
