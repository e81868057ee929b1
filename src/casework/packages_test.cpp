// The package of a closed case, over both stores: whole, right by its manifests, written down, refused where it would not be.
#include <gmock/gmock.h>

#include <map>

#include "base/text.h"
#include "casework/casework_fixture.h"
#include "crypto/hash.h"
#include "ledger/history.h"

namespace madang::casework {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

constexpr std::string_view kFile = "%PDF-1.7 the lease";

std::string sha256_of(std::string_view text) { return hex(crypto::sha256(as_bytes(text))); }

// What RFC 8493 asks of a bag with SHA-256 manifests; empty where it holds.
std::string wrong_with(const Path& bag) {
    const auto lines = [&](const char* name) {
        std::map<std::string, std::string> hashes;
        const std::string text = *read_file(bag / name);
        for (const std::string_view line : split(text, '\n')) {
            if (line.size() > 66) hashes[std::string(line.substr(66))] = line.substr(0, 64);
        }
        return hashes;
    };
    if (*read_file(bag / "bagit.txt") != "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n") return "bagit.txt";
    const auto payload = lines("manifest-sha256.txt");
    const auto tags = lines("tagmanifest-sha256.txt");
    std::size_t bytes = 0;
    for (const std::string& name : *list_files(bag)) {
        const std::string content = *read_file(bag / name, 64U << 20);
        const bool in_payload = name.starts_with("data/");
        if (in_payload) bytes += content.size();
        if (name == "tagmanifest-sha256.txt") continue;
        const auto& listed = in_payload ? payload : tags;
        const auto found = listed.find(name);
        if (found == listed.end()) return name + " is not listed";
        if (found->second != sha256_of(content)) return name + " has another hash";
    }
    const std::string oxum = format("Payload-Oxum: {}.{}\n", bytes, payload.size());
    return read_file(bag / "bag-info.txt")->contains(oxum) ? "" : "bag-info.txt: " + oxum;
}

class PackageIn : public CaseworkFixture {
protected:
    static const catalogue::Pack& own_pack() {
        static const catalogue::Pack changed = [] {
            catalogue::Pack copy = pack();
            copy.services.front().retention = catalogue::Retention{"80", 5, "List of records, item 80"};
            return copy;
        }();
        return changed;
    }
    PackageIn() : CaseworkFixture(own_pack()) {}
    void SetUp() override {
        CaseworkFixture::SetUp();
        std::string pattern = testing::TempDir() + "madang-package-XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    CaseSummary open_case() {
        const Receipt receipt = submit(who_, "77");
        work();
        EXPECT_TRUE(casework_.letters().write_to_body(case_of(receipt, who_), who_.account, "Here is the lease.", {{"../../lease.pdf", std::string(kFile)}}));
        return case_of(receipt, who_);
    }
    CaseSummary closed_case() {
        const CaseSummary open = open_case();
        EXPECT_TRUE(casework_.decide(open.id, officer(), refuse()));
        work();
        EXPECT_TRUE(ledger_.integrate());
        return *casework_.find_case(open.receipt, {who_.account, who_.person});
    }
    Result<Packages::Made> write(const CaseSummary& summary) {
        return casework_.packages().write(summary, {.who = {}, .capacity = "system", .body = kBody, .case_id = summary.id.text(), .legal_ground = "List of records, item 80"}, folder_ / "bag");
    }
    json::object read(const std::string& name) { return parse_json(*read_file(folder_ / "bag" / "data" / name))->as_object(); }
    std::int64_t entries() { return std::distance(std::filesystem::directory_iterator(folder_), {}); }

    Path folder_;
    Applicant who_ = applicant("siarhei");
};

TEST_P(PackageIn, IsABagWhoseManifestIsRightAndThatTheActNames) {
    const CaseSummary summary = closed_case();
    const std::int64_t readings = count("SELECT count(*) FROM identity_access");
    const auto made = write(summary);
    ASSERT_TRUE(made) << made.error().message;
    const Path bag = folder_ / "bag";
    EXPECT_EQ(wrong_with(bag), "");
    EXPECT_EQ(made->manifest_sha256, sha256_of(*read_file(bag / "manifest-sha256.txt")));
    const auto act = casework_.history(summary)->back();
    EXPECT_EQ(act.kind, "case.packaged");
    EXPECT_EQ(string_or(act.details, "manifest_sha256", ""), made->manifest_sha256);
    EXPECT_GT(count("SELECT count(*) FROM identity_access"), readings) << "the reading is written down";
    EXPECT_EQ(entries(), 1) << "nothing is left beside it";
    EXPECT_EQ(std::filesystem::status(bag).permissions(), std::filesystem::perms::owner_all);
    EXPECT_THAT(*list_files(bag / "data"), UnorderedElementsAre("answers.json", "case.json", "decisions/1/letter.json", "decisions/1/letter.pdf", "decisions/1/letter.pdf.p7s",
                                                                "files/1-1.pdf", "history.json", "messages.json", "rule.json", "work.json"));
    ASSERT_TRUE(write_file_whole(bag / "data/work.json", "{}"));
    EXPECT_EQ(wrong_with(bag), "data/work.json has another hash") << "the check of this test sees it";
}

TEST_P(PackageIn, HoldsWhatTheActsCommitTo) {
    const CaseSummary summary = closed_case();
    ASSERT_TRUE(write(summary));
    const Path data = folder_ / "bag" / "data";
    const auto history = ledger::verify_history(*read_file(data / "history.json"), ledger_.verifier_key());
    ASSERT_TRUE(history) << history.error().message;
    EXPECT_EQ(history->pending, 0U);
    std::map<std::string, json::object> details;
    for (const auto& act : history->acts) details[act.kind] = act.details;
    const json::object answers = read("answers.json");
    EXPECT_EQ(sha256_of(string_or(answers, "salt", "") + string_or(answers, "committed", "")), string_or(details["application.submitted"], "answers_sha256", "none"));
    EXPECT_EQ(*parse_json(string_or(answers, "committed", "")), answers.at("answers"));
    EXPECT_EQ(sha256_of(*read_file(data / "decisions/1/letter.json")), string_or(details["application.refused"], "letter_sha256", "none"));
    EXPECT_EQ(*read_file(data / "files/1-1.pdf"), kFile);
    const json::object file = read("messages.json").at("messages").at(0).at("files").at(0).as_object();
    EXPECT_EQ(string_or(file, "path", ""), "data/files/1-1.pdf");
    EXPECT_EQ(string_or(file, "name", ""), "lease.pdf");
    EXPECT_EQ(details["message.received"].at("files_sha256").at(0).as_string(), sha256_of(kFile));
    EXPECT_FALSE(read("rule.json").at("trace").is_null());
    EXPECT_EQ(string_or(read("work.json"), "reason", ""), "No document shows it.");
    const json::object about = read("case.json");
    EXPECT_EQ(string_or(about, "status", ""), "refused");
    EXPECT_EQ(about.at("retention"), json::value({{"class", "80"}, {"article", "List of records, item 80"}, {"years", 5}}));
    EXPECT_EQ(string_or(about, "receipt", ""), summary.receipt);
}

TEST_P(PackageIn, HoldsTheCertificateWhereOneWasIssued) {
    const Applicant alena = applicant("alena");
    const Receipt receipt = submit(alena, "12");
    work();
    ASSERT_TRUE(ledger_.integrate());
    const CaseSummary summary = case_of(receipt, alena);
    ASSERT_EQ(summary.status, Status::issued);
    const auto made = write(summary);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(wrong_with(folder_ / "bag"), "");
    const std::string bundle = *read_file(folder_ / "bag/data/certificate" / (summary.certificate_code + ".asics"));
    const auto verdict = certificates_.verify_bytes(as_bytes(bundle));
    ASSERT_TRUE(verdict) << verdict.error().message;
    EXPECT_EQ(verdict->standing, documents::Standing::valid);
}

TEST_P(PackageIn, IsRefusedForAnOpenCaseAndWhereTheFolderIsThere) {
    const auto open = write(open_case());
    ASSERT_FALSE(open);
    EXPECT_EQ(open.error().code, Code::conflict);
    EXPECT_THAT(open.error().message, HasSubstr("is open (with_officer)"));
    EXPECT_EQ(entries(), 0);
    std::filesystem::create_directory(folder_ / "bag");
    const CaseSummary closed = [&] {
        const auto all = casework_.cases_of({who_.account, who_.person});
        EXPECT_TRUE(casework_.decide(all->front().id, officer(), refuse()));
        work();
        return casework_.cases_of({who_.account, who_.person})->front();
    }();
    const auto there = write(closed);
    ASSERT_FALSE(there);
    EXPECT_EQ(there.error().code, Code::conflict);
    EXPECT_THAT(there.error().message, HasSubstr("is there already"));
    std::filesystem::remove(folder_ / "bag");
    const auto pending = write(closed);
    ASSERT_FALSE(pending) << "an act has no proof yet";
    EXPECT_EQ(pending.error().code, Code::unavailable);
    EXPECT_EQ(entries(), 0) << "nothing half is left";
    EXPECT_THAT(acts_of(closed), testing::Not(Contains("case.packaged")));
}

INSTANTIATE_TEST_SUITE_P(Both, PackageIn, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

}  // namespace
}  // namespace madang::casework
