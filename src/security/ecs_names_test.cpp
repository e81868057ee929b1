#include "security/ecs_names.h"

#include <gtest/gtest.h>

namespace madang::security {
namespace {

TEST(EcsNames, AFieldKeepsItsNameAndGetsTheOther) {
    const auto names = EcsNames::shipped();
    ASSERT_TRUE(names) << names.error().message;
    Event event;
    event.add("CommandLine", "whoami /priv");
    event.add("ParentImage", "", Event::Value::null);
    event.add("Unknown", "1");
    names->add_to(event, LogOrigin{"", "windows", ""});
    EXPECT_EQ(event.size(), 5U);
    EXPECT_EQ(event.find("CommandLine")->value, "whoami /priv");
    EXPECT_EQ(event.find("process.command_line")->value, "whoami /priv");
    EXPECT_TRUE(event.find("process.parent.executable")->null);
    names->add_to(event, LogOrigin{"", "windows", ""});
    EXPECT_EQ(event.size(), 5U) << "what is there is not added again";
    EXPECT_FALSE(names->name_of("CommandLine", LogOrigin{"", "linux", ""}));
    EXPECT_EQ(names->name_of("hostname", LogOrigin{"", "linux", "auditd"}), "source.domain") << "the first entry that fits counts";
    EXPECT_EQ(names->name_of("hostname", LogOrigin{"", "linux", ""}), "host.hostname");
}

TEST(EcsNames, AnEventIsADocument) {
    const SpoolRecord record{Instant{}, LineFormat::json, "pc", R"({"EventID":1,"Channel":"Sysmon","SourceIp":"10.0.0.1","IpAddress":"10.0.0.2","x":null})"};
    Event event;
    ASSERT_TRUE(parse_record(record, event));
    const json::object document = ecs_document(record, event, *EcsNames::shipped());
    EXPECT_EQ(document.at("@timestamp").as_string(), "1970-01-01T00:00:00.000000Z");
    EXPECT_EQ(document.at("event.code").as_string(), "1");
    EXPECT_EQ(json::serialize(document.at("source.ip")), R"(["10.0.0.1","10.0.0.2"])");
    EXPECT_TRUE(document.at("x").is_null());
    EXPECT_EQ(std::string_view(document.at("event.original").as_string()), record.line);
}

TEST(EcsNames, AMistakeInTheFileHasItsLine) {
    EXPECT_EQ(EcsNames::read("- product: x\n  fields: y\n", "my.yml").error().message, "my.yml:2: fields is a map");
    EXPECT_EQ(EcsNames::read("- prodct: x\n", "my.yml").error().message, "my.yml:1: there is no key \"prodct\"");
    EXPECT_EQ(EcsNames::read("a: b\n", "my.yml").error().code, Code::invalid);
}

}  // namespace
}  // namespace madang::security
