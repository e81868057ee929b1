#include "form/check.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "base/language.h"
#include "base/text.h"

namespace madang::form {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Form residence() {
    return *parse_form(*read_file(Path(MADANG_SOURCE_DIR "/packs/by/services/certificate-of-residence/form.json")), "form.json");
}

// One page with these components.
Form form_with(std::string_view components) {
    auto form = parse_form(R"({"components": [{"type": "group", "id": "one", "label": "One", "components": [)" + std::string(components) + "]}]}", "f.json");
    EXPECT_TRUE(form) << form.error().message;
    return form ? std::move(*form) : Form{};
}

// The message with its values put in.
std::string said(const Problem& problem) {
    std::string text = problem.message;
    for (const auto& [name, value] : problem.values) {
        const std::string braces = "{" + name + "}";
        for (std::size_t at = text.find(braces); at != std::string::npos; at = text.find(braces)) text.replace(at, braces.size(), value);
    }
    return text;
}

std::vector<std::string> problems(const Checked& checked) {
    std::vector<std::string> all;
    for (const Problem& problem : checked.problems) all.push_back(problem.key + ": " + said(problem));
    return all;
}

// What one field "a" (label "A") with these properties makes of a text: its data, or its problem.
std::string judged(std::string_view properties, const std::string& text) {
    const Form form = form_with(R"({"key": "a", "label": "A", )" + std::string(properties) + "}");
    const Checked checked = check(form, {{"a", {text}}});
    if (!checked.problems.empty()) return said(checked.problems.front());
    const auto* value = checked.data.if_contains("a");
    return value == nullptr ? "nothing" : json::serialize(*value);
}

TEST(Check, GivesTypedAndTidyData) {
    const Checked checked = check(residence(), {{"town", {" Maladziečna "}}, {"street", {"vulica \t Prytyckaha"}}, {"house", {"12A"}},
                                                {"flat", {""}}, {"purpose", {"work"}}, {"phone", {"+375 29 123 45 67"}}, {"unknown", {"x"}}});
    EXPECT_THAT(checked.problems, IsEmpty());
    EXPECT_EQ(json::serialize(checked.data),
              R"({"town":"Maladziečna","street":"vulica Prytyckaha","house":"12A","purpose":"work","phone":"+375 29 123 45 67"})");
}

TEST(Check, SaysWhatIsWrongInTheOrderOfTheForm) {
    const Checked checked = check(residence(), {{"house", {"twelve"}}, {"purpose", {"fun"}}, {"phone", {"12"}}});
    EXPECT_THAT(problems(checked), ElementsAre("town: Enter Town or village", "street: Enter Street", "house: House must be a number, such as 12 or 12A",
                                               "purpose: Where will you show the certificate? is not one of the choices",
                                               "phone: Enter a telephone number like +375 29 123 45 67"));
    EXPECT_EQ(checked.problems[0].page, "address");
    EXPECT_EQ(checked.problems[0].message, "Enter {label}");
    EXPECT_EQ(checked.problems[4].page, "contact");
}

TEST(Check, AHiddenFieldHasNoAnswerAndNoProblem) {
    const Form form = residence();
    Answers answers{{"town", {"a"}}, {"street", {"b"}}, {"house", {"1"}}, {"purpose", {"work"}}, {"purpose_other", {std::string(500, 'x')}}};
    EXPECT_THAT(check(form, answers).problems, IsEmpty());
    EXPECT_FALSE(check(form, answers).data.contains("purpose_other"));
    EXPECT_THAT(shown_fields(form.pages[1], answers, form), ElementsAre(form.find_field("purpose")));
    answers["purpose"] = {"other"};
    EXPECT_THAT(problems(check(form, answers)), ElementsAre("purpose_other: Where must be 120 characters or fewer"));
    EXPECT_EQ(shown_fields(form.pages[1], answers, form).size(), 2U);
}

TEST(Check, OnePageGivesItsOwnProblemsOnly) {
    const Form form = residence();
    const Answers answers{{"town", {"Minsk"}}, {"phone", {"x"}}};
    EXPECT_THAT(problems(check_page(form, form.pages[2], answers)), ElementsAre("phone: Enter a telephone number like +375 29 123 45 67"));
    EXPECT_EQ(json::serialize(check_page(form, form.pages[2], answers).data), R"({"town":"Minsk"})");
}

TEST(Check, ReadsNumbersAsPeopleWriteThem) {
    constexpr std::string_view any = R"("type": "number")";
    EXPECT_EQ(judged(any, "12"), "12");
    EXPECT_EQ(judged(any, " 1 234 "), "1234");
    EXPECT_EQ(judged(any, "1\u00a0234,5"), "1.2345E3");
    EXPECT_EQ(judged(any, "\u22125"), "-5");
    EXPECT_EQ(judged(any, "0,10"), "1E-1");
    EXPECT_EQ(judged(any, ""), "nothing");
    for (const char* text : {"x", "1e3", "1.2.3", "1-2", "--1", "0x10", "NaN", "١", "+", "."}) EXPECT_EQ(judged(any, text), "A must be a number") << text;
    EXPECT_EQ(judged(any, std::string(61, '1')), "A must be a number");
    EXPECT_EQ(judged(any, "9223372036854775807"), "9223372036854775807");
    EXPECT_EQ(judged(any, "9223372036854775808"), "A must have 15 digits or fewer");
    EXPECT_EQ(judged(any, "0.123456789012345"), "1.23456789012345E-1");
    EXPECT_EQ(judged(any, "0.1234567890123456"), "A must have 15 digits or fewer");
    EXPECT_EQ(judged(R"("type": "number", "decimalDigits": 0)", "2.5"), "A must be a whole number");
    EXPECT_EQ(judged(R"("type": "number", "decimalDigits": 0)", "2.0"), "2");
    EXPECT_EQ(judged(R"("type": "number", "decimalDigits": 2)", "2.505"), "A must have 2 digits after the point or fewer");
    EXPECT_EQ(judged(R"("type": "number", "validate": {"min": "0.1"})", "0.09"), "A must be 0.1 or more");
    EXPECT_EQ(judged(R"("type": "number", "validate": {"min": 0.1})", "0,1"), "1E-1");
    EXPECT_EQ(judged(R"("type": "number", "validate": {"max": 10})", "10.01"), "A must be 10 or less");
    EXPECT_EQ(judged(R"("type": "number", "validate": {"required": true})", " "), "Enter A");
}

TEST(Check, AFractionSurvivesStorage) {
    const Form form = form_with(R"({"type": "number", "key": "a", "label": "A"})");
    for (int cents = 1; cents < 3000; cents += 7) {
        const std::string typed = format("{}.{:02}", cents / 100, cents % 100);
        const Checked checked = check(form, {{"a", {typed}}});
        ASSERT_THAT(checked.problems, IsEmpty()) << typed;
        const auto stored = parse_json(json::serialize(checked.data));
        ASSERT_TRUE(stored);
        EXPECT_EQ(feel::Number::parse(answers_of(form, stored->get_object()).at("a").front()), feel::Number::parse(typed));
    }
}

TEST(Check, ReadsTexts) {
    constexpr std::string_view email = R"("type": "textfield", "validate": {"validationType": "email"})";
    for (const char* text : {"a@b.by", "jan.kupala@pošta.by", "a+b@c-d.example"}) EXPECT_EQ(judged(email, text), format("\"{}\"", text));
    for (const char* text : {"a", "@b.by", "a@by", "a@b@c.by", "a b@c.by", "a@.by", "a@b..by", "a@b.by.", ".a@b.by", "a@-b.by", "<a@b.by>"}) {
        EXPECT_EQ(judged(email, text), "Enter an email address like name@example.com") << text;
    }
    constexpr std::string_view phone = R"("type": "textfield", "validate": {"validationType": "phone"})";
    for (const char* text : {"+375 (29) 123-45-67", "80291234567", "12345"}) EXPECT_EQ(judged(phone, text), format("\"{}\"", text));
    for (const char* text : {"1234", "12+345", "1234567890123456", "call me", "++375291234567"}) {
        EXPECT_EQ(judged(phone, text), "Enter a telephone number like +375 29 123 45 67") << text;
    }
    EXPECT_EQ(judged(R"("type": "textfield", "validate": {"maxLength": 3})", "дом"), "\"дом\"");
    EXPECT_EQ(judged(R"("type": "textfield", "validate": {"maxLength": 3})", "доми"), "A must be 3 characters or fewer");
    EXPECT_EQ(judged(R"("type": "textfield", "validate": {"minLength": 3})", "да"), "A must be 3 characters or more");
    EXPECT_EQ(judged(R"("type": "textfield", "validate": {"pattern": "[0-9]+"})", "x"), "A is not in the right form");
    EXPECT_EQ(judged(R"("type": "textarea")", "a\r\nb  c"), "\"a\\nb c\"");
    EXPECT_EQ(judged(R"("type": "textfield")", "a\r\nb"), "\"a b\"");
}

TEST(Check, ReadsDatesAndChoices) {
    EXPECT_EQ(judged(R"("type": "datetime")", "2028-02-29"), "\"2028-02-29\"");
    for (const char* text : {"2026-02-29", "29.02.2028", "2026-2-1", "tomorrow"}) {
        EXPECT_EQ(judged(R"("type": "datetime")", text), "A must be a date that exists, like 2026-11-23") << text;
    }
    constexpr std::string_view radio = R"("type": "radio", "values": [{"label": "Yes", "value": "y"}], "validate": {"required": true})";
    EXPECT_EQ(judged(radio, "y"), "\"y\"");
    EXPECT_EQ(judged(radio, ""), "Choose A");
    EXPECT_EQ(judged(radio, "Yes"), "A is not one of the choices");
    constexpr std::string_view box = R"("type": "checkbox", "validate": {"required": true})";
    EXPECT_EQ(judged(box, "on"), "true");
    EXPECT_EQ(judged(box, "false"), "Tick A");
    EXPECT_EQ(judged(box, "perhaps"), "A is not one of the choices");
    EXPECT_EQ(judged(R"("type": "checkbox")", ""), "false");
}

TEST(Check, AChecklistGivesItsChoicesInTheOrderOfTheForm) {
    const Form form = form_with(R"({"type": "checklist", "key": "l", "label": "L", "validate": {"required": true},
        "values": [{"label": "A", "value": "a"}, {"label": "B", "value": "b"}]})");
    EXPECT_EQ(json::serialize(check(form, {{"l", {"b", "", "a", "b"}}}).data), R"({"l":["a","b"]})");
    EXPECT_THAT(problems(check(form, {{"l", {"", ""}}})), ElementsAre("l: Choose L"));
    EXPECT_THAT(problems(check(form, {{"l", {"a", "z"}}})), ElementsAre("l: L is not one of the choices"));
    EXPECT_THAT(problems(check(form, {{"l", std::vector<std::string>(kMaxOptions + 1, "a")}})), ElementsAre("l: L is not one of the choices"));
    EXPECT_EQ(answers_of(form, check(form, {{"l", {"b", "a"}}}).data).at("l"), (std::vector<std::string>{"a", "b"}));
}

TEST(Check, HostileTextIsAProblemAndNoMore) {
    const std::string field = R"("type": "textarea")";
    EXPECT_EQ(judged(field, std::string(100'000, 'x')).size(), 100'002U);
    EXPECT_EQ(judged(field, std::string(100'001, 'x')), "A is too long");
    EXPECT_EQ(judged(field, "\xff"), "A has characters that cannot be read");
    EXPECT_EQ(judged(field, std::string("a\0b", 3)), "A has characters that cannot be read");
    EXPECT_EQ(judged(R"("type": "checkbox")", "\xff"), "A has characters that cannot be read");
    EXPECT_EQ(judged(R"("type": "textfield", "validate": {"pattern": "(a+)+"})", std::string(5000, 'a') + "!"), "A is not in the right form");
}

// Field "key" hidden by the condition.
std::string text_hidden_by(std::string_view key, std::string_view condition) {
    return format(R"({{"type": "textfield", "key": "{0}", "label": "{0}", "conditional": {{"hide": "={1}"}}}})", key, condition);
}

std::string keys_of(const Checked& checked) {
    std::vector<std::string> keys;
    for (const auto& member : checked.data) keys.emplace_back(member.key());
    return join(keys, " ");
}

TEST(Shown, AConditionSeesWhatIsShownAndNotWhatIsHidden) {
    // c hangs on b, b on a, and they stand in the wrong order.
    const Form form = form_with(text_hidden_by("c", "b = null") + "," + text_hidden_by("b", "a = null") + R"(,{"type": "textfield", "key": "a", "label": "a"})");
    EXPECT_EQ(keys_of(check(form, {{"a", {"1"}}, {"b", {"2"}}, {"c", {"3"}}})), "c b a");
    EXPECT_EQ(keys_of(check(form, {{"b", {"2"}}, {"c", {"3"}}})), "");
    EXPECT_EQ(keys_of(check(form, {{"a", {"1"}}, {"c", {"3"}}})), "a");
}

TEST(Shown, FieldsThatExcludeEachOtherSettle) {
    const Form form = form_with(text_hidden_by("a", "b != null") + "," + text_hidden_by("b", "a != null"));
    EXPECT_EQ(shown_fields(form.pages[0], {}, form).size(), 2U);
    EXPECT_EQ(keys_of(check(form, {{"a", {"1"}}})), "a");
    EXPECT_EQ(keys_of(check(form, {{"b", {"1"}}})), "b");
    EXPECT_EQ(keys_of(check(form, {{"a", {"1"}}, {"b", {"1"}}})), "b");
}

TEST(Shown, ConditionsThatChaseEachOtherEnd) {
    const Form form = form_with(text_hidden_by("a", "b != null") + "," + text_hidden_by("b", "a = null"));
    const Answers answers{{"a", {"1"}}, {"b", {"1"}}};
    const Checked checked = check(form, answers);
    EXPECT_EQ(shown_fields(form.pages[0], answers, form).size(), checked.data.size());
}

TEST(Shown, AConditionThatFailsHidesNothing) {
    const Form form = form_with(R"({"type": "textfield", "key": "a", "label": "a"},)" + text_hidden_by("b", "a + 1") + "," + text_hidden_by("c", "a > 3"));
    EXPECT_EQ(shown_fields(form.pages[0], {{"a", {"x"}}}, form).size(), 3U);
}

TEST(Shown, APageGoesWithItsConditionOrItsLastQuestion) {
    const auto form = parse_form(R"js({"components": [
        {"type": "group", "id": "first", "label": "1", "components": [{"type": "checkbox", "key": "child", "label": "For a child"}]},
        {"type": "group", "id": "child", "label": "2", "conditional": {"hide": "=not(child)"}, "components": [
            {"type": "textfield", "key": "name", "label": "Name", "validate": {"required": true}}]},
        {"type": "group", "id": "school", "label": "3", "components": [{"type": "text", "text": "About the school"},
            {"type": "textfield", "key": "school", "label": "School", "conditional": {"hide": "=name = null"}}]},
        {"type": "group", "id": "end", "label": "4", "components": [{"type": "text", "text": "The end"}]}]})js", "f.json");
    ASSERT_TRUE(form) << form.error().message;
    const auto pages = [&](const Answers& answers) {
        std::vector<std::string> ids;
        for (const Page* page : shown_pages(*form, answers)) ids.push_back(page->id);
        return join(ids, " ");
    };
    EXPECT_EQ(pages({}), "first end");
    EXPECT_EQ(pages({{"child", {"on"}}}), "first child end");
    EXPECT_EQ(pages({{"child", {"on"}}, {"name", {"Ala"}}}), "first child school end");
    EXPECT_EQ(pages({{"name", {"Ala"}}}), "first end");
    EXPECT_THAT(check(*form, {}).problems, IsEmpty());
    EXPECT_THAT(problems(check(*form, {{"child", {"on"}}})), ElementsAre("name: Enter Name"));
}

TEST(Answers, OfTypedDataAreWhatWasTyped) {
    const Form form = form_with(R"({"type": "number", "key": "n", "label": "N"}, {"type": "checkbox", "key": "c", "label": "C"},
        {"type": "checkbox", "key": "d", "label": "D"}, {"type": "datetime", "key": "t", "label": "T"}, {"type": "textarea", "key": "x", "label": "X"})");
    const Answers typed{{"n", {"2,50"}}, {"c", {"on"}}, {"t", {"2026-02-28"}}, {"x", {"a\n\"b\""}}};
    const json::object data = check(form, typed).data;
    EXPECT_EQ(json::serialize(data), R"({"n":2.5E0,"c":true,"d":false,"t":"2026-02-28","x":"a\n\"b\""})");
    const Answers again = answers_of(form, data);
    EXPECT_EQ(again, (Answers{{"n", {"2.5"}}, {"c", {"true"}}, {"t", {"2026-02-28"}}, {"x", {"a\n\"b\""}}}));
    EXPECT_EQ(check(form, again).data, data);
}

TEST(Messages, AreTranslatedIntoEveryLanguageOfThePack) {
    EXPECT_EQ(problem_messages().size(), 18U);
    for (const std::string language : {"be", "ru", "en"}) {
        const auto words = parse_po(*read_file(Path(MADANG_SOURCE_DIR "/packs/by/po") / (language + ".po")), language);
        ASSERT_TRUE(words) << words.error().message;
        const auto sources = words->sources();
        for (const std::string& message : problem_messages()) {
            EXPECT_THAT(sources, testing::Contains(message)) << language;
            const std::string_view translated = words->text(message);
            for (const std::string name : {"{label}", "{min}", "{max}"}) {
                EXPECT_EQ(translated.find(name) == std::string::npos, message.find(name) == std::string::npos) << language << ": " << message;
            }
        }
    }
}

}  // namespace
}  // namespace madang::form
