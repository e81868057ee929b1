#include "registers/definition.h"

#include <array>
#include <utility>

#include "base/check.h"

namespace madang::registers {
namespace {

constexpr std::array<std::pair<FieldType, std::string_view>, 6> kTypes{{{FieldType::text, "text"},
                                                                       {FieldType::texts, "texts"},
                                                                       {FieldType::date, "date"},
                                                                       {FieldType::integer, "integer"},
                                                                       {FieldType::boolean, "boolean"},
                                                                       {FieldType::id, "id"}}};

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

}  // namespace madang::registers
