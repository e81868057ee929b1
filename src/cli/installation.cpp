#include "cli/installation.h"

#include <unistd.h>

#include <algorithm>

#include "base/text.h"
#include "casework/migrations.h"
#include "documents/migrations.h"
#include "identity/migrations.h"
#include "ledger/migrations.h"
#include "process/migrations.h"
#include "registers/migrations.h"

namespace madang::cli {
namespace {

constexpr const char* kToml = "madang.toml";
constexpr const char* kKeys = "keys";
constexpr const char* kTrust = "trust.json";
constexpr const char* kSeen = "checkpoint.seen";

std::string public_url_of(const Settings& settings) {
    const std::string& given = settings.text("public_url");
    if (!given.empty()) return given;
    const std::string scheme = settings.text("tls_certificate").empty() ? "http" : "https";
    return format("{}://{}", scheme, settings.text("listen"));
}

// The name of the log: the address without its scheme, which stays the same for ever. It is kept with the
// keys, since an address may change and the log's name may not.
Result<std::string> origin_of(const Path& folder, const std::string& fallback) {
    const auto kept = read_file(folder / kKeys / "origin", 1024);
    if (kept) return std::string(trim(*kept));
    if (kept.error().code != Code::not_found) return std::unexpected(kept.error());
    TRY_DO(write_file_whole(folder / kKeys / "origin", fallback + "\n", Readable::by_owner));
    return fallback;
}

std::unique_ptr<Log> make_log(const Context& context) {
    const std::string& wanted = context.settings.text("log");
    const bool human = wanted == "human" || (wanted != "json" && ::isatty(::fileno(stderr)) != 0);
    return std::make_unique<StreamLog>(stderr, human ? LogForm::human : LogForm::json_lines, Level::info, context.clock);
}

std::string english_name(const catalogue::Pack& pack) {
    const auto found = pack.country.find("en");
    return found != pack.country.end() ? found->second : pack.country.begin()->second;
}

}  // namespace

std::vector<store::Migration> all_migrations() {
    std::vector<store::Migration> all;
    for (auto& steps : {ledger::migrations(), process::migrations(), identity::migrations(), registers::migrations(), documents::migrations(), casework::migrations()}) {
        all.insert(all.end(), steps.begin(), steps.end());
    }
    return all;
}

std::string store_address(const Settings& settings) {
    const std::string& address = settings.text("store");
    return address.empty() ? (Path(settings.text("data")) / "madang.sqlite").string() : address;
}

Result<void> Installation::create(const Context& context, const Path& pack_folder) {
    const Path folder = context.settings.text("data");
    if (std::filesystem::exists(folder / kToml)) {
        return fail(Code::conflict, format("{} holds an installation already", folder.string()));
    }
    TRY(const catalogue::Pack pack, catalogue::load_pack(pack_folder));
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return fail(Code::unavailable, format("cannot make {}: {}", folder.string(), error.message()));
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
    TRY_DO(crypto::KeyFolder::open_or_create(folder / kKeys, english_name(pack), context.random, context.clock));
    TRY(const auto store, store::open(store_address(context.settings)));
    const auto migrations = all_migrations();
    TRY_DO(store->migrate(migrations));
    // Last: an installation without this file is not there, and init may run again.
    TRY_DO(write_file_whole(folder / kToml,
                            format("# Settings of this installation; `madang config show --origin` prints all of them.\n"
                                   "pack = {}\n",
                                   json::serialize(json::string(std::filesystem::absolute(pack_folder).string()))),
                            Readable::by_owner));
    return {};
}

Result<std::unique_ptr<Installation>> Installation::open(const Context& context) {
    std::unique_ptr<Installation> house(new Installation());
    house->folder_ = context.settings.text("data");
    if (!std::filesystem::exists(house->folder_ / kKeys)) {
        return fail(Code::not_found, format("{} holds no installation; make one with: madang --data {} init --pack packs/by",
                                            house->folder_.string(), house->folder_.string()));
    }
    if (context.settings.text("pack").empty()) return fail(Code::invalid, "no pack is set; name one with --pack or in madang.toml");
    TRY(house->pack_, within(catalogue::load_pack(context.settings.text("pack")), "pack"));
    house->log_ = make_log(context);
    house->public_url_ = public_url_of(context.settings);
    TRY(auto keys, crypto::KeyFolder::open(house->folder_ / kKeys));
    house->keys_ = std::make_unique<crypto::KeyFolder>(std::move(keys));
    TRY(house->store_, store::open(store_address(context.settings)));
    const auto migrations = all_migrations();
    TRY_DO(house->store_->migrate(migrations));
    const std::string name = english_name(house->pack_);
    std::string fallback = house->public_url_.substr(house->public_url_.find("://") + 3);
    std::ranges::replace(fallback, ' ', '-');
    TRY(const std::string origin, origin_of(house->folder_, fallback + "/ledger"));
    house->vault_ = std::make_unique<identity::Vault>(house->keys_->master_key(), context.clock, context.random);
    house->access_log_ = std::make_unique<identity::AccessLog>(context.clock, context.random);
    house->accounts_ = std::make_unique<identity::Accounts>(*house->store_, house->keys_->master_key(), "Madang", context.clock,
                                                            context.random);
    house->accounts_->accept_roles(house->pack_.roles);
    house->ledger_ = std::make_unique<ledger::Ledger>(*house->store_, house->keys_->ledger_key(), origin, context.clock,
                                                      context.random, house->log_.get());
    TRY_DO(house->ledger_->guard_against_rollback(house->folder_ / kSeen));
    house->certificates_ = std::make_unique<documents::Certificates>(documents::Parts{
        *house->store_, *house->ledger_, *house->vault_, *house->access_log_, house->keys_->documents(),
        house->keys_->certificate_key(), origin, name, house->public_url_ + "/verify", house->pack_.government.time_zone(), context.clock, context.random});
    TRY_DO(house->open_casework(context));
    const std::string trust = documents::format_trust(house->certificates_->trust());
    if (read_file(house->folder_ / kTrust).value_or("") != trust) TRY_DO(write_file_whole(house->folder_ / kTrust, trust));
    return house;
}

// The rooms that a case walks through.
Result<void> Installation::open_casework(const Context& context) {
    mandates_ = std::make_unique<identity::Mandates>(context.clock, context.random);
    registers_ = std::make_unique<registers::Registers>(pack_.registers, *vault_, *access_log_,
                                                        registers::Keys{keys_->master_key(), keys_->index_key()}, context.clock, context.random);
    population_ = std::make_unique<registers::PopulationRegister>(*registers_);
    TRY_DO(population_->check_definitions());
    engine_ = std::make_unique<process::Engine>(context.clock, context.random);
    std::unique_ptr<casework::PaymentProvider> provider;
    if (const std::string& url = context.settings.text("payment_url"); !url.empty()) {
        const std::string& secret = context.settings.text("payment_secret");
        TRY(provider, within(casework::make_webhook(url, Bytes(as_bytes(secret).begin(), as_bytes(secret).end())), "payment_url"));
    }
    casework_ = std::make_unique<casework::Casework>(casework::Parts{*store_, *ledger_, pack_, *vault_, *access_log_, *mandates_, *population_, *certificates_,
                                                                     *engine_, context.clock, context.random, *log_}, std::move(provider));
    return {};
}

Installation::~Installation() = default;

}  // namespace madang::cli
