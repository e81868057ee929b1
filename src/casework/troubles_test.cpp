// Faults of one case: it is tried again with growing pauses, then an operator sees it; the others go on.
#include "casework/troubles.h"

#include "base/text.h"
#include "casework/casework_fixture.h"

namespace madang::casework {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Not;

const catalogue::Pack& strict_pack() {
    static const catalogue::Pack loaded = make_strict_pack();
    return loaded;
}

class TroublesIn : public CaseworkFixture {
protected:
    explicit TroublesIn(const catalogue::Pack& used = strict_pack()) : CaseworkFixture(used) {}
    CaseRowView take(const std::string& key, std::string_view who = "siarhei") {
        const Applicant one = applicant(who);
        const auto outcome = casework_.submit({.service = kService, .applicant = one, .language = "en", .idempotency_key = key, .answers = answers("13"), .exemption = "large-family"});
        EXPECT_TRUE(outcome && outcome->receipt);
        work();
        return {*outcome->receipt, one};
    }
    CaseSummary now(const CaseRowView& view) { return case_of(view.receipt, view.who); }
    void execute(const std::string& sql) {
        ASSERT_TRUE(store_->write([&](store::Tx& tx) -> Result<void> {
            TRY_DO(tx.execute(sql));
            return {};
        }));
    }
    void spoil_clock(const CaseRowView& view) { execute(format("UPDATE casework_clock SET clock='no clock' WHERE case_id='{}'", now(view).id.text())); }
    // As long as the pauses of all attempts take.
    void try_until_tired() {
        for (int i = 0; i < 12; ++i) {
            work();
            clock_.advance(std::chrono::minutes(20));
        }
        work();
    }
    std::vector<Trouble> incidents() { return casework_.troubles().list(Troubles::Which::incidents, 0, 100)->troubles; }
};
INSTANTIATE_TEST_SUITE_P(Both, TroublesIn, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

TEST_P(TroublesIn, ATermThatCannotEndHoldsUpNoOtherAndBecomesAnIncident) {
    const CaseRowView ill = take("first");
    clock_.advance(std::chrono::seconds(1));
    const CaseRowView well = take("second", "ivan");
    spoil_clock(ill);
    clock_.advance(now(well).due_at - clock_.now() + std::chrono::seconds(1));
    work();
    EXPECT_EQ(now(well).status, Status::refused) << "by law, though the older one fails";
    EXPECT_EQ(now(ill).status, Status::with_officer);
    EXPECT_THAT(incidents(), IsEmpty()) << "it is tried again by itself first";
    EXPECT_EQ(casework_.troubles().list(Troubles::Which::all, 0, 100)->total, 1);
    try_until_tired();
    ASSERT_EQ(incidents().size(), 1U);
    const Trouble trouble = incidents().front();
    EXPECT_EQ(trouble.work, Work::term);
    EXPECT_EQ(trouble.attempts, 10);
    EXPECT_EQ(trouble.receipt, ill.receipt.receipt);
    EXPECT_GT(trouble.last_at, trouble.since);
    EXPECT_THAT(trouble.problem, Not(IsEmpty()));
    const auto entries = log_.entries();
    EXPECT_EQ(std::ranges::count_if(entries, [&](const std::string& line) { return line.contains(now(ill).id.text()); }), 2) << "once when it failed, once when it waits for a person";
}

TEST_P(TroublesIn, WhatWasMendedIsTriedAgain) {
    const CaseRowView ill = take("first");
    const auto clock = store_->read<std::optional<std::string>>([&](store::Reader& reader) {
        return reader.first<std::string>("SELECT clock FROM casework_clock", {}, [](const store::Row& row) { return std::string(row.text(0)); });
    });
    spoil_clock(ill);
    clock_.advance(now(ill).due_at - clock_.now() + std::chrono::seconds(1));
    try_until_tired();
    const std::string reference = incidents().front().reference();
    execute(format("UPDATE casework_clock SET clock='{}'", **clock));
    work();
    EXPECT_EQ(now(ill).status, Status::with_officer) << "a person has it tried again";
    EXPECT_EQ(casework_.troubles().retry(now(ill).id.text() + ":term:7", "operator").error().code, Code::not_found);
    ASSERT_TRUE(casework_.troubles().retry(reference, "operator"));
    work();
    EXPECT_EQ(now(ill).status, Status::refused);
    EXPECT_EQ(now(ill).decided_at, now(ill).due_at);
    EXPECT_THAT(incidents(), IsEmpty());
    EXPECT_THAT(acts_of(now(ill)), Contains("work.retried"));
}

TEST_P(TroublesIn, WhatTheLawLetsFollowIsNotLeftOut) {
    const CaseRowView ill = take("first");
    spoil_clock(ill);
    clock_.advance(now(ill).due_at - clock_.now() + std::chrono::seconds(1));
    work();
    const std::string reference = casework_.troubles().list(Troubles::Which::all, 0, 100)->troubles.front().reference();
    EXPECT_EQ(casework_.troubles().skip(reference, "It takes too long.", "operator").error().code, Code::conflict) << "it is tried again by itself first";
    try_until_tired();
    EXPECT_FALSE(incidents().front().can_skip);
    EXPECT_EQ(casework_.troubles().skip(reference, "The officer decides, as agreed by telephone.", "operator").error().code, Code::denied);
    EXPECT_EQ(incidents().size(), 1U);
    // An officer may still decide.
    EXPECT_EQ(now(ill).status, Status::with_officer);
}

TEST_P(TroublesIn, AnAnswerThatCannotBeClosedHoldsUpNoOther) {
    const CaseRowView ill = take("first");
    const CaseRowView well = take("second", "ivan");
    for (const CaseRowView* one : {&ill, &well}) ASSERT_TRUE(casework_.letters().request_completion(now(*one).id, officer(), {"The lease"}, "Please."));
    spoil_clock(ill);
    clock_.advance(std::chrono::hours(24 * 14));
    work();
    EXPECT_EQ(now(well).status, Status::with_officer);
    EXPECT_EQ(now(ill).status, Status::awaiting_applicant);
    try_until_tired();
    EXPECT_THAT(incidents(), Contains(testing::Field(&Trouble::work, Work::reply)));
}

TEST_P(TroublesIn, AQuestionThatCannotBeClosedHoldsUpNoOtherAndIsLeftOutWithItsReason) {
    const CaseRowView ill = take("first");
    const CaseRowView well = take("second", "ivan");
    const auto soon = *government::parse_short_term("1wd");
    for (const CaseRowView* one : {&ill, &well}) ASSERT_TRUE(casework_.consultations().ask(now(*one).id, officer(), {"BY-MI-MLD"}, "Is it so?", soon));
    execute(format("UPDATE casework_consultation SET content=casework_case.content FROM casework_case WHERE casework_consultation.case_id='{}' AND casework_case.case_id='{}'",
                   now(ill).id.text(), now(well).id.text()));
    EXPECT_EQ(casework_.consultations().inbox(officer("BY-MI-MLD"))->size(), 1U);
    clock_.advance(std::chrono::hours(24 * 4));
    work();
    EXPECT_THAT(acts_of(now(well)), Contains("consultation.unanswered"));
    try_until_tired();
    ASSERT_EQ(incidents().size(), 1U);
    EXPECT_EQ(incidents().front().work, Work::consultation);
    const std::string reference = incidents().front().reference();
    EXPECT_EQ(casework_.troubles().skip(reference, "  ", "operator").error().code, Code::invalid);
    ASSERT_TRUE(casework_.troubles().skip(reference, "Asked by telephone.", "operator"));
    EXPECT_EQ(casework_.troubles().skip(reference, "Again.", "operator").error().code, Code::not_found);
    const auto acts = *casework_.history(now(ill));
    const auto act = std::ranges::find(acts, std::string("work.skipped"), &ledger::Act::kind);
    ASSERT_NE(act, acts.end());
    EXPECT_EQ(string_or(act->details, "work", ""), "consultation");
    EXPECT_EQ(string_or(act->details, "reason", ""), "Asked by telephone.");
    EXPECT_EQ(act->actor, "operator");
    EXPECT_EQ(count(format("SELECT count(*) FROM casework_consultation WHERE answered_at IS NULL AND case_id='{}'", now(ill).id.text())), 0);
}

TEST_P(TroublesIn, APaperThatCannotBeDrawnHoldsUpNoOther) {
    const CaseRowView ill = take("first");
    const CaseRowView well = take("second", "ivan");
    for (const CaseRowView* one : {&ill, &well}) {
        ASSERT_TRUE(casework_.decide(now(*one).id, officer(), refuse()));
        ASSERT_TRUE(confirm(now(*one), officer()));
    }
    execute(format("UPDATE casework_decision SET content=casework_case.content FROM casework_case WHERE casework_decision.case_id='{0}' AND casework_case.case_id='{0}'", now(ill).id.text()));
    work();
    EXPECT_EQ(count("SELECT count(*) FROM casework_decision WHERE state='signed'"), 1);
    try_until_tired();
    ASSERT_EQ(incidents().size(), 1U);
    EXPECT_EQ(incidents().front().work, Work::letter);
}

TEST_P(TroublesIn, APaymentThatCannotBeClosedHoldsUpNoOther) {
    std::vector<CaseRowView> views;
    for (const char* key : {"first", "second"}) {
        const Applicant one = applicant(std::string_view(key) == "first" ? "siarhei" : "ivan");
        const auto outcome = casework_.submit({.service = kService, .applicant = one, .language = "en", .idempotency_key = key, .answers = answers("13")});
        ASSERT_TRUE(outcome && outcome->receipt);
        views.push_back({*outcome->receipt, one});
    }
    execute(format("UPDATE casework_payment SET pay_by={}", (clock_.now() + std::chrono::hours(1)).time_since_epoch().count()));
    ASSERT_TRUE(store_->write([&](store::Tx& tx) { return vault_.erase(tx, views[0].who.person); }));
    clock_.advance(std::chrono::hours(2));
    work();
    EXPECT_EQ(now(views[1]).status, Status::lapsed);
    try_until_tired();
    ASSERT_EQ(incidents().size(), 1U);
    EXPECT_EQ(incidents().front().work, Work::fee);
    ASSERT_TRUE(casework_.troubles().skip(incidents().front().reference(), "The applicant's data are destroyed.", "operator"));
    work();
    EXPECT_EQ(casework_.troubles().list(Troubles::Which::all, 0, 100)->total, 0);
}

TEST_P(TroublesIn, AStepThatIsLeftOutIsAnOfficersToDecide) {
    const Applicant who = applicant("siarhei");
    const auto outcome = casework_.submit({.service = kService, .applicant = who, .language = "en", .idempotency_key = "key", .answers = answers("13"), .exemption = "large-family"});
    ASSERT_TRUE(outcome && outcome->receipt);
    const CaseRowView ill{*outcome->receipt, who};
    const Bytes before = *store_->read<Bytes>([&](store::Reader& reader) -> Result<Bytes> {
        TRY(auto found, reader.first<Bytes>("SELECT content FROM casework_case", {}, [](const store::Row& row) { return Bytes(row.bytes(0).begin(), row.bytes(0).end()); }));
        return *found;
    });
    execute("UPDATE casework_case SET content=" + std::string(GetParam() == "sqlite" ? "x'00'" : "'\\x00'"));
    try_until_tired();
    ASSERT_EQ(incidents().size(), 1U);
    EXPECT_EQ(incidents().front().work, Work::job);
    ASSERT_TRUE(store_->write([&](store::Tx& tx) -> Result<void> {
        TRY_DO(tx.execute("UPDATE casework_case SET content=$1", {before}));
        return {};
    }));
    ASSERT_EQ(now(ill).status, Status::received);
    ASSERT_TRUE(casework_.troubles().skip(incidents().front().reference(), "The rule is wrong; decide by hand.", "operator"));
    EXPECT_EQ(now(ill).status, Status::with_officer);
    ASSERT_TRUE(casework_.decide(now(ill).id, officer(), refuse()));
    ASSERT_TRUE(confirm(now(ill), officer()));
    EXPECT_EQ(now(ill).status, Status::refused);
}

}  // namespace
}  // namespace madang::casework
