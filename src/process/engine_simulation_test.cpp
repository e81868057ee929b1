// A thousand cases under one seed that drives the clock, failing services, failing stores, restarts and messages.
// However it goes, every case ends, every effect is there once, and nothing is left behind.
#include <set>

#include "process/detail/engine_fixture.h"

namespace madang::process {
namespace {

constexpr int kCases = 1000;

// Each effect is a row in the transaction of its step, so that one too many or too few is seen.
class Effects final : public Host {
public:
    explicit Effects(Random& dice) : dice_(dice) {}
    std::string instance;
    bool calm = false;

    Result<Outcome> run_service(store::Tx& tx, std::string_view operation, const json::object& variables) override {
        if (!calm && dice_.below(10) == 0) return fail(Code::invalid, "the service is away");
        const json::value* number = variables.if_contains("case");
        const std::int64_t which = number == nullptr ? -1 : number->to_number<std::int64_t>();
        TRY_DO(tx.execute("INSERT INTO simulation_effect (case_number, operation) VALUES ($1,$2)", {which, std::string(operation)}));
        if (!calm && dice_.below(10) == 0) return fail(Code::unavailable, "the store went away in the middle of it");
        if (operation == "check" && which % 7 == 0) return Outcome(BpmnError{"WRONG", "", {}});
        return Outcome(json::object());
    }
    Result<Outcome> decide(std::string_view, const json::object&) override { return Outcome(json::object()); }

private:
    Random& dice_;
};

class EngineSimulation : public testing::TestWithParam<std::uint64_t> {
protected:
    static constexpr std::string_view kModel = R"xml(<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:madang="https://madang.example/ns/bpmn">
<message id="m" name="paid"/><error id="w" errorCode="WRONG"/>
<process id="p">
  <startEvent id="s"/><parallelGateway id="split"/><parallelGateway id="join"/><endEvent id="e"/>
  <userTask id="look" madang:role="officer"/><boundaryEvent id="slow" attachedToRef="look" cancelActivity="false">
    <timerEventDefinition><timeDuration>PT20S</timeDuration></timerEventDefinition></boundaryEvent>
  <serviceTask id="remind" madang:operation="remind"/><endEvent id="reminded"/>
  <intermediateCatchEvent id="pay"><messageEventDefinition messageRef="m" madang:correlationKey="string(case)"/></intermediateCatchEvent>
  <serviceTask id="book" madang:operation="book"/>
  <subProcess id="sub"><startEvent id="ss"/><serviceTask id="check" madang:operation="check"/>
    <intermediateCatchEvent id="rest"><timerEventDefinition><timeDuration>PT5S</timeDuration></timerEventDefinition></intermediateCatchEvent><endEvent id="se"/>
    <sequenceFlow id="i1" sourceRef="ss" targetRef="rest"/><sequenceFlow id="i2" sourceRef="rest" targetRef="check"/><sequenceFlow id="i3" sourceRef="check" targetRef="se"/></subProcess>
  <boundaryEvent id="bad" attachedToRef="sub"><errorEventDefinition errorRef="w"/></boundaryEvent>
  <callActivity id="call" calledElement="child"/>
  <exclusiveGateway id="meet"/><serviceTask id="file" madang:operation="file"/>
  <sequenceFlow id="f0" sourceRef="s" targetRef="split"/>
  <sequenceFlow id="f1" sourceRef="split" targetRef="look"/><sequenceFlow id="f2" sourceRef="look" targetRef="join"/>
  <sequenceFlow id="f3" sourceRef="slow" targetRef="remind"/><sequenceFlow id="f4" sourceRef="remind" targetRef="reminded"/>
  <sequenceFlow id="f5" sourceRef="split" targetRef="pay"/><sequenceFlow id="f6" sourceRef="pay" targetRef="book"/><sequenceFlow id="f7" sourceRef="book" targetRef="join"/>
  <sequenceFlow id="f8" sourceRef="split" targetRef="sub"/><sequenceFlow id="f9" sourceRef="sub" targetRef="call"/><sequenceFlow id="f10" sourceRef="call" targetRef="meet"/>
  <sequenceFlow id="f11" sourceRef="bad" targetRef="meet"/><sequenceFlow id="f12" sourceRef="meet" targetRef="join"/>
  <sequenceFlow id="f13" sourceRef="join" targetRef="file"/><sequenceFlow id="f14" sourceRef="file" targetRef="e"/>
</process>
<process id="child">
  <startEvent id="cs"/><serviceTask id="print" madang:operation="print"/><endEvent id="ce"/>
  <sequenceFlow id="c1" sourceRef="cs" targetRef="print"/><sequenceFlow id="c2" sourceRef="print" targetRef="ce"/>
</process></definitions>)xml";

    void begin_cases() {
        const auto read = read_bpmn(kModel, "simulation.bpmn");
        ASSERT_TRUE(read) << read.error().message;
        ASSERT_TRUE(store_->write([](store::Tx& tx) -> Result<void> {
            TRY_DO(tx.execute("CREATE TABLE simulation_effect (case_number BIGINT NOT NULL, operation TEXT NOT NULL)"));
            return {};
        }));
        for (const Definition& one : *read) ASSERT_TRUE(store_->write<int>([&](store::Tx& tx) { return engine_->deploy(tx, one); }));
        for (int number = 0; number < kCases; ++number) {
            const auto started = store_->write<InstanceId>([&](store::Tx& tx) { return engine_->start(tx, read->front(), {{"case", number}}, std::to_string(number), host_); });
            ASSERT_TRUE(started) << started.error().message;
        }
    }
    // One turn of the world, chosen by dice.
    void turn() {
        switch (dice_.below(12)) {
            case 0: clock_.advance(std::chrono::seconds(dice_.below(4))); break;
            case 1: restart(); break;
            case 2:
            case 3: pay(); break;
            case 4:
            case 5: complete_some_task(); break;
            default: work(); break;
        }
    }
    void restart() {
        if (dice_.below(20) != 0) return;
        store_.reopen();
        engine_ = std::make_unique<Engine>(clock_, random_);   // knows nothing but what the store holds
    }
    void pay() {
        if (paid_ >= kCases) return;
        const auto sent = store_->write([&](store::Tx& tx) -> Result<void> {
            TRY_DO(engine_->send_message(tx, "paid", std::to_string(paid_), {}));
            if (!host_.calm && dice_.below(10) == 0) return fail(Code::unavailable, "the sender crashed before its commit");
            return {};
        });
        if (sent) ++paid_;
    }
    void complete_some_task() {
        const auto open = store_->read<std::vector<Task>>([&](store::Reader& reader) { return engine_->open_tasks(reader, {.instance = std::nullopt, .role = "officer", .limit = 20}); });
        ASSERT_TRUE(open);
        if (open->empty()) return;
        const Task& task = (*open)[dice_.below(open->size())];
        (void)store_->write([&](store::Tx& tx) { return engine_->complete_task(tx, task.id, {}, host_); });   // may fail, and then nothing happened
    }
    void work() {
        const auto worked = engine_->work_once(*store_, hosts_);
        if (!worked) EXPECT_EQ(worked.error().code, Code::unavailable) << worked.error().message;
    }
    // No more faults: what waits is paid, done and retried until nothing is left.
    void settle() {
        host_.calm = true;
        for (int round = 0; round < 20'000; ++round) {
            pay();
            complete_some_task();
            const auto incidents = store_->read<std::vector<Incident>>([&](store::Reader& reader) { return engine_->incidents(reader, 50); });
            ASSERT_TRUE(incidents);
            for (const Incident& one : *incidents) {
                ++incidents_;
                ASSERT_TRUE(store_->write([&](store::Tx& tx) { return engine_->retry(tx, one.instance, one.number); }));
            }
            bool worked = true;
            while (worked) worked = engine_->work_once(*store_, hosts_).value_or(false);
            clock_.advance(std::chrono::seconds(1));
            if (round % 50 == 0 && count("SELECT count(*) FROM process_instance WHERE state='running'") == 0) return;
        }
    }
    std::int64_t count(std::string_view sql) {
        const auto found = store_->read<std::optional<std::int64_t>>(
            [&](store::Reader& reader) { return reader.first<std::int64_t>(sql, {}, [](const store::Row& row) { return row.integer(0); }); });
        return found && *found ? **found : -1;
    }

    std::vector<store::Migration> steps_ = migrations();
    store::ScratchStore store_{"sqlite", steps_};
    ManualClock clock_{Instant(std::chrono::seconds(1'800'000'000))};
    SeededRandom random_{GetParam()};
    SeededRandom dice_{GetParam() + 1000};
    std::unique_ptr<Engine> engine_ = std::make_unique<Engine>(clock_, random_);
    Effects host_{dice_};
    OneHost hosts_{host_};
    int paid_ = 0;
    std::int64_t incidents_ = 0;
};

TEST_P(EngineSimulation, LosesNothingAndDoublesNothing) {
    begin_cases();
    if (HasFatalFailure()) return;
    for (int i = 0; i < 12'000; ++i) turn();
    settle();
    EXPECT_EQ(count("SELECT count(*) FROM process_instance WHERE state='completed'"), count("SELECT count(*) FROM process_instance"));
    EXPECT_EQ(count("SELECT count(*) FROM process_work"), 0);
    EXPECT_EQ(count("SELECT count(*) FROM process_wait"), 0);
    EXPECT_EQ(count("SELECT count(*) FROM process_task WHERE state='open'"), 0);
    // Each case is booked and filed once; the check runs once, and the print follows where it was good.
    EXPECT_EQ(count("SELECT count(*) FROM (SELECT 1 FROM simulation_effect GROUP BY case_number, operation HAVING count(*)>1) AS twice"), 0);
    for (const char* operation : {"book", "file", "check"}) {
        EXPECT_EQ(count(format("SELECT count(*) FROM simulation_effect WHERE operation='{}'", operation)), kCases) << operation;
    }
    EXPECT_EQ(count("SELECT count(*) FROM simulation_effect WHERE operation='print'"), kCases - (kCases + 6) / 7);
    EXPECT_GT(count("SELECT count(*) FROM simulation_effect WHERE operation='remind'"), 0);
    EXPECT_GT(incidents_, 0);   // the faults were real
}

INSTANTIATE_TEST_SUITE_P(Seeds, EngineSimulation, testing::Values(1, 2), [](const auto& seed) { return format("seed{}", seed.param); });

}  // namespace
}  // namespace madang::process
