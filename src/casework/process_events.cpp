// BPMN messages and signals that come from outside to the processes of cases.
#include <algorithm>

#include "base/text.h"
#include "casework/case_repository.h"
#include "casework/casework.h"

namespace madang::casework {
namespace {

constexpr std::size_t kMaxEventName = 200;
constexpr std::size_t kMaxEventBytes = 64U << 10;     // of what is told, as JSON

Result<void> check_told(std::string_view name, const json::object& variables) {
    if (name.empty() || name.size() > kMaxEventName) return fail(Code::invalid, format("a message or signal has a name of 1 to {} bytes", kMaxEventName));
    if (json::serialize(variables).size() > kMaxEventBytes) return fail(Code::exhausted, format("what is told has at most {} bytes", kMaxEventBytes));
    return {};
}

}  // namespace

Result<void> Casework::tell_process(std::string_view body, std::string_view receipt, std::string_view message, const json::object& variables, std::string_view actor) {
    TRY_DO(check_told(message, variables));
    return parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(const auto row, find_by_receipt(tx, body, receipt));
        if (!row) return fail(Code::not_found, format("{} has no case {}", body, receipt));
        const catalogue::Service* service = parts_.pack.find_service(row->summary.service);
        if (service == nullptr) return fail(Code::not_found, "the pack has this service no more");
        if (!service->hears(process::TriggerKind::message, message)) return fail(Code::invalid, format("no step of \"{}\" waits for a message \"{}\"", service->id, message));
        if (is_closed(row->summary.status)) return fail(Code::conflict, "the case is closed");
        TRY_DO(parts_.engine.send_message(tx, message, row->summary.receipt, variables));
        return record(tx, row->summary, "process.told", std::string(actor), "operator", {{"message", message}});
    });
}

Result<std::size_t> Casework::signal_processes(std::string_view signal, const json::object& variables) {
    TRY_DO(check_told(signal, variables));
    const auto hears = std::ranges::count_if(parts_.pack.services, [&](const catalogue::Service& one) { return one.hears(process::TriggerKind::signal, signal); });
    if (hears == 0) return fail(Code::invalid, format("no step of a service waits for a signal \"{}\"", signal));
    TRY_DO(parts_.store.write([&](store::Tx& tx) { return parts_.engine.send_signal(tx, signal, variables); }));
    return static_cast<std::size_t>(hears);
}

}  // namespace madang::casework
