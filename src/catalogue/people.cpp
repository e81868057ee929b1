#include "catalogue/people.h"

#include <algorithm>
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "base/time_text.h"

namespace madang::catalogue {
namespace {

constexpr std::size_t kMaxPeople = 10'000;

Result<std::map<std::string, std::string, std::less<>>> texts_at(const json::object& object, std::string_view key, std::string_view where) {
    std::map<std::string, std::string, std::less<>> texts;
    if (!object.contains(key)) return texts;
    TRY(const json::object found, object_at(object, key, where));
    for (const auto& member : found) {
        if (!member.value().is_string()) return fail(Code::invalid, format("{}: \"{}\" holds a text per language", where, key));
        texts.emplace(member.key(), member.value().get_string());
    }
    return texts;
}

Result<std::optional<Date>> date_if(const json::object& object, std::string_view key, std::string_view where) {
    const std::string text = string_or(object, key, "");
    if (text.empty()) return std::optional<Date>();
    TRY(const Date date, within(parse_date(text), format("{}, {}", where, key)));
    return std::optional(date);
}

Result<registers::Address> address_of(const json::object& object, std::string_view where) {
    registers::Address address;
    TRY(address.region, texts_at(object, "region", where));
    TRY(address.district, texts_at(object, "district", where));
    TRY(address.town, texts_at(object, "town", where));
    TRY(address.street, texts_at(object, "street", where));
    TRY(address.house, string_at(object, "house", where));
    address.flat = string_or(object, "flat", "");
    address.postal_code = string_or(object, "postal_code", "");
    return address;
}

Result<std::vector<std::string>> keys_at(const json::object& object, std::string_view key, std::string_view where) {
    std::vector<std::string> keys;
    if (!object.contains(key)) return keys;
    TRY(const json::array list, array_at(object, key, where));
    for (const auto& item : list) {
        if (!item.is_string()) return fail(Code::invalid, format("{}: \"{}\" lists keys", where, key));
        keys.emplace_back(item.get_string());
    }
    return keys;
}

Result<FictionalPerson> person_of(const json::object& object, std::string_view where) {
    FictionalPerson made;
    TRY(made.key, string_at(object, "key", where));
    TRY(made.person.personal_number, string_at(object, "personal_number", where));
    TRY(made.person.family_name, texts_at(object, "family_name", where));
    TRY(made.person.given_name, texts_at(object, "given_name", where));
    TRY(made.person.patronymic, texts_at(object, "patronymic", where));
    TRY(const auto born, date_if(object, "born", where));
    if (!born) return fail(Code::invalid, format("{}: \"born\" is missing", where));
    made.person.born = *born;
    made.address = string_or(object, "address", "");
    TRY(made.lives_there_since, date_if(object, "since", where));
    if (made.address.empty() == made.lives_there_since.has_value()) return fail(Code::invalid, format("{}: \"address\" and \"since\" stand together", where));
    TRY(made.children, keys_at(object, "children", where));
    TRY(made.represents, keys_at(object, "represents", where));
    made.account = string_or(object, "account", "");
    made.story = string_or(object, "story", "");
    return made;
}

template <class Made, class Make>
Result<std::vector<Made>> list_of(const json::object& object, std::string_view key, std::string_view name, Make make) {
    TRY(const json::array list, array_at(object, key, name));
    if (list.size() > kMaxPeople) return fail(Code::exhausted, format("{}: at most {} in \"{}\"", name, kMaxPeople, key));
    std::vector<Made> all;
    for (const auto& item : list) {
        const std::string where = format("{}, {}[{}]", name, key, all.size());
        if (!item.is_object()) return fail(Code::invalid, format("{}: an object was expected", where));
        Result<Made> made = make(item.get_object(), where);
        if (!made) return std::unexpected(made.error());
        all.push_back(std::move(*made));
    }
    return all;
}

Result<void> check_references(const People& people, std::string_view name) {
    std::set<std::string> keys;
    std::set<std::string> accounts;
    for (const auto& person : people.persons) {
        if (!keys.insert(person.key).second) return fail(Code::invalid, format("{}: the key \"{}\" stands twice", name, person.key));
        if (!person.account.empty() && !accounts.insert(person.account).second) return fail(Code::invalid, format("{}: the account \"{}\" stands twice", name, person.account));
        if (!person.address.empty() && !people.addresses.contains(person.address)) return fail(Code::invalid, format("{}: there is no address \"{}\"", name, person.address));
    }
    std::set<std::string> at_work;
    for (const auto& officer : people.officers) {
        if (!keys.contains(officer.person)) return fail(Code::invalid, format("{}: the officer \"{}\" is nobody: there is no person \"{}\"", name, officer.account, officer.person));
        if (!at_work.insert(officer.person).second) return fail(Code::invalid, format("{}: \"{}\" has two accounts of staff; one person is one account", name, officer.person));
        if (!accounts.insert(officer.account).second) return fail(Code::invalid, format("{}: the account \"{}\" stands twice", name, officer.account));
    }
    for (const auto& person : people.persons) {
        for (const auto& child : person.children) {
            if (!keys.contains(child) || child == person.key) return fail(Code::invalid, format("{}: \"{}\" has no child \"{}\"", name, person.key, child));
        }
        for (const auto& other : person.represents) {
            if (!keys.contains(other) || other == person.key) return fail(Code::invalid, format("{}: \"{}\" cannot represent \"{}\"", name, person.key, other));
        }
    }
    return {};
}

}  // namespace

const FictionalPerson* People::find(std::string_view key) const {
    const auto found = std::ranges::find(persons, key, &FictionalPerson::key);
    return found == persons.end() ? nullptr : &*found;
}

const FictionalPerson* People::find_by_name(std::string_view full_name) const {
    for (const auto& one : persons) {
        for (const auto& [language, given] : one.person.given_name) {
            const auto family = one.person.family_name.find(language);
            if (family != one.person.family_name.end() && given + " " + family->second == full_name) return &one;
        }
    }
    return nullptr;
}

Result<People> parse_people(std::string_view text, std::string_view name) {
    TRY(const json::value value, within(parse_json(text), name));
    if (!value.is_object()) return fail(Code::invalid, format("{}: an object was expected", name));
    const json::object& object = value.get_object();
    People people;
    TRY(const json::object addresses, object_at(object, "addresses", name));
    for (const auto& member : addresses) {
        const std::string where = format("{}, addresses.{}", name, std::string_view(member.key()));
        if (!member.value().is_object()) return fail(Code::invalid, format("{}: an object was expected", where));
        TRY(people.addresses[std::string(member.key())], address_of(member.value().get_object(), where));
    }
    TRY(people.persons, list_of<FictionalPerson>(object, "persons", name, person_of));
    TRY(people.officers, list_of<FictionalOfficer>(object, "officers", name, [](const json::object& one, const std::string& where) -> Result<FictionalOfficer> {
        FictionalOfficer officer;
        TRY(officer.account, string_at(one, "account", where));
        TRY(officer.person, string_at(one, "person", where));
        TRY(officer.body, string_at(one, "body", where));
        officer.role = string_or(one, "role", "officer");
        if (officer.role != "officer" && officer.role != "helper" && officer.role != "head") return fail(Code::invalid, format("{}: a role is officer, helper or head", where));
        officer.story = string_or(one, "story", "");
        return officer;
    }));
    TRY_DO(check_references(people, name));
    return people;
}

Populated populate(const People& people, const Clock& clock, Random& random) {
    Populated made;
    std::map<std::string, registers::AddressId, std::less<>> places;
    for (const auto& [key, address] : people.addresses) {
        registers::Address one = address;
        one.id = make_id<registers::AddressId>(clock, random);
        places[key] = one.id;
        made.data.addresses.push_back(std::move(one));
    }
    for (const auto& person : people.persons) {
        registers::Person one = person.person;
        one.id = make_id<identity::PersonId>(clock, random);
        made.persons[person.key] = one.id;
        if (!person.address.empty()) {
            registers::Residence residence;
            residence.id = make_id<registers::RecordId>(clock, random);
            residence.person = one.id;
            residence.address = places[person.address];
            residence.since = *person.lives_there_since;
            made.data.residences.push_back(std::move(residence));
        }
        made.data.persons.push_back(std::move(one));
    }
    for (const auto& person : people.persons) {
        for (const auto& child : person.children) {
            registers::Parenthood parenthood;
            parenthood.id = make_id<registers::RecordId>(clock, random);
            parenthood.parent = made.persons[person.key];
            parenthood.child = made.persons[child];
            parenthood.since = people.find(child)->person.born;
            made.data.parents.push_back(parenthood);
        }
    }
    return made;
}

}  // namespace madang::catalogue
