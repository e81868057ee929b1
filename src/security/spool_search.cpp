// Reading the spool: searched by many threads, or followed in the order of writing.
#include <algorithm>
#include <atomic>
#include <cstring>
#include <deque>
#include <ranges>
#include <thread>

#include "base/text.h"
#include "security/detail/spool_block.h"
#include "security/hunt_sieve.h"
#include "security/spool.h"

namespace madang::security {

Result<SpoolCounts> Spool::search(const SpoolQuery& query, std::size_t threads, const Use& use) const {
    struct Work {
        std::shared_ptr<Segment> segment;
        Block block;
    };
    std::vector<Work> work;
    SpoolCounts counts;
    std::vector<std::pair<std::size_t, std::string>> is;
    for (const FieldIs& one : query.is) {
        if (const auto place = indexed_place(one.field)) is.emplace_back(*place, one.value);
    }
    {
        const std::lock_guard lock(mutex_);
        for (const auto& segment : segments_) {
            ++counts.segments;
            counts.blocks += segment->blocks.size();
            counts.damaged_blocks += segment->damaged;
            for (const Block& block : segment->blocks) {
                const bool apart = Instant(std::chrono::microseconds(block.header.last)) < query.from || Instant(std::chrono::microseconds(block.header.first)) >= query.until;
                if (!apart) work.push_back({segment, block});
            }
        }
    }
    std::atomic<std::size_t> next{0};
    std::atomic<std::uint64_t> opened{0}, damaged{0}, looked{0}, bytes{0};
    const auto run = [&](std::size_t thread) {
        BlockReader reader;
        std::optional<HuntSieve::Pass> sieve;
        if (query.sieve) sieve.emplace(*query.sieve);
        for (std::size_t i = next++; i < work.size(); i = next++) {
            const Block& block = work[i].block;
            if (!reader.read(*work[i].segment, block)) {
                ++damaged;
                continue;
            }
            if (!std::ranges::all_of(is, [&](const auto& one) { return may_hold(reader.filter(), one.first, one.second); })) continue;
            const auto unpacked = reader.unpack(block);
            if (!unpacked) {
                ++damaged;
                continue;
            }
            const std::string_view raw = *unpacked;
            ++opened;
            bytes += raw.size();
            // Most blocks hold no needle at all: they are left in one pass over their bytes.
            const bool hints = block.header.written_otherwise == 0;
            const auto in_block = [&](const std::string& needle) { return ::memmem(raw.data(), raw.size(), needle.data(), needle.size()) != nullptr; };
            if (!std::ranges::all_of(query.contains, in_block) || (hints && !std::ranges::all_of(query.hints, in_block))) {
                looked += block.header.records;
                continue;
            }
            if (sieve) sieve->enter(raw, !hints);
            std::string_view rest = raw;
            SpoolRecord record;
            while (take_record(rest, record)) {
                ++looked;
                if (sieve && !sieve->may_fit(record)) continue;
                if (record.at < query.from || record.at >= query.until) continue;
                const auto in_line = [&](const std::string& needle) { return ::memmem(record.line.data(), record.line.size(), needle.data(), needle.size()) != nullptr; };
                if (std::ranges::all_of(query.contains, in_line) && (!hints || std::ranges::all_of(query.hints, in_line))) use(thread, record);
            }
        }
    };
    std::vector<std::thread> others;
    for (std::size_t i = 1; i < std::max<std::size_t>(1, threads); ++i) others.emplace_back(run, i);
    run(0);
    for (std::thread& one : others) one.join();
    counts.blocks_opened = opened;
    counts.damaged_blocks += damaged;
    counts.records = looked;
    counts.raw_bytes = bytes;
    return counts;
}

std::string to_text(SpoolPlace place) { return format("{}:{}", place.segment, place.offset); }

Result<SpoolPlace> parse_place(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return fail(Code::invalid, "a place in the events is SEGMENT:OFFSET");
    TRY(const std::uint64_t segment, parse_decimal(text.substr(0, colon)));
    TRY(const std::uint64_t offset, parse_decimal(text.substr(colon + 1)));
    return SpoolPlace{segment, offset};
}

std::optional<std::pair<std::shared_ptr<Spool::Segment>, std::size_t>> Spool::first_behind(SpoolPlace after) const {
    auto at = std::ranges::lower_bound(segments_, after.segment, {}, [](const auto& one) { return one->number; });
    for (; at != segments_.end(); ++at) {
        const std::uint64_t offset = (*at)->number == after.segment ? after.offset : 0;
        const auto block = std::ranges::upper_bound((*at)->blocks, offset, {}, &Block::at);
        if (block != (*at)->blocks.end()) return std::pair{*at, static_cast<std::size_t>(block - (*at)->blocks.begin())};
    }
    return std::nullopt;
}

Result<std::optional<SpoolPlace>> Spool::read_behind(SpoolPlace after, const UseInOrder& use, SpoolPlace last) const {
    BlockReader reader;
    for (;;) {
        std::shared_ptr<Segment> segment;
        Block block;
        {
            const std::lock_guard lock(mutex_);
            const auto found = first_behind(after);
            if (!found) return std::nullopt;
            segment = found->first;
            block = segment->blocks[found->second];
        }
        after = {segment->number, block.at};
        if (after > last) return std::nullopt;
        const auto raw = reader.read(*segment, block) ? reader.unpack(block) : std::nullopt;
        if (!raw) {
            ++damaged_read_;
            continue;
        }
        std::string_view rest = *raw;
        SpoolRecord record;
        for (std::uint32_t number = 0; take_record(rest, record); ++number) use(record, after, number);
        return after;
    }
}

bool Spool::wait_behind(SpoolPlace after, const std::stop_token& stop, std::chrono::milliseconds at_most) const {
    std::unique_lock lock(mutex_);
    return grown_.wait_for(lock, stop, at_most, [&] { return first_behind(after).has_value(); });
}

SpoolPlace Spool::newest() const {
    const std::lock_guard lock(mutex_);
    for (const auto& segment : segments_ | std::views::reverse) {
        if (!segment->blocks.empty()) return {segment->number, segment->blocks.back().at};
    }
    return {};
}

SpoolPlace Spool::place_before(Instant at, std::uint64_t records, SpoolPlace last) const {
    const std::lock_guard lock(mutex_);
    std::deque<std::pair<SpoolPlace, std::uint64_t>> newest;   // behind the first of them stand no more than asked for
    std::uint64_t behind = 0;
    std::optional<SpoolPlace> place;
    SpoolPlace before;
    for (const auto& segment : segments_) {
        for (const Block& block : segment->blocks) {
            const SpoolPlace here{segment->number, block.at};
            if (here > last) break;
            if (!place && Instant(std::chrono::microseconds(block.header.last)) >= at) place = before;
            before = here;
            newest.emplace_back(before, block.header.records);
            behind += block.header.records;
            while (newest.size() > 1 && behind - newest.front().second > records) {
                behind -= newest.front().second;
                newest.pop_front();
            }
        }
    }
    if (!place) return before;
    return behind > records ? std::max(*place, newest.front().first) : *place;
}

std::uint64_t Spool::records_behind(SpoolPlace after) const {
    const std::lock_guard lock(mutex_);
    std::uint64_t records = 0;
    for (const auto& segment : segments_ | std::views::reverse) {
        for (const Block& block : segment->blocks | std::views::reverse) {
            if (SpoolPlace{segment->number, block.at} <= after) return records;
            records += block.header.records;
        }
    }
    return records;
}

}  // namespace madang::security
