#include <gtest/gtest.h>

#include <sys/stat.h>

#include "base/text.h"
#include "base/time_text.h"
#include "crypto/ed25519.h"
#include "crypto/hash.h"
#include "crypto/key_folder.h"
#include "crypto/password.h"
#include "crypto/sealed.h"
#include "crypto/totp.h"

namespace madang::crypto {
namespace {

TEST(Sha256, PassesTheVectorsOfFips180) {
    EXPECT_EQ(hex(sha256(as_bytes("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    Sha256 pieces;
    const std::string a(1000, 'a');
    for (int i = 0; i < 1000; ++i) pieces.update(as_bytes(a));
    EXPECT_EQ(hex(pieces.finish()), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(HmacSha256, PassesTheVectorsOfRfc4231) {
    EXPECT_EQ(hex(hmac_sha256(Bytes(20, 0x0b), as_bytes("Hi There"))),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_EQ(hex(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(hex(hmac_sha256(Bytes(131, 0xaa), as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Ed25519, PassesTheVectorsOfRfc8032) {
    const auto key = *Ed25519Key::from_seed(*parse_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
    EXPECT_EQ(hex(key.public_key().bytes()), "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    const Bytes message{0x72};
    const auto signature = key.sign(message);
    EXPECT_EQ(hex(signature),
              "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
    EXPECT_TRUE(key.public_key().verify(message, signature));
    EXPECT_FALSE(key.public_key().verify(Bytes{0x73}, signature));
    auto changed = signature;
    changed[10] ^= 1;
    EXPECT_FALSE(key.public_key().verify(message, changed));
    EXPECT_FALSE(key.public_key().verify(message, ByteSpan(signature).first(63)));
}

TEST(Totp, PassesTheVectorsOfRfc6238) {
    const ByteSpan secret = as_bytes("12345678901234567890");
    const std::pair<std::int64_t, const char*> vectors[] = {
        {59, "94287082"}, {1111111109, "07081804"}, {1111111111, "14050471"},
        {1234567890, "89005924"}, {2000000000, "69279037"}, {20000000000, "65353130"}};
    for (const auto& [seconds, expected] : vectors) {
        EXPECT_EQ(totp_at(secret, totp_step(Instant(std::chrono::seconds(seconds))), 8), expected);
    }
}

TEST(MatchTotp, TakesACodeOnceAndOnlyNearItsTime) {
    const ByteSpan secret = as_bytes("12345678901234567890");
    const Instant now(std::chrono::seconds(1111111111));
    const std::int64_t step = totp_step(now);
    const std::string code = totp_at(secret, step);
    EXPECT_EQ(match_totp(secret, code, now, 0), step);
    EXPECT_EQ(match_totp(secret, code, now, step), std::nullopt);
    EXPECT_EQ(match_totp(secret, code, now + std::chrono::seconds(30), 0), step);
    EXPECT_EQ(match_totp(secret, code, now + std::chrono::seconds(90), 0), std::nullopt);
    EXPECT_EQ(match_totp(secret, "", now, 0), std::nullopt);
    EXPECT_EQ(match_totp(secret, "12345", now, 0), std::nullopt);
}

TEST(Seal, OpensOnlyWithItsKeyItsContextAndItsBytes) {
    SeededRandom random(1);
    const Bytes key(32, 7);
    for (const std::string& plain : {std::string(), std::string("Алена"), std::string(100'000, 'x')}) {
        const Bytes sealed = seal(key, as_bytes(plain), as_bytes("person 1"), random);
        EXPECT_EQ(*open_sealed(key, sealed, as_bytes("person 1")), to_bytes(plain));
        EXPECT_FALSE(open_sealed(Bytes(32, 8), sealed, as_bytes("person 1")));
        EXPECT_FALSE(open_sealed(key, sealed, as_bytes("person 2")));
        for (std::size_t i = 0; i < std::min<std::size_t>(sealed.size(), 64); ++i) {
            Bytes changed = sealed;
            changed[i] ^= 1;
            EXPECT_FALSE(open_sealed(key, changed, as_bytes("person 1"))) << i;
        }
    }
    EXPECT_FALSE(open_sealed(key, Bytes(27), {}));
    EXPECT_NE(seal(key, as_bytes("a"), {}, random), seal(key, as_bytes("a"), {}, random));
}

TEST(HashPassword, VerifiesAndSaysItIsArgon2id) {
    const std::string phc = hash_password("correct horse");
    EXPECT_TRUE(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << phc;
    EXPECT_TRUE(verify_password(phc, "correct horse"));
    EXPECT_FALSE(verify_password(phc, "correct horse "));
    EXPECT_FALSE(verify_password("", "x"));
    EXPECT_FALSE(verify_password("$argon2id$nonsense", "x"));
    EXPECT_NE(hash_password("x"), hash_password("x"));
}

class Signing : public testing::Test {
protected:
    SystemRandom random_;
    Instant now_ = *parse_instant("2026-11-23T09:00:00Z");
    SigningCertificate belarus_ = *SigningCertificate::create("Belarus", "Belarus electronic seal", random_, now_);
    SigningCertificate other_ = *SigningCertificate::create("Ruritania", "Ruritania electronic seal", random_, now_);
};

TEST_F(Signing, TellsAChangedByteFromAnotherCountrysKey) {
    const ByteSpan content = as_bytes("Даведка");
    const Bytes cms = sign_detached_cms(belarus_, content, now_);
    const auto good = verify_detached_cms(content, cms, belarus_.root_pem(), now_);
    ASSERT_TRUE(good) << good.error().message;
    EXPECT_TRUE(good->signature_ok);
    EXPECT_TRUE(good->chain_ok);
    EXPECT_EQ(good->signed_at, now_);
    EXPECT_NE(good->signer_subject.find("CN=Belarus electronic seal"), std::string::npos) << good->signer_subject;
    const auto changed = verify_detached_cms(as_bytes("Даведкб"), cms, belarus_.root_pem(), now_);
    EXPECT_FALSE(changed->signature_ok);
    EXPECT_TRUE(changed->chain_ok);
    const auto foreign = verify_detached_cms(content, cms, other_.root_pem(), now_);
    EXPECT_TRUE(foreign->signature_ok);
    EXPECT_FALSE(foreign->chain_ok);
    const auto late = verify_detached_cms(content, sign_detached_cms(belarus_, content, now_ + std::chrono::days(4 * 365)),
                                          belarus_.root_pem(), now_);
    EXPECT_TRUE(late->signature_ok);
    EXPECT_FALSE(late->chain_ok);
}

TEST_F(Signing, NoChangedByteOfASignatureVerifies) {
    const ByteSpan content = as_bytes("content");
    const Bytes cms = sign_detached_cms(belarus_, content, now_);
    int accepted = 0;
    for (std::size_t i = 0; i < cms.size(); ++i) {
        Bytes changed = cms;
        changed[i] ^= 0x01;
        const auto verdict = verify_detached_cms(content, changed, belarus_.root_pem(), now_);
        // The root travels along unsigned: a change there is no change of the signature.
        if (verdict && verdict->signature_ok && verdict->chain_ok) ++accepted;
    }
    EXPECT_LT(accepted, static_cast<int>(cms.size() / 2));
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, cms.size() / 2, cms.size() - 1}) {
        EXPECT_FALSE(verify_detached_cms(content, ByteSpan(cms).first(size), belarus_.root_pem(), now_)) << size;
    }
}

TEST_F(Signing, OpensslVerifiesTheSignatureAsCades) {
    std::string pattern = testing::TempDir() + "madang-cms-XXXXXX";
    const Path folder = ::mkdtemp(pattern.data());
    const std::string content = "Справка о месте жительства";
    const Bytes cms = sign_detached_cms(belarus_, as_bytes(content), now_);
    ASSERT_TRUE(write_file_whole(folder / "content", content));
    ASSERT_TRUE(write_file_whole(folder / "signature.p7s", as_text(cms)));
    ASSERT_TRUE(write_file_whole(folder / "root.pem", belarus_.root_pem()));
    const std::string command = format(
        "openssl cms -verify -cades -binary -inform DER -attime {} -in {}/signature.p7s -content {}/content -CAfile {}/root.pem -out /dev/null",
        std::chrono::floor<std::chrono::seconds>(now_).time_since_epoch().count(), folder.string(), folder.string(), folder.string());
    EXPECT_EQ(std::system((command + " 2>/dev/null").c_str()), 0) << command;
    ASSERT_TRUE(write_file_whole(folder / "content", content + " "));
    EXPECT_NE(std::system((command + " 2>/dev/null").c_str()), 0);
    std::filesystem::remove_all(folder);
}

TEST(KeyFolder, IsMadeOnceAndReadBackOnlyWhileItIsPrivate) {
    std::string pattern = testing::TempDir() + "madang-keys-XXXXXX";
    const Path folder = Path(::mkdtemp(pattern.data())) / "keys";
    SystemRandom random;
    const ManualClock clock(*parse_instant("2026-11-23T09:00:00Z"));
    const auto made = KeyFolder::create(folder, "Belarus", random, clock);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(KeyFolder::create(folder, "Belarus", random, clock).error().code, Code::conflict);
    const auto opened = KeyFolder::open(folder);
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(opened->ledger.seed(), made->ledger.seed());
    EXPECT_EQ(opened->master, made->master);
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        EXPECT_EQ(entry.status().permissions() & std::filesystem::perms(077), std::filesystem::perms(0)) << entry.path();
    }
    ::chmod((folder / "master.key").c_str(), 0644);
    EXPECT_EQ(KeyFolder::open(folder).error().code, Code::denied);
    std::filesystem::remove(folder / "master.key");
    EXPECT_EQ(KeyFolder::open(folder).error().code, Code::not_found);
    std::filesystem::remove_all(folder.parent_path());
}

}  // namespace
}  // namespace madang::crypto
