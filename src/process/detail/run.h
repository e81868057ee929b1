// One command on one instance, in memory: tokens move from node to node until each waits or has ended,
// then what changed is written. After BPMN 2.0.2 chapter 13.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "feel/value.h"
#include "process/process_repository.h"

namespace madang::process {

inline constexpr std::size_t kMaxMoves = 10'000;               // in one command
inline constexpr std::size_t kMaxVariableBytes = 1U << 20;     // as JSON

// What can be kept: whole numbers within 2^53, finite fractions, UTF-8, not too deep, not too much.
// Fails with Code::invalid or Code::exhausted and the variable's name.
Result<void> check_variables(const json::object& variables);

class Run {
public:
    Run(const Definition& definition, InstanceRow instance, Host& host, const Clock& clock, Random& random)
        : definition_(definition), instance_(std::move(instance)), host_(host), clock_(clock), random_(random) {}

    Result<void> load_tokens(store::Reader& reader);
    Result<void> begin(store::Tx& tx);
    // The node's work is done and gave `result`; the token goes on.
    Result<void> complete(store::Tx& tx, std::int64_t token, const json::object& result);
    Result<void> save(store::Tx& tx);

private:
    struct Token {
        std::int64_t number = 0;
        std::size_t node = 0;
        std::optional<std::size_t> flow;   // of a join: by which it came
    };
    struct Arrival {
        std::size_t node = 0;
        std::optional<std::size_t> flow;   // nothing at the start event
    };

    Result<void> run(store::Tx& tx);
    Result<void> enter(store::Tx& tx, const Arrival& arrival);
    Result<void> end_all(std::size_t node);
    void wait_for_task(std::size_t node);
    Result<void> run_service(store::Tx& tx, std::size_t node);
    Result<void> decide(std::size_t node);
    Result<void> merge(const Node& node, const json::object& result);

    Result<void> leave(std::size_t node);
    void leave_by(const std::vector<std::size_t>& flows);
    Result<std::vector<std::size_t>> first_true(const Node& node);
    Result<std::vector<std::size_t>> every_true(const Node& node);
    Result<bool> holds(const Node& node, const Flow& flow);

    void arrive_at_join(const Arrival& arrival);
    Result<bool> join_parallel(std::size_t node);
    Result<bool> join_inclusive();
    void take_one_of_each(std::size_t node);
    Result<void> check_not_stuck() const;

    void note(const Node& node, std::string_view what);
    std::int64_t next_number() { return instance_.next_number++; }
    std::string where(const Node& node) const;

    const Definition& definition_;
    InstanceRow instance_;
    Host& host_;
    const Clock& clock_;
    Random& random_;
    std::vector<Token> tokens_;            // those that wait
    std::vector<Arrival> moving_;          // the last goes on first
    std::vector<TaskRow> new_tasks_;
    std::vector<StepRow> steps_;
    std::optional<feel::Context> context_; // of the variables as they are
    std::size_t moves_ = 0;
    bool terminated_ = false;
};

}  // namespace madang::process
