#include "security/sigma_program.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <map>

#include "base/random.h"
#include "base/text.h"
#include "security/detail/sigma_seen_event.h"
#include "security/detector.h"
#include "security/evtx.h"
#include "security/rule_set.h"
#include "security/sigma_slow.h"

namespace madang::security {
namespace {

std::unique_ptr<const SigmaProgram> compiled(std::vector<SigmaRule> rules) {
    auto program = SigmaProgram::compile(std::move(rules), LogSources());
    EXPECT_TRUE(program) << program.error().message;
    return program ? std::move(*program) : nullptr;
}

// Every rule on this event, both ways.
void expect_agreement(const SigmaProgram& program, SigmaProgram::Run& run, const Event& event, std::size_t& met) {
    const auto found = run.matches(event, {});
    const std::set<std::uint32_t> fast(found.begin(), found.end());
    const SeenEvent seen(event);
    for (std::uint32_t i = 0; i < program.size(); ++i) {
        const bool slow = meets(program.rule(i), seen) && concerns(program.rule(i), seen);
        met += slow ? 1 : 0;
        if (slow == fast.contains(i)) continue;
        std::string text;
        for (const EventField& field : event.fields()) text += format("  {}: {}{}\n", field.name, field.value, field.null ? " (null)" : "");
        ADD_FAILURE() << program.rule(i).metadata.file << ": the slow evaluator says " << slow << " on\n" << text;
    }
}

// Words that rules and events are made of: few, so that they meet.
constexpr std::string_view kWords[] = {"cmd", "CMD.exe", "power", "shell", "-enc", "/enc", "\\a\\b", "x", "", "4688", "Ў", "ў", "10.0.0.5", "fe80::5", "2024-02-29T23:59:00", "a*b", "a?b", " –enc", "5.5", "-3",
                                       "cG93ZXI=", "YQBcAGIA", "x\ny"};
constexpr std::string_view kNumbers[] = {"4688", "4688.0", "46.88e2", "5.5", "5.50", "-0", "-3", "-3.0", "1e400", "12345678901234567890123"};
constexpr std::string_view kFields[] = {"A", "B", "Image", "EventID"};
// Each modifier of the specification, alone and with those that change what it does.
constexpr std::string_view kModifiers[] = {
    "", "|contains", "|startswith", "|endswith", "|cased", "|contains|cased", "|startswith|cased", "|endswith|cased", "|neq", "|contains|neq", "|cased|neq", "|contains|all", "|startswith|all", "|windash",
    "|contains|windash", "|endswith|windash", "|windash|contains|all", "|re", "|re|i", "|re|m", "|re|s", "|re|i|m|s", "|re|neq", "|re|all", "|cidr", "|cidr|neq", "|gt", "|gte", "|lt", "|lte", "|exists",
    "|fieldref", "|fieldref|startswith", "|fieldref|endswith", "|fieldref|contains", "|fieldref|cased", "|fieldref|neq", "|base64", "|base64|contains", "|base64offset|contains", "|wide|base64offset|contains",
    "|utf16le|base64|contains", "|utf16be|base64offset|contains", "|utf16|base64offset|contains", "|minute", "|hour", "|day", "|week", "|month", "|year", "|hour|gte", "|year|lt", "|month|neq"};

class Maker {
public:
    explicit Maker(std::uint64_t seed) : dice_(seed) {}

    std::string rule(int number) {
        std::string text = format("title: rule {}\nlogsource: {{product: p}}\ndetection:\n", number);
        const int searches = 1 + static_cast<int>(dice_.below(3));
        for (int s = 0; s < searches; ++s) {
            if (dice_.below(6) == 0) {
                text += format("  s{}: ['{}', '*{}*']\n", s, word(), word());
                continue;
            }
            text += format("  s{}:\n", s);
            std::set<std::string> keys;
            for (std::uint64_t items = 1 + dice_.below(2); items > 0; --items) {
                const std::string field(pick(kFields));
                const std::string modifiers(pick(kModifiers));
                if (keys.insert(field + modifiers).second) text += format("    {}{}: {}\n", field, modifiers, values(modifiers));
            }
        }
        constexpr std::string_view conditions[] = {"1 of s*", "all of them", "not s0", "s0 and not 1 of s*", "s0 or s0", "not (s0 and s0)"};
        return text + format("  condition: {}\n", pick(conditions));
    }
    void fill(Event& event) {
        event.clear();
        for (const std::string_view field : kFields) {
            for (std::uint64_t times = dice_.below(3); times > 0; --times) {
                if (dice_.below(10) == 0) event.add(field, "", Event::Value::null);
                else if (dice_.below(6) == 0) event.add(field, pick(kNumbers), Event::Value::number);
                else event.add(field, dice_.below(3) == 0 ? word() + word() : word());
            }
        }
        if (dice_.below(4) == 0) event.set_line(word() + " " + word());
    }

private:
    template <std::size_t N>
    std::string_view pick(const std::string_view (&from)[N]) { return from[dice_.below(N)]; }
    std::string word() { return std::string(pick(kWords)); }
    std::string values(std::string_view modifiers) {
        constexpr std::string_view kExpressions[] = {"'c.d'", "'(?i)SH.*'", "'^x$'", "'^y'", "'x.y'", "'[a-c]{1,3}$'", "'^$'"};
        constexpr std::string_view kNetworks[] = {"10.0.0.0/24", "'fe80::/10'", "10.0.0.4/31", "'::ffff:10.0.0.0/120'"};
        if (modifiers == "|re|all") return format("[{}, {}]", pick(kExpressions), pick(kExpressions));
        if (modifiers.starts_with("|re")) return std::string(pick(kExpressions));
        if (modifiers.starts_with("|cidr")) return std::string(pick(kNetworks));
        for (const auto& [part, value] : {std::pair{"|minute", "59"}, {"|hour", "23"}, {"|day", "29"}, {"|week", "9"}, {"|month", "2"}, {"|year", "2024"}}) {
            if (modifiers.starts_with(part)) return value;
        }
        if (modifiers.starts_with("|gt") || modifiers.starts_with("|lt")) return dice_.below(2) == 0 ? "4688" : "5.5";
        if (modifiers == "|exists") return dice_.below(2) == 0 ? "true" : "false";
        if (modifiers.starts_with("|fieldref")) return "B";
        if (modifiers == "|windash|contains|all") return "[' -enc', '-']";
        if (modifiers.ends_with("|all")) return format("['c{}', '{}m']", word(), word());
        if (modifiers.contains("windash")) return dice_.below(2) == 0 ? "' -enc'" : "'/enc'";
        if (modifiers.contains("base64")) return dice_.below(2) == 0 ? "power" : R"('a\b')";
        if (modifiers.empty() && dice_.below(4) == 0) return dice_.below(2) == 0 ? "null" : "4688";
        // Escapes: \* and \? are letters, \\* is a backslash and any text.
        constexpr std::string_view kEscapes[] = {R"('a\*b')", R"('a\?b')", R"('a?b')", R"('\\*')", R"('a*')", R"('*')", R"('\a\\b')", "''"};
        if (dice_.below(4) == 0) return std::string(pick(kEscapes));
        return format("['{}', 'q{}']", word(), word());
    }
    SeededRandom dice_;
};

TEST(SigmaProgram, AgreesWithTheSlowEvaluatorOnMadeRulesAndEvents) {
    Maker maker(20261124);
    std::vector<SigmaRule> rules;
    for (int i = 0; i < 600; ++i) {
        const std::string text = maker.rule(i);
        auto read = read_sigma(text, format("made-{}", i));
        if (!read) continue;   // not every combination is one
        std::ranges::move(read->rules, std::back_inserter(rules));
    }
    ASSERT_GT(rules.size(), 300U);
    const auto program = compiled(std::move(rules));
    SigmaProgram::Run run(*program);
    std::size_t met = 0;
    Event event;
    for (int i = 0; i < 200 && !testing::Test::HasFailure(); ++i) {
        maker.fill(event);
        expect_agreement(*program, run, event, met);
    }
    EXPECT_GT(met, 1000U);
    std::printf("%zu rules, %zu met\n", program->size(), met);
}

TEST(SigmaProgram, ComparesNumbersOfJsonAsNumbers) {
    const struct { const char* value; const char* event; bool expected; } cases[] = {
        {"1", R"({"a":1.0})", true},  {"1", R"({"a":1e0})", true},     {"1", R"({"a":10E-1})", true},  {"'1'", R"({"a":1.0})", true},
        {"1", R"({"a":"1"})", true},  {"1", R"({"a":"1.0"})", false},  {"0", R"({"a":-0})", true},     {"0", R"({"a":-0.0})", true},
        {"1", R"({"a":1.1})", false}, {"1.5", R"({"a":1.50})", true},  {"-3", R"({"a":-3.0})", true},  {"1", R"({"a":1e400})", false},
        {"18446744073709551615", R"({"a":18446744073709551615.0})", true},
        {"18446744073709551615", R"({"a":18446744073709551614.0})", false},
        {"9007199254740993", R"({"a":9007199254740993.00})", true},
        {"10000000000000000", R"({"a":1e16})", true},
        {"'12345678901234567890123'", R"({"a":12345678901234567890123})", true},
    };
    for (const auto& one : cases) {
        auto read = read_sigma(format("title: t\nlogsource: {{product: p}}\ndetection:\n  s: {{a: {}}}\n  condition: s\n", one.value), "t.yml");
        ASSERT_TRUE(read) << read.error().message;
        const auto program = compiled(std::move(read->rules));
        SigmaProgram::Run run(*program);
        Event event;
        ASSERT_TRUE(parse_json_line(one.event, {}, event));
        EXPECT_EQ(run.matches(event, {}).size(), one.expected ? 1U : 0U) << one.value << " on " << one.event;
        EXPECT_EQ(meets(program->rule(0), SeenEvent(event)), one.expected) << one.value << " on " << one.event;
    }
}

TEST(SigmaProgram, AgreesWithTheSlowEvaluatorOnTheRulesOfTheCorpus) {
    const Path corpus = Path(MADANG_CORPORA) / "sigma";
    if (!std::filesystem::is_directory(corpus)) GTEST_SKIP() << "sigma is missing in " << MADANG_CORPORA;
    auto set = load_rules({corpus / "rules", corpus / "rules-emerging-threats", corpus / "rules-threat-hunting"});
    ASSERT_TRUE(set) << set.error().message;
    const auto begin = std::chrono::steady_clock::now();
    const auto program = compiled(std::move(set->rules));
    const auto facts = program->facts();
    std::printf("%zu rules, %zu predicates, %zu literals, %zu always, compiled in %lld ms\n", facts.rules, facts.predicates, facts.literals, facts.always,
                static_cast<long long>(std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin).count()));
    SigmaProgram::Run run(*program);
    std::size_t met = 0;
    int looked = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(corpus / "regression_data")) {
        if (entry.path().extension() != ".evtx" || looked >= 25) continue;
        const auto file = EvtxFile::open(entry.path());
        auto log = EvtxReader::open(file ? file->bytes() : std::string_view());
        if (!log) continue;
        EvtxEvents events;
        Event event;
        if (const EvtxRecord* record = log->next(); record != nullptr && events.fill(log->paths(), *record, event)) {
            ++looked;
            expect_agreement(*program, run, event, met);
        }
    }
    EXPECT_GT(met, 0U);
}

}  // namespace
}  // namespace madang::security
