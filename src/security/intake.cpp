#include "security/intake.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "base/text.h"
#include "security/event_time.h"
#include "security/json_documents.h"

namespace madang::security {
namespace {

// Each line that holds anything; `numbers` gets their numbers in the text, from 1.
std::vector<SpoolRecord> lines_of(std::string_view source, LineFormat format, std::string_view text, Instant arrived, std::vector<std::uint64_t>& numbers) {
    std::vector<SpoolRecord> records;
    for (std::uint64_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty()) continue;
        records.push_back({arrived, format, source, line});
        numbers.push_back(number);
    }
    return records;
}

void ignore(std::size_t, std::string_view) {}

}  // namespace

void RefusedLines::add(std::uint64_t line, std::string_view reason) {
    if (first.size() < kMost) first.push_back(format("line {}: {}", line, reason));
    else ++more;
}

Result<IntakeCounts*> Intake::of(std::string_view source) {
    if (source.empty() || source.size() > kMaxSource) return fail(Code::invalid, format("a source has a name of 1 to {} bytes", kMaxSource));
    auto found = all_.find(source);
    if (found == all_.end()) {
        // Beyond so many names the events are kept under their own, and counted together: who sends under ever new ones shuts nobody out.
        if (all_.size() >= kMaxSources) source = kOtherSources;
        found = all_.try_emplace(std::string(source)).first;
    }
    return &found->second;
}

Result<IntakeCounts> Intake::take(std::string_view source, LineFormat format, std::string_view text) {
    std::vector<std::uint64_t> numbers;
    return take_records(source, lines_of(source, format, text, clock_.now(), numbers));
}

Result<void> Intake::take_each(LineFormat format, std::span<const SourceText> texts) {
    std::vector<SpoolRecord> records;
    std::vector<std::uint64_t> numbers;
    for (const SourceText& one : texts) {
        const auto lines = lines_of(one.source, format, one.text, clock_.now(), numbers);
        records.insert(records.end(), lines.begin(), lines.end());
    }
    TRY_DO(keep(std::move(records), std::nullopt, ignore));
    return {};
}

Result<IntakeCounts> Intake::take_whole(std::string_view source, LineFormat format, std::string_view text, RefusedLines& refused) {
    if (format == LineFormat::json && are_json_documents(text)) return take_documents(source, text, refused);
    std::vector<std::uint64_t> numbers;
    auto records = lines_of(source, format, text, clock_.now(), numbers);
    return keep_as(source, std::move(records), [&](std::size_t record, std::string_view reason) { refused.add(numbers[record], reason); });
}

Result<IntakeCounts> Intake::take_documents(std::string_view source, std::string_view text, RefusedLines& refused) {
    JsonDocuments documents({.document = kMaxIntakeLine});
    std::deque<std::string> lines;   // records look at them
    std::vector<std::uint64_t> numbers;
    const auto one = [&](const Event&) {
        lines.emplace_back(documents.text());
        numbers.push_back(documents.line());
        std::ranges::replace_if(lines.back(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    };
    documents.feed(text, one);
    documents.finish(one);
    std::vector<SpoolRecord> records;
    const Instant arrived = clock_.now();
    for (const std::string& line : lines) records.push_back({arrived, LineFormat::json, source, line});
    const std::uint64_t bad = documents.counts().bad_lines;
    refused.first.assign(documents.problems().begin(), documents.problems().begin() + static_cast<std::ptrdiff_t>(std::min(documents.problems().size(), RefusedLines::kMost)));
    refused.more = bad - refused.first.size();
    TRY(IntakeCounts counts, keep_as(source, std::move(records), [&](std::size_t record, std::string_view reason) { refused.add(numbers[record], reason); }));
    if (bad > 0) count_lost(source, bad);
    counts.received += bad;
    counts.refused += bad;
    return counts;
}

Result<IntakeCounts> Intake::take_records(std::string_view way, std::vector<SpoolRecord> records) {
    return keep_as(way, std::move(records), ignore);
}

Result<IntakeCounts> Intake::keep_as(std::string_view way, std::vector<SpoolRecord> records, const Refuse& refuse) {
    TRY(const Counted counted, keep(std::move(records), way, refuse));
    return counted.at(way);
}

// Counted under `way`, or each under its own source.
Result<Intake::Counted> Intake::keep(std::vector<SpoolRecord> records, std::optional<std::string_view> way, const Refuse& refuse) {
    Counted now;
    if (way) now[*way] = {};
    Event event;
    const std::size_t longest = std::min(kMaxIntakeLine, sink_.max_line());
    auto kept = records.begin();
    for (std::size_t i = 0; i < records.size(); ++i) {
        SpoolRecord& record = records[i];
        IntakeCounts& counts = now[way.value_or(record.source)];
        ++counts.received;
        event.clear();
        const auto parsed = record.line.size() > longest ? Result<void>(fail(Code::invalid, format("longer than {} bytes", longest))) : parse_record(record, event);
        if (!parsed) {
            ++counts.refused;
            refuse(i, parsed.error().message);
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
