#include "http/multipart.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace madang::http {
namespace {

constexpr const char* kType = "multipart/form-data; boundary=AaB03x";

TEST(ParseMultipart, ReadsFieldsAndFiles) {
    const std::string body =
        "--AaB03x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\ntoken\r\n"
        "--AaB03x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"C:\\\\x\\\\da\\\"v.pdf\"\r\n"
        "Content-Type: application/pdf\r\n\r\n%PDF-1.7\r\n\r\n--AaB03\r\n\r\n--AaB03x--\r\n";
    const auto parts = parse_multipart(body, kType);
    ASSERT_TRUE(parts) << parts.error().message;
    ASSERT_EQ(parts->size(), 2U);
    EXPECT_EQ((*parts)[0].name, "csrf");
    EXPECT_EQ((*parts)[0].content, "token");
    EXPECT_EQ((*parts)[1].file_name, "da\"v.pdf");
    EXPECT_EQ((*parts)[1].content_type, "application/pdf");
    EXPECT_EQ((*parts)[1].content, "%PDF-1.7\r\n\r\n--AaB03\r\n");
}

TEST(ParseMultipart, NeverGivesAFolder) {
    for (const char* name : {"../../etc/passwd", "/etc/passwd", "a/b\\\\..\\\\passwd"}) {
        const auto parts = parse_multipart(
            format("--AaB03x\r\nContent-Disposition: form-data; name=f; filename=\"{}\"\r\n\r\n\r\n--AaB03x--", name), kType);
        ASSERT_TRUE(parts) << parts.error().message;
        EXPECT_EQ((*parts)[0].file_name, "passwd");
    }
}

TEST(ParseMultipart, RefusesTheMalformedByPart) {
    const std::string part = "--AaB03x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n";
    const std::pair<std::string, const char*> cases[] = {
        {"", "does not begin with its boundary"},
        {"--AaB03x", "malformed"},
        {part, "part 1 has no end"},
        {part + "--AaB03x?", "malformed after part 1"},
        {part + "--AaB03x\r\n\r\nx", "part 2 has no end"},
        {"--AaB03x\r\nContent-Disposition: form-data\r\n\r\n\r\n--AaB03x--", "part 1: no name"},
        {"--AaB03x\r\nContent-Disposition: form-data; name=\"a\r\n\r\n\r\n--AaB03x--", "no closing quote"},
        {"--AaB03x\r\nX: y\r\n\r\n\r\n--AaB03x--", "no Content-Disposition"},
        {"--AaB03x\r\nContent-Transfer-Encoding: base64\r\n\r\n\r\n--AaB03x--", "not accepted"},
        {"--AaB03x\r\n" + std::string(5000, 'a') + "\r\n\r\n\r\n--AaB03x--", "do not end within"},
    };
    for (const auto& [body, expected] : cases) {
        const auto parts = parse_multipart(body, kType);
        ASSERT_FALSE(parts) << body;
        EXPECT_NE(parts.error().message.find(expected), std::string::npos) << parts.error().message;
    }
    // A letter whose lower case is longer moves no place in the header.
    EXPECT_TRUE(parse_multipart("--AaB03x\r\nContent-Disposition: form-data; name=\"a\"; x=\xC4\xB0\xC4\xB0; filename=\r\n\r\n\r\n--AaB03x--", kType));
    std::string many;
    for (int i = 0; i < 21; ++i) many += part;
    EXPECT_FALSE(parse_multipart(many + "--AaB03x--", kType));
    EXPECT_FALSE(parse_multipart("", "text/plain"));
    EXPECT_FALSE(parse_multipart("", "multipart/form-data"));
    EXPECT_FALSE(parse_multipart("", "multipart/form-data; boundary=" + std::string(71, 'a')));
}

}  // namespace
}  // namespace madang::http
