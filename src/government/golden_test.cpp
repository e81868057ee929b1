// 200 due dates for each rule over five years. They come from a slow reckoner of this file, which reads the law's text
// day by day and minute by minute and shares no code with the room, and from published examples, which say so.
#include <gtest/gtest.h>

#include <set>

#include "base/file.h"
#include "base/text.h"
#include "government/government.h"

namespace madang::government {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

// Minutes on the wall clock since 1970.
using Wall = std::int64_t;
constexpr Wall kDay = 24 * 60;

Wall day_of(Wall moment) { return moment - (moment % kDay + kDay) % kDay; }
Date date_of(Wall moment) { return Date(sys_days(days(day_of(moment) / kDay))); }
Wall wall_of(Date date) { return sys_days(date).time_since_epoch().count() * kDay; }
std::string wall_text(Wall moment) {
    const Wall minute = moment - day_of(moment);
    return format("{}T{:02}:{:02}", format_date(date_of(moment)), minute / 60, minute % 60);
}
Wall parse_wall(std::string_view text) {
    return wall_of(*parse_date(text.substr(0, 10))) + std::stoll(std::string(text.substr(11, 2))) * 60 + std::stoll(std::string(text.substr(14, 2)));
}

// A country as the slow reckoner sees it: days by name, straight from the file.
struct Country {
    std::string rule;
    std::string file;
    std::string body;
    std::set<std::string> off{};      // holidays and days off
    std::set<std::string> holidays{};
    std::set<std::string> worked{};   // although of the weekend

    bool works(Wall day) const {
        const std::string name = format_date(date_of(day));
        if (worked.contains(name)) return true;
        const auto weekday = (day_of(day) / kDay + 3) % 7;  // 1970-01-01 was a Thursday; Monday is 0
        return weekday < 5 && !off.contains(name);
    }
    bool open_at(Wall minute) const {
        if (!works(minute)) return false;
        const Wall of_day = minute - day_of(minute);
        if (rule == "kr") return of_day >= 9 * 60 && of_day < 18 * 60 && !(of_day >= 12 * 60 && of_day < 13 * 60);
        return of_day >= 8 * 60 && of_day < closing(minute);
    }
    Wall closing(Wall day) const {
        if (rule == "kr") return 18 * 60;
        return holidays.contains(format_date(date_of(day_of(day) + kDay))) ? 16 * 60 : 17 * 60;
    }
};

Country read_country(std::string rule, std::string file, std::string body) {
    Country country{std::move(rule), std::move(file), std::move(body)};
    const auto value = parse_json(*read_file(Path(MADANG_SOURCE_DIR) / country.file));
    for (const json::value& edition : value->at("calendar").at("editions").as_array()) {
        const auto& object = edition.as_object();
        for (const json::value& day : object.at("holidays").as_array()) {
            country.off.emplace(day.as_string());
            country.holidays.emplace(day.as_string());
        }
        if (object.contains("days_off")) for (const json::value& day : object.at("days_off").as_array()) country.off.emplace(day.as_string());
        if (object.contains("moved_working_days")) {
            for (const json::value& day : object.at("moved_working_days").as_array()) country.worked.emplace(day.at("date").as_string());
        }
    }
    return country;
}

struct Asked {
    int count = 0;
    std::string unit;  // "wd", "d", "h", "w", "mo", "y", "at-once", "day"
};

int months_from(Date from, Date to) {
    return (static_cast<int>(to.year()) - static_cast<int>(from.year())) * 12 + static_cast<int>(static_cast<unsigned>(to.month())) -
           static_cast<int>(static_cast<unsigned>(from.month()));
}
bool is_month_end(Wall day) { return date_of(day).month() != date_of(day + kDay).month(); }

// The same day `months` later, found by walking; the month's end where it has no such day.
Wall same_day_later(Wall day, int months) {
    const Date first = date_of(day);
    for (Wall at = day;; at += kDay) {
        if (months_from(first, date_of(at)) == months && (date_of(at).day() == first.day() || is_month_end(at))) return at;
    }
}

Wall next_worked(const Country& country, Wall day) {
    while (!country.works(day)) day += kDay;
    return day;
}

Wall received_on(const Country& country, Wall start) {
    const Wall day = day_of(start);
    if (country.works(day) && start - day < country.closing(day)) return day;
    return next_worked(country, day + kDay);
}

Wall minutes_later(const Country& country, Wall start, int minutes) {
    Wall at = start;
    for (; minutes > 0; ++at) {
        if (country.open_at(at)) --minutes;
    }
    return at;
}

Wall slow_kr(const Country& country, Wall start, const Asked& term) {
    if (term.unit == "at-once") return minutes_later(country, start, 3 * 60);
    if (term.unit == "h") return minutes_later(country, start, term.count * 60);
    const bool of_days = term.unit == "d" || term.unit == "wd";
    if (of_days && term.count <= 5) return minutes_later(country, start, term.count * 8 * 60);
    const Wall first = received_on(country, start);
    Wall last = first;
    if (of_days) {
        for (int counted = 1; counted < term.count;) {
            last += kDay;
            if (country.works(last)) ++counted;
        }
    } else if (term.unit == "w") {
        for (int counted = 1; counted < 7 * term.count; ++counted) last += kDay;
    } else if (term.unit == "mo" || term.unit == "y") {
        // To the day before the same day, or to the end of the month that has no such day.
        const int months = term.unit == "y" ? 12 * term.count : term.count;
        const Wall same = same_day_later(first, months);
        last = date_of(same).day() == date_of(first).day() ? same - kDay : same;
    }
    last = next_worked(country, last);
    return last + country.closing(last);
}

Wall slow_by(const Country& country, Wall start, const Asked& term) {
    Wall last = received_on(country, start);
    if (term.unit == "wd") {
        for (int counted = 0; counted < term.count;) {
            last += kDay;
            if (country.works(last)) ++counted;
        }
    }
    if (term.unit == "d") for (int counted = 0; counted < term.count; ++counted) last += kDay;
    if (term.unit == "w") for (int counted = 0; counted < 7 * term.count; ++counted) last += kDay;
    if (term.unit == "mo") last = same_day_later(last, term.count);
    if (term.unit == "y") last = same_day_later(last, 12 * term.count);
    last = next_worked(country, last);
    return last + country.closing(last);
}

// The clocks of Tallinn are two hours ahead, three from the last Sunday of March to that of October, 01:00 UTC.
Wall last_sunday(int year, unsigned month) {
    Wall day = wall_of(Date(std::chrono::year(year) / std::chrono::month(month) / 31));
    while ((day / kDay + 3) % 7 != 6) day -= kDay;
    return day;
}
Wall tallinn_ahead(Wall utc) {
    const int year = static_cast<int>(date_of(utc).year());
    return utc >= last_sunday(year, 3) + 60 && utc < last_sunday(year, 10) + 60 ? 180 : 120;
}
Wall tallinn_utc(Wall wall) { return tallinn_ahead(wall - 180) == 180 ? wall - 180 : wall - 120; }

Wall slow_eu(const Country& country, Wall start, const Asked& term) {
    if (term.unit == "h") {
        Wall utc = tallinn_utc(start);
        do ++utc; while (utc % 60 != 0);
        for (int counted = 0; counted < term.count; ++counted) utc += 60;
        return utc + tallinn_ahead(utc);
    }
    const Wall event = day_of(start);
    Wall last = event;
    if (term.unit == "wd") {
        for (int counted = 0; counted < term.count;) {
            last += kDay;
            if (country.works(last)) ++counted;
        }
    }
    if (term.unit == "d") last += term.count * kDay;
    if (term.unit == "w") last += 7 * term.count * kDay;
    if (term.unit == "mo") last = same_day_later(event, term.count);
    if (term.unit == "y") last = same_day_later(event, 12 * term.count);
    const bool two_days = last - event >= 2 * kDay;
    last = next_worked(country, last);
    const auto worked = [&] {
        int found = 0;
        for (Wall day = event + kDay; day <= last; day += kDay) found += country.works(day) ? 1 : 0;
        return found;
    };
    while (two_days && worked() < 2) last = next_worked(country, last + kDay);
    return last + kDay;
}

Wall slow(const Country& country, Wall start, const Asked& term) {
    if (country.rule == "kr") return slow_kr(country, start, term);
    return country.rule == "eu" ? slow_eu(country, start, term) : slow_by(country, start, term);
}

std::string term_text(const Asked& term) { return term.count == 0 ? term.unit : format("{}{}", term.count, term.unit); }

// The same numbers in every run: no random device, no library's distribution.
class Numbers {
public:
    std::uint64_t below(std::uint64_t limit) {
        state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
        return (state_ >> 33) % limit;
    }

private:
    std::uint64_t state_ = 20150814;
};

Asked some_term(Numbers& numbers, const std::string& rule) {
    const auto upto = [&](std::uint64_t most) { return static_cast<int>(numbers.below(most)) + 1; };
    switch (numbers.below(rule == "by" ? 6 : 8)) {
        case 0: return rule == "eu" ? Asked{upto(3), "d"} : Asked{0, "day"};
        case 1: return {upto(30), "wd"};
        case 2: return {upto(40), "d"};
        case 3: return {upto(8), "w"};
        case 4: return {upto(6), "mo"};
        case 5: return {upto(4), numbers.below(3) == 0 ? "y" : "mo"};
        case 6: return {upto(60), "h"};
        default: return rule == "kr" ? (numbers.below(2) == 0 ? Asked{0, "at-once"} : Asked{upto(5), "d"}) : Asked{upto(5), "wd"};
    }
}

constexpr std::size_t kRows = 200;

// What the file holds: a published example each first, then rows by the slow reckoner.
std::string made(const Country& country) {
    std::string text = "start,term,due,note\n";
    std::size_t rows = 0;
    const auto add = [&](Wall start, const Asked& term, std::string_view note) {
        const Wall due = slow(country, start, term);
        if (static_cast<int>(date_of(due).year()) > 2027) return;
        text += format("{},{},{},{}\n", wall_text(start), term_text(term), wall_text(due), note);
        ++rows;
    };
    if (country.rule == "kr") {
        add(parse_wall("2017-09-19T10:00"), {10, "d"}, "published: due on 2017-10-02; a temporary holiday makes it 10 October");
        add(parse_wall("2015-08-03T10:00"), {10, "d"}, "published: the temporary holiday of 2015-08-14 is not counted");
    }
    if (country.rule == "eu") add(parse_wall("1998-01-27T12:00"), {3, "w"}, "published: Case C-171/03; ends on the weekday of the event");
    Numbers numbers;
    const Wall first = parse_wall("2023-01-01T00:00");
    while (rows < kRows) {
        const Wall start = first + static_cast<Wall>(numbers.below(5 * 365)) * kDay + static_cast<Wall>(numbers.below(static_cast<std::uint64_t>(kDay)));
        add(start, some_term(numbers, country.rule), "reckoned");
    }
    return text;
}

Wall found(const Government& government, const Country& country, Wall start, std::string_view term) {
    const Instant received = government.time_zone().instant(date_of(start), std::chrono::minutes(start - day_of(start)));
    const auto due = government.due_at(country.body, received, *parse_short_term(term));
    if (!due) return 0;
    return std::chrono::floor<std::chrono::minutes>(government.time_zone().local(due->at)).time_since_epoch().count();
}

class Golden : public testing::TestWithParam<std::array<const char*, 3>> {
protected:
    void SetUp() override {
        country_ = read_country(GetParam()[0], GetParam()[1], GetParam()[2]);
        text_ = read_file(Path(MADANG_SOURCE_DIR) / format("src/government/testdata/golden_{}.csv", country_.rule)).value_or("");
    }
    Country country_;
    std::string text_;
};

TEST_P(Golden, HoldsWhatTheSlowReckonerFinds) {
    const std::string expected = made(country_);
    if (text_ == expected) return;
    const Path beside = Path(testing::TempDir()) / format("golden_{}.csv", country_.rule);
    ASSERT_TRUE(write_file_whole(beside, expected));
    FAIL() << "the slow reckoner finds other dates: compare with " << beside;
}

TEST_P(Golden, IsFoundByTheRoom) {
    const auto government = parse_government(*read_file(Path(MADANG_SOURCE_DIR) / country_.file), country_.file);
    ASSERT_TRUE(government) << government.error().message;
    std::size_t rows = 0;
    for (const std::string_view line : split(text_, '\n')) {
        const auto fields = split(line, ',');
        if (fields.size() < 4 || fields[0] == "start") continue;
        EXPECT_EQ(wall_text(found(*government, country_, parse_wall(fields[0]), fields[1])), fields[2]) << line;
        ++rows;
    }
    EXPECT_EQ(rows, kRows);
}

INSTANTIATE_TEST_SUITE_P(Countries, Golden,
                         testing::Values(std::array{"by", "packs/by/government.json", "BY-MI-MLD-RSC"},
                                         std::array{"eu", "src/government/testdata/estonia.json", "EE"},
                                         std::array{"kr", "packs/kr/government.json", "KR-MOIS"}),
                         [](const auto& one) { return std::string(one.param[0]); });

}  // namespace
}  // namespace madang::government
