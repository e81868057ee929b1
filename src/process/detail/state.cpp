#include "process/detail/state.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace madang::process {
namespace {

constexpr std::array<std::string_view, 8> kAt{"join", "task", "event", "scope", "call", "body", "compensation", "data"};

// Writes what differs from a fresh value only.
void put(json::object& object, std::string_view key, std::int64_t value) {
    if (value != 0) object[key] = value;
}
void put(json::object& object, std::string_view key, const std::string& value) {
    if (!value.empty()) object[key] = value;
}
void put(json::object& object, std::string_view key, const json::object& value) {
    if (!value.empty()) object[key] = value;
}
void put(json::object& object, std::string_view key, const json::array& value) {
    if (!value.empty()) object[key] = value;
}

class Writer {
public:
    explicit Writer(const Definition& definition) : definition_(definition) {}

    json::value node(std::size_t place) const { return json::value(definition_.nodes[place].id); }
    json::array flows(const std::vector<std::size_t>& places) const {
        json::array list;
        for (const std::size_t place : places) list.emplace_back(definition_.flows[place].id);
        return list;
    }
    json::array compensables(const std::vector<Compensable>& list) const {
        json::array written;
        for (const Compensable& one : list) {
            json::object object;
            object["node"] = node(one.node);
            put(object, "variables", one.variables);
            put(object, "inner", compensables(one.inner));
            written.push_back(std::move(object));
        }
        return written;
    }
    json::object token(const Token& token) const {
        json::object object;
        object["n"] = token.number;
        object["node"] = node(token.node);
        object["at"] = kAt.at(static_cast<std::size_t>(token.at));
        put(object, "scope", token.scope);
        put(object, "outer", token.outer);
        put(object, "job", token.job);
        if (token.flow) object["flow"] = definition_.flows[*token.flow].id;
        put(object, "local", token.local);
        put(object, "child", token.child);
        put(object, "total", token.total);
        put(object, "started", token.started);
        put(object, "completed", token.completed);
        put(object, "terminated", token.terminated);
        put(object, "items", token.items);
        put(object, "results", token.results);
        put(object, "left", compensables(token.left));
        put(object, "target", token.target);
        put(object, "cancels", std::int64_t{token.cancels});
        put(object, "stays", std::int64_t{!token.leaves});
        return object;
    }
    json::object scope(const ScopeState& scope) const {
        json::object object;
        object["n"] = scope.number;
        if (const auto& at = definition_.scopes[scope.scope].node) object["node"] = node(*at);
        put(object, "parent", scope.parent);
        put(object, "token", scope.token);
        put(object, "job", scope.job);
        if (scope.number != 0) put(object, "variables", scope.variables);   // those of the process have a column
        put(object, "completed", compensables(scope.completed));
        json::array pending;
        for (const std::size_t place : scope.pending) pending.push_back(node(place));
        put(object, "pending", pending);
        put(object, "done", std::int64_t{scope.done});
        json::array resets;
        for (const auto& reset : scope.resets) {
            json::object one;
            one["node"] = node(reset.node);
            one["taken"] = flows(reset.taken);
            resets.push_back(std::move(one));
        }
        put(object, "resets", resets);
        return object;
    }
    json::object subscription(const Subscription& one) const {
        json::object object;
        object["n"] = one.number;
        object["node"] = node(one.node);
        put(object, "token", one.token);
        put(object, "scope", one.scope);
        put(object, "trigger", static_cast<std::int64_t>(one.trigger));
        put(object, "name", one.name);
        put(object, "key", one.key);
        if (one.due) object["due"] = one.due->time_since_epoch().count();
        put(object, "repeats", one.repeats);
        put(object, "interval", one.interval);
        put(object, "held", std::int64_t{one.held});
        put(object, "spent", std::int64_t{one.spent});
        put(object, "payload", one.payload);
        return object;
    }

private:
    const Definition& definition_;
};

// The store may hold what we did not write: another type reads as nothing.
const json::object& object_of(const json::value& value) {
    static const json::object kNone;
    const json::object* object = value.if_object();
    return object == nullptr ? kNone : *object;
}
std::string string_of(const json::value& value) {
    const json::string* text = value.if_string();
    return text == nullptr ? std::string() : std::string(*text);
}

class Loader {
public:
    explicit Loader(const Definition& definition) : definition_(definition) {}

    Result<State> read(const json::object& object) {
        State state;
        state.next_number = integer(object, "next");
        for (const json::value& value : list(object, "tokens")) {
            TRY(Token one, token(object_of(value)));
            state.tokens.push_back(std::move(one));
        }
        for (const json::value& value : list(object, "scopes")) {
            TRY(ScopeState one, scope(object_of(value)));
            state.scopes.push_back(std::move(one));
        }
        for (const json::value& value : list(object, "waits")) {
            TRY(Subscription one, subscription(object_of(value)));
            state.subscriptions.push_back(std::move(one));
        }
        if (state.scopes.empty()) return fail(Code::corrupted, "the state of a process has no scope");
        return state;
    }

private:
    static std::int64_t integer(const json::object& object, std::string_view key) {
        const json::value* value = object.if_contains(key);
        return value != nullptr && value->is_int64() ? value->get_int64() : 0;
    }
    static std::string text(const json::object& object, std::string_view key) { return string_or(object, key, ""); }
    static json::object members(const json::object& object, std::string_view key) {
        const json::value* value = object.if_contains(key);
        return value != nullptr && value->is_object() ? value->get_object() : json::object();
    }
    static json::array list(const json::object& object, std::string_view key) {
        const json::value* value = object.if_contains(key);
        return value != nullptr && value->is_array() ? value->get_array() : json::array();
    }
    Result<std::size_t> node_of(std::string_view id) const {
        if (const auto place = definition_.place_of(id)) return *place;
        return fail(Code::conflict, format("it stands at node \"{}\", which version {} of \"{}\" does not have", id, definition_.version, definition_.id));
    }
    Result<std::size_t> flow_of(std::string_view id) const {
        const auto found = std::ranges::find(definition_.flows, id, &Flow::id);
        if (found != definition_.flows.end()) return static_cast<std::size_t>(found - definition_.flows.begin());
        return fail(Code::conflict, format("it waits on flow \"{}\", which version {} of \"{}\" does not have", id, definition_.version, definition_.id));
    }
    Result<std::vector<Compensable>> compensables(const json::array& array) const {
        std::vector<Compensable> read;
        for (const json::value& value : array) {
            const json::object& object = object_of(value);
            Compensable one;
            TRY(one.node, node_of(text(object, "node")));
            one.variables = members(object, "variables");
            TRY(one.inner, compensables(list(object, "inner")));
            read.push_back(std::move(one));
        }
        return read;
    }
    Result<Token> token(const json::object& object) const {
        Token token;
        token.number = integer(object, "n");
        TRY(token.node, node_of(text(object, "node")));
        const auto at = std::ranges::find(kAt, text(object, "at"));
        if (at == kAt.end()) return fail(Code::corrupted, "a token stands nowhere");
        token.at = static_cast<Token::At>(at - kAt.begin());
        token.scope = integer(object, "scope");
        token.outer = integer(object, "outer");
        token.job = integer(object, "job");
        if (const std::string flow = text(object, "flow"); !flow.empty()) {
            TRY(token.flow, flow_of(flow));
        }
        token.local = members(object, "local");
        token.child = text(object, "child");
        token.total = integer(object, "total");
        token.started = integer(object, "started");
        token.completed = integer(object, "completed");
        token.terminated = integer(object, "terminated");
        token.items = list(object, "items");
        token.results = list(object, "results");
        TRY(token.left, compensables(list(object, "left")));
        token.target = integer(object, "target");
        token.cancels = integer(object, "cancels") != 0;
        token.leaves = integer(object, "stays") == 0;
        return token;
    }
    Result<ScopeState> scope(const json::object& object) const {
        ScopeState scope;
        scope.number = integer(object, "n");
        if (const std::string node = text(object, "node"); !node.empty()) {
            TRY(const std::size_t place, node_of(node));
            if (!definition_.nodes[place].inner) return fail(Code::conflict, format("\"{}\" is no sub-process any more", node));
            scope.scope = *definition_.nodes[place].inner;
        }
        scope.parent = integer(object, "parent");
        scope.token = integer(object, "token");
        scope.job = integer(object, "job");
        scope.variables = members(object, "variables");
        TRY(scope.completed, compensables(list(object, "completed")));
        for (const json::value& pending : list(object, "pending")) {
            TRY(const std::size_t place, node_of(string_of(pending)));
            scope.pending.push_back(place);
        }
        scope.done = integer(object, "done") != 0;
        for (const json::value& value : list(object, "resets")) {
            ScopeState::Reset reset;
            TRY(reset.node, node_of(text(object_of(value), "node")));
            for (const json::value& taken : list(object_of(value), "taken")) {
                TRY(const std::size_t flow, flow_of(string_of(taken)));
                reset.taken.push_back(flow);
            }
            scope.resets.push_back(std::move(reset));
        }
        return scope;
    }
    Result<Subscription> subscription(const json::object& object) const {
        Subscription one;
        one.number = integer(object, "n");
        TRY(one.node, node_of(text(object, "node")));
        one.token = integer(object, "token");
        one.scope = integer(object, "scope");
        one.trigger = static_cast<std::size_t>(integer(object, "trigger"));
        if (one.trigger >= definition_.nodes[one.node].triggers.size()) {
            return fail(Code::conflict, format("the event \"{}\" has fewer triggers now", definition_.nodes[one.node].id));
        }
        one.name = text(object, "name");
        one.is_signal = definition_.nodes[one.node].triggers[one.trigger].kind == TriggerKind::signal;
        one.key = text(object, "key");
        if (object.contains("due")) one.due = Instant(std::chrono::microseconds(integer(object, "due")));
        one.repeats = integer(object, "repeats");
        one.interval = text(object, "interval");
        one.held = integer(object, "held") != 0;
        one.spent = integer(object, "spent") != 0;
        one.payload = members(object, "payload");
        return one;
    }

    const Definition& definition_;
};

}  // namespace

std::vector<std::int64_t> at_user_tasks(const State& state, const Definition& definition) {
    std::vector<std::int64_t> found;
    for (const Token& token : state.tokens) {
        if (definition.nodes[token.node].kind == NodeKind::user_task) found.push_back(token.number);
    }
    return found;
}

std::set<std::int64_t> holders_of(const State& state, std::vector<std::int64_t> tokens) {
    std::set<std::int64_t> hold;
    while (!tokens.empty()) {
        const std::int64_t number = tokens.back();
        tokens.pop_back();
        const auto token = std::ranges::find(state.tokens, number, &Token::number);
        if (token == state.tokens.end() || !hold.insert(number).second) continue;
        tokens.insert(tokens.end(), {token->outer, token->job});
        const auto scope_of = [&](std::int64_t scope) { return std::ranges::find(state.scopes, scope, &ScopeState::number); };
        for (auto scope = scope_of(token->scope); scope != state.scopes.end() && scope->number != 0; scope = scope_of(scope->parent)) {
            tokens.insert(tokens.end(), {scope->token, scope->job});
        }
    }
    return hold;
}

json::object to_json(const State& state, const Definition& definition) {
    const Writer writer(definition);
    json::array tokens;
    json::array scopes;
    json::array waits;
    for (const Token& one : state.tokens) tokens.push_back(writer.token(one));
    for (const ScopeState& one : state.scopes) scopes.push_back(writer.scope(one));
    for (const Subscription& one : state.subscriptions) waits.push_back(writer.subscription(one));
    json::object object;
    object["next"] = state.next_number;
    put(object, "tokens", tokens);
    object["scopes"] = std::move(scopes);
    put(object, "waits", waits);
    return object;
}

Result<State> state_from_json(const json::object& object, const Definition& definition) {
    return Loader(definition).read(object);
}

}  // namespace madang::process
