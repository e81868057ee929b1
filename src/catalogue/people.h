// The fictional people of a demonstration pack: who they are, where they live, whose children they are and
// who signs in. Format: docs/formats/pack.md, people.json.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "registers/population.h"

namespace madang::catalogue {

struct FictionalPerson {
    std::string key;                        // "alena", names the person within the file
    registers::Person person;               // without id
    std::string address;                    // key of an address, empty where the person is registered nowhere
    std::optional<Date> lives_there_since;
    std::vector<std::string> children;      // keys
    std::vector<std::string> represents;    // keys of those who gave a power of attorney
    std::string account;                    // name for signing in, empty for none
    std::string story;                      // source text: what to try with this person
};

struct FictionalOfficer {
    std::string account;
    std::string person;                     // key: who works with it, one account a person
    std::string body;                       // code
    std::string role = "officer";           // or "helper", at the counter
    std::string story;                      // source text
};

struct People {
    std::map<std::string, registers::Address, std::less<>> addresses;   // by key, without id
    std::vector<FictionalPerson> persons;
    std::vector<FictionalOfficer> officers;

    const FictionalPerson* find(std::string_view key) const;
    // By full name in any language, for scenarios.
    const FictionalPerson* find_by_name(std::string_view full_name) const;
};

// Code::invalid and the place ("people.json, persons[2]: …") on anything unknown, doubled or dangling.
Result<People> parse_people(std::string_view text, std::string_view name);

// Everybody with new ids, for the population register.
struct Populated {
    registers::PopulationData data;
    std::map<std::string, identity::PersonId, std::less<>> persons;     // by key
};
Populated populate(const People& people, const Clock& clock, Random& random);

}  // namespace madang::catalogue
