// Runs of plain bytes, eight at a time: for readers whose time is spent on passing over them.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace madang {

namespace ascii {

inline constexpr std::uint64_t kOnes = 0x0101010101010101;
inline constexpr std::uint64_t kTops = 0x8080808080808080;

// The byte at `at` is the lowest one, on every machine.
inline std::uint64_t word_at(std::string_view text, std::size_t at) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
    return word;
}

// The top bit of each byte that is 0; above the lowest such byte others may be set as well.
constexpr std::uint64_t zero_bytes(std::uint64_t word) { return (word - kOnes) & ~word & kTops; }

// The length of the run at the start in which `marked` (top bits of a word's bytes, exact for the lowest) finds nothing.
template <class Marked, class Ends>
std::size_t run(std::string_view text, const Marked& marked, const Ends& ends) {
    std::size_t at = 0;
    for (; at + sizeof(std::uint64_t) <= text.size(); at += sizeof(std::uint64_t)) {
        if (const std::uint64_t found = marked(word_at(text, at)); found != 0) return at + static_cast<std::size_t>(std::countr_zero(found)) / 8;
    }
    while (at < text.size() && !ends(static_cast<unsigned char>(text[at]))) ++at;
    return at;
}

}  // namespace ascii

// How many bytes at the start are below 0x80.
inline std::size_t ascii_run(std::string_view text) {
    return ascii::run(text, [](std::uint64_t word) { return word & ascii::kTops; }, [](unsigned char c) { return c >= 0x80; });
}

// How many bytes at the start stand in a JSON text as they are: neither a quote nor a backslash nor a control character.
inline std::size_t json_plain_run(std::string_view text) {
    return ascii::run(
        text,
        [](std::uint64_t word) {
            return ascii::zero_bytes(word ^ ascii::kOnes * '"') | ascii::zero_bytes(word ^ ascii::kOnes * '\\') | ((word - ascii::kOnes * 0x20) & ~word & ascii::kTops);
        },
        [](unsigned char c) { return c == '"' || c == '\\' || c < 0x20; });
}

// Appends the text with A to Z as a to z. False where it holds bytes of 0x80 or more: then what was appended is of no use.
inline bool append_lowered_ascii(std::string& to, std::string_view text) {
    const std::size_t begin = to.size();
    to.append(text);
    char* const out = to.data() + begin;
    std::uint64_t all = 0;
    std::size_t at = 0;
    for (; at + sizeof(std::uint64_t) <= text.size(); at += sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, out + at, sizeof word);
        all |= word;
        // A sum reaches the top bit of its byte from 'A' on, or from behind 'Z' on.
        const std::uint64_t low = word & ~ascii::kTops;
        const std::uint64_t capital = (low + ascii::kOnes * (0x80 - 'A')) & ~(low + ascii::kOnes * (0x7F - 'Z')) & ~word & ascii::kTops;
        word |= capital >> 2U;
        std::memcpy(out + at, &word, sizeof word);
    }
    for (; at < text.size(); ++at) {
        const char c = out[at];
        all |= static_cast<unsigned char>(c);
        out[at] = static_cast<char>(c + (c >= 'A' && c <= 'Z' ? 'a' - 'A' : 0));
    }
    return (all & ascii::kTops) == 0;
}

}  // namespace madang
