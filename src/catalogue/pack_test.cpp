#include "catalogue/pack.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/text.h"

namespace madang::catalogue {
namespace {

// A copy of the Belarus pack that a test may spoil.
class SpoiledPack : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "madang-pack-XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
        std::filesystem::copy(Path(MADANG_SOURCE_DIR) / "packs/by", folder_, std::filesystem::copy_options::recursive);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    void replace(const std::string& file, const std::string& old_text, const std::string& new_text) {
        std::string text = *read_file(folder_ / file);
        const std::size_t at = text.find(old_text);
        ASSERT_NE(at, std::string::npos) << old_text;
        text.replace(at, old_text.size(), new_text);
        ASSERT_TRUE(write_file_whole(folder_ / file, text));
    }
    std::string message() {
        const auto pack = load_pack(folder_);
        return pack ? "it loads" : pack.error().message;
    }
    Path folder_;
};

constexpr const char* kService = "services/certificate-of-residence/service.json";

TEST(LoadPack, ReadsTheBelarusPack) {
    const auto pack = load_pack(Path(MADANG_SOURCE_DIR) / "packs/by");
    ASSERT_TRUE(pack) << pack.error().message;
    EXPECT_EQ(pack->languages, (std::vector<std::string>{"be", "ru", "en"}));
    const Service* service = pack->find_service("certificate-of-residence");
    ASSERT_NE(service, nullptr);
    EXPECT_EQ(service->number, "1.3.4");
    EXPECT_EQ(service->term.kind, government::Term::Kind::day_of_request);
    EXPECT_EQ(service->validity_months, 6);
    EXPECT_EQ(service->fee_amount, "0.00");
    EXPECT_EQ(service->scenarios.scenarios.size(), 6U);
    ASSERT_NE(service->find_ground("25"), nullptr);
    EXPECT_EQ(service->find_ground("25")->outcome, Ground::Outcome::refuse);
    EXPECT_EQ(service->find_ground("26"), nullptr);
    EXPECT_EQ(pack->words.at("be").text(service->name), "Даведка аб месцы жыхарства");
    EXPECT_EQ(missing_words(*pack), std::vector<std::string>{});
}

TEST_F(SpoiledPack, IsRefusedWithItsFileAndTheLikelyWord) {
    replace(kService, "\"minutes_to_apply\"", "\"minuts_to_apply\"");
    EXPECT_EQ(message(), std::string(kService) + ": there is no key \"minuts_to_apply\"; did you mean \"minutes_to_apply\"?");
}

TEST_F(SpoiledPack, SaysHowLongACaseIsKeptWithinBounds) {
    replace(kService, "\"class\": \"chosen by this pack\"", "\"class\": \"80\"");
    const auto loaded = load_pack(folder_);
    ASSERT_TRUE(loaded) << loaded.error().message;
    ASSERT_TRUE(loaded->find_service("certificate-of-residence")->retention);
    EXPECT_EQ(loaded->find_service("certificate-of-residence")->retention->years, 5);
    EXPECT_EQ(loaded->find_service("certificate-of-residence")->retention->category, "80");
    replace(kService, "\"years\": 5,", "");
    EXPECT_FALSE(load_pack(folder_)->find_service("certificate-of-residence")->retention->years) << "for ever";
    replace(kService, "\"class\": \"80\"", "\"class\": \"80\", \"years\": 0");
    EXPECT_EQ(message(), std::string(kService) + ", retention: \"years\" is 1 to 1000; without it a case is kept for ever");
}

TEST_F(SpoiledPack, RefusesATaskForNobodyAndADecisionThatCannotBeTold) {
    const std::string file = "services/certificate-of-residence/process.bpmn";
    replace(file, "madang:role=\"officer\"", "madang:role=\"lawyer\"");
    EXPECT_EQ(message(), file + ":26: the user task \"Officer_decides\" is for the role \"lawyer\"; there is \"officer\", and pack.json names no \"roles\" besides");
    replace("pack.json", "\"demo\"", "\"roles\": [\"lawyer\"], \"demo\"");
    EXPECT_EQ(message(), "it loads");
    replace(file, "name=\"Enter the residence in the register\" madang:operation=\"register.enter_residence\"", "name=\"Look again\" madang:role=\"officer\"");
    replace(file, "<bpmn:serviceTask id=\"Enter_residence\"", "<bpmn:userTask id=\"Enter_residence\"");
    std::string text = *read_file(folder_ / file);
    const std::size_t at = text.find("</bpmn:serviceTask>", text.find("Enter_residence"));
    text.replace(at, 19, "</bpmn:userTask>");
    ASSERT_TRUE(write_file_whole(folder_ / file, text));
    EXPECT_EQ(message(), file + ":26: the process has 2 user tasks, and none is marked as the one that decides (madang:decision=\"true\")");
    replace(file, "madang:role=\"lawyer\"", "madang:role=\"lawyer\" madang:decision=\"true\" madang:outcomes=\"agree disagree\"");
    EXPECT_EQ(message(), "it loads");
}

TEST_F(SpoiledPack, NeedsAStepThatIssuesWhatIsGranted) {
    const std::string file = "services/certificate-of-residence/process.bpmn";
    replace(file, "madang:operation=\"certificate.issue\" madang:external=\"true\"", "madang:operation=\"register.residence\"");
    EXPECT_EQ(message(), file + ": no step issues the certificate (madang:operation=\"certificate.issue\"): what is granted would come to nothing");
}

TEST_F(SpoiledPack, NeedsABodyThatIsThere) {
    replace(kService, "BY-MI-MLD-RSC", "BY-MI-MLD-XXX");
    EXPECT_EQ(message(), std::string(kService) + ": government.json has no body \"BY-MI-MLD-XXX\"");
}

TEST_F(SpoiledPack, NeedsAChannelForThoseWithoutTheNet) {
    replace(kService, "[\"counter\", \"phone\"]", "[]");
    EXPECT_NE(message().find("a service needs a channel besides the portal"), std::string::npos) << message();
}

TEST_F(SpoiledPack, RefusesADoctypeInAModel) {
    replace("services/certificate-of-residence/process.bpmn", "<bpmn:definitions", "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>\n<bpmn:definitions");
    EXPECT_NE(message().find("process.bpmn:2:"), std::string::npos) << message();
    EXPECT_NE(message().find("DOCTYPE"), std::string::npos) << message();
}

TEST_F(SpoiledPack, RefusesALinkAndAPathThatLeaves) {
    replace(kService, "\"form.json\"", "\"../../../etc/passwd\"");
    EXPECT_NE(message().find("leaves its folder"), std::string::npos) << message();
    std::filesystem::create_symlink("/etc/passwd", folder_ / "link");
    EXPECT_NE(message().find("is a symbolic link"), std::string::npos) << message();
}

TEST_F(SpoiledPack, AnotherFileIsAnotherVersion) {
    const std::string before = load_pack(folder_)->services[0].version;
    replace("services/certificate-of-residence/decision.dmn", "residence != null", "residence  != null");
    EXPECT_NE(load_pack(folder_)->services[0].version, before);
}

TEST_F(SpoiledPack, AMissingTranslationIsNamed) {
    replace("po/ru.po", "msgid \"Certificate of residence\"", "msgid \"Certificate of residence!\"");
    const auto pack = load_pack(folder_);
    ASSERT_TRUE(pack) << pack.error().message;
    EXPECT_EQ(missing_words(*pack), std::vector<std::string>{"po/ru.po: no translation of \"Certificate of residence\""});
}

TEST_F(SpoiledPack, NamesWhatAnyPartOfAServiceSaysWithoutATranslation) {
    const std::string registration = "services/registration-of-residence/";
    const std::pair<std::string, std::string> texts[] = {
        {registration + "service.json", "Decree No. 200, item 13.1: three working days"},                                          // of the term
        {registration + "service.json", "Law No. 433-Z, article 30: the superior body deals with what was not answered in time."},  // of its end
        {"services/certificate-of-residence/decision.dmn", "The population register holds another address for this person."},        // a reason of the rule
        {registration + "process.bpmn", "Enter the residence in the register"},
    };
    std::vector<std::string> expected;
    for (const auto& [file, text] : texts) {
        replace(file, text, text + " (new)");
        for (const char* language : {"be", "en", "ru"}) expected.push_back(std::string("po/") + language + ".po: no translation of \"" + text + " (new)\"");
    }
    const auto pack = load_pack(folder_);
    ASSERT_TRUE(pack) << pack.error().message;
    std::vector<std::string> found = missing_words(*pack);
    std::ranges::sort(found);
    std::ranges::sort(expected);
    EXPECT_EQ(found, expected);
}

}  // namespace
}  // namespace madang::catalogue
