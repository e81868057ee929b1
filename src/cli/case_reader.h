// Inputs of decisions from a file or standard input, one at a time: one JSON object, an array of objects, or
// an object a line (JSON lines), which may be as long as kMaxInputBytes. A case may name itself:
// {"id": …, "input": {…}} and nothing else; any other object is the input.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "base/json.h"
#include "base/result.h"

namespace madang::cli {

inline constexpr std::uint64_t kMaxInputBytes = 1ULL << 30;
inline constexpr std::size_t kMaxLineBytes = 1U << 20;
inline constexpr std::size_t kMaxWholeBytes = 16U << 20;   // of an array or an object that is more than a line

struct Case {
    std::uint64_t number = 0;          // of its line; in an array its place, from 1
    std::string id;                    // its own, or ""
    Result<json::object> input;        // or why it is none
};

class CaseReader {
public:
    // "-" is standard input.
    static Result<CaseReader> open(const std::string& file);
    // Nothing at the end. An error ends the reading: the input is too long or cannot be read.
    Result<std::optional<Case>> next();
    // The input is one object that stands alone. Known after the first next().
    bool is_single() const { return single_; }
    const std::string& name() const { return name_; }
    std::string where(const Case& one) const;   // "cases.jsonl:12" or "cases.json: case 12"

private:
    struct Line {
        std::uint64_t number = 0;
        std::string text;
        bool too_long = false;
    };
    struct Close {
        void operator()(std::FILE* file) const {
            if (file != stdin) std::fclose(file);
        }
    };
    Result<std::optional<Line>> line(std::size_t limit);
    Result<std::optional<Line>> full_line(std::size_t limit = kMaxLineBytes);   // passes blank ones over
    Result<void> begin();
    Result<void> read_whole(Line first);

    std::unique_ptr<std::FILE, Close> file_;
    std::string name_;
    std::string buffer_;
    std::size_t at_ = 0;
    std::uint64_t bytes_ = 0;
    std::uint64_t lines_ = 0;
    bool begun_ = false;
    bool single_ = false;
    bool is_array_ = false;
    std::optional<json::array> array_;   // of a whole document
    std::size_t place_ = 0;
    std::vector<Line> ahead_;            // looked at to tell the form, first at the back
};

}  // namespace madang::cli
