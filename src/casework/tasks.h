// The tasks that the process of a case gives to people, in parallel and one after another. Each is for a role and may have a
// holder. One of them is the decision (madang:decision, docs/formats/pack.md); it is done by Casework::decide() only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "casework/case.h"
#include "process/engine.h"
#include "store/store.h"

namespace madang::casework {

class Casework;
struct CaseRow;
struct Officer;

struct CaseTask {
    process::TaskId id;
    std::string node, name;               // in the model
    std::string role;
    std::string holder;                   // account id; empty: nobody
    Instant since{};
    bool decides = false;
    std::string form = {};                // key of its form in the service; empty: it has none
    std::vector<std::string> outcomes;    // how it may end; {"done"} where the model names none; none for the decision
};

class Tasks {
public:
    explicit Tasks(Casework& casework) : casework_(casework) {}

    // The open tasks of a case, in the order in which they came; none for one that is closed.
    Result<std::vector<CaseTask>> of_case(const CaseSummary& summary);
    // "officer" is everybody at the desk; every other role must be the officer's own in the body.
    static bool has_role(const Officer& officer, std::string_view role);

    // What is open of a case once a task of it was acted on.
    struct Standing {
        CaseSummary summary;
        std::vector<CaseTask> tasks;
    };

    // Code::not_found for no open task of this case, Code::denied without its role or for a case of one's own, Code::conflict
    // where somebody else has it for whom this officer does not stand in.
    Result<Standing> claim(const CaseId& id, const process::TaskId& task, const Officer& officer);
    Result<Standing> release(const CaseId& id, const process::TaskId& task, const Officer& officer);
    // With an outcome of the model and a remark of at most 2,000 characters. The process sees NODE.outcome. Code::conflict for
    // the decision, and while the case waits for the applicant.
    Result<Standing> complete(const CaseId& id, const process::TaskId& task, const Officer& officer, std::string_view outcome, std::string_view remark);

    // Inside the transactions of Casework. The task among those at which the application is decided, or empty: it has not come there.
    static std::string decision_among(const process::Definition& model, const std::vector<process::Task>& tasks);
    // Code::conflict before the procedure has come to its decision, Code::denied without the role that decides.
    Result<void> require_deciding(store::Reader& reader, const CaseRow& row, const Officer& officer);
    // Code::denied without the role that decides.
    Result<void> require_role(store::Reader& reader, const CaseRow& row, const Officer& officer);
    // Notes for which roles the case waits, which the inbox asks for.
    Result<void> keep(store::Tx& tx, const CaseRow& row, const std::vector<process::Task>& tasks);

    // What the process of a case gives to people and to the house, with its model.
    struct Open {
        std::shared_ptr<const process::Definition> model;
        std::vector<process::Task> tasks;
    };

private:
    Result<std::vector<CaseTask>> open_of(store::Reader& reader, const CaseRow& row);
    Result<Standing> give_to(const CaseId& id, const process::TaskId& task, const Officer& officer, const std::string& account);
    static std::vector<CaseTask> among(const process::Definition& model, const std::vector<process::Task>& tasks);
    Result<CaseTask> own_among(store::Reader& reader, const CaseRow& row, const std::vector<CaseTask>& tasks, const process::TaskId& task, const Officer& officer);

    Casework& casework_;
};

}  // namespace madang::casework
