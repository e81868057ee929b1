#include "base/random.h"

#include <sys/random.h>

#include <cerrno>

#include "base/check.h"

namespace madang {

std::uint64_t Random::below(std::uint64_t bound) {
    MADANG_CHECK(bound >= 1);
    // Numbers above the last whole multiple of `bound` are drawn again, so that none is favoured.
    const std::uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
    for (;;) {
        std::uint64_t number = 0;
        std::uint8_t bytes[sizeof number];
        fill(bytes);
        for (const std::uint8_t byte : bytes) number = number << 8 | byte;
        if (number < limit) return number % bound;
    }
}

void SystemRandom::fill(std::span<std::uint8_t> out) {
    while (!out.empty()) {
        const ssize_t got = ::getrandom(out.data(), out.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        MADANG_CHECK(got > 0);
        out = out.subspan(static_cast<std::size_t>(got));
    }
}

void SeededRandom::fill(std::span<std::uint8_t> out) {
    const std::lock_guard lock(mutex_);
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(engine_());
}

}  // namespace madang
