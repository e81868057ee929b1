#include "documents/certificates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "base/text.h"
#include "base/zip.h"
#include "documents/migrations.h"
#include "documents/qr_proof.h"
#include "documents/testing.h"
#include "identity/migrations.h"
#include "ledger/migrations.h"
#include "ledger/proof.h"
#include "store/testing.h"

namespace madang::documents {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Date kToday = std::chrono::year(2026) / 11 / 23;
const Instant kNow = std::chrono::sys_days(kToday) + std::chrono::hours(7);

std::vector<store::Migration> all_migrations() {
    std::vector<store::Migration> all = ledger::migrations();
    for (const auto& migration : identity::migrations()) all.push_back(migration);
    for (const auto& migration : migrations()) all.push_back(migration);
    return all;
}

// A country with a store, a ledger and an archive of certificates.
struct Installation {
    Installation(const std::string& kind, std::string name, std::string host, std::uint64_t seed)
        : random(seed),
          country(testing::make_country(std::move(name), std::move(host), seed, kNow)),
          scratch(kind, all_migrations()),
          ledger(*scratch, country.ledger_key, country.origin, clock, random),
          vault(Bytes(32, 3), clock, random),
          access_log(clock, random),
          certificates(Parts{*scratch, ledger, vault, access_log, country.seal, country.certificate_key, country.origin, country.name,
                             country.verify_address, *TimeZone::find("Europe/Minsk"), clock, random}),
          holder(make_id<identity::PersonId>(clock, random)) {}

    Request request(std::string case_id) {
        Request out;
        out.case_id = std::move(case_id);
        out.body = "BY-MI-MLD-RSC";
        out.service = "certificate-of-residence";
        out.holder = holder;
        const Paper paper = testing::residence_paper(random);
        out.issuing_body = paper.issuing_body;
        out.country = paper.country;
        out.issued_on = kToday;
        out.valid_until = std::chrono::year(2027) / 5 / 23;
        out.actor = "rule:residence_certificate";
        out.capacity = "system";
        out.legal_ground = "Decree No. 200, item 1.3.4";
        out.template_json = testing::residence_template();
        out.values = testing::residence_values();
        return out;
    }
    std::string issue(std::string case_id) {
        const auto code = certificates.issue(request(std::move(case_id)));
        EXPECT_TRUE(code) << code.error().message;
        return code.value_or("");
    }
    Result<void> revoke(const std::string& code) {
        return scratch->write([&](store::Tx& tx) { return certificates.revoke(tx, code, officer()); });
    }
    Revoker officer() const { return {"account-1", "officer", "Law No. 433-Z, article 26", Reason::issued_in_error}; }
    identity::Access access() {
        identity::Access out;
        out.who = make_id<identity::AccountId>(clock, random);
        out.capacity = "self";
        out.legal_ground = "Law No. 99-Z, article 11";
        return out;
    }
    void integrate() {
        const auto done = ledger.integrate();
        EXPECT_TRUE(done) << done.error().message;
    }

    ManualClock clock{kNow};
    SeededRandom random;
    testing::Country country;
    store::ScratchStore scratch;
    ledger::Ledger ledger;
    identity::Vault vault;
    identity::AccessLog access_log;
    Certificates certificates;
    identity::PersonId holder;
};

class CertificatesIn : public ::testing::TestWithParam<std::string> {
protected:
    Installation here{GetParam(), "Belarus", "by.example", 1};
};
INSTANTIATE_TEST_SUITE_P(Stores, CertificatesIn, ::testing::ValuesIn(store::scratch_kinds()));

std::string standing(const Result<Verdict>& verdict) {
    return verdict ? std::string(name_of(verdict->standing)) : verdict.error().message;
}

TEST_P(CertificatesIn, TellAScannedPaperApart) {
    const std::string code = here.issue("case-1");
    const auto pdf = here.certificates.open_pdf(code, here.access());
    const std::string text = find_qr_text(*pdf);
    const std::string proof = text.substr(text.find("?p=") + 3);
    EXPECT_EQ(standing(here.certificates.verify_scanned(to_lower(code), proof)), "valid");
    std::string forged = proof;
    forged[forged.size() / 2] = forged[forged.size() / 2] == 'A' ? 'B' : 'A';
    EXPECT_EQ(standing(here.certificates.verify_scanned(code, forged)), "changed");
    EXPECT_EQ(standing(here.certificates.verify_scanned(code, "")), "changed");
    Installation abroad(GetParam(), "Elsewhere", "elsewhere.example", 2);
    const std::string foreign = abroad.issue("case-1");
    const auto paper = abroad.certificates.open_pdf(foreign, abroad.access());
    const std::string foreign_text = find_qr_text(*paper);
    EXPECT_NE(standing(here.certificates.verify_scanned(code, foreign_text.substr(foreign_text.find("?p=") + 3))), "valid");
    ASSERT_TRUE(here.revoke(code));
    EXPECT_EQ(standing(here.certificates.verify_scanned(code, proof)), "revoked");
}

TEST_P(CertificatesIn, IssuesWhatAnyoneCanVerify) {
    const std::string code = here.issue("case-1");
    const auto verdict = here.certificates.verify_code(to_lower(code));
    EXPECT_EQ(standing(verdict), "valid");
    ASSERT_TRUE(verdict->facts);
    EXPECT_EQ(verdict->facts->number, "1/2026");
    EXPECT_EQ(verdict->facts->title.at("be"), "Даведка аб месцы жыхарства");
    EXPECT_EQ(verdict->issuer, "Belarus");
    const auto pdf = here.certificates.open_pdf(code, here.access());
    ASSERT_TRUE(pdf) << pdf.error().message;
    EXPECT_EQ(standing(here.certificates.verify_bytes(*pdf)), "valid");
    EXPECT_EQ(standing(here.certificates.verify_code("0000-0000-0000-0000-Z")), "unknown");
    const auto mistyped = here.certificates.verify_code("hello");
    EXPECT_TRUE(!mistyped && mistyped.error().code == Code::invalid);
    EXPECT_EQ(standing(here.certificates.verify_bytes(as_bytes("hello"))), "not_a_certificate");
}

TEST_P(CertificatesIn, TellsThePublicNothingOfThePerson) {
    const auto verdict = here.certificates.verify_code(here.issue("case-1"));
    for (const std::string_view word : {"Кавал", "Ковал", "Прытыц", "1991", "case-1"}) EXPECT_THAT(to_text(*verdict), Not(HasSubstr(word)));
    ASSERT_TRUE(here.scratch->read<bool>([&](store::Reader& reader) -> Result<bool> {
        TRY_DO(reader.query("SELECT sealed_pdf, sealed_values, title, issuing_body FROM documents_certificate", {}, [](const store::Row& row) -> Result<void> {
            for (int column = 0; column < 2; ++column) EXPECT_FALSE(as_text(row.bytes(column)).contains("Кавалёнак"));
            EXPECT_FALSE(as_text(row.bytes(0)).contains("%PDF"));
            return {};
        }));
        return true;
    }));
}

TEST_P(CertificatesIn, TheContainerProvesItselfWithoutTheServer) {
    const std::string code = here.issue("case-1");
    const auto early = here.certificates.open_bundle(code, here.access());
    ASSERT_TRUE(early) << early.error().message;
    const Verdict without = verify_file(*early, here.certificates.trust(), {}, kToday);
    EXPECT_EQ(without.standing, Standing::valid) << to_text(without);
    EXPECT_EQ(without.find("ledger")->result, CheckResult::not_done);
    here.integrate();
    const auto bundle = here.certificates.open_bundle(code, here.access());
    ASSERT_TRUE(bundle) << bundle.error().message;
    const std::string list = *here.certificates.revocation_list();
    const Verdict verdict = verify_file(*bundle, here.certificates.trust(), {list}, kToday);
    EXPECT_EQ(verdict.standing, Standing::valid) << to_text(verdict);
    for (const Check& check : verdict.checks) EXPECT_EQ(check.result, CheckResult::ok) << check.id;
    EXPECT_NE(verdict.find("ledger"), nullptr);
    EXPECT_EQ(standing(here.certificates.verify_bytes(*bundle)), "valid");
}

TEST_P(CertificatesIn, ARevokedOneIsToldApartEverywhere) {
    const std::string code = here.issue("case-1");
    here.integrate();
    const Bytes bundle = *here.certificates.open_bundle(code, here.access());
    const Bytes pdf = *here.certificates.open_pdf(code, here.access());
    EXPECT_TRUE(here.revoke(code));
    EXPECT_EQ(here.revoke(code).error().code, Code::conflict);
    EXPECT_EQ(here.revoke("0000-0000-0000-0000-Z").error().code, Code::not_found);
    const auto verdict = here.certificates.verify_code(code);
    EXPECT_EQ(standing(verdict), "revoked");
    EXPECT_EQ(verdict->facts->revoked_on, kToday);
    EXPECT_EQ(verdict->facts->revocation_ground, "Law No. 433-Z, article 26");
    EXPECT_EQ(standing(here.certificates.verify_bytes(pdf)), "revoked");
    EXPECT_EQ(standing(here.certificates.verify_bytes(bundle)), "revoked");
    EXPECT_EQ(verify_file(bundle, here.certificates.trust(), {*here.certificates.revocation_list()}, kToday).standing, Standing::revoked);
    const auto acts = here.scratch->read<std::vector<ledger::Act>>([&](store::Reader& reader) { return here.ledger.acts_of(reader, "case-1"); });
    ASSERT_TRUE(acts) << acts.error().message;
    ASSERT_EQ(acts->size(), 2U);
    EXPECT_EQ((*acts)[0].kind, "certificate.issued");
    EXPECT_EQ((*acts)[1].kind, "certificate.revoked");
}

TEST_P(CertificatesIn, ExpiresAfterItsLastDayWhereTheBodyIs) {
    const std::string code = here.issue("case-1");
    here.clock.set(std::chrono::sys_days(std::chrono::year(2027) / 5 / 23) + std::chrono::hours(20));   // 23:00 in Minsk
    EXPECT_EQ(standing(here.certificates.verify_code(code)), "valid");
    here.clock.advance(std::chrono::hours(1));
    EXPECT_EQ(standing(here.certificates.verify_code(code)), "expired");
}

TEST_P(CertificatesIn, AnotherCountryIsToldApart) {
    Installation there(GetParam(), "Korea", "kr.example", 2);
    const std::string code = here.issue("case-1");
    here.integrate();
    const Bytes bundle = *here.certificates.open_bundle(code, here.access());
    const Bytes pdf = *here.certificates.open_pdf(code, here.access());
    const auto of_bundle = there.certificates.verify_bytes(bundle);
    EXPECT_EQ(standing(of_bundle), "other_issuer");
    EXPECT_THAT(of_bundle->issuer, HasSubstr("Belarus"));
    const auto of_pdf = there.certificates.verify_bytes(pdf);
    EXPECT_EQ(standing(of_pdf), "other_issuer");
    EXPECT_EQ(of_pdf->issuer, "https://by.example/verify");
    EXPECT_EQ(standing(there.certificates.verify_code(code)), "unknown");
    EXPECT_EQ(verify_file(bundle, there.certificates.trust(), {}, kToday).standing, Standing::other_issuer);
    Trust both = there.certificates.trust();
    add_trust(both, here.certificates.trust());
    EXPECT_EQ(verify_file(bundle, both, {}, kToday).standing, Standing::valid);
}

TEST_P(CertificatesIn, NoChangedByteIsValid) {
    const std::string code = here.issue("case-1");
    here.integrate();
    const Bytes bundle = *here.certificates.open_bundle(code, here.access());
    const Bytes pdf = *here.certificates.open_pdf(code, here.access());
    SeededRandom random(11);
    for (int round = 0; round < 200; ++round) {
        for (const Bytes& file : {bundle, pdf}) {
            Bytes changed = file;
            changed[random.below(changed.size())] ^= static_cast<std::uint8_t>(1U << random.below(8));
            EXPECT_NE(standing(here.certificates.verify_bytes(changed)), "valid");
            EXPECT_NE(verify_file(changed, here.certificates.trust(), {}, kToday).standing, Standing::valid);
        }
    }
    // And every byte of what stands beside the PDF once.
    const auto begin = static_cast<std::size_t>(std::ranges::search(bundle, pdf).begin() - bundle.begin());
    for (std::size_t at = 0; at < bundle.size(); ++at) {
        if (at == begin) at += pdf.size();
        Bytes changed = bundle;
        changed[at] ^= 0x01;
        EXPECT_NE(verify_file(changed, here.certificates.trust(), {}, kToday).standing, Standing::valid) << at;
    }
    Bytes changed = pdf;
    changed[pdf.size() / 2] ^= 1;
    EXPECT_EQ(standing(here.certificates.verify_bytes(changed)), "changed");
}

TEST_P(CertificatesIn, NumbersHaveNoGapsAndBelongToTheirCase) {
    std::set<std::string> codes;
    for (int i = 1; i <= 3; ++i) {
        const std::string code = here.issue(format("case-{}", i));
        EXPECT_EQ(here.certificates.verify_code(code)->facts->number, format("{}/2026", i));
        codes.insert(code);
    }
    EXPECT_EQ(codes.size(), 3U);
    // A crash after prepare(): the case keeps its number and its code, and nobody gets it twice.
    const auto lost = here.certificates.prepare(here.request("case-4"));
    ASSERT_TRUE(lost) << lost.error().message;
    EXPECT_EQ(standing(here.certificates.verify_code(lost->code)), "unknown");
    EXPECT_EQ(here.certificates.verify_code(here.issue("case-5"))->facts->number, "5/2026");
    const std::string late = here.issue("case-4");
    EXPECT_EQ(late, lost->code);
    EXPECT_EQ(here.certificates.verify_code(late)->facts->number, "4/2026");
    Request next_year = here.request("case-6");
    next_year.issued_on = std::chrono::year(2027) / 1 / 4;
    EXPECT_EQ(here.certificates.verify_code(*here.certificates.issue(next_year))->facts->number, "1/2027");
}

TEST_P(CertificatesIn, ManyAtOnceLeaveNoGapAndNoDouble) {
    constexpr int kThreads = 4;
    constexpr int kCases = 6;   // each thread tries each case
    std::vector<std::vector<std::string>> codes(kThreads);
    std::vector<std::thread> threads;
    for (auto& mine : codes) {
        threads.emplace_back([&mine, this] {
            for (int i = 0; i < kCases; ++i) {
                const std::string name = format("case-{}", i);
                // A conflict says that another thread was faster: its certificate is there.
                if (const auto code = here.certificates.issue(here.request(name))) mine.push_back(*code);
                else EXPECT_EQ(code.error().code, Code::conflict) << code.error().message;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    std::set<std::string> numbers;
    for (int i = 0; i < kCases; ++i) {
        const auto code = here.scratch->read<std::optional<std::string>>(
            [&](store::Reader& reader) { return here.certificates.find_code_of_case(reader, format("case-{}", i)); });
        ASSERT_TRUE(code && *code) << i;
        numbers.insert(here.certificates.verify_code(**code)->facts->number);
        for (const auto& mine : codes) EXPECT_LE(std::ranges::count(mine, **code), 1);
    }
    EXPECT_THAT(numbers, ::testing::ElementsAre("1/2026", "2/2026", "3/2026", "4/2026", "5/2026", "6/2026"));
}

TEST_P(CertificatesIn, TheLedgerOutlivesTheCertificateOfTheSeal) {
    Request endless = here.request("case-1");
    endless.valid_until.reset();
    const std::string code = *here.certificates.issue(endless);
    const Bytes early = *here.certificates.open_bundle(code, here.access());
    here.integrate();
    const Bytes proven = *here.certificates.open_bundle(code, here.access());
    const Date later = std::chrono::year(2036) / 1 / 1;   // the seal ends after three years
    EXPECT_EQ(verify_file(early, here.certificates.trust(), {}, later).standing, Standing::expired);
    const Verdict verdict = verify_file(proven, here.certificates.trust(), {}, later);
    EXPECT_EQ(verdict.standing, Standing::valid) << to_text(verdict);
}

TEST_P(CertificatesIn, ACaseHasOneCertificate) {
    const auto draft = here.certificates.prepare(here.request("case-1"));
    ASSERT_TRUE(draft);
    const auto commit = [&] { return here.scratch->write<std::string>([&](store::Tx& tx) { return here.certificates.commit(tx, *draft); }); };
    const auto first = commit();
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(*commit(), *first);
    EXPECT_EQ(here.certificates.prepare(here.request("case-1")).error().code, Code::conflict);
    const auto acts = here.scratch->read<std::vector<ledger::Act>>([&](store::Reader& reader) { return here.ledger.acts_of(reader, "case-1"); });
    EXPECT_EQ(acts->size(), 1U);
    const auto of_case = here.scratch->read<std::optional<std::string>>([&](store::Reader& reader) { return here.certificates.find_code_of_case(reader, "case-1"); });
    EXPECT_EQ(*of_case, *first);
}

TEST_P(CertificatesIn, AnUnusedNumberIsClosedWithAReason) {
    const auto draft = here.certificates.prepare(here.request("case-1"));
    ASSERT_TRUE(draft);
    const auto close = [&] { return here.scratch->write([&](store::Tx& tx) { return here.certificates.void_number(tx, "case-1", here.officer()); }); };
    EXPECT_TRUE(close());
    EXPECT_EQ(close().error().code, Code::conflict);
    const auto late = here.scratch->write<std::string>([&](store::Tx& tx) { return here.certificates.commit(tx, *draft); });
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, Code::conflict);
    EXPECT_EQ(here.certificates.prepare(here.request("case-1")).error().code, Code::conflict);
}

TEST_P(CertificatesIn, NothingStaysWhereTheCommandFails) {
    const auto draft = here.certificates.prepare(here.request("case-1"));
    ASSERT_TRUE(draft);
    const auto failed = here.scratch->write([&](store::Tx& tx) -> Result<void> {
        TRY_DO(here.certificates.commit(tx, *draft));
        return fail(Code::conflict, "the case was closed meanwhile");
    });
    EXPECT_FALSE(failed);
    EXPECT_EQ(standing(here.certificates.verify_code(draft->code)), "unknown");
    EXPECT_EQ(here.issue("case-1"), draft->code);
}

TEST_P(CertificatesIn, OpensOnlyWithCapacityAndGround) {
    const std::string code = here.issue("case-1");
    identity::Access nobody = here.access();
    nobody.legal_ground.clear();
    EXPECT_EQ(here.certificates.open_pdf(code, nobody).error().code, Code::denied);
    EXPECT_EQ(here.certificates.open_pdf("0000-0000-0000-0000-Z", here.access()).error().code, Code::not_found);
    const auto holder = here.scratch->read<std::optional<identity::PersonId>>([&](store::Reader& reader) { return here.certificates.find_holder(reader, code); });
    EXPECT_EQ(*holder, here.holder);
    Request without = here.request("case-2");
    without.legal_ground.clear();
    EXPECT_EQ(here.certificates.prepare(without).error().code, Code::denied);
    without = here.request("case-2");
    without.valid_until = std::chrono::year(2026) / 11 / 22;
    EXPECT_EQ(here.certificates.prepare(without).error().code, Code::invalid);
}

}  // namespace
}  // namespace madang::documents
