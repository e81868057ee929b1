#include "crypto/password.h"

#include <gtest/gtest.h>

#include <fstream>
#include <thread>
#include <vector>

namespace madang::crypto {
namespace {

TEST(HashPassword, VerifiesAndSaysItIsArgon2id) {
    SystemRandom random;
    const std::string phc = hash_password("correct horse", random);
    EXPECT_TRUE(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << phc;
    EXPECT_TRUE(verify_password(phc, "correct horse"));
    EXPECT_FALSE(verify_password(phc, "correct horse "));
    EXPECT_FALSE(verify_password(phc, ""));
    EXPECT_FALSE(verify_password(phc, std::string(kMaxPasswordSize + 1, 'x')));
    EXPECT_NE(hash_password("x", random), hash_password("x", random));
    EXPECT_FALSE(needs_rehash(phc));
}

TEST(VerifyPassword, RefusesWhatIsNoHashOrAsksForTooMuch) {
    for (const char* phc : {"", "$argon2id$nonsense", "$argon2i$v=19$m=19456,t=2,p=1$AAAA$AAAA", "$2b$12$abc",
                            "$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$AAAA", "$argon2id$v=19$m=19456,t=99999,p=1$c29tZXNhbHQ$AAAA",
                            "$argon2id$v=19$m=19456,t=2,p=64$c29tZXNhbHQ$AAAA"}) {
        EXPECT_FALSE(verify_password(phc, "x")) << phc;
        EXPECT_TRUE(needs_rehash(phc)) << phc;
    }
    EXPECT_FALSE(verify_password("$argon2id$v=19$m=19456,t=2,p=1", "x"));
}

// The reference implementation's test: version 0x13, t=2, m=65536, p=1, "password", "somesalt".
TEST(VerifyPassword, TakesAHashOfTheReferenceImplementation) {
    EXPECT_TRUE(verify_password("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "password"));
    EXPECT_TRUE(needs_rehash("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"));
}

TEST(VerifyPassword, WorksOnTwoAtATime) {
    SystemRandom random;
    const std::string phc = hash_password("x", random);
    std::vector<std::thread> flood;
    for (int i = 0; i < 16; ++i) flood.emplace_back([&] { EXPECT_TRUE(verify_password(phc, "x")); });
    for (auto& thread : flood) thread.join();
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmHWM:")) EXPECT_LT(std::strtol(line.c_str() + 6, nullptr, 10), 19L * 1024 * 12) << line;
    }
}

}  // namespace
}  // namespace madang::crypto
