#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "security/intake.h"

namespace madang::security {
namespace {

constexpr std::size_t kPiece = 2 * kMaxIntakeLine;       // read at once: a whole line is within
constexpr std::size_t kHead = 256;                       // bytes by which a file is known again
constexpr std::size_t kMaxFollowed = 100;
constexpr std::size_t kMaxState = 1U << 20;
constexpr auto kPatience = std::chrono::milliseconds(250);

std::string head_of(int file) {
    std::array<char, kHead> bytes{};
    const ssize_t got = ::pread(file, bytes.data(), bytes.size(), 0);
    return got <= 0 ? std::string() : std::string(bytes.data(), static_cast<std::size_t>(got));
}

}  // namespace

struct FileIntake::Followed {
    FollowedFile about;
    int file = -1;
    std::uint64_t node = 0;             // inode
    std::uint64_t offset = 0;
    bool skipping = false;              // the rest of a line that is too long
    std::string head;                   // of the file that was read last
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
        return true;
    }
    void begin() {
        offset = 0;
        skipping = false;
        head = head_of(file);
    }
    // Whether the open file is the one of which `head` is the start.
    bool is_known() const { return head.empty() || head_of(file).starts_with(head); }
    std::string source() const { return about.path.string().substr(0, 255); }
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
    const auto state = parse_json(text);
    const auto bad = fail(Code::corrupted, format("{}: it does not say how far files were read", state_.string()));
    if (!state || !state->is_object()) return bad;
    for (const auto& one : all_) {
        const auto* known = state->as_object().if_contains(one->about.path.string());
        if (known == nullptr) continue;
        const auto* facts = known->if_object();
        const auto* node = facts == nullptr ? nullptr : facts->if_contains("node");
        const auto* offset = facts == nullptr ? nullptr : facts->if_contains("offset");
        const auto* head = facts == nullptr ? nullptr : facts->if_contains("head");
        if (node == nullptr || offset == nullptr || head == nullptr || !node->is_int64() || !offset->is_int64() || !head->is_string()) return bad;
        TRY(const Bytes start, parse_hex(std::string_view(head->as_string())));
        one->node = static_cast<std::uint64_t>(node->as_int64());
        one->offset = static_cast<std::uint64_t>(offset->as_int64());
        one->head = std::string(as_text(start));
        // It may have been renamed meanwhile: then it stands beside its place, under another name.
        if (one->open(one->about.path) && one->node == static_cast<std::uint64_t>(node->as_int64()) && one->is_known()) continue;
        bool found = false;
        for (std::filesystem::directory_iterator at(one->about.path.parent_path(), problem), end; !found && !problem && at != end; at.increment(problem)) {
            struct stat about{};
            if (::stat(at->path().c_str(), &about) != 0 || about.st_ino != static_cast<std::uint64_t>(node->as_int64())) continue;
            found = one->open(at->path()) && one->is_known();
        }
        if (found) continue;
        one->close();
        one->offset = 0;
    }
    return {};
}

Result<void> FileIntake::note() const {
    json::object state;
    for (const auto& one : all_) {
        if (one->file < 0) continue;
        state[one->about.path.string()] = json::object{{"node", one->node}, {"offset", one->offset}, {"head", hex(as_bytes(one->head))}};
    }
    return write_file_whole(state_, json::serialize(state), Readable::by_owner);
}

// True where there may be more to read at once.
bool FileIntake::read_some(Followed& one, bool at_its_end) {
    std::string bytes(kPiece, '\0');
    const ssize_t got = ::pread(one.file, bytes.data(), bytes.size(), static_cast<off_t>(one.offset));
    if (got <= 0) return false;
    bytes.resize(static_cast<std::size_t>(got));
    if (one.head.size() < kHead) one.head = head_of(one.file);
    std::size_t end = bytes.rfind('\n');
    if (end == std::string::npos) {
        if (bytes.size() > kMaxIntakeLine) {
            if (!one.skipping) intake_.count_lost(one.source(), 1);
            one.skipping = true;
            one.offset += bytes.size();
            return true;
        }
        if (!at_its_end) return false;   // the line's end is still to come
        end = bytes.size() - 1;
    }
    std::string_view text = std::string_view(bytes).substr(0, end + 1);
    if (one.skipping) text.remove_prefix(std::min(text.find('\n') + 1, text.size()));
    if (!text.empty()) {
        if (const auto taken = intake_.take(one.source(), one.about.format, text); !taken) {
            if (!one.told) log_.error("a followed file waits: its lines cannot be kept", {{"file", one.source()}, {"reason", taken.error().message}});
            one.told = true;
            return false;
        }
    }
    one.told = false;
    one.skipping = false;
    one.offset += end + 1;
    if (const auto noted = note(); !noted) log_.warning("how far files were read cannot be noted", {{"reason", noted.error().message}});
    return true;
}

// At the end of what is there: whether another file stands in its place, or it was cut.
bool FileIntake::go_on(Followed& one) {
    struct stat place{};
    const bool there = ::stat(one.about.path.c_str(), &place) == 0 && S_ISREG(place.st_mode);
    if (one.file < 0) {
        if (!there || !one.open(one.about.path)) return false;
        one.begin();
        return true;
    }
    struct stat open{};
    if (::fstat(one.file, &open) == 0 && static_cast<std::uint64_t>(open.st_size) < one.offset) {
        one.begin();
        return true;
    }
    if (!there || place.st_ino == one.node) return false;
    // What came to the old file up to now, and its last line though it has no end.
    while (read_some(one, true)) {
    }
    if (one.told) return false;
    if (!one.open(one.about.path)) return false;
    one.begin();
    return true;
}

void FileIntake::run(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any wake;
    while (!stop.stop_requested()) {
        bool more = false;
        for (const auto& one : all_) {
            const bool read = one->file >= 0 && read_some(*one, false);
            more = read || go_on(*one) || more;
        }
        if (more) continue;
        std::unique_lock lock(mutex);
        wake.wait_for(lock, stop, kPatience, [] { return false; });
    }
}

}  // namespace madang::security
