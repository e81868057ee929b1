// Where logs state their times, read from a file that an administrator can change: in which fields, and by source in what zone those
// are that name none.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "base/time_text.h"
#include "security/event_time.h"

namespace madang::security {

class EventTimes {
public:
    // Code::invalid with "NAME:LINE: why". Without "fields" they are those of the program.
    static Result<EventTimes> read(std::string_view yaml, std::string_view name);
    // A file, or for an empty name what the program brings.
    static Result<EventTimes> load(const Path& file);
    static const EventTimes& shipped();

    // Null for a source of which nothing is said. What its sender states besides ("NAME [/aws/cloudtrail]") does not count.
    const TimeZone* zone_of(std::string_view source) const;
    // The first field that states a moment, by the order in the file; nothing where none does.
    std::optional<Instant> time_of(const Event& event, const TimeHints& hints = {}) const;

private:
    void add_field(std::string name);
    std::size_t rank_of(std::string_view name) const;

    std::vector<std::string> fields_;        // the surest first
    std::array<bool, 512> may_be_{};         // by a key of names: most fields are left at once
    std::map<std::string, TimeZone, std::less<>> zones_;
};

}  // namespace madang::security
