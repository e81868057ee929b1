// The suite's scripts and conditions are symbols that each engine under test maps to its own language: here
// scripts are left to the host, which writes the trace, and conditions become FEEL. Time is a clock that is
// turned as far as the case says.
#include "conformance/bpmn_betsy_runs.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include "base/json.h"
#include "base/random.h"
#include "base/text.h"
#include "process/engine.h"
#include "process/migrations.h"
#include "store/store.h"

namespace madang::conformance {
namespace {

using namespace process;

std::string replaced(std::string text, std::string_view what, std::string_view by) {
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) text.replace(at, what.size(), by);
    return text;
}

// Conditions of the suite in FEEL: test.contains("a"), !test.contains("a"), ${integerVariable}.
std::string in_feel(std::string text) {
    for (const char letter : std::string_view("abc")) {
        const std::string feel = format("contains(test, \"{}\")", letter);
        text = replaced(std::move(text), format("!test.contains(\"{}\")", letter), "not(" + feel + ")");
        text = replaced(std::move(text), format("test.contains(\"{}\")", letter), feel);
    }
    // One model names XPath and means the same symbols.
    text = replaced(std::move(text), "expressionLanguage=\"http://www.w3.org/1999/XPath\"", "");
    return replaced(std::move(text), "${integerVariable}", "integerVariable");
}

// Writes what scripts are told to write, over all processes of a case.
class Recorder final : public Host {
public:
    Result<Outcome> run_service(store::Tx&, std::string_view operation, const json::object&) override { return fail(Code::invalid, std::string(operation)); }
    Result<Outcome> decide(std::string_view decision, const json::object&) override { return fail(Code::invalid, std::string(decision)); }
    Result<Outcome> run_script(store::Tx&, std::string_view, std::string_view script, const json::object& variables) override {
        if (script.starts_with("SCRIPT_")) trace.emplace_back(script);
        if (script == "CREATE_MARKER_FILE") trace.emplace_back("MARKER_exists");
        if (script == "THROW_ERROR") return Outcome(BpmnError{"ERR-1", "thrown by the script", {}});
        if (script.starts_with("CREATE_TIMESTAMP_LOG") || script.starts_with("WAIT_")) return Outcome::later();   // takes ten seconds
        if (script.starts_with("INCREMENT_INTEGER_VARIABLE")) {
            if (script.ends_with("_AND_LOG")) trace.emplace_back("INCREMENT_correct");
            const json::value* number = variables.if_contains("integerVariable");
            return Outcome(json::object{{"integerVariable", number == nullptr ? 1 : number->to_number<std::int64_t>() + 1}});
        }
        if (script == "SET_STRING_DATA") return Outcome(json::object{{"Data Output", "String"}});
        if (script == "LOG_DATA") {
            const json::value* data = variables.if_contains("Data Input");
            if (data != nullptr && *data == "String") trace.emplace_back("DATA_correct");
        }
        return Outcome(json::object());
    }

    std::vector<std::string> trace;
};

class OneHost final : public Hosts {
public:
    explicit OneHost(Host& host) : host_(host) {}
    Result<void> with_host(store::Tx&, const Instance&, const Use& use) override { return use(host_); }

private:
    Host& host_;
};

// One case on a fresh store.
class Case {
public:
    Case() {
        char name[] = "/tmp/madang-betsy-XXXXXX";
        folder_ = mkdtemp(name);
    }
    ~Case() {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    Case(const Case&) = delete;
    Case& operator=(const Case&) = delete;

    // The trace, or why it did not run.
    Result<std::vector<std::string>> run(const std::string& text, const std::string& name, const json::object& description) {
        TRY(store_, store::open((folder_ / "store.sqlite").string()));
        const auto steps = migrations();
        TRY_DO(store_->migrate(steps));
        TRY(definitions_, read_bpmn(in_feel(text), name, {.foreign_scripts = true}));
        json::object variables;
        variables["test"] = string_or(description, "input", "");
        variables["integerVariable"] = description.at("integerVariable");
        for (const Definition& one : definitions_) TRY_DO(store_->write<int>([&](store::Tx& tx) { return engine_.deploy(tx, one); }));
        // The suite starts the process that waits for messages first, then the one under test.
        for (const Definition& one : definitions_) {
            if (one.id == "ParallelProcess" && bool_or(description, "parallelProcess", false)) TRY_DO(begin(one, variables));
        }
        const auto main = std::ranges::find_if(definitions_, [&](const Definition& one) { return name == one.id + ".bpmn"; });
        const Definition& tested = main == definitions_.end() ? definitions_.front() : *main;
        TRY_DO(begin(tested, variables));
        constexpr std::int64_t kMargin = 2;   // seconds
        TRY_DO(pass(description.at("delay_ms").to_number<std::int64_t>() / 1000 + kMargin));
        return host_.trace;
    }

    // What else the case must hold.
    bool ran_in_parallel() const { return parallel_; }
    const std::vector<Definition>& definitions() const { return definitions_; }

private:
    Result<void> begin(const Definition& definition, const json::object& variables) {
        const auto started = store_->write<InstanceId>([&](store::Tx& tx) { return engine_.start(tx, definition, variables, "case", host_); });
        if (!started) return std::unexpected(started.error());
        instances_.push_back(*started);
        return settle();
    }
    Result<void> settle() {
        for (;;) {
            TRY(const bool worked, engine_.work_once(*store_, hosts_));
            if (!worked) return note_failures();
        }
    }
    // An instance that ended with an error shows it at the end of the trace.
    Result<void> note_failures() {
        for (const InstanceId& id : instances_) {
            TRY(const Instance instance, store_->read<Instance>([&](store::Reader& reader) { return engine_.instance(reader, id); }));
            if (instance.state == InstanceState::failed && noted_.insert(id).second) host_.trace.emplace_back("ERROR_thrownErrorEvent");
        }
        return {};
    }
    Result<void> pass(std::int64_t seconds) {
        for (std::int64_t second = 0; second <= seconds; ++second) {
            TRY_DO(settle());
            TRY_DO(finish_slow_scripts());
            clock_.advance(std::chrono::seconds(1));
        }
        return settle();
    }
    // Scripts that take their time: all that began are seen before the first ends.
    Result<void> finish_slow_scripts() {
        TRY(const auto open, store_->read<std::vector<Task>>([&](store::Reader& reader) { return engine_.open_tasks(reader, {.instance = std::nullopt, .role = {}}); }));
        std::size_t slow = 0;
        for (const Task& task : open) slow += std::size_t{task.kind == NodeKind::script_task};
        parallel_ = parallel_ || slow > 1;
        for (const Task& task : open) {
            if (clock_.now() - task.created_at < std::chrono::seconds(10)) continue;
            TRY_DO(store_->write([&](store::Tx& tx) { return engine_.complete_task(tx, task.id, {}, host_); }));
        }
        return {};
    }

    Path folder_;
    ManualClock clock_{Instant(std::chrono::seconds(1'800'000'000))};
    SeededRandom random_{11};
    Engine engine_{clock_, random_};
    Recorder host_;
    OneHost hosts_{host_};
    std::unique_ptr<store::Store> store_;
    std::vector<Definition> definitions_;
    std::vector<InstanceId> instances_;
    std::set<InstanceId> noted_;
    bool parallel_ = false;
};

std::vector<std::string> texts(const json::value& list) {
    std::vector<std::string> found;
    for (const json::value& one : list.as_array()) found.emplace_back(one.as_string());
    return found;
}

// What a model orders: a script that no token can come to while another one has not run stands behind it.
class Order {
public:
    explicit Order(const Definition& definition) : definition_(definition) {}

    // Whether some node with the script `wanted` can be reached past every node with the script `missing`.
    bool reaches_without(std::string_view wanted, std::string_view missing) const {
        std::vector<bool> seen(definition_.nodes.size());
        std::vector<std::size_t> open;
        begin(definition_.scopes.front(), open);
        while (!open.empty()) {
            const std::size_t place = open.back();
            open.pop_back();
            if (seen[place]) continue;
            seen[place] = true;
            const Node& node = definition_.nodes[place];
            if (node.script == wanted) return true;
            open.insert(open.end(), node.boundaries.begin(), node.boundaries.end());
            if (node.handler) open.push_back(*node.handler);
            // A sub-process is left by the ends in it.
            if (node.inner) begin(definition_.scopes[*node.inner], open);
            else if (node.script != missing) leave(node, open);
        }
        return false;
    }

private:
    void begin(const Scope& scope, std::vector<std::size_t>& open) const {
        open.insert(open.end(), scope.entries.begin(), scope.entries.end());
        for (const std::size_t place : scope.nodes) {
            const Node& node = definition_.nodes[place];
            if (node.kind == NodeKind::start_event || node.instantiates || node.kind == NodeKind::event_sub_process) open.push_back(place);
        }
    }
    void leave(const Node& node, std::vector<std::size_t>& open) const {
        for (const std::size_t flow : node.outgoing) open.push_back(definition_.flows[flow].target);
        // What ends its path may end its sub-process.
        if (node.outgoing.empty() && definition_.scopes[node.scope].node) leave(definition_.nodes[*definition_.scopes[node.scope].node], open);
    }
    const Definition& definition_;
};

// The pair that stands the wrong way round in the trace, or nothing.
std::string out_of_order(const std::vector<Definition>& definitions, const std::vector<std::string>& trace) {
    for (std::size_t later = 0; later < trace.size(); ++later) {
        for (std::size_t before = 0; before < later; ++before) {
            const bool first = std::find(trace.begin(), trace.begin() + static_cast<std::ptrdiff_t>(before), trace[before]) == trace.begin() + static_cast<std::ptrdiff_t>(before);
            const bool came = std::find(trace.begin(), trace.begin() + static_cast<std::ptrdiff_t>(before), trace[later]) != trace.begin() + static_cast<std::ptrdiff_t>(before);
            if (!first || came || trace[before] == trace[later]) continue;
            // trace[before] ran first: wrong where it can only run behind trace[later].
            for (const Definition& one : definitions) {
                const auto has = [&](std::string_view script) { return std::ranges::any_of(one.nodes, [&](const Node& node) { return node.script == script; }); };
                if (!has(trace[before]) || !has(trace[later])) continue;
                if (!Order(one).reaches_without(trace[before], trace[later])) return format("{} before {}", trace[before], trace[later]);
            }
        }
    }
    return {};
}

// The suite gives traces sorted by name; what the model orders is judged by itself.
bool same_content(std::vector<std::string> a, std::vector<std::string> b) {
    std::ranges::sort(a);
    std::ranges::sort(b);
    return a == b;
}

// What the suite expects and its own model contradicts: the file, and why.
const std::map<std::string_view, std::string_view> kContradictions{
    {"activities/AdHocSubProcess_Parallel.bpmn", "it expects SCRIPT_task3, and no script of the model is that"},
};

void judge_case(const Path& dir, const json::object& test, const json::object& description, Tally& tally) {
    const std::string file = string_or(test, "file", "");
    const json::value* input = description.if_contains("input");
    const std::string name = format("{} ({})", file, input != nullptr && input->is_string() ? std::string(input->get_string()) : json::serialize(description.at("integerVariable")));
    if (const auto known = kContradictions.find(file); known != kContradictions.end()) return tally.skip(name, known->second);
    const auto text = read_file(dir / file);
    if (!text) return tally.expect(false, name, text.error().message);
    std::vector<std::string> expected = texts(description.at("trace"));
    Case one;
    json::object given = description;
    if (input == nullptr || !input->is_string()) given["input"] = "";
    const auto trace = one.run(*text, Path(file).filename().string(), given);
    if (expected == std::vector<std::string>{"ERROR"}) {
        return tally.expect(!trace, name, "it was to be refused");
    }
    if (!trace) return tally.expect(false, name, trace.error().message);
    std::vector<std::string> got = *trace;
    // The suite looks for the marker only where it expects one.
    if (std::ranges::find(expected, "MARKER_exists") == expected.end()) std::erase(got, "MARKER_exists");
    if (std::erase(expected, "EXECUTION_parallel") != 0 && !one.ran_in_parallel()) got.emplace_back("not in parallel");
    if (const std::string wrong = out_of_order(one.definitions(), got); !wrong.empty()) return tally.expect(false, name, wrong);
    tally.expect(same_content(expected, got), name, format("expected {}, got {}", join(expected, " "), join(got, " ")));
}

}  // namespace

void judge_runs(const Path& dir, Tally& tally) {
    const auto text = read_file(dir / "expected.json");
    if (!text) return tally.expect(false, "expected.json", text.error().message);
    const auto expected = parse_json(*text);
    if (!expected) return tally.expect(false, "expected.json", expected.error().message);
    for (const json::value& test : expected->at("runtime_tests").as_array()) {
        for (const json::value& description : test.at("cases").as_array()) judge_case(dir, test.as_object(), description.as_object(), tally);
    }
}

}  // namespace madang::conformance
