// madang certificate revoke.
#include <array>

#include "base/text.h"
#include "cli/installation.h"

namespace madang::cli {
namespace {

constexpr std::array<documents::Reason, 5> kReasons{documents::Reason::issued_in_error, documents::Reason::facts_changed,
                                                    documents::Reason::obtained_by_deceit, documents::Reason::replaced, documents::Reason::court_decision};

Result<documents::Reason> parse_reason(const std::string& text) {
    std::vector<std::string> known;
    for (const auto reason : kReasons) {
        if (documents::name_of(reason) == text) return reason;
        known.emplace_back(documents::name_of(reason));
    }
    return fail(Code::invalid, format("--reason {}: it is one of {}", text, join(known, ", ")));
}

Result<int> revoke(const Context& context, const Arguments& arguments) {
    TRY(const auto reason, parse_reason(arguments.one("reason")));
    TRY(const auto house, Installation::open(context));
    const documents::Revoker by{.actor = "operator", .capacity = "system", .legal_ground = arguments.one("ground"), .reason = reason};
    TRY_DO(house->store().write([&](store::Tx& tx) { return house->certificates().revoke(tx, arguments.one("code"), by); }));
    // The act goes into the tree now, so that the next list of revoked codes proves it.
    TRY_DO(house->ledger().integrate());
    if (context.json) {
        context.print(json::value{{"code", arguments.one("code")}, {"standing", "revoked"}});
    } else {
        context.print(format("the certificate {} is revoked", arguments.one("code")));
    }
    return kOk;
}

}  // namespace

std::vector<Command> certificate_commands() {
    using Kind = Argument::Kind;
    return {{"certificate revoke", "takes a certificate back, on a legal ground",
             "madang certificate revoke 7K2M-Q9XD-4TRB-VHN3-W --reason facts_changed --ground \"Law No. 433-Z, article 32\"",
             {{"code", Kind::positional, true, "the certificate's code"},
              {"--reason", Kind::option, true, "issued_in_error, facts_changed, obtained_by_deceit, replaced or court_decision"},
              {"--ground", Kind::option, true, "the article of law, one public line"}},
             revoke}};
}

}  // namespace madang::cli
