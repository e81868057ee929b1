#include "decision/explain.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "base/text.h"
#include "decision/decision.h"

namespace madang::decision {
namespace {

using testing::ElementsAre;

std::vector<std::string> told(std::string_view trace, std::string_view language = "en", const Catalogue& words = {}) {
    return explain(*parse_json(trace), words, language);
}

Catalogue russian() {
    return *parse_po(R"(msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"

msgid "\"{decision}\" is: {value}, by {rules} ({article})."
msgstr "«{decision}»: {value}, по {rules} ({article})."

msgid "rule {number} of its table"
msgstr "правилу {number} своей таблицы"

msgid "There {inputs}."
msgstr "При этом: {inputs}."

msgid "\"{name}\" is {value}"
msgstr "«{name}» — {value}"

msgid "\"{text}\""
msgstr "«{text}»"

msgid "Decree No. 200, item 1.3.4"
msgstr "Указ № 200, пункт 1.3.4"

msgid "officer"
msgstr "к служащему"

msgid "outcome"
msgstr "итог"

msgid "yes"
msgstr "да"
)", "ru.po");
}

TEST(Explain, TellsTheInnermostDecisionFirst) {
    const auto text = read_file(Path(MADANG_SOURCE_DIR "/packs/by/services/certificate-of-residence/decision.dmn"));
    const auto decisions = parse_dmn(*text, "decision.dmn");
    const auto input = parse_json(R"({"stated": {"town": "Маладзечна", "street": "x", "house": "1", "flat": null},
        "residence": {"towns": ["Мінск"], "streets": ["x"], "house": "1", "flat": null}})");
    const auto outcome = evaluate(*decisions, "Residence certificate", input->as_object());
    EXPECT_THAT(explain(outcome->trace, Catalogue(), "en"),
                ElementsAre("\"registered\" is: yes.", "\"same address\" is: no.",
                            "\"Residence certificate\" is: outcome \"officer\", reason \"The population register holds another address for this person\", "
                            "by rule 2 of its table (Decree No. 200, item 1.3.4).",
                            "There \"Registered somewhere\" is yes; \"At the stated address\" is no."));
}

TEST(Explain, SpeaksTheLanguageOfTheCatalogue) {
    EXPECT_THAT(told(R"({"decision": "Справка", "value": {"outcome": "officer"}, "article": "Decree No. 200, item 1.3.4",
                         "rules": [{"table": "t", "rule": "r", "number": 2, "inputs": [{"name": "a", "value": true}]}]})", "ru", russian()),
                ElementsAre("«Справка»: итог «к служащему», по правилу 2 своей таблицы (Указ № 200, пункт 1.3.4).", "При этом: «a» — да."));
}

TEST(Explain, SaysWhatIsThereWhenATraceIsPoor) {
    struct { std::string_view trace, sentences; } const cases[] = {
        {R"({"decision": "d", "value": 1, "rules": [{"table": "t", "rule": "r7"}]})", "\"d\" is: 1, by the rule \"r7\" of its table."},
        {R"({"decision": "d", "value": 1, "rules": [{}]})", "\"d\" is: 1, by a rule of its table."},
        {R"({"decision": "d", "value": 1, "rules": [{"number": 1}, {"number": 3, "article": "A"}], "article": "A"})", "\"d\" is: 1, by rules 1, 3 of its table (A)."},
        {R"({"decision": "d", "value": 1, "rules": [{"number": 1, "article": "A"}, {"number": 3, "article": "B"}]})", "\"d\" is: 1, by rules 1, 3 of its table (A; B)."},
        {R"({"decision": "d", "value": null})", "\"d\" has no value."},
        {R"({"decision": "d", "value": null, "reason": "the input \"x\" was not given."})", "\"d\" has no value: the input \"x\" was not given."},
        {R"({"decision": "d"})", "\"d\" was not needed."},
        {R"({"service": "s", "value": true})", "\"s\" is: yes."},
        {R"({"decision": "d", "value": 1, "rules": [{"number": 1, "inputs": [{"name": "", "value": null}]}]})",
         "\"d\" is: 1, by rule 1 of its table.|There what column 1 asks for is nothing."},
        {R"({"decision": "d", "rules": "none", "required": 1, "value": 1})", "\"d\" is: 1."},
    };
    for (const auto& one : cases) EXPECT_EQ(join(told(one.trace), "|"), one.sentences);
    EXPECT_THAT(told("[]"), testing::IsEmpty());
    EXPECT_THAT(told(R"({"x": 1})"), testing::IsEmpty());
}

TEST(Explain, WritesValuesAsPeopleOfTheLanguageDo) {
    struct { std::string_view value, language, text; } const cases[] = {
        {"1.5", "en", "1.5"},   {"1.5", "be", "1,5"},
        {"\"2026-11-23\"", "en", "23 November 2026"},
        {"\"{decision} x\"", "en", "\"{decision} x\""},
        {"[]", "en", "an empty list"},
        {"[1, [2, null]]", "en", "1, (2, nothing)"},
        {R"({"a": {"b": false}})", "en", "a (b no)"},
        {"[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22]", "en", "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 2 more"},
    };
    for (const auto& one : cases) {
        EXPECT_THAT(told(R"({"decision": "d", "value": )" + std::string(one.value) + "}", one.language), ElementsAre("\"d\" is: " + std::string(one.text) + "."));
    }
    EXPECT_THAT(told(R"({"decision": "d", "value": "2026-11-23"})", "ru"), ElementsAre(testing::MatchesRegex("\"d\" is: 23 ноября 2026.*[^.]\\.")));
}

TEST(Explain, TellsADecisionThatTwoRequireOnce) {
    EXPECT_THAT(told(R"({"decision": "a", "value": 1, "required": [
        {"decision": "b", "value": 2, "required": [{"decision": "c", "value": 3}]}, {"decision": "c"}]})"),
                ElementsAre("\"c\" is: 3.", "\"b\" is: 2.", "\"a\" is: 1."));
}

}  // namespace
}  // namespace madang::decision
