// A body of government: ministry, executive committee, centre. Bodies form a tree by `parent`.
#pragma once

#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "government/calendar.h"

namespace madang::government {

using TextByLanguage = std::map<std::string, std::string, std::less<>>;

// Minutes since midnight, end not included; 08:00 to 17:00 is {480, 1020}.
struct Opening {
    std::chrono::minutes from{0};
    std::chrono::minutes to{0};
    friend bool operator==(const Opening&, const Opening&) = default;
};
// By day of the week, Monday first; no opening means closed.
using OfficeHours = std::array<std::vector<Opening>, 7>;

inline constexpr std::array<std::string_view, 9> kBodyKinds{
    "state", "ministry", "agency", "oblast", "raion", "city", "village", "organisation", "court"};

struct Body {
    std::string code;                // "BY-MI-MLD-RSC"
    std::string kind;                // one of kBodyKinds
    std::string parent;              // code, empty for a root
    TextByLanguage name;
    TextByLanguage address;
    TextByLanguage seal_name;        // who signs documents; empty: the name
    std::string phone;
    std::optional<OfficeHours> office_hours;  // absent: the parent's
    std::optional<Calendar> calendar;         // absent: the parent's; at the root the government's
};

}  // namespace madang::government
