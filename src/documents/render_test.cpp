#include "documents/render.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "base/file.h"
#include "base/text.h"
#include "documents/testing.h"

namespace madang::documents {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

CertificateTemplate residence() {
    auto certificate = parse_certificate_template(testing::residence_template(), "residence.json");
    EXPECT_TRUE(certificate) << certificate.error().message;
    return std::move(*certificate);
}

Paper paper() {
    SeededRandom random(5);
    return testing::residence_paper(random);
}

// The certificate as a file for other programs.
class ScratchFile {
public:
    explicit ScratchFile(const Bytes& content)
        : path_(std::filesystem::temp_directory_path() / format("madang-documents-{}-{}.pdf", getpid(), content.size())) {
        EXPECT_TRUE(write_file_whole(path_, as_text(content)));
    }
    ~ScratchFile() { std::filesystem::remove(path_); }
    std::string name() const { return path_.string(); }

private:
    Path path_;
};

TEST(RenderCertificate, GivesTheSameBytesForTheSamePaper) {
    const auto first = render_certificate(residence(), testing::residence_values(), {}, paper());
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(*first, *render_certificate(residence(), testing::residence_values(), {}, paper()));
    Paper later = paper();
    later.made_at += std::chrono::seconds(1);
    EXPECT_NE(*first, *render_certificate(residence(), testing::residence_values(), {}, later));
}

TEST(RenderCertificate, GivesTheSameBytesInEveryThread) {
    const auto first = render_certificate(residence(), testing::residence_values(), {}, paper());
    std::vector<Result<Bytes>> made(4, fail(Code::unavailable, ""));
    std::vector<std::thread> threads;
    for (auto& slot : made) {
        threads.emplace_back([&slot] { slot = render_certificate(residence(), testing::residence_values(), {}, paper()); });
    }
    for (std::thread& thread : threads) thread.join();
    for (const auto& bytes : made) EXPECT_EQ(*bytes, *first);
}

TEST(RenderCertificate, DeclaresWhatAnArchiveWants) {
    const Bytes pdf = *render_certificate(residence(), testing::residence_values(), {}, paper());
    const std::string_view text = as_text(ByteSpan(pdf));
    EXPECT_TRUE(text.starts_with("%PDF-1.7"));
    EXPECT_THAT(text, HasSubstr("<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>"));
    EXPECT_THAT(text, HasSubstr("<xmp:CreateDate>2026-11-23T07:00:00Z</xmp:CreateDate>"));
    EXPECT_THAT(text, HasSubstr("<rdf:li>be</rdf:li><rdf:li>ru</rdf:li>"));
    EXPECT_THAT(text, HasSubstr("<dc:identifier>" + paper().code));
}

TEST(RenderCertificate, PassesTheCheckOfQpdf) {
    const ScratchFile file(*render_certificate(residence(), testing::residence_values(), {}, paper()));
    const auto ran = testing::run({"qpdf", "--check", file.name()});
    if (ran.status == 127 || ran.status == -1) GTEST_SKIP() << "qpdf is not installed";
    EXPECT_EQ(ran.status, 0) << ran.output;
    EXPECT_THAT(ran.output, Not(HasSubstr("WARNING")));
    const auto json = testing::run({"qpdf", "--json", file.name()}).output;
    for (const std::string_view word : {"\"/Lang\": \"u:be\"", "\"/Lang\": \"u:ru\"", "/OutputIntents", "\"/Alt\": \"u:QR:", "/GTS_PDFA1",
                                        "\"/Marked\": true", "\"/CIDToGIDMap\": \"/Identity\""}) {
        EXPECT_THAT(json, HasSubstr(word));
    }
}

TEST(RenderCertificate, CanBeReadByOtherPrograms) {
    const ScratchFile file(*render_certificate(residence(), testing::residence_values(), {}, paper()));
    const auto info = testing::run({"pdfinfo", file.name()});
    if (info.status == 127 || info.status == -1) GTEST_SKIP() << "poppler-utils is not installed";
    EXPECT_THAT(info.output, HasSubstr("Tagged:          yes"));
    EXPECT_THAT(info.output, HasSubstr("Pages:           1\n"));
    const std::string text = testing::run({"pdftotext", "-layout", file.name(), "-"}).output;
    for (const std::string_view word : {"Кавалёнак Алеся Міхайлаўна", "Коваленок Олеся Михайловна", "8 сакавіка 1991", "8 марта 1991",
                                        "аб месцы жыхарства", "сапраўдная да 23 мая 2027", "УЗОР", "№ 17/2026"}) {
        EXPECT_THAT(text, HasSubstr(word));
    }
    EXPECT_THAT(text, HasSubstr(paper().code));
    const std::string structure = testing::run({"pdfinfo", "-struct-text", file.name()}).output;
    EXPECT_THAT(structure, HasSubstr("H1 (block)\n      \"Даведка аб месцы жыхарства\""));
    EXPECT_THAT(structure, HasSubstr("Figure"));
    const std::string fonts = testing::run({"pdffonts", file.name()}).output;
    EXPECT_THAT(fonts, Not(HasSubstr(" no  ")));   // every font is embedded
}

TEST(RenderCertificate, LeavesOutWhatThisPaperDoesNotHave) {
    Values values = testing::residence_values();
    values["purpose"] = {{"", ""}};
    Paper real = paper();
    real.data = Data::real;
    real.valid_until.reset();
    const ScratchFile file(*render_certificate(residence(), values, {}, real));
    const auto ran = testing::run({"pdftotext", "-layout", file.name(), "-"});
    if (ran.status != 0) GTEST_SKIP() << "poppler-utils is not installed";
    EXPECT_THAT(ran.output, Not(HasSubstr("Для представления")));
    EXPECT_THAT(ran.output, Not(HasSubstr("ОБРАЗЕЦ")));
    EXPECT_THAT(ran.output, HasSubstr("не ограничен"));
}

TEST(RenderCertificate, BreaksALongCertificateIntoPages) {
    CertificateTemplate certificate = residence();
    certificate.arrangement = Arrangement::one_after_another;
    const ScratchFile file(*render_certificate(certificate, testing::residence_values(), {}, paper()));
    const auto info = testing::run({"pdfinfo", file.name()});
    if (info.status != 0) GTEST_SKIP() << "poppler-utils is not installed";
    EXPECT_THAT(info.output, HasSubstr("Pages:           2\n"));
    EXPECT_EQ(testing::run({"qpdf", "--check", file.name()}).status, 0);
}

TEST(RenderCertificate, SaysWhatIsMissing) {
    const auto message = [](const Values& values, const Paper& of) {
        const auto made = render_certificate(residence(), values, {}, of);
        return made ? "made" : made.error().message;
    };
    Values values = testing::residence_values();
    values.erase("address");
    EXPECT_EQ(message(values, paper()), "residence.json: the value \"address\" is missing");
    values = testing::residence_values();
    values["shoe_size"] = {{"", "38"}};
    EXPECT_EQ(message(values, paper()), "residence.json: the value \"shoe_size\" is not declared in the template");
    values = testing::residence_values();
    values["address"] = {{"be", "Маладзечна"}};
    EXPECT_EQ(message(values, paper()), "the value \"address\" has no text in \"ru\"");
    values = testing::residence_values();
    values["born"] = {{"", "8 March"}};
    EXPECT_THAT(message(values, paper()), HasSubstr("the value \"born\": "));
    values = testing::residence_values();
    values["address"] = {{"", "a\x01"}};
    EXPECT_THAT(message(values, paper()), HasSubstr("the value \"address\": "));
    values["address"] = {{"", std::string(1001, 'a')}};
    EXPECT_EQ(message(values, paper()), "the value \"address\" has more than 1000 characters");
}

}  // namespace
}  // namespace madang::documents
