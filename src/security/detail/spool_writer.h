// How callers of Spool::append share blocks and one wait for the disk: they queue, the first writes for all that stand behind it
// by then, and hands on to the next.
#pragma once

#include <zstd.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "security/detail/spool_block.h"

namespace madang::security {

class Spool::Writer {
public:
    // `lock` is the open file that keeps other processes away.
    Writer(Spool& spool, int lock) : spool_(spool), lock_(lock) {}
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    Result<void> append(std::span<const SpoolRecord> records);

private:
    struct Caller {
        std::span<const SpoolRecord> records;
        std::uint64_t bytes = 0;             // raw
        Result<void> result = {};
        bool done = false;
        std::condition_variable turn = {};
    };
    std::vector<Caller*> first_in_queue() const;
    void write(const std::vector<Caller*>& group);
    void begin_block();
    void add(const SpoolRecord& record);
    Result<void> put_block();
    Result<void> find_room();
    Result<void> settle();
    void take_back();

    Spool& spool_;
    int lock_;
    std::mutex mutex_;                       // of the queue
    std::deque<Caller*> queue_;

    // Of the caller that writes.
    std::shared_ptr<Segment> segment_;       // being written
    bool fresh_ = false;                     // nobody else knows of it yet
    std::uint64_t end_ = 0;                  // of what is written to it
    std::vector<Block> unsure_;              // written, and perhaps not on disk yet
    std::uint64_t settled_ = 0;              // records of this group that are on disk
    std::string raw_;                        // of the block that is begun
    SpoolBlockHeader header_;
    SpoolFilter filter_{};
    Event event_;
    std::string packed_;
    std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context_{ZSTD_createCCtx(), ZSTD_freeCCtx};
};

}  // namespace madang::security
