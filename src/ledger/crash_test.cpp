// Kills the process that appends and integrates with SIGKILL at random moments: what was acknowledged is
// there once, and the tree is the old one or the new one.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/text.h"
#include "ledger/copy.h"
#include "ledger/testing.h"

namespace madang::ledger {
namespace {

constexpr int kRounds = 12;
constexpr std::string_view kOrigin = "madang.example/crash";

Act numbered(const Clock& clock, Random& random, int number) {
    Act act;
    act.id = make_id<ActId>(clock, random);
    act.kind = "test.counted";
    act.at = clock.now();
    act.actor = "rule:crash";
    act.subject = format("number-{}", number);
    return act;
}

// Writes the number of each acknowledged act to the pipe until it is killed.
[[noreturn]] void work(const std::string& address, const crypto::Ed25519Key& key, int first, int pipe) {
    const SystemClock clock;
    SystemRandom random;
    const auto store = store::open(address);
    if (!store) ::_exit(2);
    Ledger ledger(**store, key, std::string(kOrigin), clock, random);
    for (int number = first;; ++number) {
        const Act act = numbered(clock, random, number);
        if (!(*store)->write([&](store::Tx& tx) { return ledger.append(tx, act); })) ::_exit(3);
        if (::write(pipe, &number, sizeof number) != sizeof number) ::_exit(4);
        if (number % 3 == 0 && !ledger.integrate()) ::_exit(5);
    }
}

TEST(Crash, LosesNothingThatWasAcknowledgedAndKeepsTheTreeWhole) {
    std::string pattern = testing::TempDir() + "madang-crash-XXXXXX";
    const Path folder = ::mkdtemp(pattern.data());
    const std::string address = (folder / "store.sqlite").string();
    SystemRandom random;
    const SystemClock clock;
    const auto key = crypto::Ed25519Key::generate(random);
    { ASSERT_TRUE((*store::open(address))->migrate(migrations())); }
    std::vector<int> acknowledged;
    int next = 0;
    for (int round = 0; round < kRounds; ++round) {
        int ends[2];
        ASSERT_EQ(::pipe(ends), 0);
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) work(address, key, next, ends[1]);
        ::close(ends[1]);
        ::usleep(static_cast<useconds_t>(20'000 + random.below(80'000)));
        ::kill(child, SIGKILL);
        int status = 0;
        ::waitpid(child, &status, 0);
        EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself with " << WEXITSTATUS(status);
        for (int number = 0; ::read(ends[0], &number, sizeof number) == sizeof number;) acknowledged.push_back(number);
        ::close(ends[0]);
        // Never a number that a killed round may have written without saying so.
        next = std::max(next, acknowledged.empty() ? 0 : acknowledged.back()) + 1000;

        const auto store = store::open(address);
        ASSERT_TRUE(store) << store.error().message;
        const auto before = verify_store(**store, format_verifier_key(kOrigin, key.public_key()));
        ASSERT_TRUE(before) << before.error().message;
        EXPECT_TRUE(before->good()) << "round " << round << ": " << before->finding;
    }
    const auto store = store::open(address);
    Ledger ledger(**store, key, std::string(kOrigin), clock, random);
    while (ledger.integrate().value_or(0) > 0) {}
    EXPECT_GT(acknowledged.size(), 0U);
    ASSERT_TRUE((*store)->read<int>([&](store::Reader& reader) -> Result<int> {
        for (const int number : acknowledged) {
            TRY(const auto acts, ledger.acts_of(reader, format("number-{}", number)));
            EXPECT_EQ(acts.size(), 1U) << number;
        }
        return 0;
    }));
    const auto verdict = verify_store(**store, ledger.verifier_key());
    EXPECT_TRUE(verdict && verdict->good()) << (verdict ? verdict->finding : verdict.error().message);
    EXPECT_GE(verdict->size, acknowledged.size());
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace madang::ledger
