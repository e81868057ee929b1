#include "security/text_decoder.h"

#include <gtest/gtest.h>

namespace madang::security {
namespace {

std::string decoded(std::string_view bytes, std::size_t piece) {
    TextDecoder decoder;
    std::string text;
    const auto add = [&](std::string_view some) { text += some; };
    for (std::size_t at = 0; at < bytes.size(); at += piece) decoder.feed(bytes.substr(at, piece), add);
    decoder.finish(add);
    return text;
}

TEST(TextDecoder, FollowsTheMarkOfOrder) {
    using namespace std::string_view_literals;
    for (const std::size_t piece : {1, 2, 3, 100}) {
        EXPECT_EQ(decoded("\xff\xfe{\0\x1e\x04\x3d\xd8\x00\xde\n\0"sv, piece), "{\xD0\x9E\xF0\x9F\x98\x80\n");
        EXPECT_EQ(decoded("\xfe\xff\0{\x04\x1e\xd8\x3d\xde\x00\0\n"sv, piece), "{\xD0\x9E\xF0\x9F\x98\x80\n");
        EXPECT_EQ(decoded("\xef\xbb\xbf{}", piece), "{}");
        EXPECT_EQ(decoded("ab", piece), "ab");
        EXPECT_EQ(decoded("\xff\xfe" "a\0b"sv, piece), "a\xEF\xBF\xBD");
    }
}

TEST(CheckIsText, RefusesWhatIsFullOfNul) {
    using namespace std::string_view_literals;
    EXPECT_TRUE(check_is_text("{\"a\":1}\n"));
    EXPECT_TRUE(check_is_text("\xff\xfe{\0}\0"sv));
    EXPECT_FALSE(check_is_text("{\0}\0"sv));
    EXPECT_EQ(check_is_text("PK\x03\x04\0\0\0\0"sv).error().message, "it is a zip archive: unpack it first");
}

}  // namespace
}  // namespace madang::security
