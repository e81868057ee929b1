#include "casework/workload.h"

#include <algorithm>
#include <limits>
#include <set>

#include "base/csv.h"
#include "base/text.h"
#include "base/time_text.h"
#include "casework/case_repository.h"
#include "casework/casework.h"

namespace madang::casework {
namespace {

constexpr std::size_t kDays = 21;
constexpr std::int64_t kCsvPage = 1000;
constexpr auto kLookBack = std::chrono::days(30);

class Count {
public:
    Count(const catalogue::Pack& pack, const std::string& body, Instant now)
        : government_(pack.government), calendar_(government_.calendar_of(body)), now_(now), today_(government_.time_zone().date(now)) {
        found_.body = body;
        found_.at = now;
    }

    void add(const CaseSummary& one) {
        if (one.submitted_at >= now_ - kLookBack) ++found_.received_30;
        if (one.decided_at && *one.decided_at >= now_ - kLookBack) {
            ++found_.decided_30;
            if (*one.decided_at > one.due_at) ++found_.decided_late_30;
        }
        if (is_closed(one.status)) return;
        ++found_.open;
        ++found_.by_status[std::string(name_of(one.status))];
        ++found_.by_service[one.service];
        ++found_.by_officer[one.assignee];
        if (one.assignee.empty()) ++found_.unassigned;
        if (stands_still(one)) ++found_.waiting;
        if (is_overdue(one, now_)) ++found_.overdue;
        const int used = used_up(one, now_);
        if (used == 50) ++found_.half_used;
        if (used == 80) ++found_.most_used;
        ++found_.ages[age_class(working_days_since(government_.time_zone().date(one.submitted_at)))];
        if (!stands_still(one)) due_.push_back(std::max(government_.time_zone().date(one.due_at), today_));
    }

    Workload finish() {
        found_.pace = static_cast<double>(found_.decided_30) / static_cast<double>(std::max<std::int64_t>(1, working_days_since(Date(std::chrono::sys_days(today_) - kLookBack))));
        std::ranges::sort(due_);
        Date day = today_;
        double reached = 0;
        for (std::size_t i = 0; i < kDays; ++i) {
            if (calendar_.is_working(day)) reached += found_.pace;
            found_.days.push_back(count_day(day, static_cast<std::int64_t>(reached)));
            found_.breaches += found_.days.back().breaches;
            const auto next = calendar_.next_working_day(day);
            if (!next) break;
            // What is due on days off between belongs to the working day before them.
            day = *next;
        }
        return std::move(found_);
    }

private:
    // The work is done in the order of the dates: of the n-th case it is known on which day the pace reaches it.
    Workload::Day count_day(Date day, std::int64_t reached) {
        Workload::Day counted{.date = day, .due = 0, .done = std::min<std::int64_t>(reached, static_cast<std::int64_t>(due_.size())), .breaches = 0};
        const auto next = calendar_.next_working_day(day).value_or(day);
        for (std::size_t i = 0; i < due_.size(); ++i) {
            const bool here = due_[i] >= day && (due_[i] < next || day == next);
            if (!here) continue;
            ++counted.due;
            if (static_cast<std::int64_t>(i) >= reached) ++counted.breaches;
        }
        return counted;
    }

    std::int64_t working_days_since(Date date) const {
        std::int64_t days = 0;
        constexpr std::int64_t kEnough = 400;
        for (auto at = std::chrono::sys_days(date) + std::chrono::days(1); at <= std::chrono::sys_days(today_) && days < kEnough; at += std::chrono::days(1)) {
            if (calendar_.is_working(Date(at))) ++days;
        }
        return days;
    }
    static std::size_t age_class(std::int64_t days) { return days <= 1 ? 0 : days <= 5 ? 1 : days <= 10 ? 2 : days <= 20 ? 3 : 4; }

    const government::Government& government_;
    const government::Calendar& calendar_;
    Instant now_;
    Date today_;
    Workload found_;
    std::vector<Date> due_;
};

}  // namespace

Result<Workload> Workloads::of(const std::string& body) {
    const Parts& parts = casework_.parts_;
    if (parts.pack.government.find(body) == nullptr) return fail(Code::not_found, format("there is no body \"{}\"", body));
    const Instant now = parts.clock.now();
    TRY(const auto cases, parts.store.read<std::vector<CaseSummary>>([&](store::Reader& reader) { return list_of_body(reader, body, now - kLookBack); }));
    Count count(parts.pack, body, now);
    for (const CaseSummary& one : cases) count.add(one);
    return count.finish();
}

Result<CsvRange> csv_range(const government::Government& government, std::string_view from, std::string_view until) {
    CsvRange range;
    const auto& zone = government.time_zone();
    if (!from.empty()) {
        TRY(const Date day, within(parse_date(from), "from"));
        range.from = zone.instant(day, std::chrono::minutes(0));
    }
    if (!until.empty()) {
        TRY(const Date day, within(parse_date(until), "until"));
        range.until = zone.instant(Date(std::chrono::sys_days(day) + std::chrono::days(1)), std::chrono::minutes(0));
    }
    if (range.from && range.until && *range.until <= *range.from) return fail(Code::invalid, "until: the last day is before the first");
    return range;
}

Result<std::string> Workloads::csv(const std::string& body, const CsvRange& range, const NameOf& name_of) {
    const Parts& parts = casework_.parts_;
    std::map<std::string, std::string, std::less<>> names;
    const auto name = [&](const std::string& id) -> const std::string& {
        const auto [found, is_new] = names.try_emplace(id);
        if (const auto account = identity::AccountId::parse(id); is_new && account) found->second = name_of(*account);
        return found->second;
    };
    std::string text = csv_line({"receipt", "kind", "service", "status", "channel", "submitted_at", "due_at", "decided_at", "assignee", "assignee_name", "decided_by", "decided_by_name", "article", "clock", "overdue"});
    const auto microseconds = [](Instant moment) { return moment.time_since_epoch().count(); };
    const std::int64_t until = range.until ? microseconds(*range.until) : std::numeric_limits<std::int64_t>::max();
    const Instant now = parts.clock.now();
    std::int64_t after = range.from ? microseconds(*range.from) : 0;
    std::string last;
    for (;;) {
        TRY(const auto cases, parts.store.read<std::vector<CaseSummary>>([&](store::Reader& reader) {
            return list_cases(reader, format("WHERE body=$1 AND (submitted_at, case_id) > ($2,$3) AND submitted_at<$4 ORDER BY submitted_at, case_id LIMIT {}", kCsvPage), {body, after, last, until});
        }));
        for (const CaseSummary& one : cases) {
            text += csv_line({one.receipt, std::string(casework::name_of(one.kind)), one.service, std::string(casework::name_of(one.status)), one.channel, format_instant(one.submitted_at),
                              stands_still(one) ? std::string() : format_instant(one.due_at), one.decided_at ? format_instant(*one.decided_at) : std::string(), one.assignee, name(one.assignee), one.decided_by, name(one.decided_by), one.article, std::string(casework::name_of(one.clock)), is_overdue(one, now) ? "yes" : "no"});
        }
        if (std::ssize(cases) < kCsvPage) return text;
        after = microseconds(cases.back().submitted_at);
        last = cases.back().id.text();
    }
}

std::string plot_svg(const Workload& workload, const PlotWords& words) {
    constexpr int kBar = 28;
    constexpr int kHeight = 180;
    constexpr int kLeft = 44;
    constexpr int kTop = 30;
    std::int64_t most = 1;
    for (const auto& day : workload.days) most = std::max(most, day.due);
    const int width = static_cast<int>(workload.days.size()) * kBar + kLeft + 10;
    std::string svg = format("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"m-plot\" role=\"img\" viewBox=\"0 0 {} {}\"><title>{}</title>", width, kHeight + 40,
                             escape_markup(words.title));
    // The axes: how many, with its name, and below the days of the month.
    svg += format("<text x=\"4\" y=\"16\" font-size=\"14\" fill=\"currentColor\">{}</text><path d=\"M{} {}V{}H{}\" fill=\"none\" stroke=\"currentColor\"/>", escape_markup(words.due), kLeft, kTop,
                  kHeight, width);
    for (const std::int64_t tick : std::set<std::int64_t>{0, most / 2, most}) {
        const int y = kHeight - static_cast<int>((kHeight - kTop) * tick / most);
        svg += format("<text x=\"{}\" y=\"{}\" font-size=\"14\" text-anchor=\"end\" fill=\"currentColor\">{}</text>", kLeft - 6, y + 5, tick);
        if (tick > 0) svg += format("<path d=\"M{} {}H{}\" stroke=\"currentColor\" stroke-opacity=\"0.3\"/>", kLeft, y, width);
    }
    for (std::size_t i = 0; i < workload.days.size(); ++i) {
        const auto& day = workload.days[i];
        const int x = kLeft + 4 + static_cast<int>(i) * kBar;
        const auto height_of = [&](std::int64_t n) { return static_cast<int>((kHeight - kTop) * n / most); };
        const std::string label = i < words.days.size() ? words.days[i] : format_date(day.date);
        svg += format("<g><title>{}: {} {}, {} {}</title>", escape_markup(label), escape_markup(words.due), day.due, escape_markup(words.late), day.breaches);
        const int all = height_of(day.due);
        const int late = height_of(day.breaches);
        // Late ones carry a pattern of their own, since colour alone says nothing to many.
        svg += format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"#1d70b8\"/>", x, kHeight - all, kBar - 6, all);
        if (late > 0) svg += format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"#d4351c\" stroke=\"#0b0c0c\" stroke-dasharray=\"3 2\"/>", x, kHeight - late, kBar - 6, late);
        svg += format("<text x=\"{}\" y=\"{}\" font-size=\"14\" fill=\"currentColor\">{}</text></g>", x, kHeight + 18, static_cast<unsigned>(day.date.day()));
    }
    return svg + "</svg>";
}

std::string plot_text(const Workload& workload) {
    std::string text;
    for (const auto& day : workload.days) {
        const auto shown = static_cast<std::size_t>(std::min<std::int64_t>(day.due, 60));
        const auto late = std::min(shown, static_cast<std::size_t>(day.breaches));
        text += format("{}  {:>5} due  {:>5} late  {}{}\n", format_date(day.date), day.due, day.breaches, std::string(shown - late, '#'), std::string(late, '!'));
    }
    return text;
}

}  // namespace madang::casework
