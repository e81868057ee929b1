// The shapes of what the routes answer, as JSON Schema (2020-12), written short: a type is text, integer, number, boolean,
// date, instant, any, object (keys of its own), a|b (one of these words), Name (another shape), [T] a list, {T} a map from
// texts to T, T? (or null). A member "name?" may be absent.
#pragma once

#include <string_view>
#include <vector>

#include "base/json.h"

namespace madang::api {

struct Member {
    const char* name;
    const char* type;
    const char* says = "";
};

struct Shape {
    const char* name;
    const char* says;
    std::vector<Member> members;
};

// components/schemas of the description.
json::object schemas();
// A type as a schema. Of a type that cannot be read only a bug makes one.
json::value schema_of(std::string_view type);
json::object object_schema(const std::vector<Member>& members);

// The type that an operation answers as JSON, by its id; empty where none is listed.
std::string_view answer_of(std::string_view operation_id);

}  // namespace madang::api
