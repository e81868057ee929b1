#include "documents/revocation_list.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "documents/code.h"
#include "documents/testing.h"

namespace madang::documents {
namespace {

const Instant kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23) + std::chrono::hours(9);

RevocationList list() {
    SeededRandom random(9);
    RevocationList out{"by.example/ledger", kNow, {}};
    for (int i = 0; i < 5; ++i) out.revocations.push_back({make_code(random), std::chrono::year(2026) / 11 / (10 + i), "Law No. 433-Z, article 26"});
    return out;
}

TEST(RevocationList, ComesBackSortedAndSigned) {
    const auto country = testing::make_country("Belarus", "by.example", 1, kNow);
    const auto other = testing::make_country("Korea", "by.example", 2, kNow);
    const std::string note = sign_revocation_list(list(), country.certificate_key_name(), country.certificate_key);
    const auto opened = open_revocation_list(note, country.trust().issuers[0].certificate_key);
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(opened->origin, "by.example/ledger");
    EXPECT_EQ(opened->made_at, kNow);
    ASSERT_EQ(opened->revocations.size(), 5U);
    for (const Revocation& revocation : list().revocations) {
        ASSERT_NE(opened->find(revocation.code), nullptr);
        EXPECT_EQ(*opened->find(revocation.code), revocation);
    }
    EXPECT_EQ(opened->find("0000-0000-0000-0000-1"), nullptr);
    EXPECT_EQ(open_revocation_list(note, other.trust().issuers[0].certificate_key).error().code, Code::denied);
}

TEST(RevocationList, RefusesEveryChangedByte) {
    const auto country = testing::make_country("Belarus", "by.example", 1, kNow);
    const std::string key = country.trust().issuers[0].certificate_key;
    const std::string note = sign_revocation_list(list(), country.certificate_key_name(), country.certificate_key);
    for (std::size_t at = 0; at < note.size(); ++at) {
        std::string changed = note;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        EXPECT_FALSE(open_revocation_list(changed, key)) << at;
    }
}

TEST(Trust, ComesBackAndNamesWhatIsWrong) {
    const auto country = testing::make_country("Belarus", "by.example", 1, kNow);
    const std::string text = format_trust(country.trust());
    const auto trust = parse_trust(text, "trust.json");
    ASSERT_TRUE(trust) << trust.error().message;
    EXPECT_EQ(format_trust(*trust), text);
    std::string wrong = text;
    wrong.replace(wrong.find("madang-trust-1"), 14, "madang-trust-2");
    EXPECT_EQ(parse_trust(wrong, "trust.json").error().message, "trust.json: format must be \"madang-trust-1\"");
    wrong = text;
    wrong.replace(wrong.find("by.example/ledger+"), 11, "xy.example/");
    EXPECT_FALSE(parse_trust(wrong, "trust.json"));
    EXPECT_FALSE(parse_trust("{}", "trust.json"));
    EXPECT_FALSE(parse_trust("[", "trust.json"));
}

}  // namespace
}  // namespace madang::documents
