#include "security/detector.h"

#include <algorithm>
#include <filesystem>

#include "base/text.h"
#include "security/evtx.h"

namespace madang::security {
namespace {

bool is_rule_file(const Path& path) {
    const std::string end = to_lower(path.extension().string());
    return end == ".yml" || end == ".yaml";
}

Result<std::vector<Path>> files_below(const std::vector<Path>& paths) {
    std::vector<Path> files;
    for (const Path& path : paths) {
        std::error_code problem;
        if (std::filesystem::is_regular_file(path, problem)) {
            files.push_back(path);
            continue;
        }
        std::filesystem::recursive_directory_iterator at(path, std::filesystem::directory_options::skip_permission_denied, problem);
        if (problem) return fail(Code::not_found, format("{}: {}", path.string(), problem.message()));
        for (; at != std::filesystem::recursive_directory_iterator(); at.increment(problem)) {
            if (problem) return fail(Code::unavailable, format("{}: {}", path.string(), problem.message()));
            if (at->is_regular_file(problem) && is_rule_file(at->path())) files.push_back(at->path());
        }
    }
    std::ranges::sort(files);
    files.erase(std::ranges::unique(files).begin(), files.end());
    return files;
}

// What the fields say of where a line of JSON came from.
LogOrigin origin_of(const Event& event, const LogOrigin& given) {
    LogOrigin origin = given;
    if (!origin.product.empty() || !origin.category.empty() || !origin.service.empty()) return origin;
    if (event.find("EventID") && (event.find("Channel") || event.find("Provider_Name"))) origin.product = "windows";
    else if (const auto path = event.find("_path")) origin.product = "zeek", origin.service = path->value;
    else if (event.find("event_type") && event.find("flow_id")) origin.product = "suricata";
    return origin;
}

}  // namespace

Result<RuleSet> load_rules(const std::vector<Path>& paths, const PlaceholderValues& values) {
    TRY(const auto files, files_below(paths));
    RuleSet set;
    std::vector<SigmaFilter> filters;
    for (const Path& file : files) {
        ++set.files;
        const auto text = read_file(file, 1U << 20);
        auto read = text ? read_sigma(*text, file.string()) : Result<SigmaDocuments>(std::unexpected(text.error()));
        if (!read) {
            set.problems.push_back(read.error().message);
            continue;
        }
        std::ranges::move(read->filters, std::back_inserter(filters));
        std::ranges::move(read->correlations, std::back_inserter(set.correlations));
        for (SigmaRule& rule : read->rules) {
            const std::string place = format("{}:{}", rule.metadata.file, rule.metadata.line);
            auto filled = fill_placeholders(std::move(rule), values);
            if (filled) set.rules.push_back(std::move(*filled));
            else set.problems.push_back(format("{}: {}", place, filled.error().message));
        }
        if (set.rules.size() > kMaxRules) return fail(Code::exhausted, format("these are more than {} rules", kMaxRules));
    }
    for (SigmaRule& rule : set.rules) {
        for (const SigmaFilter& filter : filters) {
            if (applies_to(filter, rule)) rule = with_filter(std::move(rule), filter);
        }
    }
    return set;
}

LogForm form_of(std::string_view start) {
    if (start.starts_with(std::string_view("ElfFile\0", 8)) || start.starts_with(std::string_view("ElfChnk\0", 8))) return LogForm::evtx;
    const std::size_t begin = start.find_first_not_of("\xef\xbb\xbf \t\r\n");
    if (begin == std::string_view::npos) return LogForm::syslog;
    const std::string_view line = start.substr(begin, start.find('\n', begin) - begin);
    if (line.starts_with('{')) return LogForm::json;
    if (line.starts_with("type=") || (line.starts_with("node=") && line.find(" type=") != std::string_view::npos)) return LogForm::audit;
    // host ident user [time] "request" status size
    const std::size_t bracket = line.find(" [");
    if (bracket != std::string_view::npos && line.find("] \"", bracket) != std::string_view::npos) return LogForm::web_access;
    return LogForm::syslog;
}

void Detector::look(const Event& event, const LogOrigin& origin, std::uint64_t record, const Use& use) {
    // A copy: what is used may look at fields, and the rules found are the run's.
    const auto met = run_.matches(event, origin);
    for (const std::uint32_t number : met) use({program_.rule(number), number, event, record, run_.fields_of(number)});
}

Result<LogCounts> Detector::read_evtx(std::string_view bytes, LogOrigin origin, const Use& use) {
    if (origin.product.empty()) origin.product = "windows";
    TRY(auto log, EvtxReader::open(bytes));
    EvtxEvents events;
    Event event;
    LogCounts counts;
    while (const EvtxRecord* record = log.next()) {
        if (!events.fill(log.paths(), *record, event)) problems_.push_back(format("record {}: it has more fields than an event may", record->id));
        look(event, origin, ++counts.events, use);
    }
    counts.passed_over = log.counts().damaged_records;
    problems_.insert(problems_.end(), log.problems().begin(), log.problems().end());
    return counts;
}

LogCounts Detector::read_lines(std::string_view bytes, LogForm form, const LogOrigin& given, const Use& use) {
    LogOrigin origin = given;
    LineFormat format_of_lines = LineFormat::json;
    if (form == LogForm::audit) {
        format_of_lines = LineFormat::audit;
        if (origin.product.empty()) origin.product = "linux";
        if (origin.service.empty() && origin.category.empty()) origin.service = "auditd";
    } else if (form == LogForm::web_access) {
        format_of_lines = LineFormat::web_access;
        if (origin.category.empty()) origin.category = "webserver";
    } else if (form == LogForm::syslog) {
        format_of_lines = LineFormat::syslog;
        if (origin.product.empty()) origin.product = "linux";
    }
    EventLines lines(format_of_lines);
    LogCounts counts;
    const auto one = [&](const Event& event) { look(event, form == LogForm::json ? origin_of(event, given) : origin, ++counts.events, use); };
    lines.feed(bytes, one);
    lines.finish(one);
    counts.passed_over = lines.counts().bad_lines;
    problems_.insert(problems_.end(), lines.problems().begin(), lines.problems().end());
    return counts;
}

Result<LogCounts> Detector::read(const Path& path, const LogOrigin& given, const Use& use) {
    problems_.clear();
    std::error_code problem;
    // An empty file cannot be made memory, and holds nothing.
    if (std::filesystem::is_regular_file(path, problem) && std::filesystem::file_size(path, problem) == 0) return LogCounts{};
    TRY(const EvtxFile file, EvtxFile::open(path));
    const LogForm form = form_of(file.bytes().substr(0, 4096));
    LogCounts counts;
    if (form == LogForm::evtx) {
        TRY(counts, read_evtx(file.bytes(), given, use));
    } else {
        counts = read_lines(file.bytes(), form, given, use);
    }
    counts.bytes = file.bytes().size();
    return counts;
}

}  // namespace madang::security
