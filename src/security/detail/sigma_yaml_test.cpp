#include "security/detail/sigma_yaml.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace madang::security {
namespace {

std::string shown(const YamlNode& node) {
    std::string out;
    switch (node.kind) {
        case YamlKind::null: return "null";
        case YamlKind::boolean: return "bool:" + node.text;
        case YamlKind::integer: return "int:" + node.text;
        case YamlKind::real: return "real:" + node.text;
        case YamlKind::text: return "'" + node.text + "'";
        case YamlKind::list:
            for (const auto& item : node.items) out += (out.empty() ? "" : ", ") + shown(item);
            return "[" + out + "]";
        case YamlKind::map:
            for (const auto& [key, value] : node.entries) out += (out.empty() ? "" : ", ") + key.text + "=" + shown(value);
            return "{" + out + "}";
    }
    return out;
}

std::string read(std::string_view text) {
    const auto documents = parse_yaml(text, "a.yml");
    if (!documents) return documents.error().message;
    std::string out;
    for (const auto& document : *documents) out += (out.empty() ? "" : " --- ") + shown(document);
    return out;
}

TEST(ParseYaml, ReadsScalarsByTheCoreSchema) {
    const std::pair<const char*, const char*> cases[] = {
        {"[null, ~, Null, 'null', ]", "[null, null, null, 'null']"},
        {"[true, False, yes, on]", "[bool:true, bool:False, 'yes', 'on']"},
        {"[1, -2, +3, 0x1F, 0o17, 0x, 08]", "[int:1, int:-2, int:+3, int:0x1F, int:0o17, '0x', int:08]"},
        {"[1.5, .5, 1., 1e3, 1.2.3, '1.5', ., 1e]", "[real:1.5, real:.5, real:1., real:1e3, '1.2.3', '1.5', '.', '1e']"},
        {"a: 2021-01-02", "{a='2021-01-02'}"},
        {"a: '\\\\x'\nb: \"\\\\x\"\nc: \\\\x", "{a='\\\\x', b='\\x', c='\\\\x'}"},
        {"a:", "{a=null}"},
        {"a: 1\n---\nb: 2", "{a=int:1} --- {b=int:2}"},
    };
    for (const auto& [text, expected] : cases) EXPECT_EQ(read(text), expected) << text;
}

TEST(ParseYaml, SaysWhereItRefuses) {
    EXPECT_EQ(read("a: 1\nb: *x"), "a.yml:2: nothing before is called &x");
    EXPECT_EQ(read("a: &x [*x]"), "a.yml:1: nothing before is called &x");
    EXPECT_EQ(read("a: &x 1\n---\nb: *x"), "a.yml:3: nothing before is called &x");
    EXPECT_EQ(read("a: !!str 1"), "a.yml:1: a tag (!name) is not read here");
    EXPECT_EQ(read("a: 1\n\na: 2"), "a.yml:3: the key \"a\" is there twice");
    EXPECT_EQ(read("? [1]\n: 2"), "a.yml:1: a key is a single word or text");
    EXPECT_EQ(read("\xff"), "a.yml:1: this is not UTF-8");
    EXPECT_EQ(read("a: [1"), "a.yml:1: this is not YAML: did not find expected ',' or ']'");
    EXPECT_EQ(read(std::string(40, '[')), "a.yml:1: more than 16 levels deep");
    EXPECT_EQ(read(std::string(kMaxYamlBytes + 1, ' ')), "a.yml:1: more than 1048576 bytes");
    std::string many = "[";
    for (std::size_t i = 0; i < kMaxYamlNodes; ++i) many += "1,";
    EXPECT_EQ(read(many + "]"), "a.yml:1: more than 100000 values");
}

TEST(ParseYaml, CopiesWhatAnAnchorNames) {
    EXPECT_EQ(read("a: &x [1, b]\nc: *x\nd: {e: *x}"), "{a=[int:1, 'b'], c=[int:1, 'b'], d={e=[int:1, 'b']}}");
    EXPECT_EQ(read("a: &x 1\nb: &x 2\nc: *x"), "{a=int:1, b=int:2, c=int:2}");
    // A thousand million values in 10 lines.
    std::string laughs = "l0: &l0 [1,1,1,1,1,1,1,1,1,1]\n";
    for (int i = 1; i < 9; ++i) laughs += format("l{}: &l{} [*l{},*l{},*l{},*l{},*l{},*l{},*l{},*l{},*l{},*l{}]\n", i, i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    EXPECT_TRUE(read(laughs).ends_with(": more than 100000 values"));
    std::string deep = "l0: &l0 [1]\n";
    for (int i = 1; i < 30; ++i) deep += format("l{}: &l{} [*l{}]\n", i, i, i - 1);
    EXPECT_TRUE(read(deep).ends_with(": more than 16 levels deep"));
}

TEST(ParseYamlDocuments, KeepsTheOthersWhereOneIsWrong) {
    std::string all;
    for (const auto& one : parse_yaml_documents("a: 1\n---\nb: [1\n---\nc: 2\n--- # d\nd: x: y\n---\ne: 3", "a.yml")) all += (one ? shown(*one) : one.error().message) + "\n";
    EXPECT_EQ(all, "{a=int:1}\na.yml:4: this is not YAML: did not find expected ',' or ']'\n{c=int:2}\na.yml:7: this is not YAML: mapping values are not allowed in this context\n{e=int:3}\n");
}

}  // namespace
}  // namespace madang::security
