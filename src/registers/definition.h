// What a register holds, as data: its records, their fields, who keeps it and by what law.
// Format: docs/formats/register.md
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace madang::registers {

// `texts` is a text per language, {"be": "…", "ru": "…"}; `id` is a UUID that names another record.
enum class FieldType { text, texts, date, integer, boolean, id };
std::string_view name_of(FieldType type);

struct Field {
    std::string id;             // [a-z][a-z0-9_]*
    FieldType type = FieldType::text;
    bool required = false;
    bool indexed = false;       // can be searched for, through a keyed hash
    std::size_t max_length = 200;  // characters of a text
};

struct RecordKind {
    std::string id;             // "residence"
    std::vector<Field> fields;

    const Field* find_field(std::string_view field) const;
};

struct Definition {
    std::string id;             // "population"
    std::string name;           // source text
    std::string holder;         // code of the body that keeps it
    std::string legal_basis;
    bool personal = true;       // content is sealed under the key of the person it is about
    std::vector<RecordKind> kinds;

    const RecordKind* find_kind(std::string_view kind) const;
};

// `name` stands in messages. Code::invalid on an unknown key or type, an id that stands twice, no legal
// basis. At most 256 kB, 50 kinds, 200 fields each.
Result<Definition> parse_definition(std::string_view text, std::string_view name);

// The data as it will be kept: tidied texts, no unknown fields. Code::invalid names the field, never the
// value.
Result<json::object> check_data(const RecordKind& kind, const json::object& data);

}  // namespace madang::registers
