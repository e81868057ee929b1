#include "security/intake.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "base/text.h"
#include "security/event_time.h"
#include "security/json_documents.h"

namespace madang::security {

Result<IntakeCounts*> Intake::of(std::string_view source) {
    if (source.empty() || source.size() > kMaxSource) return fail(Code::invalid, format("a source has a name of 1 to {} bytes", kMaxSource));
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

void Intake::add_lines(std::vector<SpoolRecord>& records, std::string_view source, LineFormat format, std::string_view text) const {
    const Instant arrived = clock_.now();
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!line.empty()) records.push_back({arrived, format, source, line});
    }
}

Result<IntakeCounts> Intake::take(std::string_view source, LineFormat format, std::string_view text) {
    std::vector<SpoolRecord> records;
    add_lines(records, source, format, text);
    return take_records(source, std::move(records));
}

Result<void> Intake::take_each(LineFormat format, std::span<const SourceText> texts) {
    std::vector<SpoolRecord> records;
    for (const SourceText& one : texts) add_lines(records, one.source, format, one.text);
    TRY_DO(keep(std::move(records), std::nullopt));
    return {};
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
    TRY(const Counted counted, keep(std::move(records), way));
    return counted.at(way);
}

// Counted under `way`, or each under its own source.
Result<Intake::Counted> Intake::keep(std::vector<SpoolRecord> records, std::optional<std::string_view> way) {
    Counted now;
    if (way) now[*way] = {};
    Event event;
    const std::size_t longest = std::min(kMaxIntakeLine, sink_.max_line());
    auto kept = records.begin();
    for (SpoolRecord& record : records) {
        IntakeCounts& counts = now[way.value_or(record.source)];
        ++counts.received;
        event.clear();
        if (record.line.size() > longest || !parse_record(record, event)) {
            ++counts.refused;
            continue;
        }
        ++counts.stored;
        record.at = times_.time_of(event, {.near = record.at, .east = record.format == LineFormat::syslog ? zone_ : std::chrono::minutes(0), .zone = times_.zone_of(record.source)}).value_or(record.at);
        *kept++ = record;
    }
    records.erase(kept, records.end());
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [name, counts] : now) TRY_DO(of(name));
    }
    const auto stored = records.empty() ? Result<void>() : sink_.append(records);
    const std::lock_guard lock(mutex_);
    for (auto& [name, counts] : now) {
        if (!stored) counts.refused += std::exchange(counts.stored, 0);
        TRY(IntakeCounts* const all, of(name));
        all->received += counts.received;
        all->stored += counts.stored;
        all->refused += counts.refused;
    }
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
