// Moving to another version: what waits takes over what the version says of it, or the plan says what is in the way.
#include "process/detail/engine_fixture.h"

namespace madang::process {
namespace {

using testing::HasSubstr;

class EngineMigration : public EngineTest {
protected:
    void deploy(const std::string& body) {
        const Definition next = definition_of(body);
        EXPECT_TRUE(store_->write<int>([&](store::Tx& tx) { return engine_.deploy(tx, next); }));
    }
    std::string plan(const NodeMap& nodes = {}) {
        const auto found = store_->read<std::vector<std::string>>([&](store::Reader& reader) { return engine_.plan_migration(reader, instance_, 2, nodes); });
        return found ? join(*found, "; ") : found.error().message;
    }
    std::string migrate(const NodeMap& nodes = {}) {
        const auto moved = store_->write([&](store::Tx& tx) { return engine_.migrate(tx, instance_, 2, nodes, "the law changed", host_); });
        return moved ? stand() : moved.error().message;
    }
    void tell(std::string_view message) {
        ASSERT_TRUE(store_->write([&](store::Tx& tx) { return engine_.send_message(tx, message, "", {}); }));
    }
};
INSTANTIATE_TEST_SUITE_P(Stores, EngineMigration, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

std::string timer_after(std::string_view time) { return format("<timerEventDefinition><timeDuration>{}</timeDuration></timerEventDefinition>", time); }
std::string waits_for(std::string_view message) {
    return "</process><message id=\"m\" name=\"" + std::string(message) + "\"/><process id=\"unused\" isExecutable=\"false\">";
}
const std::string kOneTask = kStart + kEnd + tasks("a") + flow("f", "s", "a") + flow("g", "a", "e");

TEST_P(EngineMigration, AnOpenTaskTakesItsNameRoleAndFormFromTheNewVersionAndLeavesWhoHadTakenIt) {
    EXPECT_EQ(start(kOneTask), "a running");
    ASSERT_TRUE(store_->write([&](store::Tx& tx) { return engine_.claim(tx, open({.instance = instance_, .role = {}}).front().id, "anna"); }));
    deploy(kStart + kEnd + "<userTask id=\"a\" name=\"Check\" madang:role=\"chief\" madang:formKey=\"check-2\"/>" + flow("f", "s", "a") + flow("g", "a", "e"));
    EXPECT_EQ(plan(), "");
    EXPECT_EQ(migrate(), "a running");
    const auto found = open({.instance = instance_, .role = "chief"});
    ASSERT_EQ(found.size(), 1U);
    const Task& task = found.front();
    EXPECT_EQ(task.name + " " + task.form_key + " " + task.assignee, "Check check-2 ");
}

TEST_P(EngineMigration, ABoundaryEventThatIsNewIsWaitedForFromTheMove) {
    EXPECT_EQ(start(kOneTask), "a running");
    deploy(kOneTask + tasks("late") + "<boundaryEvent id=\"b\" attachedToRef=\"a\">" + timer_after("PT5S") + "</boundaryEvent>" + flow("h", "b", "late") + flow("i", "late", "e"));
    EXPECT_EQ(migrate(), "a running");
    EXPECT_EQ(after(std::chrono::seconds(4)), "a running");
    EXPECT_EQ(after(std::chrono::seconds(2)), "late running");
}

TEST_P(EngineMigration, ABoundaryEventThatHasComeDoesNotComeAgain) {
    const std::string body = kOneTask + tasks("note") + "<boundaryEvent id=\"b\" attachedToRef=\"a\" cancelActivity=\"false\">" + timer_after("PT1S") + "</boundaryEvent>" +
                             flow("h", "b", "note") + flow("i", "note", "e");
    EXPECT_EQ(start(body), "a running");
    EXPECT_EQ(after(std::chrono::seconds(2)), "a note running");
    deploy(body + "<task id=\"more\"/>" + flow("j", "a", "more") + flow("k", "more", "e"));
    EXPECT_EQ(migrate(), "a note running");
    EXPECT_EQ(after(std::chrono::seconds(5)), "a note running");
}

TEST_P(EngineMigration, TheStartOfAnEventSubProcessThatIsNewIsWaitedFor) {
    EXPECT_EQ(start(kOneTask), "a running");
    deploy(kOneTask + "<subProcess id=\"x\" triggeredByEvent=\"true\"><startEvent id=\"xs\"><conditionalEventDefinition><condition>true</condition></conditionalEventDefinition>"
                      "</startEvent><userTask id=\"c\" madang:role=\"r\"/><endEvent id=\"xe\"/>" +
           flow("xf", "xs", "c") + flow("xg", "c", "xe") + "</subProcess>");
    EXPECT_EQ(plan(), "");
    EXPECT_EQ(migrate(), "c running");   // its condition holds already
}

TEST_P(EngineMigration, AMessageThatChangedItsNameIsHeardByTheNewOne) {
    const auto body = [](std::string_view name) {
        return kStart + kEnd + "<intermediateCatchEvent id=\"w\"><messageEventDefinition messageRef=\"m\"/></intermediateCatchEvent>" + flow("f", "s", "w") + flow("g", "w", "e") + waits_for(name);
    };
    EXPECT_EQ(start(body("Old")), "running");
    deploy(body("New"));
    EXPECT_EQ(migrate(), "running");
    tell("Old");
    EXPECT_EQ(after(std::chrono::seconds(1)), "running");
    tell("New");
    EXPECT_EQ(after(std::chrono::seconds(1)), "completed");
}

TEST_P(EngineMigration, ATimerThatIsAnotherOneKeepsTheInstanceWhereItIs) {
    const auto body = [](std::string_view time) {
        return kStart + kEnd + "<intermediateCatchEvent id=\"t\">" + timer_after(time) + "</intermediateCatchEvent>" + flow("f", "s", "t") + flow("g", "t", "e");
    };
    EXPECT_EQ(start(body("PT5S")), "running");
    deploy(body("PT9S"));
    EXPECT_THAT(plan(), HasSubstr("\"t\" has another timer in version 2"));
    EXPECT_THAT(migrate(), HasSubstr("\"t\" has another timer in version 2"));
    EXPECT_EQ(after(std::chrono::seconds(5)), "completed");
}

TEST_P(EngineMigration, InstancesOnOtherVersionsAreFoundOneAfterTheOther) {
    EXPECT_EQ(start(kOneTask), "a running");
    EXPECT_EQ(start(kOneTask), "a running");
    deploy(kOneTask + "<!-- next -->");
    const auto behind = [&](int version, std::string_view from, std::size_t limit) {
        const auto found = store_->read<std::vector<Instance>>([&](store::Reader& reader) { return engine_.behind_version(reader, "p", version, from, limit); });
        return found ? *found : std::vector<Instance>();
    };
    const auto first = behind(2, "", 1);
    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(behind(2, first[0].id.text(), 9).size(), 1U);
    EXPECT_TRUE(behind(1, "", 9).empty());
    EXPECT_EQ(migrate(), "a running");
    EXPECT_EQ(behind(2, "", 9).size(), 1U);
}

}  // namespace
}  // namespace madang::process
