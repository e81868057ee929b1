#include "security/source_origins.h"

#include <gtest/gtest.h>

namespace madang::security {
namespace {

TEST(SourceOrigins, SayWhatIsKnownOfASource) {
    const auto origins = SourceOrigins::parse("10.0.0.7=/cisco/aaa, /var/log/a=b.log=webserver//nginx, app:haproxy=//haproxy,");
    ASSERT_TRUE(origins) << origins.error().message;
    Event event;
    EXPECT_EQ(origins->of("10.0.0.7", event), (LogOrigin{"", "cisco", "aaa"}));
    EXPECT_EQ(origins->of("/var/log/a=b.log", event), (LogOrigin{"webserver", "", "nginx"}));
    EXPECT_EQ(origins->of("10.0.0.8", event), LogOrigin{});
    event.add("app_name", "haproxy");
    EXPECT_EQ(origins->of("10.0.0.8", event), (LogOrigin{"", "", "haproxy"}));
    EXPECT_EQ(origins->of(source_with("10.0.0.7", {"", "aws", "cloudtrail"}), event), (LogOrigin{"", "aws", "cloudtrail"}));
    EXPECT_EQ(origins->of("host [1/2]", {}), LogOrigin{});
    EXPECT_EQ(source_with("a", {}), "a");
}

TEST(SourceOrigins, RefuseWhatIsNone) {
    for (const char* text : {"a", "=//x", "a=x", "a=//", "a=A//", "a=x/y/z/w"}) EXPECT_FALSE(SourceOrigins::parse(text)) << text;
    EXPECT_TRUE(SourceOrigins::parse(""));
}

}  // namespace
}  // namespace madang::security
