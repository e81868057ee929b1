#include "crypto/hash.h"

#include <gtest/gtest.h>

namespace madang::crypto {
namespace {

TEST(Sha256, PassesTheVectorsOfFips180) {
    EXPECT_EQ(hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(hex(sha256(as_bytes("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hex(sha256(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Sha256, GivesTheSameInPiecesAndStartsAnewAfterwards) {
    Sha256 pieces;
    const std::string a(1000, 'a');
    for (int i = 0; i < 1000; ++i) pieces.update(as_bytes(a));
    EXPECT_EQ(hex(pieces.finish()), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    EXPECT_EQ(pieces.update(as_bytes("abc")).finish(), sha256(as_bytes("abc")));
    EXPECT_EQ(pieces.finish(), sha256({}));
}

struct Mac {
    Bytes key;
    Bytes data;
    const char* expected;
};

TEST(HmacSha256, PassesTheVectorsOfRfc4231) {
    Bytes counting(25);
    for (std::size_t i = 0; i < counting.size(); ++i) counting[i] = static_cast<std::uint8_t>(i + 1);
    const Mac vectors[] = {
        {Bytes(20, 0x0b), to_bytes("Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {to_bytes("Jefe"), to_bytes("what do ya want for nothing?"), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {Bytes(20, 0xaa), Bytes(50, 0xdd), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {counting, Bytes(50, 0xcd), "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
        {Bytes(131, 0xaa), to_bytes("Test Using Larger Than Block-Size Key - Hash Key First"),
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {Bytes(131, 0xaa),
         to_bytes("This is a test using a larger than block-size key and a larger than block-size data. The key needs to be "
                  "hashed before being used by the HMAC algorithm."),
         "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"}};
    for (const Mac& vector : vectors) EXPECT_EQ(hex(hmac_sha256(vector.key, vector.data)), vector.expected);
    EXPECT_EQ(hex(hmac_sha256({}, {})), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(HmacSha1, PassesTheVectorsOfRfc2202) {
    EXPECT_EQ(hex(hmac_sha1(Bytes(20, 0x0b), as_bytes("Hi There"))), "b617318655057264e28bc0b6fb378c8ef146be00");
    EXPECT_EQ(hex(hmac_sha1(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
}

}  // namespace
}  // namespace madang::crypto
