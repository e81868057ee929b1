#include "crypto/totp.h"

#include <gtest/gtest.h>

namespace madang::crypto {
namespace {

const ByteSpan kSecret = as_bytes("12345678901234567890");

Instant at(std::int64_t seconds) { return Instant(std::chrono::seconds(seconds)); }

TEST(Totp, PassesTheVectorsOfRfc6238) {
    const std::pair<std::int64_t, const char*> vectors[] = {{59, "94287082"},         {1111111109, "07081804"}, {1111111111, "14050471"},
                                                           {1234567890, "89005924"}, {2000000000, "69279037"}, {20000000000, "65353130"}};
    for (const auto& [seconds, expected] : vectors) EXPECT_EQ(totp_at(kSecret, at(seconds), 8), expected);
}

TEST(MatchTotp, TakesACodeOnceAndOnlyNearItsTime) {
    const Instant now = at(1111111111);
    const std::int64_t step = totp_step(now);
    const std::string code = totp_at(kSecret, now);
    EXPECT_EQ(match_totp(kSecret, code, now, 0), step);
    EXPECT_EQ(match_totp(kSecret, code, now, step - 1), step);
    EXPECT_EQ(match_totp(kSecret, code, now, step), std::nullopt) << "used before";
    EXPECT_EQ(match_totp(kSecret, code, now + std::chrono::seconds(30), 0), step);
    EXPECT_EQ(match_totp(kSecret, code, now - std::chrono::seconds(30), 0), step);
    EXPECT_EQ(match_totp(kSecret, code, now + std::chrono::seconds(90), 0), std::nullopt);
    for (const char* wrong : {"", "12345", "1234567", "abcdef", "\xff\xff\xff\xff\xff\xff"}) {
        EXPECT_EQ(match_totp(kSecret, wrong, now, 0), std::nullopt) << wrong;
    }
}

TEST(TotpAddress, IsWhatAuthenticatorAppsRead) {
    EXPECT_EQ(totp_address("Madang Minsk", "olga@city", as_bytes("12345678901234567890")),
              "otpauth://totp/Madang%20Minsk:olga%40city?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Madang%20Minsk");
}

}  // namespace
}  // namespace madang::crypto
