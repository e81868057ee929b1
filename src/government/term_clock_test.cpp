#include "government/term_clock.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "base/text.h"

namespace madang::government {
namespace {

using Kind = ClockEvent::Kind;

Government read(const std::string& file) {
    auto found = parse_government(*read_file(Path(MADANG_SOURCE_DIR) / file), file);
    EXPECT_TRUE(found) << found.error().message;
    return *found;
}
const Government& korea() {
    static const Government government = read("packs/kr/government.json");
    return government;
}
const Government& belarus() {
    static const Government government = read("packs/by/government.json");
    return government;
}

Instant at(const Government& government, std::string_view local) {
    const auto hour = std::stoi(std::string(local.substr(11, 2)));
    return government.time_zone().instant(*parse_date(local.substr(0, 10)), std::chrono::minutes(hour * 60 + std::stoi(std::string(local.substr(14, 2)))));
}
std::string local_text(const Government& government, Instant moment) {
    const auto local = std::chrono::floor<std::chrono::minutes>(government.time_zone().local(moment));
    return format_instant(Instant(local.time_since_epoch())).substr(0, 16);
}

// A clock written as one line: "started 2026-11-23T10:00; suspended …".
struct Line {
    const Government& government;
    std::string body;
    TermClock clock{};

    Line(const Government& where, std::string code, Term term) : government(where), body(std::move(code)) { clock = {body, std::move(term), {}}; }
    Line& on(Kind kind, std::string_view local) {
        ClockEvent event{.at = at(government, local), .kind = kind};
        if (kind == Kind::suspended) event.reason = "the lease is missing";
        clock.events.push_back(event);
        return *this;
    }
    Line& extended(std::string_view local, Term by) {
        clock.events.push_back({.at = at(government, local), .kind = Kind::extended, .reason = "an expert is heard", .article = "art. 21", .by = std::move(by)});
        return *this;
    }
    Line& changed(std::string_view local, std::string_view published) {
        clock.events.push_back({.at = at(government, local), .kind = Kind::calendar_changed, .published = *parse_date(published)});
        return *this;
    }
    std::string due() const {
        const auto found = compute(clock, government);
        if (!found) return std::string(name_of(found.error().code)) + ": " + found.error().message;
        std::string text = local_text(government, found->at);
        if (found->promised) text += " promised " + local_text(government, *found->promised);
        if (found->suspended) text += " suspended";
        if (found->stopped) text += " stopped";
        return text;
    }
    std::string words() const {
        const auto found = compute(clock, government);
        std::string text;
        for (const Step& step : found->steps) text += in_words(step, Catalogue(), "en") + "\n";
        return text;
    }
};

Line kr(std::string_view term) { return {korea(), "KR-MOIS", *parse_short_term(term)}; }
Line by(std::string_view term) { return {belarus(), "BY-MI-MLD-RSC", *parse_short_term(term)}; }

TEST(Calendar, DaysThatNeverMoveAreHolidaysInYearsToCome) {
    const auto date = [](std::string_view text) { return *parse_date(text); };
    const Calendar& calendar = belarus().calendar_of("BY-MI-MLD-RSC");
    EXPECT_FALSE(calendar.knows(std::chrono::year(2031)));
    for (const char* fixed : {"2031-01-01", "2031-01-02", "2031-03-08", "2031-05-01", "2031-07-03", "2031-12-25"}) EXPECT_TRUE(calendar.is_holiday(date(fixed))) << fixed;
    // Radunitsa is counted from Easter; a day that work was moved from in one year is worked in another.
    for (const char* moves : {"2031-04-25", "2031-05-14", "2031-04-29", "2031-12-26"}) EXPECT_FALSE(calendar.is_holiday(date(moves))) << moves;
    EXPECT_FALSE(calendar.is_holiday(date("2001-12-25"))) << "nothing is said of years before";
    EXPECT_EQ(calendar.shortened_by(date("2031-12-24")), std::chrono::minutes(60));
    const auto due = belarus().due_at("BY-MI-MLD-RSC", at(belarus(), "2031-12-24T10:00"), *parse_short_term("2wd"));
    EXPECT_EQ(local_text(belarus(), due->at), "2031-12-29T17:00");
    EXPECT_TRUE(due->provisional);
}

TEST(TermClock, KeepsTheRestOfItsHoursWhileItStands) {
    // 24 hours; 7 are used when the lease is asked for on Monday evening, 17 go on from Thursday 10:00.
    EXPECT_EQ(kr("3d").on(Kind::started, "2026-11-23T10:00").due(), "2026-11-26T10:00");
    EXPECT_EQ(kr("3d").on(Kind::started, "2026-11-23T10:00").on(Kind::suspended, "2026-11-23T18:00").on(Kind::resumed, "2026-11-26T10:00").due(),
              "2026-11-30T11:00");
    EXPECT_EQ(kr("3d").on(Kind::started, "2026-11-23T10:00").on(Kind::suspended, "2026-11-23T18:00").due(), "2026-11-26T10:00 suspended");
}

TEST(TermClock, PutsSuspendedDaysBehindTheEnd) {
    EXPECT_EQ(by("5wd").on(Kind::started, "2026-11-23T10:00").due(), "2026-11-30T17:00");
    EXPECT_EQ(by("5wd").on(Kind::started, "2026-11-23T10:00").on(Kind::suspended, "2026-11-25T09:00").on(Kind::resumed, "2026-11-30T09:00").due(),
              "2026-12-03T17:00");
    EXPECT_EQ(by("1mo").on(Kind::started, "2026-11-02T10:00").on(Kind::suspended, "2026-11-10T09:00").on(Kind::resumed, "2026-11-16T09:00").due(),
              "2026-12-08T17:00");
    EXPECT_EQ(kr("10d").on(Kind::started, "2026-11-23T10:00").on(Kind::suspended, "2026-11-24T09:00").on(Kind::resumed, "2026-11-26T09:00").due(),
              "2026-12-08T18:00");
}

TEST(TermClock, IsExtendedWithinItsLimit) {
    Term term = *parse_short_term("10wd");
    term.extensions = Term::Extensions{2, Term::Kind::working_days, 15};
    const auto line = [&] { return Line(korea(), "KR-MOIS", term).on(Kind::started, "2026-11-02T10:00"); };
    const Term ten = *parse_short_term("10wd");
    EXPECT_EQ(line().due(), "2026-11-13T18:00");
    EXPECT_EQ(line().extended("2026-11-10T10:00", ten).due(), "2026-11-27T18:00");
    EXPECT_EQ(line().extended("2026-11-10T10:00", ten).extended("2026-11-20T10:00", *parse_short_term("5wd")).due(), "2026-12-04T18:00");
    EXPECT_EQ(line().extended("2026-11-10T10:00", ten).extended("2026-11-20T10:00", ten).due(),
              "conflict: events[2]: this term is extended by at most 15 working_days in all");
    EXPECT_EQ(line().extended("2026-11-10T10:00", *parse_short_term("1mo")).due(), "conflict: events[1]: this term is extended by working_days, not by months");
    const Term one = *parse_short_term("1wd");
    EXPECT_EQ(line().extended("2026-11-10T10:00", one).extended("2026-11-10T10:00", one).extended("2026-11-10T10:00", one).due(),
              "conflict: events[3]: this term is extended at most 2 times");
    EXPECT_EQ(kr("10d").on(Kind::started, "2026-11-02T10:00").extended("2026-11-03T10:00", one).due(),
              "conflict: events[1]: the law allows no extension of this term");
}

TEST(TermClock, RunsAnewOnAnAmendedApplication) {
    Term term = *parse_short_term("10d");
    EXPECT_EQ(Line(korea(), "KR-MOIS", term).on(Kind::started, "2026-11-02T10:00").on(Kind::restarted, "2026-11-05T10:00").due(),
              "conflict: events[1]: the law lets no application for this be amended");
    term.restarts = Term::Restarts{1, "Law, art. 5"};
    const auto line = [&] { return Line(korea(), "KR-MOIS", term).on(Kind::started, "2026-11-02T10:00").on(Kind::restarted, "2026-11-05T10:00"); };
    EXPECT_EQ(line().due(), "2026-11-18T18:00");
    EXPECT_EQ(line().on(Kind::restarted, "2026-11-06T10:00").due(), "conflict: events[2]: an application for this is amended at most 1 times");
    EXPECT_THAT(line().words(), testing::StartsWith("The application was received on 2 November 2026.\n"
                                                    "The application was amended on 5 November 2026, so the term runs anew. (Law, art. 5)\n"
                                                    "The term begins on 5 November 2026 at 10:00."));
}

TEST(TermClock, KeepsWhatWasBeforeItWasOpenedAgain) {
    const auto line = [] { return by("3wd").on(Kind::started, "2026-11-02T10:00").on(Kind::stopped, "2026-11-04T10:00").on(Kind::reopened, "2026-11-09T10:00"); };
    EXPECT_EQ(line().due(), "2026-11-12T17:00");
    EXPECT_THAT(line().words(), testing::StartsWith("The application was received on 2 November 2026.\nIt was closed on 4 November 2026.\n"
                                                    "The case was opened again on 9 November 2026, so the term runs anew.\n"
                                                    "The term begins on 9 November 2026 at 10:00."));
    EXPECT_EQ(line().on(Kind::stopped, "2026-11-10T10:00").on(Kind::reopened, "2026-11-11T10:00").due(), "2026-11-16T17:00");
}

TEST(TermClock, ThatStandsIsCountedAsIfItWentOnNow) {
    auto line = by("3wd").on(Kind::started, "2026-11-30T10:00").on(Kind::suspended, "2026-12-01T10:00");
    const auto due = compute(line.clock, belarus(), at(belarus(), "2026-12-09T10:00"));
    ASSERT_TRUE(due) << due.error().message;
    EXPECT_EQ(local_text(belarus(), due->at), "2026-12-11T17:00");
    ASSERT_TRUE(due->standing);
    EXPECT_EQ(local_text(belarus(), due->standing->since), "2026-12-01T10:00");
    std::string text;
    for (const Step& step : due->steps) text += in_words(step, Catalogue(), "en") + "\n";
    EXPECT_THAT(text, testing::HasSubstr("The clock has been standing since 1 December 2026, waiting for the applicant: the lease is missing.\n"
                                         "That took 6 working days so far; if it went on today, the last day would be 11 December 2026.\n"));
    EXPECT_THAT(line.words(), testing::Not(testing::HasSubstr("stood from"))) << "it still stands";
    line.on(Kind::resumed, "2026-12-09T10:00");
    EXPECT_EQ(line.due(), "2026-12-11T17:00") << "what was shown comes";
}

// An edition without a day of publication is corrected: the clock is counted anew by an event that names it by its hash.
TEST(TermClock, FollowsAnEditionByItsHash) {
    Edition edition;
    edition.years = {2026};
    const std::string before = hash_of(edition);
    edition.days_off = {*parse_date("2026-11-25")};
    EXPECT_NE(hash_of(edition), before);
    auto line = by("3wd").on(Kind::started, "2026-11-23T10:00");
    ClockEvent event{.at = at(belarus(), "2026-11-24T09:00"), .kind = Kind::calendar_changed, .edition = std::string(64, 'a'), .before = at(belarus(), "2026-11-25T17:00")};
    line.clock.events.push_back(event);
    EXPECT_EQ(line.due(), "2026-11-26T17:00 promised 2026-11-25T17:00");
    EXPECT_THAT(line.words(), testing::StartsWith("The calendar was corrected on 24 November 2026, so the term was counted anew."));
    const auto read = parse_term_clock(to_json(line.clock), "clock");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->events.back().edition, event.edition);
    EXPECT_EQ(read->events.back().before, event.before);
}

TEST(TermClock, OfAYearWhoseMovedDaysAreNotPublishedIsProvisional) {
    EXPECT_FALSE(compute(by("3wd").on(Kind::started, "2026-11-23T10:00").clock, belarus())->provisional);
    EXPECT_TRUE(compute(by("1mo").on(Kind::started, "2026-12-23T10:00").clock, belarus())->provisional);
}

// The temporary holiday of 2 October 2017 was declared on 5 September: what was due that day is due on the 10th, and
// the Ministry asked to answer by the day that was told.
TEST(TermClock, KeepsAnOldPromiseWhenAHolidayIsDeclared) {
    const auto line = [] { return kr("22d").on(Kind::started, "2017-09-01T10:00"); };
    EXPECT_EQ(line().due(), "2017-10-02T18:00");
    EXPECT_EQ(line().changed("2017-09-05T12:00", "2017-09-05").due(), "2017-10-10T18:00 promised 2017-10-02T18:00");
    EXPECT_EQ(line().changed("2017-09-05T12:00", "2017-09-06").due(), "invalid: events[1]: a change of the calendar counts once it is published");
    EXPECT_EQ(line().changed("2017-09-07T12:00", "2017-09-06").due(), "invalid: events[1]: no edition was published on 2017-09-06");
    EXPECT_EQ(kr("9d").on(Kind::started, "2015-08-03T10:00").changed("2015-08-04T12:00", "2015-08-04").due(), "2015-08-13T18:00");
    EXPECT_EQ(kr("5d").on(Kind::started, "2015-08-10T09:00").due(), "2015-08-17T18:00");
    const std::string words = line().changed("2017-09-05T12:00", "2017-09-05").words();
    EXPECT_EQ(words, "Days off were declared on 5 September 2017, so the term was counted anew. "
                     "(Temporary holiday on 2017-10-02, declared by the State Council)\n"
                     "Received on 1 September 2017 at 10:00. (Civil Petitions Decree of Korea, art. 18(2))\n"
                     "The term is 22 working days and the first day counts; the last is 10 October 2017. (Civil Petitions Decree of Korea, art. 18(2))\n"
                     "The working day ends at 18:00. (Civil Petitions Decree of Korea, art. 18(2))\n"
                     "The date told before, 2 October 2017, is kept where it can be.\n");
}

TEST(TermClock, RefusesWhatItsStateDoesNotAllow) {
    const auto line = [] { return kr("10d").on(Kind::started, "2026-11-02T10:00"); };
    EXPECT_EQ(kr("10d").due(), "invalid: the first event of a clock is \"started\"");
    EXPECT_EQ(kr("10d").on(Kind::stopped, "2026-11-02T10:00").due(), "invalid: the first event of a clock is \"started\"");
    EXPECT_EQ(line().on(Kind::started, "2026-11-03T10:00").due(), "conflict: events[1]: the clock was started before");
    EXPECT_EQ(line().on(Kind::resumed, "2026-11-03T10:00").due(), "conflict: events[1]: the clock does not stand");
    EXPECT_EQ(line().on(Kind::suspended, "2026-11-03T10:00").on(Kind::suspended, "2026-11-03T11:00").due(),
              "conflict: events[2]: the clock stands already");
    EXPECT_EQ(line().on(Kind::suspended, "2026-11-16T10:00").due(), "conflict: events[1]: the term had ended on 2026-11-13");
    EXPECT_EQ(line().on(Kind::stopped, "2026-11-16T10:00").due(), "2026-11-13T18:00 stopped");
    EXPECT_EQ(line().on(Kind::stopped, "2026-11-03T10:00").on(Kind::suspended, "2026-11-03T11:00").due(), "conflict: events[2]: the clock was stopped before");
    EXPECT_EQ(line().on(Kind::suspended, "2026-11-01T10:00").due(), "invalid: events[1] is earlier than the one before");
    EXPECT_EQ(line().on(Kind::suspended, "2026-11-03T10:00").on(Kind::stopped, "2060-01-01T10:00").due(), "invalid: a clock runs for at most 30 years");
    EXPECT_EQ(by("10h").on(Kind::started, "2026-11-02T10:00").due(), "invalid: the rule of Belarus has no term hours");
}

TEST(TermClock, WarnsAtHalfFourFifthsAndAllOfItsWorkingTime) {
    const auto shown = [](const Line& line) {
        const auto moments = warnings(line.clock, line.government);
        if (!moments) return moments.error().message;
        std::string text;
        for (const Instant one : *moments) text += local_text(line.government, one) + " ";
        return text;
    };
    // 40 working hours from Monday 09:00.
    EXPECT_EQ(shown(kr("5d").on(Kind::started, "2026-11-23T09:00")), "2026-11-25T14:00 2026-11-26T18:00 2026-11-27T18:00 ");
    // 20 are used when it stands from Wednesday 14:00 to the next Monday 14:00.
    EXPECT_EQ(shown(kr("5d").on(Kind::started, "2026-11-23T09:00").on(Kind::suspended, "2026-11-25T14:00").on(Kind::resumed, "2026-11-30T14:00")),
              "2026-11-25T14:00 2026-12-01T18:00 2026-12-02T18:00 ");
}

TEST(TermClock, TellsWhatTheLawLetsHappenAtTheEnd) {
    const auto term = parse_term(parse_json(R"j({"kind": "months", "count": 1, "article": "Decree 200, item 1.1.5", "at_end":
        [{"effect": "deemed_grant", "article": "art. 13(4)"}, {"effect": "fee_refund", "article": "art. 9"}]})j")->as_object(), "term");
    ASSERT_TRUE(term) << term.error().message;
    Line line(belarus(), "BY-MI-MLD-RSC", *term);
    const auto due = compute(line.on(Kind::started, "2026-11-02T10:00").clock, belarus());
    ASSERT_TRUE(due);
    EXPECT_EQ(due->at_end, (std::vector<AtEnd>{{Effect::deemed_grant, "art. 13(4)"}, {Effect::fee_refund, "art. 9"}}));
    EXPECT_EQ(in_words(due->steps.front(), Catalogue(), "en"), "The law sets the term. (Decree 200, item 1.1.5)");
    for (const char* bad : {R"({"kind": "months", "count": 1, "at_end": [{"effect": "deemed_grant"}]})",
                            R"({"kind": "months", "count": 1, "at_end": [{"effect": "prize", "article": "a"}]})",
                            R"({"kind": "months", "count": 1, "rule": "uk"})", R"({"kind": "at_once", "count": 1})",
                            R"({"kind": "months", "count": 1, "extensions": {"count": 11, "total": {"kind": "months", "count": 1}}})",
                            R"({"kind": "months", "count": 1, "at_end": [{"effect": "deemed_grant", "article": "a"}, {"effect": "deemed_refusal", "article": "a"}]})"}) {
        EXPECT_FALSE(parse_term(parse_json(bad)->as_object(), "term")) << bad;
    }
}

TEST(TermClock, IsTheSameAfterJson) {
    Term term = *parse_short_term("10wd");
    term.rule = Rule::kr;
    term.extensions = Term::Extensions{1, Term::Kind::working_days, 10};
    Line line(korea(), "KR-MOIS", term);
    line.on(Kind::started, "2017-08-28T10:00").changed("2017-09-05T10:00", "2017-09-05").extended("2017-09-06T10:00", *parse_short_term("3wd"));
    line.on(Kind::suspended, "2017-09-06T11:00").on(Kind::resumed, "2017-09-07T11:00").on(Kind::stopped, "2017-09-08T11:00");
    const json::object written = to_json(line.clock);
    const auto read_back = parse_term_clock(written, "clock");
    ASSERT_TRUE(read_back) << read_back.error().message;
    EXPECT_EQ(json::serialize(to_json(*read_back)), json::serialize(written));
    Line again(korea(), "KR-MOIS", term);
    again.clock = *read_back;
    EXPECT_EQ(again.due(), line.due());
}

TEST(TermClock, SaysWhereItsJsonIsWrong) {
    const auto error = [](std::string_view events) {
        const auto text = format(R"({{"body": "KR", "term": {{"kind": "months", "count": 1}}, "events": [{}]}})", events);
        const auto clock = parse_term_clock(parse_json(text)->as_object(), "act");
        return clock ? std::string("read") : clock.error().message;
    };
    EXPECT_EQ(error(""), "act: \"events\" has 1 to 200 entries");
    EXPECT_EQ(error("1"), "act.events[0]: an event is an object");
    EXPECT_EQ(error(R"({"at": "2026-11-23T10:00:00Z", "kind": "begun"})"),
              "act.events[0].kind: \"begun\" is none of started, suspended, resumed, extended, restarted, calendar_changed, stopped, reopened");
    EXPECT_EQ(error(R"({"at": "yesterday", "kind": "started"})"), "act.events[0].at: a date has the form 2026-11-23");
    EXPECT_EQ(error(R"({"at": "2026-11-23T10:00:00Z", "kind": "started", "reason": "x"})"), "act.events[0]: there is no key \"reason\"");
}

// Properties, over a year of starts.
TEST(TermClock, NeverEndsEarlierForALaterStart) {
    for (const char* term : {"at-once", "10h", "3d", "6d", "30wd", "2w", "1mo", "1y", "day"}) {
        Instant last{};
        for (Instant start = at(korea(), "2026-01-01T00:00"); start < at(korea(), "2026-12-31T00:00"); start += std::chrono::hours(11)) {
            const auto due = korea().due_at("KR-MOIS", start, *parse_short_term(term));
            ASSERT_TRUE(due) << due.error().message;
            ASSERT_GE(due->at, last) << term << " from " << format_instant(start);
            ASSERT_GE(due->at, start);
            last = due->at;
        }
    }
}

TEST(TermClock, IsNotMovedByStandingForNoTime) {
    for (const auto& make : {kr, by}) {
        for (const char* term : {"3wd", "6d", "30wd", "2w", "1mo", "1y"}) {
            for (int day = 1; day <= 28; ++day) {
                const std::string start = format("2026-09-{:02}T10:30", day);
                const std::string stand = format("2026-09-{:02}T11:45", day);
                EXPECT_EQ(make(term).on(Kind::started, start).on(Kind::suspended, stand).on(Kind::resumed, stand).due(),
                          make(term).on(Kind::started, start).due())
                    << term << " from " << start;
            }
        }
    }
}

constexpr std::string_view kForward = R"({"weekend": ["sat", "sun"], "holidays": ["2026-01-01", "2026-05-01", "2026-12-25"]})";
constexpr std::string_view kBackward = R"({"weekend": ["sun", "sat"], "holidays": ["2026-12-25", "2026-05-01", "2026-01-01"]})";

TEST(Calendar, DoesNotMindTheOrderOfHolidays) {
    const auto with = [](std::string_view calendar) {
        return *parse_government(format(R"({{"time_zone": "UTC", "calendar": {}, "bodies": [{{"code": "A", "kind": "city", "name": {{"en": "A"}}}}]}})", calendar), "g");
    };
    const Government forward = with(kForward);
    const Government backward = with(kBackward);
    for (Instant start = at(forward, "2026-01-01T09:00"); start < at(forward, "2026-12-31T00:00"); start += std::chrono::hours(25)) {
        const Term term = *parse_short_term("9wd");
        EXPECT_EQ(forward.due_at("A", start, term)->at, backward.due_at("A", start, term)->at);
    }
}

TEST(Calendar, LaysEditionsOverEachOther) {
    const Calendar& now = korea().calendar();
    const Date day = *parse_date("2017-10-02");
    EXPECT_FALSE(now.is_working(day));
    EXPECT_TRUE(now.as_of(*parse_date("2017-09-04")).is_working(day));
    EXPECT_FALSE(now.as_of(*parse_date("2017-09-05")).is_working(day));
    EXPECT_TRUE(now.knows(std::chrono::year(2027)));
    EXPECT_FALSE(now.knows(std::chrono::year(2028)));
}

TEST(Calendar, KnowsMovedDaysAndShortDays) {
    const Government& government = belarus();
    EXPECT_TRUE(government.hours_on("BY-MI-MLD-RSC", *parse_date("2026-04-20")).empty());
    EXPECT_EQ(government.hours_on("BY-MI-MLD-RSC", *parse_date("2026-04-25")).back().to, std::chrono::hours(17));
    EXPECT_EQ(government.hours_on("BY-MI-MLD-RSC", *parse_date("2026-12-24")).back().to, std::chrono::hours(16));
    const Government estonia = read("src/government/testdata/estonia.json");
    EXPECT_EQ(estonia.hours_on("EE", *parse_date("2026-02-23")).back().to, std::chrono::hours(21));
}

TEST(Calendar, MayBelongToABodyAndThoseBelowIt) {
    const auto read_text = parse_government(R"({"time_zone": "UTC", "calendar": {"weekend": ["sat", "sun"], "holidays": ["2026-01-01"]}, "bodies": [
        {"code": "A", "kind": "city", "name": {"en": "A"}, "calendar": {"weekend": ["fri"], "editions": [{"years": [2026], "holidays": ["2026-11-23"]}]}},
        {"code": "B", "kind": "city", "parent": "A", "name": {"en": "B"}}, {"code": "C", "kind": "city", "name": {"en": "C"}}]})", "g");
    ASSERT_TRUE(read_text) << read_text.error().message;
    EXPECT_TRUE(read_text->hours_on("B", *parse_date("2026-11-23")).empty());
    EXPECT_FALSE(read_text->hours_on("B", *parse_date("2026-11-22")).empty());
    EXPECT_FALSE(read_text->hours_on("C", *parse_date("2026-11-23")).empty());
}

TEST(Calendar, RefusesAnEditionThatCannotBe) {
    const auto error = [](std::string_view edition) {
        const auto text = format(R"({{"time_zone": "UTC", "calendar": {{"weekend": ["sun"], "editions": [{}]}}, "bodies": []}})", edition);
        return parse_government(text, "g").error().message;
    };
    EXPECT_EQ(error(R"({"years": [2026], "holidays": ["2027-01-01"]})"), "g: calendar.editions[0]: 2027-01-01 is not in the years of this edition");
    EXPECT_EQ(error(R"({"years": []})"), "g: calendar.editions[0].years: an edition is for one year or more");
    EXPECT_EQ(error(R"({"years": [2026], "short_days": [{"date": "2026-12-24", "minutes": 999}]})"),
              "g: calendar.editions[0].short_days[0]: \"minutes\" is 0 to 720");
    EXPECT_EQ(error(R"({"years": [2026], "published": "soon"})"), "g: calendar.editions[0].published: a date has the form 2026-11-23");
    EXPECT_EQ(error(R"({"years": [2026], "holidys": []})"), "g: calendar.editions[0]: there is no key \"holidys\"; did you mean \"holidays\"?");
}

// A Russian date ends in a full stop; the sentence needs no second one.
TEST(InWords, ASentenceEndsInOneFullStop) {
    EXPECT_EQ(in_words({"Received on {date}.", {{"date", Date(std::chrono::sys_days(std::chrono::year{2026} / 11 / 24))}}, ""}, Catalogue(), "ru"), "Received on 24 ноября 2026\u202fг.");
    EXPECT_EQ(in_words({"It stood: {reason}", {{"reason", std::string("no fee")}}, ""}, Catalogue(), "en"), "It stood: no fee.");
}

}  // namespace
}  // namespace madang::government
