// Texts to numbers, built once and asked for each field of each event: one probe, one comparison.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace madang::security {

class TextTable {
public:
    static constexpr std::uint32_t kNone = UINT32_MAX;

    TextTable() = default;
    // Texts by number, each once.
    explicit TextTable(std::vector<std::string> texts) : texts_(std::move(texts)) {
        std::size_t size = 4;
        while (size < 2 * texts_.size()) size *= 2;
        slots_.assign(size, Slot{});
        for (std::uint32_t i = 0; i < texts_.size(); ++i) {
            const std::uint64_t hash = hash_of(texts_[i]);
            std::size_t at = hash & (size - 1);
            while (slots_[at].number != kNone) at = (at + 1) & (size - 1);
            slots_[at] = {static_cast<std::uint32_t>(hash >> 32U), i};
            longest_ = std::max(longest_, texts_[i].size());
        }
    }

    std::uint32_t find(std::string_view text) const {
        if (text.size() > longest_ || slots_.empty()) return kNone;
        const std::uint64_t hash = hash_of(text);
        const std::size_t last = slots_.size() - 1;
        for (std::size_t at = hash & last; slots_[at].number != kNone; at = (at + 1) & last) {
            if (slots_[at].mark == static_cast<std::uint32_t>(hash >> 32U) && texts_[slots_[at].number] == text) return slots_[at].number;
        }
        return kNone;
    }
    std::size_t size() const { return texts_.size(); }
    const std::string& text(std::uint32_t number) const { return texts_[number]; }

private:
    struct Slot {
        std::uint32_t mark = 0;           // the upper half of the hash
        std::uint32_t number = kNone;
    };
    // Rules are written by those who run the house, and a probe is bounded by their number: no secret is needed.
    static std::uint64_t hash_of(std::string_view text) {
        constexpr std::uint64_t odd = 0x9E3779B97F4A7C15;
        std::uint64_t hash = text.size() * odd;
        const auto take = [&](std::size_t at, std::size_t count) {
            std::uint64_t word = 0;
            std::memcpy(&word, text.data() + at, count);
            hash = (hash ^ word) * odd;
            hash ^= hash >> 29U;
        };
        std::size_t at = 0;
        for (; at + 8 <= text.size(); at += 8) take(at, 8);
        if (at < text.size()) take(at, text.size() - at);
        hash *= odd;
        return hash ^ hash >> 32U;
    }

    std::vector<std::string> texts_;
    std::vector<Slot> slots_;
    std::size_t longest_ = 0;
};

}  // namespace madang::security
