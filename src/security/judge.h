// What learned programs say of arriving events. The security room knows no model: it declares here what it asks of one, and
// whoever starts a watcher brings those that there are.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "security/event.h"
#include "security/sigma_rule.h"
#include "security/spool.h"

namespace madang::security {

struct JudgedEvent {
    const Event& event;               // with the names of ECS beside its own
    const SpoolRecord& record;
    SpoolPlace place;
    std::uint32_t number = 0;         // in its block
    Instant now{};
};

struct Judgement {
    SpoolPlace place;
    std::uint32_t number = 0;
    Instant at{};
    std::string time, computer, source, event;   // as a finding has them; `event` is the line
    std::string detail;               // tells it from the judge's others of this event; may be empty
    std::string title, version;
    SigmaLevel level = SigmaLevel::medium;
    double score = 0, threshold = 0;
    std::vector<std::string> reasons; // in words, what weighed most first
    std::vector<std::pair<std::string, std::string>> fields;
    std::string model, sample;        // what an analyst's label teaches: the model, and the record as its files have it
};
// With all that it takes from the event.
Judgement judgement_of(const JudgedEvent& about);

struct JudgeCounts {
    std::string version;              // empty: none counts
    std::uint64_t judged = 0;         // values or records
    std::uint64_t passed_over = 0;    // stated a time far off, or a number that is none
    std::uint64_t remembered = 0;     // entities, or names that were told
    std::uint64_t refused = 0;        // models that are damaged
    std::uint64_t findings = 0;       // counted by the panel, with the next
    double seconds = 0;               // that judging took
};

class Judge {
public:
    using Tell = std::function<void(Judgement&&)>;
    virtual ~Judge() = default;

    virtual std::string_view name() const = 0;
    // Events come in the order of the spool. What is found is told here, or at the latest when the block ends.
    virtual void look(const JudgedEvent& event, const Tell& tell) = 0;
    virtual void end_block(const Tell& /*tell*/) {}
    virtual JudgeCounts counts() const = 0;

    // About once a second, from another thread than all the rest: whether what it judges by was replaced.
    virtual void look_for_changes() {}

    // Judges that know of the events before are shown them again where their memory is older than the place of the watcher; so
    // the same events must lead to the same memory. memory() is empty for one that knows nothing.
    virtual bool remembers() const { return false; }
    virtual std::string memory() const { return {}; }
    // Code::corrupted: then it is as it was made.
    virtual Result<void> recall(std::string_view /*memory*/) { return {}; }
};

}  // namespace madang::security
