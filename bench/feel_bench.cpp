// FEEL and DMN on one core: an expression, parsing, a decision table, a graph of ten decisions, loading.
// Aims: expression 5,000,000/s; parse 20 MB/s; table 2,000,000/s; graph 300,000/s; 500 decisions loaded in
// 50 ms; 50 kB a table.
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "decision/decision.h"
#include "feel/expression.h"

namespace {

using namespace madang;

constexpr int kRounds = 9;
constexpr auto kRound = std::chrono::milliseconds(300);
constexpr const char* kExpression = "if a > 10 and b in [1..5] then c * 1.2 else c";

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Operations a second: the median of several rounds, with the lowest and the highest.
struct Rate {
    double median, low, high;
};

template <class F>
Rate measure(F operation) {
    std::vector<double> rates;
    for (int round = 0; round < kRounds; ++round) {
        const auto start = std::chrono::steady_clock::now();
        std::size_t count = 0;
        double taken = 0;
        while (taken < std::chrono::duration<double>(kRound).count()) {
            for (int i = 0; i < 100; ++i) operation(count++);
            taken = seconds_since(start);
        }
        rates.push_back(static_cast<double>(count) / taken);
    }
    std::ranges::sort(rates);
    return {rates[kRounds / 2], rates.front(), rates.back()};
}

void print(std::string_view what, const Rate& rate, std::string_view unit, double aim) {
    std::printf("%-44.*s %14.0f %.*s   (%.0f to %.0f; aim %.0f)\n", static_cast<int>(what.size()), what.data(), rate.median,
                static_cast<int>(unit.size()), unit.data(), rate.low, rate.high, aim);
    std::fflush(stdout);
}

[[noreturn]] void die(const std::string& why) {
    std::fprintf(stderr, "feel_bench: %s\n", why.c_str());
    std::exit(1);
}

feel::Expression parsed(std::string_view text) {
    auto expression = feel::parse_expression(text);
    if (!expression) die(expression.error().message);
    return std::move(*expression);
}

std::vector<feel::Context> amounts() {
    std::vector<feel::Context> inputs(64);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        inputs[i].set("a", feel::Value(feel::Number(static_cast<std::int64_t>(i))));
        inputs[i].set("b", feel::Value(feel::Number(static_cast<std::int64_t>(i % 8))));
        inputs[i].set("c", feel::Value(*feel::Number::parse(madang::format("{}.25", 100 + i))));
    }
    return inputs;
}

void bench_expression() {
    const feel::Expression expression = parsed(kExpression);
    const auto inputs = amounts();
    std::size_t nulls = 0;
    print("expression, evaluated", measure([&](std::size_t i) { nulls += feel::evaluate(expression, inputs[i % 64]).is_null() ? 1 : 0; }), "evaluations/s", 5e6);
    if (nulls != 0) die("an evaluation gave null");
}

const std::vector<std::string>& texts_to_parse() {
    static const std::vector<std::string> kTexts{
        kExpression,
        "for item in order.items return item.price * item.quantity * (1 - discount)",
        "some applicant in applicants satisfies applicant.age >= 18 and applicant.income > 1200.50",
        "if application.region = \"Minsk\" then date(\"2026-11-23\") + duration(\"P1M\") else date(\"2026-12-31\")",
        "{ total: sum(amounts), tax: total * 0.2, \"net of tax\": total - tax }",
        "count(children[age < 18 and resident = true]) > 2 or disabled = true",
        "not(contains(lower case(purpose), \"school\")) and substring(code, 1, 3) in (\"A01\", \"B02\", \"C03\")",
        "string length(name) between 2 and 80 and income / number of children >= 0.6 * living wage"};
    return kTexts;
}

// What an engine under Node makes of the same inputs, run as a process of its own with the script's answer as JSON.
// Without Node or the engine nothing is compared.
void bench_peer(const char* script) {
    const auto inputs = amounts();
    json::array given;
    for (const auto& input : inputs) given.push_back(feel::to_json(feel::Value(input)));
    json::array texts;
    for (const auto& text : texts_to_parse()) texts.emplace_back(text);
    const std::string question = "build/peers/question.json";
    const json::object asked{{"expression", kExpression}, {"inputs", std::move(given)}, {"texts", std::move(texts)}};
    if (!write_file_whole(question, json::serialize(asked))) return;
    std::FILE* pipe = ::popen(madang::format("node {} < {} 2>/dev/null", script, question).c_str(), "r");
    if (pipe == nullptr) return;
    std::string said;
    for (int c = 0; (c = std::fgetc(pipe)) != EOF;) said.push_back(static_cast<char>(c));
    ::pclose(pipe);
    const auto answer = parse_json(said);
    if (!answer || !answer->is_object()) {
        std::printf("feelin under Node cannot be had here: nothing compared\n");
        return;
    }
    const feel::Expression expression = parsed(kExpression);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const double ours = feel::evaluate(expression, inputs[i]).as<feel::Number>()->real();
        const double theirs = answer->at("answers").at(i).to_number<double>();
        if (std::abs(ours - theirs) > 1e-9 * std::abs(ours)) die(madang::format("the engines differ on input {}: {} and {}", i, ours, theirs));
    }
    const double theirs = answer->at("evaluations").to_number<double>();
    const Rate from_text = measure([&](std::size_t i) { (void)feel::evaluate(*feel::parse_expression(kExpression), inputs[i % 64]); });
    const Rate compiled = measure([&](std::size_t i) { (void)feel::evaluate(expression, inputs[i % 64]); });
    std::printf("\nbeside feelin 8.2.0 under Node %s, equal answers on 64 inputs\n", answer->at("node").as_string().c_str());
    std::printf("  read and evaluated  %12.0f/s, feelin %10.0f/s: %.0f times\n", from_text.median, theirs, from_text.median / theirs);
    std::printf("  evaluated           %12.0f/s, feelin %10.0f/s (it reads the text each time): %.0f times\n", compiled.median, theirs, compiled.median / theirs);
    const double parse = answer->at("parse").to_number<double>();
    const std::vector<std::string> names{"number of children", "living wage"};
    std::size_t bytes = 0;
    for (const auto& text : texts_to_parse()) bytes += text.size();
    const Rate read = measure([&](std::size_t) {
        for (const auto& text : texts_to_parse()) (void)feel::parse_expression(text, names);
    });
    std::printf("  parsed              %12.0f kB/s, feelin %8.0f kB/s: %.0f times\n", read.median * static_cast<double>(bytes) / 1000, parse,
                read.median * static_cast<double>(bytes) / 1000 / parse);
}

void bench_parse() {
    const auto& texts = texts_to_parse();
    const std::vector<std::string> names{"number of children", "living wage"};
    std::size_t bytes = 0;
    for (const auto& text : texts) bytes += text.size();
    for (const auto& text : texts) {
        const auto expression = feel::parse_expression(text, names);
        if (!expression) die(text + ": " + expression.error().message);
    }
    const Rate rate = measure([&](std::size_t) {
        for (const auto& text : texts) (void)feel::parse_expression(text, names);
    });
    const double scale = static_cast<double>(bytes) / 1000;
    print("parse", {rate.median * scale, rate.low * scale, rate.high * scale}, "kB/s", 20'000);
}

constexpr const char* kHead =
    "<definitions xmlns=\"https://www.omg.org/spec/DMN/20230324/MODEL/\" id=\"bench\" name=\"bench\" namespace=\"https://example.org/bench\">";

// Three inputs (number, number, text), ten rules, one of which fits.
std::string table_xml(std::string_view id, std::string_view name, std::string_view inputs) {
    std::string xml = madang::format("<decision id=\"{}\" name=\"{}\"><variable name=\"{}\"/>{}<decisionTable id=\"t_{}\" hitPolicy=\"UNIQUE\">", id, name, name, inputs, id);
    for (const char* input : {"age", "income", "region"}) {
        xml += madang::format("<input><inputExpression><text>{}</text></inputExpression></input>", input);
    }
    xml += "<output name=\"benefit\"/>";
    for (int rule = 0; rule < 10; ++rule) {
        const std::string age = rule % 2 == 0 ? "&lt; 18" : "[18..65)";
        const std::string income = madang::format("[{}..{})", rule / 2 * 500, rule / 2 * 500 + 500);
        const std::string region = rule == 9 ? "-" : "\"Minsk\", \"Brest\"";
        xml += madang::format("<rule><inputEntry><text>{}</text></inputEntry><inputEntry><text>{}</text></inputEntry><inputEntry><text>{}</text></inputEntry>"
                              "<outputEntry><text>{}</text></outputEntry></rule>", age, income, region, rule * 10 + 5);
    }
    return xml + "</decisionTable></decision>";
}

constexpr const char* kInputs =
    "<informationRequirement><requiredInput href=\"#age\"/></informationRequirement><informationRequirement><requiredInput href=\"#income\"/></informationRequirement>"
    "<informationRequirement><requiredInput href=\"#region\"/></informationRequirement>";
constexpr const char* kInputData =
    "<inputData id=\"age\" name=\"age\"><variable name=\"age\"/></inputData><inputData id=\"income\" name=\"income\"><variable name=\"income\"/></inputData>"
    "<inputData id=\"region\" name=\"region\"><variable name=\"region\"/></inputData>";

decision::Decisions load(const std::string& xml) {
    auto decisions = decision::parse_dmn(xml, "bench.dmn");
    if (!decisions) die(decisions.error().message);
    return std::move(*decisions);
}

std::vector<feel::Context> people() {
    std::vector<feel::Context> inputs(64);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        inputs[i].set("age", feel::Value(feel::Number(static_cast<std::int64_t>(i))));
        inputs[i].set("income", feel::Value(feel::Number(static_cast<std::int64_t>(i * 37 % 2500))));
        inputs[i].set("region", feel::Value(i % 2 == 0 ? "Minsk" : "Brest"));
    }
    return inputs;
}

void bench_table() {
    const auto decisions = load(std::string(kHead) + kInputData + table_xml("d", "benefit", kInputs) + "</definitions>");
    const auto inputs = people();
    std::size_t nulls = 0;
    print("table of 10 rules and 3 inputs", measure([&](std::size_t i) {
              nulls += decision::evaluate(decisions, "benefit", inputs[i % 64], {}, decision::Traced::no)->value.is_null() ? 1 : 0;
          }), "evaluations/s", 2e6);
    if (nulls != 0) die("a table gave null");
}

// Ten decisions: four tables, and expressions that stand on them in a chain.
std::string graph_xml() {
    std::string xml = std::string(kHead) + kInputData;
    for (int i = 0; i < 4; ++i) xml += table_xml(madang::format("t{}", i), madang::format("table {}", i), kInputs);
    for (int i = 0; i < 6; ++i) {
        const std::string first = madang::format("table {}", i % 4);
        const std::string second = i == 0 ? std::string("table 1") : madang::format("step {}", i - 1);
        const std::string first_id = madang::format("t{}", i % 4);
        const std::string second_id = i == 0 ? std::string("t1") : madang::format("s{}", i - 1);
        xml += madang::format("<decision id=\"s{}\" name=\"step {}\"><variable name=\"step {}\"/><informationRequirement><requiredDecision href=\"#{}\"/></informationRequirement>"
                              "<informationRequirement><requiredDecision href=\"#{}\"/></informationRequirement><informationRequirement><requiredInput href=\"#income\"/></informationRequirement>"
                              "<literalExpression><text>if income > 1000 then {} + {} else {} * 2 - {}</text></literalExpression></decision>",
                              i, i, i, first_id, second_id, first, second, first, second);
    }
    return xml + "</definitions>";
}

void bench_graph() {
    const auto decisions = load(graph_xml());
    const auto inputs = people();
    std::size_t nulls = 0;
    print("graph of ten decisions", measure([&](std::size_t i) {
              nulls += decision::evaluate(decisions, "step 5", inputs[i % 64], {}, decision::Traced::no)->value.is_null() ? 1 : 0;
          }), "evaluations/s", 300'000);
    if (nulls != 0) die("a graph gave null");
}

void bench_load() {
    std::string xml = std::string(kHead) + kInputData;
    for (int i = 0; i < 500; ++i) xml += table_xml(madang::format("d{}", i), madang::format("decision {}", i), kInputs);
    xml += "</definitions>";
    std::vector<double> times;
    for (int round = 0; round < kRounds; ++round) {
        const auto start = std::chrono::steady_clock::now();
        const auto decisions = load(xml);
        times.push_back(seconds_since(start) * 1000);
    }
    std::ranges::sort(times);
    std::printf("%-44s %14.1f ms   (%.1f to %.1f; aim 50; %zu kB of XML)\n", "model of 500 tables, loaded", times[kRounds / 2], times.front(), times.back(), xml.size() / 1000);
    const std::size_t before = ::mallinfo2().uordblks;
    const auto decisions = load(xml);
    const std::size_t after = ::mallinfo2().uordblks;
    std::printf("%-44s %14.1f kB   (aim 50)\n", "memory per loaded table", static_cast<double>(after - before) / 500 / 1000);
}

}  // namespace

int main(int argc, char** argv) {
    bench_expression();
    bench_parse();
    bench_table();
    bench_graph();
    bench_load();
    if (argc > 1) bench_peer(argv[1]);
    return 0;
}
