// madang verify and madang ledger: what proves itself without the server and its database.
#include "base/file.h"
#include "base/text.h"
#include "base/time_text.h"
#include "cli/command.h"
#include "cli/installation.h"
#include "documents/bundle.h"
#include "documents/trust.h"
#include "ledger/copy.h"
#include "ledger/history.h"

namespace madang::cli {
namespace {

constexpr std::size_t kMaxDocument = 64U << 20;

// The keys to believe: files given with --trust, else the installation's own trust file.
Result<documents::Trust> trust_of(const Context& context, const Arguments& arguments) {
    documents::Trust trust;
    std::vector<std::string> files;
    if (arguments.has("trust")) {
        files = arguments.all("trust");
    } else {
        files = {context.settings.text("data") + "/trust.json"};
    }
    for (const std::string& file : files) {
        TRY(const std::string text, within(read_file(file), "the keys to believe (--trust FILE)"));
        TRY(const documents::Trust more, documents::parse_trust(text, file));
        documents::add_trust(trust, more);
    }
    return trust;
}

// The lists given with --revocations, else the installation's own, where there is one: its trust file
// vouches for the signature, so its store must speak of what was taken back since.
Result<std::vector<std::string>> revocations_of(const Context& context, const Arguments& arguments) {
    std::vector<std::string> lists;
    if (!arguments.has("revocations")) {
        if (arguments.has("trust") || !std::filesystem::exists(Path(context.settings.text("data")) / "madang.toml")) return lists;
        TRY(const auto house, within(Installation::open(context), "this installation's list of revoked certificates (or give --revocations FILE)"));
        TRY(std::string own, house->certificates().revocation_list());
        lists.push_back(std::move(own));
        return lists;
    }
    for (const std::string& file : arguments.all("revocations")) {
        TRY(std::string text, read_file(file, kMaxDocument));
        lists.push_back(std::move(text));
    }
    return lists;
}

json::value to_json(const std::string& file, const documents::Verdict& verdict) {
    json::array checks;
    for (const auto& check : verdict.checks) {
        const char* result = check.result == documents::CheckResult::ok       ? "ok"
                             : check.result == documents::CheckResult::failed ? "failed"
                                                                              : "not done";
        checks.push_back({{"id", check.id}, {"result", result}, {"text", check.text}, {"found", check.found}});
    }
    return {{"file", file}, {"standing", documents::name_of(verdict.standing)}, {"issuer", verdict.issuer}, 
            {"revocation_checked", !documents::leaves_open(verdict, "revocation")}, {"checks", checks}};
}

// What was found of one file, folder or code.
struct Finding {
    json::value as_json;
    std::string as_text;
    int code = kOk;
};

// A folder is a copy of a ledger.
Result<Finding> verify_copy(const Context& context, const documents::Trust& trust, const std::string& folder) {
    Error last{Code::not_found, "no key to believe was given"};
    for (const auto& issuer : trust.issuers) {
        Progress progress = context.progress("Verifying", "acts");
        const auto verified = ledger::verify_copy(folder, issuer.ledger_key,
                                                  [&](std::uint64_t done, std::uint64_t total) { progress.at(done, total); });
        if (!verified) {
            last = verified.error();
            continue;
        }
        return Finding{{{"folder", folder}, {"standing", verified->good() ? "valid" : "changed"},
                        {"issuer", issuer.name}, {"acts", verified->size},
                        {"first_wrong", verified->first_wrong ? json::value(*verified->first_wrong) : json::value(nullptr)},
                        {"finding", verified->finding}},
                       verified->good() ? format("OK    {} acts of {} stand as signed", verified->size, issuer.name) : format("WRONG {}", verified->finding),
                       verified->good() ? kOk : kCheckFailed};
    }
    return std::unexpected(last);
}

Finding verify_history(const documents::Trust& trust, const std::string& file, const std::string& text) {
    std::string findings;
    for (const auto& issuer : trust.issuers) {
        const auto verified = ledger::verify_history(text, issuer.ledger_key);
        if (!verified) {
            findings = verified.error().message;
            continue;
        }
        std::string lines;
        for (const auto& act : verified->acts) lines += format("OK    {}  {}\n", format_instant(act.at), act.kind);
        return {{{"file", file}, {"standing", "valid"}, {"issuer", issuer.name}, {"acts", verified->acts.size()}},
                lines + format("OK    {} acts of {} stand in its ledger", verified->acts.size(), issuer.name), kOk};
    }
    return {{{"file", file}, {"standing", "changed"}, {"finding", findings}}, format("WRONG {}: {}", file, findings), kCheckFailed};
}

Finding of_verdict(const std::string& name, const documents::Verdict& verdict) {
    return {to_json(name, verdict), documents::to_text(verdict), verdict.standing == documents::Standing::valid ? kOk : kCheckFailed};
}

Result<int> verify(const Context& context, const Arguments& arguments) {
    TRY(const documents::Trust trust, trust_of(context, arguments));
    TRY(const auto revocations, revocations_of(context, arguments));
    const Date today(std::chrono::floor<std::chrono::days>(context.clock.now()));
    if (!arguments.has("qr") && !arguments.has("file")) return fail(Code::invalid, "name a file, a folder or --qr TEXT");
    std::vector<Finding> findings;
    if (arguments.has("qr")) findings.push_back(of_verdict("qr", documents::verify_qr(arguments.one("qr"), trust, revocations, today)));
    for (const std::string& file : arguments.has("file") ? arguments.all("file") : std::vector<std::string>()) {
        if (std::filesystem::is_directory(file)) {
            TRY(Finding found, verify_copy(context, trust, file));
            findings.push_back(std::move(found));
            continue;
        }
        TRY(const std::string content, read_file(file, kMaxDocument));
        findings.push_back(content.starts_with("{") ? verify_history(trust, file, content)
                                                    : of_verdict(file, documents::verify_file(as_bytes(content), trust, revocations, today)));
        if (!content.starts_with("{")) findings.back().as_text = format("{}:\n{}", file, findings.back().as_text);
    }
    // One value for programs: that of the one file, or a list in the order of the files.
    json::array list;
    int worst = kOk;
    for (const Finding& finding : findings) {
        worst = std::max(worst, finding.code);
        if (context.json) list.push_back(finding.as_json);
        else context.print(finding.as_text);
    }
    if (context.json) context.print(list.size() == 1 ? list.front() : json::value(std::move(list)));
    return worst;
}

}  // namespace

std::vector<Command> verify_commands() {
    using Kind = Argument::Kind;
    return {
        {"verify", "checks a certificate, a case history or a whole ledger copy, without any server",
         "madang verify certificate.asics --trust trust.json --revocations revocations.txt",
         {{"file", Kind::positional_many, false, "certificate (PDF or ASiC), case history (JSON), or folder of a ledger copy"},
          {"--trust", Kind::option, false, "trust file of the issuer (default: this installation's)"},
          {"--revocations", Kind::option, false, "signed list of revoked certificates (default: this installation's)"},
          {"--qr", Kind::option, false, "the text of a QR code instead of a file"}},
         verify},
        {"ledger history", "writes the acts about a case with their proofs, for `madang verify`",
         "madang ledger history 01a3185c-5000-7002-9090-80bf93f4a6ed > history.json",
         {{"subject", Kind::positional, true, "the id of the case, as acts and `madang case show RECEIPT --json` name it"}},
         [](const Context& context, const Arguments& arguments) -> Result<int> {
             TRY(const auto house, Installation::open(context));
             TRY(const std::string history, house->store().read<std::string>(
                                                [&](store::Reader& reader) { return house->ledger().history_of(reader, arguments.one("subject")); }));
             context.print(history);
             return kOk;
         }},
        {"ledger export", "writes a copy of the ledger that anyone can verify and serve as static files",
         "madang ledger export /mnt/copy",
         {{"folder", Kind::positional, true, "an empty or earlier exported folder"}},
         [](const Context& context, const Arguments& arguments) -> Result<int> {
             TRY(const auto house, Installation::open(context));
             Progress progress = context.progress("Exporting", "acts");
             TRY(const auto summary, ledger::export_copy(house->store(), arguments.one("folder"),
                                                         [&](std::uint64_t done, std::uint64_t total) { progress.at(done, total); }));
             if (context.json) {
                 context.print(json::value{{"folder", arguments.one("folder")}, {"acts", summary.size}});
             } else {
                 context.print(format("{} acts written to {}; verify with: madang verify {}", summary.size,
                                      arguments.one("folder"), arguments.one("folder")));
             }
             return kOk;
         }},
    };
}

}  // namespace madang::cli
