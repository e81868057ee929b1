#include "form/form.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "form/check.h"

namespace madang::form {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Form residence() {
    return *parse_form(*read_file(Path(MADANG_SOURCE_DIR "/packs/by/services/certificate-of-residence/form.json")), "form.json");
}

std::string with_fields(std::string_view components) {
    return R"({"type": "default", "schemaVersion": 19, "components": [{"type": "group", "id": "Page_one", "label": "One", "components": [)" +
           std::string(components) + "]}]}";
}

std::string problem_of(std::string_view components) {
    const auto form = parse_form(with_fields(components), "f.json");
    return form ? "" : form.error().message;
}

// "key: message" of each problem.
std::vector<std::string> problems(const Form& form, const Answers& answers) {
    std::vector<std::string> all;
    for (const Problem& problem : check(form, answers).problems) all.push_back(problem.key + ": " + problem.message);
    return all;
}

TEST(ParseForm, ReadsThePagesOfAService) {
    const Form form = residence();
    ASSERT_EQ(form.pages.size(), 3U);
    EXPECT_EQ(form.pages[0].id, "address");
    EXPECT_EQ(form.pages[0].fields.size(), 4U);
    EXPECT_EQ(form.find_field("house")->rules.pattern_message, "House must be a number, such as 12 or 12A");
    EXPECT_EQ(form.find_field("town")->prefill, "residence.town");
    EXPECT_EQ(form.find_field("purpose")->options.size(), 5U);
    EXPECT_THAT(words_of(form), testing::Contains("At a bank"));
}

TEST(ParseForm, RefusesByNameAndPlace) {
    EXPECT_EQ(problem_of(R"({"type": "filepicker", "key": "f", "label": "F"})"),
              "f.json: components[0].components[0] (filepicker \"f\"): components of the type \"filepicker\" cannot be shown yet");
    EXPECT_THAT(problem_of(R"({"type": "texfield", "key": "f", "label": "F"})"), HasSubstr("form-js has no component of the type \"texfield\""));
    EXPECT_THAT(problem_of(R"({"type": "textfield", "key": "a.b", "label": "F"})"), HasSubstr("nested keys cannot be read yet"));
    EXPECT_THAT(problem_of(R"({"type": "textfield", "key": "a", "label": "F"}, {"type": "number", "key": "a", "label": "G"})"), HasSubstr("the key \"a\" stands twice"));
    EXPECT_THAT(problem_of(R"({"type": "textfield", "key": "a", "label": "F", "validate": {"pattern": "(["}})"), HasSubstr("the pattern is wrong at character"));
    EXPECT_THAT(problem_of(R"({"type": "textfield", "key": "a", "label": "F", "conditional": {"hide": "=1 +"}})"), HasSubstr("conditional.hide: line 1, column"));
    EXPECT_THAT(problem_of(R"({"type": "radio", "key": "a", "label": "F", "valuesKey": "x"})"), HasSubstr("\"valuesKey\" cannot be shown yet"));
    EXPECT_THAT(problem_of(R"({"type": "datetime", "subtype": "time", "key": "a", "label": "F"})"), HasSubstr("only dates"));
    EXPECT_THAT(parse_form(R"({"schemaVersion": 99, "components": []})", "f").error().message, HasSubstr("version 99 is not known"));
    EXPECT_THAT(parse_form(R"({"components": [{"type": "textfield"}]})", "f").error().message, HasSubstr("stand groups, one for each page"));
}

TEST(Check, GivesTypedAndTidyData) {
    const Checked checked = check(residence(), {{"town", {" Maladziečna "}}, {"street", {"vulica \t Prytyckaha"}}, {"house", {"12A"}},
                                                {"flat", {""}}, {"purpose", {"work"}}, {"phone", {"+375 29 123 45 67"}}, {"unknown", {"x"}}});
    EXPECT_THAT(checked.problems, IsEmpty());
    EXPECT_EQ(json::serialize(checked.data),
              R"({"town":"Maladziečna","street":"vulica Prytyckaha","house":"12A","purpose":"work","phone":"+375 29 123 45 67"})");
}

TEST(Check, SaysWhatIsWrongInTheOrderOfTheForm) {
    EXPECT_THAT(problems(residence(), {{"house", {"twelve"}}, {"purpose", {"fun"}}, {"phone", {"12"}}}),
                ElementsAre("town: Enter {label}", "street: Enter {label}", "house: House must be a number, such as 12 or 12A",
                            "purpose: Choose one of the answers to: {label}", "phone: Enter a telephone number, like +375 29 123 45 67"));
    EXPECT_THAT(problems(residence(), {{"town", {std::string(81, 'x')}}, {"street", {"\xff"}}, {"house", {"1"}}, {"purpose", {"work"}}}),
                ElementsAre("town: {label} must be {count} characters or fewer", "street: {label} has characters that cannot be read"));
}

TEST(Check, AHiddenFieldHasNoAnswer) {
    const Form form = residence();
    const Answers answers{{"town", {"a"}}, {"street", {"b"}}, {"house", {"1"}}, {"purpose", {"work"}}, {"purpose_other", {"secret"}}};
    EXPECT_FALSE(check(form, answers).data.contains("purpose_other"));
    Answers other = answers;
    other["purpose"] = {"other"};
    EXPECT_TRUE(check(form, other).data.contains("purpose_other"));
    EXPECT_EQ(shown_fields(form.pages[1], answers, form).size(), 1U);
    EXPECT_EQ(shown_fields(form.pages[1], other, form).size(), 2U);
}

TEST(Check, ReadsEveryKind) {
    const Form form = *parse_form(with_fields(R"(
        {"type": "number", "key": "n", "label": "N", "decimalDigits": 2, "validate": {"min": 1, "max": 10}},
        {"type": "checkbox", "key": "c", "label": "C", "validate": {"required": true}},
        {"type": "checklist", "key": "l", "label": "L", "values": [{"label": "A", "value": "a"}, {"label": "B", "value": "b"}]},
        {"type": "datetime", "subtype": "date", "key": "d", "label": "D"},
        {"type": "textfield", "key": "e", "label": "E", "validate": {"validationType": "email"}},
        {"type": "text", "text": "Read this"}, {"type": "button", "label": "Go"})"), "f.json");
    const Checked good = check(form, {{"n", {"2,50"}}, {"c", {"on"}}, {"l", {"b", "a"}}, {"d", {"2026-02-28"}}, {"e", {"a@b.by"}}});
    EXPECT_THAT(good.problems, IsEmpty());
    EXPECT_EQ(json::serialize(good.data), R"({"n":2.5E0,"c":true,"l":["a","b"],"d":"2026-02-28","e":"a@b.by"})");
    EXPECT_THAT(problems(form, {{"n", {"2.505"}}, {"l", {"z"}}, {"d", {"2026-02-29"}}, {"e", {"a@b"}}}),
                ElementsAre("n: {label} must have {count} digits after the point or fewer", "c: Tick the box: {label}",
                            "l: Choose one of the answers to: {label}", "d: {label} must be a date that exists, like 2026-11-23",
                            "e: Enter an email address, like name@example.com"));
    EXPECT_THAT(problems(form, {{"n", {"11"}}, {"c", {"on"}}}), ElementsAre("n: {label} must be {most} or less"));
    EXPECT_EQ(answers_of(form, good.data)["n"], std::vector<std::string>{"2.5"});
}

TEST(Check, AHostilePatternTakesNoForever) {
    const Form form = *parse_form(with_fields(R"({"type": "textfield", "key": "a", "label": "A", "validate": {"pattern": "(a+)+$"}})"), "f.json");
    EXPECT_THAT(problems(form, {{"a", {std::string(2000, 'a') + "!"}}}), ElementsAre("a: {label} is not in the right form"));
}

TEST(Messages, AreAllListed) {
    EXPECT_THAT(problem_messages(), testing::Contains("Enter {label}"));
    EXPECT_GE(problem_messages().size(), 19U);
}

}  // namespace
}  // namespace madang::form
