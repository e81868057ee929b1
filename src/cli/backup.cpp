// madang backup, madang restore --verify.
#include "base/text.h"
#include "cli/installation.h"
#include "ledger/copy.h"
#include "store/copy.h"

namespace madang::cli {
namespace {

Result<int> backup(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    TRY_DO(house->store().backup_to(arguments.one("file")));
    const auto size = std::filesystem::file_size(arguments.one("file"));
    if (context.json) {
        context.print(json::value{{"file", arguments.one("file")}, {"bytes", size}});
    } else {
        context.print(format("{} written, {} kB; the keys in {}/keys are not in it", arguments.one("file"), size >> 10,
                             house->folder().string()));
    }
    return kOk;
}

Result<int> restore(const Context& context, const Arguments& arguments) {
    TRY(const auto keys, crypto::KeyFolder::open(Path(context.settings.text("data")) / "keys"));
    std::string address = store_address(context.settings);
    const std::string trial = context.settings.text("data") + "/restore-trial.sqlite";
    const bool verify_only = arguments.has("verify");
    if (verify_only) address = trial;
    // What the steps put into a store by themselves: anything more, and it is in use.
    store::RowCounts fresh;
    {
        std::filesystem::remove(trial);
        TRY(const auto empty, store::open(trial));
        const auto steps = all_migrations();
        TRY_DO(empty->migrate(steps));
        TRY(fresh, store::count_rows(*empty));
    }
    const auto remove_trial = [&] {
        for (const char* ending : {"", "-wal", "-shm"}) std::filesystem::remove(trial + ending);
    };
    remove_trial();
    store::Restored restored;
    ledger::CopyVerdict verdict;
    {
        TRY(const auto store, store::open(address));
        const auto migrations = all_migrations();
        TRY_DO(store->migrate(migrations));
        Progress progress = context.progress("Restoring", "rows");
        TRY(restored, store::restore_from(*store, arguments.one("file"), fresh, [&](std::int64_t rows) { progress.at(static_cast<std::uint64_t>(rows), 0); }));
        TRY(const std::string origin, read_file(Path(context.settings.text("data")) / "keys" / "origin", 1024));
        TRY(verdict, ledger::verify_store(*store, ledger::format_verifier_key(trim(origin), keys.ledger_key().public_key())));
    }
    if (verify_only) remove_trial();
    if (context.json) {
        context.print(json::value{{"rows", restored.rows}, {"tables", restored.tables}, {"acts", verdict.size}, {"ledger_good", verdict.good()},
                                  {"finding", verdict.finding}, {"kept", !verify_only}});
    } else {
        context.print(format("{} rows in {} tables; {}", restored.rows, restored.tables,
                             verdict.good() ? format("{} acts of the ledger stand as signed", verdict.size) : verdict.finding));
        context.print(verify_only ? "the copy restores; nothing was kept" : "restored to " + address);
    }
    return verdict.good() ? kOk : kCheckFailed;
}

}  // namespace

std::vector<Command> backup_commands() {
    using Kind = Argument::Kind;
    return {{"backup", "writes a consistent copy of the store while others work", "madang backup /mnt/madang-2026-11-23.sqlite",
             {{"file", Kind::positional, true, "the file to write; must not be there"}}, backup},
            {"restore", "loads a copy into an empty store of either kind and verifies the ledger",
             "madang restore /mnt/madang-2026-11-23.sqlite --verify",
             {{"file", Kind::positional, true, "what `madang backup` wrote"},
              {"--verify", Kind::flag, false, "restore into a scratch store, verify, keep nothing"}},
             restore}};
}

}  // namespace madang::cli
