// madang case incidents|retry|skip: work that failed for cases until somebody looks.
#include "base/text.h"
#include "base/time_text.h"
#include "cli/installation.h"

namespace madang::cli {
namespace {

using casework::Trouble;
using casework::Troubles;

constexpr std::int64_t kPage = 500;
constexpr const char* kOperator = "operator";

Result<int> incidents(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    TRY(const std::uint64_t page, within(parse_decimal(arguments.one_or("page", "1")), "--page"));
    if (page < 1 || page > 1'000'000) return fail(Code::invalid, "--page: a number from 1");
    const std::int64_t first = (static_cast<std::int64_t>(page) - 1) * kPage;
    TRY(const auto found, house->casework().troubles().list(arguments.has("all") ? Troubles::Which::all : Troubles::Which::incidents, first, kPage));
    json::array all;
    for (const Trouble& one : found.troubles) {
        if (context.json) {
            all.push_back(json::object{{"reference", one.reference()}, {"body", one.body}, {"receipt", one.receipt}, {"service", one.service}, {"work", casework::name_of(one.work)},
                                       {"incident", one.incident}, {"problem", one.problem}, {"attempts", one.attempts}, {"since", format_instant(one.since)}, {"last_at", format_instant(one.last_at)}, {"can_skip", one.can_skip}});
            continue;
        }
        const std::string next = one.incident ? std::string() : format(", tried again at {}", format_instant(one.next_at));
        context.print(format("{}\n    {} of {}: failed {} times since {}, last at {}{}\n    {}", one.reference(), casework::name_of(one.work), one.receipt.empty() ? "no case" : one.receipt, one.attempts,
                             format_instant(one.since), format_instant(one.last_at), next, one.problem));
    }
    if (context.json) context.print(json::value(std::move(all)));
    else if (found.troubles.empty()) context.print("nothing waits for a person");
    const std::int64_t end = first + std::ssize(found.troubles);
    if (found.total > end) std::fprintf(stderr, "%s\n", format("{} to {} of {}; the next with --page {}", first + 1, end, found.total, page + 1).c_str());
    return kOk;
}

Result<int> retry(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    TRY_DO(house->casework().troubles().retry(arguments.one("reference"), kOperator));
    context.print(context.json ? json::serialize(json::value{{"done", "due"}}) : std::string("it is due now"));
    return kOk;
}

Result<int> skip(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    TRY_DO(house->casework().troubles().skip(arguments.one("reference"), arguments.one("reason"), kOperator));
    context.print(context.json ? json::serialize(json::value{{"done", "skipped"}}) : std::string("it is left out; the reason stands in the history of the case"));
    return kOk;
}

}  // namespace

std::vector<Command> case_incident_commands() {
    using Kind = Argument::Kind;
    const Argument reference{"reference", Kind::positional, true, "CASE:WORK:NUMBER, as \"case incidents\" lists it"};
    return {
        {"case incidents", "work of the house that failed for cases until somebody looks", "madang case incidents",
         {{"--all", Kind::flag, false, "also what is tried again by itself"}, {"--page", Kind::option, false, "of 500 each (default: 1)"}}, incidents},
        {"case retry", "do failed work of a case again now", "madang case retry 01a3185c-5000-7002-9090-80bf93f4a6ed:term:0", {reference}, retry},
        {"case skip", "leave failed work of a case out, with a reason that stays in its history", "madang case skip 01a3185c-5000-7002-9090-80bf93f4a6ed:term:0 --reason \"the officers decide\"",
         {reference, {"--reason", Kind::option, true, "why"}}, skip},
    };
}

}  // namespace madang::cli
