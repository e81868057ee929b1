// What operators of the whole installation find, repair and move through the routes.
#include "api/routes_fixture.h"
#include "base/text.h"

namespace madang::api {
namespace {

using casework::kBody;
using testing::HasSubstr;

class OperatorIn : public RoutesIn {
protected:
    json::object only_process(const Caller& who, const std::string& query = "") {
        const auto page = object(get("/api/v1/processes" + query, who));
        EXPECT_EQ(page.at("total").as_int64(), 1) << query;
        return page.at("processes").at(0).as_object();
    }
    void break_something(const std::string& instance) {
        ASSERT_TRUE(store_->write([&](store::Tx& tx) -> Result<void> {
            TRY_DO(tx.execute("INSERT INTO process_work (instance_id, number, kind, name, work_key, payload, due_at, attempts, state, problem) VALUES ($1,900,'timer','','','{}',1,3,'incident','it broke')", {instance}));
            return {};
        }));
    }
};
INSTANTIATE_TEST_SUITE_P(Both, OperatorIn, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

TEST_P(OperatorIn, FindsProceduresPageByPage) {
    const Caller who = citizen("siarhei");
    const std::string first = apply(who, "97", "one");
    clock_.advance(std::chrono::seconds(1));
    const std::string second = apply(who, "98", "two");
    const Caller boss = operator_of_all();
    const auto page = object(get("/api/v1/processes?count=1&first=1", boss));
    EXPECT_EQ(page.at("total").as_int64(), 2);
    EXPECT_EQ(page.at("processes").at(0).at("receipt").as_string(), first) << "the newest first";
    const auto one = only_process(boss, "?q=" + second);
    EXPECT_EQ(only_process(boss, "?q=" + text(one, "case")).at("id"), one.at("id"));
    EXPECT_EQ(only_process(boss, "?q=" + text(one, "id")).at("receipt").as_string(), second);
    EXPECT_EQ(object(get("/api/v1/processes?state=completed", boss)).at("total").as_int64(), 0);
    EXPECT_EQ(object(get("/api/v1/processes?process=certificate_of_residence&state=running", boss)).at("total").as_int64(), 2);
    EXPECT_EQ(object(get("/api/v1/processes?q=%25", boss)).at("total").as_int64(), 0) << "a sign of its own, no pattern";
    object(get("/api/v1/processes?state=odd", boss), 422);
    object(get("/api/v1/processes?count=201", boss), 422);
    object(get("/api/v1/processes", officer_of(kBody)), 403);
    object(get("/api/v1/processes", std::nullopt), 401);
}

TEST_P(OperatorIn, SeesHowAProcedureRunsAndNotWhatItHolds) {
    const std::string receipt = apply(citizen("siarhei"), "99");
    const Caller boss = operator_of_all();
    const std::string id = text(only_process(boss), "id");
    const auto response = get("/api/v1/processes/" + id, boss);
    const auto seen = object(response);
    EXPECT_EQ(seen.at("tokens").at(0).at("node").as_string(), "Officer_decides");
    EXPECT_GT(seen.at("history").at("total").as_int64(), 3);
    EXPECT_THAT(response.body, testing::Not(HasSubstr("Prytyckaha")));
    EXPECT_EQ(object(get("/api/v1/processes/" + id + "?first=2&count=1", boss)).at("history").at("steps").as_array().size(), 1U);
    const auto token = seen.at("tokens").at(0).at("token").as_int64();
    object(post("/api/v1/processes/" + id + "/skip", boss, {{"token", token}, {"reason", "too slow"}}), 403);
    object(get("/api/v1/processes/nonsense", boss), 404);
}

TEST_P(OperatorIn, RepairsTriesAgainAndTakesAway) {
    apply(citizen("siarhei"), "99");
    const Caller boss = operator_of_all();
    const std::string id = text(only_process(boss), "id");
    const std::string path = "/api/v1/processes/" + id;
    object(post(path + "/repair", boss, {{"variables", {{"note", "x"}}}, {"reason", "because"}}), 409);
    break_something(id);
    const auto incidents = object(get("/api/v1/incidents", boss));
    ASSERT_EQ(incidents.at("total").as_int64(), 1);
    EXPECT_EQ(incidents.at("incidents").at(0).at("problem").as_string(), "it broke");
    object(post(path + "/repair", boss, {{"variables", {{"outcome", "issue"}}}, {"reason", "because"}}), 403);
    object(post(path + "/repair", boss, {{"variables", {{"note", "x"}}}, {"reason", " "}}), 422);
    object(post(path + "/repair", boss, {{"variables", {{"note", "x"}}}, {"reason", "the note was lost"}}));
    const std::string incident = "/api/v1/incidents/" + id + "/900/";
    object(post(incident + "dismiss", boss, {{"reason", ""}}), 422);
    object(post(incident + "dismiss", boss, {{"reason", "it is not needed"}}));
    object(post(incident + "retry", boss), 404);
    object(post("/api/v1/incidents/" + id + "/99999999999999999999/retry", boss), 404);
    EXPECT_EQ(object(get("/api/v1/incidents", boss)).at("total").as_int64(), 0);
    // What concerns all procedures and terms at once.
    object(post("/api/v1/signals", boss, {{"signal", "Register_is_back"}}), 422);   // no model waits for it
    object(post("/api/v1/signals", boss, {{"signal", 7}}), 422);
    object(post("/api/v1/processes/prune", boss, {{"before", "soon"}}), 422);
    object(post("/api/v1/terms/recompute", citizen("alena")), 403);
    break_something(id);
    EXPECT_EQ(text(object(post(incident + "retry", boss)), "done"), "due_now");
}

TEST_P(OperatorIn, ForgetsWhatEndedAndNothingThatRuns) {
    const Caller who = citizen("siarhei");
    const std::string ended = apply(who, "97", "one");
    const std::string running = apply(who, "98", "two");
    const Caller boss = operator_of_all();
    object(post("/api/v1/applications/" + ended + "/withdraw", who));
    const auto before_its_time = object(post("/api/v1/processes/prune", boss));
    EXPECT_EQ(before_its_time.at("forgotten").as_int64(), 0) << "its service keeps its cases for years";
    EXPECT_TRUE(before_its_time.at("by_model").as_array().empty());
    const auto pruned = object(post("/api/v1/processes/prune", boss, {{"before", "2100-01-01"}}));
    EXPECT_EQ(pruned.at("forgotten").as_int64(), 1);
    EXPECT_TRUE(pruned.at("by_model").at(0).at("process").is_null());
    EXPECT_EQ(only_process(boss).at("receipt").as_string(), running);
}

TEST_P(OperatorIn, CountsATermAnewThatDoesNotStandWhereTheCalendarSays) {
    const Caller who = citizen("siarhei");
    const std::string receipt = apply(who, "97");
    const Caller boss = operator_of_all();
    const std::string due = text(object(get("/api/v1/applications/" + receipt, who)), "due_at");
    EXPECT_EQ(object(post("/api/v1/terms/recompute", boss)).at("moved").as_int64(), 0);
    ASSERT_TRUE(store_->write([&](store::Tx& tx) -> Result<void> {
        for (const char* table : {"casework_clock", "casework_case"}) TRY_DO(tx.execute(format("UPDATE {} SET due_at=due_at-86400000000", table), {}));
        return {};
    }));
    ASSERT_NE(text(object(get("/api/v1/applications/" + receipt, who)), "due_at"), due);
    EXPECT_EQ(object(post("/api/v1/terms/recompute", boss)).at("moved").as_int64(), 1);
    EXPECT_EQ(text(object(get("/api/v1/applications/" + receipt, who)), "due_at"), due);
}

// Everything of this service waits for one signal.
const catalogue::Pack& waiting_for_signal() {
    static const catalogue::Pack changed = [] {
        catalogue::Pack copy = casework::pack();
        const auto model = process::parse_bpmn(R"(<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:madang="https://madang.example/ns/bpmn" targetNamespace="urn:t">
<signal id="S" name="Register_is_back"/><process id="waits" isExecutable="true"><startEvent id="s"/><intermediateCatchEvent id="Wait"><signalEventDefinition signalRef="S"/></intermediateCatchEvent>
<userTask id="Say" madang:role="officer" madang:decision="true"/><exclusiveGateway id="how" default="no"/><serviceTask id="Issue" madang:operation="certificate.issue" madang:external="true"/><endEvent id="e"/><endEvent id="r"/>
<sequenceFlow id="a" sourceRef="s" targetRef="Wait"/><sequenceFlow id="b" sourceRef="Wait" targetRef="Say"/><sequenceFlow id="c" sourceRef="Say" targetRef="how"/>
<sequenceFlow id="yes" sourceRef="how" targetRef="Issue"><conditionExpression>=granted</conditionExpression></sequenceFlow><sequenceFlow id="no" sourceRef="how" targetRef="r"/>
<sequenceFlow id="d" sourceRef="Issue" targetRef="e"/></process></definitions>)", "waits.bpmn");
        EXPECT_TRUE(model) << model.error().message;
        copy.services.front().process = *model;
        return copy;
    }();
    return changed;
}

class SignalledIn : public RoutesIn {
protected:
    SignalledIn() : RoutesIn(waiting_for_signal()) {}
};
INSTANTIATE_TEST_SUITE_P(Both, SignalledIn, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

TEST_P(SignalledIn, ASignalIsHeardByAllThatWaitForIt) {
    const Caller who = citizen("siarhei");
    const std::vector<std::string> receipts{apply(who, "97", "one"), apply(who, "98", "two")};
    const Caller officer = officer_of(kBody);
    const auto open = [&](const std::string& receipt) { return object(get("/api/v1/office/cases/" + receipt + "/tasks", officer)).at("tasks").as_array().size(); };
    for (const std::string& receipt : receipts) EXPECT_EQ(open(receipt), 0U);
    EXPECT_EQ(object(post("/api/v1/signals", operator_of_all(), {{"signal", "Register_is_back"}})).at("services").as_int64(), 1);
    work();
    for (const std::string& receipt : receipts) EXPECT_EQ(open(receipt), 1U);
}

TEST_P(OperatorIn, MovesProceduresAfterADryRunThatSaysWhatKeepsThem) {
    const Caller who = citizen("siarhei");
    apply(who, "97", "one");
    const std::string second = apply(who, "98", "two");
    const Caller boss = operator_of_all();
    ASSERT_TRUE(store_->write([&](store::Tx& tx) -> Result<void> {
        TRY(const auto definition, engine_.find_definition(tx, "certificate_of_residence"));
        TRY(const auto same, process::parse_bpmn(*definition->source + "<!-- next -->", "next.bpmn"));
        TRY_DO(engine_.deploy(tx, same));
        std::string without = *definition->source;
        for (std::size_t at = without.find("Officer_decides"); at != std::string::npos; at = without.find("Officer_decides", at)) without.replace(at, 15, "Clerk_decides");
        TRY(const auto other, process::parse_bpmn(without, "other.bpmn"));
        TRY_DO(engine_.deploy(tx, other));
        return {};
    }));
    const json::object dry{{"process", "certificate_of_residence"}, {"version", 3}, {"dry_run", true}};
    const auto kept = object(post("/api/v1/migrations", boss, dry)).at("migrations").as_array();
    ASSERT_EQ(kept.size(), 2U);
    EXPECT_FALSE(kept[0].at("can_move").as_bool());
    EXPECT_THAT(std::string(kept[0].at("problems").at(0).as_string()), HasSubstr("Officer_decides"));
    json::object named = dry;
    named["nodes"] = json::object{{"Officer_decides", "Clerk_decides"}};
    EXPECT_TRUE(object(post("/api/v1/migrations", boss, named)).at("migrations").at(1).at("can_move").as_bool());

    const std::string path = "/api/v1/processes/" + text(only_process(boss, "?q=" + second), "id") + "/migrate";
    object(post(path, boss, {{"version", 2}}), 422);
    EXPECT_FALSE(object(post(path, boss, {{"version", 2}, {"dry_run", true}})).at("moved").as_bool());
    EXPECT_TRUE(object(post(path, boss, {{"version", 2}, {"reason", "the law changed"}})).at("moved").as_bool());
    const auto all = object(post("/api/v1/migrations", boss, {{"process", "certificate_of_residence"}, {"version", 2}, {"reason", "the law changed"}}));
    EXPECT_EQ(all.at("migrations").as_array().size(), 1U) << "the other is there already";
    EXPECT_TRUE(all.at("next").is_null());
    object(post("/api/v1/migrations", boss, {{"process", "certificate_of_residence"}, {"version", 9}, {"dry_run", true}}), 404);
}

TEST_P(OperatorIn, AModelIsCheckedBeforeItRuns) {
    const Caller boss = operator_of_all();
    std::string model = *casework::pack().services.front().process.source;
    const auto good = object(post("/api/v1/models/check", boss, {{"bpmn", model}}));
    EXPECT_TRUE(good.at("can_run").as_bool());
    EXPECT_EQ(good.at("processes").at(0).at("process").as_string(), "certificate_of_residence");
    const std::string_view flow = "targetRef=\"Ask_register\"";
    model.replace(model.find(flow), flow.size(), "targetRef=\"Nowhere\"");
    const auto bad = object(post("/api/v1/models/check", boss, {{"bpmn", model}, {"name", "residence.bpmn"}}));
    EXPECT_FALSE(bad.at("can_run").as_bool());
    ASSERT_FALSE(bad.at("violations").as_array().empty());
    EXPECT_EQ(bad.at("violations").at(0).at("file").as_string(), "residence.bpmn");
    EXPECT_GT(bad.at("violations").at(0).at("line").as_int64(), 1);
    object(post("/api/v1/models/check", boss, {{"bpmn", "<html/>"}}), 422);
    object(post("/api/v1/models/check", boss), 422);
    object(post("/api/v1/models/check", officer_of(kBody), {{"bpmn", model}}), 403);
}

}  // namespace
}  // namespace madang::api
