#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

#include "base/text.h"
#include "base/unpack.h"
#include "security/detail/followed_places.h"
#include "security/detail/rotated_logs.h"
#include "security/evtx.h"
#include "security/intake.h"

namespace madang::security {
namespace {

constexpr std::size_t kPiece = 2 * kMaxIntakeLine;       // read at once: a whole line is within
constexpr std::size_t kHead = 256;                       // bytes by which a file is known again
constexpr std::size_t kMaxFollowed = 100;
constexpr std::size_t kMaxState = 1U << 20;
constexpr std::size_t kTail = 64;                        // bytes before where reading goes on, by which a cut is seen
constexpr std::size_t kFinished = 16;                    // files that were read last, known by their heads
constexpr auto kPatience = std::chrono::milliseconds(250);

std::string head_of(int file) {
    std::array<char, kHead> bytes{};
    const ssize_t got = ::pread(file, bytes.data(), bytes.size(), 0);
    return got <= 0 ? std::string() : std::string(bytes.data(), static_cast<std::size_t>(got));
}

std::string start_of_raw(const Path& path) {
    std::string start(8, '\0');
    std::ifstream in(path, std::ios::binary);
    in.read(start.data(), 8);
    return start;
}

}  // namespace

struct FileIntake::Followed {
    FollowedFile about;
    int file = -1;
    std::uint64_t node = 0;             // inode
    std::uint64_t offset = 0;
    bool skipping = false;              // the rest of a line that is too long
    std::string head;                   // of the file that was read last
    std::string tail;                   // what it held before `offset`
    std::int64_t changed = 0;           // when it was written last, nanoseconds since 1970
    std::deque<std::string> finished;   // heads of files that are read whole
    std::optional<RotatedLog> packed;   // holds what is behind `offset`
    bool told = false;                  // that it cannot be stored

    explicit Followed(FollowedFile file_about) : about(std::move(file_about)) {}
    Followed(const Followed&) = delete;
    Followed& operator=(const Followed&) = delete;
    ~Followed() { close(); }
    void close() {
        if (file >= 0) ::close(file);
        file = -1;
    }
    bool open(const Path& path) {
        close();
        file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        struct stat facts{};
        if (file < 0 || ::fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode)) {
            close();
            return false;
        }
        node = facts.st_ino;
        changed = facts.st_mtim.tv_sec * 1'000'000'000 + facts.st_mtim.tv_nsec;
        return true;
    }
    void begin() {
        offset = 0;
        skipping = false;
        head = head_of(file);
        tail.clear();
    }
    void finish() {
        struct stat facts{};
        if (file >= 0 && ::fstat(file, &facts) == 0) changed = facts.st_mtim.tv_sec * 1'000'000'000 + facts.st_mtim.tv_nsec;
        finished.push_back(file >= 0 ? head_of(file) : head);
        if (finished.size() > kFinished) finished.pop_front();
        close();
    }
    // Whether the open file is the one of which `head` is the start.
    bool is_known() const { return head.empty() || head_of(file).starts_with(head); }
    // Whether a log that was put aside is the one that was read last, as far as it was read.
    bool is_continued_by(const RotatedLog& one) const { return !head.empty() && start_of(one.path, kHead).starts_with(head) && (one.size >= offset || is_packed(start_of_raw(one.path))); }
    std::string source() const { return about.path.string().substr(0, kMaxSource); }
};

Result<std::vector<FollowedFile>> parse_followed_files(std::string_view text) {
    std::vector<FollowedFile> all;
    for (const auto part : split(text, ',')) {
        const std::string_view one = trim(part);
        if (one.empty()) continue;
        const std::size_t equals = one.rfind('=');
        if (equals == std::string_view::npos || equals == 0 || one.front() != '/') return fail(Code::invalid, format("\"{}\": a followed file is /PATH=FORMAT", one));
        TRY(const LineFormat lines, parse_line_format(one.substr(equals + 1)));
        all.push_back({Path(one.substr(0, equals)), lines});
        if (std::ranges::count(all, all.back().path, &FollowedFile::path) > 1) return fail(Code::invalid, format("\"{}\" stands there twice", all.back().path.string()));
    }
    if (all.size() > kMaxFollowed) return fail(Code::exhausted, format("at most {} files are followed", kMaxFollowed));
    return all;
}

FileIntake::FileIntake(Path state, Intake& intake, Log& log) : state_(std::move(state)), intake_(intake), log_(log) {}
FileIntake::~FileIntake() = default;

Result<std::unique_ptr<FileIntake>> FileIntake::start(std::vector<FollowedFile> files, Path state, Intake& intake, Log& log) {
    std::unique_ptr<FileIntake> made(new FileIntake(std::move(state), intake, log));
    for (FollowedFile& one : files) made->all_.push_back(std::make_unique<Followed>(std::move(one)));
    TRY_DO(made->recall());
    made->thread_ = std::jthread([self = made.get()](const std::stop_token& stop) { self->run(stop); });
    return made;
}

Result<void> FileIntake::recall() {
    std::error_code problem;
    if (!std::filesystem::exists(state_, problem)) return {};
    TRY(const std::string text, read_file(state_, kMaxState));
    TRY(const FollowedPlaces places, within(parse_followed_places(text), state_.string()));
    for (const auto& one : all_) {
        const auto known = places.find(one->about.path.string());
        if (known == places.end()) continue;
        one->node = known->second.node;
        one->offset = known->second.offset;
        one->head = known->second.head;
        one->tail = known->second.tail;
        one->changed = known->second.changed;
        find_again(*one);
    }
    return {};
}

// Where the file of which something was read is now: at its place, or put aside beside it, perhaps packed.
void FileIntake::find_again(Followed& one) {
    const std::uint64_t node = one.node;
    const std::int64_t changed = one.changed;
    if (one.open(one.about.path) && one.node == node && one.is_known()) return;
    one.close();
    const auto aside = rotated_logs(one.about.path);
    auto found = std::ranges::find_if(aside, [&](const RotatedLog& log) { return log.node == node && one.is_continued_by(log); });
    if (found == aside.end()) found = std::ranges::find_if(aside, [&](const RotatedLog& log) { return one.is_continued_by(log); });
    if (found != aside.end()) {
        if (is_packed(start_of_raw(found->path))) one.packed = *found;
        else if (one.open(found->path)) return;
        one.node = node;
        if (one.packed) return;
    }
    if (one.offset > 0) tell_gap(one, "a followed file is gone; what was written to it since it was read last is lost");
    one.node = node;
    one.changed = changed;
    one.offset = 0;
    one.head.clear();
    one.tail.clear();
}

void FileIntake::tell_gap(const Followed& one, std::string_view what) {
    intake_.count_gap(one.source());
    log_.warning(what, {{"file", one.source()}});
}

Result<void> FileIntake::note() const {
    FollowedPlaces places;
    for (const auto& one : all_) {
        if (one->node != 0) places[one->about.path.string()] = {one->node, one->offset, one->head, one->tail, one->changed};
    }
    return write_file_whole(state_, text_of(places), Readable::by_owner);
}

// True where there may be more to read at once.
bool FileIntake::read_some(Followed& one, bool at_its_end) {
    std::string bytes(one.tail.size() + kPiece, '\0');
    const ssize_t got = ::pread(one.file, bytes.data(), bytes.size(), static_cast<off_t>(one.offset - one.tail.size()));
    if (got < 0) return false;
    bytes.resize(static_cast<std::size_t>(got));
    if (!bytes.starts_with(one.tail) || !one.is_known()) return go_on_after_cut(one);
    bytes.erase(0, one.tail.size());
    if (bytes.empty()) return false;
    if (one.head.size() < kHead) one.head = head_of(one.file);
    std::size_t end = bytes.rfind('\n');
    if (end == std::string::npos) {
        if (bytes.size() > kMaxIntakeLine) {
            if (!one.skipping) intake_.count_lost(one.source(), 1);
            one.skipping = true;
            one.offset += bytes.size();
            one.tail = bytes.substr(bytes.size() - kTail);
            return true;
        }
        if (!at_its_end) return false;   // the line's end is still to come
        end = bytes.size() - 1;
    }
    std::string_view text = std::string_view(bytes).substr(0, end + 1);
    if (one.skipping) text.remove_prefix(std::min(text.find('\n') + 1, text.size()));
    if (!keep(one, text)) return false;
    one.skipping = false;
    one.offset += end + 1;
    one.tail = (one.tail + bytes.substr(0, end + 1));
    one.tail.erase(0, one.tail.size() - std::min(kTail, one.tail.size()));
    if (const auto noted = note(); !noted) log_.warning("how far files were read cannot be noted", {{"reason", noted.error().message}});
    return true;
}

bool FileIntake::keep(Followed& one, std::string_view text) {
    if (!text.empty()) {
        if (const auto taken = intake_.take(one.source(), one.about.format, text); !taken) {
            if (!one.told) log_.error("a followed file waits: its lines cannot be kept", {{"file", one.source()}, {"reason", taken.error().message}});
            one.told = true;
            return false;
        }
    }
    one.told = false;
    return true;
}

// The file holds something else than what was read: it was copied and cut (logrotate's copytruncate), or begun anew. The copy has
// the lines that were not read.
bool FileIntake::go_on_after_cut(Followed& one) {
    for (const RotatedLog& copy : rotated_logs(one.about.path)) {
        if (copy.node == one.node || !one.is_continued_by(copy)) continue;
        if (is_packed(start_of_raw(copy.path))) {
            one.close();
            one.packed = copy;
            return true;
        }
        if (one.open(copy.path)) return true;
    }
    tell_gap(one, "a followed file was cut and no copy of it is there; what was written between the last look and the cut is lost");
    if (!one.open(one.about.path)) return false;
    one.begin();
    return true;
}

// A packed log from `offset` on, whole, however long its lines find no room.
bool FileIntake::read_packed(Followed& one, const RotatedLog& log, const std::stop_token& stop) {
    std::uint64_t skip = one.offset;
    std::string begun;
    const auto use = [&](bool last) {
        std::size_t end = last ? begun.size() : begun.rfind('\n') + 1;   // 0 where there is no line end
        if (end == 0 && begun.size() > kMaxIntakeLine) end = begun.size();
        while (!keep(one, std::string_view(begun).substr(0, end))) {
            if (stop.stop_requested()) return false;
            std::this_thread::sleep_for(kPatience);
        }
        begun.erase(0, end);
        return !stop.stop_requested();
    };
    const auto file = EvtxFile::open(log.path);
    Result<void> read;
    if (!file) read = std::unexpected(file.error());
    else read = unpack(file->bytes(), {}, [&](std::string_view piece) {
        const std::size_t known = static_cast<std::size_t>(std::min<std::uint64_t>(skip, piece.size()));
        skip -= known;
        begun += piece.substr(known);
        return begun.size() < kPiece || use(false);
    });
    if (stop.stop_requested() || !use(true)) return false;
    if (!read) tell_gap(one, "a packed log cannot be read to its end; the rest of it is lost");
    one.head = start_of(log.path, kHead);
    one.node = log.node;
    one.changed = log.changed;
    one.offset = 0;
    one.tail.clear();
    one.finish();
    return true;
}

// From a file that is read to its end to the next one: those that were put aside since, the oldest first, then the one in its place.
bool FileIntake::advance(Followed& one, const std::stop_token& stop) {
    if (one.packed) {
        const RotatedLog log = *one.packed;
        if (!read_packed(one, log, stop)) return false;
        one.packed.reset();
        return true;
    }
    if (one.file >= 0) one.finish();
    if (one.node != 0) {
        for (const RotatedLog& log : rotated_logs(one.about.path)) {
            if (log.changed < one.changed || log.node == one.node) continue;
            const std::string head = start_of(log.path, kHead);
            if (head.empty() || std::ranges::find(one.finished, head) != one.finished.end()) continue;
            one.offset = 0;
            if (is_packed(start_of_raw(log.path))) return read_packed(one, log, stop);
            if (!one.open(log.path)) continue;
            one.begin();
            return true;
        }
    }
    const std::uint64_t node = one.node;
    if (!one.open(one.about.path)) {
        one.node = node;
        return false;
    }
    one.begin();
    return true;
}

// At the end of what is there: whether another file stands in its place.
bool FileIntake::go_on(Followed& one, const std::stop_token& stop) {
    if (one.file < 0) return advance(one, stop);
    struct stat place{};
    const bool there = ::stat(one.about.path.c_str(), &place) == 0 && S_ISREG(place.st_mode);
    if (!there || place.st_ino == one.node) return false;
    // What came to the old file up to now, and its last line though it has no end.
    while (one.file >= 0 && read_some(one, true)) {
    }
    if (one.told) return false;
    return advance(one, stop);
}

void FileIntake::run(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any wake;
    while (!stop.stop_requested()) {
        bool more = false;
        for (const auto& one : all_) {
            const bool read = one->file >= 0 && read_some(*one, false);
            more = read || go_on(*one, stop) || more;
        }
        if (more) continue;
        std::unique_lock lock(mutex);
        wake.wait_for(lock, stop, kPatience, [] { return false; });
    }
}

}  // namespace madang::security
