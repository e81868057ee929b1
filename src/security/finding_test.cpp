#include "security/finding.h"

#include <gtest/gtest.h>

#include "security/spool.h"

namespace madang::security {
namespace {

std::string computer_in(LineFormat format, std::string_view line) {
    Event event;
    EXPECT_TRUE(parse_record({.at = {}, .format = format, .source = "test", .line = line}, event));
    return computer_of(event);
}

TEST(FindingComputer, IsTakenByTheNameThatItsSourceHas) {
    EXPECT_EQ(computer_in(LineFormat::json, R"({"Event":{"System":{"Computer":"PC-1","EventID":1}}})"), "PC-1");
    EXPECT_EQ(computer_in(LineFormat::json, R"({"Computer":"PC-1","host":{"name":"other"}})"), "PC-1");
    EXPECT_EQ(computer_in(LineFormat::json, R"({"host":{"name":"web1"}})"), "web1");
    EXPECT_EQ(computer_in(LineFormat::json, R"({"host":"sensor-3"})"), "sensor-3");
    EXPECT_EQ(computer_in(LineFormat::json, R"({"Computer":null,"hostname":"web2"})"), "web2");
    EXPECT_EQ(computer_in(LineFormat::syslog, "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - failed"), "mymachine.example.com");
    EXPECT_EQ(computer_in(LineFormat::audit, "node=web1 type=USER_LOGIN msg=audit(1.2:3): pid=1 uid=0"), "web1");
    EXPECT_EQ(computer_in(LineFormat::json, R"({"a":1})"), "");
}

}  // namespace
}  // namespace madang::security
