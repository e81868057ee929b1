// What the fields of sources are called in the Elastic Common Schema (https://www.elastic.co/guide/en/ecs/8.17/), read from a file that
// an administrator can change. The fields keep their own names; these come beside them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "security/event.h"
#include "security/log_sources.h"
#include "security/spool.h"

namespace madang::security {

class EcsNames {
public:
    // Code::invalid with "NAME:LINE: why".
    static Result<EcsNames> read(std::string_view yaml, std::string_view name);
    // The file that comes with the program.
    static Result<EcsNames> shipped();

    // Nothing where the file has no name for it. Of entries that fit, the first that names the field counts.
    std::optional<std::string_view> name_of(std::string_view field, const LogOrigin& origin) const;
    // Adds each field that has a name here under that name too, but where the event has such a field already.
    void add_to(Event& event, const LogOrigin& origin) const;

private:
    struct Entry {
        LogOrigin origin;
        std::map<std::string, std::string, std::less<>> fields;
    };
    std::vector<Entry> entries_;
};

// The fields by their names; values of one name are an array. Names with dots stay as they are.
json::object as_json(const Event& event);

// An event as a document of ECS: "@timestamp", "event.original", each field under its ECS name, else under its own.
json::object ecs_document(const SpoolRecord& record, const Event& event, const EcsNames& names);

}  // namespace madang::security
