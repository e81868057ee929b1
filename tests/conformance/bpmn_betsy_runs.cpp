// The suite's scripts and conditions are symbols that each engine under test maps to its own language: here
// scripts are left to the host, which writes the trace, and conditions become FEEL. Time is a clock that is
// turned as far as the case says.
#include "conformance/bpmn_betsy_runs.h"

#include <algorithm>
#include <cstdlib>
#include <regex>
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

// Conditions of the suite in FEEL: test.contains("a"), !test.contains("a"), ${integerVariable}. A model may name
// another language and mean the same symbols.
std::string in_feel(std::string text) {
    static const std::pair<std::regex, std::string> kSymbols[] = {
        {std::regex("!test\\.contains\\(([^)]*)\\)"), "not(contains(test, $1))"},
        {std::regex("test\\.contains\\(([^)]*)\\)"), "contains(test, $1)"},
        {std::regex("\\$\\{([^}<]*)\\}"), "$1"},
        {std::regex("expressionLanguage=\"[^\"]*\""), ""},
    };
    for (const auto& [symbol, feel] : kSymbols) text = std::regex_replace(text, symbol, feel);
    return text;
}

// Writes what scripts are told to write, over all processes of a case.
class Recorder final : public Host {
public:
    Result<Outcome> run_service(store::Tx&, std::string_view operation, const json::object&) override { return fail(Code::invalid, std::string(operation)); }
    Result<Outcome> decide(std::string_view decision, const json::object&) override { return fail(Code::invalid, std::string(decision)); }
    Result<Outcome> run_script(store::Tx&, std::string_view, std::string_view script, const json::object& variables) override {
        ran.emplace_back(script);
        if (script.starts_with("SCRIPT_")) trace.emplace_back(script);
        if (script == "CREATE_MARKER_FILE") trace.emplace_back("MARKER_exists");
        if (script == "THROW_ERROR") return Outcome(BpmnError{"ERR-1", "thrown by the script", {}});
        if (script.starts_with("CREATE_TIMESTAMP_LOG") || script.starts_with("WAIT_")) return Outcome::later();   // takes ten seconds
        if (script.starts_with("INCREMENT_INTEGER_VARIABLE")) {
            if (script.ends_with("_AND_LOG")) trace.emplace_back("INCREMENT_correct");
            const json::value* number = variables.if_contains("integerVariable");
            return Outcome(json::object{{"integerVariable", number == nullptr ? 1 : number->to_number<std::int64_t>() + 1}});
        }
        if (script == "SET_STRING_DATA") return Outcome(written_by(script));
        if (script == "LOG_DATA" && reads_text(script, variables)) trace.emplace_back("DATA_correct");
        return Outcome(json::object());
    }

    std::vector<std::string> trace;
    std::vector<std::string> ran;   // every script, in order
    const std::vector<Definition>* definitions = nullptr;

private:
    // The data outputs of the tasks with this script, and the data inputs, as the model names them.
    json::object written_by(std::string_view script) const {
        json::object written;
        for_each_with(script, [&](const Node& node) {
            for (const Mapping& output : node.outputs) written[output.source.empty() ? output.target : output.source] = "String";
        });
        return written;
    }
    bool reads_text(std::string_view script, const json::object& variables) const {
        bool reads = false;
        for_each_with(script, [&](const Node& node) {
            for (const Mapping& input : node.inputs) {
                const json::value* data = variables.if_contains(input.target);
                reads = reads || (data != nullptr && *data == "String");
            }
        });
        return reads;
    }
    void for_each_with(std::string_view script, const std::function<void(const Node&)>& action) const {
        for (const Definition& one : *definitions) {
            for (const Node& node : one.nodes) {
                if (node.script == script) action(node);
            }
        }
    }
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
        host_.definitions = &definitions_;
        variables_["test"] = string_or(description, "input", "");
        variables_["integerVariable"] = description.at("integerVariable");
        for (const Definition& one : definitions_) TRY_DO(store_->write<int>([&](store::Tx& tx) { return engine_.deploy(tx, one); }));
        // The suite starts the process that waits for messages first, then the one under test.
        for (const Definition& one : definitions_) {
            if (one.id == "ParallelProcess" && bool_or(description, "parallelProcess", false)) TRY_DO(begin(one));
        }
        const auto main = std::ranges::find_if(definitions_, [&](const Definition& one) { return name == one.id + ".bpmn"; });
        TRY_DO(begin_tested(main == definitions_.end() ? definitions_.front() : *main));
        constexpr std::int64_t kMargin = 2;   // seconds
        TRY_DO(pass(description.at("delay_ms").to_number<std::int64_t>() / 1000 + kMargin));
        TRY_DO(note_failures());
        TRY_DO(check_incidents());
        return host_.trace;
    }

    // What else the case must hold.
    bool ran_in_parallel() const { return parallel_; }
    const std::vector<Definition>& definitions() const { return definitions_; }
    // The first script of every model opens the log: a run without it is no run, however empty its trace.
    bool opened_its_log() const {
        const auto opens = [](const Node& node) { return node.script == "CREATE_LOG_FILE"; };
        const bool has_log = std::ranges::any_of(definitions_, [&](const Definition& one) { return std::ranges::any_of(one.nodes, opens); });
        return !begun_ || !has_log || std::ranges::find(host_.ran, "CREATE_LOG_FILE") != host_.ran.end();
    }

private:
    Result<void> begin(const Definition& definition) {
        TRY_DO(store_->write<InstanceId>([&](store::Tx& tx) { return engine_.start(tx, definition, variables_, "case", host_); }));
        begun_ = true;
        return settle();
    }
    // By its plain start; else what it waits for is sent, where nothing in the file sends it. Timers come by themselves.
    Result<void> begin_tested(const Definition& tested) {
        if (!tested.scopes.front().entries.empty()) return begin(tested);
        for (const Node* start : starts_of(tested)) {
            for (const Trigger& trigger : start->triggers) {
                if (trigger.kind == TriggerKind::conditional) return begin_where_it_holds(tested);
                const bool sent = trigger.kind == TriggerKind::message || trigger.kind == TriggerKind::signal;
                if (!sent || is_thrown_beside(tested, trigger)) continue;
                TRY_DO(store_->write([&](store::Tx& tx) {
                    return trigger.kind == TriggerKind::message ? engine_.send_message(tx, trigger.name, "", variables_) : engine_.send_signal(tx, trigger.name, variables_);
                }));
                begun_ = true;
            }
        }
        return settle();
    }
    Result<void> begin_where_it_holds(const Definition& tested) {
        const auto begun = begin(tested);
        return begun || begun.error().message.ends_with("it has no plain start") ? Result<void>() : begun;
    }
    static std::vector<const Node*> starts_of(const Definition& definition) {
        std::vector<const Node*> found;
        for (const std::size_t place : definition.scopes.front().nodes) {
            const Node& node = definition.nodes[place];
            if (node.kind == NodeKind::start_event || (node.kind == NodeKind::receive_task && node.instantiates)) found.push_back(&node);
            if (node.kind != NodeKind::event_based_gateway || !node.instantiates) continue;
            for (const std::size_t flow : node.outgoing) {
                if (node.parallel_events || flow == node.outgoing.front()) found.push_back(&definition.nodes[definition.flows[flow].target]);
            }
        }
        return found;
    }
    bool is_thrown_beside(const Definition& tested, const Trigger& trigger) const {
        const auto throws = [&](const Node& node) {
            const bool can = node.kind == NodeKind::send_task || node.kind == NodeKind::end_event || node.kind == NodeKind::intermediate_throw_event;
            return can && std::ranges::any_of(node.triggers, [&](const Trigger& one) { return one.kind == trigger.kind && one.name == trigger.name; });
        };
        return std::ranges::any_of(definitions_, [&](const Definition& one) { return one.id != tested.id && std::ranges::any_of(one.nodes, throws); });
    }
    Result<void> settle() {
        for (;;) {
            TRY(const bool worked, engine_.work_once(*store_, hosts_));
            if (!worked) return note_failures();
        }
    }
    // An instance that ended with an error shows it at the end of the trace; of a called one its caller shows it.
    Result<void> note_failures() {
        for (const Definition& one : definitions_) {
            TRY(const auto instances, store_->read<std::vector<Instance>>([&](store::Reader& reader) { return engine_.instances(reader, one.id, 1000); }));
            for (const Instance& instance : instances) {
                if (instance.state == InstanceState::failed && instance.parent.empty() && noted_.insert(instance.id).second) host_.trace.emplace_back("ERROR_thrownErrorEvent");
            }
        }
        return {};
    }
    // What the engine gave up is a failure of the case, whatever the trace says.
    Result<void> check_incidents() {
        TRY(const auto incidents, store_->read<std::vector<Incident>>([&](store::Reader& reader) { return engine_.incidents(reader, 1); }));
        return incidents.empty() ? Result<void>() : fail(Code::invalid, incidents.front().problem);
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
    json::object variables_;
    std::set<InstanceId> noted_;
    bool parallel_ = false;
    bool begun_ = false;   // by us, and not only awaited
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

// A symbol that is expected and that no script of the model writes: the suite contradicts its own model.
std::string unwritten(const std::vector<Definition>& definitions, const std::vector<std::string>& expected) {
    for (const std::string& symbol : expected) {
        const auto writes = [&](const Node& node) { return node.script == symbol; };
        const bool written = std::ranges::any_of(definitions, [&](const Definition& one) { return std::ranges::any_of(one.nodes, writes); });
        if (symbol.starts_with("SCRIPT_") && !written) return symbol;
    }
    return {};
}

// A model that an engine cannot run is told so at its element, as a mistake of the model and not as something unknown.
bool is_located_refusal(const Error& error) {
    return error.code == Code::invalid && error.message.find(": <") != std::string::npos && error.message.find("not supported") == std::string::npos;
}

void judge_case(const Path& dir, const json::object& test, const json::object& description, Tally& tally) {
    const std::string file = string_or(test, "file", "");
    const json::value* input = description.if_contains("input");
    const std::string name = format("{} ({})", file, input != nullptr && input->is_string() ? std::string(input->get_string()) : json::serialize(description.at("integerVariable")));
    const auto text = read_file(dir / file);
    if (!text) return tally.expect(false, name, text.error().message);
    std::vector<std::string> expected = texts(description.at("trace"));
    Case one;
    json::object given = description;
    if (input == nullptr || !input->is_string()) given["input"] = "";
    const auto trace = one.run(*text, Path(file).filename().string(), given);
    if (expected == std::vector<std::string>{"ERROR"}) {
        return tally.expect(!trace && is_located_refusal(trace.error()), name, trace ? "it was to be refused" : trace.error().message);
    }
    if (!trace) return tally.expect(false, name, trace.error().message);
    if (const std::string symbol = unwritten(one.definitions(), expected); !symbol.empty()) {
        return tally.skip(name, format("it expects {}, and no script of the model is that", symbol));
    }
    if (!one.opened_its_log()) return tally.expect(false, name, "the process did not begin");
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
