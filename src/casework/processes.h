// The procedures of the whole installation for who operates it: finding them, how they run, what failed in them, and repairs.
// It shows how they run and never what they hold: the data of a case is for its officers.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "process/engine.h"
#include "store/store.h"

namespace madang::casework {

class Casework;

struct ProcessFilter {
    std::string process;   // id of a model
    std::string state;     // "running", "stands" (it cannot go on, or a step of it), "completed", "terminated", "failed"; empty: all
    std::string text;      // a receipt, a business key or its beginning, or an id
};

struct SeenProcess {
    process::Instance instance;   // its problem is also that of its oldest incident
    std::string receipt;   // of its case; empty where it has none
};

struct ProcessPage {
    std::vector<SeenProcess> processes;
    std::int64_t total = 0, first = 0;
};

struct ProcessDetail {
    SeenProcess seen;
    std::vector<process::Standing> standing;
    std::map<std::string, std::string> names;   // of the nodes that have one, by id
    std::set<std::string> of_persons;           // nodes among them where a person decides, or somewhere within
    std::vector<process::Task> tasks;
    struct Variable {
        std::string name, kind;
    };
    std::vector<Variable> variables;            // their values are data of the case
    std::vector<process::Incident> incidents;   // at most process::kMaxFound
    std::vector<process::Step> steps;           // some, from place first_step of all
    std::int64_t all_steps = 0, first_step = 0;
};

// One procedure on its way to another version.
struct Move {
    process::InstanceId id = {};
    int version = 0;                       // on which it is now
    std::vector<std::string> problems;     // what keeps it; empty: it can move
    bool moved = false;
};

struct MoveOrder {
    int version = 0;
    process::NodeMap nodes;
    bool dry_run = false;
    std::string reason;                    // needed where it is no dry run
    std::string actor;
};

class Processes {
public:
    explicit Processes(Casework& casework) : casework_(casework) {}

    // Code::invalid for a state that is none and a count beyond process::kMaxFound.
    Result<ProcessPage> find(const ProcessFilter& filter, std::int64_t first, std::int64_t count);
    Result<ProcessDetail> look_at(const process::InstanceId& id, std::int64_t first_step = 0, std::int64_t count = process::kMaxFound);
    Result<process::IncidentPage> incidents(std::int64_t first, std::int64_t count);
    // The versions of a model that are kept, the newest first.
    Result<std::vector<int>> versions(std::string_view process);

    Result<Move> move(const process::InstanceId& id, const MoveOrder& order);
    struct Moves {
        std::vector<Move> moves;
        std::string next;                  // behind which to go on; empty: there are no more
    };
    // The running procedures of a model on other versions, `count` of them (1 to 100) behind the id `after`, each in a
    // transaction of its own.
    Result<Moves> move_some(std::string_view process, const MoveOrder& order, std::string_view after, std::size_t count);

    // Sets variables of a procedure that cannot go on or has an incident; Code::conflict for one that runs well, Code::denied for
    // what an officer's task or a decision of the model gives. An act names them and says why, not their values.
    Result<void> repair(const process::InstanceId& id, const json::object& variables, std::string_view reason, std::string_view actor);

    // Forgets procedures that ended before a day, or without one those of each service that says for how many years its cases
    // are kept. An act for each model of which some went. How many went.
    struct Pruned {
        std::string process;
        Instant before{};
        std::int64_t gone = 0;
    };
    Result<std::vector<Pruned>> prune(std::optional<Instant> before, std::string_view actor);
    // As programs read it: {"forgotten", "by_model": [{"process" (null: of all models), "before", "forgotten"}]}.
    static json::object told(const std::vector<Pruned>& all);

private:
    Result<Pruned> prune_some(const std::string& process, Instant before, std::string_view why, std::string_view actor);
    Result<SeenProcess> seen(store::Reader& reader, process::Instance instance);

    Casework& casework_;
};

}  // namespace madang::casework
