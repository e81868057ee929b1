// Engines under test: an engine on a scratch store, and how one instance stands, in words.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/text.h"
#include "process/engine.h"
#include "process/migrations.h"
#include "process/testing.h"
#include "store/testing.h"

namespace madang::process {

inline const std::string kStart = "<startEvent id=\"s\"/>\n";
inline const std::string kEnd = "<endEvent id=\"e\"/>\n";

// Elements for the tests: "a b c" are user tasks.
inline std::string tasks(std::string_view ids) {
    std::string text;
    for (const std::string_view id : split(ids, ' ')) text += format("<userTask id=\"{}\" madang:role=\"officer\"/>\n", id);
    return text;
}

inline Definition definition_of(const std::string& body) {
    auto read = parse_bpmn(bpmn(body), "x.bpmn");
    EXPECT_TRUE(read) << read.error().message;
    return read ? *read : Definition();
}

class FakeHost final : public Host {
public:
    std::map<std::string, json::object, std::less<>> answers;
    std::vector<std::string> asked;
    std::function<Result<void>(store::Tx&)> also;   // what a service does besides

    Result<Outcome> run_service(store::Tx& tx, std::string_view operation, const json::object&) override {
        if (also) TRY_DO(also(tx));
        return answer(operation);
    }
    Result<Outcome> decide(std::string_view decision, const json::object&) override { return answer(decision); }
    std::map<std::string, std::string, std::less<>> errors;   // that a service throws, by operation

private:
    Result<Outcome> answer(std::string_view name) {
        asked.emplace_back(name);
        if (const auto error = errors.find(name); error != errors.end()) return Outcome(BpmnError{error->second, "thrown", {}});
        const auto found = answers.find(name);
        if (found == answers.end()) return fail(Code::unavailable, "the register does not answer");
        return Outcome(found->second);
    }
};

class OneHost final : public Hosts {
public:
    explicit OneHost(Host& host) : host_(host) {}
    Result<void> with_host(store::Tx&, const Instance&, const Use& use) override { return use(host_); }

private:
    Host& host_;
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
        words.emplace_back(state ? name_of(*state) : "lost");
        return join(words, " ");
    }
    Result<void> complete(const TaskId& task, const json::object& result = {}) {
        return store_->write([&](store::Tx& tx) { return engine_.complete_task(tx, task, result, host_); });
    }
    std::string complete(std::string_view node, const json::object& result = {}) {
        for (const Task& task : open({.instance = instance_, .role = {}})) {
            if (task.node != node) continue;
            const auto done = complete(task.id, result);
            return done ? stand() : format("{}: {}", name_of(done.error().code), done.error().message);
        }
        return "no such task";
    }
    // Turns the clock and does what is due; how it stands then.
    std::string after(std::chrono::seconds passed) {
        for (std::chrono::seconds done{0};; done += std::chrono::seconds(1), clock_.advance(std::chrono::seconds(1))) {
            for (bool worked = true; worked;) {
                const auto once = engine_.work_once(*store_, hosts_);
                EXPECT_TRUE(once) << once.error().message;
                worked = once.value_or(false);
            }
            if (done >= passed) return stand();
        }
    }
    std::string problem() {
        const auto found = store_->read<Instance>([&](store::Reader& reader) { return engine_.instance(reader, instance_); });
        return found ? found->problem : found.error().message;
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
    OneHost hosts_{host_};
    Definition definition_;
    InstanceId instance_;
};

}  // namespace madang::process
