// One installation, opened: its folder, keys, store and the rooms that stand on them.
//
//   data/madang.toml   settings            data/keys/      private keys, mode 0700
//   data/madang.sqlite the embedded store  data/trust.json what others need to verify us
//   data/checkpoint.seen                   the ledger as it was last published
#pragma once

#include <memory>
#include <string>

#include "base/log.h"
#include "casework/casework.h"
#include "catalogue/pack.h"
#include "cli/command.h"
#include "crypto/key_folder.h"
#include "documents/certificates.h"
#include "identity/access_log.h"
#include "identity/accounts.h"
#include "identity/mandates.h"
#include "identity/vault.h"
#include "ledger/ledger.h"
#include "process/engine.h"
#include "registers/population.h"
#include "store/store.h"

namespace madang::cli {

class Installation {
public:
    // Makes the folder, the keys and the tables. Code::conflict where there is an installation already.
    static Result<void> create(const Context& context, const Path& pack);
    // Opens it and brings its tables forward.
    static Result<std::unique_ptr<Installation>> open(const Context& context);
    ~Installation();

    store::Store& store() { return *store_; }
    ledger::Ledger& ledger() { return *ledger_; }
    const crypto::KeyFolder& keys() const { return *keys_; }
    const catalogue::Pack& pack() const { return pack_; }
    identity::Accounts& accounts() { return *accounts_; }
    identity::Vault& vault() { return *vault_; }
    identity::AccessLog& access_log() { return *access_log_; }
    identity::Mandates& mandates() { return *mandates_; }
    registers::PopulationRegister& population() { return *population_; }
    documents::Certificates& certificates() { return *certificates_; }
    casework::Casework& casework() { return *casework_; }
    Log& log() { return *log_; }
    const Path& folder() const { return folder_; }
    const std::string& public_url() const { return public_url_; }

private:
    Installation() = default;
    Result<void> open_casework(const Context& context);

    Path folder_;
    std::string public_url_;
    catalogue::Pack pack_;
    std::unique_ptr<Log> log_;
    std::unique_ptr<crypto::KeyFolder> keys_;
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<identity::Vault> vault_;
    std::unique_ptr<identity::AccessLog> access_log_;
    std::unique_ptr<identity::Accounts> accounts_;
    std::unique_ptr<ledger::Ledger> ledger_;
    std::unique_ptr<documents::Certificates> certificates_;
    std::unique_ptr<identity::Mandates> mandates_;
    std::unique_ptr<registers::Registers> registers_;
    std::unique_ptr<registers::PopulationRegister> population_;
    std::unique_ptr<process::Engine> engine_;
    std::unique_ptr<casework::Casework> casework_;
};

// The steps of every room's tables.
std::vector<store::Migration> all_migrations();

// Where the settings say that the store is.
std::string store_address(const Settings& settings);

}  // namespace madang::cli
