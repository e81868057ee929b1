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

// A folder is a copy of a ledger.
Result<int> verify_copy(const Context& context, const documents::Trust& trust, const std::string& folder) {
    Error last{Code::not_found, "no key to believe was given"};
    for (const auto& issuer : trust.issuers) {
        Progress progress = context.progress("Verifying", "acts");
        const auto verified = ledger::verify_copy(folder, issuer.ledger_key,
                                                  [&](std::uint64_t done, std::uint64_t total) { progress.at(done, total); });
        if (!verified) {
            last = verified.error();
            continue;
        }
        if (context.json) {
            context.print(json::value{{"folder", folder}, {"standing", verified->good() ? "valid" : "changed"},
                                      {"issuer", issuer.name}, {"acts", verified->size},
                                      {"first_wrong", verified->first_wrong ? json::value(*verified->first_wrong) : json::value(nullptr)},
                                      {"finding", verified->finding}});
        } else {
            context.print(verified->good() ? format("OK    {} acts of {} stand as signed", verified->size, issuer.name)
                                           : format("WRONG {}", verified->finding));
        }
        return verified->good() ? kOk : kCheckFailed;
    }
    return std::unexpected(last);
}

Result<int> verify_history(const Context& context, const documents::Trust& trust, const std::string& file,
                           const std::string& text) {
    std::string findings;
    for (const auto& issuer : trust.issuers) {
        const auto verified = ledger::verify_history(text, issuer.ledger_key);
        if (!verified) {
            findings = verified.error().message;
            continue;
        }
        if (context.json) {
            context.print(json::value{{"file", file}, {"standing", "valid"}, {"issuer", issuer.name}, {"acts", verified->acts.size()}});
        } else {
            for (const auto& act : verified->acts) context.print(format("OK    {}  {}", format_instant(act.at), act.kind));
            context.print(format("OK    {} acts of {} stand in its ledger", verified->acts.size(), issuer.name));
        }
        return kOk;
    }
    if (context.json) {
        context.print(json::value{{"file", file}, {"standing", "changed"}, {"finding", findings}});
    } else {
        context.print(format("WRONG {}: {}", file, findings));
    }
    return kCheckFailed;
}

Result<int> verify(const Context& context, const Arguments& arguments) {
    TRY(const documents::Trust trust, trust_of(context, arguments));
    TRY(const auto revocations, revocations_of(context, arguments));
    const Date today(std::chrono::floor<std::chrono::days>(context.clock.now()));
    if (arguments.has("qr")) {
        const auto verdict = documents::verify_qr(arguments.one("qr"), trust, revocations, today);
        context.json ? context.print(to_json("qr", verdict)) : context.print(documents::to_text(verdict));
        return verdict.standing == documents::Standing::valid ? kOk : kCheckFailed;
    }
    if (!arguments.has("file")) return fail(Code::invalid, "name a file, a folder or --qr TEXT");
    int worst = kOk;
    for (const std::string& file : arguments.all("file")) {
        if (std::filesystem::is_directory(file)) {
            TRY(const int code, verify_copy(context, trust, file));
            worst = std::max(worst, code);
            continue;
        }
        TRY(const std::string content, read_file(file, kMaxDocument));
        if (content.starts_with("{")) {
            TRY(const int code, verify_history(context, trust, file, content));
            worst = std::max(worst, code);
            continue;
        }
        const auto verdict = documents::verify_file(as_bytes(content), trust, revocations, today);
        if (context.json) {
            context.print(to_json(file, verdict));
        } else {
            context.print(format("{}:\n{}", file, documents::to_text(verdict)));
        }
        if (verdict.standing != documents::Standing::valid) worst = kCheckFailed;
    }
    return worst;
}

}  // namespace

std::vector<Command> verify_commands() {
    using Kind = Argument::Kind;
    return {
        {"verify", "checks a certificate, a case history or a whole ledger copy, without any server",
         "madang verify certificate.asice --trust trust.json --revocations revocations.txt",
         {{"file", Kind::positional_many, false, "certificate (PDF or ASiC), case history (JSON), or folder of a ledger copy"},
          {"--trust", Kind::option, false, "trust file of the issuer (default: this installation's)"},
          {"--revocations", Kind::option, false, "signed list of revoked certificates (default: this installation's)"},
          {"--qr", Kind::option, false, "the text of a QR code instead of a file"}},
         verify},
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
