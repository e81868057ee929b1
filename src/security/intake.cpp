#include "security/intake.h"

#include <algorithm>
#include <deque>

#include "base/text.h"
#include "security/event_time.h"
#include "security/json_documents.h"

namespace madang::security {

Result<IntakeCounts*> Intake::of(std::string_view source) {
    if (source.empty() || source.size() > 255) return fail(Code::invalid, "a source has a name of 1 to 255 bytes");
    auto found = all_.find(source);
    if (found == all_.end()) {
        // Beyond so many names the events are kept under their own, and counted together: who sends under ever new ones shuts nobody out.
        if (all_.size() >= kMaxSources) source = kOtherSources;
        found = all_.find(source);
    }
    if (found == all_.end()) {
        found = all_.emplace(std::string(source), IntakeCounts{}).first;
    }
    return &found->second;
}

Result<IntakeCounts> Intake::take(std::string_view source, LineFormat format, std::string_view text) {
    std::vector<SpoolRecord> records;
    const Instant arrived = clock_.now();
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!line.empty()) records.push_back({arrived, format, source, line});
    }
    return take_records(source, std::move(records));
}

Result<IntakeCounts> Intake::take_whole(std::string_view source, LineFormat format, std::string_view text) {
    if (format != LineFormat::json || !are_json_documents(text)) return take(source, format, text);
    JsonDocuments documents({.document = kMaxIntakeLine});
    std::deque<std::string> lines;   // records look at them
    const auto keep = [&](const Event&) {
        lines.emplace_back(documents.text());
        std::ranges::replace_if(lines.back(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    };
    documents.feed(text, keep);
    documents.finish(keep);
    std::vector<SpoolRecord> records;
    const Instant arrived = clock_.now();
    for (const std::string& line : lines) records.push_back({arrived, format, source, line});
    TRY(IntakeCounts counts, take_records(source, std::move(records)));
    const std::uint64_t bad = documents.counts().bad_lines;
    if (bad > 0) count_lost(source, bad);
    counts.received += bad;
    counts.refused += bad;
    return counts;
}

Result<IntakeCounts> Intake::take_records(std::string_view way, std::vector<SpoolRecord> records) {
    IntakeCounts now{.received = records.size()};
    Event event;
    const std::size_t longest = std::min(kMaxIntakeLine, sink_.max_line());
    auto kept = records.begin();
    for (SpoolRecord& record : records) {
        event.clear();
        if (record.line.size() > longest || !parse_record(record, event)) continue;
        record.at = times_.time_of(event, {.near = record.at, .east = record.format == LineFormat::syslog ? zone_ : std::chrono::minutes(0), .zone = times_.zone_of(record.source)}).value_or(record.at);
        *kept++ = record;
    }
    records.erase(kept, records.end());
    now.refused = now.received - records.size();
    {
        const std::lock_guard lock(mutex_);
        TRY_DO(of(way));
    }
    const auto stored = records.empty() ? Result<void>() : sink_.append(records);
    if (stored) now.stored = records.size();
    else now.refused += records.size();
    const std::lock_guard lock(mutex_);
    TRY(IntakeCounts* const all, of(way));
    all->received += now.received;
    all->stored += now.stored;
    all->refused += now.refused;
    if (!stored) return std::unexpected(stored.error());
    return now;
}

void Intake::count_lost(std::string_view source, std::uint64_t lines) {
    const std::lock_guard lock(mutex_);
    const auto all = of(source);
    if (!all) return;
    (*all)->received += lines;
    (*all)->refused += lines;
}

void Intake::count_gap(std::string_view source) {
    const std::lock_guard lock(mutex_);
    if (const auto all = of(source)) ++(*all)->gaps;
}

std::map<std::string, IntakeCounts> Intake::counts() const {
    const std::lock_guard lock(mutex_);
    return {all_.begin(), all_.end()};
}

}  // namespace madang::security
