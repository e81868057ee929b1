// Logs as UTF-8, whatever their mark of order says: Windows' programs write UTF-16 and put a mark before UTF-8.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace madang::security {

class TextDecoder {
public:
    using Use = std::function<void(std::string_view)>;

    // Any part of the bytes; `use` gets UTF-8 where they are UTF-16 with a mark, else the bytes as they are, without a mark.
    void feed(std::string_view bytes, const Use& use);
    void finish(const Use& use);

private:
    enum class Form { unknown, as_it_is, little_endian, big_endian };
    void decode(std::string_view bytes, const Use& use);

    Form form_ = Form::unknown;
    std::string begun_;      // what is not decided or not whole yet
    std::string units_, text_;
};

// Code::invalid where the start of a log is no text: many of its bytes are NUL, and no mark says UTF-16.
Result<void> check_is_text(std::string_view start);

}  // namespace madang::security
