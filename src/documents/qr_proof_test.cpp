#include "documents/qr_proof.h"

#include <gtest/gtest.h>

#include "documents/code.h"
#include "documents/qr_code.h"
#include "documents/testing.h"

namespace madang::documents {
namespace {

crypto::Ed25519Key key_of(std::uint8_t fill) { return *crypto::Ed25519Key::from_seed(Bytes(32, fill)); }

QrProof proof() {
    SeededRandom random(8);
    QrProof out;
    out.verify_address = "https://by.example/verify";
    out.code = make_code(random);
    out.issued_on = std::chrono::year(2026) / 11 / 23;
    out.valid_until = std::chrono::year(2027) / 5 / 23;
    out.commitment = commit_to_values(Bytes(16, 7), testing::residence_values());
    return out;
}

TEST(QrProof, ComesBackAndIsSigned) {
    const std::string text = *sign_qr(proof(), key_of(1));
    EXPECT_EQ(text.substr(0, 26), "https://by.example/verify/");
    EXPECT_EQ(text.size(), 26 + 21 + 3 + 159U);
    const auto read = parse_qr(text);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->code, proof().code);
    EXPECT_EQ(read->verify_address, proof().verify_address);
    EXPECT_EQ(read->issued_on, proof().issued_on);
    EXPECT_EQ(read->valid_until, proof().valid_until);
    EXPECT_EQ(read->commitment, proof().commitment);
    EXPECT_TRUE(is_signed_by(*read, key_of(1).public_key()));
    EXPECT_FALSE(is_signed_by(*read, key_of(2).public_key()));
}

TEST(QrProof, CanBeWithoutEnd) {
    QrProof endless = proof();
    endless.valid_until.reset();
    const auto read = parse_qr(*sign_qr(endless, key_of(1)));
    ASSERT_TRUE(read);
    EXPECT_FALSE(read->valid_until);
    endless.issued_on = std::chrono::year(1999) / 12 / 31;
    EXPECT_FALSE(sign_qr(endless, key_of(1)));
    endless.issued_on = std::chrono::year(2180) / 1 / 1;
    EXPECT_FALSE(sign_qr(endless, key_of(1)));
}

TEST(QrProof, NoChangedCharacterIsSigned) {
    const std::string text = *sign_qr(proof(), key_of(1));
    for (std::size_t at = 0; at < text.size(); ++at) {
        for (const char other : {'A', 'b', '0', '/', '-', '_', '?'}) {
            if (text[at] == other) continue;
            std::string changed = text;
            changed[at] = other;
            const auto read = parse_qr(changed);
            EXPECT_FALSE(read && is_signed_by(*read, key_of(1).public_key())) << changed;
        }
    }
}

TEST(QrProof, TheAddressIsSignedToo) {
    const std::string text = *sign_qr(proof(), key_of(1));
    const auto read = parse_qr("https://evil.example/verify" + text.substr(25));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_FALSE(is_signed_by(*read, key_of(1).public_key()));
}

TEST(QrProof, SaysWhatIsWrong) {
    const std::string code = proof().code;
    const struct {
        std::string text;
        std::string_view message;
    } cases[] = {
        {"", "not the text of a certificate's QR code"},
        {"https://by.example/verify/" + code, "not the text of a certificate's QR code"},
        {"ftp://by.example/verify/" + code + "?p=AA", "not a plain web address"},
        {"https://by.example/verify/" + code + "?p=AAAA", "has 3 bytes, not 119"},
        {"https://by.example/verify/" + code + "?p=A*", "the proof in the QR code"},
        {"https://by.example/verify/" + code + "?p=" + base64url(Bytes(119, 0)), "has the version 0"},
        {"https://by.example/verify/" + code + "?p=" + base64url(Bytes(119, 1)), "the code in the address is not the one"},
        {std::string(2000, 'x'), "more than 1000 bytes"},
    };
    for (const auto& c : cases) {
        const auto read = parse_qr(c.text);
        ASSERT_FALSE(read) << c.text;
        EXPECT_NE(read.error().message.find(c.message), std::string::npos) << read.error().message;
    }
}

TEST(CommitToValues, DependsOnSaltAndEachValue) {
    const auto values = testing::residence_values();
    const auto commitment = commit_to_values(Bytes(16, 7), values);
    EXPECT_NE(commitment, commit_to_values(Bytes(16, 8), values));
    auto other = values;
    other["address"]["be"] += " ";
    EXPECT_NE(commitment, commit_to_values(Bytes(16, 7), other));
}

TEST(QrCode, HoldsAProofAndRefusesABook) {
    const auto code = make_qr_code(*sign_qr(proof(), key_of(1)));
    ASSERT_TRUE(code);
    EXPECT_LE(code->width, 61U);
    EXPECT_EQ(code->dark.size(), code->width * code->width);
    EXPECT_TRUE(code->at(0, 0));
    EXPECT_FALSE(make_qr_code(""));
    EXPECT_FALSE(make_qr_code(std::string(1501, 'a')));
}

}  // namespace
}  // namespace madang::documents
