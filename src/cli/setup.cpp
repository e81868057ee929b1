// madang init, madang user add.
#include <algorithm>

#include "base/text.h"
#include "cli/installation.h"
#include "crypto/totp.h"

namespace madang::cli {
namespace {

constexpr std::size_t kTotpSecret = 20;
constexpr std::size_t kMaxPassword = 4096;

// One line from standard input; a password never stands on the command line, where others see it.
Result<std::string> read_line() {
    std::string line;
    for (int c = 0; (c = std::fgetc(stdin)) != EOF && c != '\n';) {
        line.push_back(static_cast<char>(c));
        if (line.size() > kMaxPassword) return fail(Code::exhausted, "the password is too long");
    }
    if (line.empty()) return fail(Code::invalid, "give the password on standard input");
    return line;
}

Result<std::vector<identity::Role>> roles_of(const catalogue::Pack& pack, const Arguments& arguments) {
    std::vector<identity::Role> roles;
    if (!arguments.has("role")) return roles;
    for (const std::string& text : arguments.all("role")) {
        const std::size_t at = text.find('@');
        if (at == std::string::npos) return fail(Code::invalid, format("--role {}: the form is ROLE@BODY, such as officer@BY-MI-MLD-RSC", text));
        const std::string body = text.substr(at + 1);
        if (!body.empty() && pack.government.find(body) == nullptr) {
            return fail(Code::not_found, format("--role {}: the pack has no body \"{}\"", text, body));
        }
        roles.push_back({body, text.substr(0, at)});
    }
    return roles;
}

Result<identity::PersonId> person_of(const Context& context, Installation& house, const std::string& number) {
    const identity::Access access{.who = {}, .capacity = "system", .body = {}, .case_id = {}, .legal_ground = "opening of an account for the person"};
    const Date today = house.pack().government.time_zone().date(context.clock.now());
    TRY(const auto person, house.store().write<std::optional<registers::Person>>(
                               [&](store::Tx& tx) { return house.population().find_by_personal_number(tx, number, today, access); }));
    if (!person) return fail(Code::not_found, "the population register has no person of this number");
    return person->id;
}

Result<int> bind_user(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    const std::string name = arguments.one("name");
    TRY(const auto account, house->accounts().find_by_name(name));
    if (!account) return fail(Code::not_found, format("there is no account \"{}\"", name));
    TRY(const identity::PersonId person, person_of(context, *house, arguments.one("person")));
    TRY_DO(house->accounts().bind_staff(account->id, person));
    context.print(context.json ? json::serialize(json::value{{"account", account->id.text()}, {"person", person.text()}})
                               : format("account {} is bound to the person {}", account->name, person.text()));
    return kOk;
}

Result<int> add_user(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    identity::NewAccount account;
    account.name = arguments.one("name");
    TRY(account.roles, roles_of(house->pack(), arguments));
    if (account.roles.empty() && !arguments.has("person")) return fail(Code::invalid, "an account is of a citizen (--person NUMBER) or of staff (--role ROLE@BODY --person NUMBER)");
    const bool decides = std::ranges::any_of(account.roles, [](const identity::Role& one) { return one.role == "officer"; });
    if (decides && !arguments.has("person")) return fail(Code::invalid, "an officer is a person: give the personal number with --person NUMBER, so that two accounts are two persons");
    if (arguments.has("person")) {
        TRY(account.person, person_of(context, *house, arguments.one("person")));
    }
    TRY(account.password, read_line());
    if (!account.roles.empty()) {
        account.totp_secret.resize(kTotpSecret);
        context.random.fill(account.totp_secret);
    }
    TRY(const identity::AccountId id, house->accounts().create_account(account));
    const std::string address = account.totp_secret.empty() ? "" : crypto::totp_address("Madang", account.name, account.totp_secret);
    if (context.json) {
        context.print(json::value{{"account", id.text()}, {"name", account.name}, {"totp", address.empty() ? json::value(nullptr) : json::value(address)}});
    } else {
        context.print(format("account {} for {}", id.text(), account.name));
        if (!address.empty()) context.print(format("put this into an authenticator app, it is shown once: {}", address));
    }
    return kOk;
}

}  // namespace

std::vector<Command> setup_commands() {
    using Kind = Argument::Kind;
    return {
        {"init", "makes a new installation: folder, keys, tables", "madang --data /var/lib/madang init --pack packs/by",
         {},
         [](const Context& context, const Arguments&) -> Result<int> {
             if (context.settings.text("pack").empty()) return fail(Code::invalid, "name the country's pack with --pack FOLDER");
             TRY_DO(Installation::create(context, context.settings.text("pack")));
             TRY(const auto house, Installation::open(context));
             TRY(const std::string link, house->accounts().make_installer_link());
             if (context.json) {
                 context.print(json::value{{"data", house->folder().string()}, {"ledger_key", house->ledger().verifier_key()}, {"installer_link", link}});
             } else {
                 context.print(format("installation made in {}; keep a copy of {}/keys apart from the store", house->folder().string(),
                                      house->folder().string()));
                 context.print(format("the first administrator, by this link, once, within 24 hours: {}/installer?link={}", house->public_url(), link));
             }
             return kOk;
         }},
        {"user add", "makes an account; the password comes from standard input",
         "pwgen -s 16 1 | madang user add Nina --role officer@BY-MI-MLD-RSC --person 4121299M088PB2\n  pwgen -s 16 1 | madang user add Volha --person 3280955M077PB9",
         {{"name", Kind::positional, true, "the name to sign in with"},
          {"--person", Kind::option, false, "personal number of the citizen whose account it is, or of who works with an account of staff"},
          {"--role", Kind::option, false, "ROLE@BODY: officer, administrator, auditor, helper or head of a body, or a role of the pack's tasks held beside officer"}},
         add_user},
        {"user bind", "says which person works with an account of staff that was made without one", "madang user bind Nina --person 4190785M099PB7",
         {{"name", Kind::positional, true, "the name to sign in with"}, {"--person", Kind::option, true, "personal number of who works with it"}},
         bind_user},
    };
}

}  // namespace madang::cli
