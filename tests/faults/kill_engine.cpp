// Kills a process engine with SIGKILL at random moments while it starts cases, completes tasks, correlates messages,
// fires timers and hands jobs to outside workers, and checks after the last round that nothing was lost and nothing done twice.
//
//   faults_kill_engine [ROUNDS] [sqlite|postgresql]      ends with "N passed, N failed"
//
// Each effect of a case is a row in the transaction of its step; what the child says it committed, it wrote to a pipe.
// A worker's effect is outside: a row of its own transaction by the job's id, before the job is said to be done.
// For PostgreSQL a database is made on the server that MADANG_TEST_POSTGRES names; without it the exit code is 77.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <set>
#include <thread>

#include "base/text.h"
#include "process/engine.h"
#include "process/migrations.h"
#include "store/store.h"
#include "store/testing.h"

namespace madang::faults {
namespace {

using process::Engine;
using process::InstanceId;

constexpr std::size_t kWaitingAtMost = 150;   // open tasks; then no more cases begin
constexpr std::size_t kJobsAtOnce = 10;
constexpr std::chrono::seconds kLease{1};     // then another worker gets the job: the one that had it is dead
constexpr std::int64_t kOfRound = 100'000;    // numbers of the cases of one round

constexpr std::string_view kModel = R"xml(<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:madang="https://madang.example/ns/bpmn">
<message id="m" name="paid"/><error id="w" errorCode="WRONG"/>
<process id="p">
  <startEvent id="s"/><parallelGateway id="split"/><parallelGateway id="join"/><endEvent id="e"/>
  <userTask id="look" madang:role="officer"/><boundaryEvent id="slow" attachedToRef="look" cancelActivity="false">
    <timerEventDefinition><timeDuration>PT0.3S</timeDuration></timerEventDefinition></boundaryEvent>
  <serviceTask id="remind" madang:operation="remind"/><endEvent id="reminded"/>
  <intermediateCatchEvent id="pay"><messageEventDefinition messageRef="m" madang:correlationKey="string(case)"/></intermediateCatchEvent>
  <serviceTask id="book" madang:operation="book"/><serviceTask id="post" madang:operation="post" madang:external="true"/>
  <subProcess id="sub"><startEvent id="ss"/><serviceTask id="check" madang:operation="check"/>
    <intermediateCatchEvent id="rest"><timerEventDefinition><timeDuration>PT0.2S</timeDuration></timerEventDefinition></intermediateCatchEvent><endEvent id="se"/>
    <sequenceFlow id="i1" sourceRef="ss" targetRef="rest"/><sequenceFlow id="i2" sourceRef="rest" targetRef="check"/><sequenceFlow id="i3" sourceRef="check" targetRef="se"/></subProcess>
  <boundaryEvent id="bad" attachedToRef="sub"><errorEventDefinition errorRef="w"/></boundaryEvent>
  <callActivity id="call" calledElement="child"/>
  <exclusiveGateway id="meet"/><serviceTask id="file" madang:operation="file"/>
  <sequenceFlow id="f0" sourceRef="s" targetRef="split"/>
  <sequenceFlow id="f1" sourceRef="split" targetRef="look"/><sequenceFlow id="f2" sourceRef="look" targetRef="join"/>
  <sequenceFlow id="f3" sourceRef="slow" targetRef="remind"/><sequenceFlow id="f4" sourceRef="remind" targetRef="reminded"/>
  <sequenceFlow id="f5" sourceRef="split" targetRef="pay"/><sequenceFlow id="f6" sourceRef="pay" targetRef="book"/><sequenceFlow id="f7" sourceRef="book" targetRef="post"/><sequenceFlow id="f15" sourceRef="post" targetRef="join"/>
  <sequenceFlow id="f8" sourceRef="split" targetRef="sub"/><sequenceFlow id="f9" sourceRef="sub" targetRef="call"/><sequenceFlow id="f10" sourceRef="call" targetRef="meet"/>
  <sequenceFlow id="f11" sourceRef="bad" targetRef="meet"/><sequenceFlow id="f12" sourceRef="meet" targetRef="join"/>
  <sequenceFlow id="f13" sourceRef="join" targetRef="file"/><sequenceFlow id="f14" sourceRef="file" targetRef="e"/>
</process>
<process id="child">
  <startEvent id="cs"/><serviceTask id="print" madang:operation="print"/><endEvent id="ce"/>
  <sequenceFlow id="c1" sourceRef="cs" targetRef="print"/><sequenceFlow id="c2" sourceRef="print" targetRef="ce"/>
</process></definitions>)xml";

class Effects final : public process::Host {
public:
    Result<process::Outcome> run_service(store::Tx& tx, std::string_view operation, const json::object& variables) override {
        const std::int64_t which = variables.at("case").to_number<std::int64_t>();
        TRY_DO(tx.execute("INSERT INTO kill_effect (case_number, operation) VALUES ($1,$2)", {which, std::string(operation)}));
        if (operation == "check" && which % 7 == 0) return process::Outcome(process::BpmnError{"WRONG", "", {}});
        return process::Outcome(json::object());
    }
    Result<process::Outcome> decide(std::string_view, const json::object&) override { return process::Outcome(json::object()); }
};

class OneHost final : public process::Hosts {
public:
    Result<void> with_host(store::Tx&, const process::Instance&, const Use& use) override { return use(host); }
    Effects host;
};

// One engine on one store: what the killed child and the last, quiet run both do.
class World {
public:
    World(store::Store& store, unsigned seed) : store_(store), dice_(seed) {}

    bool deploy() {
        auto read = process::read_bpmn(kModel, "kill.bpmn");
        if (!read) return false;
        models_ = std::move(*read);
        for (const auto& one : models_) {
            if (!store_.write<int>([&](store::Tx& tx) { return engine_.deploy(tx, one); })) return false;
        }
        return true;
    }
    bool begin(std::int64_t number) {
        return store_.write([&](store::Tx& tx) -> Result<void> {
            TRY_DO(tx.execute("INSERT INTO kill_case (case_number, paid) VALUES ($1,0)", {number}));
            TRY_DO(engine_.start(tx, models_.front(), {{"case", number}}, std::to_string(number), hosts_.host));
            return {};
        }).has_value();
    }
    // A message for a case that got none yet; what was sent and that it was sent is one commit.
    void pay() {
        (void)store_.write([&](store::Tx& tx) -> Result<void> {
            TRY(const auto number, tx.first<std::int64_t>("SELECT case_number FROM kill_case WHERE paid=0 ORDER BY case_number LIMIT 1", {},
                                                          [](const store::Row& row) -> Result<std::int64_t> { return row.integer(0); }));
            if (!number) return {};
            TRY_DO(tx.execute("UPDATE kill_case SET paid=1 WHERE case_number=$1", {*number}));
            return engine_.send_message(tx, "paid", std::to_string(*number), {});
        });
    }
    std::size_t complete_some() {
        const auto open = store_.read<std::vector<process::Task>>([&](store::Reader& reader) { return engine_.open_tasks(reader, {.instance = std::nullopt, .role = "officer", .limit = kWaitingAtMost}); });
        if (!open || open->empty()) return 0;
        const auto& task = (*open)[dice_() % open->size()];
        (void)store_.write([&](store::Tx& tx) { return engine_.complete_task(tx, task.id, {}, hosts_.host); });
        return open->size();
    }
    // As an outside worker does: takes jobs for a while, acts once for each id, and says that it is done. Every fifth fails.
    bool do_jobs() {
        const auto taken = store_.write<std::vector<process::Task>>([&](store::Tx& tx) { return engine_.take_jobs(tx, "post", "worker", kJobsAtOnce, kLease); });
        if (!taken) return false;
        for (const process::Task& job : *taken) {
            if (job.attempts == 0 && dice_() % 5 == 0) {
                (void)store_.write([&](store::Tx& tx) { return engine_.postpone_job(tx, job.id, "the post office is closed"); });
                continue;
            }
            const auto acted = store_.write([&](store::Tx& tx) -> Result<void> {
                TRY(const json::object variables, engine_.variables(tx, job.instance));
                TRY(const auto known, tx.first<std::int64_t>("SELECT 1 FROM kill_outside WHERE job=$1", {job.id.text()}, [](const store::Row& row) -> Result<std::int64_t> { return row.integer(0); }));
                if (known) TRY_DO(tx.execute("UPDATE kill_outside SET again=again+1 WHERE job=$1", {job.id.text()}));
                else TRY_DO(tx.execute("INSERT INTO kill_outside (job, case_number, again) VALUES ($1,$2,0)", {job.id.text(), variables.at("case").to_number<std::int64_t>()}));
                return {};
            });
            if (acted) (void)store_.write([&](store::Tx& tx) { return engine_.complete_task(tx, job.id, {}, hosts_.host); });
        }
        return !taken->empty();
    }
    bool work() { return engine_.work_once(store_, hosts_).value_or(false); }
    std::size_t incidents() {
        return store_.read<std::vector<process::Incident>>([&](store::Reader& reader) { return engine_.incidents(reader, 100); }).value_or(std::vector<process::Incident>(1)).size();
    }

private:
    store::Store& store_;
    std::mt19937 dice_;
    SystemClock clock_;
    SystemRandom random_;
    Engine engine_{clock_, random_};
    OneHost hosts_;
    std::vector<process::Definition> models_;
};

// The child: works until it is killed, and says on the pipe which cases are committed.
[[noreturn]] void work_until_killed(const std::string& address, int round, int pipe) {
    auto store = store::open(address);
    if (!store) ::_exit(2);
    World world(**store, static_cast<unsigned>(round));
    if (!world.deploy()) ::_exit(2);
    std::jthread worker([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            if (!world.work()) std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
    });
    // A world of its own, as another program has: it shares nothing with this one but the store.
    World outside(**store, static_cast<unsigned>(round) + 1'000'000);
    std::jthread posting([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            if (!outside.do_jobs()) std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
    });
    std::int64_t number = static_cast<std::int64_t>(round) * kOfRound;
    for (int turn = 0;; ++turn) {
        // Two begin for each that is done until many wait, so that timers at open tasks fire as well.
        const bool full = turn % 2 == 0 && world.complete_some() >= kWaitingAtMost;
        if (!full && world.begin(number)) {
            if (::write(pipe, &number, sizeof number) != sizeof number) ::_exit(2);
            ++number;
        }
        world.pay();
    }
}

std::int64_t count(store::Store& store, const std::string& sql) {
    const auto found = store.read<std::optional<std::int64_t>>(
        [&](store::Reader& reader) { return reader.first<std::int64_t>(sql, {}, [](const store::Row& row) -> Result<std::int64_t> { return row.integer(0); }); });
    return found && *found ? **found : -1;
}

struct Tally {
    int passed = 0;
    int failed = 0;
    void expect(bool good, const std::string& what) {
        std::printf("%s %s\n", good ? "ok  " : "FAIL", what.c_str());
        (good ? passed : failed) += 1;
    }
};

// One life and death; what the child had said to be committed.
bool run_round(const std::string& address, int round, std::mt19937& dice, std::set<std::int64_t>& acknowledged) {
    int ends[2];
    if (::pipe(ends) != 0) return false;
    std::fflush(stdout);
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(ends[0]);
        work_until_killed(address, round, ends[1]);
    }
    ::close(ends[1]);
    // Past the start, so that most rounds die in the middle of work.
    std::this_thread::sleep_for(std::chrono::milliseconds(60 + dice() % 300));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    std::int64_t number = 0;
    while (::read(ends[0], &number, sizeof number) == sizeof number) acknowledged.insert(number);
    ::close(ends[0]);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

void settle(World& world, store::Store& store) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(5);
    while (std::chrono::steady_clock::now() < end && count(store, "SELECT count(*) FROM process_instance WHERE state='running'") > 0) {
        for (int i = 0; i < 50; ++i) {
            world.pay();
            world.complete_some();
        }
        world.do_jobs();
        for (bool worked = true; worked;) worked = world.work();
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
}

void check(store::Store& store, World& world, const std::set<std::int64_t>& acknowledged, Tally& tally) {
    const std::int64_t cases = count(store, "SELECT count(*) FROM kill_case");
    std::int64_t missing = 0;
    for (const std::int64_t number : acknowledged) {
        if (count(store, format("SELECT count(*) FROM kill_case WHERE case_number={}", number)) != 1) ++missing;
    }
    tally.expect(missing == 0 && !acknowledged.empty(), format("{} cases acknowledged, {} missing, {} there", acknowledged.size(), missing, cases));
    tally.expect(count(store, "SELECT count(*) FROM process_instance WHERE definition_id='p' AND state='completed'") == cases, "every case went to its end");
    tally.expect(count(store, "SELECT count(*) FROM process_instance WHERE state<>'completed'") == 0, "nothing else is left of any process");
    for (const char* table : {"process_work", "process_wait"}) tally.expect(count(store, format("SELECT count(*) FROM {}", table)) == 0, format("no row is left in {}", table));
    tally.expect(world.incidents() == 0, "nothing waits for a person");
    const std::int64_t doubled = count(store, "SELECT count(*) FROM (SELECT 1 FROM kill_effect GROUP BY case_number, operation HAVING count(*)>1) AS twice");
    tally.expect(doubled == 0, format("{} effects doubled", doubled));
    for (const char* operation : {"book", "check", "file"}) {
        const std::int64_t done = count(store, format("SELECT count(*) FROM kill_effect WHERE operation='{}'", operation));
        tally.expect(done == cases, format("{} of {} cases: {}", done, cases, operation));
    }
    const std::int64_t printed = count(store, "SELECT count(*) FROM kill_effect WHERE operation='print'");
    const std::int64_t good = count(store, "SELECT count(*) FROM kill_case WHERE case_number%7<>0");
    tally.expect(printed == good, format("{} of {} good cases: print, by a called process", printed, good));
    const std::int64_t posted = count(store, "SELECT count(*) FROM kill_outside");
    const std::int64_t of_cases = count(store, "SELECT count(*) FROM (SELECT 1 FROM kill_outside GROUP BY case_number) AS each");
    tally.expect(posted == cases && of_cases == cases, format("{} of {} cases: post, by outside workers, {} jobs", of_cases, cases, posted));
    const std::int64_t again = count(store, "SELECT count(*) FROM kill_outside WHERE again>0");
    std::printf("     %lld jobs were handed out again after their worker had acted and died\n", static_cast<long long>(again));
    const std::int64_t reminded = count(store, "SELECT count(*) FROM kill_effect WHERE operation='remind'");
    tally.expect(reminded > 0, format("{} reminders by timers at open tasks", reminded));
}

int run(int argc, char** argv) {
    const int rounds = argc > 1 ? std::atoi(argv[1]) : 200;
    const std::string kind = argc > 2 ? argv[2] : "sqlite";
    if (rounds < 1 || (kind != "sqlite" && kind != "postgresql")) {
        std::fprintf(stderr, "usage: %s [ROUNDS] [sqlite|postgresql]\n", argv[0]);
        return 2;
    }
    if (kind == "postgresql" && std::getenv("MADANG_TEST_POSTGRES") == nullptr) {
        std::printf("MADANG_TEST_POSTGRES is not set\n");
        return 77;
    }
    std::vector<store::Migration> steps = process::migrations();
    steps.push_back({"kill", 1, "create", "CREATE TABLE kill_case (case_number BIGINT PRIMARY KEY, paid BIGINT NOT NULL);\n"
                                          "CREATE TABLE kill_effect (case_number BIGINT NOT NULL, operation TEXT NOT NULL);\n"
                                          "CREATE TABLE kill_outside (job TEXT PRIMARY KEY, case_number BIGINT NOT NULL, again BIGINT NOT NULL);\n"});
    std::string folder;
    std::unique_ptr<store::ScratchStore> scratch;
    // The parent keeps no store open while children live: a lock of a parent must not hide that of a dead child.
    if (kind == "postgresql") {
        scratch = std::make_unique<store::ScratchStore>(kind, steps);
        folder = scratch->address();
    } else {
        std::string pattern = "/tmp/madang-kill-engine-XXXXXX";
        folder = std::string(::mkdtemp(pattern.data())) + "/store.sqlite";
        store::open_scratch(folder, steps);
    }
    Tally tally;
    std::mt19937 dice(20261124);
    std::set<std::int64_t> acknowledged;
    int killed = 0;
    for (int round = 1; round <= rounds; ++round) {
        killed += run_round(folder, round, dice, acknowledged) ? 1 : 0;
        if (round % 20 == 0) std::fprintf(stderr, "%d rounds, %zu cases acknowledged\n", round, acknowledged.size());
    }
    tally.expect(killed == rounds, format("{} of {} children died by SIGKILL", killed, rounds));
    auto store = store::open(folder);
    if (!store) {
        tally.expect(false, "the store opens after the last kill: " + store.error().message);
    } else {
        World world(**store, 0);
        tally.expect(world.deploy(), "the models are there");
        settle(world, **store);
        check(**store, world, acknowledged, tally);
    }
    if (kind == "sqlite" && tally.failed == 0) std::filesystem::remove_all(std::filesystem::path(folder).parent_path());
    std::printf("%d passed, %d failed\n", tally.passed, tally.failed);
    return tally.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace madang::faults

int main(int argc, char** argv) { return madang::faults::run(argc, argv); }
