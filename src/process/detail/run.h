// One command on one instance, in memory: tokens move from node to node until each waits or has ended,
// then what changed is written. After BPMN 2.0.2 chapter 13.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "feel/value.h"
#include "process/detail/inclusive_join.h"
#include "process/process_repository.h"

namespace madang::process {

inline constexpr std::size_t kMaxMoves = 10'000;               // in one command
inline constexpr std::size_t kMaxTokens = 10'000;              // of one instance

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
    Result<void> count_move();
    Result<void> enter(store::Tx& tx, const Arrival& arrival);
    void terminate(const Node& node);
    void wait_for_task(std::size_t place);
    Result<void> merge(const Node& node, const Result<json::object>& result);

    Result<void> leave(const Node& node);
    Result<void> leave_by(const Node& node, const std::vector<std::size_t>& flows);
    Result<std::vector<std::size_t>> first_true(const Node& node);
    Result<std::vector<std::size_t>> every_true(const Node& node);
    Result<bool> holds(const Node& node, std::size_t flow);

    Result<void> arrive_at_join(const Arrival& arrival);
    // Lets one inclusive gateway go on, if one can.
    Result<bool> join_inclusive();
    void take_one_of_each(const Node& node);
    Marking marking() const;
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
