// The threads that run handlers which may wait. Made when there is work and no free thread, gone
// after a minute without work, so that an idle server is small.
#pragma once

#include <pthread.h>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

namespace madang::http::detail {

using Job = std::move_only_function<void()>;

class WorkerPool {
public:
    WorkerPool(std::size_t threads, std::size_t queue, std::size_t stack_bytes)
        : most_(threads), queue_limit_(queue), stack_bytes_(stack_bytes) {}
    ~WorkerPool();
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    // False when every thread is busy and the queue full, the pool stops, or no thread can be made.
    bool submit(Job& job);
    // Lets running jobs end and joins the threads. Jobs that did not begin stay, unrun, until discard().
    void stop();
    void discard();

    std::size_t waiting() const;
    std::size_t threads() const;

private:
    static void* enter(void* self);
    void work();
    void make_thread();   // with the lock held; where none can be made, those there are must do
    void join_leavers(std::unique_lock<std::mutex>& lock);

    const std::size_t most_;
    const std::size_t queue_limit_;
    const std::size_t stack_bytes_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable left_;
    std::deque<Job> queue_;
    std::vector<pthread_t> leavers_;  // ended, to be joined
    std::size_t alive_ = 0;
    std::size_t busy_ = 0;   // with a job in hand
    bool stopping_ = false;
};

}  // namespace madang::http::detail
