#include "http/detail/workers.h"

#include <chrono>

namespace madang::http::detail {
namespace {

constexpr std::chrono::seconds kPatience{60};

}  // namespace

WorkerPool::~WorkerPool() { stop(); }

bool WorkerPool::submit(Job& job) {
    std::unique_lock lock(mutex_);
    join_leavers(lock);
    if (stopping_) return false;
    // A thread for each waiting job, up to the limit: one that sleeps may already be spoken for.
    if (queue_.size() >= alive_ - busy_ && alive_ < most_) make_thread();
    if (alive_ == 0 || queue_.size() >= alive_ - busy_ + queue_limit_) return false;
    queue_.push_back(std::move(job));
    lock.unlock();
    wake_.notify_one();
    return true;
}

void WorkerPool::stop() {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
    left_.wait(lock, [this] { return alive_ == 0; });
    join_leavers(lock);
}

void WorkerPool::discard() {
    std::deque<Job> unrun;
    {
        const std::lock_guard lock(mutex_);
        unrun.swap(queue_);
    }
}

std::size_t WorkerPool::waiting() const {
    const std::lock_guard lock(mutex_);
    return queue_.size();
}

std::size_t WorkerPool::threads() const {
    const std::lock_guard lock(mutex_);
    return alive_;
}

void* WorkerPool::enter(void* self) {
    static_cast<WorkerPool*>(self)->work();
    return nullptr;
}

void WorkerPool::make_thread() {
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) return;
    if (stack_bytes_ > 0) pthread_attr_setstacksize(&attributes, stack_bytes_);
    pthread_t thread{};
    const bool made = pthread_create(&thread, &attributes, &WorkerPool::enter, this) == 0;
    pthread_attr_destroy(&attributes);
    if (made) ++alive_;
}

void WorkerPool::join_leavers(std::unique_lock<std::mutex>& lock) {
    if (leavers_.empty()) return;
    const auto ended = std::move(leavers_);
    leavers_.clear();
    lock.unlock();
    for (const pthread_t thread : ended) pthread_join(thread, nullptr);
    lock.lock();
}

void WorkerPool::work() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        if (queue_.empty()) {
            const bool woken = wake_.wait_for(lock, kPatience, [this] { return stopping_ || !queue_.empty(); });
            if (!woken) break;
            continue;
        }
        Job job = std::move(queue_.front());
        queue_.pop_front();
        ++busy_;
        lock.unlock();
        job();
        job = {};
        lock.lock();
        --busy_;
    }
    --alive_;
    leavers_.push_back(pthread_self());
    left_.notify_all();
}

}  // namespace madang::http::detail
