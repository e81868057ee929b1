// An event out of JSON text, for tests: numbers, texts, truth values, null, and arrays of these.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/json.h"
#include "security/sigma_event.h"

namespace madang::security {

class FakeEvent : public SigmaEvent {
public:
    FakeEvent() = default;
    explicit FakeEvent(std::string_view json) {
        const auto read = parse_json(json);
        MADANG_CHECK(read.has_value());
        for (const auto& [name, value] : read->as_object()) {
            std::vector<EventScalar>& values = fields_[std::string(name)];
            if (!value.is_array()) {
                values.push_back(scalar(value));
                continue;
            }
            for (const auto& one : value.as_array()) values.push_back(scalar(one));
        }
    }
    FakeEvent(const FakeEvent&) = delete;
    FakeEvent& operator=(const FakeEvent&) = delete;

    void add(const std::string& field, std::string_view text) { fields_[field].emplace_back(keep(text)); }
    void add(const std::string& field, std::int64_t number) { fields_[field].emplace_back(number); }
    void add_null(const std::string& field) { fields_[field].emplace_back(nullptr); }

    std::optional<std::span<const EventScalar>> find(std::string_view field) const override {
        const auto found = fields_.find(field);
        if (found == fields_.end()) return std::nullopt;
        return std::span<const EventScalar>(found->second);
    }

    void for_each_text(const std::function<bool(std::string_view)>& receive) const override {
        std::string storage;
        for (const auto& [name, values] : fields_) {
            for (const EventScalar& value : values) {
                const auto text = text_of(value, storage);
                if (text && !receive(*text)) return;
            }
        }
    }

private:
    std::string_view keep(std::string_view text) { return texts_.emplace_back(text); }

    EventScalar scalar(const json::value& value) {
        if (value.is_bool()) return value.as_bool();
        if (value.is_int64()) return value.as_int64();
        if (value.is_uint64()) return value.as_uint64();
        if (value.is_double()) return value.as_double();
        if (value.is_string()) return keep(value.as_string());
        return nullptr;
    }

    std::map<std::string, std::vector<EventScalar>, std::less<>> fields_;
    std::deque<std::string> texts_;  // whose places do not move
};

}  // namespace madang::security
