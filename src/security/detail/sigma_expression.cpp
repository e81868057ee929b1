#include "security/detail/sigma_expression.h"

#include <algorithm>

#include "base/text.h"
#include "security/detail/regex_length.h"
#include "security/detail/sigma_regex.h"
#include "security/sigma_pattern.h"

namespace madang::security {
namespace {

constexpr std::size_t kMinLiteral = 3;      // bytes; shorter ones are in nearly every event
constexpr std::size_t kMaxTriggers = 20'000;

// A match as a key: two that are spelled alike are one predicate.
struct Speller {
    std::string operator()(const TextMatch& match) const {
        std::string text = match.letters == Case::kept ? "T" : "t";
        for (const Piece& piece : match.pattern) text += format("{}:{}:{},", static_cast<int>(piece.kind), piece.text.size(), piece.text);
        return text;
    }
    std::string operator()(const NumberMatch& match) const { return format("n{} {}", static_cast<int>(match.comparison), match.text); }
    std::string operator()(const NullMatch&) const { return "0"; }
    std::string operator()(const ExistenceMatch& match) const { return match.wanted ? "e+" : "e-"; }
    std::string operator()(const RegexMatch& match) const { return "r" + regex_text(match); }
    std::string operator()(const CidrMatch& match) const {
        std::string text = format("c{}/{}/", match.prefix, match.width);
        for (const std::uint8_t byte : match.network) text += format("{},", byte);
        return text;
    }
    std::string operator()(const FieldMatch& match) const { return format("f{}{} {}", static_cast<int>(match.place), static_cast<int>(match.letters), match.field); }
    std::string operator()(const TimeMatch& match) const {
        return format("d{}{} {}", static_cast<int>(match.part), static_cast<int>(match.comparison), static_cast<double>(match.number));
    }
};

void prepare_text(const TextMatch& match, Predicate& made) {
    made.ignores_case = match.letters == Case::ignored;
    made.folded = made.ignores_case ? folded(match.pattern) : match.pattern;
    const Pattern& p = made.folded;
    const auto is = [&](std::size_t at, PieceKind kind) { return p[at].kind == kind; };
    using Text = Predicate::Text;
    if (p.empty()) made.text = Text::equals;
    else if (p.size() == 1 && is(0, PieceKind::text)) made.text = Text::equals, made.literal = p[0].text;
    else if (p.size() == 2 && is(0, PieceKind::text) && is(1, PieceKind::any_many)) made.text = Text::starts, made.literal = p[0].text;
    else if (p.size() == 2 && is(0, PieceKind::any_many) && is(1, PieceKind::text)) made.text = Text::ends, made.literal = p[1].text;
    else if (p.size() == 3 && is(0, PieceKind::any_many) && is(1, PieceKind::text) && is(2, PieceKind::any_many)) made.text = Text::contains, made.literal = p[1].text;
}

Expression join_of(Expression::Kind kind, std::vector<Expression> children) {
    if (children.size() == 1) return std::move(children.front());
    return {.kind = kind, .children = std::move(children)};
}

struct Builder {
    Predicates& predicates;
    const std::map<std::string, std::string>* renamed = nullptr;
    const SigmaRule* rule = nullptr;

    std::string_view name(const std::string& field) const {
        if (renamed == nullptr) return field;
        const auto found = renamed->find(field);
        return found == renamed->end() ? field : found->second;
    }
    Result<Expression> one(const std::string& field, const Match& match) const {
        Match asked = match;
        if (auto* other = std::get_if<FieldMatch>(&asked)) other->field = name(other->field);
        TRY(const std::uint32_t predicate, predicates.add(name(field), asked));
        return Expression{.kind = Expression::Kind::predicate, .predicate = predicate};
    }
    Result<Expression> of(const SigmaItem& item) const {
        std::vector<Expression> values;
        for (const SigmaValue& value : item.values) {
            std::vector<Expression> matches;
            for (const Match& match : value.any_of) {
                auto made = one(item.field, match);
                if (!made) return fail(made.error().code, format("{}:{}: {}", rule->metadata.file, value.line, made.error().message));
                matches.push_back(std::move(*made));
            }
            values.push_back(join_of(Expression::Kind::any_of, std::move(matches)));
        }
        Expression all = join_of(item.join == Join::all ? Expression::Kind::all_of : Expression::Kind::any_of, std::move(values));
        if (item.sense == Sense::plain) return all;
        Expression negated{.kind = Expression::Kind::negation};
        negated.children.push_back(std::move(all));
        return negated;
    }
    Result<Expression> of(const SigmaSearch& search) const {
        std::vector<Expression> maps;
        for (const auto& items : search.any_of) {
            std::vector<Expression> all;
            for (const SigmaItem& item : items) {
                TRY(Expression made, of(item));
                all.push_back(std::move(made));
            }
            maps.push_back(join_of(Expression::Kind::all_of, std::move(all)));
        }
        return join_of(Expression::Kind::any_of, std::move(maps));
    }
    Result<Expression> of(const Condition& condition) const {
        if (condition.kind == Condition::Kind::search) return of(rule->detection.searches.at(condition.search));
        Expression made;
        made.kind = condition.kind == Condition::Kind::all_of ? Expression::Kind::all_of : condition.kind == Condition::Kind::any_of ? Expression::Kind::any_of : Expression::Kind::negation;
        for (const Condition& child : condition.children) {
            TRY(Expression inner, of(child));
            made.children.push_back(std::move(inner));
        }
        return made;
    }
    Result<Expression> one_of(std::string_view field, const std::vector<std::string>& values) const {
        std::vector<Expression> any;
        for (const std::string& value : values) {
            TRY(const std::uint32_t predicate, predicates.add(field, TextMatch{plain_pattern(value), Case::ignored}));
            any.push_back({.kind = Expression::Kind::predicate, .predicate = predicate});
        }
        return join_of(Expression::Kind::any_of, std::move(any));
    }
};

bool is_ascii(std::string_view text) {
    return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80U; });
}

// What stands in every other event of Windows, so that a piece of it says little.
constexpr std::string_view kCommonTexts[] = {
    R"(c:\windows\system32\)", R"(\windows\syswow64\)", R"(c:\program files (x86)\)", R"(c:\programdata\microsoft\windows\)", R"(c:\users\public\)", R"(\appdata\local\temp\)",
    R"(\appdata\roaming\microsoft\windows\)", R"(hklm\software\microsoft\windows nt\currentversion\)", R"(hkey_local_machine\system\currentcontrolset\services\)",
    R"(\software\microsoft\windows\currentversion\)", R"(\system\currentcontrolset\control\)", R"(\software\wow6432node\)", R"(\software\policies\microsoft\)",
    R"(\svchost.exe)", R"(\cmd.exe)", R"(\explorer.exe)", R"(\powershell.exe)", R"(\rundll32.exe)", R"(\services.exe)", R"(\lsass.exe)", "microsoft-windows-", "microsoft corporation",
    "nt authority", "system", "administrator", "https://", "http/1.1", "mozilla/5.0", "localhost", "dword (0x00000001)"};

// How often a trigger is expected in an event that is nothing special: a guess that only orders.
double cost_of(const Trigger& trigger, const Predicates& predicates) {
    if (trigger.field == kAnyField) {
        // Letters beyond ASCII are rare where machines write.
        if (!is_ascii(trigger.text)) return 1e-6;
        const bool common = std::ranges::any_of(kCommonTexts, [&](std::string_view text) { return text.find(trigger.text) != std::string_view::npos; });
        const auto size = static_cast<double>(trigger.text.size());
        return common ? 0.2 : 0.5 / (size * size * size);
    }
    const auto& fields = predicates.fields();
    const auto is = [&](const char* name) {
        const auto found = fields.find(name);
        return found != fields.end() && found->second == trigger.field;
    };
    return is("Channel") ? 0.9 : is("EventID") ? 0.3 : is("EventType") ? 0.3 : 0.01;
}

double cost_of(const std::vector<Trigger>& all, const Predicates& predicates) {
    double cost = 0;
    for (const Trigger& one : all) cost += cost_of(one, predicates);
    return cost;
}

// Values stand in lines of their own while literals are looked for.
bool in_one_line(std::string_view text) { return !text.contains('\n'); }

}  // namespace

std::optional<std::vector<Trigger>> triggers_of(const Predicate& one) {
    if (const auto* number = std::get_if<NumberMatch>(&one.match)) {
        if (number->comparison != Comparison::equal || one.field == kAnyField || number->text.empty()) return std::nullopt;
        return std::vector<Trigger>{{one.field, fold_case(number->text)}};
    }
    if (!std::holds_alternative<TextMatch>(one.match)) return std::nullopt;
    if (one.text == Predicate::Text::equals && one.field != kAnyField && in_one_line(one.literal)) return std::vector<Trigger>{{one.field, fold_case(one.literal)}};
    std::string longest;
    for (const Piece& piece : one.folded) {
        if (piece.kind == PieceKind::placeholder) return std::vector<Trigger>();   // it matches nothing
        if (piece.kind == PieceKind::text && piece.text.size() > longest.size() && in_one_line(piece.text)) longest = piece.text;
    }
    if (longest.size() < (is_ascii(longest) ? kMinLiteral : 2)) return std::nullopt;
    return std::vector<Trigger>{{kAnyField, fold_case(longest)}};
}

std::uint32_t Predicates::field(std::string_view name) {
    if (name.empty()) return kAnyField;
    return fields_.try_emplace(std::string(name), static_cast<std::uint32_t>(fields_.size())).first->second;
}

Result<std::uint32_t> Predicates::add(std::string_view name, const Match& match) {
    const std::uint32_t number = field(name);
    std::string key = format("{} {}", number, std::visit(Speller(), match));
    if (const auto found = known_.find(key); found != known_.end()) return found->second;
    Predicate made{.field = number, .match = match, .text = Predicate::Text::pattern, .literal = {}, .folded = {}, .ignores_case = true, .regex = nullptr};
    if (const auto* text = std::get_if<TextMatch>(&match)) prepare_text(*text, made);
    if (const auto* regex = std::get_if<RegexMatch>(&match)) {
        TRY(auto compiled, compile_regex(*regex));
        made.regex = std::move(compiled);
        made.least = least_length(regex_text(*regex));
    }
    if (const auto* other = std::get_if<FieldMatch>(&match)) made.other = field(other->field);
    const auto index = static_cast<std::uint32_t>(all_.size());
    all_.push_back(std::move(made));
    known_.emplace(std::move(key), index);
    return index;
}

Result<Expression> express(const SigmaRule& rule, const LogSources& sources, Predicates& predicates) {
    const auto places = sources.places_of(rule.source);
    if (places.empty()) return Builder{predicates, nullptr, &rule}.of(rule.detection.condition);
    std::vector<Expression> any;
    for (const LogPlace* place : places) {
        const Builder builder{predicates, &place->fields, &rule};
        Expression all{.kind = Expression::Kind::all_of};
        for (const auto& [field, values] : place->where) {
            TRY(Expression made, builder.one_of(field, values));
            all.children.push_back(std::move(made));
        }
        TRY(Expression detection, builder.of(rule.detection.condition));
        all.children.push_back(std::move(detection));
        any.push_back(std::move(all));
    }
    // A rule of a category, whatever writes it: what has no channel is another product's.
    if (rule.source.product.empty() && !rule.source.category.empty()) {
        TRY(const std::uint32_t channel, predicates.add("Channel", ExistenceMatch{false}));
        Expression elsewhere{.kind = Expression::Kind::all_of};
        elsewhere.children.push_back({.kind = Expression::Kind::predicate, .predicate = channel});
        TRY(Expression detection, Builder{predicates, nullptr, &rule}.of(rule.detection.condition));
        elsewhere.children.push_back(std::move(detection));
        any.push_back(std::move(elsewhere));
    }
    return join_of(Expression::Kind::any_of, std::move(any));
}

std::optional<std::vector<Trigger>> triggers_of(const Expression& expression, const Predicates& predicates) {
    switch (expression.kind) {
        case Expression::Kind::never: return std::vector<Trigger>();
        case Expression::Kind::always:
        case Expression::Kind::negation: return std::nullopt;
        case Expression::Kind::predicate: return triggers_of(predicates.all()[expression.predicate]);
        case Expression::Kind::any_of: {
            std::vector<Trigger> all;
            for (const Expression& child : expression.children) {
                auto some = triggers_of(child, predicates);
                if (!some) return std::nullopt;
                all.insert(all.end(), std::make_move_iterator(some->begin()), std::make_move_iterator(some->end()));
                if (all.size() > kMaxTriggers) return std::nullopt;
            }
            return all;
        }
        case Expression::Kind::all_of: {
            std::optional<std::vector<Trigger>> best;
            for (const Expression& child : expression.children) {
                auto some = triggers_of(child, predicates);
                if (some && (!best || cost_of(*some, predicates) < cost_of(*best, predicates))) best = std::move(some);
            }
            return best;
        }
    }
    return std::nullopt;
}

}  // namespace madang::security
