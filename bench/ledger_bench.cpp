// One million acts: appended in transactions of 10,000 and integrated in batches on SQLite, then copied,
// and the copy verified offline.
// Aims: 100,000 acts/s appended and integrated, the copy verified in 10 s.
#include <sys/resource.h>

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
#include "must.h"

namespace {

using namespace madang;

constexpr std::size_t kTransaction = 5'000;
constexpr std::size_t kActsOfACase = 5;

// Wall and CPU time of the whole process; the CPU time says what a busy machine hides.
struct Time {
    double wall = 0;
    double cpu = 0;
};

Time now() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
    return {std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(),
            seconds(usage.ru_utime) + seconds(usage.ru_stime)};
}

void add(Time& sum, const Time& start) {
    const Time end = now();
    sum.wall += end.wall - start.wall;
    sum.cpu += end.cpu - start.cpu;
}

void print(const char* what, const Time& time, double acts, const char* aim) {
    std::printf("%-24s %7.2f s wall %7.2f s CPU %9.0f acts/s   %s\n", what, time.wall, time.cpu, acts / time.wall, aim);
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

        Time appending;
        Time integrating;
        for (std::size_t done = 0; done < count; done += kTransaction) {
            const auto acts = some_acts(clock, random, std::min(kTransaction, count - done));
            const Time start = now();
            must(store->write([&](store::Tx& tx) { return ledger.append(tx, acts); }), "append");
            add(appending, start);
            const Time middle = now();
            while (must(ledger.integrate(), "integrate") > 0) {}
            add(integrating, middle);
        }
        const auto number = static_cast<double>(count);
        std::printf("%zu acts, transactions of %zu, SQLite, synchronous=FULL\n", count, kTransaction);
        print("appended", appending, number, "");
        print("integrated", integrating, number, "");
        print("appended and integrated", {appending.wall + integrating.wall, appending.cpu + integrating.cpu}, number, "(aim: 100000)");

        Time copying;
        Time start = now();
        const auto copied = must(ledger::export_copy(*store, folder / "copy"), "export");
        add(copying, start);
        print("copied", copying, number, format("{} files", copied.files_written).c_str());
        Time verifying;
        start = now();
        const auto verdict = must(ledger::verify_copy(folder / "copy", ledger.verifier_key()), "verify");
        add(verifying, start);
        print("copy verified offline", verifying, number, verdict.good() ? "good (aim: 10 s)" : verdict.finding.c_str());
        Time checking;
        start = now();
        const auto stored = must(ledger::verify_store(*store, ledger.verifier_key()), "verify the store");
        add(checking, start);
        print("store verified", checking, number, stored.good() ? "good" : stored.finding.c_str());
    }
    std::filesystem::remove_all(folder);
    return 0;
}
