#include "http/detail/scan_head.h"

namespace madang::http::detail {

HeadScanner::State HeadScanner::scan(std::string_view buffer) {
    while (at_ < buffer.size()) {
        const auto byte = static_cast<unsigned char>(buffer[at_]);
        // RFC 9112 clause 5.2: a line that begins with a blank continues the one before; never ours.
        if (at_ == line_ && (byte == ' ' || byte == '\t')) return State::bad;
        if (byte >= 0x20 && byte != 0x7F) {
            ++at_;
            continue;
        }
        if (byte == '\t') {
            ++at_;
            continue;
        }
        if (byte != '\r') return State::bad;
        if (at_ + 1 == buffer.size()) return State::more;
        if (buffer[at_ + 1] != '\n') return State::bad;
        const bool empty = at_ == line_;
        at_ += 2;
        line_ = at_;
        if (empty) return State::complete;
    }
    return State::more;
}

}  // namespace madang::http::detail
