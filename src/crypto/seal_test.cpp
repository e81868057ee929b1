#include "crypto/seal.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <algorithm>

namespace madang::crypto {
namespace {

TEST(Seal, OpensOnlyWithItsKeyItsContextAndItsBytes) {
    SeededRandom random(1);
    const Bytes key(32, 7);
    for (const std::string& plain : {std::string(), std::string("Алена"), std::string(100'000, 'x')}) {
        const Bytes sealed = seal(key, as_bytes(plain), as_bytes("person 1"), random);
        EXPECT_EQ(sealed.size(), plain.size() + kSealOverhead);
        EXPECT_EQ(open_sealed(key, sealed, as_bytes("person 1")), to_bytes(plain));
        EXPECT_EQ(open_sealed(Bytes(32, 8), sealed, as_bytes("person 1")).error().code, Code::corrupted);
        EXPECT_FALSE(open_sealed(key, sealed, as_bytes("person 2")));
        for (std::size_t i = 0; i < std::min<std::size_t>(sealed.size(), 64); ++i) {
            Bytes changed = sealed;
            changed[i] ^= 1;
            EXPECT_FALSE(open_sealed(key, changed, as_bytes("person 1"))) << i;
        }
        EXPECT_FALSE(open_sealed(key, ByteSpan(sealed).first(sealed.size() - 1), as_bytes("person 1")));
    }
    EXPECT_FALSE(open_sealed(key, Bytes(kSealOverhead - 1), {}));
    EXPECT_NE(seal(key, as_bytes("a"), {}, random), seal(key, as_bytes("a"), {}, random));
}

// draft-irtf-cfrg-xchacha-03, A.3.1, laid out as we lay it out.
TEST(Seal, OpensTheVectorOfTheDraft) {
    const Bytes key = *parse_hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
    const Bytes sealed = *parse_hex(
        "01404142434445464748494a4b4c4d4e4f5051525354555657"
        "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39"
        "ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
        "21f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49");
    const auto plain = open_sealed(key, sealed, *parse_hex("50515253c0c1c2c3c4c5c6c7"));
    ASSERT_TRUE(plain) << plain.error().message;
    EXPECT_TRUE(as_text(*plain).starts_with("Ladies and Gentlemen of the class of '99"));
}

TEST(Wipe, LeavesNothing) {
    Bytes secret(64, 0xAB);
    wipe(secret);
    EXPECT_EQ(secret, Bytes(64));
}

}  // namespace
}  // namespace madang::crypto
