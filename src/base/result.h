// How an operation that can fail says so: Result<T> is a value or an Error with a code to branch on.
// A bug is not an Error: it stops the process through MADANG_CHECK (base/check.h).
//
//   Result<Port> parse_port(std::string_view text) {
//       TRY(auto number, within(parse_decimal(text), "port"));
//       if (number > 65535) return fail(Code::invalid, "a port is at most 65535");
//       return Port{number};
//   }
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace madang {

// The kinds of failure that a caller may branch on.
enum class Code {
    invalid,      // the input breaks a rule; the message says which and where
    not_found,    // the thing asked for is not there
    conflict,     // the state does not allow it now (a duplicate, a stale version)
    denied,       // the caller may not
    corrupted,    // stored or signed bytes are not what they must be
    exhausted,    // a limit or a disk is full; nothing was written
    unavailable,  // something needed does not answer; trying later may help
};

std::string_view name_of(Code code);

struct Error {
    Code code = Code::invalid;
    std::string message;  // plain language, with ids, never a person's data

    friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(Code code, std::string message) {
    return std::unexpected(Error{code, std::move(message)});
}

// Puts "where: " before the message of a failure; a value passes unchanged.
template <class T>
Result<T> within(Result<T> result, std::string_view where) {
    if (!result) {
        result.error().message.insert(0, std::string(where) + ": ");
    }
    return result;
}

}  // namespace madang

#define MADANG_JOIN_(a, b) a##b
#define MADANG_JOIN(a, b) MADANG_JOIN_(a, b)
#define MADANG_TRY_(temporary, declaration, ...)                                   \
    auto temporary = (__VA_ARGS__);                                                \
    if (!temporary) return std::unexpected(std::move(temporary).error());          \
    declaration = std::move(*temporary)

// TRY(auto size, parse(...)): declares `size`, or returns the error from the enclosing function.
#define TRY(declaration, ...) \
    MADANG_TRY_(MADANG_JOIN(try_result_, __COUNTER__), declaration, __VA_ARGS__)

// TRY_DO(store.migrate(...)): the same for a Result<void>, or when the value is not wanted.
#define MADANG_TRY_DO_(temporary, ...)                                                  \
    do {                                                                                \
        auto temporary = (__VA_ARGS__);                                                 \
        if (!temporary) return std::unexpected(std::move(temporary).error());           \
    } while (false)
#define TRY_DO(...) MADANG_TRY_DO_(MADANG_JOIN(try_do_result_, __COUNTER__), __VA_ARGS__)
