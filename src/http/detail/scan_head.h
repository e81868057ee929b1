// Finds the end of a message head and refuses, before anything is parsed, every octet that two
// programs could read in two ways: the roots of request smuggling (RFC 9112 clauses 2.2 and 5.2).
#pragma once

#include <cstddef>
#include <string_view>

namespace madang::http::detail {

class HeadScanner {
public:
    enum class State {
        more,      // no empty line yet
        complete,  // size() octets are the head, with its empty line
        bad,       // NUL or another control character, bare CR or LF, a folded line
    };
    // `buffer` begins with the head and has grown since the last call; what was seen is not read again.
    State scan(std::string_view buffer);
    std::size_t size() const { return at_; }
    void reset() { at_ = 0; line_ = 0; }

private:
    std::size_t at_ = 0;    // octets seen
    std::size_t line_ = 0;  // where the line begins
};

}  // namespace madang::http::detail
