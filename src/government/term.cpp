#include "government/term.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "base/time_text.h"
#include "government/detail/fields.h"

namespace madang::government {
namespace {

constexpr std::int64_t kMaxExtensions = 10;
constexpr std::int64_t kMaxRestarts = 10;
constexpr std::size_t kMaxEffects = 4;

struct KindRow {
    Term::Kind kind;
    std::string_view name;
    std::int64_t most;  // 0: the kind has no count
};
constexpr std::array<KindRow, 8> kKinds{{{Term::Kind::day_of_request, "day_of_request", 0},
                                         {Term::Kind::at_once, "at_once", 0},
                                         {Term::Kind::hours, "hours", 1000},
                                         {Term::Kind::working_days, "working_days", 1000},
                                         {Term::Kind::calendar_days, "calendar_days", 1000},
                                         {Term::Kind::weeks, "weeks", 500},
                                         {Term::Kind::months, "months", 120},
                                         {Term::Kind::years, "years", 10}}};
constexpr std::array<std::pair<std::string_view, Term::Kind>, 6> kShort{{{"h", Term::Kind::hours},
                                                                        {"wd", Term::Kind::working_days},
                                                                        {"d", Term::Kind::calendar_days},
                                                                        {"w", Term::Kind::weeks},
                                                                        {"mo", Term::Kind::months},
                                                                        {"y", Term::Kind::years}}};
constexpr std::array<std::pair<Rule, std::string_view>, 3> kRules{{{Rule::by, "by"}, {Rule::eu, "eu"}, {Rule::kr, "kr"}}};
constexpr std::array<std::pair<Effect, std::string_view>, 4> kEffects{{{Effect::escalation, "escalation"},
                                                                      {Effect::deemed_grant, "deemed_grant"},
                                                                      {Effect::deemed_refusal, "deemed_refusal"},
                                                                      {Effect::fee_refund, "fee_refund"}}};

Result<void> parse_count(const json::object& object, std::string_view where, Term& term) {
    TRY(const std::string word, string_at(object, "kind", where));
    const auto row = std::ranges::find(kKinds, word, &KindRow::name);
    if (row == kKinds.end()) {
        return wrong(where, "\"kind\" is one of day_of_request, at_once, hours, working_days, calendar_days, weeks, months, years");
    }
    term.kind = row->kind;
    if (row->most == 0) {
        if (object.contains("count")) return wrong(where, format("a term {} has no \"count\"", word));
        return {};
    }
    TRY(const std::int64_t count, integer_at(object, "count", where));
    if (count < 1 || count > row->most) return wrong(where, format("\"count\" is 1 to {}", row->most));
    term.count = static_cast<int>(count);
    return {};
}

Result<Term::Extensions> parse_extensions(const json::object& object, const std::string& where) {
    TRY_DO(check_keys(object, {"count", "total"}, where));
    Term::Extensions extensions;
    TRY(const std::int64_t count, integer_at(object, "count", where));
    if (count < 1 || count > kMaxExtensions) return wrong(where, format("\"count\" is 1 to {}", kMaxExtensions));
    extensions.count = static_cast<int>(count);
    TRY(const json::object total, object_at(object, "total", where));
    TRY_DO(check_keys(total, {"kind", "count"}, where + ".total"));
    Term sum;
    TRY_DO(parse_count(total, where + ".total", sum));
    if (sum.count == 0) return wrong(where + ".total", "an extension has a \"count\"");
    extensions.kind = sum.kind;
    extensions.total = sum.count;
    return extensions;
}

Result<AtEnd> parse_effect(const json::value& value, const std::string& where) {
    const auto* object = value.if_object();
    if (object == nullptr) return wrong(where, "an effect is written {\"effect\": \"deemed_grant\", \"article\": \"…\"}");
    TRY_DO(check_keys(*object, {"effect", "article"}, where));
    TRY(const std::string word, string_at(*object, "effect", where));
    for (const auto& [effect, name] : kEffects) {
        if (name != word) continue;
        if (!object->contains("article")) return wrong(where, "an effect of law names its \"article\"");
        TRY(std::string article, line_of(object->at("article"), where + ".article"));
        return AtEnd{effect, std::move(article)};
    }
    return wrong(where, "\"effect\" is one of escalation, deemed_grant, deemed_refusal, fee_refund");
}

Result<Term::Restarts> parse_restarts(const json::object& object, const std::string& where) {
    TRY_DO(check_keys(object, {"count", "article"}, where));
    Term::Restarts restarts;
    TRY(const std::int64_t count, integer_at(object, "count", where));
    if (count < 1 || count > kMaxRestarts) return wrong(where, format("\"count\" is 1 to {}", kMaxRestarts));
    restarts.count = static_cast<int>(count);
    TRY(restarts.article, string_at(object, "article", where));
    if (restarts.article.empty() || restarts.article.size() > kMaxText * 4) return wrong(where, "\"article\" names the law");
    return restarts;
}

Result<std::vector<AtEnd>> parse_effects(const json::object& object, const std::string& where) {
    TRY(const json::array list, array_at(object, "at_end", where));
    if (list.size() > kMaxEffects) return wrong(where, format("at most {} effects", kMaxEffects));
    std::vector<AtEnd> effects;
    for (std::size_t i = 0; i < list.size(); ++i) {
        TRY(AtEnd one, parse_effect(list[i], format("{}.at_end[{}]", where, i)));
        const auto same = [&](const AtEnd& other) { return other.effect == one.effect; };
        if (std::ranges::any_of(effects, same)) return wrong(where, "an effect stands twice in \"at_end\"");
        effects.push_back(std::move(one));
    }
    const auto has = [&](Effect effect) { return std::ranges::find(effects, effect, &AtEnd::effect) != effects.end(); };
    if (has(Effect::deemed_grant) && has(Effect::deemed_refusal)) return wrong(where, "an application is deemed granted or refused, not both");
    return effects;
}

}  // namespace

std::string_view name_of(Rule rule) { return kRules[static_cast<std::size_t>(rule)].second; }
std::string_view name_of(Effect effect) { return kEffects[static_cast<std::size_t>(effect)].second; }
std::string_view name_of(Term::Kind kind) { return kKinds[static_cast<std::size_t>(kind)].name; }

Result<Rule> parse_rule(std::string_view word, std::string_view where) {
    for (const auto& [rule, name] : kRules) {
        if (name == word) return rule;
    }
    return wrong(where, "\"rule\" is one of by, eu, kr");
}

Result<Term> parse_term(const json::object& object, std::string_view where) {
    const std::string place(where);
    TRY_DO(check_keys(object, {"kind", "count", "rule", "article", "extensions", "restarts", "at_end"}, where));
    Term term;
    TRY_DO(parse_count(object, where, term));
    if (object.contains("rule")) {
        TRY(const std::string rule, string_at(object, "rule", where));
        TRY(term.rule, parse_rule(rule, where));
    }
    if (const auto* article = object.if_contains("article")) {
        TRY(term.article, line_of(*article, place + ".article"));
    }
    if (object.contains("extensions")) {
        TRY(const json::object extensions, object_at(object, "extensions", where));
        TRY(term.extensions, parse_extensions(extensions, place + ".extensions"));
    }
    if (object.contains("restarts")) {
        TRY(const json::object restarts, object_at(object, "restarts", where));
        TRY(term.restarts, parse_restarts(restarts, place + ".restarts"));
    }
    if (object.contains("at_end")) {
        TRY(term.at_end, parse_effects(object, place));
    }
    return term;
}

Result<Term> parse_short_term(std::string_view text) {
    const auto refuse = [&] { return fail(Code::invalid, format("\"{}\" is no term: write 3wd, 5d, 10h, 2w, 1mo, 1y, at-once or day", text)); };
    if (text == "at-once") return Term{Term::Kind::at_once, 0};
    if (text == "day") return Term{Term::Kind::day_of_request, 0};
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto count = parse_decimal(text.substr(0, digits));
    const auto unit = std::ranges::find(kShort, text.substr(digits), &std::pair<std::string_view, Term::Kind>::first);
    if (!count || unit == kShort.end()) return refuse();
    const auto row = std::ranges::find(kKinds, unit->second, &KindRow::kind);
    if (*count < 1 || *count > static_cast<std::uint64_t>(row->most)) return refuse();
    return Term{unit->second, static_cast<int>(*count)};
}

json::object to_json(const Term& term) {
    json::object object{{"kind", name_of(term.kind)}};
    if (term.count != 0) object["count"] = term.count;
    if (term.rule) object["rule"] = name_of(*term.rule);
    if (!term.article.empty()) object["article"] = term.article;
    if (term.extensions) {
        object["extensions"] = json::object{{"count", term.extensions->count},
                                            {"total", json::object{{"kind", name_of(term.extensions->kind)}, {"count", term.extensions->total}}}};
    }
    if (term.restarts) object["restarts"] = json::object{{"count", term.restarts->count}, {"article", term.restarts->article}};
    json::array effects;
    for (const AtEnd& one : term.at_end) effects.push_back(json::object{{"effect", name_of(one.effect)}, {"article", one.article}});
    if (!effects.empty()) object["at_end"] = std::move(effects);
    return object;
}

Amount amount_of(Term::Kind kind, std::int64_t count) {
    switch (kind) {
        case Term::Kind::hours: return {"{n} hour", "{n} hours", count};
        case Term::Kind::working_days: return {"{n} working day", "{n} working days", count};
        case Term::Kind::calendar_days: return {"{n} day", "{n} days", count};
        case Term::Kind::weeks: return {"{n} week", "{n} weeks", count};
        case Term::Kind::months: return {"{n} month", "{n} months", count};
        case Term::Kind::years: return {"{n} year", "{n} years", count};
        case Term::Kind::day_of_request:
        case Term::Kind::at_once: break;
    }
    return {"", "", count};
}

std::string in_words(const Amount& amount, const Catalogue& words) {
    return fill_in(words.plural(amount.one, amount.many, static_cast<std::uint64_t>(amount.count)), {{"n", std::to_string(amount.count)}});
}

std::string in_words(const Step& step, const Catalogue& words, std::string_view language) {
    std::map<std::string, std::string, std::less<>> values;
    for (const auto& [name, value] : step.values) {
        if (const auto* date = std::get_if<Date>(&value)) {
            values[name] = long_date(*date, language);
        } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
            values[name] = std::to_string(*number);
        } else if (const auto* amount = std::get_if<Amount>(&value)) {
            values[name] = in_words(*amount, words);
        } else {
            values[name] = words.text(std::get<std::string>(value));   // a reason that the house gives is translated
        }
    }
    std::string text = fill_in(words.text(step.source), values);
    // A Russian date ends in a full stop of its own; a reason has none.
    if (text.ends_with("..")) text.pop_back();
    else if (!text.ends_with('.')) text += '.';
    return step.article.empty() ? text : format("{} ({})", text, words.text(step.article));
}

}  // namespace madang::government
