// A condition that only a bug can break. It stops the process in release builds too, because going
// on with a broken invariant could write a wrong official act. Never use it on input.
#pragma once

namespace madang {
[[noreturn]] void check_failed(const char* condition, const char* file, int line);
}

#define MADANG_CHECK(...) \
    (static_cast<bool>(__VA_ARGS__) ? void() : ::madang::check_failed(#__VA_ARGS__, __FILE__, __LINE__))
