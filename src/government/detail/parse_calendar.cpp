// Reads a calendar of government.json: "g: calendar.editions[1].holidays[3]: …".
#include <algorithm>
#include <utility>

#include "base/text.h"
#include "base/time_text.h"
#include "government/detail/fields.h"

namespace madang::government {
namespace {

constexpr std::size_t kMaxDates = 5000;
constexpr std::size_t kMaxEditions = 200;
constexpr std::int64_t kMaxCut = 12 * 60;
constexpr int kFirstYear = 1900;
constexpr int kLastYear = 2200;

using Weekend = std::array<bool, 7>;

Result<std::set<Date>> dates_at(const json::object& object, std::string_view key, const std::string& where) {
    std::set<Date> dates;
    if (!object.contains(key)) return dates;
    const std::string place = format("{}.{}", where, key);
    TRY(const json::array list, array_at(object, key, where));
    if (list.size() > kMaxDates) return wrong(place, format("at most {} dates", kMaxDates));
    for (std::size_t i = 0; i < list.size(); ++i) {
        const std::string one = format("{}[{}]", place, i);
        TRY(const Date date, parse_day(list[i], one));
        if (!dates.insert(date).second) return wrong(one, "the day stands twice");
    }
    return dates;
}

// A date, or {"date": …, "instead_of": …} where the hours of the other day hold.
Result<void> parse_moved_day(const json::value& value, const std::string& where, const Weekend& weekend, Edition& edition) {
    std::optional<Date> instead;
    const json::value* day = &value;
    if (const auto* object = value.if_object()) {
        TRY_DO(check_keys(*object, {"date", "instead_of"}, where));
        if (!object->contains("date")) return wrong(where, "\"date\" is missing");
        day = object->if_contains("date");
        if (const auto* other = object->if_contains("instead_of")) {
            TRY(instead, parse_day(*other, where + ".instead_of"));
        }
    }
    TRY(const Date date, parse_day(*day, where));
    if (edition.holidays.contains(date)) return wrong(where, "the day stands among the holidays too");
    if (edition.days_off.contains(date)) return wrong(where, "the day stands among the days off too");
    if (!weekend[weekday_index(date)]) return wrong(where, "the day is worked anyhow");
    if (!edition.moved_working_days.emplace(date, instead).second) return wrong(where, "the day stands twice");
    return {};
}

Result<void> parse_short_day(const json::value& value, const std::string& where, Edition& edition) {
    const auto* object = value.if_object();
    if (object == nullptr) return wrong(where, "a short day is written {\"date\": \"2026-12-24\", \"minutes\": 60}");
    TRY_DO(check_keys(*object, {"date", "minutes"}, where));
    if (!object->contains("date")) return wrong(where, "\"date\" is missing");
    TRY(const Date date, parse_day(object->at("date"), where));
    TRY(const std::int64_t cut, integer_at(*object, "minutes", where));
    if (cut < 0 || cut > kMaxCut) return wrong(where, format("\"minutes\" is 0 to {}", kMaxCut));
    if (!edition.short_days.emplace(date, std::chrono::minutes(cut)).second) return wrong(where, "the day stands twice");
    return {};
}

template <class Read>
Result<void> each_at(const json::object& object, std::string_view key, const std::string& where, Read read) {
    if (!object.contains(key)) return {};
    TRY(const json::array list, array_at(object, key, where));
    if (list.size() > kMaxDates) return wrong(where, format("\"{}\" is a list of at most {}", key, kMaxDates));
    for (std::size_t i = 0; i < list.size(); ++i) TRY_DO(read(list[i], format("{}.{}[{}]", where, key, i)));
    return {};
}

// The days that the calendar itself and each edition have alike.
Result<Edition> parse_days(const json::object& object, const std::string& where, const Weekend& weekend) {
    Edition edition;
    edition.source = string_or(object, "source", "");
    if (edition.source.size() > kMaxText * 4) return wrong(where, "\"source\" is too long");
    TRY(edition.holidays, dates_at(object, "holidays", where));
    TRY(edition.days_off, dates_at(object, "days_off", where));
    TRY_DO(each_at(object, "moved_working_days", where, [&](const json::value& value, const std::string& place) {
        return parse_moved_day(value, place, weekend, edition);
    }));
    TRY_DO(each_at(object, "short_days", where, [&](const json::value& value, const std::string& place) {
        return parse_short_day(value, place, edition);
    }));
    return edition;
}

Result<std::set<int>> parse_years(const json::object& object, const std::string& where) {
    TRY(const json::array list, array_at(object, "years", where));
    std::set<int> years;
    for (const json::value& value : list) {
        const std::int64_t* year = value.if_int64();
        if (year == nullptr || *year < kFirstYear || *year > kLastYear) {
            return wrong(where + ".years", format("a year is {} to {}", kFirstYear, kLastYear));
        }
        years.insert(static_cast<int>(*year));
    }
    if (years.empty()) return wrong(where + ".years", "an edition is for one year or more");
    return years;
}

// An edition speaks of its own years only: other days would stay behind when it is replaced.
Result<void> check_years(const Edition& edition, const std::string& where) {
    const auto refuse = [&](Date date) { return wrong(where, format("{} is not in the years of this edition", format_date(date))); };
    const auto foreign = [&](Date date) { return !edition.years.contains(static_cast<int>(date.year())); };
    for (const Date& date : edition.holidays) if (foreign(date)) return refuse(date);
    for (const Date& date : edition.days_off) if (foreign(date)) return refuse(date);
    for (const auto& [date, instead] : edition.moved_working_days) if (foreign(date)) return refuse(date);
    for (const auto& [date, cut] : edition.short_days) if (foreign(date)) return refuse(date);
    return {};
}

Result<Edition> parse_edition(const json::value& value, const std::string& where, const Weekend& weekend) {
    const auto* object = value.if_object();
    if (object == nullptr) return wrong(where, "an edition is an object");
    TRY_DO(check_keys(*object, {"source", "published", "years", "complete", "holidays", "days_off", "moved_working_days", "short_days"}, where));
    TRY(Edition edition, parse_days(*object, where, weekend));
    TRY(edition.years, parse_years(*object, where));
    if (const auto* published = object->if_contains("published")) {
        TRY(edition.published, parse_day(*published, where + ".published"));
    }
    if (const auto* complete = object->if_contains("complete")) {
        if (!complete->is_bool()) return wrong(where, "\"complete\" is true or false");
        edition.complete = complete->get_bool();
    }
    TRY_DO(check_years(edition, where));
    return edition;
}

Result<Weekend> parse_weekend(const json::object& object, const std::string& where) {
    Weekend weekend{};
    TRY(const json::array list, array_at(object, "weekend", where));
    for (const auto& item : list) {
        const auto day = std::find(kWeekdays.begin(), kWeekdays.end(), item.is_string() ? std::string_view(item.get_string()) : "");
        if (day == kWeekdays.end()) return wrong(where + ".weekend", "a day is one of mon, tue, wed, thu, fri, sat, sun");
        weekend[static_cast<std::size_t>(day - kWeekdays.begin())] = true;
    }
    if (std::all_of(weekend.begin(), weekend.end(), [](bool off) { return off; })) {
        return wrong(where + ".weekend", "some day of the week is worked");
    }
    return weekend;
}

}  // namespace

Result<Calendar> parse_calendar(const json::object& object, const std::string& where) {
    TRY_DO(check_keys(object, {"source", "weekend", "holidays", "days_off", "moved_working_days", "short_days", "short_eve_minutes", "editions"},
                      where));
    Calendar::Parts parts;
    TRY(parts.weekend, parse_weekend(object, where));
    if (object.contains("short_eve_minutes")) {
        TRY(const std::int64_t cut, integer_at(object, "short_eve_minutes", where));
        if (cut < 0 || cut > kMaxCut) return wrong(where, format("\"short_eve_minutes\" is 0 to {}", kMaxCut));
        parts.short_eve = std::chrono::minutes(cut);
    }
    if (object.contains("editions")) {
        TRY(const json::array list, array_at(object, "editions", where));
        if (list.size() > kMaxEditions) return wrong(where, format("at most {} editions", kMaxEditions));
        for (std::size_t i = 0; i < list.size(); ++i) {
            TRY(Edition edition, parse_edition(list[i], format("{}.editions[{}]", where, i), parts.weekend));
            parts.editions.push_back(std::move(edition));
        }
    } else if (!object.contains("holidays")) {
        return wrong(where, "\"holidays\" or \"editions\" is missing");
    }
    TRY(Edition plain, parse_days(object, where, parts.weekend));
    for (const Date& date : plain.holidays) plain.years.insert(static_cast<int>(date.year()));
    parts.editions.insert(parts.editions.begin(), std::move(plain));
    return Calendar(std::move(parts));
}

}  // namespace madang::government
