// Randomness is injected like time. SystemRandom is the kernel's generator; SeededRandom gives a
// repeatable stream for tests and simulations and must never make a secret.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <random>
#include <span>

namespace madang {

class Random {
public:
    virtual ~Random() = default;
    // Fills the whole span. Safe to call from several threads.
    virtual void fill(std::span<std::uint8_t> out) = 0;
    // A number in [0, bound), without bias; `bound` is at least 1.
    std::uint64_t below(std::uint64_t bound);
};

class SystemRandom final : public Random {
public:
    void fill(std::span<std::uint8_t> out) override;
};

class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
    void fill(std::span<std::uint8_t> out) override;

private:
    std::mutex mutex_;
    std::mt19937_64 engine_;
};

}  // namespace madang
