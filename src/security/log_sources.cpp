#include "security/log_sources.h"

#include <algorithm>

#include "base/text.h"
#include "security/detail/sigma_yaml.h"
#include "security/embedded_files.h"

namespace madang::security {
namespace {

Result<std::vector<std::string>> texts_of(const YamlNode& node, std::string_view name) {
    if (node.kind != YamlKind::list) return fail_at(name, node.line, "a list is expected");
    std::vector<std::string> texts;
    for (const YamlNode& item : node.items) {
        if (!item.is_scalar()) return fail_at(name, item.line, "a text or a number is expected");
        texts.push_back(item.text);
    }
    return texts;
}

Result<std::vector<std::string>> text_or_texts_of(const YamlNode& node, std::string_view name) {
    if (node.is_scalar()) return std::vector<std::string>{node.text};
    return texts_of(node, name);
}

// {join: [ObjectName, ObjectValueName], with: '\', begin: {'\REGISTRY\MACHINE\': 'HKLM\'}}
Result<MadeField> made_field_of(const YamlNode& node, std::string_view name) {
    MadeField made;
    for (const YamlEntry& entry : node.entries) {
        if (entry.key.text == "join") {
            TRY(made.from, text_or_texts_of(entry.value, name));
        } else if (entry.key.text == "with") {
            if (!entry.value.is_scalar()) return fail_at(name, entry.value.line, "a text is expected");
            made.between = entry.value.text;
        } else if (entry.key.text == "text") {
            if (!entry.value.is_scalar()) return fail_at(name, entry.value.line, "a text is expected");
            made.text = entry.value.text;
        } else if (entry.key.text == "begin") {
            if (entry.value.kind != YamlKind::map) return fail_at(name, entry.value.line, "begin is a map");
            for (const YamlEntry& one : entry.value.entries) made.begin.emplace_back(one.key.text, one.value.text);
        } else {
            return fail_at(name, entry.key.line, format("there is no key \"{}\"", entry.key.text));
        }
    }
    if (made.text && (!made.from.empty() || !made.begin.empty())) return fail_at(name, node.line, "text stands alone");
    if (made.text) return made;
    const bool named = !made.from.empty() && std::ranges::none_of(made.from, [](const std::string& field) { return field.empty() || field == "*"; });
    if (!named) return fail_at(name, node.line, "join names fields");
    return made;
}

struct ReadPlace {
    LogPlace place;
    std::vector<std::pair<std::string, MadeField>> made;   // by the rule's name
};

Result<void> read_fields(const YamlNode& node, std::string_view name, ReadPlace& out) {
    if (node.kind != YamlKind::map) return fail_at(name, node.line, "fields is a map");
    for (const YamlEntry& field : node.entries) {
        if (field.value.is_scalar()) {
            out.place.fields[field.key.text] = field.value.text;
            continue;
        }
        if (field.value.kind != YamlKind::map) return fail_at(name, field.value.line, "a field is the name of another one, or a map with join");
        TRY(MadeField made, made_field_of(field.value, name));
        out.made.emplace_back(field.key.text, std::move(made));
    }
    return {};
}

Result<void> read_where(const YamlNode& node, std::string_view name, LogPlace& place) {
    if (node.kind != YamlKind::map) return fail_at(name, node.line, "where is a map");
    for (const YamlEntry& entry : node.entries) {
        if (entry.key.text.empty()) return fail_at(name, entry.key.line, "a field has a name");
        TRY(auto values, text_or_texts_of(entry.value, name));
        place.where.emplace_back(entry.key.text, std::move(values));
    }
    return {};
}

Result<ReadPlace> place_of(const YamlNode& node, std::string_view name) {
    if (node.kind != YamlKind::map) return fail_at(name, node.line, "an entry is a map");
    constexpr std::pair<std::string_view, std::string_view> kShort[] = {{"channel", "Channel"}, {"event_id", "EventID"}, {"event_type", "EventType"}};
    ReadPlace out;
    LogPlace& place = out.place;
    for (const YamlEntry& entry : node.entries) {
        const std::string& key = entry.key.text;
        const auto* shorter = std::ranges::find(kShort, key, &std::pair<std::string_view, std::string_view>::first);
        if (key == "category" || key == "product" || key == "service") {
            if (!entry.value.is_scalar()) return fail_at(name, entry.value.line, "a text is expected");
            (key == "category" ? place.source.category : key == "product" ? place.source.product : place.source.service) = entry.value.text;
        } else if (shorter != std::end(kShort)) {
            TRY(auto values, texts_of(entry.value, name));
            if (!values.empty()) place.where.emplace_back(shorter->second, std::move(values));
        } else if (key == "where") {
            TRY_DO(read_where(entry.value, name, place));
        } else if (key == "fields") {
            TRY_DO(read_fields(entry.value, name, out));
        } else {
            return fail_at(name, entry.key.line, format("there is no key \"{}\"", key));
        }
    }
    if (place.source.category.empty() && place.source.service.empty()) return fail_at(name, node.line, "an entry names a category or a service");
    return out;
}

// Whether the file's word is what the rule says; where either says nothing, it is.
bool agree(std::string_view left, std::string_view right) { return left.empty() || right.empty() || left == right; }

}  // namespace

Result<LogSources> LogSources::read(std::string_view yaml, std::string_view name) {
    TRY(const auto documents, parse_yaml(yaml, name));
    LogSources sources;
    for (const YamlNode& document : documents) {
        if (document.kind != YamlKind::list) return fail_at(name, document.line, "the file is a list of entries");
        for (const YamlNode& node : document.items) {
            TRY(ReadPlace read, place_of(node, name));
            for (auto& [field, made] : read.made) {
                made.name = format("\n{} of entry {}", field, sources.places_.size());
                made.where = read.place.where;
                read.place.fields[field] = made.name;
                sources.made_.push_back(std::move(made));
            }
            sources.places_.push_back(std::move(read.place));
        }
    }
    return sources;
}

Result<LogSources> LogSources::shipped() {
    for (const EmbeddedFile& file : embedded_files()) {
        if (file.name == "log_sources.yml") return read(file.content, file.name);
    }
    return fail(Code::not_found, "the program was built without log_sources.yml");
}

std::vector<const LogPlace*> LogSources::places_of(const LogSource& source) const {
    std::vector<const LogPlace*> found;
    for (const LogPlace& place : places_) {
        // A category is one kind of event, whatever writes it; a service is one log.
        const bool meant = source.category.empty() ? !source.service.empty() && place.source.service == source.service : place.source.category == source.category;
        if (meant && agree(place.source.product, source.product)) found.push_back(&place);
    }
    return found;
}

std::vector<LogSource> LogSources::meant_by(const LogSource& source) const {
    std::vector<LogSource> meant{source};
    if (!source.product.empty()) return meant;
    for (const LogPlace* place : places_of(source)) {
        const auto same = [&](const LogSource& one) { return one.product == place->source.product; };
        if (std::ranges::any_of(meant, same)) continue;
        meant.push_back(source);
        meant.back().product = place->source.product;
    }
    return meant;
}

bool may_meet(const LogSource& source, const LogOrigin& origin) {
    if (origin.is_unknown()) return true;
    const std::pair<const std::string&, const std::string&> sides[] = {{source.category, origin.category}, {source.product, origin.product}, {source.service, origin.service}};
    bool one_is_so = false;
    for (const auto& [asked, known] : sides) {
        if (asked.empty() || known.empty()) continue;
        if (asked != known) return false;
        one_is_so = true;
    }
    return one_is_so;
}

}  // namespace madang::security
