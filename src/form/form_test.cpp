#include "form/form.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

namespace madang::form {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

std::string with_fields(std::string_view components) {
    return R"({"type": "default", "schemaVersion": 19, "components": [{"type": "group", "id": "Page_one", "label": "One", "components": [)" +
           std::string(components) + "]}]}";
}

std::string problem_of(std::string_view components) {
    const auto form = parse_form(with_fields(components), "f.json");
    return form ? "" : form.error().message;
}

// Of one field of that type with more properties after it.
std::string problem_with(std::string_view type, std::string_view more) {
    std::string problem = problem_of(format(R"({{"type": "{}", "key": "a", "label": "A", {}}})", type, more));
    const std::string where = format("f.json: components[0].components[0] ({} \"a\")", type);
    return problem.starts_with(where) ? problem.substr(where.size()) : problem;
}

std::string problem_of_form(std::string_view text) {
    const auto form = parse_form(text, "f.json");
    return form ? "" : form.error().message;
}

TEST(ParseForm, ReadsThePagesOfAService) {
    const auto text = read_file(Path(MADANG_SOURCE_DIR "/packs/by/services/certificate-of-residence/form.json"));
    ASSERT_TRUE(text);
    const auto form = parse_form(*text, "form.json");
    ASSERT_TRUE(form) << form.error().message;
    ASSERT_EQ(form->pages.size(), 3U);
    EXPECT_EQ(form->id, "certificate_of_residence");
    EXPECT_EQ(form->pages[0].id, "address");
    EXPECT_EQ(form->pages[0].fields.size(), 4U);
    EXPECT_EQ(form->find_page("contact")->label, "How can we reach you?");
    EXPECT_EQ(form->find_page("nowhere"), nullptr);
    const Field& house = *form->find_field("house");
    EXPECT_EQ(house.line, "form.json: components[0].components[2] (textfield \"house\")");
    EXPECT_EQ(house.rules.pattern_message, "House must be a number, such as 12 or 12A");
    EXPECT_TRUE(house.rules.required);
    EXPECT_EQ(house.rules.max_length, 12U);
    EXPECT_EQ(form->find_field("town")->prefill, "residence.town");
    EXPECT_EQ(form->find_field("town")->autocomplete, "address-level2");
    EXPECT_EQ(form->find_field("phone")->rules.text, TextRule::phone);
    EXPECT_EQ(form->find_field("purpose")->options.size(), 5U);
    EXPECT_TRUE(form->find_field("purpose_other")->hide);
    EXPECT_EQ(form->find_field("nothing"), nullptr);
    EXPECT_EQ(form->find_field(""), nullptr);
    EXPECT_THAT(words_of(*form), Contains("At a bank"));
    EXPECT_THAT(words_of(*form), testing::Not(Contains("")));
}

TEST(ParseForm, SkipsWhatOnlyLaysAPageOut) {
    const auto form = parse_form(with_fields(R"({"type": "separator"}, {"type": "spacer", "height": 60}, {"type": "button", "action": "submit"},
        {"type": "text", "text": "Read this"}, {"type": "textfield", "key": "a", "label": "A", "layout": {"row": "R", "columns": null},
         "defaultValue": "", "disabled": false})"), "f.json");
    ASSERT_TRUE(form) << form.error().message;
    ASSERT_EQ(form->pages[0].fields.size(), 2U);
    EXPECT_EQ(form->pages[0].fields[0].text, "Read this");
}

TEST(ParseForm, AGroupWithinAPageBecomesAHeadingAndItsFields) {
    const auto form = parse_form(with_fields(R"js({"type": "checkbox", "key": "moved", "label": "I moved"},
        {"type": "group", "label": "Where from", "conditional": {"hide": "=not(moved) // stays"}, "components": [
            {"type": "textfield", "key": "old", "label": "Old town", "conditional": {"hide": "=moved = null"}}]})js"), "f.json");
    ASSERT_TRUE(form) << form.error().message;
    const auto& fields = form->pages[0].fields;
    ASSERT_EQ(fields.size(), 3U);
    EXPECT_EQ(fields[1].kind, Kind::text);
    EXPECT_EQ(fields[1].text, "Where from");
    EXPECT_TRUE(fields[1].hide);
    EXPECT_EQ(fields[2].key, "old");
    EXPECT_EQ(fields[2].line, "f.json: components[0].components[1].components[0] (textfield \"old\")");
    EXPECT_THAT(words_of(*form), ElementsAre("I moved", "Old town", "One", "Where from"));
}

TEST(ParseForm, RefusesByNameWhatNoPageCanShow) {
    EXPECT_EQ(problem_of(R"({"type": "filepicker", "key": "f", "label": "F"})"),
              "f.json: components[0].components[0] (filepicker \"f\"): components of the type \"filepicker\" cannot be shown yet");
    for (const std::string_view type : {"taglist", "html", "image", "dynamiclist", "table", "iframe", "documentPreview", "expression", "fieldset"}) {
        EXPECT_THAT(problem_of(format(R"({{"type": "{}"}})", type)), HasSubstr(format("of the type \"{}\" cannot be shown yet", type)));
    }
    EXPECT_THAT(problem_of(R"({"type": "texfield", "key": "f", "label": "F"})"),
                HasSubstr("form-js has no component of the type \"texfield\"; did you mean \"textfield\"?"));
    EXPECT_THAT(problem_of(R"({"key": "f"})"), HasSubstr("a component has a \"type\""));
    EXPECT_EQ(problem_with("radio", R"("valuesKey": "x")"), ": choices by \"valuesKey\" cannot be shown yet; list them as \"values\"");
    EXPECT_EQ(problem_with("select", R"("valuesExpression": "=x")"), ": choices by \"valuesExpression\" cannot be shown yet; list them as \"values\"");
    EXPECT_EQ(problem_with("datetime", R"("subtype": "time")"), ": only a date can be asked for yet, not the subtype \"time\"");
    EXPECT_EQ(problem_with("textfield", R"("readonly": true)"), ": \"readonly\" of form-js cannot be followed yet");
    EXPECT_EQ(problem_with("textfield", R"("defaultValue": "x")"), ": \"defaultValue\" of form-js cannot be followed yet");
    EXPECT_EQ(problem_with("textfield", R"("validatee": {})"), ": there is no \"validatee\"; did you mean \"validate\"?");
    EXPECT_THAT(problem_with("textfield", R"("description": "=a")"), HasSubstr("\"description\" is an expression"));
    EXPECT_THAT(problem_with("textfield", R"("description": "Dear {{name}}")"), HasSubstr("\"description\" is a template"));
}

TEST(ParseForm, RefusesRulesThatCannotBeMeant) {
    EXPECT_EQ(problem_with("textfield", R"("validate": {"requird": true})"), ".validate: there is no \"requird\"; did you mean \"required\"?");
    EXPECT_THAT(problem_with("textfield", R"("validate": {"required": "=true"})"), HasSubstr("\"required\" is true or false"));
    EXPECT_THAT(problem_with("textfield", R"("validate": {"maxLength": -1})"), HasSubstr("\"maxLength\" is a whole number from 0 to 100000"));
    EXPECT_THAT(problem_with("textfield", R"("validate": {"minLength": 3, "maxLength": 2})"), HasSubstr("above \"maxLength\""));
    EXPECT_THAT(problem_with("textfield", R"("validate": {"min": 3})"), HasSubstr("\"min\" is a rule of numbers"));
    EXPECT_THAT(problem_with("number", R"("validate": {"maxLength": 3})"), HasSubstr("\"maxLength\" is a rule of texts"));
    EXPECT_THAT(problem_with("number", R"("validate": {"min": "three"})"), HasSubstr("\"min\" is a number"));
    EXPECT_THAT(problem_with("number", R"("validate": {"min": 3, "max": "2.5"})"), HasSubstr("\"min\" is above \"max\""));
    EXPECT_THAT(problem_with("number", R"("decimalDigits": 16)"), HasSubstr("\"decimalDigits\" is a whole number from 0 to 15"));
    EXPECT_THAT(problem_with("textfield", R"("validate": {"pattern": "(["})"), HasSubstr(".validate.pattern: the pattern"));
    EXPECT_THAT(problem_with("textfield", R"("validate": {"validationType": "iban"})"), HasSubstr("the validationType \"iban\" is not known"));
    EXPECT_THAT(problem_with("radio", R"("values": [])"), HasSubstr("a list \"values\" of 1 to 1000 choices is expected"));
    EXPECT_THAT(problem_with("radio", R"("values": [{"label": "A", "value": 1}])"), HasSubstr(".values[0]: a choice has"));
    EXPECT_THAT(problem_with("radio", R"("values": [{"label": "A", "value": "a"}, {"label": "B", "value": "a"}])"), HasSubstr("the choice \"a\" stands twice"));
    EXPECT_THAT(problem_with("textfield", R"("values": [])"), HasSubstr("stand in a radio, select or checklist"));
    EXPECT_THAT(problem_with("textfield", R"("properties": {"prefill": "a\"b"})"), HasSubstr("properties.prefill has"));
    EXPECT_THAT(problem_of(R"({"type": "textfield", "key": "a"})"), HasSubstr("a field needs a \"label\""));
    EXPECT_THAT(problem_of(R"({"type": "textfield", "key": "a.b", "label": "F"})"), HasSubstr("nested keys cannot be read yet"));
    EXPECT_THAT(problem_of(R"({"type": "text"})"), HasSubstr("has a \"text\""));
    EXPECT_THAT(problem_of(R"({"type": "textfield", "key": "a", "label": "F"}, {"type": "number", "key": "a", "label": "G"})"),
                HasSubstr("components[1] (number \"a\"): the key \"a\" stands twice"));
}

TEST(ParseForm, RefusesConditionsThatCannotHold) {
    EXPECT_THAT(problem_with("textfield", R"("conditional": {"hide": "=1 +"})"), HasSubstr(".conditional.hide: line 1, column"));
    EXPECT_THAT(problem_with("textfield", R"("conditional": {"hide": true})"), HasSubstr("\"hide\" is a FEEL expression"));
    EXPECT_THAT(problem_with("textfield", R"("conditional": {"show": "=a"})"), HasSubstr("there is no \"show\""));
    EXPECT_EQ(problem_with("textfield", R"("conditional": {"hide": "=a = 1"})"), ": a field cannot be hidden by its own answer");
    EXPECT_THAT(problem_of(R"({"type": "textfield", "key": "town", "label": "T"},
                              {"type": "textfield", "key": "b", "label": "B", "conditional": {"hide": "=tow = null"}})"),
                HasSubstr("the condition asks for \"tow\", which no field has as its key; did you mean \"town\"?"));
    // Names that the condition binds itself, and built-ins, are no fields.
    EXPECT_EQ(problem_of(R"js({"type": "checklist", "key": "town", "label": "T", "values": [{"label": "A", "value": "a"}]},
        {"type": "textfield", "key": "b", "label": "B", "conditional": {"hide": "=some x in town satisfies string length(x) > 3"}})js"), "");
}

TEST(ParseForm, RefusesFormsThatAreNone) {
    EXPECT_EQ(problem_of_form("[]"), "f.json: a form is an object");
    EXPECT_THAT(problem_of_form("{"), HasSubstr("f.json: line 1, column"));
    EXPECT_EQ(problem_of_form(R"({"schemaVersion": 99, "components": []})"), "f.json: schemaVersion 99 is not known; 1 to 19 are");
    EXPECT_EQ(problem_of_form(R"({"type": "x", "components": []})"), "f.json: a form is of the type \"default\", not \"x\"");
    EXPECT_EQ(problem_of_form(R"({})"), "f.json: a list \"components\" is expected");
    EXPECT_EQ(problem_of_form(R"({"components": []})"), "f.json: a form needs a page, a group at its top");
    EXPECT_EQ(problem_of_form(R"({"components": [{"type": "textfield"}]})"),
              "f.json: components[0]: at the top of a form stand groups, one for each page, not a textfield");
    EXPECT_EQ(problem_of_form(R"({"components": [{"type": "html"}]})"), "f.json: components[0]: components of the type \"html\" cannot be shown yet");
    EXPECT_EQ(problem_of_form(R"({"components": [3]})"), "f.json: components[0]: a component is an object");
    EXPECT_THAT(problem_of_form(R"({"components": [{"type": "group", "id": "a b", "label": "A", "components": []}]})"), HasSubstr("it stands in the address"));
    EXPECT_THAT(problem_of_form(R"({"components": [{"type": "group", "id": "a", "components": []}]})"), HasSubstr("its heading"));
    EXPECT_THAT(problem_of_form(R"({"components": [{"type": "group", "id": "a", "label": "A", "components": []}]})"), HasSubstr("asks nothing"));
    EXPECT_THAT(problem_of_form(R"({"components": [{"type": "group", "id": "a", "label": "A", "path": "x", "components": []}]})"),
                HasSubstr("\"path\" of form-js cannot be followed yet"));
}

TEST(ParseForm, HoldsItsLimits) {
    std::string nested = R"({"type": "textfield", "key": "a", "label": "A"})";
    for (int i = 0; i < 3; ++i) nested = R"({"type": "group", "components": [)" + nested + "]}";
    EXPECT_EQ(problem_of(nested), "");
    EXPECT_THAT(problem_of(R"({"type": "group", "components": [)" + nested + "]}"), HasSubstr("at most 3 deep"));
    std::string many;
    for (std::size_t i = 0; i <= kMaxFields; ++i) many += format(R"({}{{"type": "text", "text": "t"}})", i == 0 ? "" : ",", i);
    EXPECT_THAT(problem_of(many), HasSubstr("a form has at most 500 fields"));
    EXPECT_THAT(problem_of(format(R"({{"type": "text", "text": "{}"}})", std::string(2001, 'x'))), HasSubstr("at most 2000 bytes"));
    EXPECT_FALSE(parse_form(std::string(kMaxFormBytes + 1, ' '), "f.json"));
}

}  // namespace
}  // namespace madang::form
