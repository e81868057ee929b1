#include "security/detail/syslog_frames.h"

#include <charconv>
#include <utility>

#include "security/intake.h"

namespace madang::security {
namespace {

constexpr std::size_t kMaxLength = 9;   // digits and the blank behind them

bool starts_with_length(std::string_view bytes) { return !bytes.empty() && bytes.front() >= '1' && bytes.front() <= '9'; }

}  // namespace

bool SyslogFrames::take(std::string& text) {
    std::size_t from = 0;
    const std::string_view all = bytes_;
    while (from < all.size()) {
        const std::string_view rest = all.substr(from);
        // RFC 6587, 3.4.1: a length without leading zero, a blank, the message; 3.4.2: else up to the line end.
        if (!skipping_ && starts_with_length(rest)) {
            const std::size_t blank = rest.substr(0, kMaxLength).find_first_not_of("0123456789");
            if (blank == std::string_view::npos) {
                if (rest.size() >= kMaxLength) return false;
                break;
            }
            std::size_t length = 0;
            std::from_chars(rest.data(), rest.data() + blank, length);
            if (rest[blank] != ' ' || length > kMaxIntakeLine) return false;
            if (rest.size() < blank + 1 + length) break;
            append_as_line(text, rest.substr(blank + 1, length));
            from += blank + 1 + length;
            continue;
        }
        const std::size_t end = rest.find('\n', from == 0 ? searched_ : 0);
        if (end == std::string_view::npos) {
            searched_ = rest.size();
            if (rest.size() <= kMaxIntakeLine && !skipping_) break;
            too_long_ += skipping_ ? 0 : 1;
            skipping_ = true;
            from = all.size();
            break;
        }
        if (!skipping_ && end > kMaxIntakeLine) ++too_long_;
        else if (!skipping_) append_as_line(text, rest.substr(0, end));
        skipping_ = false;
        searched_ = 0;
        from += end + 1;
    }
    bytes_.erase(0, from);
    if (bytes_.empty()) searched_ = 0;
    return true;
}

bool SyslogFrames::finish(std::string& text) {
    if (bytes_.empty() || starts_with_length(bytes_)) return true;
    bytes_ += '\n';
    return take(text);
}

std::uint64_t SyslogFrames::take_too_long() { return std::exchange(too_long_, 0); }

}  // namespace madang::security
