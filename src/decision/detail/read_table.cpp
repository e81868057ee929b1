// Decision tables (clause 8) and item definitions (clause 7.3.3).
#include <map>

#include "base/text.h"
#include "decision/decision.h"
#include "decision/detail/read.h"

namespace madang::decision {
namespace {

constexpr std::size_t kMaxRules = 20'000;
constexpr std::size_t kMaxColumns = 200;

}  // namespace

Result<void> Reading::hit_policy_into(xml::Node node, Table& made) const {
    static const std::map<std::string_view, HitPolicy> kPolicies{
        {"", HitPolicy::unique}, {"UNIQUE", HitPolicy::unique}, {"ANY", HitPolicy::any}, {"PRIORITY", HitPolicy::priority},
        {"FIRST", HitPolicy::first}, {"COLLECT", HitPolicy::collect}, {"RULE ORDER", HitPolicy::rule_order}, {"OUTPUT ORDER", HitPolicy::output_order}};
    static const std::map<std::string_view, Aggregation> kAggregations{
        {"", Aggregation::none}, {"SUM", Aggregation::sum}, {"COUNT", Aggregation::count}, {"MIN", Aggregation::min}, {"MAX", Aggregation::max}};
    const auto policy = kPolicies.find(xml::attribute(node, "hitPolicy"));
    if (policy == kPolicies.end()) return failure(node, madang::format("the hit policy \"{}\" is not known", xml::attribute(node, "hitPolicy")));
    const auto aggregation = kAggregations.find(xml::attribute(node, "aggregation"));
    if (aggregation == kAggregations.end()) return failure(node, madang::format("the aggregation \"{}\" is not known", xml::attribute(node, "aggregation")));
    made.hit_policy = policy->second;
    made.aggregation = aggregation->second;
    return {};
}

Result<Table> Reading::table(xml::Node node) const {
    Table made;
    made.id = std::string(xml::attribute(node, "id"));
    TRY_DO(hit_policy_into(node, made));
    for (const xml::Node one : node.children()) {
        if (is(one, "input")) {
            const xml::Node expression = child(one, "inputExpression");
            if (!expression) return failure(one, "a column of inputs needs its <inputExpression>");
            TRY(feel::Expression parsed, feel_text(expression));
            TRY(auto values, unary_tests_of(one, "inputValues"));
            made.inputs.push_back({std::string(xml::attribute(one, "label")), std::move(parsed), std::move(values)});
        } else if (is(one, "output")) {
            Output output;
            output.name = std::string(trim(xml::attribute(one, "name")));
            output.type = std::string(xml::attribute(one, "typeRef"));
            TRY(output.values, unary_tests_of(one, "outputValues"));
            if (const xml::Node values = child(one, "outputValues")) {
                // The order of the values is what PRIORITY and OUTPUT ORDER go by (clause 8.2.10).
                const auto list = feel::parse_expression("[" + xml::text_of(child(values, "text")) + "]", words_);
                const feel::Value order = list ? feel::evaluate(*list, {}) : feel::Value();
                if (order.list() != nullptr) output.order = *order.list();
            }
            if (const xml::Node fallback = child(one, "defaultOutputEntry")) {
                TRY(output.fallback, feel_text(fallback));
            }
            made.outputs.push_back(std::move(output));
        } else if (is(one, "rule")) {
            if (made.rules.size() >= kMaxRules) return failure(one, madang::format("a table has at most {} rules", kMaxRules));
            TRY(Rule parsed, rule(one, made));
            made.rules.push_back(std::move(parsed));
        }
        if (made.inputs.size() + made.outputs.size() > kMaxColumns) return failure(one, madang::format("a table has at most {} columns", kMaxColumns));
    }
    if (made.outputs.empty()) return failure(node, "a decision table needs an output");
    if (made.outputs.size() > 1) {
        for (const Output& output : made.outputs) {
            if (output.name.empty()) return failure(node, "each of several outputs needs a name");
        }
        if (made.aggregation != Aggregation::none && made.aggregation != Aggregation::count) {
            return failure(node, "an aggregation works on one output only");
        }
    }
    return made;
}

Result<Rule> Reading::rule(xml::Node node, const Table& made) const {
    Rule parsed;
    parsed.id = std::string(xml::attribute(node, "id"));
    for (const xml::Attribute attribute : node.attributes()) {
        if (xml::local_name(attribute) == "article" && xml::namespace_of(node, attribute) == kExtensionNamespace) parsed.article = attribute.value();
    }
    for (const xml::Node entry : node.children()) {
        if (is(entry, "inputEntry")) {
            std::string text = xml::text_of(child(entry, "text"));
            if (text.empty()) text = "-";
            TRY(feel::Expression tests, or_null(feel::parse_unary_tests(text, words_, &types_), entry));
            parsed.tests.push_back(std::move(tests));
        } else if (is(entry, "outputEntry")) {
            TRY(feel::Expression value, feel_text(entry));
            parsed.entries.push_back(std::move(value));
        }
    }
    if (parsed.tests.size() != made.inputs.size() || parsed.entries.size() != made.outputs.size()) {
        return failure(node, madang::format("the rule has {} inputs and {} outputs, the table {} and {}", parsed.tests.size(),
                                            parsed.entries.size(), made.inputs.size(), made.outputs.size()));
    }
    return parsed;
}

Result<ItemType> Reading::item_type(xml::Node node, int depth) const {
    if (depth > 20) return failure(node, "types are nested deeper than 20");
    ItemType made;
    made.name = std::string(trim(xml::attribute(node, "name")));
    made.is_collection = xml::attribute(node, "isCollection") == "true";
    made.is_function = static_cast<bool>(child(node, "functionItem"));
    if (const xml::Node base = child(node, "typeRef")) made.base = xml::text_of(base);
    TRY(made.allowed, unary_tests_of(node, "allowedValues"));
    TRY(made.constraint, unary_tests_of(node, "typeConstraint"));
    for (const xml::Node component : node.children()) {
        if (!is(component, "itemComponent")) continue;
        TRY(ItemType part, item_type(component, depth + 1));
        made.components.push_back(std::move(part));
    }
    return made;
}

}  // namespace madang::decision
