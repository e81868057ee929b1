// What the files of the engine share.
#pragma once

#include <optional>
#include <string>

#include "process/process_repository.h"

namespace madang::process {

struct NewInstance {
    InstanceId id = {};
    int version = 0;
    json::object variables = {};
    std::string business_key = {};
    std::string parent = {};                    // that called it
    std::int64_t parent_token = 0;
    std::optional<std::size_t> start = {};      // the event that starts it; nothing: the plain start
    json::object payload = {};                  // of that event
};

Result<void> start_instance(store::Tx& tx, const Definition& definition, NewInstance instance, Host& host, const Clock& clock, Random& random);
Result<InstanceRow> instance_of(store::Reader& reader, const InstanceId& id);
// Code::conflict where it has ended.
Result<InstanceRow> running_instance(store::Reader& reader, const InstanceId& id);

}  // namespace madang::process
