// Sigma rules on logs that are files: what happened here, found offline.
#include <algorithm>
#include <filesystem>
#include <tuple>

#include "base/file.h"
#include "base/text.h"
#include "base/time_text.h"
#include "cli/command.h"
#include "cli/timeline.h"
#include "security/detector.h"
#include "security/event_time.h"

namespace madang::cli {
namespace {

using security::Detector;
using security::LogOrigin;
using security::LogSources;
using security::RuleSet;
using security::SigmaLevel;
using security::SigmaProgram;

constexpr std::size_t kFindings = 200'000;    // kept for the timeline unless --limit says otherwise
constexpr std::size_t kProblemsShown = 10;

std::vector<Path> paths_of(const Arguments& arguments, std::string_view name) {
    std::vector<Path> paths;
    for (const std::string& one : arguments.all(name)) paths.emplace_back(one);
    return paths;
}

Result<LogSources> sources_of(const Arguments& arguments) {
    if (!arguments.has("log-sources")) return LogSources::shipped();
    TRY(const std::string text, read_file(arguments.one("log-sources")));
    return LogSources::read(text, arguments.one("log-sources"));
}

Result<SigmaLevel> level_of(std::string_view name) {
    for (const SigmaLevel one : {SigmaLevel::informational, SigmaLevel::low, SigmaLevel::medium, SigmaLevel::high, SigmaLevel::critical}) {
        if (cli::name_of(one) == name) return one;
    }
    return fail(Code::invalid, format("--level: there is no level \"{}\"; there are informational, low, medium, high and critical", name));
}

// Logs in folders, whatever they are called; what is hidden stays out.
Result<std::vector<Path>> logs_of(const Arguments& arguments) {
    std::vector<Path> files;
    for (const Path& path : paths_of(arguments, "file")) {
        std::error_code problem;
        if (!std::filesystem::is_directory(path, problem)) {
            if (!std::filesystem::exists(path, problem)) return fail(Code::not_found, format("{} is not there", path.string()));
            files.push_back(path);
            continue;
        }
        for (std::filesystem::recursive_directory_iterator at(path, std::filesystem::directory_options::skip_permission_denied, problem), end; at != end; at.increment(problem)) {
            if (problem) return fail(Code::unavailable, format("{}: {}", path.string(), problem.message()));
            if (at->is_regular_file(problem) && !at->path().filename().string().starts_with('.')) files.push_back(at->path());
        }
    }
    std::ranges::sort(files);
    files.erase(std::ranges::unique(files).begin(), files.end());
    return files;
}

Finding finding_of(const Detector::Found& found, const std::string& file) {
    const auto& metadata = found.rule.metadata;
    Finding one;
    if (const auto at = security::time_of(found.event)) one.time = format_instant(*at);
    one.level = metadata.level;
    one.title = metadata.title;
    one.rule = metadata.id;
    one.author = metadata.author;
    one.licence = metadata.license;
    one.rule_file = metadata.file;
    one.file = file;
    one.record = found.record;
    one.tags = metadata.tags;
    if (const auto computer = found.event.find("Computer")) one.computer = computer->value;
    for (const std::size_t place : found.fields) {
        const auto field = found.event.at(place);
        one.fields.emplace_back(field.name, field.null ? std::string_view() : field.value);
    }
    return one;
}

struct Hunted {
    std::vector<Finding> findings;
    TimelineFacts facts;
};

Result<Hunted> hunt(const Context& context, const Arguments& arguments, const SigmaProgram& program) {
    TRY(const auto files, logs_of(arguments));
    const LogOrigin origin{arguments.one_or("category", ""), arguments.one_or("product", ""), arguments.one_or("service", "")};
    TRY(const std::uint64_t limit, parse_decimal(arguments.one_or("limit", std::to_string(kFindings))));
    Hunted hunted;
    Detector detector(program);
    Progress progress = context.progress("Reading", "files", files.size());
    for (const Path& file : files) {
        const auto read = detector.read(file, origin, [&](const Detector::Found& found) {
            if (hunted.findings.size() < limit) hunted.findings.push_back(finding_of(found, file.string()));
            else ++hunted.facts.left_out;
        });
        if (!read) {
            std::fprintf(stderr, "%s: %s\n", file.c_str(), read.error().message.c_str());
            ++hunted.facts.passed_over;
        } else {
            hunted.facts.events += read->events;
            hunted.facts.passed_over += read->passed_over;
        }
        for (std::size_t i = 0; i < std::min(kProblemsShown, detector.problems().size()); ++i) std::fprintf(stderr, "%s: %s\n", file.c_str(), detector.problems()[i].c_str());
        progress.at(++hunted.facts.files, files.size());
    }
    std::ranges::sort(hunted.findings, [](const Finding& a, const Finding& b) { return std::tie(a.time, a.file, a.record, a.title) < std::tie(b.time, b.file, b.record, b.title); });
    return hunted;
}

Result<int> detect(const Context& context, const Arguments& arguments) {
    const std::string form = arguments.one_or("format", context.json ? "jsonl" : "table");
    if (form != "table" && form != "csv" && form != "jsonl" && form != "html") return fail(Code::invalid, "--format is table, csv, jsonl or html");
    TRY(const LogSources sources, sources_of(arguments));
    TRY(RuleSet set, security::load_rules(paths_of(arguments, "rules")));
    const std::size_t refused = set.problems.size();
    for (std::size_t i = 0; i < std::min(kProblemsShown, refused); ++i) std::fprintf(stderr, "%s\n", set.problems[i].c_str());
    if (refused > kProblemsShown) std::fprintf(stderr, "… and %zu more; \"madang security rules check\" lists them\n", refused - kProblemsShown);
    if (!set.correlations.empty()) std::fprintf(stderr, "%zu correlation rules are not looked at here yet\n", set.correlations.size());
    if (arguments.has("level")) {
        TRY(const SigmaLevel least, level_of(arguments.one("level")));
        std::erase_if(set.rules, [&](const security::SigmaRule& one) { return one.metadata.level < least; });
    }
    if (set.rules.empty()) return fail(Code::invalid, "no rule is left to look with");
    TRY(const auto program, SigmaProgram::compile(std::move(set.rules), sources));
    TRY(Hunted hunted, hunt(context, arguments, *program));
    hunted.facts.rules = program->size();
    hunted.facts.refused_rules = refused;
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
                 static_cast<unsigned long long>(hunted.facts.events), static_cast<unsigned long long>(hunted.facts.files), program->size(),
                 static_cast<unsigned long long>(hunted.facts.passed_over), hunted.facts.left_out == 0 ? "" : "; some detections are beyond --limit and left out");
    return kOk;
}

Result<int> check_rules(const Context& context, const Arguments& arguments) {
    TRY(const LogSources sources, sources_of(arguments));
    TRY(RuleSet set, security::load_rules(paths_of(arguments, "rules")));
    std::size_t good = 0;
    for (const auto& rule : set.rules) {
        const auto compiled = SigmaProgram::compile({rule}, sources);
        if (compiled) ++good;
        else set.problems.push_back(compiled.error().message);
    }
    if (context.json) {
        json::array problems;
        for (const std::string& one : set.problems) problems.emplace_back(one);
        context.print(json::value{{"files", set.files}, {"rules", good}, {"correlations", set.correlations.size()}, {"problems", std::move(problems)}});
    } else {
        for (const std::string& one : set.problems) context.print(one);
        context.print(format("{} files, {} rules can be run, {} correlations, {} refused", set.files, good, set.correlations.size(), set.problems.size()));
    }
    return set.problems.empty() ? kOk : kCheckFailed;
}

Result<int> list_rules(const Context& context, const Arguments& arguments) {
    TRY(const RuleSet set, security::load_rules(paths_of(arguments, "rules")));
    json::array all;
    for (const auto& rule : set.rules) {
        const auto& m = rule.metadata;
        if (context.json) {
            all.push_back({{"id", m.id}, {"title", m.title}, {"level", cli::name_of(m.level)}, {"author", m.author}, {"licence", m.license}, {"category", rule.source.category},
                           {"product", rule.source.product}, {"service", rule.source.service}, {"file", m.file}});
        } else {
            context.print(format("{:<13} {:<36} {}", cli::name_of(m.level), m.id, m.title));
        }
    }
    if (context.json) context.print(json::value(std::move(all)));
    return kOk;
}

}  // namespace

std::vector<Command> detect_commands() {
    using Kind = Argument::Kind;
    const Argument rules{"rules", Kind::positional_many, true, "files or folders of Sigma rules"};
    const Argument sources{"--log-sources", Kind::option, false, "a file that says where log sources stand, instead of the program's own"};
    return {
        {"detect", "what Sigma rules find in logs: EVTX, JSON lines, syslog, web servers, Linux audit", "madang detect --rules sigma/rules --format html --out timeline.html logs/",
         {{"--rules", Kind::option, true, "a file or folder of Sigma rules"},
          {"file", Kind::positional_many, true, "logs, or folders of logs"},
          {"--format", Kind::option, false, "table (default), csv, jsonl or html"},
          {"--out", Kind::option, false, "where it goes (default: standard output)"},
          {"--level", Kind::option, false, "only rules from this level on: informational, low, medium, high, critical"},
          {"--limit", Kind::option, false, "how many detections are kept (default: 200000)"},
          {"--category", Kind::option, false, "what is known of the logs, as rules call it: webserver, proxy, …"},
          {"--product", Kind::option, false, "likewise: windows, linux, aws, …"},
          {"--service", Kind::option, false, "likewise: sysmon, auditd, cloudtrail, …"},
          sources}, detect},
        {"security rules check", "which rules can be run, and of the others why not", "madang security rules check sigma/rules", {rules, sources}, check_rules},
        {"security rules list", "rules with level, id and title", "madang security rules list sigma/rules", {rules}, list_rules},
    };
}

}  // namespace madang::cli
