#include <algorithm>
#include <charconv>
#include <set>

#include "base/text.h"
#include "security/detail/sigma_condition.h"
#include "security/detail/sigma_metadata.h"
#include "security/detail/sigma_number.h"

namespace madang::security {
namespace {

constexpr std::chrono::seconds kMaxTimespan = std::chrono::hours(24) * 3660;

constexpr std::pair<std::string_view, CorrelationType> kTypes[] = {
    {"event_count", CorrelationType::event_count},           {"value_count", CorrelationType::value_count},
    {"temporal", CorrelationType::temporal},                 {"temporal_ordered", CorrelationType::temporal_ordered},
    {"value_sum", CorrelationType::value_sum},               {"value_avg", CorrelationType::value_avg},
    {"value_percentile", CorrelationType::value_percentile}, {"value_median", CorrelationType::value_median}};

constexpr std::pair<std::string_view, Relation> kRelations[] = {{"gt", Relation::gt},   {"gte", Relation::gte}, {"lt", Relation::lt},
                                                                {"lte", Relation::lte}, {"eq", Relation::eq},   {"neq", Relation::neq}};

bool is_temporal(CorrelationType type) { return type == CorrelationType::temporal || type == CorrelationType::temporal_ordered; }

bool needs_field(CorrelationType type) { return !is_temporal(type) && type != CorrelationType::event_count; }

bool has_twice(std::vector<std::string> words) {
    std::ranges::sort(words);
    return std::ranges::adjacent_find(words) != words.end();
}

class CorrelationReader {
public:
    CorrelationReader(DocumentPlace place, const YamlNode& node) : file_(place.file), node_(node) {}

    Result<SigmaCorrelation> run() {
        TRY_DO(type());
        TRY(out_.rules, read_texts(file_, node_, "rules"));
        if (out_.rules.empty()) TRY_DO(rules_of_condition());
        TRY_DO(rules());
        TRY(out_.group_by, read_texts(file_, node_, "group-by"));
        if (out_.group_by.empty()) return fail_at(file_, node_.line, "group-by is missing");
        if (has_twice(out_.group_by)) return fail_at(file_, node_.line, "group-by names a field twice");
        TRY_DO(timespan());
        TRY_DO(aliases());
        TRY_DO(condition());
        return std::move(out_);
    }

private:
    Result<void> type() {
        TRY(auto text, read_text(file_, node_, "type", 64));
        const auto* found = std::ranges::find(kTypes, text, &std::pair<std::string_view, CorrelationType>::first);
        if (found == std::end(kTypes)) return fail_at(file_, node_.line, format("there is no type \"{}\"", text));
        out_.type = found->second;
        if (out_.type == CorrelationType::value_median) out_.percentile = 50;   // "Hint: median is a percentile 50"
        return {};
    }

    Result<void> rules() {
        if (out_.rules.empty()) return fail_at(file_, node_.line, "rules are missing");
        if (has_twice(out_.rules)) return fail_at(file_, node_.line, "rules name a rule twice");
        if (out_.rules.size() > kMaxCorrelatedRules) {
            return fail_at(file_, node_.line, format("more than {} rules", kMaxCorrelatedRules));
        }
        return {};
    }

    // A condition in words names its rules itself.
    Result<void> rules_of_condition() {
        const YamlNode* condition = node_.find("condition");
        if (!is_temporal(out_.type) || condition == nullptr || condition->kind != YamlKind::text) return {};
        TRY(const auto words, within(condition_names(condition->text), format("{}:{}", file_, condition->line)));
        for (const std::string_view word : words) {
            if (std::ranges::find(out_.rules, word) == out_.rules.end()) out_.rules.emplace_back(word);
        }
        return {};
    }

    // Not in specification 2.1, and written by pySigma's users: `condition: a and not b` of temporal types.
    Result<void> condition_in_words(const YamlNode& condition) {
        std::vector<SigmaSearch> rules;
        for (const std::string& name : out_.rules) rules.push_back({name, {}, condition.line});
        auto which = parse_condition(condition.text, rules);
        if (!which) return fail_at(file_, condition.line, which.error().message);
        out_.which = std::move(*which);
        return {};
    }

    Result<void> timespan() {
        TRY(auto text, read_text(file_, node_, "timespan", 64));
        auto span = parse_timespan(text);
        if (!span) return fail_at(file_, node_.line, span.error().message);
        out_.timespan = *span;
        return {};
    }

    // alias → rule → field; the rules are among those of the correlation.
    Result<void> aliases() {
        const YamlNode* aliases = node_.find("aliases");
        if (aliases == nullptr || aliases->kind == YamlKind::null) return {};
        if (aliases->kind != YamlKind::map) return fail_at(file_, aliases->line, "aliases are a map");
        for (const auto& [alias, fields] : aliases->entries) {
            if (fields.kind != YamlKind::map) return fail_at(file_, fields.line, "an alias is a map from rules to fields");
            for (const auto& [rule, field] : fields.entries) {
                if (std::ranges::find(out_.rules, rule.text) == out_.rules.end()) {
                    return fail_at(file_, rule.line, format("the rule \"{}\" is not among those of the correlation", rule.text));
                }
                if (field.kind != YamlKind::text || field.text.empty()) return fail_at(file_, field.line, "an alias needs the name of a field");
                out_.aliases[alias.text][rule.text] = field.text;
            }
        }
        return {};
    }

    Result<void> condition() {
        const YamlNode* condition = node_.find("condition");
        if (condition == nullptr || condition->kind == YamlKind::null) {
            if (is_temporal(out_.type)) return {};
            return fail_at(file_, node_.line, "a condition is missing");
        }
        if (is_temporal(out_.type) && condition->kind == YamlKind::text) return condition_in_words(*condition);
        if (condition->kind != YamlKind::map) return fail_at(file_, condition->line, "the condition of a correlation is a map");
        for (const auto& [key, value] : condition->entries) {
            if (key.text == "field") continue;
            if (key.text == "percentile" && out_.type == CorrelationType::value_percentile) {
                TRY_DO(percentile(value));
                continue;
            }
            TRY_DO(threshold(key, value));
        }
        if (out_.condition.empty()) return fail_at(file_, condition->line, "the condition compares nothing");
        if (out_.condition.size() > 2) return fail_at(file_, condition->line, "the condition has more than two ends of a range");
        TRY(out_.fields, read_text_or_texts(file_, *condition, "field"));
        return check_fields(*condition);
    }

    Result<void> percentile(const YamlNode& value) {
        const bool number = value.kind == YamlKind::integer || value.kind == YamlKind::real;
        const auto read = number ? parse_yaml_number(value.text) : std::unexpected(Error{});
        if (!read || read->number < 0 || read->number > 100) return fail_at(file_, value.line, "percentile is a number from 0 to 100");
        out_.percentile = static_cast<double>(read->number);
        return {};
    }

    Result<void> threshold(const YamlNode& key, const YamlNode& value) {
        const auto* found = std::ranges::find(kRelations, key.text, &std::pair<std::string_view, Relation>::first);
        if (found == std::end(kRelations)) return fail_at(file_, key.line, format("there is no comparison \"{}\"", key.text));
        const bool whole = value.kind == YamlKind::integer;
        // "Value Average": "compares it to an integer or float threshold"; what counts is whole.
        const bool counts = is_temporal(out_.type) || out_.type == CorrelationType::event_count || out_.type == CorrelationType::value_count;
        if (!whole && (counts || value.kind != YamlKind::real)) return fail_at(file_, value.line, format("{} needs a number", key.text));
        auto number = parse_yaml_number(value.text);
        if (!number) return fail_at(file_, value.line, number.error().message);
        if (counts && number->number < 0) return fail_at(file_, value.line, "a count is not below zero");
        out_.condition.push_back({found->second, static_cast<double>(number->number)});
        return {};
    }

    Result<void> check_fields(const YamlNode& condition) const {
        if (needs_field(out_.type) && out_.fields.empty()) return fail_at(file_, condition.line, "the condition names no field");
        if (!needs_field(out_.type) && !out_.fields.empty()) return fail_at(file_, condition.line, "this type looks at no field");
        // "When you use multiple values in `field` they are linked by an AND": only values can be joined, not sums.
        const bool several = out_.type == CorrelationType::value_count;
        if (!several && out_.fields.size() > 1) return fail_at(file_, condition.line, "this type looks at one field");
        return {};
    }

    std::string_view file_;
    const YamlNode& node_;
    SigmaCorrelation out_;
};

}  // namespace

Result<std::chrono::seconds> parse_timespan(std::string_view text) {
    constexpr std::pair<char, std::int64_t> kUnits[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    const auto* unit = text.empty() ? std::end(kUnits) : std::ranges::find(kUnits, text.back(), &std::pair<char, std::int64_t>::first);
    const auto number = text.empty() ? Result<std::uint64_t>(0) : parse_decimal(text.substr(0, text.size() - 1));
    if (unit == std::end(kUnits) || !number) {
        return fail(Code::invalid, format("the timespan \"{}\" is not a number and one of s, m, h and d", text));
    }
    if (*number == 0) return fail(Code::invalid, "the timespan is empty");
    const auto most = static_cast<std::uint64_t>(kMaxTimespan.count() / unit->second);
    if (*number > most) return fail(Code::invalid, "the timespan is longer than ten years");
    return std::chrono::seconds(static_cast<std::int64_t>(*number) * unit->second);
}

Result<SigmaCorrelation> read_correlation(DocumentPlace place) {
    const YamlNode* node = place.root.find("correlation");
    if (node == nullptr || node->kind != YamlKind::map) return fail_at(place.file, place.root.line, "correlation is a map");
    TRY(auto out, CorrelationReader(place, *node).run());
    TRY(out.metadata, read_metadata(place));
    const YamlNode* generate = place.root.find("generate");
    if (generate == nullptr) generate = node->find("generate");
    if (generate != nullptr) {
        if (generate->kind != YamlKind::boolean) return fail_at(place.file, generate->line, "generate is true or false");
        out.generate = to_lower(generate->text) == "true";
    }
    return out;
}

}  // namespace madang::security
