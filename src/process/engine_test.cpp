#include "process/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>

#include "base/file.h"
#include "base/text.h"
#include "process/migrations.h"
#include "process/testing.h"
#include "store/testing.h"

namespace madang::process {
namespace {

using testing::HasSubstr;

const std::string kStart = "<startEvent id=\"s\"/>\n";
const std::string kEnd = "<endEvent id=\"e\"/>\n";

// Elements for the tests: "a b c" are user tasks.
std::string tasks(std::string_view ids) {
    std::string text;
    for (const std::string_view id : split(ids, ' ')) text += format("<userTask id=\"{}\" madang:role=\"officer\"/>\n", id);
    return text;
}

Definition definition_of(const std::string& body) {
    auto read = parse_bpmn(bpmn(body), "x.bpmn");
    EXPECT_TRUE(read) << read.error().message;
    return read ? *read : Definition();
}

class FakeHost final : public Host {
public:
    std::map<std::string, json::object, std::less<>> answers;
    std::vector<std::string> asked;
    std::function<Result<void>(store::Tx&)> also;   // what a service does besides

    Result<json::object> run_service(store::Tx& tx, std::string_view operation, const json::object&) override {
        if (also) TRY_DO(also(tx));
        return answer(operation);
    }
    Result<json::object> decide(std::string_view decision, const json::object&) override { return answer(decision); }

private:
    Result<json::object> answer(std::string_view name) {
        asked.emplace_back(name);
        const auto found = answers.find(name);
        if (found == answers.end()) return fail(Code::unavailable, "the register does not answer");
        return found->second;
    }
};

class EngineTest : public testing::TestWithParam<std::string> {
protected:
    // Starts an instance and says how it stands, or why it did not start.
    std::string start(const Definition& definition, const json::object& variables = {}) {
        definition_ = definition;
        const auto started = store_->write<InstanceId>([&](store::Tx& tx) { return engine_.start(tx, definition_, variables, "case-1", host_); });
        if (!started) return format("{}: {}", name_of(started.error().code), started.error().message);
        instance_ = *started;
        return stand();
    }
    std::string start(const std::string& body, const json::object& variables = {}) { return start(definition_of(body), variables); }

    std::vector<Task> open(const TaskFilter& filter) {
        const auto found = store_->read<std::vector<Task>>([&](store::Reader& reader) { return engine_.open_tasks(reader, filter); });
        EXPECT_TRUE(found);
        return found ? *found : std::vector<Task>();
    }
    // "a b running": the nodes at which a task is open, and the state.
    std::string stand() {
        std::vector<std::string> words;
        for (const Task& task : open({.instance = instance_, .role = {}})) words.push_back(task.node);
        std::ranges::sort(words);
        const auto state = store_->read<InstanceState>([&](store::Reader& reader) { return engine_.state(reader, instance_); });
        words.emplace_back(!state ? "lost" : *state == InstanceState::running ? "running" : *state == InstanceState::completed ? "completed" : "terminated");
        return join(words, " ");
    }
    Result<void> complete(const TaskId& task, const json::object& result = {}) {
        return store_->write([&](store::Tx& tx) { return engine_.complete_task(tx, definition_, task, result, host_); });
    }
    std::string complete(std::string_view node, const json::object& result = {}) {
        for (const Task& task : open({.instance = instance_, .role = {}})) {
            if (task.node != node) continue;
            const auto done = complete(task.id, result);
            return done ? stand() : format("{}: {}", name_of(done.error().code), done.error().message);
        }
        return "no such task";
    }
    std::string variables() {
        const auto found = store_->read<json::object>([&](store::Reader& reader) { return engine_.variables(reader, instance_); });
        return found ? canonical_json(*found) : found.error().message;
    }
    std::string history() {
        const auto steps = store_->read<std::vector<Step>>([&](store::Reader& reader) { return engine_.history(reader, instance_); });
        std::vector<std::string> words;
        for (const Step& step : *steps) words.push_back(step.node + " " + step.what);
        return join(words, ", ");
    }

    std::vector<store::Migration> steps_ = migrations();
    store::ScratchStore store_{GetParam(), steps_};
    ManualClock clock_{Instant(std::chrono::seconds(1'800'000'000))};
    SeededRandom random_{7};
    Engine engine_{clock_, random_};
    FakeHost host_;
    Definition definition_;
    InstanceId instance_;
};

INSTANTIATE_TEST_SUITE_P(Stores, EngineTest, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

TEST_P(EngineTest, RunsTheCertificateOfResidence) {
    const auto text = read_file(Path(MADANG_SOURCE_DIR) / "packs/by/services/certificate-of-residence/process.bpmn");
    ASSERT_TRUE(text);
    const auto definition = parse_bpmn(*text, "process.bpmn");
    ASSERT_TRUE(definition) << definition.error().message;

    host_.answers = {{"register.residence", {{"registered", true}}}, {"residence_certificate", {{"outcome", "issue"}}}};
    EXPECT_EQ(start(*definition), "Issue running");
    EXPECT_THAT(host_.asked, testing::ElementsAre("register.residence", "residence_certificate"));
    EXPECT_EQ(open({.instance = instance_, .role = {}})[0].operation, "certificate.issue");
    EXPECT_EQ(complete("Issue", {{"certificate", "BY-1"}}), "completed");
    EXPECT_EQ(variables(), R"({"certificate":"BY-1","outcome":"issue","registered":true})");

    host_.answers["residence_certificate"] = {{"outcome", "ask"}};
    EXPECT_EQ(start(*definition), "Officer_decides running");
    EXPECT_EQ(complete("Officer_decides", {{"granted", true}}), "Issue running");
    EXPECT_EQ(start(*definition), "Officer_decides running");
    EXPECT_EQ(complete("Officer_decides", {{"granted", false}}), "completed");
    EXPECT_THAT(history(), testing::EndsWith("Granted left, End_refused entered, End_refused ended"));
}

TEST_P(EngineTest, TellsWhatHappenedInOrder) {
    EXPECT_EQ(start(kStart + kEnd + tasks("a") + flow("f", "s", "a") + flow("g", "a", "e")), "a running");
    clock_.advance(std::chrono::hours(1));
    EXPECT_EQ(complete("a"), "completed");
    EXPECT_EQ(history(), "s entered, s left, a entered, a waits, a completed, a left, e entered, e ended");
    const auto steps = store_->read<std::vector<Step>>([&](store::Reader& reader) { return engine_.history(reader, instance_); });
    EXPECT_EQ(steps->back().at - steps->front().at, std::chrono::hours(1));
}

TEST_P(EngineTest, AnExclusiveGatewayTakesTheFirstThatHolds) {
    const std::string body = kStart + kEnd + tasks("a b c") + "<exclusiveGateway id=\"x\" default=\"fc\"/>\n" + flow("f", "s", "x") +
                             flow("fa", "x", "a", "n > 5") + flow("fc", "x", "c") + flow("fb", "x", "b", "n > 2") + flow("ae", "a", "e") +
                             flow("be", "b", "e") + flow("ce", "c", "e");
    EXPECT_EQ(start(body, {{"n", 9}}), "a running");
    EXPECT_EQ(start(body, {{"n", 4}}), "b running");
    EXPECT_EQ(start(body, {{"n", 1}}), "c running");
    // Without n the conditions are null: an error, not the default.
    EXPECT_THAT(start(body), testing::AllOf(testing::StartsWith("invalid: process \"p\": <exclusiveGateway id=\"x\">: the condition of flow \"fa\" gives "),
                                            HasSubstr(", not true or false: ")));
}

TEST_P(EngineTest, AConditionMustBeTrueOrFalse) {
    const auto body = [](std::string_view condition) {
        return kStart + kEnd + "<exclusiveGateway id=\"x\"/>\n" + flow("f", "s", "x") + flow("g", "x", "e", condition);
    };
    EXPECT_EQ(start(body("=today() > date(\"2020-01-01\")")), "completed");   // the engine's clock
    EXPECT_EQ(start(body("1 > 2")), "invalid: process \"p\": <exclusiveGateway id=\"x\">: no condition holds and there is no default flow");
    EXPECT_EQ(start(body("1 + 2")), "invalid: process \"p\": <exclusiveGateway id=\"x\">: the condition of flow \"g\" gives number, not true or false");
    EXPECT_EQ(open({.instance = std::nullopt, .role = {}}).size(), 0U);
}

TEST_P(EngineTest, AParallelGatewaySplitsAndWaitsForEveryFlow) {
    const std::string body = kStart + kEnd + tasks("a b c") + "<parallelGateway id=\"x\"/><parallelGateway id=\"j\"/>\n" + flow("f", "s", "x") +
                             flow("xa", "x", "a") + flow("xb", "x", "b") + flow("aj", "a", "j") + flow("bj", "b", "j") + flow("jc", "j", "c") + flow("ce", "c", "e");
    EXPECT_EQ(start(body), "a b running");
    EXPECT_EQ(complete("b"), "a running");
    store_.reopen();   // the token at the join is a row
    EXPECT_EQ(complete("a"), "c running");
    EXPECT_EQ(complete("c"), "completed");
}

// Clause 13.4.1: two tokens on one flow are not one on each.
TEST_P(EngineTest, AParallelJoinWantsOneTokenOfEachFlow) {
    const std::string body = kStart + kEnd + tasks("a b d") + "<task id=\"m\"/><parallelGateway id=\"x\"/><parallelGateway id=\"j\"/>\n" + flow("f", "s", "x") +
                             flow("xa", "x", "a") + flow("xb", "x", "b") + flow("xd", "x", "d") + flow("am", "a", "m") + flow("bm", "b", "m") +
                             flow("mj", "m", "j") + flow("dj", "d", "j") + flow("je", "j", "e");
    EXPECT_EQ(start(body), "a b d running");
    EXPECT_EQ(complete("a"), "b d running");
    EXPECT_EQ(complete("b"), "d running");
    // The join goes on once; the second token on mj can never be matched.
    EXPECT_EQ(complete("d"), "invalid: process \"p\": <parallelGateway id=\"j\">: it waits for a token on flow \"dj\", and no token can come there any more");
    EXPECT_EQ(stand(), "d running");   // nothing of the failed command is left
}

TEST_P(EngineTest, AnActivityWithSeveralFlowsSplitsAndAMergeLetsEachPass) {
    const std::string body = kStart + kEnd + tasks("a b") + "<task id=\"t\" default=\"td\"/><task id=\"d\"/>\n" + flow("f", "s", "t") + flow("ta", "t", "a", "n > 1") +
                             flow("tb", "t", "b", "n > 2") + flow("td", "t", "d") + flow("ab", "a", "b") + flow("be", "b", "e");
    EXPECT_EQ(start(body, {{"n", 3}}), "a b running");
    EXPECT_EQ(complete("a"), "b b running");   // 13.3.1: the activity runs once for each token
    EXPECT_EQ(complete("b"), "b running");
    EXPECT_EQ(complete("b"), "completed");
    EXPECT_EQ(start(body, {{"n", 0}}), "completed");
    EXPECT_THAT(history(), testing::EndsWith("d entered, d ended"));   // an activity without a way out ends its path
}

TEST_P(EngineTest, AnInclusiveJoinWaitsForThoseThatCanStillCome) {
    const std::string body = kStart + kEnd + tasks("a b d c") + "<inclusiveGateway id=\"x\" default=\"xd\"/><inclusiveGateway id=\"j\"/>\n" + flow("f", "s", "x") +
                             flow("xa", "x", "a", "n > 1") + flow("xb", "x", "b", "n > 2") + flow("xd", "x", "d") + flow("aj", "a", "j") + flow("bj", "b", "j") +
                             flow("dj", "d", "j") + flow("jc", "j", "c") + flow("ce", "c", "e");
    EXPECT_EQ(start(body, {{"n", 3}}), "a b running");
    EXPECT_EQ(complete("a"), "b running");
    EXPECT_EQ(complete("b"), "c running");
    EXPECT_EQ(complete("c"), "completed");
    EXPECT_EQ(start(body, {{"n", 2}}), "a running");
    EXPECT_EQ(complete("a"), "c running");
    EXPECT_EQ(start(body, {{"n", 0}}), "d running");
    EXPECT_EQ(complete("d"), "c running");
}

// Clause 13.4.3: a token that could come to an empty flow holds the join up only while it could not come to
// a flow that has its token already; here b leads to both.
TEST_P(EngineTest, AnInclusiveJoinDoesNotWaitForTokensThatMayComeWhereOneIs) {
    const std::string body = kStart + kEnd + tasks("a b c") + "<parallelGateway id=\"x\"/><exclusiveGateway id=\"y\" default=\"yj\"/><task id=\"m\"/><inclusiveGateway id=\"j\"/>\n" +
                             flow("f", "s", "x") + flow("xa", "x", "a") + flow("xb", "x", "b") + flow("am", "a", "m") + flow("mj", "m", "j") + flow("by", "b", "y") +
                             flow("yj", "y", "j") + flow("ym", "y", "m", "n = 1") + flow("jc", "j", "c") + flow("ce", "c", "e");
    EXPECT_EQ(start(body, {{"n", 1}}), "a b running");
    EXPECT_EQ(complete("a"), "b c running");
    EXPECT_EQ(complete("b"), "c c running");
}

TEST_P(EngineTest, AnInclusiveJoinInALoopGoesOnEachTime) {
    const std::string body = kStart + kEnd + tasks("a") + "<inclusiveGateway id=\"j\"/><exclusiveGateway id=\"x\" default=\"back\"/>\n" + flow("f", "s", "j") +
                             flow("ja", "j", "a") + flow("ax", "a", "x") + flow("back", "x", "j") + flow("xe", "x", "e", "done");
    EXPECT_EQ(start(body, {{"done", false}}), "a running");
    EXPECT_EQ(complete("a"), "a running");
    EXPECT_EQ(complete("a", {{"done", true}}), "completed");
}

TEST_P(EngineTest, ATerminateEndEventEndsTheInstanceAtOnce) {
    const std::string body = kStart + kEnd + tasks("a b") + "<endEvent id=\"t\"><terminateEventDefinition/></endEvent><parallelGateway id=\"x\"/>\n" +
                             flow("f", "s", "x") + flow("xa", "x", "a") + flow("xb", "x", "b") + flow("at", "a", "t") + flow("be", "b", "e");
    EXPECT_EQ(start(body), "a b running");
    const TaskId other = open({.instance = instance_, .role = {}})[1].id;
    EXPECT_EQ(complete("a"), "terminated");
    EXPECT_THAT(history(), testing::EndsWith("t entered, t ended, b ended"));
    const auto late = complete(other);
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, Code::conflict);
    EXPECT_THAT(late.error().message, HasSubstr("was withdrawn before"));
}

TEST_P(EngineTest, IsEndedFromOutside) {
    EXPECT_EQ(start(kStart + kEnd + tasks("a") + flow("f", "s", "a") + flow("g", "a", "e")), "a running");
    const auto end = [&] { return store_->write([&](store::Tx& tx) { return engine_.terminate(tx, instance_); }); };
    ASSERT_TRUE(end());
    EXPECT_EQ(stand(), "terminated");
    EXPECT_THAT(history(), testing::EndsWith("a waits, a ended"));
    EXPECT_EQ(end().error().code, Code::conflict);
    instance_ = make_id<InstanceId>(clock_, random_);
    EXPECT_EQ(end().error().code, Code::not_found);
    EXPECT_EQ(variables(), format("there is no process {}", instance_.text()));
}

TEST_P(EngineTest, ATaskIsCompletedOnceAndByItsOwnDefinition) {
    const std::string body = kStart + kEnd + tasks("a") + flow("f", "s", "a") + flow("g", "a", "e");
    EXPECT_EQ(start(body), "a running");
    const TaskId task = open({.instance = instance_, .role = {}})[0].id;
    EXPECT_EQ(complete(make_id<TaskId>(clock_, random_)).error().code, Code::not_found);

    definition_.id = "q";
    EXPECT_EQ(complete(task).error().message, format("process {} runs \"p\", not \"q\"", instance_.text()));
    definition_ = definition_of(kStart + kEnd + tasks("b") + flow("f", "s", "b") + flow("g", "b", "e"));
    EXPECT_EQ(complete(task).error().message, format("process {} stands at node \"a\", which its definition does not have any more", instance_.text()));

    definition_ = definition_of(body);
    ASSERT_TRUE(complete(task));
    EXPECT_EQ(complete(task).error().message, format("task {} was completed before", task.text()));
}

TEST_P(EngineTest, FindsOpenTasksByInstanceAndRole) {
    const std::string body = kStart + kEnd + "<parallelGateway id=\"x\"/><userTask id=\"a\" name=\"Check\" madang:role=\"officer\" madang:formKey=\"check\"/>" +
                             "<userTask id=\"b\" madang:role=\"head\"/>\n" + flow("f", "s", "x") + flow("xa", "x", "a") + flow("xb", "x", "b") + flow("ae", "a", "e") + flow("be", "b", "e");
    EXPECT_EQ(start(body), "a b running");
    const InstanceId first = instance_;
    clock_.advance(std::chrono::minutes(1));
    EXPECT_EQ(start(body), "a b running");
    EXPECT_EQ(open({.instance = std::nullopt, .role = {}}).size(), 4U);
    EXPECT_EQ(open({.instance = std::nullopt, .role = {}, .limit = 3}).size(), 3U);
    const auto officers = open({.instance = std::nullopt, .role = "officer"});
    ASSERT_EQ(officers.size(), 2U);
    EXPECT_EQ(officers[0].instance, first);   // the oldest first
    EXPECT_EQ(officers[0].name + officers[0].form_key + officers[0].role, "Checkcheckofficer");
    EXPECT_EQ(open({.instance = first, .role = "head"}).size(), 1U);
    EXPECT_EQ(open({.instance = first, .role = "nobody"}).size(), 0U);
}

TEST_P(EngineTest, AFailedServiceLeavesNothing) {
    const std::string body = kStart + kEnd + tasks("a") + "<serviceTask id=\"x\" madang:operation=\"register.ask\"/>\n" + flow("f", "s", "a") + flow("g", "a", "x") + flow("h", "x", "e");
    EXPECT_EQ(start(body), "a running");
    EXPECT_EQ(complete("a", {{"n", 1}}), "unavailable: process \"p\": <serviceTask id=\"x\">: the register does not answer");
    EXPECT_EQ(stand() + " " + variables(), "a running {}");
    host_.answers = {{"register.ask", {}}};
    EXPECT_EQ(complete("a", {{"n", 1}}), "completed");
    EXPECT_EQ(variables(), R"({"n":1})");
}

TEST_P(EngineTest, AServiceMayNotChangeTheInstanceThatRunsIt) {
    const std::string body = kStart + kEnd + tasks("a") + "<serviceTask id=\"x\" madang:operation=\"o\"/>\n" + flow("f", "s", "a") + flow("g", "a", "x") + flow("h", "x", "e");
    EXPECT_EQ(start(body), "a running");
    host_.answers = {{"o", {}}};
    host_.also = [&](store::Tx& tx) { return engine_.terminate(tx, instance_); };
    EXPECT_EQ(complete("a"), format("conflict: process {} was changed meanwhile", instance_.text()));
    EXPECT_EQ(stand(), "a running");
}

TEST_P(EngineTest, ALoopWithoutAWaitIsStopped) {
    EXPECT_EQ(start(kStart + kEnd + "<task id=\"a\"/><exclusiveGateway id=\"x\" default=\"xa\"/>\n" + flow("f", "s", "a") + flow("ax", "a", "x") + flow("xa", "x", "a") +
                    flow("xe", "x", "e", "false")),
              "exhausted: process \"p\": more than 10000 moves without a wait; it turns in a circle");
    // One that makes two of each token is stopped as well.
    EXPECT_THAT(start(kStart + kEnd + "<task id=\"a\"/><task id=\"b\"/>\n" + flow("f", "s", "a") + flow("ab", "a", "b") + flow("aa", "a", "b") + flow("ba", "b", "a") + flow("be", "b", "e")),
                testing::StartsWith("exhausted: "));
}

TEST_P(EngineTest, KeepsVariablesWithinTheirLimits) {
    const std::string body = kStart + kEnd + tasks("a") + flow("f", "s", "a") + flow("g", "a", "e");
    json::value deep = 1;
    for (int level = 0; level < 60; ++level) deep = json::array{std::move(deep)};
    json::object many;
    for (int i = 0; i < 2001; ++i) many[format("v{}", i)] = i;
    const std::pair<json::object, std::string> cases[] = {
        {{{"n", 9007199254740993}}, "invalid: variable \"n\": a number beyond 2^53 goes in as text"},
        {{{"n", 1e300}}, "invalid: variable \"n\": a number beyond 2^53 goes in as text"},
        {{{"t", "\xFF"}}, "invalid: variable \"t\": a text that is not UTF-8"},
        {{{"d", deep}}, "invalid: variable \"d\": deeper than 50 levels"},
        {{{"", 1}}, "invalid: a variable needs a name in UTF-8"},
        {many, "exhausted: more than 2000 variables"},
        {{{"t", std::string(1U << 20, 'x')}}, "exhausted: the variables are 1048584 bytes; at most 1048576 are kept"},
    };
    for (const auto& [variables, message] : cases) EXPECT_EQ(start(body, variables), message);
    // Together too: what was there and what a task adds.
    EXPECT_EQ(start(body, {{"t", std::string(1U << 19, 'x')}}), "a running");
    EXPECT_THAT(complete("a", {{"u", std::string(1U << 19, 'x')}}), testing::StartsWith("exhausted: process \"p\": <userTask id=\"a\">: the variables are "));
}

// Processes made at random of nested blocks, compared after every step with the blocks themselves, read in
// the obvious way.
struct Block {
    enum class Kind { task, sequence, exclusive, parallel, inclusive } kind = Kind::task;
    std::string id;
    std::vector<Block> parts;
    std::vector<bool> chosen;   // of exclusive and inclusive parts; the last is the default
};

class Blocks {
public:
    explicit Blocks(std::uint64_t seed) : random_(seed) {}

    Block make(int depth) {
        Block block;
        block.id = format("n{}", ++count_);
        block.kind = depth == 0 ? Block::Kind::task : static_cast<Block::Kind>(random_.below(5));
        if (block.kind == Block::Kind::task) return block;
        for (std::uint64_t parts = 2 + random_.below(2); parts > 0; --parts) block.parts.push_back(make(depth - 1));
        bool any = false;
        for (std::size_t i = 0; i + 1 < block.parts.size(); ++i) {
            const bool take = random_.below(2) == 1 && !(any && block.kind == Block::Kind::exclusive);
            block.chosen.push_back(take);
            any = any || take;
        }
        block.chosen.push_back(!any);
        return block;
    }
    // Writes the block; its first and last nodes are linked by the caller.
    std::pair<std::string, std::string> write(const Block& block) {
        if (block.kind == Block::Kind::task) {
            text += tasks(block.id);
            return {block.id, block.id};
        }
        std::pair<std::string, std::string> ends{block.id + "split", block.id + "join"};
        if (block.kind != Block::Kind::sequence) {
            const std::string kind = block.kind == Block::Kind::exclusive ? "exclusive" : block.kind == Block::Kind::parallel ? "parallel" : "inclusive";
            const std::string fallback = block.kind == Block::Kind::parallel ? "" : format(" default=\"{}f{}\"", block.id, block.parts.size() - 1);
            text += format("<{0}Gateway id=\"{1}\"{3}/><{0}Gateway id=\"{2}\"/>\n", kind, ends.first, ends.second, fallback);
        }
        for (std::size_t i = 0; i < block.parts.size(); ++i) {
            const auto part = write(block.parts[i]);
            if (block.kind == Block::Kind::sequence) {
                if (i == 0) ends.first = part.first;
                else text += flow(format("{}f{}", block.id, i), ends.second, part.first);
                ends.second = part.second;
                continue;
            }
            const std::string name = format("{}v{}", block.id, i);
            const bool asked = block.kind != Block::Kind::parallel && i + 1 < block.parts.size();
            if (asked) variables[name] = bool(block.chosen[i]);
            text += flow(format("{}f{}", block.id, i), ends.first, part.first, asked ? name : "");
            text += flow(format("{}g{}", block.id, i), part.second, ends.second);
        }
        return ends;
    }
    // The tasks that are open when those in `done` are; none where the block is complete.
    static std::vector<std::string> open(const Block& block, const std::vector<std::string>& done) {
        if (block.kind == Block::Kind::task) {
            return std::ranges::find(done, block.id) == done.end() ? std::vector{block.id} : std::vector<std::string>();
        }
        std::vector<std::string> all;
        for (std::size_t i = 0; i < block.parts.size(); ++i) {
            const bool runs = block.kind == Block::Kind::sequence || block.kind == Block::Kind::parallel || block.chosen[i];
            if (!runs) continue;
            const auto part = open(block.parts[i], done);
            all.insert(all.end(), part.begin(), part.end());
            if (block.kind == Block::Kind::sequence && !all.empty()) return all;
        }
        return all;
    }

    std::string text;
    json::object variables;

private:
    SeededRandom random_;
    int count_ = 0;
};

TEST_P(EngineTest, AgreesWithBlocksReadInTheObviousWay) {
    const std::uint64_t rounds = GetParam() == "sqlite" ? 40 : 10;
    std::size_t completed = 0;
    for (std::uint64_t seed = 1; seed <= rounds; ++seed) {
        Blocks blocks(seed);
        const Block block = blocks.make(4);
        const auto ends = blocks.write(block);
        const std::string body = kStart + kEnd + blocks.text + flow("first", "s", ends.first) + flow("last", ends.second, "e");
        std::string is = start(body, blocks.variables);
        SeededRandom random(seed);
        for (std::vector<std::string> done;;) {
            auto open = Blocks::open(block, done);
            std::ranges::sort(open);
            const bool over = open.empty();
            ASSERT_EQ(is, over ? "completed" : join(open, " ") + " running") << "seed " << seed << "\n" << body;
            if (over) break;
            done.push_back(open[random.below(open.size())]);
            is = complete(done.back());
            ++completed;
        }
    }
    EXPECT_GT(completed, rounds * 3);
}

}  // namespace
}  // namespace madang::process
