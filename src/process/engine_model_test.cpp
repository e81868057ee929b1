// Random small processes, not only well-structured ones, run by the engine and by the token simulator: whatever people and
// messages do in whatever order, the engine stands where the standard says that a process may stand, and offers each
// next step that the standard offers.
//
// MADANG_SEEDS=20000 runs that many processes instead of the few of every day.
#include <cstdlib>

#include "process/detail/engine_fixture.h"
#include "process/detail/token_simulator.h"

namespace madang::process {
namespace {

using simulated::Flow;
using simulated::Graph;
using simulated::Kind;
using simulated::Marking;
using simulated::Node;
using simulated::Simulator;

constexpr int kWalks = 3;
constexpr int kStepsOfWalk = 14;

class Generator {
public:
    explicit Generator(std::uint64_t seed) : dice_(seed) {}

    Graph make() {
        for (bool& value : graph_.variables) value = dice_.below(2) == 0;
        // What a boundary event means for the inclusive join, clause 13.4.3 does not say: not both in one process.
        inclusive_ = dice_.below(2) == 0;
        body(-1, 3 + static_cast<int>(dice_.below(6)));
        return std::move(graph_);
    }

private:
    int add(Kind kind, int scope, std::string_view letter) {
        graph_.nodes.push_back({.kind = kind, .id = format("{}{}", letter, graph_.nodes.size()), .scope = scope});
        return static_cast<int>(graph_.nodes.size()) - 1;
    }
    void connect(int from, int to) {
        const int flow = static_cast<int>(graph_.flows.size());
        graph_.flows.push_back({from, to, -1});
        node(from).out.push_back(flow);
        node(to).in.push_back(flow);
    }
    Node& node(int index) { return graph_.nodes[static_cast<std::size_t>(index)]; }
    int one_of(const std::vector<int>& nodes) { return nodes[dice_.below(nodes.size())]; }

    // The nodes of a scope: a tree from its start, an end for each that leads nowhere, and flows across.
    void body(int scope, int count) {
        std::vector<int> sources{add(Kind::start, scope, "s")};
        std::vector<int> targets;
        for (int i = 0; i < count; ++i) grow(scope, sources, targets);
        for (std::uint64_t extra = dice_.below(4); extra > 0 && !targets.empty(); --extra) {
            const int from = one_of(sources);
            const int to = one_of(targets);
            if (to <= from && dice_.below(2) == 0) continue;   // a way back is a circle more often than not
            if (node(from).kind != Kind::start) connect(from, to);
        }
        for (const int source : sources) {
            if (!node(source).out.empty()) continue;
            const bool terminates = scope == -1 && dice_.below(8) == 0;
            const int end = add(terminates ? Kind::terminate : Kind::end, scope, "e");
            connect(source, end);
        }
        lead_out(scope, sources);
        for (const int source : sources) choose(source);
        if (depth(scope) < 2 && dice_.below(5) == 0) add_event_sub_process(scope);
    }
    // Who can only go round in a circle gets an end of its own: the rules refuse what has none.
    void lead_out(int scope, const std::vector<int>& sources) {
        std::vector<bool> out(graph_.nodes.size());
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = graph_.nodes[i].kind == Kind::end || graph_.nodes[i].kind == Kind::terminate;
        const auto spread = [&] {
            for (bool changed = true; changed;) {
                changed = false;
                for (const int source : sources) {
                    const auto place = static_cast<std::size_t>(source);
                    const auto leads = [&](int flow) { return out[static_cast<std::size_t>(graph_.flows[static_cast<std::size_t>(flow)].to)]; };
                    if (!out[place] && std::ranges::any_of(node(source).out, leads)) out[place] = changed = true;
                }
            }
        };
        spread();
        for (const int source : sources) {
            if (out[static_cast<std::size_t>(source)] || node(source).kind == Kind::event_gateway) continue;
            connect(source, add(Kind::end, scope, "e"));
            out[static_cast<std::size_t>(source)] = true;
            spread();
        }
    }
    int depth(int scope) const {
        int levels = 0;
        for (; scope != -1; scope = graph_.nodes[static_cast<std::size_t>(scope)].scope) ++levels;
        return levels;
    }
    void add_event_sub_process(int scope) {
        const int made = add(Kind::event_sub, scope, "h");
        const int start = static_cast<int>(graph_.nodes.size());
        body(made, 1 + static_cast<int>(dice_.below(2)));
        node(start).kind = Kind::event_start;
        node(start).interrupting = dice_.below(2) == 0;
    }
    void grow(int scope, std::vector<int>& sources, std::vector<int>& targets) {
        const int from = one_of(sources);
        const std::uint64_t roll = dice_.below(20);
        if (roll == 0) {   // an event gateway with its two events
            const int gateway = add(Kind::event_gateway, scope, "v");
            connect(from, gateway);
            targets.push_back(gateway);
            for (int i = 0; i < 2; ++i) {
                const int event = add(Kind::catch_event, scope, "m");
                connect(gateway, event);
                sources.push_back(event);
            }
            return;
        }
        Kind kind = Kind::task;
        std::string_view letter = "t";
        if (roll < 4) kind = Kind::exclusive, letter = "x";
        else if (roll < 9) kind = Kind::parallel, letter = "p";
        else if (roll < 12 && inclusive_) kind = Kind::inclusive, letter = "o";
        else if (roll == 12) kind = Kind::catch_event, letter = "m";
        else if (roll == 13 && depth(scope) < 2) kind = Kind::sub_process, letter = "u";
        const int made = add(kind, scope, letter);
        connect(from, made);
        sources.push_back(made);
        targets.push_back(made);
        if (kind == Kind::task && dice_.below(6) == 0) {
            node(made).times = 2 + static_cast<int>(dice_.below(2));
            node(made).at_once = dice_.below(2) == 0;
        }
        if (kind == Kind::sub_process) body(made, 1 + static_cast<int>(dice_.below(3)));
        if ((kind == Kind::task || kind == Kind::sub_process) && !inclusive_ && dice_.below(5) == 0) {
            const int boundary = add(Kind::boundary, scope, "b");
            node(boundary).attached = made;
            node(boundary).interrupting = dice_.below(2) == 0;
            sources.push_back(boundary);
        }
    }
    // Gateways that split have conditions and a default.
    void choose(int index) {
        Node& gateway = node(index);
        if ((gateway.kind != Kind::exclusive && gateway.kind != Kind::inclusive) || gateway.out.size() < 2) return;
        gateway.otherwise = gateway.out.back();
        for (std::size_t i = 0; i + 1 < gateway.out.size(); ++i) graph_.flows[static_cast<std::size_t>(gateway.out[i])].condition = static_cast<int>(dice_.below(6));
    }

    SeededRandom dice_;
    Graph graph_;
    bool inclusive_ = false;
};

// The same number of times in the three ways that the standard has.
std::string loop_of(const Node& node, int index) {
    if (node.times == 1) return {};
    if (!node.at_once && index % 2 == 0) return format("<standardLoopCharacteristics loopMaximum=\"{}\"/>", node.times);
    return format("<multiInstanceLoopCharacteristics isSequential=\"{}\"><loopCardinality>{}</loopCardinality></multiInstanceLoopCharacteristics>", !node.at_once, node.times);
}

std::string element(const Graph& graph, const Node& node, const std::function<std::string(int)>& body, int index) {
    const auto message = [&] { return format("<messageEventDefinition messageRef=\"message_{}\" madang:correlationKey=\"key\"/>", node.id); };
    const std::string otherwise = node.otherwise < 0 ? std::string() : format(" default=\"f{}\"", node.otherwise);
    switch (node.kind) {
        case Kind::start: return format("<startEvent id=\"{}\"/>\n", node.id);
        case Kind::end: return format("<endEvent id=\"{}\"/>\n", node.id);
        case Kind::terminate: return format("<endEvent id=\"{}\"><terminateEventDefinition/></endEvent>\n", node.id);
        case Kind::task: return format("<userTask id=\"{}\" madang:role=\"officer\">{}</userTask>\n", node.id, loop_of(node, index));
        case Kind::event_sub: return format("<subProcess id=\"{}\" triggeredByEvent=\"true\">\n{}</subProcess>\n", node.id, body(index));
        case Kind::event_start: return format("<startEvent id=\"{}\" isInterrupting=\"{}\">{}</startEvent>\n", node.id, node.interrupting, message());
        case Kind::exclusive: return format("<exclusiveGateway id=\"{}\"{}/>\n", node.id, otherwise);
        case Kind::parallel: return format("<parallelGateway id=\"{}\"/>\n", node.id);
        case Kind::inclusive: return format("<inclusiveGateway id=\"{}\"{}/>\n", node.id, otherwise);
        case Kind::event_gateway: return format("<eventBasedGateway id=\"{}\"/>\n", node.id);
        case Kind::catch_event: return format("<intermediateCatchEvent id=\"{}\">{}</intermediateCatchEvent>\n", node.id, message());
        case Kind::sub_process: return format("<subProcess id=\"{}\">\n{}</subProcess>\n", node.id, body(index));
        case Kind::boundary:
            return format("<boundaryEvent id=\"{}\" attachedToRef=\"{}\" cancelActivity=\"{}\">{}</boundaryEvent>\n", node.id,
                          graph.nodes[static_cast<std::size_t>(node.attached)].id, node.interrupting, message());
    }
    return {};
}

std::string xml_of(const Graph& graph) {
    const std::function<std::string(int)> body = [&](int scope) {
        std::string text;
        for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
            if (graph.nodes[i].scope == scope) text += element(graph, graph.nodes[i], body, static_cast<int>(i));
        }
        for (std::size_t i = 0; i < graph.flows.size(); ++i) {
            const Flow& one = graph.flows[i];
            const Node& from = graph.nodes[static_cast<std::size_t>(one.from)];
            if (from.scope != scope) continue;
            const std::string condition = one.condition < 0 ? std::string() : format("{} = v{}", one.condition % 2 == 0, one.condition / 2);
            text += flow(format("f{}", i), from.id, graph.nodes[static_cast<std::size_t>(one.to)].id, condition);
        }
        return text;
    };
    std::string messages;
    for (const Node& node : graph.nodes) {
        if (node.kind == Kind::catch_event || node.kind == Kind::boundary || node.kind == Kind::event_start) messages += format("<message id=\"message_{0}\" name=\"{0}\"/>", node.id);
    }
    std::string text = bpmn(body(-1));
    return text.insert(text.find("<process "), messages);
}

// Whether a way may lead in a circle where nothing waits: past gateways and through sub-processes.
bool has_circle(const Graph& graph) {
    const auto passes = [&](int node) {
        const Kind kind = graph.nodes[static_cast<std::size_t>(node)].kind;
        return kind == Kind::exclusive || kind == Kind::parallel || kind == Kind::inclusive || kind == Kind::sub_process;
    };
    // A gateway on a circle stays when all that lead nowhere but out are taken away, one after the other.
    std::vector<bool> left(graph.nodes.size());
    for (std::size_t i = 0; i < left.size(); ++i) left[i] = passes(static_cast<int>(i));
    for (bool changed = true; changed;) {
        changed = false;
        for (std::size_t i = 0; i < left.size(); ++i) {
            const auto& out = graph.nodes[i].out;
            const bool goes_on = std::ranges::any_of(out, [&](int flow) { return left[static_cast<std::size_t>(graph.flows[static_cast<std::size_t>(flow)].to)]; });
            if (left[i] && !goes_on) left[i] = false, changed = true;
        }
    }
    return std::ranges::any_of(left, [](bool one) { return one; });
}

class EngineModel : public testing::Test {
protected:
    std::string stand() {
        std::vector<std::string> words;
        const auto all = store_->read<std::string>([&](store::Reader& reader) -> Result<std::string> {
            TRY(const auto open, engine_.open_tasks(reader, {.instance = instance_, .role = {}}));
            for (const Task& task : open) words.push_back(task.node);
            TRY(const auto waits, reader.all<std::string>("SELECT name FROM process_wait WHERE instance_id=$1", {instance_.text()},
                                                          [](const store::Row& row) -> Result<std::string> { return "!" + std::string(row.text(0)); }));
            words.insert(words.end(), waits.begin(), waits.end());
            std::ranges::sort(words);
            TRY(const InstanceState state, engine_.state(reader, instance_));
            words.emplace_back(name_of(state));
            return join(words, " ");
        });
        return all ? *all : all.error().message;
    }
    bool start(const Definition& definition, const Graph& graph) {
        ++key_;
        json::object variables{{"key", std::to_string(key_)}};
        for (std::size_t i = 0; i < graph.variables.size(); ++i) variables[format("v{}", i)] = graph.variables.at(i);
        const auto started = store_->write<InstanceId>([&](store::Tx& tx) { return engine_.start(tx, definition, variables, "", host_); });
        if (started) instance_ = *started;
        else problem_ = started.error().message;
        return started.has_value();
    }
    // A task is completed or a message is sent, whatever the word names.
    bool act(const std::string& word) {
        const auto done = store_->write([&](store::Tx& tx) -> Result<void> {
            if (word.starts_with('!')) return engine_.send_message(tx, word.substr(1), std::to_string(key_), {});
            TRY(const auto open, engine_.open_tasks(tx, {.instance = instance_, .role = {}}));
            const auto task = std::ranges::find(open, word, &Task::node);
            if (task == open.end()) return fail(Code::not_found, "no such task");
            return engine_.complete_task(tx, task->id, {}, host_);
        });
        if (!done) problem_ = done.error().message;
        for (bool worked = done.has_value(); worked;) worked = engine_.work_once(*store_, hosts_).value_or(false);
        return done.has_value();
    }
    // False where the walk shows a difference; `told` is how it went.
    bool walk(const Definition& definition, const Graph& graph, Random& dice, std::string& told) {
        Simulator simulator(graph);
        std::vector<Marking> markings = simulator.begin();
        if (simulator.too_many()) return ++large_, true;
        const bool may_circle = has_circle(graph);
        if (!start(definition, graph)) {
            told = "it does not start: " + problem_;
            return ++circles_, may_circle && problem_.contains("circle");
        }
        if (markings.empty()) return told = "it starts, though it turns in a circle for ever", false;
        for (int step = 0;; ++step) {
            const std::string here = stand();
            std::set<std::string> allowed;
            for (const Marking& one : markings) allowed.insert(simulator.stand(one));
            told += "engine: " + here + "\n";
            if (!allowed.contains(here)) {
                for (const std::string& one : allowed) told += "standard: " + one + "\n";
                return false;
            }
            if (allowed.size() == 1) ++exact_;
            else ++open_;
            std::erase_if(markings, [&](const Marking& one) { return simulator.stand(one) != here; });
            std::vector<std::string> words;
            for (const std::string_view word : split(here, ' ')) words.emplace_back(word);
            words.pop_back();
            if (words.empty() || step == kStepsOfWalk) return true;
            const std::string chosen = words[dice.below(words.size())];
            const std::string name = chosen.starts_with('!') ? chosen.substr(1) : chosen;
            const auto node = std::ranges::find(graph.nodes, name, &Node::id) - graph.nodes.begin();
            markings = simulator.after(markings, static_cast<int>(node));
            if (simulator.too_many()) return ++large_, true;
            told += chosen + "\n";
            const bool done = act(chosen);
            // Where some order turns in a circle for ever, the engine says so and stays where it was; a message then waits for a person.
            const bool stays = chosen.starts_with('!') && stand() == here && std::ranges::none_of(markings, [&](const Marking& one) { return simulator.stand(one) == here; });
            if (may_circle && (markings.empty() || !done || stays)) return ++circles_, stand() == here && (chosen.starts_with('!') || problem_.contains("circle"));
            if (!done) return told += "it is refused: " + problem_, false;
            ++steps_walked_;
        }
    }

    std::vector<store::Migration> steps_ = migrations();
    store::ScratchStore store_{"sqlite", steps_};
    ManualClock clock_{Instant(std::chrono::seconds(1'800'000'000))};
    SeededRandom random_{7};
    Engine engine_{clock_, random_};
    FakeHost host_;
    OneHost hosts_{host_};
    InstanceId instance_;
    std::string problem_;
    int key_ = 0;
    std::int64_t exact_ = 0, open_ = 0, large_ = 0, circles_ = 0, steps_walked_ = 0;
};

TEST_F(EngineModel, StandsWhereTheStandardSays) {
    const char* wanted = std::getenv("MADANG_SEEDS");
    const int seeds = wanted == nullptr ? 400 : std::atoi(wanted);
    int refused = 0;
    int differing = 0;
    for (int seed = 1; seed <= seeds && differing < 3; ++seed) {
        const Graph graph = Generator(static_cast<std::uint64_t>(seed)).make();
        const std::string xml = xml_of(graph);
        const auto definition = parse_bpmn(xml, "model.bpmn");
        if (!definition) {
            ++refused;
            if (refused < 4) std::printf("seed %d: %s\n", seed, definition.error().message.c_str());
            continue;
        }
        SeededRandom dice(static_cast<std::uint64_t>(seed) + 1'000'000);
        for (int i = 0; i < kWalks; ++i) {
            std::string told;
            const bool same = walk(*definition, graph, dice, told);
            EXPECT_TRUE(same) << "seed " << seed << "\n" << xml << told;
            if (same) continue;
            ++differing;
            break;
        }
    }
    std::printf("%d processes, %d refused by the rules; %lld steps, at %lld places one standing only, at %lld several; %lld walks too large, %lld in circles\n", seeds, refused,
                static_cast<long long>(steps_walked_), static_cast<long long>(exact_), static_cast<long long>(open_), static_cast<long long>(large_), static_cast<long long>(circles_));
    EXPECT_LT(refused, seeds / 20);
    EXPECT_LT(circles_, seeds / 10);
    EXPECT_LT(large_, seeds * kWalks / 4);
    EXPECT_GT(steps_walked_, seeds);
}

}  // namespace
}  // namespace madang::process
