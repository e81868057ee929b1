#include "security/ecs_names.h"

#include "base/text.h"
#include "base/time_text.h"
#include "security/detail/sigma_yaml.h"
#include "security/detector.h"
#include "security/embedded_files.h"

namespace madang::security {
namespace {

constexpr std::size_t kMaxName = 256;

bool is_of(const LogOrigin& asked, const LogOrigin& origin) {
    const auto fits = [](const std::string& wanted, const std::string& is) { return wanted.empty() || wanted == is; };
    return fits(asked.category, origin.category) && fits(asked.product, origin.product) && fits(asked.service, origin.service);
}

void put(json::object& document, std::string_view name, const EventField& field) {
    json::value value = field.null ? json::value(nullptr) : json::value(field.value);
    const auto [at, fresh] = document.emplace(name, value);
    if (fresh) return;
    if (!at->value().is_array()) at->value() = json::array{at->value()};
    at->value().as_array().push_back(std::move(value));
}

}  // namespace

Result<EcsNames> EcsNames::read(std::string_view yaml, std::string_view name) {
    TRY(const auto documents, parse_yaml(yaml, name));
    EcsNames names;
    for (const YamlNode& document : documents) {
        if (document.kind != YamlKind::list) return fail_at(name, document.line, "the file is a list of entries");
        for (const YamlNode& node : document.items) {
            if (node.kind != YamlKind::map) return fail_at(name, node.line, "an entry is a map");
            Entry entry;
            for (const YamlEntry& one : node.entries) {
                const std::string& key = one.key.text;
                if (key == "fields") {
                    if (one.value.kind != YamlKind::map) return fail_at(name, one.value.line, "fields is a map");
                    for (const YamlEntry& field : one.value.entries) {
                        if (!field.value.is_scalar() || field.value.text.empty() || field.value.text.size() > kMaxName) return fail_at(name, field.key.line, "a field has one name of 1 to 256 bytes");
                        entry.fields[field.key.text] = field.value.text;
                    }
                    continue;
                }
                if (key != "category" && key != "product" && key != "service") return fail_at(name, one.key.line, format("there is no key \"{}\"", key));
                if (!one.value.is_scalar()) return fail_at(name, one.value.line, "a text is expected");
                (key == "category" ? entry.origin.category : key == "product" ? entry.origin.product : entry.origin.service) = one.value.text;
            }
            names.entries_.push_back(std::move(entry));
        }
    }
    return names;
}

Result<EcsNames> EcsNames::shipped() {
    for (const EmbeddedFile& file : embedded_files()) {
        if (file.name == "ecs.yml") return read(file.content, file.name);
    }
    return fail(Code::not_found, "the program was built without ecs.yml");
}

std::optional<std::string_view> EcsNames::name_of(std::string_view field, const LogOrigin& origin) const {
    for (const Entry& entry : entries_) {
        if (!is_of(entry.origin, origin)) continue;
        if (const auto found = entry.fields.find(field); found != entry.fields.end()) return found->second;
    }
    return std::nullopt;
}

void EcsNames::add_to(Event& event, const LogOrigin& origin) const {
    const std::size_t size = event.size();
    // Names are looked up before anything is added: adding moves the texts.
    std::vector<std::pair<std::size_t, std::string_view>> more;
    for (std::size_t i = 0; i < size; ++i) {
        const auto name = name_of(event.at(i).name, origin);
        if (name && !event.find(*name)) more.emplace_back(i, *name);
    }
    for (const auto& [place, name] : more) {
        const EventField field = event.at(place);
        const std::string value(field.value);
        if (!event.add(name, value, field.null ? Event::Value::null : Event::Value::text)) return;
    }
}

json::object as_json(const Event& event) {
    json::object document(json::object{});
    for (std::size_t i = 0; i < event.size(); ++i) put(document, event.at(i).name, event.at(i));
    return document;
}

json::object ecs_document(const SpoolRecord& record, const Event& event, const EcsNames& names) {
    const LogOrigin origin = origin_of(event, record.format, {});
    json::object document{{"@timestamp", format_instant(record.at)}};
    document["event.original"] = mended_utf8(record.line);
    for (std::size_t i = 0; i < event.size(); ++i) {
        const EventField field = event.at(i);
        if (field.name != "@timestamp") put(document, names.name_of(field.name, origin).value_or(field.name), field);
    }
    return document;
}

}  // namespace madang::security
