// The population register as services ask it: who a person is, where they live, whose child they are.
// It stands on the registers "population" (person, residence, parent) and "addresses" (address); their
// definitions come with the pack and need at least the fields that are written here, and "line" of an address, by which it is found.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "identity/access.h"
#include "registers/registers.h"

namespace madang::registers {

using AddressId = Id<struct AddressIdTag>;
using TextByLanguage = std::map<std::string, std::string, std::less<>>;

struct Person {
    identity::PersonId id;
    std::string personal_number;
    TextByLanguage family_name, given_name, patronymic;
    Date born{};
    std::optional<Date> died;

    // Family name, given name, patronymic; in the first language of the register where this one is absent.
    std::string full_name(std::string_view language) const;
};

struct Address {
    AddressId id;
    TextByLanguage region, district, town, street;
    std::string house, flat, postal_code;
};

// An address in one language; what it has not is empty.
struct WrittenAddress {
    std::string town, street, house, flat;
};

struct Residence {
    RecordId id;
    identity::PersonId person;
    AddressId address;
    TextByLanguage region, district, town, street;
    std::string house, flat, postal_code;
    Date since{};
    std::optional<Date> until;
};

struct Parenthood {
    RecordId id;
    identity::PersonId parent, child;
    Date since{};
};

struct PopulationData {
    std::vector<Address> addresses;
    std::vector<Person> persons;
    std::vector<Residence> residences;    // only id, person, address, since, until count
    std::vector<Parenthood> parents;
};

class PopulationRegister {
public:
    explicit PopulationRegister(Registers& registers) : registers_(registers) {}

    // Code::not_found where one of the definitions that this stands on lacks a field.
    Result<void> check_definitions() const;

    // Every reading is written down for each person whose data it opens (see Registers).
    Result<std::optional<Person>> person(store::Tx& tx, const identity::PersonId& id, Date on, const identity::Access& access);
    Result<std::optional<Person>> find_by_personal_number(store::Tx& tx, std::string_view number, Date on,
                                                          const identity::Access& access);
    Result<std::optional<Residence>> residence_of(store::Tx& tx, const identity::PersonId& id, Date on,
                                                  const identity::Access& access);
    Result<std::vector<identity::PersonId>> residents_at(store::Tx& tx, const AddressId& address, Date on,
                                                         const identity::Access& access);
    Result<std::vector<identity::PersonId>> children_of(store::Tx& tx, const identity::PersonId& parent, Date on,
                                                        const identity::Access& access);
    Result<std::vector<identity::PersonId>> parents_of(store::Tx& tx, const identity::PersonId& child, Date on,
                                                       const identity::Access& access);
    Result<std::optional<Address>> address(store::Tx& tx, const AddressId& id, Date on);
    // The address as somebody wrote it, in any one language of the register; capitals and blanks do not count.
    // Code::conflict where the register holds it twice.
    Result<std::optional<Address>> find_address(store::Tx& tx, const WrittenAddress& written, Date on);

    Result<void> put_person(store::Tx& tx, const Person& person, Date from, const identity::Access& by);
    Result<void> put_address(store::Tx& tx, const Address& address, Date from, const identity::Access& by);
    // Closes the residence that the person has on that day, then opens the new one.
    Result<void> move_to(store::Tx& tx, const Residence& residence, const identity::Access& by);
    Result<void> put_parent(store::Tx& tx, const Parenthood& parenthood, const identity::Access& by);
    // Everything at once, for people who are not there yet. Persons are valid from birth, addresses from
    // `addresses_from`.
    Result<void> load(store::Tx& tx, const PopulationData& data, Date addresses_from, const identity::Access& by);

private:
    Registers& registers_;
};

}  // namespace madang::registers
