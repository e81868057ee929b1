#include "security/event.h"

#include <algorithm>

namespace madang::security {

void Event::clear() {
    texts_.clear();
    line_.clear();
    places_.clear();
}

bool Event::begin(std::string_view name) {
    if (places_.size() >= kMaxEventFields || name.size() > kMaxEventFieldName || texts_.size() >= kMaxEventBytes) return false;
    places_.push_back({texts_.size(), texts_.size() + name.size(), 0, Value::text});
    texts_ += name;
    return true;
}

bool Event::finish(Value kind) {
    Place& place = places_.back();
    if (texts_.size() > kMaxEventBytes) {
        texts_.resize(place.name);
        places_.pop_back();
        return false;
    }
    place.end = texts_.size();
    place.kind = kind;
    return true;
}

bool Event::add(std::string_view name, std::string_view value, Value kind) {
    if (value.size() > kMaxEventBytes || !begin(name)) return false;
    texts_ += value;
    return finish(kind);
}

EventField Event::at(std::size_t index) const {
    const Place& place = places_.at(index);
    const std::string_view texts = texts_;
    return {texts.substr(place.name, place.value - place.name), texts.substr(place.value, place.end - place.value), place.kind == Value::null, place.kind == Value::number};
}

std::optional<EventField> Event::find(std::string_view name) const {
    for (std::size_t i = 0; i < places_.size(); ++i) {
        const EventField field = at(i);
        if (field.name == name) return field;
    }
    return std::nullopt;
}

std::vector<EventField> Event::fields() const {
    std::vector<EventField> fields;
    fields.reserve(places_.size());
    for (std::size_t i = 0; i < places_.size(); ++i) fields.push_back(at(i));
    return fields;
}

}  // namespace madang::security
