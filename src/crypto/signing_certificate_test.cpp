#include "crypto/signing_certificate.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/file.h"
#include "base/text.h"
#include "base/time_text.h"

namespace madang::crypto {
namespace {

using std::chrono::days;

class Signing : public testing::Test {
protected:
    static Path scratch() {
        std::string pattern = testing::TempDir() + "madang-cms-XXXXXX";
        return ::mkdtemp(pattern.data());
    }

    SystemRandom random_;
    Instant now_ = *parse_instant("2026-11-23T09:00:00Z");
    RootCertificate root_ = *RootCertificate::create("Belarus", random_, now_);
    SigningCertificate seal_ = *SigningCertificate::create(root_, "Minsk executive committee", random_, now_);
    SigningCertificate other_ = *SigningCertificate::create("Ruritania", "Ruritania seal", random_, now_);
};

TEST_F(Signing, TellsAChangedByteFromAnotherCountrysKey) {
    const ByteSpan content = as_bytes("Даведка");
    const Bytes cms = sign_detached_cms(seal_, content, now_);
    const auto good = verify_detached_cms(content, cms, root_.certificate_pem(), now_);
    ASSERT_TRUE(good) << good.error().message;
    EXPECT_TRUE(good->signature_ok);
    EXPECT_TRUE(good->chain_ok);
    EXPECT_FALSE(good->expired);
    EXPECT_EQ(good->reason, "");
    EXPECT_EQ(good->signed_at, now_);
    EXPECT_EQ(good->signer_subject, "CN=Minsk executive committee,O=Belarus");
    EXPECT_EQ(good->issuer, "CN=Belarus Madang documents root,O=Belarus");

    const auto changed = verify_detached_cms(as_bytes("Даведкб"), cms, root_.certificate_pem(), now_);
    EXPECT_FALSE(changed->signature_ok);
    EXPECT_TRUE(changed->chain_ok);
    const auto foreign = verify_detached_cms(content, cms, other_.root_pem(), now_);
    EXPECT_TRUE(foreign->signature_ok);
    EXPECT_FALSE(foreign->chain_ok);
    EXPECT_NE(foreign->reason.find("not among those trusted"), std::string::npos) << foreign->reason;
    const auto both = verify_detached_cms(content, cms, other_.root_pem() + root_.certificate_pem(), now_);
    EXPECT_TRUE(both->signature_ok && both->chain_ok);
}

TEST_F(Signing, TellsAnExpiredCertificateFromOneThatWasNotValidWhenItSigned) {
    const ByteSpan content = as_bytes("content");
    const Bytes cms = sign_detached_cms(seal_, content, now_);
    const auto later = verify_detached_cms(content, cms, root_.certificate_pem(), now_ + days(4 * 365));
    EXPECT_TRUE(later->signature_ok && later->chain_ok && later->expired) << later->reason;
    EXPECT_EQ(later->reason, "the signer's certificate has expired since");
    for (const auto moment : {now_ + days(4 * 365), now_ - days(30)}) {
        const auto never = verify_detached_cms(content, sign_detached_cms(seal_, content, moment), root_.certificate_pem(), moment);
        EXPECT_TRUE(never->signature_ok);
        EXPECT_FALSE(never->chain_ok);
        EXPECT_EQ(never->reason, "the certificate was not valid at the stated signing time");
    }
}

TEST_F(Signing, NoChangedByteOfTheSignedPartVerifies) {
    const ByteSpan content = as_bytes("content");
    const Bytes cms = sign_detached_cms(seal_, content, now_);
    std::size_t accepted = 0;
    for (std::size_t i = 0; i < cms.size(); ++i) {
        Bytes changed = cms;
        changed[i] ^= 0x01;
        const auto verdict = verify_detached_cms(content, changed, root_.certificate_pem(), now_);
        if (verdict && verdict->signature_ok && verdict->chain_ok) ++accepted;
    }
    // The root and the certificates' order travel along unsigned: a change there is none of the signature.
    EXPECT_LT(accepted, cms.size() / 2);
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, cms.size() / 2, cms.size() - 1}) {
        EXPECT_EQ(verify_detached_cms(content, ByteSpan(cms).first(size), root_.certificate_pem(), now_).error().code, Code::invalid) << size;
    }
    Bytes longer = cms;
    longer.push_back(0);
    EXPECT_FALSE(verify_detached_cms(content, longer, root_.certificate_pem(), now_));
    EXPECT_EQ(verify_detached_cms(content, cms, "no roots", now_).error().code, Code::invalid);
}

TEST_F(Signing, OpensslVerifiesTheSignatureAsCades) {
    const Path folder = scratch();
    const std::string content = "Справка о месте жительства";
    ASSERT_TRUE(write_file_whole(folder / "content", content));
    ASSERT_TRUE(write_file_whole(folder / "signature.p7s", as_text(sign_detached_cms(seal_, as_bytes(content), now_))));
    ASSERT_TRUE(write_file_whole(folder / "root.pem", root_.certificate_pem()));
    const std::string command = format(
        "openssl cms -verify -cades -binary -inform DER -attime {0} -in {1}/signature.p7s -content {1}/content -CAfile {1}/root.pem "
        "-out /dev/null 2>{1}/said",
        std::chrono::floor<std::chrono::seconds>(now_).time_since_epoch().count(), folder.string());
    EXPECT_EQ(std::system(command.c_str()), 0) << *read_file(folder / "said");
    ASSERT_TRUE(write_file_whole(folder / "content", content + " "));
    EXPECT_NE(std::system(command.c_str()), 0);
    std::filesystem::remove_all(folder);
}

// A signature without signing-certificate-v2 is CMS but not CAdES.
TEST_F(Signing, RefusesAPlainCmsSignature) {
    const Path folder = scratch();
    ASSERT_TRUE(write_file_whole(folder / "content", "content"));
    ASSERT_TRUE(write_file_whole(folder / "key.pem", seal_.key_pem(), Readable::by_owner));
    ASSERT_TRUE(write_file_whole(folder / "chain.pem", seal_.chain_pem()));
    const std::string sign = format("openssl cms -sign -binary -in {0}/content -signer {0}/chain.pem -inkey {0}/key.pem -outform DER -out {0}/p7s 2>/dev/null", folder.string());
    ASSERT_EQ(std::system(sign.c_str()), 0);
    const auto verdict = verify_detached_cms(as_bytes("content"), as_bytes(*read_file(folder / "p7s")), root_.certificate_pem(), now_);
    ASSERT_FALSE(verdict);
    EXPECT_NE(verdict.error().message.find("not CAdES"), std::string::npos) << verdict.error().message;
    std::filesystem::remove_all(folder);
}

TEST_F(Signing, IsReadBackFromPem) {
    const auto again = SigningCertificate::from_pem(seal_.key_pem(), seal_.chain_pem());
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->chain_pem(), seal_.chain_pem());
    EXPECT_EQ(again->root_pem(), root_.certificate_pem());
    EXPECT_LT(again->not_before(), now_);
    EXPECT_GT(again->not_after(), now_ + days(3 * 365 - 1));
    EXPECT_LT(again->not_after(), now_ + days(3 * 365 + 2));
    EXPECT_EQ(SigningCertificate::from_pem(other_.key_pem(), seal_.chain_pem()).error().code, Code::corrupted);
    EXPECT_EQ(SigningCertificate::from_pem("", seal_.chain_pem()).error().code, Code::corrupted);
    EXPECT_TRUE(RootCertificate::from_pem(root_.key_pem(), root_.certificate_pem()));
    EXPECT_EQ(RootCertificate::from_pem(other_.key_pem(), root_.certificate_pem()).error().code, Code::corrupted);
    EXPECT_EQ(SigningCertificate::create(root_, "", random_, now_).error().code, Code::invalid);
    EXPECT_EQ(SigningCertificate::create(root_, std::string(65, 'x'), random_, now_).error().code, Code::invalid);
}

}  // namespace
}  // namespace madang::crypto
