#include "security/event_times.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "security/detail/sigma_yaml.h"
#include "security/embedded_files.h"

namespace madang::security {
namespace {

constexpr std::size_t kMaxTimeFields = 200;
constexpr std::size_t kMaxZones = 1000;

std::size_t key_of(std::string_view name) { return (name.size() * 37 + static_cast<unsigned char>(name.front()) * 5 + static_cast<unsigned char>(name.back())) % 512; }

}  // namespace

void EventTimes::add_field(std::string name) {
    may_be_.at(key_of(name)) = true;
    fields_.push_back(std::move(name));
}

Result<EventTimes> EventTimes::read(std::string_view yaml, std::string_view name) {
    TRY(const auto documents, parse_yaml(yaml, name));
    EventTimes times;
    bool has_fields = false;
    for (const YamlNode& document : documents) {
        if (document.kind == YamlKind::null) continue;
        if (document.kind != YamlKind::map) return fail_at(name, document.line, "the file is a map of fields and zones");
        for (const YamlEntry& entry : document.entries) {
            if (entry.value.kind == YamlKind::null) continue;
            if (entry.key.text == "fields") {
                if (entry.value.kind != YamlKind::list) return fail_at(name, entry.value.line, "fields are a list");
                has_fields = true;
                for (const YamlNode& field : entry.value.items) {
                    if (!field.is_scalar() || field.text.empty()) return fail_at(name, field.line, "a field is a name");
                    if (times.fields_.size() == kMaxTimeFields) return fail_at(name, field.line, format("at most {} fields", kMaxTimeFields));
                    times.add_field(field.text);
                }
            } else if (entry.key.text == "zones") {
                if (entry.value.kind != YamlKind::map) return fail_at(name, entry.value.line, "zones are a map from sources to zones");
                for (const YamlEntry& one : entry.value.entries) {
                    auto zone = one.value.is_scalar() ? TimeZone::find(one.value.text) : std::unexpected(Error{});
                    if (!zone) return fail_at(name, one.value.line, format("\"{}\" is no zone, as Europe/Minsk", one.value.text));
                    if (times.zones_.size() == kMaxZones) return fail_at(name, one.key.line, format("at most {} sources", kMaxZones));
                    times.zones_.emplace(one.key.text, std::move(*zone));
                }
            } else {
                return fail_at(name, entry.key.line, format("there is no key \"{}\"", entry.key.text));
            }
        }
    }
    if (!has_fields) {
        for (const std::string& field : shipped().fields_) times.add_field(field);
    }
    return times;
}

Result<EventTimes> EventTimes::load(const Path& file) {
    if (file.empty()) return shipped();
    TRY(const std::string text, read_file(file));
    return read(text, file.string());
}

const EventTimes& EventTimes::shipped() {
    static const EventTimes times = [] {
        const auto files = embedded_files();
        const auto file = std::ranges::find(files, std::string_view("times.yml"), &EmbeddedFile::name);
        MADANG_CHECK(file != files.end());
        auto read = EventTimes::read(file->content, file->name);
        MADANG_CHECK(read.has_value() && !read->fields_.empty());
        return std::move(*read);
    }();
    return times;
}

const TimeZone* EventTimes::zone_of(std::string_view source) const {
    if (zones_.empty()) return nullptr;
    auto found = zones_.find(source);
    if (found == zones_.end() && source.ends_with(']')) found = zones_.find(source.substr(0, source.rfind(" [")));
    return found == zones_.end() ? nullptr : &found->second;
}

std::size_t EventTimes::rank_of(std::string_view name) const {
    if (name.empty() || !may_be_.at(key_of(name))) return fields_.size();
    return static_cast<std::size_t>(std::ranges::find(fields_, name) - fields_.begin());
}

std::optional<Instant> EventTimes::time_of(const Event& event, const TimeHints& hints) const {
    std::size_t best = fields_.size();
    std::optional<Instant> found;
    for (std::size_t i = 0; i < event.size() && best > 0; ++i) {
        const EventField field = event.at(i);
        const std::size_t rank = rank_of(field.name);
        if (rank >= best || field.null) continue;
        if (const auto at = parse_event_time(field.value, hints)) best = rank, found = at;
    }
    return found;
}

std::optional<Instant> time_of(const Event& event, const TimeHints& hints) { return EventTimes::shipped().time_of(event, hints); }

}  // namespace madang::security
