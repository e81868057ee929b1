// Reads one line from left to right and says where it stopped.
#pragma once

#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/text.h"

namespace madang::security {

class EventScanner {
public:
    explicit EventScanner(std::string_view line) : line_(line) {}

    std::size_t at() const { return at_; }
    bool at_end() const { return at_ == line_.size(); }
    char peek() const { return at_end() ? '\0' : line_[at_]; }
    std::string_view rest() const { return line_.substr(at_); }
    void skip(std::size_t count) { at_ += std::min(count, line_.size() - at_); }
    bool accept(std::string_view text) {
        if (!rest().starts_with(text)) return false;
        at_ += text.size();
        return true;
    }
    // Up to the next of these characters, or the end; that character stays.
    std::string_view until(std::string_view characters) {
        const std::string_view all = rest();
        const std::string_view taken = all.substr(0, all.find_first_of(characters));
        at_ += taken.size();
        return taken;
    }
    // A word and the blank behind it.
    std::string_view word() {
        const std::string_view taken = until(" ");
        static_cast<void>(accept(" "));
        return taken;
    }
    std::unexpected<Error> refuse(std::string_view what) const { return fail(Code::invalid, format("column {}: {}", at_ + 1, what)); }

private:
    std::string_view line_;
    std::size_t at_ = 0;
};

inline std::unexpected<Error> too_many_fields(const EventScanner& in) { return in.refuse("more fields than an event may have"); }

}  // namespace madang::security
