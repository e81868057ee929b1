// All judges of a watcher: shows them each event, counts, and keeps what they remember in one file.
// Format of the file: docs/formats/detection.md
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "security/ecs_names.h"
#include "security/judge.h"

namespace madang::security {

class JudgePanel {
public:
    using Tell = std::function<void(std::string_view judge, Judgement&&)>;

    // `memory` is a file of this class's own.
    JudgePanel(std::vector<std::unique_ptr<Judge>> judges, EcsNames names, Path memory, const Clock& clock, Log& log);

    bool empty() const { return judges_.empty(); }
    bool remembers() const;

    // The place up to which the memory knows all events; nothing where there is none. A damaged one is put aside and logged, and
    // a judge that is not in it, or cannot read its part, begins anew.
    std::optional<SpoolPlace> recall(SpoolPlace newest);

    // `event` gets its names of ECS.
    void look(Event& event, const SpoolRecord& record, SpoolPlace place, std::uint32_t number, const Tell& tell);
    void end_block(const Tell& tell);
    // The same for those that remember, and nothing is told.
    void remind(Event& event, const SpoolRecord& record, SpoolPlace place, std::uint32_t number);
    void end_reminded_block();

    // From the watching thread, when all that was found up to `place` is on disk: takes a picture of what is remembered where the
    // last one is a minute old. write() puts it on disk, from any thread.
    void note(SpoolPlace place);
    void note_now(SpoolPlace place);
    void write();

    void look_for_changes();           // from one thread beside the watching one
    std::vector<std::pair<std::string, JudgeCounts>> counts() const;

private:
    void keep_counts();
    Result<SpoolPlace> read(SpoolPlace newest);

    struct Seat {
        std::unique_ptr<Judge> judge;
        std::uint64_t findings = 0;
        double seconds = 0;
    };
    std::vector<Seat> judges_;
    EcsNames names_;
    Path memory_;
    const Clock& clock_;
    Log& log_;
    Instant noted_{};
    SpoolPlace noted_place_;
    mutable std::mutex mutex_;
    std::mutex writing_;
    std::optional<std::string> picture_;    // taken, and not on disk yet
    std::vector<std::pair<std::string, JudgeCounts>> counts_;
};

}  // namespace madang::security
