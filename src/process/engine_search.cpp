// Finding instances and incidents, a page at a time, for who watches over all of them.
#include <algorithm>

#include "base/text.h"
#include "process/process_repository.h"

namespace madang::process {
namespace {

constexpr std::size_t kMaxText = 200;
constexpr std::size_t kMaxKeys = 100;
constexpr const char* kIncidents =
    "(SELECT instance_id, number, kind, name, problem, attempts, due_at FROM process_work WHERE state='incident'"
    " UNION ALL SELECT instance_id, token, 'job', operation, problem, attempts, locked_until FROM process_task WHERE state='open' AND attempts>=10) AS found";

constexpr const char* kIncidentColumns = "SELECT instance_id, number, kind, name, problem, attempts, due_at FROM ";

Result<Incident> incident_of(const store::Row& row) {
    return Incident{std::string(row.text(0)), row.integer(1), std::string(row.text(2)), std::string(row.text(3)), std::string(row.text(4)), row.integer(5), moment_of(row.integer(6))};
}

// Collects conditions with their values.
class Where {
public:
    std::string bind(store::Value value) {
        values_.push_back(std::move(value));
        return format("${}", values_.size());
    }
    void add(const std::string& condition) { text_ += (text_.empty() ? "WHERE " : " AND ") + condition; }
    const std::string& text() const { return text_; }
    const store::Values& values() const { return values_; }

private:
    std::string text_;
    store::Values values_;
};

// For LIKE: what begins so and nothing else.
std::string beginning(std::string_view text) {
    std::string pattern;
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '\\') pattern.push_back('\\');
        pattern.push_back(c);
    }
    return pattern + "%";
}

Result<void> check_page(std::int64_t first, std::int64_t count) {
    if (first < 0 || count < 1 || count > kMaxFound) return fail(Code::invalid, format("a page begins at 0 or later and has 1 to {}", kMaxFound));
    return {};
}

Result<std::int64_t> count_of(store::Reader& reader, const std::string& from, const store::Values& values) {
    TRY(const auto found, reader.first<std::int64_t>("SELECT COUNT(*) FROM " + from, values, [](const store::Row& row) -> Result<std::int64_t> { return row.integer(0); }));
    return found.value_or(0);
}

}  // namespace

Result<InstancePage> Engine::find_instances(store::Reader& reader, const InstanceFilter& filter, std::int64_t first, std::int64_t count) const {
    TRY_DO(check_page(first, count));
    if (filter.text.size() > kMaxText || filter.business_keys.size() > kMaxKeys) return fail(Code::invalid, format("what is looked for has at most {} bytes", kMaxText));
    Where where;
    if (!filter.definition.empty()) where.add("definition_id=" + where.bind(filter.definition));
    if (filter.state) where.add("state=" + where.bind(std::string(name_of(*filter.state))));
    if (filter.stands) where.add(format("state='running' AND (problem<>'' OR instance_id IN (SELECT found.instance_id FROM {}))", kIncidents));
    if (!filter.text.empty()) {
        const std::string text = where.bind(filter.text);
        std::string any = format("(instance_id={} OR business_key={} OR business_key LIKE {} ESCAPE '\\'", text, text, where.bind(beginning(filter.text)));
        for (const std::string& key : filter.business_keys) any += " OR business_key=" + where.bind(key);
        where.add(any + ")");
    }
    InstancePage page;
    TRY(page.total, count_of(reader, "process_instance " + where.text(), where.values()));
    page.first = first;
    // Ids are in the order of time, and their index is there anyway.
    TRY(const auto rows, list_instances_where(reader, format("{} ORDER BY instance_id DESC LIMIT {} OFFSET {}", where.text(), count, page.first), where.values()));
    for (const InstanceRow& row : rows) page.instances.push_back(summary_of(row));
    return page;
}

Result<IncidentPage> Engine::find_incidents(store::Reader& reader, std::string_view instance, std::int64_t first, std::int64_t count) const {
    TRY_DO(check_page(first, count));
    Where where;
    if (!instance.empty()) where.add("instance_id=" + where.bind(std::string(instance)));
    const std::string from = format("{} {}", kIncidents, where.text());
    IncidentPage page;
    TRY(page.total, count_of(reader, from, where.values()));
    page.first = first;
    TRY(page.incidents, reader.all<Incident>(format("{}{} ORDER BY due_at, instance_id, number LIMIT {} OFFSET {}", kIncidentColumns, from, count, page.first), where.values(), incident_of));
    return page;
}

Result<std::optional<Incident>> Engine::oldest_incident(store::Reader& reader, const InstanceId& instance) const {
    return reader.first<Incident>(format("{}{} WHERE instance_id=$1 ORDER BY due_at, number LIMIT 1", kIncidentColumns, kIncidents), {instance.text()}, incident_of);
}

}  // namespace madang::process
