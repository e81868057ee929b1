#include "government/term_clock.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "base/time_text.h"
#include "government/detail/reckon.h"

namespace madang::government {
namespace {

using std::chrono::microseconds;

constexpr std::size_t kMaxEvents = 200;
constexpr std::chrono::days kMaxSpan{30 * 366};

// What the events of a clock have come to.
class Fold {
public:
    Fold(const TermClock& clock, const Government& government)
        : clock_(clock), government_(government), rule_(clock.term.rule.value_or(government.rule())) {}

    enum class Place { earlier, last };
    Result<void> take(const ClockEvent& event, Place place) {
        if (event.kind == ClockEvent::Kind::reopened) return reopen(event);
        if (stopped_) return fail(Code::conflict, "the clock was stopped before");
        if (event.kind == ClockEvent::Kind::stopped) {
            stopped_ = event.at;
            return {};
        }
        if (event.kind == ClockEvent::Kind::started) return fail(Code::conflict, "the clock was started before");
        // A calendar that is corrected may put the end before what happened already.
        const bool late = place == Place::last && !suspended_ && event.at > due_.at;
        if (late && event.kind != ClockEvent::Kind::resumed && event.kind != ClockEvent::Kind::calendar_changed) {
            return fail(Code::conflict, format("the term had ended on {}", format_date(due_.date)));
        }
        if (event.kind != ClockEvent::Kind::calendar_changed) known_on_ = std::max(known_on_, day_of(event.at));
        switch (event.kind) {
            case ClockEvent::Kind::resumed: return resume(event);
            case ClockEvent::Kind::suspended: return suspend(event);
            case ClockEvent::Kind::extended: return extend(event);
            case ClockEvent::Kind::restarted: return restart(event);
            case ClockEvent::Kind::calendar_changed: return change_calendar(event);
            case ClockEvent::Kind::started:
            case ClockEvent::Kind::stopped:
            case ClockEvent::Kind::reopened: break;
        }
        return {};
    }

    Result<void> start(Instant at, Run::From from = Run::From::receipt) {
        run_ = Run{at, clock_.term, from};
        suspended_ = false;
        promised_.reset();
        prefix_.clear();
        known_on_ = std::max(known_on_, day_of(at));
        return count();
    }

    // As if a clock that stands went on at that moment.
    Result<void> stand_until(Instant now) {
        if (!suspended_) return {};
        Suspension& last = run_.suspensions.back();
        last.to = std::max(last.from, now);
        known_on_ = std::max(known_on_, day_of(last.to));
        return count();
    }

    DueDate told() const {
        DueDate due = due_;
        due.steps = history_;
        due.steps.insert(due.steps.end(), prefix_.begin(), prefix_.end());
        due.steps.insert(due.steps.end(), due_.steps.begin(), due_.steps.end());
        if (suspended_) {
            const Suspension& last = run_.suspensions.back();
            due.standing = Standing{last.from, last.waiting_for, last.reason, last.article};
            due.steps.push_back({"The clock stands; the date moves on until it goes on.", {}});
        }
        if (promised_) {
            due.promised = promised_;
            due.steps.push_back({"The date told before, {date}, is kept where it can be.",
                                 {{"date", end_date(government_.time_zone(), *promised_)}}});
        }
        due.suspended = suspended_;
        due.stopped = stopped_;
        due.at_end = clock_.term.at_end;
        return due;
    }

    const Run& run() const { return run_; }
    const WorkingTime& time() const { return *time_; }
    const DueDate& due() const { return due_; }

private:
    Date day_of(Instant moment) const { return government_.time_zone().date(moment); }
    Result<void> count() {
        TRY(time_, government_.working_time(clock_.body, known_on_));
        TRY(due_, reckon(rule_, *time_, run_));
        return {};
    }

    Result<void> suspend(const ClockEvent& event) {
        if (suspended_) return fail(Code::conflict, "the clock stands already");
        if (event.reason.empty()) return fail(Code::invalid, "a suspension has a reason");
        run_.suspensions.push_back({event.at, event.at, event.waiting_for, event.reason, event.article, true});
        suspended_ = true;
        promised_.reset();
        return count();
    }

    Result<void> resume(const ClockEvent& event) {
        if (!suspended_) return fail(Code::conflict, "the clock does not stand");
        run_.suspensions.back().to = event.at;
        run_.suspensions.back().open = false;
        suspended_ = false;
        return count();
    }

    Result<void> extend(const ClockEvent& event) {
        if (event.reason.empty() || event.article.empty()) return fail(Code::invalid, "an extension has a reason and an article");
        const auto& limit = clock_.term.extensions;
        if (!limit) return fail(Code::conflict, "the law allows no extension of this term");
        if (static_cast<int>(run_.extensions.size()) >= limit->count) {
            return fail(Code::conflict, format("this term is extended at most {} times", limit->count));
        }
        if (event.by.kind != limit->kind) {
            return fail(Code::conflict, format("this term is extended by {}, not by {}", name_of(limit->kind), name_of(event.by.kind)));
        }
        int total = event.by.count;
        for (const Extension& other : run_.extensions) total += other.term.count;
        if (event.by.count < 1 || total > limit->total) {
            return fail(Code::conflict, format("this term is extended by at most {} {} in all", limit->total, name_of(limit->kind)));
        }
        run_.extensions.push_back({event.by, event.reason, event.article});
        promised_.reset();
        return count();
    }

    Result<void> restart(const ClockEvent& event) {
        const auto& limit = clock_.term.restarts;
        if (!limit) return fail(Code::conflict, "the law lets no application for this be amended");
        if (++restarts_ > limit->count) return fail(Code::conflict, format("an application for this is amended at most {} times", limit->count));
        tell_receipt();
        history_.push_back({"The application was amended on {date}, so the term runs anew.", {{"date", day_of(event.at)}}, event.article.empty() ? limit->article : event.article});
        return start(event.at, Run::From::anew);
    }

    // What went before stays told: when it came, when it was answered, when it was opened again.
    Result<void> reopen(const ClockEvent& event) {
        tell_receipt();
        if (stopped_) history_.push_back({"It was closed on {date}.", {{"date", day_of(*stopped_)}}});
        history_.push_back({"The case was opened again on {date}, so the term runs anew.", {{"date", day_of(event.at)}}, event.article});
        stopped_.reset();
        restarts_ = 0;
        return start(event.at, Run::From::anew);
    }

    void tell_receipt() {
        if (history_.empty()) history_.push_back({"The application was received on {date}.", {{"date", day_of(clock_.events.front().at)}}});
    }

    // A date told before stays a promise as long as nothing but the calendar moved it.
    Result<void> change_calendar(const ClockEvent& event) {
        Step said{"The calendar was corrected on {date}, so the term was counted anew.", {{"date", day_of(event.at)}}};
        const auto& editions = government_.calendar_of(clock_.body).editions();
        if (event.published.ok()) {
            if (event.published > day_of(event.at)) return fail(Code::invalid, "a change of the calendar counts once it is published");
            said = {"Days off were declared on {date}, so the term was counted anew.", {{"date", event.published}}};
        } else if (event.edition.empty()) {
            return fail(Code::invalid, "a change of the calendar names its edition, or the day it was published");
        }
        const auto edition = std::ranges::find_if(editions, [&](const Edition& one) {
            return event.edition.empty() ? one.published == std::optional(event.published) : hash_of(one) == event.edition;
        });
        if (edition != editions.end()) said.article = edition->source;
        else if (event.edition.empty()) return fail(Code::invalid, format("no edition was published on {}", format_date(event.published)));
        known_on_ = std::max(known_on_, event.edition.empty() ? event.published : day_of(event.at));
        const Instant before = event.before.value_or(due_.at);
        TRY_DO(count());
        prefix_.push_back(std::move(said));
        if (due_.at > before) promised_ = std::min(promised_.value_or(before), before);
        if (promised_ && *promised_ >= due_.at) promised_.reset();
        return {};
    }

    const TermClock& clock_;
    const Government& government_;
    const Rule rule_;
    Run run_{};
    std::optional<WorkingTime> time_;
    DueDate due_;
    std::vector<Step> history_;   // of earlier runs of the clock
    std::vector<Step> prefix_;    // of this one
    std::optional<Instant> promised_;
    std::optional<Instant> stopped_;
    Date known_on_{};
    int restarts_ = 0;
    bool suspended_ = false;
};

Result<void> check_order(const TermClock& clock) {
    if (clock.events.empty() || clock.events.front().kind != ClockEvent::Kind::started) {
        return fail(Code::invalid, "the first event of a clock is \"started\"");
    }
    if (clock.events.size() > kMaxEvents) return fail(Code::invalid, format("a clock has at most {} events", kMaxEvents));
    for (std::size_t i = 1; i < clock.events.size(); ++i) {
        if (clock.events[i].at < clock.events[i - 1].at) return fail(Code::invalid, format("events[{}] is earlier than the one before", i));
    }
    if (clock.events.back().at - clock.events.front().at > kMaxSpan) return fail(Code::invalid, "a clock runs for at most 30 years");
    return {};
}

Result<Fold> fold(const TermClock& clock, const Government& government) {
    TRY_DO(check_order(clock));
    Fold so_far(clock, government);
    TRY_DO(so_far.start(clock.events.front().at));
    for (std::size_t i = 1; i < clock.events.size(); ++i) {
        const auto place = i + 1 == clock.events.size() ? Fold::Place::last : Fold::Place::earlier;
        TRY_DO(within(so_far.take(clock.events[i], place), format("events[{}]", i)));
    }
    return so_far;
}

// The stretches in which the clock ran, from its start to its end.
std::vector<std::pair<Instant, Instant>> stretches(const Run& run, Instant end) {
    std::vector<std::pair<Instant, Instant>> found;
    Instant from = run.start;
    for (const Suspension& suspension : run.suspensions) {
        if (suspension.from > from) found.emplace_back(from, suspension.from);
        from = suspension.to;
    }
    if (end > from) found.emplace_back(from, end);
    return found;
}

}  // namespace

Result<DueDate> compute(const TermClock& clock, const Government& government, std::optional<Instant> now) {
    TRY(Fold so_far, fold(clock, government));
    if (now) TRY_DO(so_far.stand_until(*now));
    return so_far.told();
}

Result<std::array<Instant, 3>> warnings(const TermClock& clock, const Government& government) {
    constexpr std::array<int, 3> kPercent{50, 80, 100};
    TRY(const Fold so_far, fold(clock, government));
    const auto running = stretches(so_far.run(), so_far.due().at);
    microseconds whole{0};
    for (const auto& [from, to] : running) whole += so_far.time().between(from, to);
    std::array<Instant, 3> moments;
    moments.fill(so_far.due().at);
    for (std::size_t i = 0; i + 1 < kPercent.size(); ++i) {
        microseconds left = whole * kPercent[i] / 100;
        for (const auto& [from, to] : running) {
            const microseconds used = so_far.time().between(from, to);
            if (left > used) {
                left -= used;
                continue;
            }
            if (whole > microseconds(0)) {
                TRY(moments[i], so_far.time().add(from, left));
            }
            break;
        }
    }
    return moments;
}

}  // namespace madang::government
