#include "base/bytes.h"

#include <gtest/gtest.h>

namespace madang {
namespace {

// RFC 4648 clause 10, with the padding of base32 left off as base/bytes.h says.
TEST(Base64, PassesTheVectorsOfTheStandard) {
    const std::pair<const char*, const char*> vectors[] = {
        {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, encoded] : vectors) {
        EXPECT_EQ(base64(as_bytes(plain)), encoded);
        EXPECT_EQ(parse_base64(encoded), to_bytes(plain));
    }
}

TEST(Base32, PassesTheVectorsOfTheStandard) {
    const std::pair<const char*, const char*> vectors[] = {
        {"", ""}, {"f", "MY"}, {"fo", "MZXQ"}, {"foo", "MZXW6"}, {"foob", "MZXW6YQ"}, {"fooba", "MZXW6YTB"}, {"foobar", "MZXW6YTBOI"}};
    for (const auto& [plain, encoded] : vectors) {
        EXPECT_EQ(base32(as_bytes(plain)), encoded);
        EXPECT_EQ(parse_base32(encoded), to_bytes(plain));
    }
}

TEST(Base64, RefusesASecondSpellingOfTheSameBytes) {
    for (const char* text : {"Zg=", "Zh==", "Zg", "Zg===", "Z===", "Zm9v!", "Zm9vYg==Zg=="}) {
        EXPECT_FALSE(parse_base64(text)) << text;
    }
}

TEST(Hex, ReadsBothCasesAndRefusesTheRest) {
    EXPECT_EQ(parse_hex("00fFaB"), (Bytes{0x00, 0xFF, 0xAB}));
    EXPECT_EQ(hex(Bytes{0x00, 0xFF, 0xAB}), "00ffab");
    for (const char* text : {"0", "0g", "zz"}) EXPECT_FALSE(parse_hex(text)) << text;
}

TEST(EqualInConstantTime, ComparesContentAndLength) {
    EXPECT_TRUE(equal_in_constant_time(as_bytes("abc"), as_bytes("abc")));
    EXPECT_FALSE(equal_in_constant_time(as_bytes("abc"), as_bytes("abd")));
    EXPECT_FALSE(equal_in_constant_time(as_bytes("abc"), as_bytes("ab")));
}

}  // namespace
}  // namespace madang
