#include "government/government.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/text.h"

namespace madang::government {
namespace {

constexpr std::string_view kSmall = R"json({
  "time_zone": "Europe/Minsk",
  "calendar": {
    "weekend": ["sat", "sun"],
    "holidays": ["2026-01-01", "2026-05-01", "2026-12-25", "2027-01-01", "2027-01-07"],
    "moved_working_days": [{ "date": "2026-12-19", "instead_of": "2026-12-18" }]
  },
  "bodies": [
    { "code": "BY-MI", "kind": "oblast", "name": { "en": "Minsk Region" },
      "office_hours": { "mon": [["08:00", "13:00"], ["14:00", "17:00"]], "tue": [["08:00", "17:00"]], "wed": [["08:00", "17:00"]],
                        "thu": [["08:00", "17:00"]], "fri": [["08:00", "15:45"]] } },
    { "code": "BY-MI-1", "kind": "organisation", "parent": "BY-MI", "name": { "en": "Centre" } },
    { "code": "BY-X", "kind": "agency", "name": { "en": "Without hours" } }
  ]
})json";

Government small() {
    auto read = parse_government(kSmall, "government.json");
    EXPECT_TRUE(read) << read.error().message;
    return *read;
}

// A moment on the clocks of Minsk (UTC+3 all the year).
Instant minsk(std::string_view local) { return *parse_instant(std::string(local) + ":00+03:00"); }

std::string due(const Government& government, std::string_view received, Term term, std::string_view body = "BY-MI-1") {
    const auto found = government.due_at(body, minsk(received), term);
    if (!found) return found.error().message;
    return format_instant(found->at - std::chrono::hours(0) + std::chrono::hours(3)).substr(0, 16) + (found->provisional ? " provisional" : "");
}

TEST(Government, KnowsItsTree) {
    const Government government = small();
    EXPECT_EQ(government.bodies().size(), 3U);
    EXPECT_EQ(government.find("BY-MI-1")->parent, "BY-MI");
    EXPECT_EQ(government.find("BY"), nullptr);
    EXPECT_EQ(government.children("BY-MI").size(), 1U);
    EXPECT_TRUE(government.is_within("BY-MI-1", "BY-MI"));
    EXPECT_TRUE(government.is_within("BY-MI", "BY-MI"));
    EXPECT_FALSE(government.is_within("BY-MI", "BY-MI-1"));
    EXPECT_FALSE(government.is_within("BY-NONE", "BY-MI"));
}

TEST(Government, TakesTheHoursOfTheNearestParent) {
    const Government government = small();
    const Date friday = *parse_date("2026-11-27");
    EXPECT_EQ(government.hours_on("BY-MI-1", friday).back().to, std::chrono::minutes(15 * 60 + 45));
    EXPECT_TRUE(government.hours_on("BY-MI-1", *parse_date("2026-11-28")).empty());
    // A Saturday worked instead of a Friday has Friday's hours.
    EXPECT_EQ(government.hours_on("BY-MI-1", *parse_date("2026-12-19")).back().to, std::chrono::minutes(15 * 60 + 45));
    EXPECT_EQ(government.end_of_working_day("BY-MI-1", *parse_date("2026-11-28")).error().code, Code::conflict);
    EXPECT_EQ(government.end_of_working_day("NONE", friday).error().code, Code::not_found);
}

TEST(Calendar, CountsWorkingDays) {
    const Calendar& calendar = small().calendar();
    EXPECT_TRUE(calendar.is_working(*parse_date("2026-11-23")));
    EXPECT_FALSE(calendar.is_working(*parse_date("2026-11-22")));
    EXPECT_FALSE(calendar.is_working(*parse_date("2026-12-25")));
    EXPECT_TRUE(calendar.is_working(*parse_date("2026-12-19")));
    EXPECT_EQ(calendar.add_working_days(*parse_date("2026-12-24"), 1), parse_date("2026-12-28").value());
    EXPECT_EQ(calendar.add_working_days(*parse_date("2026-12-18"), 1), parse_date("2026-12-19").value());
    EXPECT_EQ(calendar.this_or_next_working_day(*parse_date("2026-11-28")), parse_date("2026-11-30").value());
    EXPECT_TRUE(calendar.knows(std::chrono::year(2026)));
    EXPECT_FALSE(calendar.knows(std::chrono::year(2030)));
}

TEST(DueAt, FindsTheEndOfEveryTerm) {
    const Government government = small();
    using Kind = Term::Kind;
    struct Row { const char* received; Term term; const char* due; };
    const Row rows[] = {
        {"2026-11-23T10:00", {Kind::day_of_request, 0}, "2026-11-23T17:00"},
        {"2026-11-23T05:00", {Kind::day_of_request, 0}, "2026-11-23T17:00"},   // before opening
        {"2026-11-23T13:30", {Kind::day_of_request, 0}, "2026-11-23T17:00"},   // in the break
        {"2026-11-23T17:00", {Kind::day_of_request, 0}, "2026-11-24T17:00"},   // at closing time
        {"2026-11-27T15:45", {Kind::day_of_request, 0}, "2026-11-30T17:00"},   // Friday evening
        {"2026-11-28T12:00", {Kind::day_of_request, 0}, "2026-11-30T17:00"},   // Saturday
        {"2026-12-24T18:00", {Kind::day_of_request, 0}, "2026-12-28T17:00"},   // before a holiday and a weekend
        {"2026-11-23T10:00", {Kind::working_days, 1}, "2026-11-24T17:00"},
        {"2026-11-23T10:00", {Kind::working_days, 5}, "2026-11-30T17:00"},
        {"2026-11-27T16:00", {Kind::working_days, 1}, "2026-12-01T17:00"},     // received on Monday
        {"2026-12-17T10:00", {Kind::working_days, 2}, "2026-12-19T15:45"},     // a Saturday that is worked
        {"2026-11-23T10:00", {Kind::calendar_days, 3}, "2026-11-26T17:00"},
        {"2026-11-23T10:00", {Kind::calendar_days, 5}, "2026-11-30T17:00"},    // ends on a Saturday
        {"2026-11-23T10:00", {Kind::months, 1}, "2026-12-23T17:00"},
        {"2026-11-25T10:00", {Kind::months, 1}, "2026-12-28T17:00"},           // ends on a holiday
        {"2026-03-31T10:00", {Kind::months, 1}, "2026-04-30T17:00"},           // no 31 April
        {"2027-01-29T10:00", {Kind::months, 1}, "2027-03-01T17:00"},           // 28 February is a Sunday
        {"2026-12-31T10:00", {Kind::working_days, 1}, "2027-01-04T17:00"},
        {"2027-12-31T10:00", {Kind::working_days, 1}, "2028-01-03T17:00 provisional"},
    };
    for (const Row& row : rows) EXPECT_EQ(due(government, row.received, row.term), row.due) << row.received;
    EXPECT_EQ(due(government, "2026-11-23T10:00", {}, "BY-X"), "2026-11-24T00:00");
    EXPECT_EQ(due(government, "2026-11-23T10:00", {}, "NONE"), "there is no government body NONE");
}

TEST(DueAt, SaysHowItWasFound) {
    const auto found = small().due_at("BY-MI-1", minsk("2026-11-27T16:00"), {Term::Kind::working_days, 1});
    ASSERT_TRUE(found);
    std::string words;
    for (const Step& step : found->steps) words += in_words(step, Catalogue(), "en") + "\n";
    EXPECT_EQ(words,
              "Received on 27 November 2026 at 16:00, after the end of the working day at 15:45. (Civil Code of Belarus, art. 195)\n"
              "It counts as received on the next working day, 30 November 2026. (Civil Code of Belarus, art. 195)\n"
              "The term is 1 working day from the day after receipt; the last is 1 December 2026. (Civil Code of Belarus, art. 192)\n"
              "The working day ends at 17:00. (Civil Code of Belarus, art. 195)\n");
}

TEST(DueAt, GoesOnPastABodyThatIsNeverOpen) {
    // Open on Sundays only, and Sundays are off.
    auto text = std::string(kSmall);
    const auto place = text.find("\"name\": { \"en\": \"Without hours\" }");
    text.insert(place, "\"office_hours\": { \"sun\": [[\"08:00\", \"17:00\"]] }, ");
    const auto government = parse_government(text, "g");
    ASSERT_TRUE(government) << government.error().message;
    EXPECT_EQ(government->due_at("BY-X", minsk("2026-11-23T10:00"), {}).error().code, Code::conflict);
}

TEST(ParseTerm, RefusesWhatIsNoTerm) {
    const auto parse = [](std::string_view text) { return parse_term(parse_json(text)->as_object(), "service.json: term"); };
    EXPECT_EQ(*parse(R"({"kind": "months", "count": 2})"), (Term{Term::Kind::months, 2}));
    EXPECT_EQ(*parse(R"({"kind": "day_of_request"})"), Term{});
    for (const char* bad : {R"({"kind": "fortnights", "count": 2})", R"({"kind": "working_days"})", R"({"kind": "working_days", "count": 0})",
                            R"({"kind": "working_days", "count": 1001})", R"({"kind": "months", "count": 121})",
                            R"({"kind": "day_of_request", "count": 1})", R"({"kind": "months", "count": 1, "unit": "x"})"}) {
        const auto term = parse(bad);
        ASSERT_FALSE(term) << bad;
        EXPECT_TRUE(term.error().message.starts_with("service.json: term: ")) << term.error().message;
    }
}

TEST(ParseGovernment, SaysWhereAndWhy) {
    struct Row { const char* from; const char* to; const char* message; };
    const Row rows[] = {
        {"\"parent\": \"BY-MI\"", "\"parent\": \"BY-HR\"", "g: bodies[1] (BY-MI-1): there is no body BY-HR to be a parent"},
        {"\"parent\": \"BY-MI\"", "\"parent\": \"BY-MI-1\"", "g: bodies[1] (BY-MI-1): the way up from this body leads back to it"},
        {"\"code\": \"BY-X\"", "\"code\": \"BY-MI\"", "g: bodies[2]: the code BY-MI stands twice"},
        {"\"code\": \"BY-X\"", "\"code\": \"by x\"", "g: bodies[2]: a code has 1 to 64 capital letters A to Z, digits and hyphens between them"},
        {"\"kind\": \"agency\"", "\"kind\": \"palace\"",
         "g: bodies[2]: \"kind\" is one of state, ministry, agency, oblast, raion, city, village, organisation, court"},
        {"\"office_hours\"", "\"offce_hours\"", "g: bodies[0]: there is no key \"offce_hours\"; did you mean \"office_hours\"?"},
        {"[\"08:00\", \"13:00\"]", "[\"13:00\", \"08:00\"]", "g: bodies[0].office_hours.mon: an opening ends after it begins"},
        {"[\"08:00\", \"13:00\"]", "[\"08:00\", \"15:00\"]", "g: bodies[0].office_hours.mon: openings stand in order and do not overlap"},
        {"\"13:00\"", "\"25:00\"", "g: bodies[0].office_hours.mon: a time is written \"08:00\", from 00:00 to 24:00"},
        {"2026-05-01", "2026-02-30", nullptr},
        {"2026-05-01", "2026-01-01", "g: calendar.holidays[1]: the day stands twice"},
        {"\"date\": \"2026-12-19\"", "\"date\": \"2026-12-18\"", "g: calendar.moved_working_days[0]: the day is worked anyhow"},
        {"Europe/Minsk", "Europe/Atlantis", nullptr},
        {"\"sat\", \"sun\"", "\"sat\", \"day\"", "g: calendar.weekend: a day is one of mon, tue, wed, thu, fri, sat, sun"},
    };
    for (const Row& row : rows) {
        std::string text(kSmall);
        const auto place = text.find(row.from);
        ASSERT_NE(place, std::string::npos) << row.from;
        text.replace(place, std::string_view(row.from).size(), row.to);
        const auto read = parse_government(text, "g");
        ASSERT_FALSE(read) << row.to;
        EXPECT_EQ(read.error().code, Code::invalid);
        EXPECT_TRUE(read.error().message.starts_with("g: ")) << read.error().message;
        if (row.message != nullptr) {
            EXPECT_EQ(read.error().message, row.message);
        }
    }
}

TEST(ParseGovernment, RefusesACircleOfTwo) {
    const auto read = parse_government(R"({"time_zone": "UTC", "calendar": {"weekend": [], "holidays": []}, "bodies": [
        {"code": "A", "kind": "city", "parent": "B", "name": {"en": "A"}}, {"code": "B", "kind": "city", "parent": "A", "name": {"en": "B"}},
        {"code": "C", "kind": "city", "parent": "A", "name": {"en": "C"}}]})", "g");
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().message, "g: bodies[0] (A): the way up from this body leads back to it");
}

TEST(ParseGovernment, ReadsThePack) {
    const auto text = read_file(Path(MADANG_SOURCE_DIR) / "packs/by/government.json");
    ASSERT_TRUE(text);
    const auto read = parse_government(*text, "packs/by/government.json");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(due(*read, "2026-11-23T10:00", {}, "BY-MI-MLD-RSC"), "2026-11-23T17:00");
}

TEST(LastDay, OfAnAppealIsMovedOffDaysOff) {
    const auto government = parse_government(*read_file(Path(MADANG_SOURCE_DIR) / "packs/by/government.json"), "g");
    ASSERT_TRUE(government) << government.error().message;
    const Instant given = government->time_zone().instant(*parse_date("2026-11-12"), std::chrono::minutes(600));
    const auto due = government->last_day_within("BY-MI-MLD-RSC", given, 30);
    ASSERT_TRUE(due) << due.error().message;
    EXPECT_EQ(format_date(due->date), "2026-12-14") << "the 12th is a Saturday";
    EXPECT_EQ(due->at, government->time_zone().instant(*parse_date("2026-12-15"), std::chrono::minutes(0)));
    EXPECT_EQ(in_words(due->steps.back(), Catalogue(), "en"), "The last day is a day off, so the term ends on the next working day, 14 December 2026. (Civil Code of Belarus, art. 194)");
}

TEST(WaitingLine, NamesBodiesInTheLanguageOfThePage) {
    const auto government = parse_government(*read_file(Path(MADANG_SOURCE_DIR) / "packs/by/government.json"), "g");
    EXPECT_EQ(names_of_bodies("BY-MI, BY-MI-MLD", "en", *government), "Minsk Regional Executive Committee, Maladziečna District Executive Committee");
    EXPECT_EQ(names_of_bodies("the lease is missing", "en", *government), "the lease is missing");
}

}  // namespace
}  // namespace madang::government
