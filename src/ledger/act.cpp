#include "ledger/act.h"

#include "base/text.h"
#include "base/time_text.h"

namespace madang::ledger {

json::object to_json(const Act& act) {
    return {{"id", act.id.text()},     {"kind", act.kind},       {"at", format_instant(act.at)},
            {"actor", act.actor},      {"capacity", act.capacity}, {"body", act.body},
            {"subject", act.subject},  {"legal_ground", act.legal_ground}, {"details", act.details}};
}

Result<Act> parse_act(const json::value& value) {
    const auto* object = value.if_object();
    if (object == nullptr || object->size() != 9) return fail(Code::invalid, "an act is an object of nine members");
    Act act;
    TRY(const std::string id, string_at(*object, "id", "act"));
    TRY(act.id, within(ActId::parse(id), "act, id"));
    TRY(act.kind, string_at(*object, "kind", "act"));
    TRY(const std::string at, string_at(*object, "at", "act"));
    TRY(act.at, within(parse_instant(at), "act, at"));
    TRY(act.actor, string_at(*object, "actor", "act"));
    TRY(act.capacity, string_at(*object, "capacity", "act"));
    TRY(act.body, string_at(*object, "body", "act"));
    TRY(act.subject, string_at(*object, "subject", "act"));
    TRY(act.legal_ground, string_at(*object, "legal_ground", "act"));
    TRY(act.details, object_at(*object, "details", "act"));
    return act;
}

std::string canonical_act(const Act& act) { return canonical_json(to_json(act)); }

crypto::Hash commitment(const Salt& salt, std::string_view canonical) {
    thread_local Bytes buffer;
    buffer.assign(salt.begin(), salt.end());
    const ByteSpan text = as_bytes(canonical);
    buffer.insert(buffer.end(), text.begin(), text.end());
    return crypto::sha256(buffer);
}

std::string format_entry(const crypto::Hash& hash) { return "madang-act-v1\n" + base64(hash) + "\n"; }

}  // namespace madang::ledger
