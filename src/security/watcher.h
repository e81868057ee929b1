// Rules and judges on events as they come: follows the spool, keeps what was found, takes changed rules and models without losing
// an event.
//
//   TRY(auto watcher, Watcher::start({*events, *findings, sources, {"rules"}, folder / "place", clock, log}));
//
// The events are on disk before a rule looks at them, and what was found goes to disk with the place where it was: after a
// crash the watcher goes on there, and nothing is found twice or missed.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "security/detector.h"
#include "security/finding.h"
#include "security/judge_panel.h"
#include "security/log_sources.h"
#include "security/sigma_correlator.h"
#include "security/sigma_reader.h"
#include "security/source_origins.h"
#include "security/spool.h"

namespace madang::security {

struct WatchCounts {
    std::uint64_t events = 0;                          // looked at since the start
    std::uint64_t behind = 0;                          // on disk, and not looked at yet
    std::array<std::uint64_t, 6> findings{};           // by SigmaLevel
    std::uint64_t rules = 0, correlations = 0, refused_rules = 0;
    std::uint64_t loads = 0, failed_loads = 0;         // of rules
    std::uint64_t late = 0, ungrouped = 0, forgotten = 0;   // events that correlations did not count: too old, without a field of group-by, too many
    std::uint64_t over_budget = 0;                     // groups that went because all correlations together held too much
    std::uint64_t correlation_bytes = 0;               // that correlations hold, about
};

class Watcher {
public:
    struct Parts {
        const Spool& events;
        Spool& findings;              // JSON lines: Finding with "id", "place" and "event", the line as it came
        LogSources sources;
        std::vector<Path> rules;      // files, zip archives and folders of them; looked at for changes
        Path place;                   // a file that says how far the watcher is
        const Clock& clock;
        Log& log;
        std::vector<std::unique_ptr<Judge>> judges = {};   // what they remember is kept beside `place`
        EcsNames names = {};                               // that judges see
        SourceOrigins origins = {};                        // what is known of the logs that sources send
        PlaceholderValues placeholders = {};
    };
    // Fails where the rules cannot be read at all. A house that watches for the first time begins with the next event; what came
    // before is asked with hunt and backtest.
    // Correlations are told what came within their timespans before; events wait for that meanwhile, on disk. Changed rules learn it while
    // the former go on.
    static Result<std::unique_ptr<Watcher>> start(Parts parts);
    ~Watcher();
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;

    WatchCounts counts() const;
    SpoolPlace place() const;         // all events up to there were looked at
    std::vector<std::pair<std::string, JudgeCounts>> judge_counts() const { return panel_.counts(); }

private:
    struct Engine;
    explicit Watcher(Parts parts);
    Result<void> find_place();
    void recall();
    void remind(const std::stop_token& stop);
    Result<std::unique_ptr<Engine>> load(SpoolPlace upto) const;
    std::string state_of_rules() const;
    void look_for_rules(const std::stop_token& stop);
    void watch(const std::stop_token& stop);
    void warm(Engine& engine, SpoolPlace until, const std::stop_token& stop) const;
    void take_over(std::unique_ptr<Engine> engine);
    void count_correlated();
    void look(const SpoolRecord& record, SpoolPlace place, std::uint32_t number);
    void keep_correlated(const SigmaCorrelator::Found& found, SpoolPlace place);
    void keep_judged(std::string_view judge, Judgement&& found);
    void keep(Finding&& finding, std::string id, SpoolPlace place, Instant at, std::string_view event, json::object more = {});
    void store(const std::stop_token& stop);
    void note_place();

    Parts parts_;
    JudgePanel panel_;
    JudgePanel::Tell tell_;
    SpoolPlace remembered_;                             // judges know what came up to here
    std::unique_ptr<Engine> engine_;                    // of the watching thread
    SpoolPlace place_;
    std::set<std::string> known_;                       // found in the block that a crash interrupted
    std::vector<std::string> lines_;                    // of findings that are not on disk yet
    std::vector<Instant> times_;
    std::vector<std::string> sources_;
    std::array<std::uint64_t, 6> pending_{};
    Instant noted_{};
    bool moved_ = false;
    bool begun_anew_ = false;                           // the events are others than those that were watched
    bool live_ = false;                                 // the newest event was about now
    Event event_;
    mutable std::mutex mutex_;
    std::unique_ptr<Engine> next_;                      // loaded, and not taken over yet
    WatchCounts counts_;
    CorrelatorCounts past_;                             // of rules that were replaced
    std::string state_;                                 // of the rules that were loaded last
    std::jthread loader_, thread_;
};

}  // namespace madang::security
