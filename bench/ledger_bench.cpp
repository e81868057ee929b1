// One million acts: appended in transactions of 10,000 and integrated in batches on SQLite, then copied,
// and the copy verified offline.
// Aims: 100,000 acts/s appended and integrated, the copy verified in 10 s.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "ledger/copy.h"
#include "ledger/ledger.h"
#include "ledger/migrations.h"

namespace {

using namespace madang;

constexpr std::size_t kTransaction = 10'000;
constexpr std::size_t kActsOfACase = 5;

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

template <class T>
T must(Result<T> result, const char* what) {
    if (!result) {
        std::fprintf(stderr, "%s: %s\n", what, result.error().message.c_str());
        std::exit(1);
    }
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

std::vector<ledger::Act> some_acts(const Clock& clock, Random& random, std::size_t count) {
    std::vector<ledger::Act> acts(count);
    std::string subject;
    for (std::size_t i = 0; i < count; ++i) {
        if (i % kActsOfACase == 0) subject = make_id<ledger::ActId>(clock, random).text();
        ledger::Act& act = acts[i];
        act.id = make_id<ledger::ActId>(clock, random);
        act.kind = i % kActsOfACase == 0 ? "application.submitted" : "task.completed";
        act.at = clock.now();
        act.actor = "0192f0c1-2b3c-7d4e-8f50-617283940506";
        act.capacity = "self";
        act.body = "by.minsk.maladziecna";
        act.subject = subject;
        act.legal_ground = "Decree No. 200, 1.3.4";
        act.details = {{"service", "certificate-of-residence"}, {"service_version", "1"}, {"receipt", "7K2M-Q9XD-4TRB-VHN3-W"}};
    }
    return acts;
}

}  // namespace

int main(int argc, char** argv) {
    const std::size_t count = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1'000'000;
    std::string pattern = (std::filesystem::temp_directory_path() / "madang-ledger-bench-XXXXXX").string();
    const Path folder = mkdtemp(pattern.data());
    const SystemClock clock;
    SystemRandom random;
    const auto key = crypto::Ed25519Key::generate(random);
    {
        const auto store = must(store::open((folder / "store.sqlite").string()), "open");
        must(store->migrate(ledger::migrations()), "migrate");
        ledger::Ledger ledger(*store, key, "bench.example/acts", clock, random);

        double appending = 0;
        double integrating = 0;
        for (std::size_t done = 0; done < count; done += kTransaction) {
            const auto acts = some_acts(clock, random, std::min(kTransaction, count - done));
            auto start = std::chrono::steady_clock::now();
            must(store->write([&](store::Tx& tx) { return ledger.append(tx, acts); }), "append");
            appending += seconds_since(start);
            start = std::chrono::steady_clock::now();
            while (must(ledger.integrate(), "integrate") > 0) {}
            integrating += seconds_since(start);
        }
        const double all = appending + integrating;
        std::printf("%zu acts, transactions of %zu, SQLite, synchronous=FULL\n", count, kTransaction);
        std::printf("appended                %8.2f s  %9.0f acts/s\n", appending, static_cast<double>(count) / appending);
        std::printf("integrated              %8.2f s  %9.0f acts/s\n", integrating, static_cast<double>(count) / integrating);
        std::printf("appended and integrated %8.2f s  %9.0f acts/s   (aim: 100000)\n", all, static_cast<double>(count) / all);

        auto start = std::chrono::steady_clock::now();
        const auto copied = must(ledger::export_copy(*store, folder / "copy"), "export");
        std::printf("copied                  %8.2f s  %9llu files\n", seconds_since(start), static_cast<unsigned long long>(copied.files_written));
        start = std::chrono::steady_clock::now();
        const auto verdict = must(ledger::verify_copy(folder / "copy", ledger.verifier_key()), "verify");
        std::printf("copy verified offline   %8.2f s  %s   (aim: 10 s)\n", seconds_since(start), verdict.good() ? "good" : verdict.finding.c_str());
        start = std::chrono::steady_clock::now();
        const auto stored = must(ledger::verify_store(*store, ledger.verifier_key()), "verify the store");
        std::printf("store verified          %8.2f s  %s\n", seconds_since(start), stored.good() ? "good" : stored.finding.c_str());
    }
    std::filesystem::remove_all(folder);
    return 0;
}
