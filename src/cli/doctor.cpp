// madang doctor and madang config: what is set, and what is not well.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "base/time_text.h"
#include "cli/installation.h"
#include "ledger/copy.h"

namespace madang::cli {
namespace {

enum class Condition { ok, warning, failed };

struct Finding {
    Condition condition = Condition::ok;
    std::string what;
    std::string mend;    // the command or step that helps; empty when all is well
};

constexpr std::uintmax_t kEnoughSpace = 1U << 30;   // bytes
constexpr double kSlowSync = 0.02;                  // seconds for one fsync

// Seconds for one synced write beside the store, the median of eleven.
Result<double> sync_time(const Path& folder) {
    const Path probe = folder / ".doctor";
    const int file = ::open(probe.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return fail(Code::denied, format("cannot write into {}", folder.string()));
    std::vector<double> times;
    for (int i = 0; i < 11; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        const bool good = ::pwrite(file, "madang", 6, 0) == 6 && ::fsync(file) == 0;
        times.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
        if (!good) times.push_back(1e9);
    }
    ::close(file);
    ::unlink(probe.c_str());
    std::ranges::sort(times);
    return times[times.size() / 2];
}

std::vector<Finding> examine_disk(const Path& folder) {
    std::vector<Finding> findings;
    std::error_code error;
    const auto space = std::filesystem::space(folder, error);
    findings.push_back({!error && space.available >= kEnoughSpace ? Condition::ok : Condition::warning,
                        format("free space: {} MB", error ? 0 : space.available >> 20), "free some space; below 1 GB is little"});
    const auto sync = sync_time(folder);
    findings.push_back(!sync ? Finding{Condition::failed, sync.error().message, "check the owner of the data folder"}
                             : Finding{*sync < kSlowSync ? Condition::ok : Condition::warning,
                                       format("one synced write: {:.2f} ms", *sync * 1000), "a disk with a protected cache writes faster"});
    struct stat status{};
    const bool hidden = ::stat(folder.c_str(), &status) == 0 && (status.st_mode & 077) == 0;
    findings.push_back({hidden ? Condition::ok : Condition::warning, "the data folder is private", format("chmod 700 {}", folder.string())});
    return findings;
}

// An account without a person can decide nothing: it cannot be shown to be somebody else than the applicant or a colleague.
Finding examine_officers(Installation& house) {
    std::vector<std::string> unbound;
    for (const government::Body& body : house.pack().government.bodies()) {
        const auto staff = house.accounts().staff_of(body.code);
        if (!staff) return {Condition::failed, staff.error().message, "see the message"};
        for (const identity::Account& one : *staff) {
            if (!one.disabled && !one.staff_person && one.has_role(body.code, "officer")) unbound.push_back(one.name);
        }
    }
    if (unbound.empty()) return {Condition::ok, "every officer is bound to a person", ""};
    return {Condition::warning, format("{} officers are bound to no person and can decide nothing, such as {}", unbound.size(), unbound.front()), "madang user bind NAME --person NUMBER"};
}

std::vector<Finding> examine_house(Installation& house, const Context& context) {
    std::vector<Finding> findings;
    const store::Health health = house.store().health();
    findings.push_back({health.readable && health.writable ? Condition::ok : Condition::failed,
                        format("the store ({}) reads and writes", house.store().kind()), health.reason});
    const auto ledger = ledger::verify_store(house.store(), house.ledger().verifier_key());
    findings.push_back(!ledger          ? Finding{Condition::failed, ledger.error().message, "restore from a backup"}
                       : ledger->good() ? Finding{Condition::ok, format("{} acts of the ledger stand as signed", ledger->size), ""}
                                        : Finding{Condition::failed, ledger->finding, "restore from a backup, and find out who changed it"});
    const auto left = std::chrono::duration_cast<std::chrono::days>(house.keys().documents().not_after() - context.clock.now()).count();
    findings.push_back({left > 30 ? Condition::ok : left > 0 ? Condition::warning : Condition::failed,
                        format("the seal is good for {} days", left), "start the server once: it renews the seal"});
    const auto missing = catalogue::missing_words(house.pack());
    findings.push_back({missing.empty() ? Condition::ok : Condition::warning,
                        missing.empty() ? "every text of the pack is translated" : missing.front(), "madang pack validate FOLDER"});
    const auto administrator = house.accounts().has_administrator();
    findings.push_back({administrator.value_or(false) ? Condition::ok : Condition::warning,
                        administrator.value_or(false) ? "there is an administrator" : "there is no administrator yet",
                        "open the installer link that `madang serve` prints when it starts"});
    findings.push_back(examine_officers(house));
    return findings;
}

Result<int> examine(const Context& context, const Arguments&) {
    std::vector<Finding> findings;
    auto house = Installation::open(context);
    if (house || house.error().code != Code::not_found) findings = examine_disk(context.settings.text("data"));
    if (!house) {
        findings.push_back({Condition::failed, house.error().message, "see the message"});
    } else {
        const auto more = examine_house(**house, context);
        findings.insert(findings.end(), more.begin(), more.end());
    }
    bool failed = false;
    json::array list;
    for (const Finding& finding : findings) {
        const char* word = finding.condition == Condition::ok ? "OK" : finding.condition == Condition::warning ? "WARN" : "FAIL";
        failed = failed || finding.condition == Condition::failed;
        if (context.json) {
            list.push_back({{"condition", word}, {"what", finding.what}, {"mend", finding.condition == Condition::ok ? "" : finding.mend}});
        } else {
            context.print(format("{:5} {}{}", word, finding.what,
                                 finding.condition == Condition::ok || finding.mend.empty() ? "" : "\n      -> " + finding.mend));
        }
    }
    if (context.json) context.print(json::value(std::move(list)));
    return failed ? kCheckFailed : kOk;
}

Result<int> show(const Context& context, const Arguments& arguments) {
    const bool origin = arguments.has("origin");
    json::object object;
    for (const SettingSpec& spec : setting_specs()) {
        const SettingValue& value = context.settings.at(spec.name);
        // An address may carry a password.
        const std::string shown = spec.kind == SettingKind::secret && !value.value.empty() ? "(set)" : value.value;
        if (context.json) {
            object[spec.name] = json::object{{"value", shown}, {"origin", value.origin}};
        } else {
            context.print(origin ? format("{:20} {:40} {}", spec.name, json::serialize(json::string(shown)), value.origin)
                                 : format("{} = {}", spec.name, json::serialize(json::string(shown))));
        }
    }
    if (context.json) context.print(json::value(std::move(object)));
    return kOk;
}

}  // namespace

std::vector<Command> doctor_commands() {
    return {{"doctor", "examines disk, store, ledger, keys and pack, and says what to do", "madang doctor --json", {}, examine},
            {"config show", "prints every setting", "madang config show --origin",
             {{"--origin", Argument::Kind::flag, false, "say where each value comes from"}}, show}};
}

}  // namespace madang::cli
