#include "documents/code.h"

#include <gtest/gtest.h>

#include <set>

namespace madang::documents {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

TEST(CertificateCode, HasGroupsAndRoundTrips) {
    SeededRandom random(1);
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        const std::string code = make_code(random);
        ASSERT_EQ(code.size(), 21U);
        EXPECT_EQ(*parse_code(code), code);
        EXPECT_EQ(format_code(*code_bytes(code)), code);
        seen.insert(code);
    }
    EXPECT_EQ(seen.size(), 1000U);
}

// docs/formats/certificate.md, the worked example.
TEST(CertificateCode, IsSpelledAsTheFormatSays) {
    EXPECT_EQ(format_code(CodeBytes{}), "0000-0000-0000-0000-Z");
    EXPECT_EQ(format_code(CodeBytes{0x00, 0x44, 0x32, 0x14, 0xC7, 0x42, 0x54, 0xB6, 0x35, 0xCF}), "0123-4567-89AB-CDEF-H");
}

TEST(CertificateCode, ReadsWhatPeopleType) {
    SeededRandom random(2);
    std::string code = make_code(random);
    while (code.find('0') == std::string::npos || code.find('1') == std::string::npos) code = make_code(random);
    std::string typed;
    for (const char c : code) typed += c == '-' ? ' ' : c == '0' ? 'o' : c == '1' ? 'l' : static_cast<char>(c >= 'A' ? c - 'A' + 'a' : c);
    EXPECT_EQ(*parse_code("  " + typed + "\n"), code);
}

TEST(CertificateCode, FindsEveryMistypedCharacter) {
    SeededRandom random(3);
    for (int round = 0; round < 20; ++round) {
        const std::string code = make_code(random);
        for (std::size_t at = 0; at < code.size(); ++at) {
            if (code[at] == '-') continue;
            for (const char other : kAlphabet) {
                if (other == code[at]) continue;
                std::string wrong = code;
                wrong[at] = other;
                EXPECT_FALSE(parse_code(wrong)) << wrong;
            }
        }
    }
}

TEST(CertificateCode, FindsNearlyEveryTwoThatChangedPlaces) {
    SeededRandom random(4);
    int swapped = 0;
    int missed = 0;
    for (int round = 0; round < 500; ++round) {
        const std::string code = make_code(random);
        for (std::size_t at = 0; at + 1 < code.size(); ++at) {
            const std::size_t next = code[at + 1] == '-' ? at + 2 : at + 1;
            if (code[at] == '-' || code[at] == code[next]) continue;
            std::string wrong = code;
            std::swap(wrong[at], wrong[next]);
            ++swapped;
            missed += parse_code(wrong).has_value() ? 1 : 0;
        }
    }
    EXPECT_LT(missed * 200, swapped) << missed << " of " << swapped;
}

TEST(CertificateCode, SaysWhatIsWrong) {
    EXPECT_NE(parse_code("").error().message.find("too short: 0 of 17"), std::string::npos);
    EXPECT_NE(parse_code("0000-0000-0000-0000").error().message.find("too short: 16"), std::string::npos);
    EXPECT_NE(parse_code("0000-0000-0000-0000-00").error().message.find("too long"), std::string::npos);
    EXPECT_NE(parse_code("U000-0000-0000-0000-0").error().message.find("without U"), std::string::npos);
    EXPECT_NE(parse_code("0000-0000-0000-0000-1").error().message.find("mistyped"), std::string::npos);
    EXPECT_FALSE(parse_code(std::string(1000, '0')));
}

}  // namespace
}  // namespace madang::documents
