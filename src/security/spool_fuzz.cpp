// Any bytes as a segment, as what follows a good block, and as changes of one: searching and following give the same records, and
// the good block is there.
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/check.h"
#include "security/spool.h"

namespace {

using namespace madang;
using namespace madang::security;

const Path& folder() {
    static const Path path = [] {
        Path made = std::filesystem::temp_directory_path() / ("madang-spool-fuzz-" + std::to_string(::getpid()));
        std::filesystem::create_directories(made);
        std::atexit([] { std::filesystem::remove_all(folder()); });
        return made;
    }();
    return path;
}

// A block as the spool writes it.
const std::string& good_block() {
    static const std::string bytes = [] {
        const Path path = folder() / "good";
        {
            const auto spool = Spool::open(path, {});
            MADANG_CHECK(spool.has_value());
            const SpoolRecord record{Instant{}, LineFormat::json, "here", R"({"EventID":1,"Image":"whole"})"};
            MADANG_CHECK((*spool)->append({&record, 1}).has_value());
        }
        return *read_file(path / "000000000001.seg");
    }();
    return bytes;
}

std::size_t count_whole(std::string_view bytes) {
    const Path path = folder() / "spool";
    std::filesystem::create_directories(path);
    MADANG_CHECK(write_file_whole(path / "000000000001.seg", bytes).has_value());
    const auto spool = Spool::open_to_read(path);
    MADANG_CHECK(spool.has_value());
    std::size_t whole = 0;
    std::uint64_t records = 0;
    const auto counts = (*spool)->search({}, 1, [&](std::size_t, const SpoolRecord& record) {
        ++records;
        whole += record.source == "here" && record.line.contains("whole") ? 1 : 0;
    });
    MADANG_CHECK(counts.has_value() && counts->raw_bytes <= (std::uint64_t{64} << 20U) * counts->blocks);
    std::uint64_t followed = 0;
    for (SpoolPlace at;;) {
        const auto next = (*spool)->read_behind(at, [&](const SpoolRecord&, SpoolPlace, std::uint32_t) { ++followed; });
        MADANG_CHECK(next.has_value());
        if (!*next) break;
        MADANG_CHECK(**next > at);
        at = **next;
    }
    MADANG_CHECK(followed == records);
    return whole;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    count_whole(bytes);
    MADANG_CHECK(count_whole(good_block() + bytes) >= 1);
    // Damage in the middle does not hide what comes after it, unless it claims to be a block itself.
    if (!bytes.contains("MSB1")) MADANG_CHECK(count_whole(good_block() + bytes + good_block()) >= 1);
    std::string changed = good_block();
    for (std::size_t i = 0; i + 1 < size && i < 16; i += 2) changed[(bytes[i] * 251U + i) % changed.size()] = bytes[i + 1];
    count_whole(changed);
    return 0;
}
