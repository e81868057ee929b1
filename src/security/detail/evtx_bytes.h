// Little-endian numbers at any address.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace madang::security {

// The number that starts at `at`; the caller has checked that it is there.
template <class T>
T read_little(std::string_view bytes, std::size_t at = 0) {
    static_assert(std::is_unsigned_v<T>);
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        number |= std::uint64_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
    }
    return static_cast<T>(number);
}

// Reads forward within the bytes from `at` to `end` of a chunk. Beyond the end everything is 0 and ok() turns
// false for good, so that a parser may read a whole structure and ask once.
class EvtxCursor {
public:
    EvtxCursor(std::string_view chunk, std::size_t at, std::size_t end)
        : chunk_(chunk), at_(at), end_(end < chunk.size() ? end : chunk.size()), ok_(at <= end_) {}

    std::size_t at() const { return at_; }
    std::size_t left() const { return ok_ ? end_ - at_ : 0; }
    bool ok() const { return ok_; }
    bool at_end() const { return left() == 0; }

    std::uint8_t u8() { return number<std::uint8_t>(); }
    std::uint16_t u16() { return number<std::uint16_t>(); }
    std::uint32_t u32() { return number<std::uint32_t>(); }

    std::string_view take(std::size_t count) {
        if (count > left()) {
            ok_ = false;
            return {};
        }
        const std::string_view taken = chunk_.substr(at_, count);
        at_ += count;
        return taken;
    }
    std::uint8_t peek() const { return left() == 0 ? std::uint8_t{0} : static_cast<std::uint8_t>(chunk_[at_]); }

private:
    template <class T>
    T number() {
        if (sizeof(T) > left()) {
            ok_ = false;
            return 0;
        }
        T value{};
        if constexpr (sizeof(T) == 1) {
            value = static_cast<T>(chunk_[at_]);
        } else {
            value = read_little<T>(chunk_, at_);
        }
        at_ += sizeof(T);
        return value;
    }

    std::string_view chunk_;
    std::size_t at_;
    std::size_t end_;
    bool ok_;
};

}  // namespace madang::security
