#include "security/rule_import.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "base/text.h"
#include "security/sigma_correlator.h"
#include "security/sigma_program.h"

namespace madang::security {
namespace {

namespace fs = std::filesystem;

// What is wrong with one file by itself.
std::vector<std::string> problems_of(const RuleText& one, const Path& name, const LogSources& sources, const PlaceholderValues& values) {
    if (!one.text) return {one.text.error().message};
    if (name.is_absolute() || name.empty() || *name.begin() == "..") return {format("{}: the name leads out of the folder", one.place)};
    SigmaDocuments documents = read_sigma_documents(*one.text, one.place);
    std::vector<std::string> problems = std::move(documents.problems);
    for (SigmaRule& rule : documents.rules) {
        auto filled = fill_placeholders(std::move(rule), values);
        const auto compiled = filled ? SigmaProgram::compile({std::move(*filled)}, sources) : std::unexpected(filled.error());
        if (!compiled) problems.push_back(compiled.error().message);
    }
    return problems;
}

struct Incoming {
    Path name;
    RuleText text;
};

struct Gathered {
    std::vector<Incoming> files;
    std::vector<std::string> problems;
    std::set<Path> refused;               // names: what is there under them stays
    std::vector<std::pair<Path, RuleLicence>> licences;   // by source
};

Result<Gathered> gather(const std::vector<Path>& sources, const LogSources& log_sources, const PlaceholderValues& values) {
    Gathered gathered;
    std::map<Path, std::string> place_of;
    for (const Path& source : sources) {
        TRY(const auto files, rule_files({source}));
        std::error_code problem;
        const bool folder = fs::is_directory(source, problem);
        std::optional<RuleLicence> licence;   // of the archive that the source is, else of what is around it
        for (const Path& file : files) {
            RuleFile read = read_rule_file(file);
            if (!folder) licence = std::move(read.licence);
            for (RuleText& one : read.texts) {
                const bool in_archive = one.place != file.string();
                const Path name = in_archive ? one.name.lexically_normal() : folder ? fs::relative(file, source, problem) : file.filename();
                auto problems = problems_of(one, name, log_sources, values);
                const auto [known, fresh] = place_of.try_emplace(name, one.place);
                if (!fresh) problems.push_back(format("{}: {} is called {} in the folder too", one.place, known->second, name.string()));
                if (problems.empty()) {
                    gathered.files.push_back({name, std::move(one)});
                } else {
                    if (fresh) gathered.refused.insert(name);
                    std::ranges::move(problems, std::back_inserter(gathered.problems));
                }
            }
        }
        if (!licence) licence = licence_beside(source);
        if (licence) gathered.licences.emplace_back(source, std::move(*licence));
    }
    return gathered;
}

// Correlations and filters mean rules of other files: a file whose own do not find them is refused, and then what meant its rules too.
Result<void> refuse_what_finds_nothing(Gathered& gathered, const std::vector<RuleText>& there, const LogSources& sources, const PlaceholderValues& values, std::vector<std::string>& warnings) {
    for (;;) {
        std::vector<RuleText> all = there;
        for (const Incoming& one : gathered.files) all.push_back(one.text);
        TRY(RuleSet set, join_rules(all, values));
        std::vector<std::string> problems = std::move(set.problems);
        if (!set.correlations.empty()) {
            std::erase_if(set.rules, [&](const SigmaRule& rule) { return !SigmaProgram::compile({rule}, sources); });
            TRY(const auto program, SigmaProgram::compile(std::move(set.rules), sources));
            std::ranges::move(SigmaCorrelator::compile(std::move(set.correlations), *program).problems, std::back_inserter(problems));
        }
        const std::size_t before = gathered.files.size();
        std::erase_if(gathered.files, [&](const Incoming& one) {
            bool bad = false;
            for (const std::string& why : problems) {
                if (!why.starts_with(one.text.place + ":")) continue;
                gathered.problems.push_back(why);
                bad = true;
            }
            if (bad) gathered.refused.insert(one.name);
            return bad;
        });
        if (gathered.files.size() == before) {
            warnings = std::move(set.warnings);
            return {};
        }
    }
}

Error failed(std::string_view what, const Path& path, int number) {
    return {number == ENOSPC || number == EDQUOT ? Code::exhausted : number == EACCES || number == EPERM ? Code::denied : Code::unavailable,
            format("{} {}: {}", what, path.string(), std::strerror(number))};
}

Result<void> write_plain(const Path& to, std::string_view text) {
    std::error_code problem;
    fs::create_directories(to.parent_path(), problem);
    if (problem) return std::unexpected(failed("cannot make", to.parent_path(), problem.value()));
    fs::remove(to, problem);   // it may be the old folder's own file, linked
    std::ofstream file(to, std::ios::binary);
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
    file.close();
    if (!file) return std::unexpected(failed("cannot write", to, errno));
    return {};
}

// Links cost no space; where a file system has none, copies.
Result<void> copy_folder(const Path& from, const Path& to) {
    std::error_code problem;
    constexpr auto kHow = fs::copy_options::recursive | fs::copy_options::copy_symlinks;
    fs::copy(from, to, kHow | fs::copy_options::create_hard_links, problem);
    if (!problem) return {};
    fs::remove_all(to, problem);
    fs::copy(from, to, kHow, problem);
    if (problem) return std::unexpected(failed("cannot copy", from, problem.value()));
    return {};
}

Result<void> sync_system_of(const Path& folder) {
    const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0) return std::unexpected(failed("cannot open", folder, errno));
    const bool synced = ::syncfs(file) == 0;
    const int number = errno;
    ::close(file);
    if (!synced) return std::unexpected(failed("cannot sync", folder, number));
    return {};
}

Result<void> exchange(const Path& made, const Path& folder) {
    std::error_code problem;
    if (!fs::exists(folder, problem)) {
        if (::rename(made.c_str(), folder.c_str()) != 0) return std::unexpected(failed("cannot rename", made, errno));
        return {};
    }
    if (::renameat2(AT_FDCWD, made.c_str(), AT_FDCWD, folder.c_str(), RENAME_EXCHANGE) == 0) return {};
    return std::unexpected(failed("cannot exchange the new folder with", folder, errno));
}

// So that a rule that names no licence is still told with its own once it stands elsewhere.
void add_licences(RuleImport& plan, std::vector<std::pair<Path, RuleLicence>> licences, const Path& folder) {
    for (auto& [source, licence] : licences) {
        const Path name = licence.file.filename();
        const auto there = read_file(folder / name);
        const auto coming = std::ranges::find(plan.licences, name, &RuleImport::File::name);
        if ((there && *there == licence.text) || (coming != plan.licences.end() && coming->text == licence.text)) continue;
        if (there || coming != plan.licences.end()) {
            plan.warnings.push_back(format("{}: the licence of these rules ({}) is another than that of {}; rules that name none are told with the latter", source.string(), licence.name, (folder / name).string()));
            continue;
        }
        plan.licences.push_back({name, std::move(licence.text)});
    }
}

}  // namespace

Result<RuleImport> plan_import(const std::vector<Path>& sources, const Path& folder, Leftovers leftovers, const LogSources& log_sources, const PlaceholderValues& values) {
    TRY(Gathered gathered, gather(sources, log_sources, values));
    std::set<Path> coming = gathered.refused;
    for (const Incoming& one : gathered.files) coming.insert(one.name);
    RuleImport plan;
    std::vector<RuleText> there;
    std::error_code problem;
    if (fs::is_directory(folder, problem)) {
        TRY(const auto files, rule_files({folder}));
        for (const Path& file : files) {
            const Path name = fs::relative(file, folder, problem);
            if (!coming.contains(name)) plan.only_there.push_back(name);
            const bool stays = gathered.refused.contains(name) || (!coming.contains(name) && leftovers == Leftovers::stay);
            if (stays) std::ranges::move(read_rule_file(file).texts, std::back_inserter(there));
        }
    }
    TRY_DO(refuse_what_finds_nothing(gathered, there, log_sources, values, plan.warnings));
    for (Incoming& one : gathered.files) {
        const Path target = folder / one.name;
        const auto old = fs::exists(target, problem) ? read_file(target) : Result<std::string>(fail(Code::not_found, ""));
        if (old && *old == *one.text.text) plan.unchanged.push_back(one.name);
        else (old ? plan.changed : plan.added).push_back({one.name, std::move(*one.text.text)});
    }
    plan.problems = std::move(gathered.problems);
    add_licences(plan, std::move(gathered.licences), folder);
    return plan;
}

Result<void> write_import(const RuleImport& plan, const Path& given, Leftovers leftovers) {
    const bool removes = leftovers == Leftovers::go && !plan.only_there.empty();
    if (plan.added.empty() && plan.changed.empty() && plan.licences.empty() && !removes) return {};
    std::error_code problem;
    Path folder = fs::weakly_canonical(fs::absolute(given, problem), problem);   // behind a link, the folder itself is exchanged
    if (problem) return std::unexpected(failed("cannot find", given, problem.value()));
    if (!folder.has_filename()) folder = folder.parent_path();
    fs::create_directories(folder.parent_path(), problem);
    if (problem) return std::unexpected(failed("cannot make", folder.parent_path(), problem.value()));
    const Path beside = folder.parent_path() / format(".{}.import", folder.filename().string());
    TRY(const FileLock lock, FileLock::take(beside.string() + ".lock"));
    fs::remove_all(beside, problem);   // of an import that was cut off
    const auto made = [&]() -> Result<void> {
        if (fs::exists(folder, problem)) TRY_DO(copy_folder(folder, beside));
        else fs::create_directory(beside, problem);
        for (const auto* files : {&plan.added, &plan.changed, &plan.licences}) {
            for (const RuleImport::File& one : *files) TRY_DO(write_plain(beside / one.name, one.text));
        }
        if (removes) {
            for (const Path& name : plan.only_there) fs::remove(beside / name, problem);
        }
        TRY_DO(sync_system_of(beside));
        return exchange(beside, folder);
    }();
    fs::remove_all(beside, problem);   // now the old one, or what failed
    TRY_DO(made);
    return sync_system_of(folder.parent_path());
}

}  // namespace madang::security
