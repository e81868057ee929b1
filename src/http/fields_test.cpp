#include "http/fields.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace madang::http {
namespace {

std::string text_of(const Result<Fields>& fields) {
    if (!fields) return "error: " + fields.error().message;
    std::string text;
    for (const auto& [name, value] : *fields) text += "[" + name + "=" + value + "]";
    return text;
}

TEST(ParseUrlencoded, ReadsWhatBrowsersSend) {
    const std::pair<std::string_view, std::string_view> rows[] = {
        {"", ""},
        {"a=1&b=2", "[a=1][b=2]"},
        {"a=x+y%21&a=2", "[a=x y!][a=2]"},
        {"a&b=", "[a=][b=]"},
        {"&&a=1&", "[a=1]"},
        {"a=b=c", "[a=b=c]"},
        {"%D0%B8%D0%BC%D1%8F=%D0%AF", "[имя=Я]"},
        {"a=1%0D%0A2", "[a=1\r\n2]"},
        {"a=%", "error: value of field 1: \"%\" is not followed by two hexadecimal digits"},
        {"a=1&b=%4", "error: value of field 2: \"%\" is not followed by two hexadecimal digits"},
        {"%g0=1", "error: name of field 1: \"%\" is not followed by two hexadecimal digits"},
        {"a=%00", "error: value of field 1: holds a NUL character"},
        {"a=%ff", "error: value of field 1: is not UTF-8 text"},
        {"a=%c0%af", "error: value of field 1: is not UTF-8 text"},
    };
    for (const auto& [input, expected] : rows) EXPECT_EQ(text_of(parse_urlencoded(input)), expected) << input;
}

TEST(ParseUrlencoded, KeepsItsLimits) {
    EXPECT_EQ(text_of(parse_urlencoded("a=1&b=2&c=3", {.fields = 2})), "error: more than 2 fields");
    EXPECT_EQ(text_of(parse_urlencoded("abc=1", {.name_bytes = 2})), "error: name of field 1: longer than 2 bytes");
    EXPECT_EQ(text_of(parse_urlencoded("a=%41%41%41", {.value_bytes = 2})), "error: value of field 1: longer than 2 bytes");
}

TEST(Fields, GroupTheValuesOfOneName) {
    const auto fields = parse_urlencoded("tick=1&name=x&tick=2");
    ASSERT_TRUE(fields);
    EXPECT_EQ(fields->all("tick"), (std::vector<std::string>{"1", "2"}));
    EXPECT_EQ(fields->value_or("none", "-"), "-");
    EXPECT_EQ(fields->grouped().at("tick").size(), 2U);
}

TEST(PercentEncode, IsReadBackUnchanged) {
    const std::string odd = "a b+c&d=е/?#%~\r\n\"'";
    const auto fields = parse_urlencoded("v=" + percent_encode(odd));
    ASSERT_TRUE(fields);
    EXPECT_EQ(fields->find("v"), odd);
}

TEST(ParseTarget, DecodesPathsAndRefusesTricks) {
    const auto shown = [](std::string_view text) {
        const auto target = parse_target(text);
        if (!target) return std::string("refused");
        std::string out = std::string(target->authority) + "|" + target->path + "|";
        for (const auto& segment : target->segments) out += "<" + segment + ">";
        return out + "|" + std::string(target->query);
    };
    const std::pair<std::string_view, std::string_view> rows[] = {
        {"/", "|/||"},
        {"/a/b?x=1", "|/a/b|<a><b>|x=1"},
        {"/a/", "|/a/|<a><>|"},
        {"//a", "|//a|<><a>|"},
        {"/%D0%B0%20b", "|/а b|<а b>|"},
        {"/a+b", "|/a+b|<a+b>|"},
        {"/a?b?c", "|/a|<a>|b?c"},
        {"http://h:1/a?b", "h:1|/a|<a>|b"},
        {"HTTPS://h", "h|/||"},
        {"", "refused"},
        {"a", "refused"},
        {"*", "refused"},
        {"?a", "refused"},
        {"http:///a", "refused"},
        {"/a#b", "refused"},
        {"/a b", "refused"},
        {"/.", "refused"},
        {"/a/../b", "refused"},
        {"/%2e%2E/b", "refused"},
        {"/.%2e", "refused"},
        {"/a%2fb", "refused"},
        {"/a%5Cb", "refused"},
        {"/a\\b", "refused"},
        {"/a%00", "refused"},
        {"/a%0ab", "refused"},
        {"/%ff", "refused"},
        {"/%c0%ae%c0%ae/", "refused"},
        {"/%", "refused"},
        {"/%2", "refused"},
        {"/%252e", "|/%2e|<%2e>|"},
    };
    for (const auto& [input, expected] : rows) EXPECT_EQ(shown(input), expected) << input;
}

TEST(IsLocalPath, KnowsWhatLeavesTheSite) {
    for (const auto* text : {"/", "/case/1?x=2#y"}) EXPECT_TRUE(is_local_path(text)) << text;
    for (const auto* text : {"", "case", "//evil", "/\\evil", "https://evil", "/a\r\nb", "\\\\evil", "/a b", "/\tevil"}) {
        EXPECT_FALSE(is_local_path(text)) << text;
    }
}

}  // namespace
}  // namespace madang::http
