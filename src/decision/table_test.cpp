// Tables whose rules are looked up by column answer as if every cell were asked.
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "base/text.h"
#include "decision/decision.h"
#include "decision/detail/model.h"

namespace madang::decision {
namespace {

class Dice {
public:
    explicit Dice(std::uint32_t seed) : engine_(seed) {}
    std::size_t below(std::size_t limit) { return std::uniform_int_distribution<std::size_t>(0, limit - 1)(engine_); }
    std::string pick(const std::vector<std::string>& all) { return all[below(all.size())]; }

private:
    std::mt19937 engine_;
};

std::string number_cell(Dice& dice) {
    const auto one = [&] { return std::to_string(dice.below(20)); };
    switch (dice.below(8)) {
        case 0: return "-";
        case 1: return "&lt; " + one();
        case 2: return "&gt;= " + one() + ".5";
        case 3: return dice.pick({"[", "(", "]"}) + one() + ".." + std::to_string(20 + dice.below(5)) + dice.pick({"]", ")", "["});
        case 4: return one() + ", " + one() + ", [-3..-1]";
        case 5: return "not(" + one() + ", &gt; " + one() + ")";
        case 6: return "? &gt; limit";   // no constant: stays to be asked
        default: return one();
    }
}

std::string text_cell(Dice& dice) {
    return dice.pick({"\"a\"", "\"b\"", "\"a\", \"c\"", "not(\"a\")", "-", "!= \"b\"", "&lt; \"c\"", "\"\"", "null"});
}

std::string truth_cell(Dice& dice) { return dice.pick({"true", "false", "-", "not(true)", "true, false"}); }

// `rules` rules over a number, a text and a truth; the answer is the list of the rules that fit.
std::string table_of(Dice& dice, std::size_t rules) {
    std::string xml = "<definitions xmlns=\"https://www.omg.org/spec/DMN/20230324/MODEL/\" name=\"m\" namespace=\"urn:m\">";
    std::string requirements;
    for (const char* name : {"n", "s", "t", "limit"}) {
        xml += madang::format("<inputData id=\"{}\" name=\"{}\"><variable name=\"{}\"/></inputData>", name, name, name);
        requirements += madang::format("<informationRequirement><requiredInput href=\"#{}\"/></informationRequirement>", name);
    }
    xml += "<decision id=\"d\" name=\"d\"><variable name=\"d\"/>" + requirements + "<decisionTable hitPolicy=\"COLLECT\">";
    for (const char* name : {"n", "s", "t"}) xml += madang::format("<input><inputExpression><text>{}</text></inputExpression></input>", name);
    xml += "<output/>";
    for (std::size_t i = 0; i < rules; ++i) {
        xml += "<rule>";
        for (const std::string& cell : {number_cell(dice), text_cell(dice), truth_cell(dice)}) xml += "<inputEntry><text>" + cell + "</text></inputEntry>";
        xml += madang::format("<outputEntry><text>{}</text></outputEntry></rule>", i);
    }
    return xml + "</decisionTable></decision></definitions>";
}

feel::Value said(std::string_view text) { return feel::evaluate(*feel::parse_expression(text), {}); }

// Every cell asked, one after the other.
std::string asked(const Table& table, const feel::Context& input) {
    feel::List fitting;
    for (std::size_t i = 0; i < table.rules.size(); ++i) {
        bool fits = true;
        for (std::size_t column = 0; fits && column < table.inputs.size(); ++column) {
            const feel::Value passed = feel::matches(table.rules[i].tests[column], feel::evaluate(table.inputs[column].expression, input), input);
            fits = passed.as<bool>() != nullptr && *passed.as<bool>();
        }
        if (fits) fitting.emplace_back(feel::Number(static_cast<std::int64_t>(i)));
    }
    return feel::text_of(feel::Value(std::move(fitting)));
}

TEST(TableIndex, AnswersAsIfEveryCellWereAsked) {
    Dice dice(11);
    const std::vector<std::string> numbers{"-4", "-3", "-2", "0", "0.5", "3", "3.5", "7.5", "19", "19.9999999999999999999", "20", "24", "1e33", "null", "\"3\"", "[3]", "true"};
    const std::vector<std::string> texts{"\"a\"", "\"b\"", "\"c\"", "\"d\"", "\"\"", "\"?\"", "null", "5", "[\"a\"]"};
    const std::vector<std::string> truths{"true", "false", "null", "\"true\"", "1"};
    for (const std::size_t rules : {1U, 2U, 10U, 63U, 64U, 65U, 130U}) {
        for (int round = 0; round < 6; ++round) {
            const std::string xml = table_of(dice, rules);
            const auto decisions = parse_dmn(xml, "m.dmn");
            ASSERT_TRUE(decisions) << decisions.error().message << xml;
            const Table& table = *decisions->model().find("d", GraphNode::Kind::decision)->body->table;
            for (int i = 0; i < 60; ++i) {
                feel::Context input;
                input.set("n", said(dice.pick(numbers)));
                input.set("s", said(dice.pick(texts)));
                input.set("t", said(dice.pick(truths)));
                input.set("limit", said("6"));
                const auto outcome = evaluate(*decisions, "d", input, {}, i % 2 == 0 ? Traced::yes : Traced::no);
                ASSERT_TRUE(outcome);
                ASSERT_EQ(feel::text_of(outcome->value), asked(table, input)) << feel::text_of(feel::Value(input)) << "\n" << xml;
            }
        }
    }
}

TEST(TableIndex, IsMadeOnceForManyThreads) {
    Dice dice(5);
    const auto decisions = parse_dmn(table_of(dice, 40), "m.dmn");
    ASSERT_TRUE(decisions) << decisions.error().message;
    feel::Context input;
    input.set("n", said("3"));
    input.set("s", said("\"a\""));
    input.set("t", said("true"));
    input.set("limit", said("1"));
    const std::string expected = asked(*decisions->model().find("d", GraphNode::Kind::decision)->body->table, input);
    std::vector<std::thread> threads;
    std::atomic<int> good{0};
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] { good += feel::text_of(evaluate(*decisions, "d", input)->value) == expected ? 1 : 0; });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(good, 4);
}

}  // namespace
}  // namespace madang::decision
