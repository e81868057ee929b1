#include "government/government.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "government/detail/reckon.h"

namespace madang::government {
namespace {

constexpr std::size_t kMaxLevels = 20;

}  // namespace

Government::Government() {
    auto utc = TimeZone::find("Etc/UTC");
    MADANG_CHECK(utc.has_value());
    zone_ = std::move(*utc);
}

const Body* Government::find(std::string_view code) const {
    const auto found = std::find_if(bodies_.begin(), bodies_.end(), [&](const Body& body) { return body.code == code; });
    return found == bodies_.end() ? nullptr : &*found;
}

std::vector<const Body*> Government::children(std::string_view code) const {
    std::vector<const Body*> found;
    for (const Body& body : bodies_) {
        if (!body.parent.empty() && body.parent == code) found.push_back(&body);
    }
    return found;
}

bool Government::is_within(std::string_view code, std::string_view ancestor) const {
    const Body* body = find(code);
    for (std::size_t level = 0; body != nullptr && level <= kMaxLevels; ++level) {
        if (body->code == ancestor) return true;
        body = body->parent.empty() ? nullptr : find(body->parent);
    }
    return false;
}

const OfficeHours* Government::office_hours(const Body& body) const {
    const Body* one = &body;
    for (std::size_t level = 0; one != nullptr && level <= kMaxLevels; ++level) {
        if (one->office_hours) return &*one->office_hours;
        one = one->parent.empty() ? nullptr : find(one->parent);
    }
    return nullptr;
}

std::string_view Government::owner_of_calendar(std::string_view code) const {
    const Body* one = find(code);
    for (std::size_t level = 0; one != nullptr && level <= kMaxLevels; ++level) {
        if (one->calendar) return one->code;
        one = one->parent.empty() ? nullptr : find(one->parent);
    }
    return {};
}

const Calendar& Government::calendar_of(std::string_view code) const {
    const std::string_view owner = owner_of_calendar(code);
    return owner.empty() ? calendar_ : *find(owner)->calendar;
}

std::vector<Opening> Government::hours_on(std::string_view body, Date date) const {
    const Body* found = find(body);
    return found == nullptr ? std::vector<Opening>() : openings(calendar_of(body), office_hours(*found), date);
}

Result<WorkingTime> Government::working_time(std::string_view body, std::optional<Date> as_of) const {
    const Body* found = find(body);
    if (found == nullptr) return fail(Code::not_found, format("there is no government body {}", body));
    const OfficeHours* hours = office_hours(*found);
    const Calendar& calendar = calendar_of(body);
    return WorkingTime(zone_, as_of ? calendar.as_of(*as_of) : calendar, hours == nullptr ? std::optional<OfficeHours>() : *hours);
}

Result<Instant> Government::end_of_working_day(std::string_view body, Date date) const {
    if (find(body) == nullptr) return fail(Code::not_found, format("there is no government body {}", body));
    const auto hours = hours_on(body, date);
    if (hours.empty()) return fail(Code::conflict, format("{} is closed on {}", body, format_date(date)));
    return zone_.instant(date, hours.back().to);
}

Result<DueDate> Government::due_at(std::string_view body, Instant received, const Term& term) const {
    TRY(const WorkingTime time, working_time(body));
    TRY(DueDate due, reckon(term.rule.value_or(rule_), time, {received, term}));
    due.at_end = term.at_end;
    return due;
}

}  // namespace madang::government
