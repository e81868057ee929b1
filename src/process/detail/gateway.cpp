// What gateways share: which flows hold a token, and where no token can come any more. BPMN 2.0.2 clause 13.4.
#include <algorithm>

#include "base/text.h"
#include "process/detail/run.h"

namespace madang::process {

// A flow without a condition is always taken. What is neither true nor false is an error, not a no.
Result<bool> Run::holds(const Node& at, std::size_t flow, const feel::Context& variables) {
    const auto& condition = definition_.flows[flow].condition;
    if (!condition) return true;
    return is_true(*condition, variables, at, format("the condition of flow \"{}\"", definition_.flows[flow].id));
}

void Run::take_one_of_each(const Node& at, std::int64_t scope) {
    for (const std::size_t flow : at.incoming) {
        const auto first = std::ranges::find_if(state_.tokens, [&](const Token& token) { return token.scope == scope && token.at == Token::At::join && token.flow == flow; });
        if (first != state_.tokens.end()) remove_token(first->number);
    }
}

std::vector<bool> Run::held_flows(std::int64_t scope) const { return marking(scope).flows; }

Marking Run::marking(std::int64_t scope) const {
    Marking marking{std::vector<bool>(definition_.flows.size()), std::vector<bool>(definition_.nodes.size())};
    for (const Token& token : state_.tokens) {
        if (token.scope != scope) continue;
        if (token.at == Token::At::join && token.flow) marking.flows[*token.flow] = true;
        else marking.nodes[token.node] = true;
    }
    for (const Move& move : throwing_) {
        if (move.scope == scope) marking.nodes[move.node] = true;
    }
    return marking;
}

// A token whose event or answer was dismissed never goes on by itself, whatever else happens.
std::string Run::waits_in_vain() const {
    for (const Token& token : state_.tokens) {
        if (token.at != Token::At::event && (token.at != Token::At::call || !token.child.empty())) continue;
        const bool awaited = std::ranges::find(state_.subscriptions, token.number, &Subscription::token) != state_.subscriptions.end();
        if (awaited) continue;
        if (token.at == Token::At::event) return where(node(token.node)) + ": what it waits for was dismissed; skip it, or begin elsewhere";
        return where(node(token.node)) + ": what it called does not answer; skip it, or begin elsewhere";
    }
    return {};
}

// Where every token of a scope waits at a join, none will ever go on, unless an event sub-process begins.
std::string Run::stuck() const {
    if (std::string dismissed = waits_in_vain(); !dismissed.empty()) return dismissed;
    if (!state_.subscriptions.empty() || state_.tokens.empty()) return {};
    const auto waits_outside = [](const Token& token) { return token.at == Token::At::task || token.at == Token::At::call; };
    if (std::ranges::any_of(state_.tokens, waits_outside)) return {};
    // What waits for its data is why a join behind it waits.
    if (const auto data = std::ranges::find(state_.tokens, Token::At::data, &Token::at); data != state_.tokens.end()) {
        return format("{}: it waits for its data input \"{}\", and nothing gives it any more", where(node(data->node)), node(data->node).input_sets.front().front());
    }
    const auto found = std::ranges::find(state_.tokens, Token::At::join, &Token::at);
    if (found == state_.tokens.end()) return {};
    const Node& at = node(found->node);
    if (is_activity(at.kind)) return format("{}: it waits for {} tokens, and no other can come any more", where(at), at.start_quantity);
    const std::vector<bool> held = held_flows(found->scope);
    std::vector<std::string> missing;
    for (const std::size_t flow : at.incoming) {
        if (!held[flow]) missing.push_back(format("\"{}\"", definition_.flows[flow].id));
    }
    return format("{}: it waits for a token on flow {}, and no token can come there any more", where(at), join(missing, " and "));
}

}  // namespace madang::process
