#include "casework/case.h"

#include <array>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "base/time_text.h"
#include "crypto/hash.h"

namespace madang::casework {
namespace {

constexpr std::array<std::pair<Status, std::string_view>, 12> kNames{{{Status::awaiting_fee, "awaiting_fee"},
                                                                      {Status::received, "received"},
                                                                      {Status::with_officer, "with_officer"},
                                                                      {Status::awaiting_applicant, "awaiting_applicant"},
                                                                      {Status::with_second_officer, "with_second_officer"},
                                                                      {Status::granted, "granted"},
                                                                      {Status::issued, "issued"},
                                                                      {Status::refused, "refused"},
                                                                      {Status::withdrawn, "withdrawn"},
                                                                      {Status::merged, "merged"},
                                                                      {Status::lapsed, "lapsed"},
                                                                      {Status::allowed, "allowed"}}};

}  // namespace

std::string_view name_of(Status status) {
    for (const auto& [value, name] : kNames) {
        if (value == status) return name;
    }
    MADANG_CHECK(false);
}

Result<Status> parse_status(std::string_view text) {
    for (const auto& [value, name] : kNames) {
        if (name == text) return value;
    }
    return fail(Code::corrupted, format("there is no case status \"{}\"", text));
}

bool is_closed(Status status) {
    return status == Status::issued || status == Status::refused || status == Status::withdrawn || status == Status::merged ||
           status == Status::allowed || status == Status::lapsed;
}

namespace {

constexpr std::array<std::pair<ClockState, std::string_view>, 5> kClockStates{{{ClockState::none, ""},
                                                                               {ClockState::running, "running"},
                                                                               {ClockState::suspended, "suspended"},
                                                                               {ClockState::stopped, "stopped"},
                                                                               {ClockState::ended, "ended"}}};

}  // namespace

std::string_view name_of(ClockState state) { return kClockStates[static_cast<std::size_t>(state)].second; }

Result<ClockState> parse_clock_state(std::string_view text) {
    for (const auto& [value, name] : kClockStates) {
        if (name == text) return value;
    }
    return fail(Code::corrupted, format("there is no state of a clock \"{}\"", text));
}

bool stands_still(const CaseSummary& summary) {
    if (summary.decided_at || is_closed(summary.status)) return false;
    if (summary.clock == ClockState::none) return summary.status == Status::awaiting_applicant || summary.status == Status::awaiting_fee;
    return summary.clock == ClockState::suspended;
}

bool is_overdue(const CaseSummary& summary, Instant now) {
    if (summary.decided_at || is_closed(summary.status) || stands_still(summary)) return false;
    switch (summary.clock) {
        case ClockState::ended: return true;
        case ClockState::none:
        case ClockState::running: return summary.due_at < now;
        case ClockState::suspended:
        case ClockState::stopped: break;
    }
    return false;
}

int used_up(const CaseSummary& summary, Instant now) {
    if (summary.decided_at || is_closed(summary.status)) return 0;
    if (is_overdue(summary, now)) return 100;
    const Instant at = stands_still(summary) ? summary.stands_since.value_or(summary.submitted_at) : now;
    if (summary.most_at && at >= *summary.most_at) return 80;
    return summary.half_at && at >= *summary.half_at ? 50 : 0;
}

std::string_view name_of(CaseKind kind) { return kind == CaseKind::application ? "application" : "appeal"; }

Result<CaseKind> parse_case_kind(std::string_view text) {
    for (const CaseKind kind : {CaseKind::application, CaseKind::appeal}) {
        if (name_of(kind) == text) return kind;
    }
    return fail(Code::corrupted, format("there is no kind of case \"{}\"", text));
}

json::object to_json(const CaseContent& content) {
    json::object object{{"answers", content.answers}, {"facts", content.facts}, {"outcome", content.outcome},
                        {"trace", content.trace}, {"reason", content.reason}, {"salt", content.salt}};
    if (!content.proposal.empty()) object["proposal"] = content.proposal;
    if (content.granted) object["granted"] = true;
    json::array deciders;
    for (const Decider& one : content.deciders) deciders.push_back(json::object{{"account", one.account}, {"person", one.person}, {"for", one.acting_for}});
    if (!deciders.empty()) object["deciders"] = std::move(deciders);
    json::array tasks;
    for (const TaskDone& one : content.tasks) {
        tasks.push_back(json::object{{"node", one.node}, {"name", one.name}, {"outcome", one.outcome}, {"remark", one.remark}, {"account", one.account}, {"for", one.acting_for}, {"at", one.at}});
        if (!one.answers.empty()) tasks.back().as_object()["answers"] = one.answers;
    }
    if (!tasks.empty()) object["tasks"] = std::move(tasks);
    json::array earlier;
    for (const EarlierAnswers& one : content.earlier) earlier.push_back(json::object{{"answers", one.answers}, {"salt", one.salt}, {"until", format_instant(one.until)}, {"by", one.by}});
    if (!earlier.empty()) object["earlier"] = std::move(earlier);
    return object;
}

std::string commitment_of(std::string_view salt, const json::object& answers) {
    // Fractions stay exact as text; everything else is as RFC 8785 writes it.
    return hex(crypto::sha256(as_bytes(std::string(salt) + json::serialize(answers))));
}

json::object proposal_of(const CaseContent& content) {
    return {{"outcome", bool_or(content.proposal, "granted", false) ? "grant" : "refuse"}, {"ground", string_or(content.proposal, "ground", "")},
            {"reason", string_or(content.proposal, "reason", "")}, {"sha256", proposal_hash(content)}};
}

std::string proposal_hash(const CaseContent& content) { return hex(crypto::sha256(as_bytes(commitment_of(content) + canonical_json(content.proposal)))); }

std::string commitment_of(const CaseContent& content) { return commitment_of(content.salt, content.answers); }

namespace {

Result<void> read_earlier(CaseContent& content, const json::object& object) {
    if (!object.contains("earlier")) return {};
    TRY(const json::array earlier, array_at(object, "earlier", "case"));
    for (const json::value& item : earlier) {
        if (!item.is_object()) return fail(Code::corrupted, "case: \"earlier\" lists objects");
        EarlierAnswers one;
        TRY(one.answers, object_at(item.get_object(), "answers", "case"));
        one.salt = string_or(item.get_object(), "salt", "");
        TRY(one.until, parse_instant(string_or(item.get_object(), "until", "")));
        one.by = string_or(item.get_object(), "by", "");
        content.earlier.push_back(std::move(one));
    }
    return {};
}

}  // namespace

Result<CaseContent> parse_content(const json::value& value) {
    const auto* object = value.if_object();
    if (object == nullptr) return fail(Code::corrupted, "the content of a case is an object");
    CaseContent content;
    TRY(content.answers, object_at(*object, "answers", "case"));
    TRY(content.facts, object_at(*object, "facts", "case"));
    TRY(content.outcome, object_at(*object, "outcome", "case"));
    if (const auto* trace = object->if_contains("trace")) content.trace = *trace;
    content.reason = string_or(*object, "reason", "");
    content.salt = string_or(*object, "salt", "");
    content.granted = bool_or(*object, "granted", string_or(*object, "decided", "") == "granted");
    if (object->contains("proposal")) {
        TRY(content.proposal, object_at(*object, "proposal", "case"));
    }
    if (object->contains("tasks")) {
        TRY(const json::array tasks, array_at(*object, "tasks", "case"));
        for (const json::value& item : tasks) {
            if (!item.is_object()) return fail(Code::corrupted, "case: \"tasks\" lists objects");
            const json::object& one = item.get_object();
            content.tasks.push_back({string_or(one, "node", ""), string_or(one, "name", ""), string_or(one, "outcome", ""), string_or(one, "remark", ""), string_or(one, "account", ""),
                                     string_or(one, "for", ""), string_or(one, "at", "")});
            if (one.contains("answers")) {
                TRY(content.tasks.back().answers, object_at(one, "answers", "case"));
            }
        }
    }
    TRY_DO(read_earlier(content, *object));
    if (!object->contains("deciders")) return content;
    TRY(const json::array deciders, array_at(*object, "deciders", "case"));
    for (const json::value& item : deciders) {
        if (!item.is_object()) return fail(Code::corrupted, "case: \"deciders\" lists objects");
        const json::object& one = item.get_object();
        content.deciders.push_back({string_or(one, "account", ""), string_or(one, "person", ""), string_or(one, "for", "")});
    }
    return content;
}

registers::WrittenAddress stated_address(const CaseContent& content) {
    const json::object& answers = content.answers;
    return {string_or(answers, "town", ""), string_or(answers, "street", ""), string_or(answers, "house", ""), string_or(answers, "flat", "")};
}

}  // namespace madang::casework
