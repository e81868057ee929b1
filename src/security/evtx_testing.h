// Event logs made for tests: chunks whose records are written token by token, so that a test can say what it means
// and what it breaks.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "security/detail/evtx_checksum.h"
#include "security/evtx_value.h"

namespace madang::security {

inline std::string utf16_of(std::string_view utf8) {
    std::string bytes;
    for (const char16_t unit : to_utf16(utf8)) {
        bytes.push_back(static_cast<char>(unit & 0xFFU));
        bytes.push_back(static_cast<char>(unit >> 8U));
    }
    return bytes;
}

inline std::string little(std::uint64_t number, std::size_t size) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(number >> (8 * i) & 0xFFU));
    return bytes;
}

inline void overwrite(std::string& bytes, std::size_t at, std::uint64_t number, std::size_t size) {
    bytes.replace(at, size, little(number, size));
}

struct MadeValue {
    std::uint8_t type = 0;
    std::string bytes;
};

inline MadeValue made(EvtxType type, std::string bytes) { return {static_cast<std::uint8_t>(type), std::move(bytes)}; }
inline MadeValue made_array(EvtxType type, std::string bytes) { return {static_cast<std::uint8_t>(static_cast<unsigned>(type) | 0x80U), std::move(bytes)}; }
inline MadeValue made_text(std::string_view text) { return made(EvtxType::string, utf16_of(text)); }

class MadeChunk {
public:
    static constexpr std::uint64_t kWritten = 133'000'000'001'234'567;  // 2022-06-18T04:26:40.123456Z

    MadeChunk() : bytes_(512, '\0') { bytes_.replace(0, 8, std::string_view("ElfChnk\0", 8)); }

    // A record with what `write` adds.
    MadeChunk& record(std::uint64_t id, const std::function<void(MadeChunk&)>& write) {
        const std::size_t begin = bytes_.size();
        put("**" + std::string(2, '\0') + little(0, 4) + little(id, 8) + little(kWritten, 8));
        write(*this);
        while (bytes_.size() % 8 != 4) bytes_.push_back('\0');
        const std::size_t size = bytes_.size() + 4 - begin;
        overwrite(bytes_, begin + 4, size, 4);
        put(little(size, 4));
        last_record_ = begin;
        return *this;
    }

    MadeChunk& put(std::string_view bytes) {
        bytes_ += bytes;
        return *this;
    }
    MadeChunk& header() { return put({"\x0f\1\1\0", 4}); }
    MadeChunk& end() { return put({"\0", 1}); }

    // An element's start in a template (with the number of a value it depends on) or outside one.
    MadeChunk& open(std::string_view name, bool attributes = false, bool in_template = true) {
        put(attributes ? "\x41" : "\x01").put(in_template ? std::string(2, '\xff') : "").put(little(0, 4));
        put_name(name);
        return attributes ? put(little(0, 4)) : put("\x02");
    }
    MadeChunk& attribute(std::string_view name) { return put("\x06").put_name(name); }
    MadeChunk& start_done() { return put("\x02"); }
    MadeChunk& close() { return put("\x04"); }
    MadeChunk& text(std::string_view text) { return put("\x05\x01").put(little(to_utf16(text).size(), 2)).put(utf16_of(text)); }
    MadeChunk& value(std::uint16_t index) { return put("\x0e").put(little(index, 2)).put("\x01"); }
    MadeChunk& put_name(std::string_view name) {
        put(little(bytes_.size() + 4, 4)).put(little(0, 4)).put(little(0, 2));
        return put(little(to_utf16(name).size(), 2)).put(utf16_of(name)).put(little(0, 2));
    }

    // A template with what `write` adds, defined here; gives the place of the definition.
    std::size_t define(const std::function<void(MadeChunk&)>& write) {
        put("\x0c\x01").put(little(7, 4)).put(little(bytes_.size() + 4, 4));
        const std::size_t place = bytes_.size();
        put(std::string(24, '\0')).header();
        write(*this);
        end();
        overwrite(bytes_, place + 20, bytes_.size() - place - 24, 4);
        return place;
    }
    MadeChunk& use(std::size_t place) { return put("\x0c\x01").put(little(7, 4)).put(little(place, 4)); }
    MadeChunk& values(const std::vector<MadeValue>& values) {
        put(little(values.size(), 4));
        for (const MadeValue& value : values) put(little(value.bytes.size(), 2)).put(little(value.type, 2));
        for (const MadeValue& value : values) put(value.bytes);
        return *this;
    }

    std::size_t size() const { return bytes_.size(); }

    // Closed: padded, with its checksums.
    std::string done() const {
        std::string chunk = bytes_;
        overwrite(chunk, 40, 128, 4);
        overwrite(chunk, 44, last_record_, 4);
        overwrite(chunk, 48, chunk.size(), 4);
        overwrite(chunk, 52, evtx_checksum(std::string_view(chunk).substr(512)), 4);
        chunk.resize(65'536, '\0');
        close_header(chunk);
        return chunk;
    }
    static void close_header(std::string& chunk) {
        const std::string_view view = chunk;
        overwrite(chunk, 124, evtx_checksum(view.substr(128, 384), evtx_checksum(view.substr(0, 120))), 4);
    }

private:
    std::string bytes_;
    std::size_t last_record_ = 512;
};

inline std::string made_file(const std::vector<std::string>& chunks) {
    std::string file(4096, '\0');
    file.replace(0, 8, std::string_view("ElfFile\0", 8));
    overwrite(file, 16, chunks.size(), 8);
    overwrite(file, 32, 128, 4);
    overwrite(file, 36, 0x00030001, 4);
    overwrite(file, 40, 4096, 2);
    overwrite(file, 42, chunks.size(), 2);
    overwrite(file, 124, evtx_checksum(std::string_view(file).substr(0, 120)), 4);
    for (const std::string& chunk : chunks) file += chunk;
    return file;
}

}  // namespace madang::security
