// Reads government.json. Every failure says where: "government.json: bodies[2].office_hours.mon: …".
#include <algorithm>
#include <map>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "government/detail/fields.h"
#include "government/government.h"

namespace madang::government {
namespace {

using std::chrono::minutes;

constexpr std::size_t kMaxBytes = 1U << 20;
constexpr std::size_t kMaxDepth = 16;
constexpr std::size_t kMaxBodies = 5000;
constexpr std::size_t kMaxLevels = 20;
constexpr std::size_t kMaxCode = 64;
constexpr std::size_t kMaxLanguages = 20;
constexpr std::size_t kMaxOpenings = 6;

Result<TextByLanguage> texts_at(const json::object& object, std::string_view key, std::string_view where) {
    TextByLanguage texts;
    const auto* value = object.if_contains(key);
    if (value == nullptr) return texts;
    const std::string place = format("{}.{}", where, key);
    const auto* by_language = value->if_object();
    if (by_language == nullptr || by_language->empty()) return wrong(place, "a text for each language is expected, as {\"en\": \"…\"}");
    if (by_language->size() > kMaxLanguages) return wrong(place, format("at most {} languages", kMaxLanguages));
    for (const auto& member : *by_language) {
        const std::string language(member.key());
        const bool plain = std::all_of(language.begin(), language.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
        });
        if (!plain || language.size() < 2 || language.size() > 35) return wrong(place, "a language is a tag such as \"be\"");
        TRY(texts[language], line_of(member.value(), format("{}.{}", place, language)));
    }
    return texts;
}

bool is_code(std::string_view code) {
    if (code.empty() || code.size() > kMaxCode || code.front() == '-' || code.back() == '-') return false;
    return std::all_of(code.begin(), code.end(), [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'; });
}

Result<minutes> parse_clock(const json::value& value, std::string_view where) {
    const auto refuse = [&] { return wrong(where, "a time is written \"08:00\", from 00:00 to 24:00"); };
    if (!value.is_string()) return refuse();
    const std::string_view text = value.get_string();
    if (text.size() != 5 || text[2] != ':') return refuse();
    int number = 0;
    for (const std::size_t at : {0U, 1U, 3U, 4U}) {
        if (text[at] < '0' || text[at] > '9') return refuse();
        number = number * 10 + (text[at] - '0');
    }
    const int hour = number / 100;
    const int minute = number % 100;
    if (minute > 59 || hour > 24 || (hour == 24 && minute != 0)) return refuse();
    return minutes(hour * 60 + minute);
}

Result<std::vector<Opening>> parse_openings(const json::value& value, const std::string& where) {
    const auto* list = value.if_array();
    if (list == nullptr || list->size() > kMaxOpenings) return wrong(where, "openings are written [[\"08:00\", \"17:00\"]]");
    std::vector<Opening> openings;
    for (const auto& item : *list) {
        const auto* pair = item.if_array();
        if (pair == nullptr || pair->size() != 2) return wrong(where, "an opening is written [\"08:00\", \"17:00\"]");
        Opening opening;
        TRY(opening.from, parse_clock((*pair)[0], where));
        TRY(opening.to, parse_clock((*pair)[1], where));
        if (opening.to <= opening.from) return wrong(where, "an opening ends after it begins");
        if (!openings.empty() && opening.from < openings.back().to) return wrong(where, "openings stand in order and do not overlap");
        openings.push_back(opening);
    }
    return openings;
}

Result<std::optional<OfficeHours>> parse_office_hours(const json::object& body, const std::string& where) {
    const auto* value = body.if_contains("office_hours");
    if (value == nullptr) return std::optional<OfficeHours>();
    const std::string place = where + ".office_hours";
    const auto* by_day = value->if_object();
    if (by_day == nullptr) return wrong(place, "hours stand by day, as {\"mon\": [[\"08:00\", \"17:00\"]]}");
    OfficeHours hours;
    bool any = false;
    for (const auto& member : *by_day) {
        const auto day = std::find(kWeekdays.begin(), kWeekdays.end(), std::string_view(member.key()));
        if (day == kWeekdays.end()) return wrong(place, "a day is one of mon, tue, wed, thu, fri, sat, sun");
        auto& openings = hours[static_cast<std::size_t>(day - kWeekdays.begin())];
        TRY(openings, parse_openings(member.value(), format("{}.{}", place, *day)));
        any = any || !openings.empty();
    }
    if (!any) return wrong(place, "a body is open at some time");
    return std::optional(std::move(hours));
}

Result<Body> parse_body(const json::value& value, const std::string& where) {
    const auto* object = value.if_object();
    if (object == nullptr) return wrong(where, "a body is an object");
    TRY_DO(check_keys(*object, {"code", "kind", "parent", "name", "address", "phone", "office_hours", "calendar", "seal_name"}, where));
    Body body;
    TRY(body.code, string_at(*object, "code", where));
    if (!is_code(body.code)) return wrong(where, "a code has 1 to 64 capital letters A to Z, digits and hyphens between them");
    TRY(body.kind, string_at(*object, "kind", where));
    if (std::find(kBodyKinds.begin(), kBodyKinds.end(), body.kind) == kBodyKinds.end()) {
        return wrong(where, format("\"kind\" is one of {}", fmt::join(kBodyKinds, ", ")));
    }
    if (object->contains("parent")) {
        TRY(body.parent, string_at(*object, "parent", where));
        if (!is_code(body.parent)) return wrong(where, "\"parent\" is the code of a body");
    }
    TRY(body.name, texts_at(*object, "name", where));
    if (body.name.empty()) return wrong(where, "a body has a \"name\"");
    TRY(body.address, texts_at(*object, "address", where));
    TRY(body.seal_name, texts_at(*object, "seal_name", where));
    if (const auto* phone = object->if_contains("phone")) {
        TRY(body.phone, line_of(*phone, where + ".phone"));
    }
    TRY(body.office_hours, parse_office_hours(*object, where));
    if (object->contains("calendar")) {
        TRY(const json::object calendar, object_at(*object, "calendar", where));
        TRY(body.calendar, parse_calendar(calendar, where + ".calendar"));
    }
    return body;
}

// Every parent exists, and from every body the way up ends within kMaxLevels.
Result<void> check_tree(const std::vector<Body>& bodies, std::string_view name) {
    std::map<std::string_view, std::size_t> places;
    for (std::size_t i = 0; i < bodies.size(); ++i) {
        if (!places.emplace(bodies[i].code, i).second) {
            return wrong(format("{}: bodies[{}]", name, i), format("the code {} stands twice", bodies[i].code));
        }
    }
    for (std::size_t i = 0; i < bodies.size(); ++i) {
        const std::string where = format("{}: bodies[{}] ({})", name, i, bodies[i].code);
        std::size_t at = i;
        for (std::size_t level = 0; !bodies[at].parent.empty(); ++level) {
            const auto parent = places.find(bodies[at].parent);
            if (parent == places.end()) return wrong(where, format("there is no body {} to be a parent", bodies[at].parent));
            at = parent->second;
            if (at == i) return wrong(where, "the way up from this body leads back to it");
            if (level >= kMaxLevels) return wrong(where, format("more than {} levels, or a circle, above this body", kMaxLevels));
        }
    }
    return {};
}

}  // namespace

Result<Government> parse_government(std::string_view text, std::string_view name) {
    TRY(const json::value value, within(parse_json(text, {.bytes = kMaxBytes, .depth = kMaxDepth}), name));
    const auto* root = value.if_object();
    if (root == nullptr) return wrong(name, "an object is expected");
    TRY_DO(check_keys(*root, {"time_zone", "rule", "calendar", "bodies"}, name));
    Government government;
    TRY(const std::string zone, string_at(*root, "time_zone", name));
    auto found = TimeZone::find(zone);
    if (!found) return wrong(format("{}: time_zone", name), found.error().message);
    government.zone_ = std::move(*found);
    if (root->contains("rule")) {
        TRY(const std::string rule, string_at(*root, "rule", name));
        TRY(government.rule_, parse_rule(rule, name));
    }
    TRY(const json::object calendar, object_at(*root, "calendar", name));
    TRY(government.calendar_, parse_calendar(calendar, format("{}: calendar", name)));
    TRY(const json::array bodies, array_at(*root, "bodies", name));
    if (bodies.empty() || bodies.size() > kMaxBodies) return wrong(name, format("\"bodies\" has 1 to {} entries", kMaxBodies));
    for (std::size_t i = 0; i < bodies.size(); ++i) {
        TRY(Body body, parse_body(bodies[i], format("{}: bodies[{}]", name, i)));
        government.bodies_.push_back(std::move(body));
    }
    TRY_DO(check_tree(government.bodies_, name));
    return government;
}

}  // namespace madang::government
