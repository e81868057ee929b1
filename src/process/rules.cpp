#include "process/rules.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <unordered_map>

#include "base/text.h"
#include "process/detail/rules_model.h"

namespace madang::process {
namespace {

using namespace rules;

// A model with more breaches than this is not read to the end: the list is for a person.
constexpr std::size_t kMaxViolations = 10'000;

std::vector<const Rule*> all_rules() {
    std::vector<const Rule*> all;
    for (const auto& family : {flow_rules(), gateway_rules(), event_rules(), activity_rules(), data_rules(), collaboration_rules(), expression_rules(), time_rules()}) {
        for (const Rule& rule : family) all.push_back(&rule);
    }
    return all;
}

class Judge {
public:
    explicit Judge(const Model& model) : model_(model), rules_(all_rules()) {}

    void judge(const Element& element, std::vector<Violation>& violations) {
        for (const Rule* rule : rules_for(element)) {
            const int breaches = rule->breaches(model_, element);
            for (int i = 0; i < breaches && violations.size() < kMaxViolations; ++i) violations.push_back(violation_at(model_, element, *rule));
        }
    }

private:
    const std::vector<const Rule*>& rules_for(const Element& element) {
        const auto [found, added] = by_kind_.try_emplace(element.kind);
        if (added) std::ranges::copy_if(rules_, std::back_inserter(found->second), [&](const Rule* rule) { return rule->kinds == "*" || is_one_of(element, rule->kinds); });
        return found->second;
    }

    const Model& model_;
    std::vector<const Rule*> rules_;
    std::unordered_map<std::string_view, std::vector<const Rule*>> by_kind_;
};

}  // namespace

Result<std::vector<Violation>> check_rules(std::string_view xml, std::string_view name, const Importer& importer) {
    std::vector<Violation> violations;
    TRY(const Model model, Model::read(xml, name, importer, violations));
    check_ids(model, violations);
    Judge judge(model);
    for (const Element& element : model.elements()) {
        if (!is_derived(element)) judge.judge(element, violations);
    }
    check_references(model, violations);
    check_foreign_ends(model, violations);
    check_schema(model, violations);
    // The checked file before those it imports.
    std::ranges::sort(violations, {}, [&](const Violation& one) {
        return std::tuple(one.file != name, std::string_view(one.file), one.line, std::string_view(one.rule), std::string_view(one.element));
    });
    return violations;
}

bool is_warning(const Violation& violation) {
    constexpr std::array<std::string_view, 7> kWarnings{"EXT.012", "EXT.053", "EXT.076", "EXT.128", "EXT.135", "XSD.missing", "XSD.order"};
    return violation.rule.starts_with("SOUND.") || std::ranges::find(kWarnings, violation.rule) != kWarnings.end();
}

Result<void> require_rules(std::string_view xml, std::string_view name, const Importer& importer) {
    TRY(const auto found, check_rules(xml, name, importer));
    std::string text;
    for (const Violation& one : found) {
        if (!is_warning(one)) text += (text.empty() ? "" : "\n") + to_text(one);
    }
    return text.empty() ? Result<void>() : fail(Code::invalid, text);
}

std::string to_text(const Violation& violation) {
    return format("{}:{}: <{}>: {} ({}, clause {})", violation.file, violation.line, violation.element, violation.message, violation.rule, violation.clause);
}

}  // namespace madang::process
