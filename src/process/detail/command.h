// What the files of the engine share.
#pragma once

#include <optional>
#include <string>

#include "base/text.h"
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

// For commands that run nothing.
class NoHost final : public Host {
public:
    Result<Outcome> run_service(store::Tx&, std::string_view operation, const json::object&) override {
        return fail(Code::invalid, format("nothing does \"{}\" here", operation));
    }
    Result<Outcome> decide(std::string_view decision, const json::object&) override { return fail(Code::invalid, format("nothing decides \"{}\" here", decision)); }
};

Result<void> start_instance(store::Tx& tx, const Definition& definition, NewInstance instance, Host& host, const Clock& clock, Random& random);
Result<InstanceRow> instance_of(store::Reader& reader, const InstanceId& id);
std::string trigger_text(const Node& node, std::size_t trigger);
// A person's reason, which stays in the history as a step of the instance.
Result<void> check_reason(std::string_view reason);
Result<void> record_repair(store::Tx& tx, const InstanceId& instance, std::string_view what, std::string_view reason, Instant now);
// Code::conflict where it has ended.
Result<InstanceRow> running_instance(store::Reader& reader, const InstanceId& id);

}  // namespace madang::process
