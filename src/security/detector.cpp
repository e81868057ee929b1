#include "security/detector.h"

#include <algorithm>
#include <filesystem>

#include "base/text.h"
#include "base/unpack.h"
#include "base/zip.h"
#include "security/evtx.h"
#include "security/json_documents.h"
#include "security/text_decoder.h"

namespace madang::security {
namespace {

constexpr std::size_t kMaxRuleFile = 1U << 20;
constexpr std::size_t kMaxRuleArchive = 256U << 20;

bool is_rule_file(const Path& path) {
    const std::string end = to_lower(path.extension().string());
    return end == ".yml" || end == ".yaml" || end == ".zip";
}

constexpr std::size_t kStart = 65536;                // bytes by which a form is known
constexpr std::size_t kPiece = 1U << 20;             // bytes
constexpr std::size_t kMaxPackedEvtx = 1U << 30;     // bytes, unpacked

// The first bytes of what a packed file holds.
Result<void> unpack_start(std::string_view packed, std::size_t at_most, std::string& start) {
    start.clear();
    return unpack(packed, {}, [&](std::string_view piece) {
        start += piece.substr(0, at_most - start.size());
        return start.size() < at_most;
    });
}

std::string decoded(std::string_view start) {
    TextDecoder decoder;
    std::string text;
    const auto add = [&](std::string_view piece) { text += piece; };
    decoder.feed(start, add);
    decoder.finish(add);
    return text;
}

}  // namespace

std::vector<RuleText> rule_texts(const Path& file) {
    std::vector<RuleText> texts;
    if (to_lower(file.extension().string()) != ".zip") {
        texts.push_back({file.string(), file.filename(), read_file(file, kMaxRuleFile)});
        return texts;
    }
    const auto bytes = read_file(file, kMaxRuleArchive);
    auto entries = bytes ? read_zip(as_bytes(*bytes), {.archive = kMaxRuleArchive, .entries = kMaxRules, .total = kMaxRuleArchive}) : Result<std::vector<ZipEntry>>(std::unexpected(bytes.error()));
    if (!entries) {
        texts.push_back({file.string(), file.filename(), fail(entries.error().code, format("{}: {}", file.string(), entries.error().message))});
        return texts;
    }
    for (const ZipEntry& one : *entries) {
        const std::string end = to_lower(Path(one.name).extension().string());
        if (end == ".yml" || end == ".yaml") texts.push_back({format("{}/{}", file.string(), one.name), Path(one.name), std::string(as_text(one.content))});
    }
    return texts;
}

Result<std::vector<Path>> rule_files(const std::vector<Path>& paths) {
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

namespace {

Result<void> take_rules(const RuleText& one, const PlaceholderValues& values, RuleSet& set, std::vector<SigmaFilter>& filters) {
    auto read = one.text ? read_sigma(*one.text, one.place) : Result<SigmaDocuments>(std::unexpected(one.text.error()));
    if (!read) {
        set.problems.push_back(read.error().message);
        return {};
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
    return {};
}

}  // namespace

Result<RuleSet> load_rules(const std::vector<Path>& paths, const PlaceholderValues& values) {
    TRY(const auto files, rule_files(paths));
    RuleSet set;
    std::vector<SigmaFilter> filters;
    for (const Path& file : files) {
        for (const RuleText& one : rule_texts(file)) {
            ++set.files;
            TRY_DO(take_rules(one, values, set, filters));
        }
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
    if (line.starts_with('{') || line.starts_with('[')) {
        if (are_json_documents(start)) return LogForm::json_documents;
        if (line.starts_with('{')) return LogForm::json;
    }
    if (line.starts_with("#separator ")) return LogForm::zeek;
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

// What came before damage is used.
Result<void> Detector::read_text(std::string_view bytes, const std::function<void(std::string_view)>& feed) {
    TextDecoder decoder;
    Result<void> unpacked;
    if (is_packed(bytes)) {
        unpacked = unpack(bytes, {}, [&](std::string_view piece) {
            decoder.feed(piece, feed);
            return true;
        });
    } else {
        for (std::size_t at = 0; at < bytes.size(); at += kPiece) decoder.feed(bytes.substr(at, kPiece), feed);
    }
    decoder.finish(feed);
    return unpacked;
}

LogCounts Detector::read_documents(std::string_view bytes, const LogOrigin& given, const Use& use) {
    JsonDocuments documents;
    LogCounts counts;
    const auto one = [&](const Event& event) { look(event, origin_of(event, LineFormat::json, given), ++counts.events, use); };
    const auto unpacked = read_text(bytes, [&](std::string_view piece) { documents.feed(piece, one); });
    documents.finish(one);
    counts.passed_over = documents.counts().bad_lines;
    problems_.insert(problems_.end(), documents.problems().begin(), documents.problems().end());
    if (!unpacked) {
        ++counts.passed_over;
        problems_.push_back(unpacked.error().message);
    }
    return counts;
}

LogCounts Detector::read_lines(std::string_view bytes, LogForm form, const LogOrigin& given, const Use& use) {
    LineFormat format_of_lines = LineFormat::json;
    if (form == LogForm::audit) format_of_lines = LineFormat::audit;
    if (form == LogForm::web_access) format_of_lines = LineFormat::web_access;
    if (form == LogForm::syslog) format_of_lines = LineFormat::syslog;
    if (form == LogForm::zeek) format_of_lines = LineFormat::zeek;
    EventLines lines(format_of_lines);
    LogCounts counts;
    const auto one = [&](const Event& event) { look(event, origin_of(event, format_of_lines, given), ++counts.events, use); };
    const auto unpacked = read_text(bytes, [&](std::string_view piece) { lines.feed(piece, one); });
    lines.finish(one);
    counts.passed_over = lines.counts().bad_lines;
    problems_.insert(problems_.end(), lines.problems().begin(), lines.problems().end());
    if (!unpacked) {
        ++counts.passed_over;
        problems_.push_back(unpacked.error().message);
    }
    return counts;
}

Result<LogCounts> Detector::read(const Path& path, const LogOrigin& given, const Use& use) {
    problems_.clear();
    std::error_code problem;
    // An empty file cannot be made memory, and holds nothing.
    if (std::filesystem::is_regular_file(path, problem) && std::filesystem::file_size(path, problem) == 0) return LogCounts{};
    TRY(const EvtxFile file, EvtxFile::open(path));
    std::string start(file.bytes().substr(0, kStart));
    const bool packed = is_packed(start);
    Result<void> readable;
    if (packed) readable = unpack_start(file.bytes(), kStart, start);
    if (!readable && start.empty()) return std::unexpected(readable.error());   // cut off later, its beginning is read
    const LogForm form = form_of(decoded(start));
    LogCounts counts;
    if (form == LogForm::evtx && packed) {
        TRY_DO(unpack_start(file.bytes(), kMaxPackedEvtx, start));   // chunks refer to each other: it is needed as a whole
        TRY(counts, read_evtx(start, given, use));
    } else if (form == LogForm::evtx) {
        TRY(counts, read_evtx(file.bytes(), given, use));
    } else {
        TRY_DO(check_is_text(start));
        counts = form == LogForm::json_documents ? read_documents(file.bytes(), given, use) : read_lines(file.bytes(), form, given, use);
    }
    counts.bytes = file.bytes().size();
    return counts;
}

}  // namespace madang::security
