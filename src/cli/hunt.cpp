// What a person asks of kept events: the events themselves, some of their fields, how many they are, by what, and when.
#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include "base/text.h"
#include "base/time_text.h"
#include "cli/command.h"
#include "cli/histogram.h"
#include "cli/spool_commands.h"
#include "cli/spool_options.h"
#include "security/detector.h"
#include "security/ecs_names.h"
#include "security/spool.h"
#include "security/spool_hunt.h"

namespace madang::cli {
namespace {

using security::Event;
using security::EventField;
using security::SpoolCounts;
using security::SpoolHunt;
using security::SpoolQuery;
using security::SpoolRecord;

constexpr std::size_t kLookedAt = 50'000;     // events by which a field is called unknown
constexpr std::size_t kShown = 1000;          // rows without --limit
constexpr std::size_t kFields = 50;           // of a table
constexpr std::size_t kValues = 200'000;      // that are counted apart; what comes later counts as others
constexpr std::size_t kValueBytes = 4096;     // by which values are told from each other
constexpr std::size_t kCellColumns = 60;      // of a table on a terminal; --json has the whole

struct Row {
    Instant at{};
    std::string source, line;
    std::vector<std::string> cells;
};

// What is wanted of the events that fit.
struct Asked {
    enum class Form { lines, count, table, count_by };
    Form form = Form::lines;
    std::vector<std::string> fields;    // of a table, or the one to count by
    std::uint64_t limit = kShown;
};

Result<Asked> asked_of(const Arguments& arguments) {
    Asked asked;
    TRY(asked.limit, within(parse_decimal(arguments.one_or("limit", std::to_string(kShown))), "--limit"));
    if (int{arguments.has("count")} + int{arguments.has("table")} + int{arguments.has("count-by")} > 1) return fail(Code::invalid, "one of --count, --table and --count-by");
    if (arguments.has("count")) asked.form = Asked::Form::count;
    if (arguments.has("count-by")) {
        asked.form = Asked::Form::count_by;
        asked.fields.emplace_back(trim(arguments.one("count-by")));
    }
    if (arguments.has("table")) {
        asked.form = Asked::Form::table;
        for (const std::string_view field : split(arguments.one("table"), ',')) asked.fields.emplace_back(trim(field));
        if (asked.fields.size() > kFields) return fail(Code::invalid, format("--table: at most {} fields", kFields));
    }
    if (std::ranges::any_of(asked.fields, [](const std::string& field) { return field.empty(); })) return fail(Code::invalid, "a field has a name");
    return asked;
}

struct Answer {
    std::vector<Row> rows;
    std::uint64_t count = 0;
    std::map<std::string, std::uint64_t, std::less<>> values;
    std::uint64_t without = 0, others = 0;      // events without the field, values beyond kValues
    Histogram histogram;
    std::vector<std::string> unknown;           // fields of the question that no event has

    void add(const Asked& asked, const Event& event, const SpoolRecord& record) {
        ++count;
        histogram.add(record.at);
        if (asked.form == Asked::Form::count_by) count_values(event, asked.fields.front());
        const bool shows = asked.form == Asked::Form::lines || asked.form == Asked::Form::table;
        if (!shows || rows.size() >= asked.limit) return;
        Row row{record.at, std::string(record.source), {}, {}};
        if (asked.form == Asked::Form::lines) row.line = record.line;
        for (const std::string& field : asked.fields) {
            if (asked.form == Asked::Form::table) row.cells.push_back(cell_of(event, field));
        }
        rows.push_back(std::move(row));
    }

private:
    static std::string cell_of(const Event& event, std::string_view name) {
        std::string cell;
        for (std::size_t i = 0; i < event.size(); ++i) {
            const EventField field = event.at(i);
            if (field.name == name && !field.null) cell += format("{}{}", cell.empty() ? "" : ", ", field.value);
        }
        return cell;
    }

    void count_values(const Event& event, std::string_view name) {
        bool there = false;
        for (std::size_t i = 0; i < event.size(); ++i) {
            const EventField field = event.at(i);
            if (field.name != name || field.null) continue;
            there = true;
            const std::string_view value = std::string_view(field.value).substr(0, kValueBytes);
            const auto found = values.find(value);
            if (found != values.end()) ++found->second;
            else if (values.size() < kValues) values.emplace(value, 1);
            else ++others;
        }
        if (!there) ++without;
    }
};

// Of text in UTF-8, letters; enough to keep columns under each other.
std::size_t columns_of(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

std::string cut(const std::string& text) {
    if (columns_of(text) <= kCellColumns) return text;
    std::size_t end = 0;
    for (std::size_t columns = 0; end < text.size(); ++end) {
        if ((static_cast<unsigned char>(text[end]) & 0xc0U) != 0x80U && ++columns == kCellColumns) break;
    }
    return text.substr(0, end) + "…";
}

void print_table(const Context& context, const std::vector<std::string>& fields, const std::vector<Row>& rows) {
    std::vector<std::vector<std::string>> lines(1, {"time"});
    for (const std::string& field : fields) lines.front().push_back(cut(shown(field)));
    for (const Row& row : rows) {
        lines.push_back({format_instant(row.at)});
        for (const std::string& cell : row.cells) lines.back().push_back(cut(shown(cell)));
    }
    std::vector<std::size_t> width(fields.size() + 1);
    for (const auto& line : lines) {
        for (std::size_t i = 0; i < width.size(); ++i) width[i] = std::max(width[i], columns_of(line[i]));
    }
    for (const auto& line : lines) {
        std::string text;
        for (std::size_t i = 0; i < width.size(); ++i) {
            text += line[i];
            if (i + 1 < width.size()) text += std::string(width[i] - columns_of(line[i]) + 2, ' ');
        }
        context.print(text);
    }
}

std::vector<std::pair<std::string, std::uint64_t>> most_frequent(const Answer& answer, std::uint64_t limit) {
    std::vector<std::pair<std::string, std::uint64_t>> all(answer.values.begin(), answer.values.end());
    std::ranges::sort(all, [](const auto& a, const auto& b) { return a.second != b.second ? a.second > b.second : a.first < b.first; });
    if (all.size() > limit) all.resize(limit);
    return all;
}

void print_people(const Context& context, const Asked& asked, const Answer& answer) {
    switch (asked.form) {
        case Asked::Form::lines:
            for (const Row& one : answer.rows) context.print(format("{}  {:<20}  {}", format_instant(one.at), one.source, shown(one.line)));
            break;
        case Asked::Form::table:
            if (!answer.rows.empty()) print_table(context, asked.fields, answer.rows);
            break;
        case Asked::Form::count: context.print(std::to_string(answer.count)); break;
        case Asked::Form::count_by:
            for (const auto& [value, count] : most_frequent(answer, asked.limit)) context.print(format("{:>9}  {}", count, shown(value)));
            if (answer.without > 0) context.print(format("{:>9}  of events without {}", answer.without, shown(asked.fields.front())));
            if (answer.others > 0) context.print(format("{:>9}  of other values, beyond the first {}", answer.others, kValues));
            break;
    }
    if (answer.count > 0) context.print(format("\n{}", answer.histogram.text()));
}

std::string utf8(const std::string& text) { return is_utf8(text) ? text : security::mended_utf8(text); }

void print_json(const Context& context, const Asked& asked, const Answer& answer) {
    switch (asked.form) {
        case Asked::Form::lines:
            for (const Row& one : answer.rows) context.print(json::value{{"at", format_instant(one.at)}, {"source", one.source}, {"line", one.line}});
            return;
        case Asked::Form::table:
            for (const Row& one : answer.rows) {
                json::object fields;
                for (std::size_t i = 0; i < asked.fields.size(); ++i) fields[asked.fields[i]] = utf8(one.cells[i]);
                context.print(json::value{{"at", format_instant(one.at)}, {"source", one.source}, {"fields", std::move(fields)}});
            }
            return;
        case Asked::Form::count: context.print(json::value{{"count", answer.count}, {"histogram", answer.histogram.to_json()}, {"unknown_fields", texts_of(answer.unknown)}}); return;
        case Asked::Form::count_by: {
            json::array values;
            for (const auto& [value, count] : most_frequent(answer, asked.limit)) values.push_back(json::object{{"value", utf8(value)}, {"count", count}});
            context.print(json::value{{"count", answer.count}, {"field", asked.fields.front()}, {"values", std::move(values)}, {"without", answer.without}, {"others", answer.others},
                                      {"histogram", answer.histogram.to_json()}});
            return;
        }
    }
}

// Which of the fields none of the events has, as far as so many of them tell.
Result<std::vector<std::string>> unknown_fields(const security::Spool& spool, const std::vector<std::string>& fields, const security::EcsNames& names, bool ecs) {
    std::set<std::string> unknown(fields.begin(), fields.end());
    std::size_t looked_at = 0;
    Event event;
    for (security::SpoolPlace at; looked_at < kLookedAt && !unknown.empty();) {
        TRY(const auto next, spool.read_behind(at, [&](const SpoolRecord& record, security::SpoolPlace, std::uint32_t) {
            event.clear();
            ++looked_at;
            if (!security::parse_record(record, event)) return;
            if (ecs) names.add_to(event, security::origin_of(event, record.format, {}));
            for (std::size_t i = 0; i < event.size(); ++i) unknown.erase(std::string(event.at(i).name));
        }));
        if (!next) break;
        at = *next;
    }
    if (looked_at == 0) unknown.clear();
    return std::vector<std::string>(unknown.begin(), unknown.end());
}

}  // namespace

Result<int> hunt_events(const Context& context, const Arguments& arguments) {
    TRY(const auto spool, security::Spool::open_to_read(folder_of(context, arguments)));
    TRY(const SpoolHunt hunt, SpoolHunt::compile(arguments.one("expression")));
    TRY(SpoolQuery query, query_of(arguments));
    TRY(const Asked asked, asked_of(arguments));
    TRY(const auto names, names_of(context, arguments));
    // ECS names all have a dot, but for one; they cost time, and are there for expressions and columns that use them.
    const auto is_ecs = [](const std::string& field) { return field.contains('.') || field == "message"; };
    const bool ecs = std::ranges::any_of(hunt.fields(), is_ecs) || std::ranges::any_of(asked.fields, is_ecs);
    hunt.narrow(query, ecs ? SpoolHunt::EventFields::more : SpoolHunt::EventFields::of_lines);
    std::mutex mutex;
    Answer answer;
    std::vector<Event> events(threads_of());
    const auto began = std::chrono::steady_clock::now();
    TRY(const SpoolCounts counts, spool->search(query, threads_of(), [&](std::size_t thread, const SpoolRecord& record) {
        Event& event = events[thread];
        event.clear();
        if (!security::parse_record(record, event)) return;
        if (ecs) names.add_to(event, security::origin_of(event, record.format, {}));
        if (!hunt.fits(event)) return;
        const std::lock_guard lock(mutex);
        answer.add(asked, event, record);
    }));
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    if (answer.count == 0) {
        TRY(answer.unknown, unknown_fields(*spool, hunt.fields(), names, ecs));
    }
    std::ranges::sort(answer.rows, {}, &Row::at);
    if (arguments.has("svg")) TRY_DO(write_file_whole(arguments.one("svg"), answer.histogram.svg(arguments.one("expression"))));
    if (context.json) print_json(context, asked, answer);
    else print_people(context, asked, answer);
    const bool left_out = (asked.form == Asked::Form::lines || asked.form == Asked::Form::table) ? answer.count > answer.rows.size() : answer.values.size() > asked.limit;
    std::fprintf(stderr, "%llu of %llu events in %.2f s; %llu of %llu blocks opened, %.1f MB read%s%s\n", static_cast<unsigned long long>(answer.count), static_cast<unsigned long long>(counts.records), seconds,
                 static_cast<unsigned long long>(counts.blocks_opened), static_cast<unsigned long long>(counts.blocks), static_cast<double>(counts.raw_bytes) / 1e6,
                 left_out ? "; more than --limit are left out" : "", counts.damaged_blocks > 0 ? "; damaged blocks were passed over" : "");
    for (const std::string& field : answer.unknown) std::fprintf(stderr, "%s\n", format("none of the first {} events has the field {}", kLookedAt, field).c_str());
    return kOk;
}

}  // namespace madang::cli
