#include "security/detail/sigma_modifiers.h"

#include <algorithm>
#include <span>

#include "base/text.h"

namespace madang::security {
namespace {

// Modifiers of one group exclude each other.
enum class Group { place, windash, expand, utf16, base64, type, flag, time, all, neq, cased };

struct Entry {
    std::string_view name;
    Modifier modifier;
    Group group;
};

constexpr Entry kEntries[] = {
    {"contains", Modifier::contains, Group::place},   {"startswith", Modifier::startswith, Group::place},
    {"endswith", Modifier::endswith, Group::place},   {"windash", Modifier::windash, Group::windash},
    {"expand", Modifier::expand, Group::expand},      {"utf16", Modifier::utf16, Group::utf16},
    {"utf16le", Modifier::utf16le, Group::utf16},     {"utf16be", Modifier::utf16be, Group::utf16},
    {"wide", Modifier::wide, Group::utf16},           {"base64", Modifier::base64, Group::base64},
    {"base64offset", Modifier::base64offset, Group::base64},
    {"re", Modifier::re, Group::type},                {"cidr", Modifier::cidr, Group::type},
    {"exists", Modifier::exists, Group::type},        {"fieldref", Modifier::fieldref, Group::type},
    {"gt", Modifier::gt, Group::type},                {"gte", Modifier::gte, Group::type},
    {"lt", Modifier::lt, Group::type},                {"lte", Modifier::lte, Group::type},
    {"i", Modifier::i, Group::flag},                  {"m", Modifier::m, Group::flag},
    {"s", Modifier::s, Group::flag},                  {"minute", Modifier::minute, Group::time},
    {"hour", Modifier::hour, Group::time},            {"day", Modifier::day, Group::time},
    {"week", Modifier::week, Group::time},            {"month", Modifier::month, Group::time},
    {"year", Modifier::year, Group::time},            {"all", Modifier::all, Group::all},
    {"neq", Modifier::neq, Group::neq},               {"cased", Modifier::cased, Group::cased},
};

const Entry& entry_of(Modifier modifier) {
    return *std::ranges::find(kEntries, modifier, &Entry::modifier);
}

std::vector<std::string> known_names() {
    std::vector<std::string> names;
    for (const Entry& entry : kEntries) names.emplace_back(entry.name);
    return names;
}

// What may stand beside a modifier of each kind; all may stand beside everything but exists and neq.
std::vector<Group> companions(Modifier modifier) {
    switch (modifier) {
        case Modifier::re: return {Group::flag, Group::expand, Group::all, Group::neq};
        case Modifier::cidr: return {Group::expand, Group::all, Group::neq};
        case Modifier::exists: return {};
        case Modifier::fieldref: return {Group::place, Group::cased, Group::all, Group::neq};
        default: return {Group::time, Group::all};  // gt, gte, lt, lte
    }
}

Result<void> check_type(const FieldKey& key, Modifier type) {
    const std::vector<Group> allowed = companions(type);
    for (const Modifier other : key.modifiers) {
        if (other == type || std::ranges::find(allowed, entry_of(other).group) != allowed.end()) continue;
        return fail(Code::invalid, format("{} and {} do not go together", name_of(type), name_of(other)));
    }
    return {};
}

Result<void> check_flags(const FieldKey& key) {
    bool open = false;  // behind `re` and its flags
    for (const Modifier modifier : key.modifiers) {
        const bool flag = entry_of(modifier).group == Group::flag;
        if (flag && !open) return fail(Code::invalid, format("{} stands directly behind re", name_of(modifier)));
        open = modifier == Modifier::re || (open && flag);
    }
    return {};
}

// Parts of a time are numbers, whatever else would make a text of them.
Result<void> check_time(const FieldKey& key) {
    if (!key.time_part()) return {};
    for (const Modifier other : key.modifiers) {
        const Group group = entry_of(other).group;
        if (group == Group::time || group == Group::type || group == Group::all || group == Group::neq) continue;
        return fail(Code::invalid, format("{} is not for a part of a time", name_of(other)));
    }
    return {};
}

// Keywords have no field to compare, start or be absent: the modifiers that need one are refused.
Result<void> check_keywords(const FieldKey& key) {
    if (!key.field.empty()) return {};
    for (const Modifier modifier : key.modifiers) {
        const Group group = entry_of(modifier).group;
        const bool needs_field = modifier == Modifier::startswith || modifier == Modifier::endswith || group == Group::time ||
                                 (group == Group::type && modifier != Modifier::re) || group == Group::neq;
        if (needs_field) return fail(Code::invalid, format("{} needs a field", name_of(modifier)));
    }
    return {};
}

Result<void> check_combination(const FieldKey& key) {
    for (std::size_t i = 0; i < key.modifiers.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            const Entry& first = entry_of(key.modifiers[j]);
            const Entry& second = entry_of(key.modifiers[i]);
            if (first.modifier == second.modifier) return fail(Code::invalid, format("{} is there twice", first.name));
            if (first.group == second.group && first.group != Group::flag) {
                return fail(Code::invalid, format("{} and {} do not go together", first.name, second.name));
            }
        }
    }
    // "Different from all" could mean from each or from the whole; the specification does not say.
    if (key.has(Modifier::neq) && key.has(Modifier::all)) return fail(Code::invalid, "neq and all do not go together");
    TRY_DO(check_flags(key));
    TRY_DO(check_time(key));
    for (const Modifier modifier : key.modifiers) {
        if (entry_of(modifier).group == Group::type) {
            TRY_DO(check_type(key, modifier));
        }
    }
    return check_keywords(key);
}

}  // namespace

bool FieldKey::has(Modifier modifier) const { return std::ranges::find(modifiers, modifier) != modifiers.end(); }

std::optional<Modifier> FieldKey::first_of(std::initializer_list<Modifier> group) const {
    const auto found = std::ranges::find_first_of(modifiers, group);
    return found == modifiers.end() ? std::nullopt : std::optional(*found);
}

std::optional<TimePart> FieldKey::time_part() const {
    constexpr std::pair<Modifier, TimePart> kParts[] = {
        {Modifier::minute, TimePart::minute}, {Modifier::hour, TimePart::hour},   {Modifier::day, TimePart::day},
        {Modifier::week, TimePart::week},     {Modifier::month, TimePart::month}, {Modifier::year, TimePart::year}};
    for (const auto& [modifier, part] : kParts) {
        if (has(modifier)) return part;
    }
    return std::nullopt;
}

Comparison FieldKey::comparison() const {
    if (has(Modifier::gt)) return Comparison::greater;
    if (has(Modifier::gte)) return Comparison::greater_or_equal;
    if (has(Modifier::lt)) return Comparison::less;
    if (has(Modifier::lte)) return Comparison::less_or_equal;
    return Comparison::equal;
}

Place FieldKey::place() const {
    if (has(Modifier::startswith)) return Place::start;
    if (has(Modifier::endswith)) return Place::end;
    if (has(Modifier::contains)) return Place::anywhere;
    return Place::whole;
}

std::string_view name_of(Modifier modifier) { return entry_of(modifier).name; }

Result<FieldKey> parse_field_key(std::string_view text) {
    const auto parts = split(text, '|');
    FieldKey key;
    key.field = parts.front();
    for (const std::string_view part : std::span(parts).subspan(1)) {
        const auto* entry = std::ranges::find(kEntries, part, &Entry::name);
        if (entry == std::end(kEntries)) {
            const auto near = nearest(part, known_names());
            return fail(Code::invalid, format("there is no modifier \"{}\"{}", part,
                                              near ? format(", did you mean \"{}\"?", *near) : std::string()));
        }
        key.modifiers.push_back(entry->modifier);
    }
    TRY_DO(check_combination(key));
    return key;
}

}  // namespace madang::security
