// madang calendar explain: a due date and how it was found. madang calendar show: the days of a year.
#include <algorithm>

#include "base/text.h"
#include "base/time_text.h"
#include "cli/command.h"
#include "cli/decision_model.h"
#include "government/government.h"
#include "government/term_clock.h"

namespace madang::cli {
namespace {

using government::Government;

constexpr std::size_t kMaxPackBytes = 1U << 20;
constexpr int kFirstYear = 1900;
constexpr int kLastYear = 2200;

// A pack folder, or one that has nothing but its government.json yet.
Result<Government> load_government(const Path& folder) {
    std::string file = "government.json";
    const Path pack = folder / "pack.json";
    std::error_code trouble;
    if (std::filesystem::exists(pack, trouble)) {
        TRY(const std::string text, read_file(pack, kMaxPackBytes));
        TRY(const json::value value, within(parse_json(text), pack.string()));
        if (!value.is_object()) return fail(Code::invalid, format("{}: an object is expected", pack.string()));
        TRY(file, string_at(value.get_object(), "government", pack.string()));
    }
    TRY(const Path path, path_below(folder, file));
    TRY(const std::string text, read_file(path, kMaxPackBytes));
    return government::parse_government(text, path.string());
}

// The one that is named here, else that of the installation.
Result<Path> pack_folder(const Context& context, const Arguments& arguments) {
    Path folder = arguments.one_or("pack", context.settings.text("pack"));
    if (folder.empty()) return fail(Code::invalid, "whose calendar? Name a pack with --pack, or an installation with --data");
    return folder;
}

// The body that was asked for, else the first one that has office hours.
Result<std::string> choose_body(const Government& government, const Arguments& arguments) {
    const std::string asked = arguments.one_or("body", "");
    if (!asked.empty()) {
        if (government.find(asked) == nullptr) return fail(Code::not_found, format("there is no government body {}", asked));
        return asked;
    }
    for (const government::Body& body : government.bodies()) {
        if (body.office_hours) return body.code;
    }
    return government.bodies().front().code;
}

Result<std::chrono::minutes> parse_time(const std::string& text) {
    const auto parts = split(text, ':');
    if (text.size() == 5 && parts.size() == 2 && parts[0].size() == 2) {
        const auto digit = [&](std::size_t place) { return text[place] >= '0' && text[place] <= '9' ? text[place] - '0' : -1000; };
        const int hour = digit(0) * 10 + digit(1);
        const int minute = digit(3) * 10 + digit(4);
        if (hour >= 0 && hour < 24 && minute >= 0 && minute < 60) return std::chrono::minutes(hour * 60 + minute);
    }
    return fail(Code::invalid, format("--time: \"{}\" is no time from 00:00 to 23:59", text));
}

// What happened on the way: the clock stood from a day to another, or the term was extended.
Result<government::TermClock> clock_of(const Government& government, std::string body, Instant received, std::chrono::minutes time, government::Term term, const Arguments& arguments) {
    using Event = government::ClockEvent;
    const auto event = [](Instant at, Event::Kind kind) {
        Event one;
        one.at = at;
        one.kind = kind;
        one.reason = "--suspend or --extend";
        return one;
    };
    std::vector<Event> events{event(received, Event::Kind::started)};
    if (arguments.has("extend")) {
        Event extended = event(received, Event::Kind::extended);
        TRY(extended.by, within(government::parse_short_term(arguments.one("extend")), "--extend"));
        extended.article = "--extend";
        term.extensions = government::Term::Extensions{1, extended.by.kind, extended.by.count};
        events.push_back(std::move(extended));
    }
    if (arguments.has("suspend")) {
        std::vector<std::pair<Date, Date>> pauses;
        for (const std::string& text : arguments.all("suspend")) {
            const std::size_t dots = text.find("..");
            const auto from = parse_date(text.substr(0, dots));
            const auto until = parse_date(dots == std::string::npos ? std::string() : text.substr(dots + 2));
            if (!from || !until || *until < *from) return fail(Code::invalid, format("--suspend: \"{}\" is no pair of days as 2026-12-01..2026-12-04", text));
            pauses.emplace_back(*from, *until);
        }
        std::ranges::sort(pauses);
        for (const auto& [from, until] : pauses) {
            events.push_back(event(government.time_zone().instant(from, time), Event::Kind::suspended));
            events.push_back(event(government.time_zone().instant(until, time), Event::Kind::resumed));
        }
    }
    return government::TermClock{std::move(body), std::move(term), std::move(events)};
}

Result<int> explain(const Context& context, const Arguments& arguments) {
    TRY(const Path pack, pack_folder(context, arguments));
    TRY(const Government government, load_government(pack));
    TRY(const std::string body, choose_body(government, arguments));
    TRY(const Date date, within(parse_date(arguments.one("date")), "DATE"));
    TRY(const auto time, parse_time(arguments.one_or("time", "10:00")));
    TRY(government::Term term, within(government::parse_short_term(arguments.one("term")), "--term"));
    if (arguments.has("rule")) {
        TRY(term.rule, government::parse_rule(arguments.one("rule"), "--rule"));
    }
    const std::string language = arguments.one_or("lang", "en");
    TRY(const Catalogue words, words_beside(pack / "government.json", language));
    TRY(const government::TermClock clock, clock_of(government, body, government.time_zone().instant(date, time), time, term, arguments));
    TRY(const government::DueDate due, clock.events.size() == 1 ? government.due_at(body, clock.events.front().at, term) : government::compute(clock, government));
    json::array steps;
    for (const government::Step& step : due.steps) {
        const std::string sentence = in_words(step, words, language);
        if (context.json) steps.push_back(json::object{{"text", sentence}, {"article", words.text(step.article)}});
        else context.print(sentence);
    }
    if (!context.json) context.print(long_date_time(due.at, government.time_zone(), language));
    else context.print(json::value(json::object{{"body", body}, {"rule", name_of(term.rule.value_or(government.rule()))}, {"due", format_instant(due.at)},
                                                {"date", format_date(due.date)}, {"provisional", due.provisional}, {"steps", std::move(steps)}}));
    return kOk;
}

// One letter a day: what the people of an office do on it.
char mark_of(const government::Calendar& calendar, Date date) {
    if (calendar.is_working(date)) {
        if (calendar.shortened_by(date) > std::chrono::minutes(0)) return '-';
        return calendar.is_day_of_weekend(date) ? '+' : ' ';
    }
    return calendar.is_holiday(date) ? '*' : '.';
}

std::string name_of_mark(char mark) {
    switch (mark) {
        case '-': return "short";
        case '+': return "moved_working";
        case '*': return "holiday";
        case '.': return "off";
        default: return "working";
    }
}

std::vector<Date> days_of(std::chrono::year_month month) {
    std::vector<Date> days;
    const std::chrono::sys_days end(month / std::chrono::last);
    for (std::chrono::sys_days day(month / 1); day <= end; day += std::chrono::days(1)) days.emplace_back(day);
    return days;
}

void print_month(const Context& context, const government::Calendar& calendar, std::chrono::year_month month) {
    const auto days = days_of(month);
    std::string line(4 * government::weekday_index(days.front()), ' ');
    std::size_t worked = 0;
    context.print(format("{:04}-{:02}\n Mo  Tu  We  Th  Fr  Sa  Su", static_cast<int>(month.year()), static_cast<unsigned>(month.month())));
    for (const Date date : days) {
        if (calendar.is_working(date)) ++worked;
        line += format("{:3}{}", static_cast<unsigned>(date.day()), mark_of(calendar, date));
        if (government::weekday_index(date) != 6 && date != days.back()) continue;
        context.print(std::string(line.substr(0, line.find_last_not_of(' ') + 1)));
        line.clear();
    }
    context.print(format("{} working days\n", worked));
}

json::array days_as_json(const government::Calendar& calendar, int year) {
    json::array list;
    for (unsigned month = 1; month <= 12; ++month) {
        for (const Date date : days_of(std::chrono::year(year) / std::chrono::month(month))) {
            json::object day{{"date", format_date(date)}, {"kind", name_of_mark(mark_of(calendar, date))}};
            if (const auto cut = calendar.shortened_by(date); cut > std::chrono::minutes(0)) day["shorter_by_minutes"] = cut.count();
            list.push_back(std::move(day));
        }
    }
    return list;
}

Result<int> show(const Context& context, const Arguments& arguments) {
    TRY(const Path pack, pack_folder(context, arguments));
    TRY(const Government government, load_government(pack));
    TRY(const std::string body, choose_body(government, arguments));
    const auto year = parse_decimal(arguments.one("year"));
    if (!year || *year < kFirstYear || *year > kLastYear) return fail(Code::invalid, format("YEAR: a year from {} to {} is expected", kFirstYear, kLastYear));
    const int number = static_cast<int>(*year);
    const government::Calendar& calendar = government.calendar_of(body);
    const bool known = calendar.knows(std::chrono::year(number));
    json::array sources;
    for (const government::Edition& edition : calendar.editions()) {
        if (edition.years.contains(number) && !edition.source.empty()) sources.emplace_back(edition.source);
    }
    if (context.json) {
        context.print(json::value(json::object{{"body", body}, {"year", number}, {"published", known}, {"sources", std::move(sources)},
                                               {"days", days_as_json(calendar, number)}}));
        return kOk;
    }
    for (unsigned month = 1; month <= 12; ++month) print_month(context, calendar, std::chrono::year(number) / std::chrono::month(month));
    context.print("* holiday   . day off   + day off by the week that is worked   - shorter working day");
    for (const json::value& source : sources) context.print(std::string(source.as_string()));
    if (!known) context.print("The days off of this year are not published yet.");
    return kOk;
}

}  // namespace

std::vector<Command> calendar_commands() {
    using Kind = Argument::Kind;
    const Argument pack{"--pack", Kind::option, false, "the pack folder (default: that of the installation)"};
    const Argument body{"--body", Kind::option, false, "code of the body whose calendar and hours count (default: the first with office hours)"};
    return {
        {"calendar explain", "when an answer is due, and how that date was found",
         "madang calendar explain 2026-11-27 --time 16:30 --term 3wd --pack packs/by --lang en",
         {{"date", Kind::positional, true, "the day of receipt, as 2026-11-27"},
          {"--time", Kind::option, false, "the time of receipt on the clocks of the pack (default: 10:00)"},
          {"--term", Kind::option, true, "3wd (working days), 5d, 10h, 2w, 1mo, 1y, at-once or day"},
          {"--suspend", Kind::option_many, false, "the clock stood from a day to another, at --time: 2026-12-01..2026-12-04; may be given again"},
          {"--extend", Kind::option, false, "by how much the term was extended, written as --term"},
          {"--rule", Kind::option, false, "whose law counts: kr, eu or by (default: the pack's)"},
          pack,
          body,
          {"--lang", Kind::option, false, "language of the steps: be, ru or en (default: en)"}},
         explain},
        {"calendar show", "the working days, short days and days off of a year",
         "madang calendar show 2026 --pack packs/kr",
         {{"year", Kind::positional, true, "as 2026"}, pack, body},
         show},
    };
}

}  // namespace madang::cli
