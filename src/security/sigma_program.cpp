#include "security/sigma_program.h"

#include <algorithm>
#include <cstring>
#include <deque>

#include "base/text.h"
#include "security/detail/sigma_expression.h"
#include "security/detail/sigma_literals.h"
#include "security/detail/sigma_network.h"
#include "security/detail/sigma_number.h"
#include "security/detail/text_table.h"
#include "security/sigma_pattern.h"
#include "security/sigma_slow.h"

namespace madang::security {
namespace {

constexpr std::uint32_t kNoLiteral = UINT32_MAX;
static_assert(kAnyField == TextTable::kNone);

}  // namespace

struct SigmaProgram::Parts {
    std::vector<SigmaRule> rules;
    std::vector<Expression> expressions;                    // by rule
    std::vector<std::vector<LogSource>> meant;              // by rule: its log source, and the places of it
    Predicates predicates;
    Literals literals;
    std::vector<std::vector<std::uint32_t>> by_literal;     // rules that a literal wakes
    std::vector<std::uint32_t> literal_of;                  // by predicate: without which it cannot hold, or kNoLiteral
    // Rules that a whole value of a field wakes.
    struct ByValue {
        TextTable values;
        std::vector<std::vector<std::uint32_t>> rules;      // by number in the table
    };
    TextTable fields;                                       // numbered as the predicates number them
    std::vector<ByValue> by_value;                          // by field
    std::vector<std::uint32_t> always;
    // Fields that are made of others where the event is of their place; only those that rules ask for.
    struct Made {
        std::uint32_t field = 0;
        std::vector<std::pair<std::uint32_t, std::vector<std::string>>> where;   // folded values
        MadeField how;
    };
    std::vector<Made> made;
};

SigmaProgram::SigmaProgram(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
SigmaProgram::~SigmaProgram() = default;

Result<std::unique_ptr<const SigmaProgram>> SigmaProgram::compile(std::vector<SigmaRule> rules, const LogSources& sources) {
    auto parts = std::make_unique<Parts>();
    parts->rules = std::move(rules);
    std::unordered_map<std::string, std::uint32_t> known;
    std::vector<std::string> literals;
    std::map<std::uint32_t, std::map<std::string, std::vector<std::uint32_t>>> by_value;
    for (std::uint32_t i = 0; i < parts->rules.size(); ++i) {
        TRY(Expression expression, express(parts->rules[i], sources, parts->predicates));
        parts->meant.push_back(sources.meant_by(parts->rules[i].source));
        const auto triggers = triggers_of(expression, parts->predicates);
        parts->expressions.push_back(std::move(expression));
        if (!triggers) {
            parts->always.push_back(i);
            continue;
        }
        for (const Trigger& one : *triggers) {
            if (one.field != kAnyField) {
                by_value[one.field][one.text].push_back(i);
                continue;
            }
            const auto [at, fresh] = known.try_emplace(one.text, static_cast<std::uint32_t>(literals.size()));
            if (fresh) {
                literals.push_back(one.text);
                parts->by_literal.emplace_back();
            }
            parts->by_literal[at->second].push_back(i);
        }
    }
    for (const Predicate& one : parts->predicates.all()) {
        const auto needed = triggers_of(one);
        const bool literal = needed && needed->size() == 1 && needed->front().field == kAnyField;
        const auto found = literal ? known.find(needed->front().text) : known.end();
        parts->literal_of.push_back(found == known.end() ? kNoLiteral : found->second);
    }
    for (const MadeField& one : sources.made_fields()) {
        if (!parts->predicates.fields().contains(one.name)) continue;
        Parts::Made made{.field = parts->predicates.field(one.name), .where = {}, .how = one};
        for (const auto& [field, values] : one.where) {
            made.where.emplace_back(parts->predicates.field(field), std::vector<std::string>());
            for (const std::string& value : values) made.where.back().second.push_back(fold_case(value));
        }
        parts->made.push_back(std::move(made));
    }
    TRY(parts->literals, Literals::compile(literals));
    std::vector<std::string> fields(parts->predicates.fields().size());
    for (const auto& [name, number] : parts->predicates.fields()) fields[number] = name;
    parts->by_value.resize(fields.size());
    parts->fields = TextTable(std::move(fields));
    for (auto& [field, values] : by_value) {
        std::vector<std::string> texts;
        for (auto& [text, woken] : values) {
            texts.push_back(text);
            parts->by_value[field].rules.push_back(std::move(woken));
        }
        parts->by_value[field].values = TextTable(std::move(texts));
    }
    return std::unique_ptr<const SigmaProgram>(new SigmaProgram(std::move(parts)));
}

const SigmaRule& SigmaProgram::rule(std::size_t index) const { return parts_->rules.at(index); }
std::size_t SigmaProgram::size() const { return parts_->rules.size(); }
ProgramFacts SigmaProgram::facts() const {
    return {parts_->rules.size(), parts_->predicates.all().size(), parts_->by_literal.size(), parts_->always.size()};
}

// Counters instead of flags: what belongs to an earlier event counts as not there, and nothing has to be cleared.
struct SigmaProgram::Run::State {
    explicit State(const SigmaProgram& of) : program(*of.parts_), scratch(program.literals) {
        known.resize(program.predicates.all().size());
        woken.resize(program.rules.size());
        seen.resize(program.by_literal.size());
        first.resize(program.predicates.fields().size());
        made.resize(program.made.size());
    }

    struct Made {
        std::string text;
        bool there = false;
        std::vector<std::size_t> from;   // fields of the event
        std::size_t value = 0;           // its place among the values
    };
    struct Known {
        std::uint32_t event = 0;
        bool holds = false;
    };
    struct First {
        std::uint32_t event = 0;
        std::uint32_t field = 0;
    };
    struct Value {
        std::string_view text, folded;
        bool null = false;
        std::uint32_t id = kAnyField;    // of the field, where a rule names it
        std::uint32_t next = UINT32_MAX; // value of the same field
    };

    const Parts& program;
    Literals::Scratch scratch;
    std::uint32_t event = 0;
    std::vector<Known> known;            // by predicate
    std::vector<std::uint32_t> woken;    // by rule: the event that woke it
    std::vector<std::uint32_t> seen;     // by literal: the event that held it
    std::vector<First> first;            // by field
    std::vector<Value> values;           // of the event, and its line
    std::deque<std::string> numbers;     // of JSON, as rules spell them
    std::size_t fields = 0;              // of the event
    std::size_t own = 0;                 // values of the event itself; behind them those that are made
    std::vector<Made> made;              // by the program's number
    std::string folded;                  // all values, each behind a line end
    std::vector<std::size_t> places;     // in it
    std::vector<std::uint32_t> candidates, met;
    std::map<LogOrigin, std::vector<bool>> eligible;   // by rule

    void read(const Event& from);
    void read_made(const Event& from);
    void make(const Event& from, const MadeField& how, Made& to) const;
    void add_place(std::size_t value, std::vector<std::size_t>& places) const;
    void wake(const std::vector<std::uint32_t>& rules, const std::vector<bool>& allowed);
    bool holds(const Expression& expression);
    bool holds(std::uint32_t predicate);
    bool concerns(const Expression& expression);
    bool on_value(const Predicate& one, const Value& value) const;
    bool refers(const Predicate& one) const;
    const std::vector<bool>& allowed_from(const LogOrigin& origin);
};

void SigmaProgram::Run::State::read(const Event& from) {
    if (++event == 0) {   // after four thousand million events the numbers begin anew
        std::ranges::fill(known, Known());
        std::ranges::fill(woken, 0U);
        std::ranges::fill(seen, 0U);
        std::ranges::fill(first, First());
        event = 1;
    }
    values.clear();
    numbers.clear();
    folded.clear();
    places.clear();
    for (std::size_t i = 0; i < from.size(); ++i) {
        const EventField field = from.at(i);
        Value value{.text = field.value, .folded = {}, .null = field.null};
        if (field.number && field.value.find_first_of(".eE-") != std::string_view::npos) value.text = numbers.emplace_back(spell_json_number(field.value));
        value.id = program.fields.find(field.name);
        if (value.id != kAnyField) {
            First& begin = first[value.id];
            // Values of one field are a chain with the newest first.
            if (begin.event == event) value.next = begin.field;
            begin = {event, static_cast<std::uint32_t>(i)};
        }
        folded.push_back('\n');
        places.push_back(folded.size());
        append_folded(folded, value.text);
        values.push_back(value);
    }
    // Keywords look at the message as a whole too.
    if (!from.line().empty()) {
        folded.push_back('\n');
        places.push_back(folded.size());
        append_folded(folded, from.line());
        values.push_back({.text = from.line(), .folded = {}});
    }
    fields = from.size();
    own = values.size();
    read_made(from);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t end = i + 1 < places.size() ? places[i + 1] - 1 : folded.size();
        values[i].folded = std::string_view(folded).substr(places[i], end - places[i]);
    }
}

void SigmaProgram::Run::State::read_made(const Event& from) {
    const auto is_one_of = [&](std::uint32_t field, const std::vector<std::string>& wanted) {
        if (first[field].event != event) return false;
        for (std::uint32_t i = first[field].field; i != UINT32_MAX; i = values[i].next) {
            if (std::ranges::any_of(wanted, [&](const std::string& one) { return one.size() == values[i].text.size() && fold_case(values[i].text) == one; })) return true;
        }
        return false;
    };
    for (std::size_t k = 0; k < made.size(); ++k) {
        made[k].there = false;
        made[k].from.clear();
        const Parts::Made& one = program.made[k];
        if (!std::ranges::all_of(one.where, [&](const auto& asked) { return is_one_of(asked.first, asked.second); })) continue;
        make(from, one.how, made[k]);
        made[k].there = one.how.text || !made[k].from.empty();
        if (!made[k].there) continue;
        made[k].value = values.size();
        Value value{.text = made[k].text, .folded = {}, .null = false, .id = one.field};
        First& begin = first[one.field];
        if (begin.event == event) value.next = begin.field;
        begin = {event, static_cast<std::uint32_t>(values.size())};
        folded.push_back('\n');
        places.push_back(folded.size());
        append_folded(folded, made[k].text);
        values.push_back(value);
    }
}

void SigmaProgram::Run::State::make(const Event& from, const MadeField& how, Made& to) const {
    to.text = how.text.value_or("");
    for (const std::string& name : how.from) {
        const bool many = name.ends_with('*');
        const std::string_view start = std::string_view(name).substr(0, name.size() - std::size_t{many});
        for (std::size_t i = 0; i < fields; ++i) {
            if (values[i].null || !from.at(i).name.starts_with(start)) continue;
            const std::string_view rest = from.at(i).name.substr(start.size());
            // a10 and, of a long word that is told in pieces, a10[2].
            const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
            const bool piece = many && digits > 0 && digits < rest.size() && rest[digits] == '[';
            if (many ? digits == 0 || (digits < rest.size() && !piece) : !rest.empty()) continue;
            if (!to.from.empty() && !(piece && !rest.substr(digits).starts_with("[0]"))) to.text += how.between;
            to.text += values[i].text;
            to.from.push_back(i);
        }
    }
    for (const auto& [begin, instead] : how.begin) {
        if (to.text.size() < begin.size() || fold_case(std::string_view(to.text).substr(0, begin.size())) != fold_case(begin)) continue;
        to.text.replace(0, begin.size(), instead);
        break;
    }
}

// A value that was made stands where its pieces stand.
void SigmaProgram::Run::State::add_place(std::size_t value, std::vector<std::size_t>& places_of) const {
    if (value < fields) places_of.push_back(value);
    if (value < own) return;
    for (const Made& one : made) {
        if (one.there && one.value == value) places_of.insert(places_of.end(), one.from.begin(), one.from.end());
    }
}

void SigmaProgram::Run::State::wake(const std::vector<std::uint32_t>& rules, const std::vector<bool>& allowed) {
    for (const std::uint32_t rule : rules) {
        if (woken[rule] == event || !allowed[rule]) continue;
        woken[rule] = event;
        candidates.push_back(rule);
    }
}

bool SigmaProgram::Run::State::on_value(const Predicate& one, const Value& value) const {
    if (const auto* text = std::get_if<TextMatch>(&one.match)) {
        if (value.null) return false;
        const std::string_view in = one.ignores_case ? value.folded : value.text;
        switch (one.text) {
            case Predicate::Text::equals: return in == one.literal;
            case Predicate::Text::starts: return in.starts_with(one.literal);
            case Predicate::Text::ends: return in.ends_with(one.literal);
            case Predicate::Text::contains: return ::memmem(in.data(), in.size(), one.literal.data(), one.literal.size()) != nullptr;
            case Predicate::Text::pattern: return security::matches(one.folded, in);
        }
        return text == nullptr;
    }
    if (one.regex) return !value.null && value.text.size() >= one.least && re2::RE2::PartialMatch(re2::StringPiece(value.text.data(), value.text.size()), *one.regex);
    return security::matches(one.match, value.null ? EventScalar(nullptr) : EventScalar(value.text));
}

// `fieldref`: a value of the field stands as, in, or at an end of, one of the other's.
bool SigmaProgram::Run::State::refers(const Predicate& one) const {
    const auto& match = std::get<FieldMatch>(one.match);
    if (one.field == kAnyField || one.other == kAnyField) return false;
    if (first[one.field].event != event || first[one.other].event != event) return false;
    for (std::uint32_t i = first[one.field].field; i != UINT32_MAX; i = values[i].next) {
        for (std::uint32_t k = first[one.other].field; k != UINT32_MAX; k = values[k].next) {
            if (values[i].null || values[k].null) continue;
            const bool kept = match.letters == Case::kept;
            const std::string_view left = kept ? values[i].text : values[i].folded;
            const std::string_view right = kept ? values[k].text : values[k].folded;
            const bool is = match.place == Place::whole ? left == right
                            : match.place == Place::start ? left.starts_with(right)
                            : match.place == Place::end ? left.ends_with(right)
                                                        : left.find(right) != std::string_view::npos;
            if (is) return true;
        }
    }
    return false;
}

bool SigmaProgram::Run::State::holds(std::uint32_t predicate) {
    Known& memo = known[predicate];
    if (memo.event == event) return memo.holds;
    if (const std::uint32_t literal = program.literal_of[predicate]; literal != kNoLiteral && seen[literal] != event) {
        memo = {event, false};
        return false;
    }
    const Predicate& one = program.predicates.all()[predicate];
    bool found = false;
    if (one.field == kAnyField) {
        found = std::any_of(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(own), [&](const Value& value) { return !value.null && on_value(one, value); });
    } else {
        const bool there = first[one.field].event == event;
        if (const auto* existence = std::get_if<ExistenceMatch>(&one.match)) {
            found = there == existence->wanted;
        } else if (std::holds_alternative<FieldMatch>(one.match)) {
            found = refers(one);
        } else if (!there) {
            found = std::holds_alternative<NullMatch>(one.match);
        } else {
            for (std::uint32_t i = first[one.field].field; i != UINT32_MAX && !found; i = values[i].next) found = on_value(one, values[i]);
        }
    }
    memo = {event, found};
    return found;
}

// As deep as conditions may be (sigma_reader.h).
bool SigmaProgram::Run::State::holds(const Expression& expression) {
    switch (expression.kind) {
        case Expression::Kind::never: return false;
        case Expression::Kind::always: return true;
        case Expression::Kind::predicate: return holds(expression.predicate);
        case Expression::Kind::all_of: return std::ranges::all_of(expression.children, [&](const Expression& child) { return holds(child); });
        case Expression::Kind::any_of: return std::ranges::any_of(expression.children, [&](const Expression& child) { return holds(child); });
        case Expression::Kind::negation: return !holds(expression.children.front());
    }
    return false;
}

// Whether the event has a field that the rule asks for, or holds one of its keywords.
bool SigmaProgram::Run::State::concerns(const Expression& expression) {
    if (expression.kind != Expression::Kind::predicate) return std::ranges::any_of(expression.children, [&](const Expression& child) { return concerns(child); });
    const std::uint32_t field = program.predicates.all()[expression.predicate].field;
    if (field == kAnyField) return holds(expression.predicate);
    if (first[field].event != event) return false;
    for (std::uint32_t i = first[field].field; i != UINT32_MAX; i = values[i].next) {
        if (!values[i].null) return true;
    }
    return false;
}

const std::vector<bool>& SigmaProgram::Run::State::allowed_from(const LogOrigin& origin) {
    if (const auto found = eligible.find(origin); found != eligible.end()) return found->second;
    std::vector<bool> allowed;
    allowed.reserve(program.rules.size());
    for (const auto& meant : program.meant) allowed.push_back(std::ranges::any_of(meant, [&](const LogSource& one) { return may_meet(one, origin); }));
    return eligible.emplace(origin, std::move(allowed)).first->second;
}

SigmaProgram::Run::Run(const SigmaProgram& program) : state_(std::make_unique<State>(program)) {}
SigmaProgram::Run::~Run() = default;

std::span<const std::uint32_t> SigmaProgram::Run::matches(const Event& event, const LogOrigin& origin) {
    State& state = *state_;
    const Parts& program = state.program;
    const std::vector<bool>& allowed = state.allowed_from(origin);
    state.read(event);
    state.candidates.clear();
    state.met.clear();
    state.wake(program.always, allowed);
    for (const State::Value& value : state.values) {
        if (value.id == kAnyField) continue;
        const Parts::ByValue& field = program.by_value[value.id];
        if (const std::uint32_t found = field.values.find(value.folded); found != TextTable::kNone) state.wake(field.rules[found], allowed);
    }
    program.literals.scan(state.folded, state.scratch, [&](std::uint32_t literal) {
        state.seen[literal] = state.event;
        state.wake(program.by_literal[literal], allowed);
    });
    for (const std::uint32_t rule : state.candidates) {
        // Of an event that may be from anywhere, "not …" says nothing unless it has what the rule asks about.
        if (state.holds(program.expressions[rule]) && (!origin.is_unknown() || state.concerns(program.expressions[rule]))) state.met.push_back(rule);
    }
    std::ranges::sort(state.met);
    return state.met;
}

std::size_t SigmaProgram::Run::count_literals(std::string_view text) {
    std::size_t count = 0;
    state_->program.literals.scan(text, state_->scratch, [&](std::uint32_t) { ++count; });
    return count;
}

std::vector<std::size_t> SigmaProgram::Run::fields_of(std::uint32_t rule) const {
    const State& state = *state_;
    std::vector<std::size_t> places;
    // Of what the rule asks, the predicates that were looked at and hold.
    const auto add = [&](std::uint32_t field) {
        for (std::size_t i = 0; i < state.values.size(); ++i) {
            if (field != kAnyField && state.values[i].id == field) state.add_place(i, places);
        }
    };
    const auto visit = [&](const auto& self, const Expression& expression) -> void {
        for (const Expression& child : expression.children) self(self, child);
        if (expression.kind != Expression::Kind::predicate) return;
        const State::Known& memo = state.known[expression.predicate];
        const Predicate& one = state.program.predicates.all()[expression.predicate];
        if (memo.event != state.event || !memo.holds) return;
        if (std::holds_alternative<FieldMatch>(one.match)) {
            add(one.field);
            add(one.other);
            return;
        }
        for (std::size_t i = 0; i < state.values.size(); ++i) {
            const bool asked = one.field == kAnyField ? i < state.fields : state.values[i].id == one.field;
            if (asked && state.on_value(one, state.values[i])) state.add_place(i, places);
        }
    };
    visit(visit, state.program.expressions.at(rule));
    // Of a rule that only says what is not so, the fields of which it says that.
    const auto visit_all = [&](const auto& self, const Expression& expression) -> void {
        for (const Expression& child : expression.children) self(self, child);
        if (expression.kind == Expression::Kind::predicate) add(state.program.predicates.all()[expression.predicate].field);
    };
    if (places.empty()) visit_all(visit_all, state.program.expressions.at(rule));
    std::ranges::sort(places);
    places.erase(std::ranges::unique(places).begin(), places.end());
    return places;
}

}  // namespace madang::security
