// What every conformance program shares: counting, and one line a case that fails.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace madang::conformance {

class Tally {
public:
    // `name` is the file and the case; `why` is printed where it failed.
    void expect(bool good, std::string_view name, std::string_view why = {}) {
        (good ? passed_ : failed_) += 1;
        if (!good) std::printf("FAIL %.*s: %.*s\n", static_cast<int>(name.size()), name.data(), static_cast<int>(why.size()), why.data());
    }
    // Something that the suite holds and we did not judge; said by name, counted as neither.
    void skip(std::string_view name, std::string_view why) {
        std::printf("skip %.*s: %.*s\n", static_cast<int>(name.size()), name.data(), static_cast<int>(why.size()), why.data());
    }
    int passed() const { return passed_; }
    int failed() const { return failed_; }
    // The last line, and the exit code: 0 where something passed and nothing failed.
    int finish() const {
        std::printf("%d passed, %d failed\n", passed_, failed_);
        return failed_ == 0 && passed_ > 0 ? 0 : 1;
    }

private:
    int passed_ = 0;
    int failed_ = 0;
};

}  // namespace madang::conformance
