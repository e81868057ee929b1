// Numbers and texts as bytes that a file keeps: little-endian numbers, texts with their length before them.
//
//   BinaryWriter out;                        BinaryReader in(out.bytes());
//   out.put(std::uint64_t{7});               auto number = in.take<std::uint64_t>();
//   out.put_text("seven");                   auto text = in.take_text(100);
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/result.h"

namespace madang {

static_assert(std::endian::native == std::endian::little, "numbers are written as they lie in memory");

class BinaryWriter {
public:
    template <class T>
        requires std::is_arithmetic_v<T>
    void put(T number) {
        bytes_.append(reinterpret_cast<const char*>(&number), sizeof number);
    }
    void put_text(std::string_view text) {
        put(static_cast<std::uint64_t>(text.size()));
        bytes_ += text;
    }
    void put_bytes(std::string_view bytes) { bytes_ += bytes; }
    const std::string& bytes() const { return bytes_; }
    std::string take() { return std::move(bytes_); }

private:
    std::string bytes_;
};

// Views of texts end with the bytes that are read. Each step fails with Code::corrupted where the bytes end too soon.
class BinaryReader {
public:
    explicit BinaryReader(std::string_view bytes) : rest_(bytes) {}

    template <class T>
        requires std::is_arithmetic_v<T>
    Result<T> take() {
        if (rest_.size() < sizeof(T)) return fail(Code::corrupted, "it ends too soon");
        T number;
        std::memcpy(&number, rest_.data(), sizeof number);
        rest_.remove_prefix(sizeof number);
        return number;
    }
    Result<std::string_view> take_text(std::uint64_t limit) {
        TRY(const auto size, take<std::uint64_t>());
        if (size > limit || size > rest_.size()) return fail(Code::corrupted, "a text is longer than what is there");
        const std::string_view text = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return text;
    }
    bool at_end() const { return rest_.empty(); }

private:
    std::string_view rest_;
};

// FNV-1a, 64 bits: tells damage, not forgery.
inline std::uint64_t fnv1a(std::string_view bytes) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    return hash;
}

}  // namespace madang
