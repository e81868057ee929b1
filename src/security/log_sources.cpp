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

Result<LogPlace> place_of(const YamlNode& node, std::string_view name) {
    if (node.kind != YamlKind::map) return fail_at(name, node.line, "an entry is a map");
    LogPlace place;
    for (const YamlEntry& entry : node.entries) {
        const std::string& key = entry.key.text;
        if (key == "category" || key == "product" || key == "service") {
            if (!entry.value.is_scalar()) return fail_at(name, entry.value.line, "a text is expected");
            (key == "category" ? place.source.category : key == "product" ? place.source.product : place.source.service) = entry.value.text;
        } else if (key == "channel") {
            TRY(place.channels, texts_of(entry.value, name));
        } else if (key == "event_id") {
            TRY(place.event_ids, texts_of(entry.value, name));
        } else if (key == "event_type") {
            TRY(place.event_types, texts_of(entry.value, name));
        } else if (key == "fields") {
            if (entry.value.kind != YamlKind::map) return fail_at(name, entry.value.line, "fields is a map");
            for (const YamlEntry& field : entry.value.entries) place.fields[field.key.text] = field.value.text;
        } else {
            return fail_at(name, entry.key.line, format("there is no key \"{}\"", key));
        }
    }
    if (place.source.category.empty() && place.source.service.empty()) return fail_at(name, node.line, "an entry names a category or a service");
    return place;
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
            TRY(LogPlace place, place_of(node, name));
            sources.places_.push_back(std::move(place));
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
