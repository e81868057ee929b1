#include "security/detail/rotated_logs.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <tuple>

#include "base/unpack.h"

namespace madang::security {
namespace {

bool is_number_or_date(std::string_view text) {
    return !text.empty() && std::string_view(".-_").contains(text.front()) && text.find_first_of("0123456789") != std::string_view::npos &&
           text.find_first_not_of("0123456789.-_:TZ") == std::string_view::npos;
}

}  // namespace

bool is_rotated_name(std::string_view log, std::string_view name) {
    for (const std::string_view packing : {".gz", ".zst"}) {
        if (name.ends_with(packing)) name.remove_suffix(packing.size());
    }
    if (name.starts_with(log) && is_number_or_date(name.substr(log.size()))) return true;
    const std::size_t point = log.rfind('.');
    if (point == std::string_view::npos || point == 0) return false;
    const std::string_view stem = log.substr(0, point);
    const std::string_view ending = log.substr(point);
    if (name.size() <= log.size() || !name.starts_with(stem) || !name.ends_with(ending)) return false;
    return is_number_or_date(name.substr(stem.size(), name.size() - log.size()));
}

std::vector<RotatedLog> rotated_logs(const Path& log) {
    std::vector<RotatedLog> all;
    std::error_code problem;
    const std::string own = log.filename().string();
    for (std::filesystem::directory_iterator at(log.parent_path(), problem), end; !problem && at != end && all.size() < kMaxRotated; at.increment(problem)) {
        if (!is_rotated_name(own, at->path().filename().string())) continue;
        struct stat facts{};
        if (::stat(at->path().c_str(), &facts) != 0 || !S_ISREG(facts.st_mode)) continue;
        all.push_back({at->path(), facts.st_ino, facts.st_mtim.tv_sec * 1'000'000'000 + facts.st_mtim.tv_nsec, static_cast<std::uint64_t>(facts.st_size)});
    }
    std::ranges::sort(all, [](const RotatedLog& a, const RotatedLog& b) { return std::tie(a.changed, b.path) < std::tie(b.changed, a.path); });
    return all;
}

std::string start_of(const Path& log, std::size_t bytes) {
    std::ifstream in(log, std::ios::binary);
    std::string start(std::max<std::size_t>(bytes, 65536), '\0');
    in.read(start.data(), static_cast<std::streamsize>(start.size()));
    start.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, in.gcount())));
    if (is_packed(start)) {
        std::string plain;
        (void)unpack(start, {}, [&](std::string_view piece) {
            plain += piece.substr(0, bytes);
            return plain.size() < bytes;
        }).has_value();   // it is cut off behind the start
        start = std::move(plain);
    }
    if (start.size() > bytes) start.resize(bytes);
    return start;
}

}  // namespace madang::security
