// Many literals looked for in one pass: Vectorscan (https://www.vectorcamp.gr/vectorscan/), whose interface is Hyperscan's.
#pragma once

#include <hs/hs.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace madang::security {

class Literals {
public:
    Literals() = default;
    // Texts that are not empty, each once; none is a database that finds nothing.
    enum class Finds { once, every_time };
    static Result<Literals> compile(const std::vector<std::string>& texts, Finds finds = Finds::once);

    // Memory that one thread needs while it scans.
    class Scratch {
    public:
        explicit Scratch(const Literals& literals);

    private:
        friend class Literals;
        struct Free {
            void operator()(hs_scratch_t* scratch) const { hs_free_scratch(scratch); }
        };
        std::unique_ptr<hs_scratch_t, Free> scratch_;
    };

    // Calls `found` with the number of each literal that the text holds, in any order, once.
    template <class Found>
    void scan(std::string_view text, Scratch& scratch, const Found& found) const {
        scan_with(text, scratch, [](std::uint32_t literal, std::uint64_t, void* to) { (*static_cast<const Found*>(to))(literal); }, const_cast<Found*>(&found));
    }
    // With the place behind it too; each time where the literals were compiled so.
    template <class Found>
    void scan_places(std::string_view text, Scratch& scratch, const Found& found) const {
        scan_with(text, scratch, [](std::uint32_t literal, std::uint64_t end, void* to) { (*static_cast<const Found*>(to))(literal, end); }, const_cast<Found*>(&found));
    }

private:
    using Receive = void (*)(std::uint32_t literal, std::uint64_t end, void* to);
    void scan_with(std::string_view text, Scratch& scratch, Receive receive, void* to) const;

    std::shared_ptr<hs_database_t> database_;
};

// Appends the text with its case folded; what is ASCII costs no look-up.
void append_folded(std::string& to, std::string_view text);

}  // namespace madang::security
