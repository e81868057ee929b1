#include "documents/certificate_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "documents/testing.h"

namespace madang::documents {
namespace {

using ::testing::HasSubstr;

std::string print(const Wording& wording) {
    if (!wording.source.empty()) return format("source \"{}\"", wording.source);
    std::string out = "texts";
    for (const auto& [language, text] : wording.texts) out += format(" {}={}b", language, text.size());
    return out;
}

std::string print(const CertificateTemplate& certificate) {
    std::string out = format("{} {}\ntitle {}\n", join(certificate.languages, ","),
                             certificate.arrangement == Arrangement::side_by_side ? "side by side" : "one after another",
                             print(certificate.title));
    for (const auto& [name, kind] : certificate.values) out += format("value {} {}\n", name, kind == ValueKind::date ? "date" : "text");
    for (const Block& block : certificate.blocks) {
        out += format("{} {}", block.path, name_of(block.kind));
        if (block.kind != BlockKind::fields) out += " " + print(block.text);
        out += "\n";
        for (const Row& row : block.rows) out += format("  {} | {}{}\n", print(row.label), print(row.value), row.optional ? " optional" : "");
    }
    return out;
}

TEST(ParseCertificateTemplate, ReadsTheCertificateOfResidence) {
    const auto certificate = parse_certificate_template(testing::residence_template(), "residence.json");
    ASSERT_TRUE(certificate) << certificate.error().message;
    EXPECT_EQ(print(*certificate), R"(be,ru side by side
title texts be=49b ru=49b
value address text
value born date
value full_name text
value purpose text
value since date
blocks[0] notice texts be=98b ru=114b
blocks[1] issuer texts be=24b ru=24b
blocks[2] title texts be=49b ru=49b
blocks[3] number texts be=29b ru=29b
blocks[4] paragraph texts be=175b ru=185b
blocks[5] fields
  texts be=67b ru=63b | source "{full_name}"
  texts be=29b ru=25b | source "{born}"
  texts be=29b ru=31b | source "{address}"
  texts be=35b ru=37b | source "{since}"
  texts be=33b ru=33b | source "{purpose}" optional
blocks[6] validity texts be=70b ru=86b
blocks[7] signature texts be=160b ru=156b
blocks[8] seal texts be=175b ru=179b
blocks[9] qr texts be=159b ru=155b
)");
}

std::string with(std::string_view from, std::string_view to) {
    std::string text = testing::residence_template();
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

TEST(ParseCertificateTemplate, NamesThePlaceOfEachMistake) {
    const struct {
        std::string_view from, to, message;
    } cases[] = {
        {"\"type\": \"seal\"", "\"type\": \"seel\"", "residence.json, blocks[8].type: unknown block \"seel\"; did you mean \"seal\"?"},
        {"{born}", "{boorn}", "residence.json, blocks[5].rows[1].value: unknown placeholder {boorn}; did you mean {born}?"},
        {"{born}", "{born", "blocks[5].rows[1].value: a brace without its partner"},
        {"{born}", "born}", "blocks[5].rows[1].value: a brace without its partner"},
        {"\"page\": \"A4\"", "\"page\": \"A5\"", "residence.json, page: only \"A4\" is supported"},
        {"madang-certificate-1", "madang-certificate-2", "residence.json, format: must be \"madang-certificate-1\""},
        {"[\"be\", \"ru\"]", "[\"be\", \"be\"]", "languages: \"be\" stands twice"},
        {"[\"be\", \"ru\"]", "[\"be\"]", "title: \"ru\" is not among the languages of the template"},
        {"[\"be\", \"ru\"]", "[\"be\", \"ru\", \"en\"]", "arrangement: two languages at most stand side by side"},
        {"side_by_side", "diagonal", "arrangement: must be"},
        {"\"born\": \"date\"", "\"born\": \"number\"", "values.born: a value is \"text\" or \"date\", not \"number\""},
        {"\"born\": \"date\"", "\"code\": \"date\"", "values.code: this name is the house's own"},
        {"\"arrangement\"", "\"arangement\"", "the file: unknown key \"arangement\"; did you mean \"arrangement\"?"},
        {"\"optional\": true", "\"optional\": 1", "blocks[5].rows[4].optional: must be true or false"},
        {"\"optional\": true", "\"optionall\": true", "blocks[5].rows[4]: unknown key \"optionall\"; did you mean \"optional\"?"},
        {"\"type\": \"seal\"", "\"type\": \"title\"", "blocks: a certificate has exactly one block \"title\", not 2"},
        {"\"type\": \"qr\"", "\"type\": \"seal\"", "blocks: a certificate has exactly one block \"qr\", not 0"},
        {"\"ru\": \"Дата рождения\"", "\"ru\": \"\"", "blocks[5].rows[1].label: the text in \"ru\" must not be empty"},
        {"\"be\": \"Дата нараджэння\", ", "", "blocks[5].rows[1].label: has no text in \"be\""},
    };
    for (const auto& c : cases) {
        const auto parsed = parse_certificate_template(with(c.from, c.to), "residence.json");
        ASSERT_FALSE(parsed) << c.to;
        EXPECT_THAT(parsed.error().message, HasSubstr(c.message));
        EXPECT_EQ(parsed.error().code, Code::invalid);
    }
}

TEST(ParseCertificateTemplate, SaysTheLineOfWhatIsNotJson) {
    EXPECT_THAT(parse_certificate_template("{\n  \"format\": ", "a.json").error().message, HasSubstr("a.json: line 2"));
    EXPECT_FALSE(parse_certificate_template("[]", "a.json"));
    EXPECT_FALSE(parse_certificate_template("", "a.json"));
}

TEST(CertificateTemplate, TellsTheCataloguesWhatToTranslate) {
    const auto certificate = parse_certificate_template(
        with("\"label\": { \"be\": \"Дата нараджэння\", \"ru\": \"Дата рождения\" }", "\"label\": \"Date of birth\""), "a.json");
    ASSERT_TRUE(certificate) << certificate.error().message;
    EXPECT_EQ(sources_of(*certificate), std::vector<std::string>{"Date of birth"});
    const Words words{{"be", *parse_po("msgid \"\"\nmsgstr \"\"\n\"Content-Type: text/plain; charset=UTF-8\\n\"\n\nmsgid \"Date of birth\"\nmsgstr \"Дата нараджэння\"\n", "be.po")}};
    EXPECT_EQ(text_of(certificate->blocks[5].rows[1].label, "be", words), "Дата нараджэння");
    EXPECT_EQ(text_of(certificate->blocks[5].rows[1].label, "ru", words), "Date of birth");
}

}  // namespace
}  // namespace madang::documents
