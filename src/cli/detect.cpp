// Sigma rules on logs that are files: what happened here, found offline.
#include <algorithm>
#include <filesystem>
#include <tuple>

#include "base/file.h"
#include "base/text.h"
#include "base/time_text.h"
#include "cli/command.h"
#include "cli/spool_options.h"
#include "cli/timeline.h"
#include "security/detector.h"
#include "security/event_times.h"
#include "security/rule_set.h"
#include "security/sigma_correlator.h"

namespace madang::cli {
namespace {

using security::Detector;
using security::LogOrigin;
using security::LogSources;
using security::RuleSet;
using security::SigmaCorrelator;
using security::SigmaLevel;
using security::SigmaProgram;

constexpr std::size_t kFindings = 200'000;    // kept for the timeline unless --limit says otherwise
constexpr std::size_t kProblemsShown = 10;

struct Timing {
    const security::EventTimes& times;
    security::TimeHints hints;    // of the file
};

// Only syslog leaves its zone out, or a source of which the administrator says so.
std::optional<Instant> time_of(const Detector::Found& found, const Timing& timing) {
    const security::TimeHints& hints = timing.hints;
    const bool syslog = found.event.find("message") && !found.event.find("EventID");
    return timing.times.time_of(found.event, syslog ? hints : security::TimeHints{.near = hints.near, .east = {}, .zone = hints.zone});
}

Finding finding_of(const Detector::Found& found, const std::string& file, const Timing& timing) {
    Finding one = security::finding_of(found.rule, found.event, found.fields);
    if (const auto at = time_of(found, timing)) one.time = format_instant(*at);
    one.file = file;
    one.record = found.record;
    return one;
}

struct Hunted {
    std::vector<Finding> findings;
    TimelineFacts facts;
};

// Occurrences of rules that correlations refer to. Files come one after the other, so all are put in order before any is
// looked at: no event is late.
class Correlating {
public:
    Correlating(SigmaCorrelator& correlator) : correlator_(correlator) {}

    void take(const Detector::Found& found, const std::string& file, const Timing& timing) {
        const auto at = time_of(found, timing);
        auto one = correlator_.occurrence_of(found.number, found.event, at.value_or(Instant()), kept_.size());
        if (!one) return;
        if (!at) {
            ++without_time_;
            return;
        }
        if (kept_.size() == kOccurrences) {
            ++not_kept_;
            return;
        }
        kept_.push_back(std::move(*one));
        places_.push_back({file, found.record});
    }

    void judge(std::vector<Finding>& findings, SigmaLevel least) {
        std::ranges::sort(kept_, {}, [](const SigmaCorrelator::Occurrence& one) { return std::tie(one.at, one.where); });
        const auto use = [&](const SigmaCorrelator::Found& found) {
            if (found.rule.metadata.level >= least) findings.push_back(finding_of(found));
        };
        for (const auto& one : kept_) correlator_.add(one, use);
        correlator_.finish(use);
    }

    // What was not counted, and why.
    void print_left_out() const {
        const security::CorrelatorCounts& counts = correlator_.counts();
        const std::pair<std::uint64_t, const char*> all[] = {{without_time_, "events that rules of correlations met state no time"},
                                                             {counts.without_group, "events lack a field that a correlation groups by"},
                                                             {not_kept_, "events are more than are put in order for correlations"},
                                                             {counts.forgotten_groups, "groups are more than a correlation remembers"},
                                                             {counts.over_budget_groups, "groups are more than all correlations together remember"},
                                                             {counts.forgotten_occurrences, "events are more than a group of a correlation remembers"}};
        for (const auto& [count, words] : all) {
            if (count > 0) std::fprintf(stderr, "%llu %s and were not counted\n", static_cast<unsigned long long>(count), words);
        }
    }

private:
    static constexpr std::size_t kOccurrences = 1'000'000;   // some 300 MB

    Finding finding_of(const SigmaCorrelator::Found& found) const {
        std::string records;
        for (const std::uint64_t where : found.where) records += format("{}{}:{}", records.empty() ? "" : ", ", Path(places_[where].first).filename().string(), places_[where].second);
        Finding one = security::finding_of(found, std::move(records));
        if (!found.where.empty()) {
            one.file = places_[found.where.back()].first;
            one.record = places_[found.where.back()].second;
        }
        return one;
    }

    SigmaCorrelator& correlator_;
    std::vector<SigmaCorrelator::Occurrence> kept_;
    std::vector<std::pair<std::string, std::uint64_t>> places_;   // by Occurrence::where
    std::uint64_t without_time_ = 0, not_kept_ = 0;
};

Result<Hunted> hunt(const Context& context, const Arguments& arguments, const SigmaProgram& program, SigmaCorrelator& correlator, SigmaLevel least) {
    TRY(const auto files, logs_of(arguments));
    const LogOrigin origin{arguments.one_or("category", ""), arguments.one_or("product", ""), arguments.one_or("service", "")};
    TRY(const std::uint64_t limit, within(parse_decimal(arguments.one_or("limit", std::to_string(kFindings))), "--limit"));
    TRY(const std::chrono::minutes zone, zone_of(context));
    TRY(const security::EventTimes times, times_of(context));
    Hunted hunted;
    Detector detector(program);
    Correlating correlating(correlator);
    Progress progress = context.progress("Reading", "files", files.size());
    for (const Path& file : files) {
        const Timing timing{times, hints_of(file, zone, times)};
        const auto read = detector.read(file, origin, [&](const Detector::Found& found) {
            correlating.take(found, file.string(), timing);
            if (!correlator.is_told(found.number) || found.rule.metadata.level < least) return;
            if (hunted.findings.size() < limit) hunted.findings.push_back(finding_of(found, file.string(), timing));
            else ++hunted.facts.left_out;
        });
        if (!read) {
            std::fprintf(stderr, "%s: %s\n", file.c_str(), read.error().message.c_str());
            ++hunted.facts.passed_over;
            ++hunted.facts.unread;
        } else {
            hunted.facts.events += read->events;
            hunted.facts.passed_over += read->passed_over;
            if (read->events == 0 && read->passed_over > 0) ++hunted.facts.unread;
        }
        for (std::size_t i = 0; i < std::min(kProblemsShown, detector.problems().size()); ++i) std::fprintf(stderr, "%s: %s\n", file.c_str(), detector.problems()[i].c_str());
        progress.at(++hunted.facts.files, files.size());
    }
    correlating.judge(hunted.findings, least);
    correlating.print_left_out();
    std::ranges::sort(hunted.findings, [](const Finding& a, const Finding& b) { return std::tie(a.time, a.file, a.record, a.title) < std::tie(b.time, b.file, b.record, b.title); });
    return hunted;
}

Result<int> detect(const Context& context, const Arguments& arguments) {
    const std::string form = arguments.one_or("format", context.json ? "jsonl" : "table");
    if (form != "table" && form != "csv" && form != "jsonl" && form != "html") return fail(Code::invalid, "--format is table, csv, jsonl or html");
    TRY(const LogSources sources, sources_of(context, arguments));
    TRY(const auto placeholders, security::load_placeholders(arguments.one_or("placeholders", "")));
    TRY(RuleSet set, security::load_rules(paths_of(arguments, "rules"), placeholders));
    for (const std::string& one : set.warnings) std::fprintf(stderr, "%s\n", one.c_str());
    const std::size_t refused = set.problems.size();
    for (std::size_t i = 0; i < std::min(kProblemsShown, refused); ++i) std::fprintf(stderr, "%s\n", set.problems[i].c_str());
    if (refused > kProblemsShown) std::fprintf(stderr, "… and %zu more; \"madang security rules check\" lists them\n", refused - kProblemsShown);
    SigmaLevel least = SigmaLevel::none;
    if (arguments.has("level")) {
        TRY(least, within(security::parse_level(arguments.one("level")), "--level"));
        // What correlations count may be of any level.
        if (set.correlations.empty()) std::erase_if(set.rules, [&](const security::SigmaRule& one) { return one.metadata.level < least; });
    }
    if (set.rules.empty()) return fail(Code::invalid, "no rule is left to look with");
    TRY(const auto program, SigmaProgram::compile(std::move(set.rules), sources));
    auto correlations = SigmaCorrelator::compile(std::move(set.correlations), *program);
    for (const std::string& one : correlations.problems) std::fprintf(stderr, "%s\n", one.c_str());
    TRY(Hunted hunted, hunt(context, arguments, *program, *correlations.correlator, least));
    hunted.facts.rules = program->size() + correlations.correlator->size();
    hunted.facts.refused_rules = refused + correlations.problems.size();
    std::string text;
    if (form == "table") text = timeline_table(hunted.findings);
    if (form == "csv") text = timeline_csv(hunted.findings);
    if (form == "html") text = timeline_html(hunted.findings, hunted.facts);
    if (form == "jsonl") {
        for (const Finding& one : hunted.findings) text += json::serialize(to_json(one)) + "\n";
    }
    if (arguments.has("out")) {
        TRY_DO(write_file_whole(arguments.one("out"), text));
    } else {
        std::fwrite(text.data(), 1, text.size(), stdout);
    }
    std::fprintf(stderr, "%zu detections in %llu events of %llu files by %zu rules; %llu damaged records, lines or files passed over%s\n", hunted.findings.size() + hunted.facts.left_out,
                 static_cast<unsigned long long>(hunted.facts.events), static_cast<unsigned long long>(hunted.facts.files), static_cast<std::size_t>(hunted.facts.rules),
                 static_cast<unsigned long long>(hunted.facts.passed_over), hunted.facts.left_out == 0 ? "" : "; some detections are beyond --limit and left out");
    // Damage here and there is the rule in evidence; a file of which nothing was read leaves the answer open.
    return hunted.facts.unread == 0 ? kOk : kCheckFailed;
}

}  // namespace

std::vector<Command> detect_commands() {
    using Kind = Argument::Kind;
    const Argument sources{"--log-sources", Kind::option, false, "a file that says where log sources stand, instead of the program's own"};
    const Argument placeholders{"--placeholders", Kind::option, false, "a YAML file with the values of placeholders, as domain_controller_hostnames: [dc1, dc2]"};
    return {
        {"detect", "what Sigma rules find in logs: EVTX, JSON lines, syslog, web servers, Linux audit", "madang detect --rules sigma/rules --format html --out timeline.html logs/",
         {{"--rules", Kind::option, true, "a file, a folder or a zip archive of Sigma rules"},
          {"file", Kind::positional_many, true, "logs, or folders of logs; .gz, .zst, .xz and .bz2 are unpacked. A file of which nothing could be read makes the exit code 1"},
          {"--format", Kind::option, false, "table (default), csv, jsonl or html"},
          {"--out", Kind::option, false, "where it goes (default: standard output)"},
          {"--level", Kind::option, false, "only rules from this level on: informational, low, medium, high, critical"},
          {"--limit", Kind::option, false, "how many detections are kept (default: 200000)"},
          {"--category", Kind::option, false, "what is known of the logs, as rules call it: webserver, proxy, …"},
          {"--product", Kind::option, false, "likewise: windows, linux, aws, …"},
          {"--service", Kind::option, false, "likewise: sysmon, auditd, cloudtrail, …"},
          sources, placeholders}, detect},
    };
}

}  // namespace madang::cli
