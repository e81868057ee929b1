#include "portal/portal.h"

#include <gmock/gmock.h>

#include <set>

#include "base/file.h"
#include "http/gzip.h"
#include "portal/embedded_files.h"
#include "portal/view.h"

namespace madang::portal {
namespace {

using testing::HasSubstr;
using testing::Not;

catalogue::Pack pack() {
    auto loaded = catalogue::load_pack(MADANG_SOURCE_DIR "/packs/by");
    EXPECT_TRUE(loaded) << loaded.error().message;
    return std::move(*loaded);
}

std::string_view file_of(std::string_view name) {
    for (const EmbeddedFile& file : embedded_files()) {
        if (file.name == name) return file.content;
    }
    return {};
}

Words english() { return {{"en", Catalogue()}}; }

// What handlers say: the texts in quotes of these sources that read like words.
std::set<std::string> words_of_handlers() {
    std::set<std::string> words;
    const auto files = list_files(Path(MADANG_SOURCE_DIR) / "src/portal");
    for (const std::string& file : *files) {
        if (!file.ends_with(".cpp") || file.ends_with("_test.cpp") || file.find("view.cpp") != std::string::npos) continue;
        const std::string text = *read_file(Path(MADANG_SOURCE_DIR) / "src/portal" / file);
        for (std::size_t at = text.find("text(\""); at != std::string::npos; at = text.find("text(\"", at + 1)) {
            const std::size_t end = text.find('"', at + 6);
            words.insert(text.substr(at + 6, end - at - 6));
        }
    }
    return words;
}

TEST(Words, AreThereInEveryLanguage) {
    const catalogue::Pack by = pack();
    for (const std::string& language : by.languages) {
        if (language == "en") continue;   // the source texts themselves
        const auto own = parse_po(file_of(language + ".po"), language + ".po");
        ASSERT_TRUE(own) << own.error().message;
        Catalogue all = by.words_in(language);
        all.add(*own);
        for (const std::string& word : View::words_of_templates()) EXPECT_TRUE(all.has(word)) << language << ": " << word;
        const auto said = words_of_handlers();
        EXPECT_GT(said.size(), 80U);
        for (const std::string& word : said) EXPECT_TRUE(all.has(word)) << language << ": " << word;
    }
}

TEST(View, EscapesByContext) {
    const auto view = View::create(english());
    ASSERT_TRUE(view);
    const std::string hostile = "\"><script>alert('x')</script>";
    const std::string page = (*view)->render("cases", "en", {{"title", hostile}, {"lang", "en"}, {"stylesheet", "/a.css"}, {"some", true},
        {"cases", json::array{json::object{{"c_url", "javascript:alert(1)"}, {"c_service", hostile}, {"c_tag", "x\" onclick=\"y"}, {"c_receipt", hostile}}}}});
    EXPECT_THAT(page, Not(HasSubstr("<script")));
    EXPECT_THAT(page, Not(HasSubstr("href=\"javascript:")));
    EXPECT_THAT(page, Not(HasSubstr("onclick=\"y")));
    EXPECT_THAT(page, HasSubstr("&lt;script&gt;"));
}

TEST(View, LetsTheAddressOfAnAuthenticatorThrough) {
    const auto view = View::create(english());
    const std::string page = (*view)->render("sign_in_code", "en", {{"enrol", true}, {"otpauth", "otpauth://totp/Madang:a?secret=AB&amp;issuer=Madang"}});
    EXPECT_THAT(page, HasSubstr("href=\"otpauth://totp/Madang:a?secret=AB&amp;issuer=Madang\""));
}

TEST(View, ShowsWhatIsThereAndHidesTheRest) {
    const auto view = View::create(english());
    const std::string page = (*view)->render("message", "en", {{"heading", "H"}, {"stylesheet", "/a.css"}, {"link", ""}, {"lines", json::array{json::object{{"line", "one"}}, json::object{{"line", "two"}}}}});
    EXPECT_THAT(page, HasSubstr("<p class=\"govuk-body\">one</p>"));
    EXPECT_THAT(page, HasSubstr("<p class=\"govuk-body\">two</p>"));
    EXPECT_THAT(page, Not(HasSubstr("href=\"\"")));
}

TEST(View, EveryTemplateRendersFromNothing) {
    const auto view = View::create(english());
    for (const std::string& page : View::pages()) {
        const std::string text = (*view)->render(page, "en", {});
        EXPECT_THAT(text, HasSubstr("</html>")) << page;
        EXPECT_THAT(text, Not(HasSubstr("[["))) << page;
        EXPECT_THAT(text, Not(HasSubstr("{{"))) << page;
    }
}

TEST(Templates, HaveNoScriptNoStyleAndLabelsForTheirFields) {
    for (const EmbeddedFile& file : embedded_files()) {
        if (!file.name.ends_with(".html")) continue;
        EXPECT_THAT(std::string(file.content), Not(HasSubstr("<script"))) << file.name;
        EXPECT_THAT(std::string(file.content), Not(HasSubstr("style="))) << file.name;
        EXPECT_THAT(std::string(file.content), Not(HasSubstr("onclick"))) << file.name;
    }
}

// One round trip: the first window of TCP carries a page with its style.
TEST(Size, AQuestionPageAndItsStyleFitIntoOneRoundTrip) {
    const auto view = View::create(english());
    json::array fields;
    for (int i = 0; i < 4; ++i) {
        fields.push_back({{"f_id", "field"}, {"f_name", "field"}, {"f_label", "Town or village"}, {"f_hint", "For example, 12"}, {"f_value", "Maladziečna"},
                          {"f_type", "text"}, {"f_autocomplete", "address-level2"}, {"f_described", "field-hint"}, {"is_input", true}});
    }
    const std::string page = (*view)->render("question", "en", {{"lang", "en"}, {"title", "Which address should the certificate state?"}, {"site_name", "Madang"},
        {"heading", "Which address should the certificate state?"}, {"action", "/draft/x/address"}, {"csrf", std::string(86, 'x')}, {"fields", std::move(fields)}});
    const std::size_t both = http::gzip(page, http::Effort::best).size() + http::gzip(file_of("portal.css"), http::Effort::best).size();
    std::printf("question page %zu bytes, style %zu bytes, both compressed %zu bytes\n", page.size(), file_of("portal.css").size(), both);
    EXPECT_LE(both, 14'000U);
    EXPECT_THAT(std::string(file_of("portal.css")), Not(HasSubstr("GDS Transport")));
}

}  // namespace
}  // namespace madang::portal
