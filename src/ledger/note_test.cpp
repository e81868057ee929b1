#include "ledger/note.h"

#include <gtest/gtest.h>

#include "ledger/checkpoint.h"

namespace madang::ledger {
namespace {

// The example of https://c2sp.org/signed-note.
constexpr std::string_view kKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
constexpr std::string_view kNote =
    "This is an example message.\n\n"
    "\xe2\x80\x94 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

TEST(OpenNote, OpensTheExampleOfTheSpecification) {
    const auto key = parse_verifier_key(kKey);
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_EQ(open_note(kNote, {&*key, 1}), "This is an example message.\n");
    EXPECT_EQ(format_verifier_key(key->name, key->key), kKey);
}

TEST(OpenNote, TellsAWrongSignatureFromAnUnknownKey) {
    const auto key = *parse_verifier_key(kKey);
    std::string changed(kNote);
    changed[0] = 't';
    EXPECT_EQ(open_note(changed, {&key, 1}).error().code, Code::corrupted);
    SeededRandom random(1);
    const auto other = verifier_key("example.com/foo", crypto::Ed25519Key::generate(random).public_key());
    EXPECT_EQ(open_note(kNote, {&other, 1}).error().code, Code::denied);
    EXPECT_EQ(open_note(kNote, {}).error().code, Code::denied);
}

TEST(SignNote, IsOpenedAlsoBesideSignaturesOfOthers) {
    SeededRandom random(1);
    const auto log = crypto::Ed25519Key::generate(random);
    const auto witness = crypto::Ed25519Key::generate(random);
    const std::string text = "line\n\nafter an empty line\n";
    std::string note = sign_note(text, "log.example/a", log);
    note += sign_note(text, "witness.example", witness).substr(text.size() + 1);
    const VerifierKey keys[] = {verifier_key("log.example/a", log.public_key()), verifier_key("witness.example", witness.public_key())};
    EXPECT_EQ(open_note(note, keys), text);
    EXPECT_EQ(open_note(note, {keys, 1}), text);
    EXPECT_EQ(open_note(note, {keys + 1, 1}), text);
    EXPECT_EQ(parse_note(note)->signatures.size(), 2U);
}

TEST(ParseNote, RefusesEverythingElse) {
    const std::string good(kNote);
    const std::string signature = good.substr(good.find("\xe2\x80\x94"));
    for (const std::string& bad : {std::string(), std::string("text\n"), "text\n" + signature, "text\n\n" + signature.substr(0, signature.size() - 1),
                                   std::string("text\n\n"), "te\txt\n\n" + signature, "te\xffxt\n\n" + signature, "text\n\n" + signature + "more\n",
                                   std::string("text\n\n\xe2\x80\x94 a+b AAAAAAAA\n"), std::string("text\n\n\xe2\x80\x94 name !!!!\n"),
                                   std::string("text\n\n\xe2\x80\x94 name AAAA\n"), std::string("text\n\n- name AAAAAAAA\n"), std::string(70'000, 'x')}) {
        EXPECT_EQ(parse_note(bad).error().code, Code::invalid) << bad.substr(0, 100);
    }
    std::string many = "text\n\n";
    for (int i = 0; i < 16; ++i) many += signature;
    EXPECT_TRUE(parse_note(many));
    for (int i = 0; i < 17; ++i) many += signature;
    EXPECT_FALSE(parse_note(many));
}

TEST(ParseVerifierKey, RefusesAnIdOrKindThatDoesNotFit) {
    for (const char* bad : {"", "example.com/foo", "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
                            "example.com/fo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
                            "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
                            "example.com/foo+530d903a+BOkyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", "example.com/foo+530d903a+Aeky"}) {
        EXPECT_FALSE(parse_verifier_key(bad)) << bad;
    }
    EXPECT_FALSE(is_key_name("a b"));
    EXPECT_FALSE(is_key_name("a\xc2\xa0" "b"));
    EXPECT_TRUE(is_key_name("кніга.example/1"));
}

TEST(ParseCheckpoint, ReadsTheExampleOfTheSpecification) {
    const std::string text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    const auto checkpoint = parse_checkpoint(text);
    ASSERT_TRUE(checkpoint) << checkpoint.error().message;
    EXPECT_EQ(checkpoint->origin, "example.com/behind-the-sofa");
    EXPECT_EQ(checkpoint->size, 20852163U);
    EXPECT_EQ(format_checkpoint(*checkpoint), text);
    EXPECT_EQ(parse_checkpoint(text + "an extension\n"), checkpoint);
}

TEST(ParseCheckpoint, RefusesEverythingElse) {
    const std::string root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
    for (const std::string& bad : {std::string(), "o\n1\n" + root, "\n1\n" + root + "\n", "o\n01\n" + root + "\n", "o\n-1\n" + root + "\n",
                                   "o\n18446744073709551616\n" + root + "\n", "o\n1\n" + root.substr(4) + "\n", "o\n1\n" + root + "\n\n",
                                   "o\n1\n" + root + "\n\nx\n", "o\n1 \n" + root + "\n", std::string("o\n1\n")}) {
        EXPECT_EQ(parse_checkpoint(bad).error().code, Code::invalid) << bad;
    }
}

TEST(OpenCheckpoint, RefusesAnotherOrigin) {
    SeededRandom random(1);
    const auto key = crypto::Ed25519Key::generate(random);
    const auto log = verifier_key("log.example/a", key.public_key());
    EXPECT_TRUE(open_checkpoint(sign_note(format_checkpoint({"log.example/a", 0, empty_root()}), "log.example/a", key), log));
    EXPECT_EQ(open_checkpoint(sign_note(format_checkpoint({"log.example/b", 0, empty_root()}), "log.example/a", key), log).error().code, Code::denied);
}

}  // namespace
}  // namespace madang::ledger
