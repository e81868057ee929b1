#include "security/detector.h"

#include <algorithm>
#include <filesystem>

#include "base/text.h"
#include "base/unpack.h"
#include "security/evtx.h"
#include "security/json_documents.h"
#include "security/text_decoder.h"

namespace madang::security {
namespace {

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
    if (is_web_error_line(line)) return LogForm::web_error;
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
    // Of a lost chunk nobody can tell how many records it had.
    counts.passed_over = log.counts().damaged_records + log.counts().lost_chunks;
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
    if (form == LogForm::web_error) format_of_lines = LineFormat::web_error;
    if (form == LogForm::syslog) format_of_lines = LineFormat::syslog;
    if (form == LogForm::zeek) format_of_lines = LineFormat::zeek;
    EventLines lines(format_of_lines);
    LogCounts counts;
    const auto one = [&](const Event& event) {
        ++counts.events;
        look(event, origin_of(event, format_of_lines, given), lines.line(), use);
    };
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
        // What stands before the damage of the packed file is read, and the damage is told.
        const auto whole = unpack_start(file.bytes(), kMaxPackedEvtx, start);
        TRY(counts, read_evtx(start, given, use));
        if (!whole || start.size() >= kMaxPackedEvtx) {
            ++counts.passed_over;
            problems_.push_back(!whole ? whole.error().message : format("only the first {} bytes of the packed log are read", kMaxPackedEvtx));
        }
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
