#include "catalogue/scenario.h"

#include <array>
#include <optional>

#include "base/text.h"

namespace madang::catalogue {
namespace {

constexpr std::size_t kMaxBytes = 1U << 20;
constexpr std::size_t kMaxScenarios = 1000;
constexpr std::size_t kMaxSteps = 100;
constexpr std::size_t kMaxColumns = 20;

constexpr std::array<std::string_view, 7> kRefused{"Scenario Outline:", "Scenario Template:", "Examples:",
                                                   "Scenarios:", "Rule:", "\"\"\"", "@"};

struct Keyword {
    std::string_view word;
    std::optional<StepKind> kind;  // none: as the step before
};
constexpr std::array<Keyword, 6> kKeywords{Keyword{"Given ", StepKind::given}, Keyword{"When ", StepKind::when},
                                           Keyword{"Then ", StepKind::then}, Keyword{"And ", std::nullopt},
                                           Keyword{"But ", std::nullopt}, Keyword{"* ", std::nullopt}};

Result<std::vector<std::string>> parse_row(std::string_view line) {
    if (line.size() < 2 || !line.ends_with('|')) return fail(Code::invalid, "a row of a table ends with |");
    std::vector<std::string> cells;
    for (const std::string_view cell : split(line.substr(1, line.size() - 2), '|')) cells.emplace_back(trim(cell));
    if (cells.size() > kMaxColumns) return fail(Code::exhausted, format("more than {} columns", kMaxColumns));
    return cells;
}

class FeatureParser {
public:
    Result<void> take(std::string_view line, std::size_t number) {
        if (line.empty() || line.starts_with('#')) return {};
        for (const std::string_view word : kRefused) {
            if (line.starts_with(word)) return fail(Code::invalid, format("\"{}\" is not supported in scenarios", word));
        }
        if (line.starts_with("Feature:")) return begin_feature(line);
        if (feature_.name.empty()) return fail(Code::invalid, "a scenario file begins with \"Feature: name\"");
        if (line.starts_with("Background:")) return begin_background();
        if (line.starts_with("Scenario:") || line.starts_with("Example:")) return begin_scenario(line, number);
        if (line.starts_with('|')) return take_row(line);
        for (const Keyword& keyword : kKeywords) {
            if (line.starts_with(keyword.word)) return take_step(keyword, line, number);
        }
        if (steps_ == nullptr) return {};  // the free description below "Feature:"
        return fail(Code::invalid, "a line begins with Given, When, Then, And, But or |");
    }

    Result<Feature> finish() && {
        if (feature_.scenarios.empty()) return fail(Code::invalid, "there is no scenario");
        for (const Scenario& scenario : feature_.scenarios) {
            if (scenario.steps.empty()) return fail(Code::invalid, format("the scenario \"{}\" has no step", scenario.name));
        }
        return std::move(feature_);
    }

private:
    Result<void> begin_feature(std::string_view line) {
        if (!feature_.name.empty()) return fail(Code::invalid, "one file holds one feature");
        feature_.name = std::string(trim(line.substr(line.find(':') + 1)));
        if (feature_.name.empty()) return fail(Code::invalid, "the feature needs a name");
        return {};
    }
    Result<void> begin_background() {
        if (!feature_.scenarios.empty()) return fail(Code::invalid, "the background stands before the first scenario");
        steps_ = &background_;
        last_ = std::nullopt;
        return {};
    }
    Result<void> begin_scenario(std::string_view line, std::size_t number) {
        if (feature_.scenarios.size() == kMaxScenarios) return fail(Code::exhausted, "too many scenarios");
        Scenario scenario{std::string(trim(line.substr(line.find(':') + 1))), background_, number};
        if (scenario.name.empty()) return fail(Code::invalid, "the scenario needs a name");
        feature_.scenarios.push_back(std::move(scenario));
        steps_ = &feature_.scenarios.back().steps;
        last_ = std::nullopt;
        return {};
    }
    Result<void> take_row(std::string_view line) {
        if (steps_ == nullptr || steps_->empty()) return fail(Code::invalid, "a table needs a step before it");
        TRY(auto row, parse_row(line));
        auto& table = steps_->back().table;
        if (!table.empty() && table.front().size() != row.size()) {
            return fail(Code::invalid, format("this row has {} cells, the first has {}", row.size(), table.front().size()));
        }
        if (table.size() == kMaxSteps) return fail(Code::exhausted, "too many rows");
        table.push_back(std::move(row));
        return {};
    }
    Result<void> take_step(const Keyword& keyword, std::string_view line, std::size_t number) {
        if (steps_ == nullptr) return fail(Code::invalid, "a step needs a scenario before it");
        if (steps_->size() == kMaxSteps) return fail(Code::exhausted, "too many steps");
        if (keyword.kind) last_ = keyword.kind;
        if (!last_) return fail(Code::invalid, "the first step of a scenario is Given, When or Then");
        steps_->push_back({*last_, std::string(trim(line.substr(keyword.word.size()))), {}, number});
        return {};
    }

    Feature feature_;
    std::vector<Step> background_;
    std::vector<Step>* steps_ = nullptr;
    std::optional<StepKind> last_;
};

}  // namespace

Result<Feature> parse_feature(std::string_view text, std::string_view name) {
    if (text.size() > kMaxBytes) return fail(Code::exhausted, format("{}: larger than {} bytes", name, kMaxBytes));
    if (!is_utf8(text)) return fail(Code::invalid, format("{}: the text is not UTF-8", name));
    FeatureParser parser;
    std::size_t number = 0;
    for (const std::string_view line : split(text, '\n')) {
        ++number;
        TRY_DO(within(parser.take(trim(line), number), format("{}:{}", name, number)));
    }
    return within(std::move(parser).finish(), name);
}

std::pair<std::string, std::vector<std::string>> split_quotes(std::string_view step) {
    std::pair<std::string, std::vector<std::string>> result;
    while (!step.empty()) {
        const std::size_t open = step.find('"');
        const std::size_t close = open == std::string_view::npos ? open : step.find('"', open + 1);
        if (close == std::string_view::npos) break;
        result.first += step.substr(0, open);
        result.first += "\"\"";
        result.second.emplace_back(step.substr(open + 1, close - open - 1));
        step.remove_prefix(close + 1);
    }
    result.first += step;
    return result;
}

}  // namespace madang::catalogue
