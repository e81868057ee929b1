#include "registers/definition.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "base/id.h"
#include "base/text.h"
#include "base/time_text.h"

namespace madang::registers {
namespace {

constexpr std::array<std::pair<FieldType, std::string_view>, 6> kTypes{{{FieldType::text, "text"},
                                                                       {FieldType::texts, "texts"},
                                                                       {FieldType::date, "date"},
                                                                       {FieldType::integer, "integer"},
                                                                       {FieldType::boolean, "boolean"},
                                                                       {FieldType::id, "id"}}};

constexpr std::size_t kMaxBytes = 256U << 10;
constexpr std::size_t kMaxDepth = 12;
constexpr std::size_t kMaxKinds = 50;
constexpr std::size_t kMaxFields = 200;
constexpr std::size_t kMaxId = 40;
constexpr std::size_t kMaxText = 400;
constexpr std::int64_t kMaxLength = 10'000;
constexpr std::size_t kMaxLanguages = 20;

struct UuidTag;

std::unexpected<Error> wrong(std::string_view where, std::string_view what) {
    return fail(Code::invalid, format("{}: {}", where, what));
}

Result<std::string> id_at(const json::object& object, std::string_view where) {
    TRY(const std::string id, string_at(object, "id", where));
    const bool plain = std::all_of(id.begin(), id.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
    if (id.empty() || id.size() > kMaxId || !plain || id.front() < 'a') {
        return wrong(where, format("an id has 1 to {} letters a to z, digits and \"_\", a letter first", kMaxId));
    }
    return id;
}

Result<std::string> text_at(const json::object& object, std::string_view key, std::string_view where) {
    TRY(const std::string text, string_at(object, key, where));
    TRY(const std::string tidied, within(tidy_line(text), where));
    if (tidied.empty() || tidied.size() > kMaxText) return wrong(where, format("\"{}\" has 1 to {} bytes", key, kMaxText));
    return tidied;
}

Result<bool> flag_at(const json::object& object, std::string_view key, bool fallback, std::string_view where) {
    if (!object.contains(key)) return fallback;
    return bool_at(object, key, where);
}

Result<Field> parse_field(const json::value& value, const std::string& where) {
    const auto* object = value.if_object();
    if (object == nullptr) return wrong(where, "a field is an object");
    TRY_DO(check_keys(*object, {"id", "type", "required", "indexed", "max_length"}, where));
    Field field;
    TRY(field.id, id_at(*object, where));
    TRY(const std::string word, string_at(*object, "type", where));
    const auto type = std::find_if(kTypes.begin(), kTypes.end(), [&](const auto& one) { return one.second == word; });
    if (type == kTypes.end()) return wrong(where, "\"type\" is one of text, texts, date, integer, boolean, id");
    field.type = type->first;
    TRY(field.required, flag_at(*object, "required", false, where));
    TRY(field.indexed, flag_at(*object, "indexed", false, where));
    if (field.indexed && field.type == FieldType::boolean) return wrong(where, "a field that is true or false is not searched for");
    if (object->contains("max_length")) {
        const bool is_text = field.type == FieldType::text || field.type == FieldType::texts;
        if (!is_text) return wrong(where, "only texts have a \"max_length\"");
        TRY(const std::int64_t length, integer_at(*object, "max_length", where));
        if (length < 1 || length > kMaxLength) return wrong(where, format("\"max_length\" is 1 to {}", kMaxLength));
        field.max_length = static_cast<std::size_t>(length);
    }
    return field;
}

Result<RecordKind> parse_kind(const json::value& value, const std::string& where) {
    const auto* object = value.if_object();
    if (object == nullptr) return wrong(where, "a kind of record is an object");
    TRY_DO(check_keys(*object, {"id", "fields"}, where));
    RecordKind kind;
    TRY(kind.id, id_at(*object, where));
    TRY(const json::array fields, array_at(*object, "fields", where));
    if (fields.empty() || fields.size() > kMaxFields) return wrong(where, format("\"fields\" has 1 to {} entries", kMaxFields));
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const std::string place = format("{}.fields[{}]", where, i);
        TRY(Field field, parse_field(fields[i], place));
        if (kind.find_field(field.id) != nullptr) return wrong(place, format("the field {} stands twice", field.id));
        kind.fields.push_back(std::move(field));
    }
    return kind;
}

Result<std::string> checked_text(const json::value& value, std::size_t max_length, std::string_view where) {
    if (!value.is_string()) return wrong(where, "a text is expected");
    const std::string_view text = value.get_string();
    if (text.size() > max_length * 4) return wrong(where, format("the text has more than {} characters", max_length));
    const auto tidied = tidy_line(text);
    if (!tidied) return wrong(where, "the text has characters that cannot be kept");
    if (count_code_points(*tidied) > max_length) return wrong(where, format("the text has more than {} characters", max_length));
    return *tidied;
}

Result<json::value> checked_value(const Field& field, const json::value& value, const std::string& where) {
    switch (field.type) {
        case FieldType::text: {
            TRY(const std::string text, checked_text(value, field.max_length, where));
            return json::value(text);
        }
        case FieldType::texts: {
            const auto* object = value.if_object();
            if (object == nullptr || object->size() > kMaxLanguages) return wrong(where, "a text for each language is expected");
            json::object texts;
            for (const auto& member : *object) {
                if (member.key().size() < 2 || member.key().size() > 35) return wrong(where, "a language is a tag such as \"be\"");
                TRY(const std::string text, checked_text(member.value(), field.max_length, where));
                texts[member.key()] = text;
            }
            return json::value(texts);
        }
        case FieldType::date:
            if (!value.is_string() || !parse_date(value.get_string())) return wrong(where, "a date is written \"2026-11-23\"");
            return value;
        case FieldType::integer:
            if (value.is_uint64()) return wrong(where, "the number is too large");
            if (!value.is_int64()) return wrong(where, "a whole number is expected");
            return value;
        case FieldType::boolean:
            if (!value.is_bool()) return wrong(where, "true or false is expected");
            return value;
        case FieldType::id:
            if (!value.is_string() || !Id<UuidTag>::parse(value.get_string())) return wrong(where, "an id is expected");
            return value;
    }
    MADANG_CHECK(false);
}

bool is_empty(const json::value& value) {
    if (value.is_null()) return true;
    if (const auto* text = value.if_string()) return text->empty();
    const auto* object = value.if_object();
    return object != nullptr && object->empty();
}

}  // namespace

std::string_view name_of(FieldType type) {
    for (const auto& [value, name] : kTypes) {
        if (value == type) return name;
    }
    MADANG_CHECK(false);
}

const Field* RecordKind::find_field(std::string_view field) const {
    for (const Field& one : fields) {
        if (one.id == field) return &one;
    }
    return nullptr;
}

const RecordKind* Definition::find_kind(std::string_view kind) const {
    for (const RecordKind& one : kinds) {
        if (one.id == kind) return &one;
    }
    return nullptr;
}

Result<Definition> parse_definition(std::string_view text, std::string_view name) {
    TRY(const json::value value, within(parse_json(text, {.bytes = kMaxBytes, .depth = kMaxDepth}), name));
    const auto* root = value.if_object();
    if (root == nullptr) return wrong(name, "an object is expected");
    TRY_DO(check_keys(*root, {"id", "name", "holder", "legal_basis", "personal", "records"}, name));
    Definition definition;
    TRY(definition.id, id_at(*root, name));
    TRY(definition.name, text_at(*root, "name", name));
    TRY(definition.holder, text_at(*root, "holder", name));
    TRY(definition.legal_basis, text_at(*root, "legal_basis", name));
    TRY(definition.personal, bool_at(*root, "personal", name));
    TRY(const json::array kinds, array_at(*root, "records", name));
    if (kinds.empty() || kinds.size() > kMaxKinds) return wrong(name, format("\"records\" has 1 to {} entries", kMaxKinds));
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        const std::string place = format("{}: records[{}]", name, i);
        TRY(RecordKind kind, parse_kind(kinds[i], place));
        if (definition.find_kind(kind.id) != nullptr) return wrong(place, format("the kind {} stands twice", kind.id));
        definition.kinds.push_back(std::move(kind));
    }
    return definition;
}

Result<json::object> check_data(const RecordKind& kind, const json::object& data) {
    for (const auto& member : data) {
        if (kind.find_field(member.key()) == nullptr) {
            return wrong(kind.id, format("there is no field \"{}\"", std::string_view(member.key())));
        }
    }
    json::object checked;
    for (const Field& field : kind.fields) {
        const std::string where = format("{}.{}", kind.id, field.id);
        const auto* value = data.if_contains(field.id);
        if (value == nullptr || is_empty(*value)) {
            if (field.required) return wrong(where, "the field is missing");
            continue;
        }
        TRY(json::value kept, checked_value(field, *value, where));
        if (is_empty(kept)) {
            if (field.required) return wrong(where, "the field is missing");
            continue;
        }
        checked[field.id] = std::move(kept);
    }
    return checked;
}

}  // namespace madang::registers
