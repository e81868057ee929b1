#include "registers/registers.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>

#include "base/file.h"
#include "base/text.h"
#include "base/time_text.h"
#include "identity/migrations.h"
#include "registers/migrations.h"
#include "registers/population.h"
#include "store/testing.h"

namespace madang::registers {
namespace {

using identity::Access;
using identity::PersonId;

std::vector<store::Migration> steps() {
    auto all = identity::migrations();
    const auto own = migrations();
    all.insert(all.end(), own.begin(), own.end());
    return all;
}

Definition pack_definition(const char* file) {
    const auto text = read_file(Path(MADANG_SOURCE_DIR) / "packs/by/registers" / file);
    EXPECT_TRUE(text) << file;
    auto read = parse_definition(*text, file);
    EXPECT_TRUE(read) << read.error().message;
    return *read;
}

Date day(std::string_view text) { return *parse_date(text); }

class RegistersTest : public testing::TestWithParam<std::string> {
protected:
    std::vector<store::Migration> steps_ = steps();
    store::ScratchStore store_{GetParam(), steps_};
    ManualClock clock_{*parse_instant("2026-11-23T10:00:00Z")};
    SystemRandom random_;
    const Bytes master_ = Bytes(32, 1);
    const Bytes index_ = Bytes(32, 2);
    identity::Vault vault_{master_, clock_, random_};
    identity::AccessLog log_{clock_, random_};
    Registers registers_{{pack_definition("population.json"), pack_definition("addresses.json")}, vault_, log_, {master_, index_}, clock_, random_};
    PopulationRegister population_{registers_};
    const Access by_{.who = {}, .capacity = "system", .body = "BY-MVD", .case_id = "", .legal_ground = "Law No. 418-Z"};
    const Access officer_{.who = make_id<identity::AccountId>(clock_, random_), .capacity = "officer", .body = "BY-MI", .case_id = "case-1",
                          .legal_ground = "Law No. 433-Z, art. 15"};

    Address address(const std::string& house) {
        return {make_id<AddressId>(clock_, random_), {{"be", "Мінская вобласць"}}, {{"be", "Маладзечанскі раён"}},
                {{"be", "Маладзечна"}, {"ru", "Молодечно"}, {"en", "Maladziečna"}}, {{"be", "вуліца Прытыцкага"}, {"en", "vulica Prytyckaha"}},
                house, "45", "222310"};
    }
    Person person(const std::string& name, const std::string& number) {
        return {make_id<PersonId>(clock_, random_), number, {{"en", name}, {"be", name}}, {{"en", "Alena"}}, {}, day("1990-02-03"), std::nullopt};
    }
    Residence residence(const Person& who, const Address& where, std::string_view since) {
        Residence one;
        one.id = make_id<RecordId>(clock_, random_);
        one.person = who.id;
        one.address = where.id;
        one.since = day(since);
        return one;
    }
    template <class F>
    void write(F closure) {
        const auto done = store_->write(closure);
        ASSERT_TRUE(done) << done.error().message;
    }
    template <class T, class F>
    Result<T> ask(F closure) {
        return store_->template write<T>(closure);
    }
    std::string house_of(const Person& who, std::string_view on, const Access& access) {
        const auto found = ask<std::optional<Residence>>([&](store::Tx& tx) { return population_.residence_of(tx, who.id, day(on), access); });
        if (!found) return std::string(name_of(found.error().code));
        return *found ? (*found)->house : "none";
    }
};

TEST_P(RegistersTest, FindsAnAddressAsSomebodyWroteIt) {
    write([&](store::Tx& tx) -> Result<void> {
        TRY_DO(population_.put_address(tx, address("12"), day("2000-01-01"), by_));
        return population_.put_address(tx, address("13"), day("2000-01-01"), by_);
    });
    write([&](store::Tx& tx) -> Result<void> {
        const auto house_of = [&](WrittenAddress written) {
            const auto found = population_.find_address(tx, written, day("2026-11-23"));
            return found && *found ? (**found).house : std::string("none");
        };
        EXPECT_EQ(house_of({"Maladziečna", "vulica Prytyckaha", "12", "45"}), "12");
        EXPECT_EQ(house_of({" МАЛАДЗЕЧНА", "вуліца  прытыцкага", "13", "45"}), "13");
        EXPECT_EQ(house_of({"Maladziečna", "vulica Prytyckaha", "12", ""}), "none") << "another flat is another address";
        EXPECT_EQ(house_of({"Maladziečna", "vulica Prytyckaha 12", "45", ""}), "none") << "parts do not run together";
        return {};
    });
}

TEST_P(RegistersTest, AnswerWhoLivesWhere) {
    ASSERT_TRUE(population_.check_definitions()) << population_.check_definitions().error().message;
    const Person alena = person("Kavalenka", "4030290A001PB1");
    const Address old_home = address("3");
    const Address new_home = address("12");
    write([&](store::Tx& tx) -> Result<void> {
        TRY_DO(population_.put_address(tx, old_home, day("2000-01-01"), by_));
        TRY_DO(population_.put_address(tx, new_home, day("2000-01-01"), by_));
        TRY_DO(population_.put_person(tx, alena, alena.born, by_));
        TRY_DO(population_.move_to(tx, residence(alena, old_home, "2010-05-01"), by_));
        return population_.move_to(tx, residence(alena, new_home, "2020-09-15"), by_);
    });
    EXPECT_EQ(house_of(alena, "2026-11-23", officer_), "12");
    EXPECT_EQ(house_of(alena, "2020-09-15", officer_), "12");
    EXPECT_EQ(house_of(alena, "2020-09-14", officer_), "3");
    EXPECT_EQ(house_of(alena, "2009-01-01", officer_), "none");
    const auto found = ask<std::optional<Person>>([&](store::Tx& tx) { return population_.find_by_personal_number(tx, " 4030290a001pb1 ", day("2026-11-23"), officer_); });
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->id, alena.id);
    EXPECT_EQ((*found)->full_name("en"), "Kavalenka Alena");
    const auto there = ask<std::vector<PersonId>>([&](store::Tx& tx) { return population_.residents_at(tx, new_home.id, day("2026-11-23"), officer_); });
    EXPECT_EQ(*there, std::vector<PersonId>{alena.id});
    const auto streets = ask<std::vector<Record>>([&](store::Tx& tx) { return registers_.find(tx, "addresses.address", "street", json::value("VULICA  prytyckaha"), day("2026-11-23"), {}); });
    EXPECT_EQ(streets->size(), 2U);
}

TEST_P(RegistersTest, RefuseToReadWithoutCapacityAndGround) {
    const Person alena = person("Kavalenka", "1");
    write([&](store::Tx& tx) { return population_.put_person(tx, alena, alena.born, by_); });
    Access nobody = officer_;
    nobody.capacity.clear();
    Access groundless = officer_;
    groundless.legal_ground.clear();
    for (const Access& access : {Access{}, nobody, groundless}) {
        EXPECT_EQ(house_of(alena, "2026-11-23", access), "denied");
        const auto read = ask<std::optional<Person>>([&](store::Tx& tx) { return population_.person(tx, alena.id, day("2026-11-23"), access); });
        EXPECT_EQ(read.error().code, Code::denied);
        const auto history = ask<std::vector<Record>>([&](store::Tx& tx) { return registers_.history(tx, "population.person", RecordId(alena.id.bytes()), access); });
        EXPECT_EQ(history.error().code, Code::denied);
        EXPECT_EQ(store_->write([&](store::Tx& tx) { return population_.put_person(tx, alena, alena.born, access); }).error().code, Code::denied);
    }
}

TEST_P(RegistersTest, WriteDownEachReading) {
    const Person alena = person("Kavalenka", "1");
    const Person child = person("Kavalenka", "2");
    write([&](store::Tx& tx) -> Result<void> {
        TRY_DO(population_.put_person(tx, alena, alena.born, by_));
        return population_.put_parent(tx, {make_id<RecordId>(clock_, random_), alena.id, child.id, day("2015-01-01")}, by_);
    });
    (void)ask<std::optional<Person>>([&](store::Tx& tx) { return population_.person(tx, alena.id, day("2026-11-23"), officer_); });
    const auto children = ask<std::vector<PersonId>>([&](store::Tx& tx) { return population_.children_of(tx, alena.id, day("2026-11-23"), officer_); });
    EXPECT_EQ(*children, std::vector<PersonId>{child.id});
    const auto parents = ask<std::vector<PersonId>>([&](store::Tx& tx) { return population_.parents_of(tx, child.id, day("2026-11-23"), officer_); });
    EXPECT_EQ(*parents, std::vector<PersonId>{alena.id});
    // A reading whose transaction fails is neither made nor written down.
    (void)ask<int>([&](store::Tx& tx) -> Result<int> {
        TRY_DO(population_.person(tx, alena.id, day("2026-11-23"), officer_));
        return fail(Code::conflict, "rolled back");
    });
    const auto of = [&](const PersonId& id) {
        std::string seen;
        const auto entries = store_->read<std::vector<identity::AccessEntry>>([&](store::Reader& reader) { return log_.accesses_of(reader, id); });
        for (const auto& entry : *entries) seen += entry.what + " " + entry.body + " " + entry.case_id + "\n";
        return seen;
    };
    EXPECT_EQ(of(alena.id), "population.person BY-MI case-1\n");
    EXPECT_EQ(of(child.id), "population.parent BY-MI case-1\npopulation.parent BY-MI case-1\n");
}

TEST_P(RegistersTest, KeepWhatWasKnownWhen) {
    const Person alena = person("Kavalenka", "1");
    const RecordId key(alena.id.bytes());
    write([&](store::Tx& tx) { return population_.put_person(tx, alena, alena.born, by_); });
    const Instant before = clock_.now();
    clock_.advance(std::chrono::hours(24));
    // She took another name on 1 June 2020, which was recorded only today.
    Person married = alena;
    married.family_name = {{"en", "Novik"}};
    write([&](store::Tx& tx) { return population_.put_person(tx, married, day("2020-06-01"), by_); });
    const auto name = [&](std::string_view on, Instant known_at) {
        const auto record = ask<std::optional<Record>>([&](store::Tx& tx) { return registers_.as_of(tx, "population.person", key, day(on), known_at, officer_); });
        return *record ? std::string((*record)->data.at("family_name").at("en").as_string()) : std::string("none");
    };
    EXPECT_EQ(name("2026-11-23", clock_.now()), "Novik");
    EXPECT_EQ(name("2020-05-31", clock_.now()), "Kavalenka");
    EXPECT_EQ(name("2026-11-23", before), "Kavalenka");
    EXPECT_EQ(name("1980-01-01", clock_.now()), "none");
    const auto history = ask<std::vector<Record>>([&](store::Tx& tx) { return registers_.history(tx, "population.person", key, officer_); });
    ASSERT_EQ(history->size(), 3U);
    EXPECT_TRUE((*history)[0].superseded_at);
    EXPECT_EQ((*history)[1].valid_to, std::optional(day("2020-06-01")));
    EXPECT_FALSE((*history)[2].valid_to);
}

TEST_P(RegistersTest, CloseARecord) {
    const Person alena = person("Kavalenka", "77");
    const RecordId key(alena.id.bytes());
    write([&](store::Tx& tx) { return population_.put_person(tx, alena, alena.born, by_); });
    write([&](store::Tx& tx) { return registers_.close(tx, "population.person", key, day("2026-01-01"), by_); });
    const auto find = [&](std::string_view on) {
        const auto found = ask<std::optional<Person>>([&](store::Tx& tx) { return population_.find_by_personal_number(tx, "77", day(on), officer_); });
        return found->has_value();
    };
    EXPECT_TRUE(find("2025-12-31"));
    EXPECT_FALSE(find("2026-01-01"));
    EXPECT_EQ(store_->write([&](store::Tx& tx) { return registers_.close(tx, "population.person", key, day("2026-01-01"), by_); }).error().code, Code::not_found);
}

// The slow and obvious model of a record in valid time: a value for each day.
TEST_P(RegistersTest, AgreeWithADayByDayModel) {
    std::mt19937 dice(20261123);
    const auto roll = [&](int sides) { return static_cast<int>(dice() % static_cast<unsigned>(sides)); };
    const std::chrono::sys_days start(day("2026-01-01"));
    constexpr int kDays = 30;
    const Address base = address("0");
    const RecordId key(base.id.bytes());
    std::vector<std::string> model(kDays, "none");
    for (int round = 0; round < 25; ++round) {
        const int from = roll(kDays);
        const bool open_ended = roll(3) == 0;
        const int to = open_ended ? kDays : std::min(kDays, from + 1 + roll(10));
        const auto at = [&](int offset) { return Date(start + std::chrono::days(offset)); };
        if (roll(5) == 0) {
            (void)store_->write([&](store::Tx& tx) { return registers_.close(tx, "addresses.address", key, at(from), by_); });
            std::fill(model.begin() + from, model.end(), "none");
        } else {
            const std::string house = std::to_string(round + 1);
            const json::object data{{"town", {{"en", "Town " + std::to_string(round % 3)}}}, {"house", house}};
            write([&](store::Tx& tx) {
                return registers_.put(tx, "addresses.address", {key, {}, data, at(from), open_ended ? std::nullopt : std::optional(at(to))}, by_);
            });
            std::fill(model.begin() + from, model.begin() + to, house);
        }
        clock_.advance(std::chrono::seconds(1));
    }
    ASSERT_TRUE(store_->write([&](store::Tx& tx) -> Result<void> {
        for (int i = 0; i < kDays; ++i) {
            const Date on(start + std::chrono::days(i));
            TRY(const auto record, registers_.get(tx, "addresses.address", key, on, {}));
            const auto& expected = model[static_cast<std::size_t>(i)];
            EXPECT_EQ(record ? std::string(record->data.at("house").as_string()) : "none", expected) << i;
            for (int town = 0; town < 3; ++town) {
                TRY(const auto found, registers_.find(tx, "addresses.address", "town", json::value("town " + std::to_string(town)), on, {}));
                const bool here = expected != "none" && (std::stoi(expected) - 1) % 3 == town;
                EXPECT_EQ(found.size(), here ? 1U : 0U) << i << " " << town;
            }
        }
        return {};
    }));
}

TEST_P(RegistersTest, RefuseWhatDoesNotFitTheDefinition) {
    const Person alena = person("Kavalenka", "1");
    const RecordId key(alena.id.bytes());
    const auto put = [&](json::object data) {
        return store_->write([&](store::Tx& tx) {
            return registers_.put(tx, "population.person", {key, alena.id, data, day("2000-01-01"), std::nullopt}, by_);
        });
    };
    const json::object good{{"personal_number", "1"}, {"family_name", {{"en", "K"}}}, {"given_name", {{"en", "A"}}}, {"born", "1990-02-03"}};
    const auto with = [&](const char* field, json::value value) {
        json::object data = good;
        data[field] = std::move(value);
        return put(data).error().message;
    };
    EXPECT_EQ(with("born", "yesterday"), "population: person.born: a date is written \"2026-11-23\"");
    EXPECT_EQ(with("personal_number", ""), "population: person.personal_number: the field is missing");
    EXPECT_EQ(with("personal_number", json::value(std::string(33, '1'))), "population: person.personal_number: the text has more than 32 characters");
    EXPECT_EQ(with("religion", "x"), "population: person: there is no field \"religion\"");
    EXPECT_EQ(with("family_name", "Kavalenka"), "population: person.family_name: a text for each language is expected");
    EXPECT_TRUE(put(good));
    const auto other = store_->write([&](store::Tx& tx) {
        return registers_.put(tx, "population.person", {key, make_id<PersonId>(clock_, random_), good, day("2000-01-01"), std::nullopt}, by_);
    });
    EXPECT_EQ(other.error().code, Code::conflict);
    for (const char* kind : {"population", "population.", "population.pet", "cars.car", ""}) {
        EXPECT_EQ(store_->write([&](store::Tx& tx) { return registers_.put(tx, kind, {key, alena.id, good, day("2000-01-01"), std::nullopt}, by_); }).error().code, Code::not_found);
    }
    const auto search = ask<std::vector<Record>>([&](store::Tx& tx) { return registers_.find(tx, "population.person", "born", json::value("1990-02-03"), day("2026-01-01"), officer_); });
    EXPECT_EQ(search.error().code, Code::invalid);
}

TEST_P(RegistersTest, ContentsCannotBeMovedBetweenRecords) {
    const Person alena = person("Kavalenka", "1");
    const Address a = address("1");
    const Address b = address("2");
    write([&](store::Tx& tx) -> Result<void> {
        TRY_DO(population_.put_address(tx, a, day("2000-01-01"), by_));
        TRY_DO(population_.put_address(tx, b, day("2000-01-01"), by_));
        TRY_DO(tx.execute("UPDATE registers_record SET content=(SELECT content FROM registers_record WHERE record_key=$1) WHERE record_key=$2",
                          {a.id.text(), b.id.text()}));
        return {};
    });
    EXPECT_EQ(ask<std::optional<Address>>([&](store::Tx& tx) { return population_.address(tx, b.id, day("2026-01-01")); }).error().code, Code::corrupted);
}

TEST_P(RegistersTest, ErasedPersonsAreGone) {
    const Person alena = person("Kavalenka", "1");
    write([&](store::Tx& tx) { return population_.put_person(tx, alena, alena.born, by_); });
    write([&](store::Tx& tx) { return vault_.erase(tx, alena.id); });
    const auto read = ask<std::optional<Person>>([&](store::Tx& tx) { return population_.person(tx, alena.id, day("2026-11-23"), officer_); });
    EXPECT_EQ(read.error().code, Code::not_found);
}

TEST_P(RegistersTest, LoadThousandsOfPeople) {
    PopulationData data;
    for (int i = 0; i < 500; ++i) data.addresses.push_back(address(std::to_string(i)));
    for (int i = 0; i < 2000; ++i) {
        data.persons.push_back(person("Person " + std::to_string(i), "N" + std::to_string(i)));
        data.residences.push_back(residence(data.persons.back(), data.addresses[static_cast<std::size_t>(i) % 500], "2015-01-01"));
    }
    const auto begin = std::chrono::steady_clock::now();
    write([&](store::Tx& tx) { return population_.load(tx, data, day("2000-01-01"), by_); });
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    RecordProperty("records_per_second", static_cast<int>(4500 / took.count()));
    std::printf("loaded 4500 records in %.2f s: %.0f a second\n", took.count(), 4500 / took.count());
    const auto there = ask<std::vector<PersonId>>([&](store::Tx& tx) { return population_.residents_at(tx, data.addresses[7].id, day("2026-11-23"), officer_); });
    EXPECT_EQ(there->size(), 4U);
    EXPECT_EQ(store_->write([&](store::Tx& tx) { return population_.load(tx, data, day("2000-01-01"), by_); }).error().code, Code::conflict);
}

INSTANTIATE_TEST_SUITE_P(Stores, RegistersTest, testing::ValuesIn(store::scratch_kinds()));

// Nothing of a person stands in the file, also after changes, look-ups and a restart.
TEST(RegistersStore, HoldsNothingInClear) {
    const auto all_steps = steps();
    store::ScratchStore scratch("sqlite", all_steps);
    ManualClock clock(*parse_instant("2026-11-23T10:00:00Z"));
    SystemRandom random;
    const Bytes master(32, 1);
    const Bytes index(32, 2);
    identity::Vault vault(master, clock, random);
    identity::AccessLog log(clock, random);
    Registers registers({pack_definition("population.json"), pack_definition("addresses.json")}, vault, log, {master, index}, clock, random);
    PopulationRegister population(registers);
    const Access by{.who = {}, .capacity = "system", .body = "BY-MVD", .case_id = "", .legal_ground = "Law No. 418-Z"};
    Person one{make_id<PersonId>(clock, random), "CANARYNUMBER1", {{"en", "Canaryfamily"}, {"be", "Канарэйка"}}, {{"en", "Canarygiven"}}, {{"en", "Canarypatronymic"}}, day("1917-03-09"), {}};
    const Address home{make_id<AddressId>(clock, random), {}, {}, {{"en", "Canarytown"}}, {{"en", "Canarystreet"}}, "991", "992", "993994"};
    ASSERT_TRUE(scratch->write([&](store::Tx& tx) -> Result<void> {
        TRY_DO(population.put_address(tx, home, day("2000-01-01"), by));
        one.family_name["ru"] = "Канарейка";
        TRY_DO(population.put_person(tx, one, day("2001-01-01"), by));
        one.given_name["en"] = "Canaryrenamed";
        TRY_DO(population.put_person(tx, one, day("2002-01-01"), by));
        TRY_DO(population.find_by_personal_number(tx, "CANARYNUMBER1", day("2026-01-01"), by));
        return {};
    }));
    scratch.reopen();
    std::string all;
    for (const auto& entry : std::filesystem::directory_iterator(Path(scratch.address()).parent_path())) {
        const auto bytes = read_file(entry.path(), 64U << 20);
        if (bytes) all += *bytes;
    }
    EXPECT_NE(all.find(one.id.text()), std::string::npos);
    for (const char* canary : {"CANARY", "canary", "Canary", "Канар", "канар", "1917-03-09", "993994"}) EXPECT_EQ(all.find(canary), std::string::npos) << canary;
}

TEST(ParseDefinition, SaysWhereAndWhy) {
    const std::string good = R"({"id": "cars", "name": "Cars", "holder": "X", "legal_basis": "Law 1", "personal": true,
        "records": [{"id": "car", "fields": [{"id": "plate", "type": "text", "indexed": true}, {"id": "sold", "type": "boolean"}]}]})";
    ASSERT_TRUE(parse_definition(good, "d"));
    struct Row { const char* from; const char* to; const char* message; };
    const Row rows[] = {
        {"\"type\": \"text\"", "\"type\": \"blob\"", "d: records[0].fields[0]: \"type\" is one of text, texts, date, integer, boolean, id"},
        {"\"id\": \"sold\"", "\"id\": \"plate\"", "d: records[0].fields[1]: the field plate stands twice"},
        {"\"id\": \"car\"", "\"id\": \"Car\"", "d: records[0]: an id has 1 to 40 letters a to z, digits and \"_\", a letter first"},
        {"\"indexed\"", "\"indxed\"", "d: records[0].fields[0]: there is no key \"indxed\"; did you mean \"indexed\"?"},
        {"\"type\": \"boolean\"", "\"type\": \"boolean\", \"indexed\": true", "d: records[0].fields[1]: a field that is true or false is not searched for"},
        {"Law 1", " ", "d: \"legal_basis\" has 1 to 400 bytes"},
        {"\"personal\": true", "\"personal\": 1", nullptr},
    };
    for (const Row& row : rows) {
        std::string text = good;
        text.replace(text.find(row.from), std::string_view(row.from).size(), row.to);
        const auto read = parse_definition(text, "d");
        ASSERT_FALSE(read) << row.to;
        EXPECT_EQ(read.error().code, Code::invalid);
        if (row.message != nullptr) {
            EXPECT_EQ(read.error().message, row.message);
        }
    }
}

}  // namespace
}  // namespace madang::registers
