// madang demo load, madang demo clear, madang demo code.
#include "cli/demo.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/totp.h"

namespace madang::cli {
namespace {

constexpr const char* kFile = "demo.json";
constexpr std::size_t kPasswordBytes = 10;
constexpr std::size_t kTotpSecret = 20;
constexpr const char* kParentGround = "Code of the Republic of Belarus on Marriage and Family No. 278-Z, article 73";
constexpr const char* kAttorneyGround = "Civil Code of the Republic of Belarus No. 218-Z, article 186";
constexpr int kAdult = 18;
constexpr auto kAttorneyFor = std::chrono::days(365);

// Four groups of four letters and digits, 80 random bits, easy to type.
std::string make_password(Random& random) {
    Bytes bytes(kPasswordBytes);
    random.fill(bytes);
    std::string text = to_lower(base32(bytes));
    for (std::size_t at = 12; at > 0; at -= 4) text.insert(at, "-");
    return text;
}

Result<void> load_register(const Context& context, Installation& house, const catalogue::Populated& populated) {
    const identity::Access by{.who = {}, .capacity = "system", .body = house.pack().services.front().provider, .case_id = {},
                              .legal_ground = "fictional people of a demonstration"};
    const auto& people = *house.pack().people;
    const TimeZone& zone = house.pack().government.time_zone();
    return house.store().write([&](store::Tx& tx) -> Result<void> {
        TRY_DO(house.population().load(tx, populated.data, Date{std::chrono::year(1950), std::chrono::January, std::chrono::day(1)}, by));
        for (const auto& person : people.persons) {
            for (const auto& child : person.children) {
                const Date born = people.find(child)->person.born;
                identity::Mandate mandate;
                mandate.representative = populated.persons.find(person.key)->second;
                mandate.represented = populated.persons.find(child)->second;
                mandate.kind = identity::MandateKind::parent;
                mandate.valid_from = zone.instant(born, std::chrono::minutes(0));
                // A child of 29 February is of age on 1 March.
                Date of_age = born + std::chrono::years(kAdult);
                if (!of_age.ok()) of_age = std::chrono::sys_days(of_age.year() / of_age.month() / std::chrono::day(1)) + std::chrono::days(29);
                mandate.valid_until = zone.instant(of_age, std::chrono::minutes(0));
                mandate.legal_ground = kParentGround;
                if (*mandate.valid_until > context.clock.now()) TRY_DO(house.mandates().grant(tx, mandate));
            }
            for (const auto& other : person.represents) {
                identity::Mandate mandate;
                mandate.representative = populated.persons.find(person.key)->second;
                mandate.represented = populated.persons.find(other)->second;
                mandate.kind = identity::MandateKind::power_of_attorney;
                mandate.valid_from = context.clock.now();
                mandate.valid_until = context.clock.now() + kAttorneyFor;
                mandate.legal_ground = kAttorneyGround;
                TRY_DO(house.mandates().grant(tx, mandate));
            }
        }
        return {};
    });
}

json::value to_json(const std::vector<DemoSignIn>& sign_ins) {
    json::array list;
    for (const auto& one : sign_ins) {
        list.push_back({{"name", one.name}, {"password", one.password}, {"full_name", one.full_name}, {"story", one.story},
                        {"staff", !one.totp_secret.empty()}, {"totp", one.totp_secret.empty() ? json::value(nullptr) : json::value(one.totp_secret)}});
    }
    return {{"sign_ins", std::move(list)}};
}

Result<int> load(const Context& context, const Arguments&) {
    TRY(const auto house, Installation::open(context));
    TRY(const auto sign_ins, load_demo(context, *house));
    if (context.json) {
        context.print(to_json(sign_ins));
    } else {
        context.print(format("{} fictional people are in the population register; {} of them can sign in.", house->pack().people->persons.size(), sign_ins.size()));
        for (const auto& one : sign_ins) context.print(format("  {:<22} {}   {}", one.name, one.password, one.story));
    }
    return kOk;
}

// With the ids of everybody who was brought, so that `demo clear` finds them.
json::value to_file(const std::vector<DemoSignIn>& sign_ins, const catalogue::Populated& populated) {
    json::value all = to_json(sign_ins);
    json::array persons;
    for (const auto& [key, id] : populated.persons) persons.emplace_back(id.text());
    all.as_object()["persons"] = std::move(persons);
    return all;
}

// Destroys the keys of the fictional people: what was sealed for them opens nowhere any more. Acts and the numbers
// of their papers stay, as evidence stays.
Result<int> clear(const Context& context, const Arguments&) {
    TRY(const auto house, Installation::open(context));
    const Path file = house->folder() / kFile;
    TRY(const std::string text, within(read_file(file, 1U << 20), "there are no fictional people here"));
    TRY(const json::value value, within(parse_json(text), kFile));
    if (!value.is_object()) return fail(Code::corrupted, "demo.json is no object");
    TRY(const json::array persons, array_at(value.get_object(), "persons", kFile));
    TRY(const auto sign_ins, find_demo_sign_ins(*house));
    for (const auto& one : sign_ins) {
        TRY(const auto account, house->accounts().find_by_name(one.name));
        if (account) TRY_DO(house->accounts().close(account->id));
    }
    TRY_DO(house->store().write([&](store::Tx& tx) -> Result<void> {
        for (const auto& item : persons) {
            if (!item.is_string()) return fail(Code::corrupted, "demo.json: \"persons\" lists ids");
            TRY(const auto person, identity::PersonId::parse(std::string_view(item.get_string())));
            TRY_DO(house->vault().erase(tx, person));
            TRY(const auto mandates, house->mandates().representatives_of(tx, person, context.clock.now()));
            for (const auto& mandate : mandates) TRY_DO(house->mandates().revoke(tx, mandate.id));
        }
        return {};
    }));
    std::error_code error;
    std::filesystem::remove(file, error);
    if (error) return fail(Code::unavailable, format("cannot remove {}: {}", file.string(), error.message()));
    context.print(context.json ? json::serialize(json::value{{"persons", persons.size()}, {"accounts", sign_ins.size()}})
                               : format("{} fictional people are erased and {} accounts closed.", persons.size(), sign_ins.size()));
    return kOk;
}

Result<int> code(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    TRY(const auto sign_ins, find_demo_sign_ins(*house));
    const auto found = std::ranges::find(sign_ins, arguments.one("name"), &DemoSignIn::name);
    if (found == sign_ins.end() || found->totp_secret.empty()) return fail(Code::not_found, format("no fictional officer is called \"{}\"", arguments.one("name")));
    TRY(const Bytes secret, parse_hex(found->totp_secret));
    const std::string digits = crypto::totp_at(secret, context.clock.now());
    context.print(context.json ? json::serialize(json::value{{"code", digits}}) : digits);
    return kOk;
}

}  // namespace

Result<std::vector<DemoSignIn>> load_demo(const Context& context, Installation& house) {
    const catalogue::Pack& pack = house.pack();
    if (!pack.demo || !pack.people) return fail(Code::denied, format("the pack {} is no demonstration; it has no fictional people", pack.id));
    TRY(const auto before, find_demo_sign_ins(house));
    if (!before.empty()) return fail(Code::conflict, "the fictional people are here already; see demo.json in the folder of the installation");
    const catalogue::Populated populated = catalogue::populate(*pack.people, context.clock, context.random);
    TRY_DO(load_register(context, house, populated));
    std::vector<DemoSignIn> sign_ins;
    for (const auto& person : pack.people->persons) {
        if (person.account.empty()) continue;
        identity::NewAccount account;
        account.name = person.account;
        account.password = make_password(context.random);
        account.person = populated.persons.find(person.key)->second;
        TRY_DO(house.accounts().create_account(account));
        sign_ins.push_back({account.name, account.password, person.person.full_name("en"), person.story, ""});
    }
    for (const auto& officer : pack.people->officers) {
        identity::NewAccount account;
        account.name = officer.account;
        account.password = make_password(context.random);
        account.roles = {{officer.body, officer.role}};
        account.person = populated.persons.find(officer.person)->second;
        account.totp_secret.resize(kTotpSecret);
        context.random.fill(account.totp_secret);
        TRY_DO(house.accounts().create_account(account));
        sign_ins.push_back({account.name, account.password, pack.people->find(officer.person)->person.full_name("en"), officer.story, hex(account.totp_secret)});
    }
    TRY_DO(write_file_whole(house.folder() / kFile, pretty_json(to_file(sign_ins, populated)) + "\n", Readable::by_owner));
    return sign_ins;
}

Result<std::vector<DemoSignIn>> find_demo_sign_ins(const Installation& house) {
    std::vector<DemoSignIn> sign_ins;
    const auto text = read_file(house.folder() / kFile, 1U << 20);
    if (!text) return text.error().code == Code::not_found ? Result<std::vector<DemoSignIn>>(sign_ins) : std::unexpected(text.error());
    TRY(const json::value value, within(parse_json(*text), kFile));
    if (!value.is_object()) return fail(Code::corrupted, "demo.json is no object");
    TRY(const json::array list, array_at(value.get_object(), "sign_ins", kFile));
    for (const auto& item : list) {
        if (!item.is_object()) return fail(Code::corrupted, "demo.json: a sign-in is an object");
        const json::object& one = item.get_object();
        sign_ins.push_back({string_or(one, "name", ""), string_or(one, "password", ""), string_or(one, "full_name", ""), string_or(one, "story", ""),
                            string_or(one, "totp", "")});
    }
    return sign_ins;
}

std::vector<Command> demo_commands() {
    using Kind = Argument::Kind;
    return {
        {"demo load", "brings the pack's fictional people, with random passwords", "madang --data data demo load", {}, load},
        {"demo clear", "erases the fictional people and closes their accounts", "madang --data data demo clear", {}, clear},
        {"demo code", "the one-time code of a fictional officer, as an authenticator app shows it", "madang --data data demo code officer.maladziechna",
         {{"name", Kind::positional, true, "the officer's sign-in name"}}, code},
    };
}

}  // namespace madang::cli
