#include "documents/bundle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "base/zip.h"
#include "documents/qr_proof.h"
#include "documents/revocation_list.h"
#include "documents/testing.h"

namespace madang::documents {
namespace {

using ::testing::HasSubstr;

const Date kToday = std::chrono::year(2026) / 11 / 23;
const Instant kNow = std::chrono::sys_days(kToday) + std::chrono::hours(6);

const testing::Country& belarus() {
    static const testing::Country country = testing::make_country("Belarus", "by.example", 1, kNow);
    return country;
}
const testing::Country& korea() {
    static const testing::Country country = testing::make_country("Korea", "kr.example", 2, kNow);
    return country;
}
const Bundle& certificate() {
    static const Bundle bundle = testing::make_bundle(belarus(), 3);
    return bundle;
}
std::string code_of(const Bundle& bundle) { return parse_qr(find_qr_text(bundle.pdf))->code; }

std::string line_of(const Verdict& verdict, std::string_view id) {
    const Check* check = verdict.find(id);
    if (check == nullptr) return "absent";
    return check->result == CheckResult::ok ? "ok" : check->result == CheckResult::failed ? "failed" : "not done";
}

TEST(Bundle, ComesBackAsItWasWritten) {
    Bundle with_proof = certificate();
    with_proof.ledger_proof = "proof\n";
    const Bytes zip = *write_bundle(with_proof);
    EXPECT_EQ(as_text(ByteSpan(zip)).substr(30, 39), "mimetypeapplication/vnd.etsi.asic-s+zip");
    const auto read = read_bundle(zip);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->pdf, with_proof.pdf);
    EXPECT_EQ(read->signature, with_proof.signature);
    EXPECT_EQ(read->values_json, with_proof.values_json);
    EXPECT_EQ(read->ledger_proof, with_proof.ledger_proof);
}

TEST(Bundle, RefusesWhatIsNotOurs) {
    EXPECT_EQ(read_bundle(as_bytes("PK and nothing")).error().code, Code::invalid);
    EXPECT_EQ(read_bundle(*write_zip({{"a.txt", to_bytes("x")}}, kNow)).error().code, Code::invalid);
    const std::string type = "application/vnd.etsi.asic-s+zip";
    EXPECT_EQ(read_bundle(*write_zip({{"mimetype", to_bytes(type)}}, kNow)).error().code, Code::corrupted);
    EXPECT_EQ(read_bundle(*write_zip({{"mimetype", to_bytes(type)}, {"evil.exe", to_bytes("x")}}, kNow)).error().code, Code::corrupted);
}

TEST(VerifyBundle, AcceptsWhatWasIssued) {
    const Verdict verdict = verify_file(*write_bundle(certificate()), belarus().trust(), {}, kToday);
    EXPECT_EQ(verdict.standing, Standing::valid) << to_text(verdict);
    EXPECT_EQ(verdict.issuer, "Belarus");
    for (const std::string_view id : {"signature", "issuer", "qr", "values", "validity"}) EXPECT_EQ(line_of(verdict, id), "ok") << id;
    for (const std::string_view id : {"ledger", "revocation"}) EXPECT_EQ(line_of(verdict, id), "not done") << id;
    EXPECT_THAT(to_text(verdict), HasSubstr("OK    The signature fits the document (CN="));
    EXPECT_THAT(to_text(verdict), HasSubstr("\nVALID WHEN ISSUED: whether it was revoked since was not looked up (--revocations LIST)\nIssuer: Belarus"));
}

TEST(VerifyBundle, TellsAnotherCountryApart) {
    const Verdict verdict = verify_file(*write_bundle(certificate()), korea().trust(), {}, kToday);
    EXPECT_EQ(verdict.standing, Standing::other_issuer) << to_text(verdict);
    EXPECT_THAT(verdict.issuer, HasSubstr("Belarus"));
    EXPECT_EQ(line_of(verdict, "signature"), "ok");
    EXPECT_EQ(line_of(verdict, "issuer"), "failed");
    Trust both = korea().trust();
    add_trust(both, belarus().trust());
    const Verdict known = verify_file(*write_bundle(certificate()), both, {}, kToday);
    EXPECT_EQ(known.standing, Standing::valid) << to_text(known);
    EXPECT_EQ(known.issuer, "Belarus");
}

TEST(VerifyBundle, KnowsARevocationFromASignedList) {
    const RevocationList empty{belarus().origin, kNow, {}};
    const RevocationList full{belarus().origin, kNow, {{code_of(certificate()), kToday, "Law No. 433-Z, article 26"}}};
    const std::string good = sign_revocation_list(empty, belarus().certificate_key_name(), belarus().certificate_key);
    const std::string revoked = sign_revocation_list(full, belarus().certificate_key_name(), belarus().certificate_key);
    const std::string forged = sign_revocation_list(full, korea().certificate_key_name(), korea().certificate_key);
    const Bytes zip = *write_bundle(certificate());

    EXPECT_EQ(line_of(verify_file(zip, belarus().trust(), {good}, kToday), "revocation"), "ok");
    const Verdict verdict = verify_file(zip, belarus().trust(), {good, revoked}, kToday);
    EXPECT_EQ(verdict.standing, Standing::revoked) << to_text(verdict);
    EXPECT_THAT(verdict.find("revocation")->found, HasSubstr("2026-11-23, Law No. 433-Z, article 26"));
    const Verdict foreign = verify_file(zip, belarus().trust(), {forged}, kToday);
    EXPECT_EQ(foreign.standing, Standing::valid);
    EXPECT_EQ(line_of(foreign, "revocation"), "not done");
}

TEST(VerifyBundle, KnowsTheLastDay) {
    const Bytes zip = *write_bundle(certificate());
    EXPECT_EQ(verify_file(zip, belarus().trust(), {}, std::chrono::year(2027) / 5 / 23).standing, Standing::valid);
    EXPECT_EQ(verify_file(zip, belarus().trust(), {}, std::chrono::year(2027) / 5 / 24).standing, Standing::expired);
}

TEST(VerifyBundle, FindsPartsThatWereExchanged) {
    const Bundle other = testing::make_bundle(belarus(), 4);
    Bundle mixed = certificate();
    mixed.values_json = other.values_json;
    EXPECT_EQ(verify_bundle(mixed, belarus().trust(), {}, kToday).standing, Standing::changed);
    mixed = certificate();
    mixed.pdf = other.pdf;
    EXPECT_EQ(verify_bundle(mixed, belarus().trust(), {}, kToday).standing, Standing::changed);
    mixed = certificate();
    mixed.signature = testing::make_bundle(korea(), 3).signature;
    EXPECT_EQ(verify_bundle(mixed, belarus().trust(), {}, kToday).standing, Standing::changed);
    mixed = certificate();
    mixed.ledger_proof = "not a proof";
    EXPECT_EQ(verify_bundle(mixed, belarus().trust(), {}, kToday).standing, Standing::changed);
}

TEST(VerifyBundle, NeverCallsAChangedByteValid) {
    const Bytes zip = *write_bundle(certificate());
    SeededRandom random(6);
    for (int round = 0; round < 200; ++round) {
        Bytes changed = zip;
        changed[random.below(changed.size())] ^= static_cast<std::uint8_t>(1U << random.below(8));
        const Verdict verdict = verify_file(changed, belarus().trust(), {}, kToday);
        EXPECT_NE(verdict.standing, Standing::valid) << to_text(verdict);
    }
}

TEST(VerifyBundle, NeverCallsAChangedByteOfTheSmallPartsValid) {
    // The PDF is nearly all of the container: here every byte that is not its content is changed once.
    const Bytes zip = *write_bundle(certificate());
    const Bytes& pdf = certificate().pdf;
    const auto begin = static_cast<std::size_t>(std::ranges::search(zip, pdf).begin() - zip.begin());
    int valid = 0;
    for (std::size_t at = 0; at < zip.size(); ++at) {
        if (at == begin) at += pdf.size();
        Bytes changed = zip;
        changed[at] ^= 0x01;
        const Verdict verdict = verify_file(changed, belarus().trust(), {}, kToday);
        if (verdict.standing == Standing::valid) {
            ++valid;
            ADD_FAILURE() << "offset " << at << " of " << zip.size() << ", PDF from " << begin << " to " << begin + pdf.size();
        }
    }
    EXPECT_EQ(valid, 0);
}

TEST(VerifyFile, SaysThatAPdfAloneProvesLess) {
    const Verdict verdict = verify_file(certificate().pdf, belarus().trust(), {}, kToday);
    EXPECT_EQ(verdict.standing, Standing::unknown) << to_text(verdict);
    EXPECT_EQ(line_of(verdict, "qr"), "ok");
    EXPECT_EQ(line_of(verdict, "signature"), "not done");
    EXPECT_EQ(verify_file(certificate().pdf, korea().trust(), {}, kToday).standing, Standing::other_issuer);
    EXPECT_EQ(verify_file(as_bytes("%PDF-1.4 something else"), belarus().trust(), {}, kToday).standing, Standing::not_a_certificate);
    EXPECT_EQ(verify_file({}, belarus().trust(), {}, kToday).standing, Standing::not_a_certificate);
    EXPECT_EQ(verify_file(*write_zip({{"a.txt", to_bytes("x")}}, kNow), belarus().trust(), {}, kToday).standing, Standing::not_a_certificate);
}

TEST(VerifyQr, TellsWhoIssuedThePaper) {
    const std::string text = find_qr_text(certificate().pdf);
    const Verdict verdict = verify_qr(text, belarus().trust(), {}, kToday);
    EXPECT_EQ(verdict.standing, Standing::valid) << to_text(verdict);
    EXPECT_EQ(verdict.issuer, "Belarus");
    EXPECT_EQ(verify_qr(text, korea().trust(), {}, kToday).standing, Standing::other_issuer);
    EXPECT_EQ(verify_qr("https://by.example/", belarus().trust(), {}, kToday).standing, Standing::not_a_certificate);
    EXPECT_EQ(verify_qr(text, belarus().trust(), {}, std::chrono::year(2030) / 1 / 1).standing, Standing::expired);
}

TEST(VerifyBundle, IsACadesSignatureForOpenssl) {
    const Path folder = std::filesystem::temp_directory_path() / format("madang-cades-{}", getpid());
    std::filesystem::create_directories(folder);
    ASSERT_TRUE(write_file_whole(folder / "pdf", as_text(certificate().pdf)));
    ASSERT_TRUE(write_file_whole(folder / "p7s", as_text(certificate().signature)));
    ASSERT_TRUE(write_file_whole(folder / "root.pem", belarus().seal.root_pem()));
    ASSERT_TRUE(write_file_whole(folder / "other.pem", korea().seal.root_pem()));
    const auto verify = [&](const char* root) {
        return testing::run({"openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", (folder / "p7s").string(),
                             "-content", (folder / "pdf").string(), "-CAfile", (folder / root).string(), "-purpose", "any",
                             "-attime", "1795500000", "-out", "/dev/null"});
    };
    const auto good = verify("root.pem");
    if (good.status == -1 || good.status == 127) GTEST_SKIP() << "openssl is not installed";
    EXPECT_EQ(good.status, 0) << good.output;
    EXPECT_NE(verify("other.pem").status, 0);
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace madang::documents
