// A clock and its events as JSON, as acts carry them.
#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/text.h"
#include "base/time_text.h"
#include "government/detail/fields.h"
#include "government/term_clock.h"

namespace madang::government {
namespace {

using Kind = ClockEvent::Kind;

constexpr std::size_t kMaxEvents = 200;
constexpr std::array<std::string_view, 8> kKinds{"started", "suspended", "resumed", "extended", "restarted", "calendar_changed", "stopped", "reopened"};
constexpr std::array<std::string_view, 2> kWaiting{"applicant", "body"};

template <class Enum, std::size_t N>
Result<Enum> parse_name(const std::array<std::string_view, N>& names, std::string_view word, std::string_view where) {
    const auto found = std::ranges::find(names, word);
    if (found == names.end()) return wrong(where, format("\"{}\" is none of {}", word, fmt::join(names, ", ")));
    return static_cast<Enum>(found - names.begin());
}

Result<void> check_keys_of(const json::object& object, Kind kind, std::string_view where) {
    switch (kind) {
        case Kind::suspended: return check_keys(object, {"at", "kind", "waiting_for", "reason", "article"}, where);
        case Kind::extended: return check_keys(object, {"at", "kind", "by", "reason", "article"}, where);
        case Kind::calendar_changed: return check_keys(object, {"at", "kind", "edition", "published", "before"}, where);
        case Kind::restarted:
        case Kind::reopened: return check_keys(object, {"at", "kind", "reason", "article"}, where);
        case Kind::started:
        case Kind::resumed:
        case Kind::stopped: break;
    }
    return check_keys(object, {"at", "kind"}, where);
}

Result<ClockEvent> parse_event(const json::value& value, const std::string& where) {
    const auto* object = value.if_object();
    if (object == nullptr) return wrong(where, "an event is an object");
    ClockEvent event;
    TRY(const std::string kind, string_at(*object, "kind", where));
    TRY(event.kind, parse_name<Kind>(kKinds, kind, where + ".kind"));
    TRY_DO(check_keys_of(*object, event.kind, where));
    TRY(const std::string at, string_at(*object, "at", where));
    TRY(event.at, within(parse_instant(at), where + ".at"));
    if (event.kind == Kind::suspended) {
        TRY(const std::string waiting, string_at(*object, "waiting_for", where));
        TRY(event.waiting_for, parse_name<WaitingFor>(kWaiting, waiting, where + ".waiting_for"));
    }
    if (const auto* reason = object->if_contains("reason")) {
        TRY(event.reason, line_of(*reason, where + ".reason"));
    }
    if (const auto* article = object->if_contains("article")) {
        TRY(event.article, line_of(*article, where + ".article"));
    }
    if (event.kind == Kind::extended) {
        TRY(const json::object by, object_at(*object, "by", where));
        TRY_DO(check_keys(by, {"kind", "count"}, where + ".by"));
        TRY(event.by, parse_term(by, where + ".by"));
    }
    if (event.kind == Kind::calendar_changed) {
        event.edition = string_or(*object, "edition", "");
        const auto hash = parse_hex(event.edition);
        if (object->contains("edition") && (!hash || hash->size() != 32)) return wrong(where + ".edition", "the SHA-256 of an edition, in hexadecimal digits");
        if (object->contains("published") || event.edition.empty()) {
            TRY(const std::string published, string_at(*object, "published", where));
            TRY(event.published, within(parse_date(published), where + ".published"));
        }
        if (object->contains("before")) {
            TRY(const std::string before, string_at(*object, "before", where));
            TRY(event.before, within(parse_instant(before), where + ".before"));
        }
    }
    return event;
}

json::object to_json(const ClockEvent& event) {
    json::object object{{"at", format_instant(event.at)}, {"kind", kKinds[static_cast<std::size_t>(event.kind)]}};
    if (event.kind == Kind::suspended) object["waiting_for"] = kWaiting[static_cast<std::size_t>(event.waiting_for)];
    if (event.kind == Kind::extended) object["by"] = government::to_json(event.by);
    if (!event.edition.empty()) object["edition"] = event.edition;
    if (event.published.ok()) object["published"] = format_date(event.published);
    if (event.before) object["before"] = format_instant(*event.before);
    if (!event.reason.empty()) object["reason"] = event.reason;
    if (!event.article.empty()) object["article"] = event.article;
    return object;
}

}  // namespace

Result<TermClock> parse_term_clock(const json::object& object, std::string_view where) {
    TRY_DO(check_keys(object, {"body", "term", "events"}, where));
    TermClock clock;
    TRY(clock.body, string_at(object, "body", where));
    TRY(const json::object term, object_at(object, "term", where));
    TRY(clock.term, parse_term(term, format("{}.term", where)));
    TRY(const json::array events, array_at(object, "events", where));
    if (events.empty() || events.size() > kMaxEvents) return wrong(where, format("\"events\" has 1 to {} entries", kMaxEvents));
    for (std::size_t i = 0; i < events.size(); ++i) {
        TRY(ClockEvent event, parse_event(events[i], format("{}.events[{}]", where, i)));
        clock.events.push_back(std::move(event));
    }
    return clock;
}

json::object to_json(const TermClock& clock) {
    json::array events;
    for (const ClockEvent& event : clock.events) events.push_back(to_json(event));
    return {{"body", clock.body}, {"term", to_json(clock.term)}, {"events", std::move(events)}};
}

}  // namespace madang::government
