// The messages of a syslog connection, parted as RFC 6587 says: each behind its own length (3.4.1), or up to a line end (3.4.2).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace madang::security {

class SyslogFrames {
public:
    // What a reader writes to: bytes of the stream behind what is left of those before.
    std::string& bytes() { return bytes_; }
    // Whole messages go behind `text`, one a line. False where the framing is broken: nothing behind it can be told apart.
    bool take(std::string& text);
    // At the end of the stream: a last line needs no end of its own. False as above.
    bool finish(std::string& text);
    // A message that has begun.
    bool has_rest() const { return !bytes_.empty(); }
    // Messages longer than kMaxIntakeLine, passed over; of each it is told once.
    std::uint64_t take_too_long();

private:
    std::string bytes_;
    std::size_t searched_ = 0;     // of them, without a line end
    bool skipping_ = false;        // the rest of a message that is too long
    std::uint64_t too_long_ = 0;
};

}  // namespace madang::security
