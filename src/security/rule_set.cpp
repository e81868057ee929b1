#include "security/rule_set.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/text.h"
#include "base/zip.h"

namespace madang::security {
namespace {

constexpr std::size_t kMaxRuleFile = 1U << 20;
constexpr std::size_t kMaxRuleArchive = 256U << 20;

constexpr std::size_t kMaxLicence = 1U << 20;
constexpr std::string_view kDrl = "DRL-1.1";

bool is_licence(const Path& path) { return path.filename().string().starts_with("LICENSE"); }

// The name of SigmaHQ's licence where the text is about it, else the file that says it.
std::string licence_in(std::string_view text, const Path& file) {
    if (text.contains("Detection Rule License (DRL) 1.1") || text.contains("Detection Rule License (DRL) Version 1.1")) return std::string(kDrl);
    return format("see {}", file.string());
}

constexpr int kMostLevels = 8;   // from a folder of rules up to what its licence stands beside

bool is_rule_file(const Path& path) {
    const std::string end = to_lower(path.extension().string());
    return end == ".yml" || end == ".yaml" || end == ".zip";
}

}  // namespace

// SigmaHQ's is known by its words.
std::optional<RuleLicence> licence_beside(const Path& path) {
    std::error_code problem;
    Path place = std::filesystem::weakly_canonical(path, problem);
    if (problem) return std::nullopt;
    if (!std::filesystem::is_directory(place, problem)) place = place.parent_path();
    for (int level = 0; level < kMostLevels && place.has_relative_path(); ++level, place = place.parent_path()) {
        std::vector<Path> found;
        for (std::filesystem::directory_iterator at(place, problem), end; !problem && at != end; at.increment(problem)) {
            if (is_licence(at->path()) && at->is_regular_file(problem)) found.push_back(at->path());
        }
        std::ranges::sort(found);
        for (const Path& file : found) {
            const auto text = read_file(file, kMaxLicence);
            if (!text) continue;
            const std::string name = licence_in(*text, file);
            if (level < 2 || name == kDrl) return RuleLicence{file, *text, name};
        }
    }
    return std::nullopt;
}

RuleFile read_rule_file(const Path& file) {
    RuleFile read;
    if (to_lower(file.extension().string()) != ".zip") {
        read.texts.push_back({file.string(), file.filename(), read_file(file, kMaxRuleFile)});
        return read;
    }
    const auto bytes = read_file(file, kMaxRuleArchive);
    auto entries = bytes ? read_zip(as_bytes(*bytes), {.archive = kMaxRuleArchive, .entries = kMaxRules, .total = kMaxRuleArchive}) : Result<std::vector<ZipEntry>>(std::unexpected(bytes.error()));
    if (!entries) {
        read.texts.push_back({file.string(), file.filename(), fail(entries.error().code, format("{}: {}", file.string(), entries.error().message))});
        return read;
    }
    const auto licence = std::ranges::find_if(*entries, [](const ZipEntry& one) { return is_licence(one.name); });
    if (licence != entries->end()) {
        const std::string text(as_text(licence->content));
        read.licence = RuleLicence{Path(licence->name), text, licence_in(text, format("{}/{}", file.string(), licence->name))};
    }
    for (const ZipEntry& one : *entries) {
        const std::string end = to_lower(Path(one.name).extension().string());
        if (end != ".yml" && end != ".yaml") continue;
        read.texts.push_back({format("{}/{}", file.string(), one.name), Path(one.name), std::string(as_text(one.content)), read.licence ? read.licence->name : std::string()});
    }
    return read;
}

Result<std::vector<Path>> rule_files(const std::vector<Path>& paths) {
    std::vector<Path> files;
    for (const Path& path : paths) {
        std::error_code problem;
        if (std::filesystem::is_regular_file(path, problem)) {
            files.push_back(path);
            continue;
        }
        std::filesystem::recursive_directory_iterator at(path, std::filesystem::directory_options::skip_permission_denied, problem);
        if (problem) return fail(Code::not_found, format("{}: {}", path.string(), problem.message()));
        for (; at != std::filesystem::recursive_directory_iterator(); at.increment(problem)) {
            if (problem) return fail(Code::unavailable, format("{}: {}", path.string(), problem.message()));
            if (at->is_regular_file(problem) && is_rule_file(at->path())) files.push_back(at->path());
        }
    }
    std::ranges::sort(files);
    files.erase(std::ranges::unique(files).begin(), files.end());
    return files;
}

namespace {

Result<void> take_rules(const RuleText& one, const PlaceholderValues& values, RuleSet& set) {
    if (!one.text) {
        set.problems.push_back(one.text.error().message);
        return {};
    }
    SigmaDocuments read = read_sigma_documents(*one.text, one.place);
    const auto complete = [&](auto& documents) {
        for (auto& document : documents) {
            if (document.metadata.license.empty()) document.metadata.license = one.licence;
        }
    };
    complete(read.rules);
    complete(read.correlations);
    complete(read.filters);
    std::ranges::move(read.problems, std::back_inserter(set.problems));
    std::ranges::move(read.filters, std::back_inserter(set.filters));
    std::ranges::move(read.correlations, std::back_inserter(set.correlations));
    for (SigmaRule& rule : read.rules) {
        if (!rule.metadata.taxonomy.empty() && rule.metadata.taxonomy != "sigma") {
            set.problems.push_back(format("{}:{}: the taxonomy is \"{}\"; rules are run whose fields have the names of Sigma's own", rule.metadata.file, rule.metadata.line, rule.metadata.taxonomy));
            continue;
        }
        auto filled = fill_placeholders(std::move(rule), values);
        if (filled) set.rules.push_back(std::move(*filled));
        else set.problems.push_back(filled.error().message);
    }
    if (set.rules.size() > kMaxRules) return fail(Code::exhausted, format("these are more than {} rules", kMaxRules));
    return {};
}

// A filter that changes no rule would be missed by nobody until it is needed.
void join_filters(RuleSet& set) {
    for (const SigmaFilter& filter : set.filters) {
        bool joined = false;
        bool named = false;
        for (SigmaRule& rule : set.rules) {
            named = named || filter.of_any_rule || std::ranges::any_of(filter.rules, [&](const std::string& name) { return !name.empty() && (name == rule.metadata.id || name == rule.metadata.name); });
            if (!applies_to(filter, rule)) continue;
            rule = with_filter(std::move(rule), filter);
            joined = true;
        }
        if (joined) continue;
        set.problems.push_back(format("{}:{}: the filter changes nothing: {}", filter.metadata.file, filter.metadata.line,
                                      filter.of_any_rule ? "no rule has its log source" : named ? "its log source is not that of the rules that it names" : "none of the rules that it names is here"));
    }
}

// Correlations and filters name a rule by its id: of two, one is meant.
void find_twins(RuleSet& set) {
    std::map<std::string_view, const SigmaRule*> known;
    for (const SigmaRule& rule : set.rules) {
        if (rule.metadata.id.empty()) continue;
        const auto [at, fresh] = known.try_emplace(rule.metadata.id, &rule);
        if (!fresh) set.warnings.push_back(format("{}:{}: the id {} is that of {}:{} too", rule.metadata.file, rule.metadata.line, rule.metadata.id, at->second->metadata.file, at->second->metadata.line));
    }
}

}  // namespace

Result<PlaceholderValues> load_placeholders(const Path& file) {
    if (file.empty()) return PlaceholderValues();
    TRY(const std::string text, read_file(file, kMaxRuleFile));
    return read_placeholders(text, file.string());
}

Result<RuleSet> join_rules(const std::vector<RuleText>& texts, const PlaceholderValues& values) {
    RuleSet set;
    for (const RuleText& one : texts) {
        ++set.files;
        TRY_DO(take_rules(one, values, set));
    }
    join_filters(set);
    find_twins(set);
    return set;
}

Result<RuleSet> load_rules(const std::vector<Path>& paths, const PlaceholderValues& values) {
    TRY(const auto files, rule_files(paths));
    std::vector<RuleText> texts;
    std::vector<std::pair<std::string, std::string>> licences;   // by path that was given
    for (const Path& path : paths) {
        const auto says = licence_beside(path);
        licences.emplace_back(path.string(), says ? says->name : std::string());
    }
    for (const Path& file : files) {
        const std::string name = file.string();
        const auto found = std::ranges::find_if(licences, [&](const auto& one) {
            // "rules" is not "rules-more".
            const std::string& path = one.first;
            return name.starts_with(path) && (name.size() == path.size() || path.ends_with('/') || name[path.size()] == '/');
        });
        for (RuleText& one : read_rule_file(file).texts) {
            if (one.licence.empty() && found != licences.end()) one.licence = found->second;
            texts.push_back(std::move(one));
        }
    }
    return join_rules(texts, values);
}

}  // namespace madang::security
