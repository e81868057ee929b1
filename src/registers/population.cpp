#include "registers/population.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "base/time_text.h"

namespace madang::registers {
namespace {

constexpr std::string_view kPerson = "population.person";
constexpr std::string_view kResidence = "population.residence";
constexpr std::string_view kParent = "population.parent";
constexpr std::string_view kAddress = "addresses.address";

struct Needed {
    std::string_view register_id, kind, field;
    FieldType type;
    bool indexed;
};
constexpr std::array<Needed, 19> kNeeded{{{"population", "person", "personal_number", FieldType::text, true},
                                          {"population", "person", "family_name", FieldType::texts, false},
                                          {"population", "person", "given_name", FieldType::texts, false},
                                          {"population", "person", "patronymic", FieldType::texts, false},
                                          {"population", "person", "born", FieldType::date, false},
                                          {"population", "person", "died", FieldType::date, false},
                                          {"population", "residence", "person", FieldType::id, true},
                                          {"population", "residence", "address", FieldType::id, true},
                                          {"population", "residence", "since", FieldType::date, false},
                                          {"population", "parent", "parent", FieldType::id, true},
                                          {"population", "parent", "child", FieldType::id, true},
                                          {"addresses", "address", "region", FieldType::texts, false},
                                          {"addresses", "address", "district", FieldType::texts, false},
                                          {"addresses", "address", "town", FieldType::texts, false},
                                          {"addresses", "address", "street", FieldType::texts, false},
                                          {"addresses", "address", "house", FieldType::text, false},
                                          {"addresses", "address", "flat", FieldType::text, false},
                                          {"addresses", "address", "postal_code", FieldType::text, false},
                                          {"addresses", "address", "line", FieldType::texts, true}}};

template <class To, class From>
To same_id(const From& id) {
    return To(id.bytes());
}

json::object to_json(const TextByLanguage& texts) {
    json::object object;
    for (const auto& [language, text] : texts) object[language] = text;
    return object;
}

TextByLanguage texts_in(const json::object& data, std::string_view field) {
    TextByLanguage texts;
    const auto* value = data.if_contains(field);
    const auto* object = value == nullptr ? nullptr : value->if_object();
    if (object == nullptr) return texts;
    for (const auto& member : *object) {
        if (const auto* text = member.value().if_string()) texts[std::string(member.key())] = std::string(*text);
    }
    return texts;
}

template <class IdType>
Result<IdType> id_in(const json::object& data, std::string_view field) {
    return within(IdType::parse(string_or(data, field, "")), field);
}

Result<Person> person_from(const Record& record) {
    Person person;
    person.id = record.subject;
    person.personal_number = string_or(record.data, "personal_number", "");
    person.family_name = texts_in(record.data, "family_name");
    person.given_name = texts_in(record.data, "given_name");
    person.patronymic = texts_in(record.data, "patronymic");
    TRY(person.born, within(parse_date(string_or(record.data, "born", "")), "born"));
    if (record.data.contains("died")) {
        TRY(person.died, within(parse_date(string_or(record.data, "died", "")), "died"));
    }
    return person;
}

Address address_from(const Record& record) {
    const json::object& data = record.data;
    return {same_id<AddressId>(record.key), texts_in(data, "region"),   texts_in(data, "district"), texts_in(data, "town"),
            texts_in(data, "street"),       string_or(data, "house", ""), string_or(data, "flat", ""), string_or(data, "postal_code", "")};
}

NewRecord record_of(const Person& person, Date from) {
    json::object data{{"personal_number", person.personal_number}, {"family_name", to_json(person.family_name)},
                      {"given_name", to_json(person.given_name)}, {"patronymic", to_json(person.patronymic)},
                      {"born", format_date(person.born)}};
    if (person.died) data["died"] = format_date(*person.died);
    return {same_id<RecordId>(person.id), person.id, std::move(data), from, std::nullopt};
}

// A written address as it is indexed: its parts, kept apart by a character that no part has.
std::string line_of(const WrittenAddress& written) {
    return join(std::vector<std::string>{written.town, written.street, written.house, written.flat}, " | ");
}

// The line of an address in each language that it has a town in.
json::object lines_of(const Address& address) {
    json::object lines;
    for (const auto& [language, town] : address.town) {
        const auto street = address.street.find(language);
        lines[language] = line_of({town, street == address.street.end() ? std::string() : street->second, address.house, address.flat});
    }
    return lines;
}

NewRecord record_of(const Address& address, Date from) {
    return {same_id<RecordId>(address.id), {},
            json::object{{"region", to_json(address.region)}, {"district", to_json(address.district)}, {"town", to_json(address.town)},
                         {"street", to_json(address.street)}, {"house", address.house}, {"flat", address.flat},
                         {"postal_code", address.postal_code}, {"line", lines_of(address)}},
            from, std::nullopt};
}

NewRecord record_of(const Residence& residence) {
    return {residence.id, residence.person,
            json::object{{"person", residence.person.text()}, {"address", residence.address.text()}, {"since", format_date(residence.since)}},
            residence.since, residence.until};
}

// The record is about the child: who is erased takes their parents along.
NewRecord record_of(const Parenthood& parenthood) {
    return {parenthood.id, parenthood.child,
            json::object{{"parent", parenthood.parent.text()}, {"child", parenthood.child.text()}}, parenthood.since, std::nullopt};
}

template <class T, class Make>
std::vector<NewRecord> records_of(const std::vector<T>& all, Make make) {
    std::vector<NewRecord> records;
    records.reserve(all.size());
    for (const T& one : all) records.push_back(make(one));
    return records;
}

const std::string& in_language(const TextByLanguage& texts, std::string_view language) {
    static const std::string kNone;
    const auto found = texts.find(language);
    if (found != texts.end()) return found->second;
    return texts.empty() ? kNone : texts.begin()->second;
}

}  // namespace

std::string Person::full_name(std::string_view language) const {
    std::vector<std::string> parts;
    for (const auto* texts : {&family_name, &given_name, &patronymic}) {
        const std::string& part = in_language(*texts, language);
        if (!part.empty()) parts.push_back(part);
    }
    return join(parts, " ");
}

Result<void> PopulationRegister::check_definitions() const {
    for (const Needed& needed : kNeeded) {
        const std::string name = format("{}.{}.{}", needed.register_id, needed.kind, needed.field);
        const Definition* definition = registers_.find_definition(needed.register_id);
        const RecordKind* kind = definition == nullptr ? nullptr : definition->find_kind(needed.kind);
        const Field* field = kind == nullptr ? nullptr : kind->find_field(needed.field);
        if (field == nullptr) return fail(Code::not_found, format("the registers of the pack lack the field {}", name));
        if (field->type != needed.type) return fail(Code::invalid, format("the field {} is of type {}", name, name_of(needed.type)));
        if (needed.indexed && !field->indexed) return fail(Code::invalid, format("the field {} is \"indexed\"", name));
        if (definition->personal != (needed.register_id == "population")) {
            return fail(Code::invalid, format("the register {} is {}personal", definition->id, definition->personal ? "not " : ""));
        }
    }
    return {};
}

Result<std::optional<Person>> PopulationRegister::person(store::Tx& tx, const identity::PersonId& id, Date on, const identity::Access& access) {
    TRY(const auto record, registers_.get(tx, kPerson, same_id<RecordId>(id), on, access));
    if (!record) return std::optional<Person>();
    TRY(Person found, person_from(*record));
    return std::optional(std::move(found));
}

Result<std::optional<Person>> PopulationRegister::find_by_personal_number(store::Tx& tx, std::string_view number, Date on,
                                                                          const identity::Access& access) {
    TRY(const auto records, registers_.find(tx, kPerson, "personal_number", json::value(number), on, access));
    if (records.empty()) return std::optional<Person>();
    if (records.size() > 1) return fail(Code::conflict, "several persons have this personal number");
    TRY(Person found, person_from(records.front()));
    return std::optional(std::move(found));
}

Result<std::optional<Residence>> PopulationRegister::residence_of(store::Tx& tx, const identity::PersonId& id, Date on,
                                                                  const identity::Access& access) {
    TRY(const auto records, registers_.find(tx, kResidence, "person", json::value(id.text()), on, access));
    if (records.empty()) return std::optional<Residence>();
    if (records.size() > 1) return fail(Code::conflict, format("the person {} has several places of residence at once", id.text()));
    const Record& record = records.front();
    Residence found;
    found.id = record.key;
    found.person = record.subject;
    TRY(found.address, id_in<AddressId>(record.data, "address"));
    TRY(found.since, within(parse_date(string_or(record.data, "since", "")), "since"));
    found.until = record.valid_to;
    TRY(const auto where, address(tx, found.address, on));
    if (!where) return fail(Code::corrupted, format("the address {} of a residence is not in the register", found.address.text()));
    found.region = where->region;
    found.district = where->district;
    found.town = where->town;
    found.street = where->street;
    found.house = where->house;
    found.flat = where->flat;
    found.postal_code = where->postal_code;
    return std::optional(std::move(found));
}

Result<std::vector<identity::PersonId>> PopulationRegister::residents_at(store::Tx& tx, const AddressId& address_id, Date on,
                                                                         const identity::Access& access) {
    TRY(const auto records, registers_.find(tx, kResidence, "address", json::value(address_id.text()), on, access));
    std::vector<identity::PersonId> persons;
    for (const Record& record : records) persons.push_back(record.subject);
    return persons;
}

Result<std::vector<identity::PersonId>> PopulationRegister::children_of(store::Tx& tx, const identity::PersonId& parent, Date on,
                                                                        const identity::Access& access) {
    TRY(const auto records, registers_.find(tx, kParent, "parent", json::value(parent.text()), on, access));
    std::vector<identity::PersonId> persons;
    for (const Record& record : records) persons.push_back(record.subject);
    return persons;
}

Result<std::vector<identity::PersonId>> PopulationRegister::parents_of(store::Tx& tx, const identity::PersonId& child, Date on,
                                                                       const identity::Access& access) {
    TRY(const auto records, registers_.find(tx, kParent, "child", json::value(child.text()), on, access));
    std::vector<identity::PersonId> persons;
    for (const Record& record : records) {
        TRY(const auto parent, id_in<identity::PersonId>(record.data, "parent"));
        persons.push_back(parent);
    }
    return persons;
}

Result<std::optional<Address>> PopulationRegister::address(store::Tx& tx, const AddressId& id, Date on) {
    TRY(const auto record, registers_.get(tx, kAddress, same_id<RecordId>(id), on, {}));
    if (!record) return std::optional<Address>();
    return std::optional(address_from(*record));
}

Result<std::optional<Address>> PopulationRegister::find_address(store::Tx& tx, const WrittenAddress& written, Date on) {
    TRY(const auto records, registers_.find(tx, kAddress, "line", json::value(line_of(written)), on, {}));
    if (records.empty()) return std::optional<Address>();
    if (records.size() > 1) return fail(Code::conflict, "the address register holds this address more than once");
    return std::optional(address_from(records.front()));
}

Result<void> PopulationRegister::put_person(store::Tx& tx, const Person& person, Date from, const identity::Access& by) {
    return registers_.put(tx, kPerson, record_of(person, from), by);
}

Result<void> PopulationRegister::put_address(store::Tx& tx, const Address& address, Date from, const identity::Access& by) {
    return registers_.put(tx, kAddress, record_of(address, from), by);
}

Result<void> PopulationRegister::move_to(store::Tx& tx, const Residence& residence, const identity::Access& by) {
    TRY(const auto before, registers_.find(tx, kResidence, "person", json::value(residence.person.text()), residence.since, by));
    for (const Record& record : before) {
        if (record.key != residence.id) TRY_DO(registers_.close(tx, kResidence, record.key, residence.since, by));
    }
    return registers_.put(tx, kResidence, record_of(residence), by);
}

Result<void> PopulationRegister::put_parent(store::Tx& tx, const Parenthood& parenthood, const identity::Access& by) {
    if (parenthood.parent == parenthood.child) return fail(Code::invalid, "nobody is their own parent");
    return registers_.put(tx, kParent, record_of(parenthood), by);
}

Result<void> PopulationRegister::load(store::Tx& tx, const PopulationData& data, Date addresses_from, const identity::Access& by) {
    TRY_DO(registers_.put_many(tx, kAddress, records_of(data.addresses, [&](const Address& one) { return record_of(one, addresses_from); }), by));
    TRY_DO(registers_.put_many(tx, kPerson, records_of(data.persons, [](const Person& one) { return record_of(one, one.born); }), by));
    TRY_DO(registers_.put_many(tx, kResidence, records_of(data.residences, [](const Residence& one) { return record_of(one); }), by));
    return registers_.put_many(tx, kParent, records_of(data.parents, [](const Parenthood& one) { return record_of(one); }), by);
}

}  // namespace madang::registers
