// Contexts (clause 10.3.4.11).
#include "feel/detail/builtins.h"

namespace madang::feel {
namespace {

Value get_value(const List& arguments, Evaluation&) {
    const auto* context = argument(arguments, 0).context();
    const auto* key = argument(arguments, 1).as<std::string>();
    if (context == nullptr || key == nullptr) return wrong("get value", "a context and a key");
    const Value* found = context->find(*key);
    return found == nullptr ? Value::null(format("the context has no \"{}\"", *key)) : *found;
}

Value get_entries(const List& arguments, Evaluation&) {
    const auto* context = argument(arguments, 0).context();
    if (context == nullptr) return wrong("get entries", "a context");
    List entries;
    for (const auto& [key, value] : context->entries()) {
        Context entry;
        entry.set("key", Value(key));
        entry.set("value", value);
        entries.emplace_back(std::move(entry));
    }
    return Value(std::move(entries));
}

Value make_context(const List& arguments, Evaluation&) {
    const Value& given = argument(arguments, 0);
    const List entries = given.list() == nullptr ? List{given} : *given.list();
    Context made;
    for (const Value& entry : entries) {
        const auto* one = entry.context();
        const Value* key = one == nullptr ? nullptr : one->find("key");
        const Value* value = one == nullptr ? nullptr : one->find("value");
        if (key == nullptr || value == nullptr || key->as<std::string>() == nullptr) return wrong("context", "entries with a key and a value");
        if (made.find(*key->as<std::string>()) != nullptr) return Value::null("two entries have the same key");
        made.set(*key->as<std::string>(), *value);
    }
    return Value(std::move(made));
}

Value put_at(const Value& target, const List& keys, std::size_t place, const Value& value) {
    const auto* key = keys[place].as<std::string>();
    const auto* context = target.context();
    if (key == nullptr || (context == nullptr && !target.is_null())) return wrong("context put", "a context and keys");
    Context made = context == nullptr ? Context() : *context;
    if (place + 1 == keys.size()) {
        made.set(*key, value);
        return Value(std::move(made));
    }
    const Value* below = made.find(*key);
    if (below == nullptr || below->context() == nullptr) return wrong("context put", "keys that lead through contexts");
    Value inner = put_at(*below, keys, place + 1, value);
    if (inner.is_null()) return inner;
    made.set(*key, std::move(inner));
    return Value(std::move(made));
}

Value context_put(const List& arguments, Evaluation&) {
    const Value& keys = argument(arguments, 1);
    if (argument(arguments, 0).context() == nullptr) return wrong("context put", "a context");
    const List path = keys.list() == nullptr ? List{keys} : *keys.list();
    if (path.empty() || path.size() > 100) return wrong("context put", "a key");
    return put_at(arguments[0], path, 0, argument(arguments, 2));
}

Value context_merge(const List& arguments, Evaluation&) {
    const Value& given = argument(arguments, 0);
    const List contexts = given.list() == nullptr ? List{given} : *given.list();
    Context made;
    for (const Value& one : contexts) {
        if (one.context() == nullptr) return wrong("context merge", "contexts");
        for (const auto& [key, value] : one.context()->entries()) made.set(key, value);
    }
    return Value(std::move(made));
}

}  // namespace

std::span<const Builtin> context_builtins() {
    static const std::vector<Builtin> all{
        {"get value", {{"m", "key"}}, 2, 2, get_value},
        {"get entries", {{"m"}}, 1, 1, get_entries},
        {"context", {{"entries"}}, 1, 1, make_context},
        {"context put", {{"context", "key", "value"}, {"context", "keys", "value"}}, 3, 3, context_put, {"key"}},
        {"context merge", {{"contexts"}}, 1, 1, context_merge},
    };
    return all;
}

}  // namespace madang::feel
