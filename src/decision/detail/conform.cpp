// Whether a value is of a type of the model, clause 7.3.3, with the conversions of clause 10.3.2.9.4.
#include <algorithm>

#include "base/text.h"
#include "decision/detail/model.h"
#include "feel/detail/evaluation.h"

namespace madang::decision {
namespace {

constexpr int kMaxDepth = 30;   // of types that name types

feel::Value misfit(const feel::Value& value, std::string_view type) {
    return feel::Value::null(madang::format("{} where the type \"{}\" is asked for", feel::type_name(value), type));
}

std::string_view plain(std::string_view type) {
    // "feel:string" in older files.
    const std::size_t colon = type.find(':');
    if (colon != std::string_view::npos) type.remove_prefix(colon + 1);
    if (type == "dateTime") return "date and time";
    if (type == "dayTimeDuration") return "days and time duration";
    if (type == "yearMonthDuration") return "years and months duration";
    return type;
}

bool is_built_in(std::string_view type) {
    static constexpr std::string_view kAll[] = {"number", "string", "boolean", "date", "time", "date and time", "days and time duration",
                                                "years and months duration", "list", "context", "range", "function"};
    return std::ranges::find(kAll, type) != std::end(kAll);
}

feel::Value fit_item(const Model& model, const feel::Value& value, const ItemType& type, int depth);

feel::Value fit_named(const Model& model, const feel::Value& value, std::string_view name, int depth) {
    const std::string_view type = plain(name);
    if (type.empty() || type == "Any" || depth > kMaxDepth) return value;
    if (const auto found = model.types.find(name); found != model.types.end()) return fit_item(model, value, found->second, depth + 1);
    if (!is_built_in(type)) return value;
    if (value.is_null()) return value;
    if (feel::type_name(value) == type) return value;
    if (type == "list") return feel::Value(feel::List{value});
    if (value.list() != nullptr && value.list()->size() == 1 && value.list()->front().list() == nullptr) {
        return fit_named(model, value.list()->front(), name, depth + 1);
    }
    if (type == "date and time" && value.as<feel::CalendarDate>() != nullptr) {
        return feel::Value(feel::Value::Held(feel::DateTime{*value.as<feel::CalendarDate>(), feel::TimeOfDay{0, 0, {}}}));
    }
    return misfit(value, type);
}

feel::Value allowed_or_null(feel::Value value, const std::optional<feel::Expression>& tests, std::string_view type) {
    if (value.is_null() || !tests) return value;
    const feel::Value passed = feel::matches(*tests, value, {});
    const bool good = passed.as<bool>() != nullptr && *passed.as<bool>();
    return good ? value : feel::Value::null(madang::format("a value that \"{}\" does not allow", type));
}

// One item, not the collection.
feel::Value fit_single(const Model& model, const feel::Value& value, const ItemType& type, int depth) {
    if (type.is_function) return value.is_null() || value.function() != nullptr ? value : misfit(value, type.name);
    if (type.components.empty()) {
        return allowed_or_null(fit_named(model, value, type.base, depth + 1), type.allowed, type.name);
    }
    if (value.is_null()) return value;
    if (value.list() != nullptr && value.list()->size() == 1) return fit_single(model, value.list()->front(), type, depth + 1);
    const auto* context = value.context();
    if (context == nullptr) return misfit(value, type.name);
    feel::Context fitted = *context;
    for (const ItemType& component : type.components) {
        const feel::Value* part = context->find(component.name);
        if (part == nullptr) return feel::Value::null(madang::format("\"{}\" lacks \"{}\"", type.name, component.name));
        feel::Value one = fit_item(model, *part, component, depth + 1);
        if (one.is_null() && !part->is_null()) return one;
        fitted.set(component.name, std::move(one));
    }
    return allowed_or_null(feel::Value(std::move(fitted)), type.allowed, type.name);
}

feel::Value fit_item(const Model& model, const feel::Value& value, const ItemType& type, int depth) {
    if (depth > kMaxDepth) return value;
    if (!type.is_collection) return allowed_or_null(fit_single(model, value, type, depth), type.constraint, type.name);
    if (value.is_null()) return value;
    feel::List fitted;
    const feel::List items = value.list() == nullptr ? feel::List{value} : *value.list();
    for (const feel::Value& item : items) {
        feel::Value one = fit_single(model, item, type, depth);
        if (one.is_null() && !item.is_null()) return one;
        fitted.push_back(std::move(one));
    }
    return allowed_or_null(feel::Value(std::move(fitted)), type.constraint, type.name);
}

}  // namespace

feel::Value conform(const Model& model, const feel::Value& value, std::string_view type) { return fit_named(model, value, type, 0); }

const feel::Value& conform(const Model& model, const feel::Value& value, std::string_view type, feel::Value& out) {
    if (type.empty() || type == "Any") return value;
    if (feel::type_name(value) == type && !model.types.contains(type)) return value;
    return out = fit_named(model, value, type, 0);
}

namespace {

constexpr std::size_t kMaxTypeParts = 1000;   // of one type written out; beyond that a part is Any

feel::Type written_out(const Model& model, std::string_view name, std::size_t& parts, int depth);

feel::Type written_out(const Model& model, const ItemType& item, std::size_t& parts, int depth) {
    feel::Type made;
    if (++parts > kMaxTypeParts || depth > kMaxDepth) {
        made.name = "Any";
        return made;
    }
    if (item.is_function) {
        made.name = "function";
    } else if (!item.components.empty()) {
        made.name = "context";
        for (const ItemType& component : item.components) {
            made.fields.push_back(component.name);
            made.parts.push_back(written_out(model, component, parts, depth + 1));
        }
    } else {
        made = written_out(model, item.base, parts, depth + 1);
    }
    if (!item.is_collection) return made;
    feel::Type list;
    list.name = "list";
    list.parts.push_back(std::move(made));
    return list;
}

feel::Type written_out(const Model& model, std::string_view name, std::size_t& parts, int depth) {
    if (const auto found = model.types.find(name); found != model.types.end()) return written_out(model, found->second, parts, depth + 1);
    feel::Type made;
    made.name = name.empty() ? "Any" : std::string(plain(name));
    return made;
}

}  // namespace

// `instance of` does not ask for allowed values, so they are left out.
feel::Types types_of(const Model& model) {
    feel::Types types;
    for (const auto& [name, item] : model.types) {
        std::size_t parts = 0;
        types.by_name.emplace(name, written_out(model, item, parts, 0));
    }
    return types;
}

}  // namespace madang::decision
