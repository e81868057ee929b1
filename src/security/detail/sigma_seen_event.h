// An event as the slow evaluator asks for it, for tests and fuzz targets.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "security/detail/sigma_number.h"
#include "security/event.h"
#include "security/sigma_event.h"

namespace madang::security {

class SeenEvent final : public SigmaEvent {
public:
    explicit SeenEvent(const Event& event) : line_(event.line()) {
        for (const EventField& field : event.fields()) {
            const std::string_view text = field.number ? std::string_view(numbers_.emplace_back(spell_json_number(field.value))) : field.value;
            fields_[std::string(field.name)].push_back(field.null ? EventScalar(nullptr) : EventScalar(text));
        }
    }
    std::optional<std::span<const EventScalar>> find(std::string_view field) const override {
        const auto found = fields_.find(field);
        if (found == fields_.end()) return std::nullopt;
        return std::span<const EventScalar>(found->second);
    }
    void for_each_text(const std::function<bool(std::string_view)>& receive) const override {
        for (const auto& [name, values] : fields_) {
            for (const EventScalar& value : values) {
                const auto* text = std::get_if<std::string_view>(&value);
                if (text != nullptr && !receive(*text)) return;
            }
        }
        if (!line_.empty()) static_cast<void>(receive(line_));
    }

private:
    std::map<std::string, std::vector<EventScalar>, std::less<>> fields_;
    std::deque<std::string> numbers_;
    std::string_view line_;
};

}  // namespace madang::security
