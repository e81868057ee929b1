// Applications taken in at the counter and in bulk, and how the work of a body stands; over both stores.
#include <gmock/gmock.h>

#include "base/text.h"
#include "base/time_text.h"
#include "casework/procedure_fixture.h"

namespace madang::casework {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class IntakeIn : public ProcedureIn {};
INSTANTIATE_TEST_SUITE_P(Both, IntakeIn, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

TEST_P(IntakeIn, TheCounterTakesInForAPersonAndAFileForMany) {
    const auto person = store_->write<std::optional<registers::Person>>([&](store::Tx& tx) {
        return population_.person(tx, applicant("siarhei").person, *parse_date("2026-11-23"), {.who = {}, .capacity = "system", .body = kBody, .case_id = {}, .legal_ground = kGround});
    });
    const std::string number = (**person).personal_number;
    const Officer helper = officer();
    const auto outcome = casework_.intake().at_counter({kService, number, "be", "c1", "large-family", answers("77")}, helper);
    ASSERT_TRUE(outcome) << outcome.error().message;
    ASSERT_TRUE(outcome->receipt);
    const auto summary = casework_.find_for_officer(outcome->receipt->receipt, helper);
    EXPECT_EQ(summary->channel, "counter");
    const Applicant who = applicant("siarhei");
    EXPECT_TRUE(casework_.find_case(summary->receipt, {who.account, who.person})) << "the person sees it with an account of their own";
    EXPECT_EQ(casework_.find_case(summary->receipt, {who.account}).error().code, Code::not_found) << "an account without the person does not";
    EXPECT_EQ(casework_.find_case(summary->receipt, {helper.account}).error().code, Code::not_found) << "nor does the employee's own";
    ASSERT_EQ(casework_.intake().taken_in_by(helper.account, 5)->size(), 1U);
    EXPECT_EQ(casework_.intake().at_counter({kService, "0000000A000AA0", "be", "c2", "", answers("77")}, helper).error().code, Code::not_found);
    EXPECT_EQ(casework_.intake().at_counter({kService, number, "be", "c3", "", answers("77")}, officer("BY-BR")).error().code, Code::denied);

    const std::string csv = "personal_number,town,street,house,purpose,exemption\n" + number + ",Maladziečna,vulica Prytyckaha,77,work,large-family\n" + number +
                            ",Maladziečna,vulica Prytyckaha,seventy,work,large-family\nX,Maladziečna,vulica Prytyckaha,77,work,large-family\n";
    const auto report = casework_.intake().from_csv(csv, "many.csv", kService, "be", helper);
    ASSERT_TRUE(report) << report.error().message;
    ASSERT_EQ(report->size(), 3U);
    EXPECT_FALSE((*report)[0].receipt.empty());
    EXPECT_THAT((*report)[1].problems, ElementsAre(testing::AllOf(HasSubstr("house"), Not(HasSubstr("{")))));
    EXPECT_TRUE(casework_.find_case((*report)[0].receipt, {who.account, who.person})) << "the person sees what was sent for them in a file";
    EXPECT_EQ(casework_.find_case((*report)[0].receipt, {helper.account}).error().code, Code::not_found);
    EXPECT_THAT((*report)[2].problems, ElementsAre(HasSubstr("personal number")));
    EXPECT_EQ((*casework_.intake().from_csv(csv, "many.csv", kService, "be", helper))[0].receipt, (*report)[0].receipt) << "sent twice is once";
    const auto moved = casework_.intake().from_csv("street,personal_number,town,house,purpose,exemption\n"
                                                     "vulica Prytyckaha,X,Maladziečna,77,work,\nvulica Prytyckaha," + number + ",Maladziečna,77,work,large-family\n", "other.csv", kService, "be", helper);
    ASSERT_TRUE(moved) << moved.error().message;
    EXPECT_EQ((*moved)[1].receipt, (*report)[0].receipt) << "in another file and order it is the same application";
    EXPECT_EQ(casework_.find_for_officer((*report)[0].receipt, officer())->channel, "bulk");
    EXPECT_EQ(casework_.intake().from_csv("personal_number,towm\n", "many.csv", kService, "be", helper).error().message, "many.csv:1: the form has no field \"towm\"; did you mean \"town\"?");
    // The same row next year is another application; the first is closed by then.
    clock_.advance(std::chrono::hours(24 * 300));
    work();
    const auto next_year = casework_.intake().from_csv(csv, "many.csv", kService, "be", helper);
    ASSERT_TRUE(next_year) << next_year.error().message;
    EXPECT_FALSE((*next_year)[0].receipt.empty());
    EXPECT_NE((*next_year)[0].receipt, (*report)[0].receipt);
    EXPECT_EQ((*casework_.intake().from_csv(csv, "many.csv", kService, "be", helper))[0].receipt, (*next_year)[0].receipt) << "and that one sent twice is once";
}

TEST_P(IntakeIn, TheHeadSeesWorkAndWhatWillBeLate) {
    for (int i = 0; i < 4; ++i) submit_to_officer(applicant("siarhei"), "large-family", format("k{}", i));
    const auto before = casework_.workloads().of(kBody);
    ASSERT_TRUE(before) << before.error().message;
    EXPECT_EQ(before->open, 4);
    EXPECT_EQ(before->unassigned, 4);
    EXPECT_EQ(before->breaches, 4) << "nothing was ever decided here, so nothing will be in time";
    EXPECT_EQ(before->ages[0], 4);
    const CaseSummary one = casework_.inbox(kBody)->front();
    ASSERT_TRUE(casework_.decide(one.id, officer(), refuse()));
    ASSERT_TRUE(confirm(one, officer()));
    clock_.advance(std::chrono::hours(24 * 7));
    const auto after = casework_.workloads().of(kBody);
    EXPECT_EQ(after->open, 3);
    EXPECT_EQ(after->overdue, 3);
    EXPECT_EQ(after->decided_30, 1);
    const std::string svg = plot_svg(*after, {"Due <by day>", "due", "late", {}});
    EXPECT_THAT(svg, HasSubstr("<title>Due &lt;by day&gt;</title>"));
    EXPECT_THAT(svg, Not(HasSubstr("style=")));
    EXPECT_THAT(plot_text(*after), HasSubstr("2026-11-30      3 due"));
    const auto csv = [&](std::string_view from, std::string_view until) {
        return *casework_.workloads().csv(kBody, *csv_range(pack_.government, from, until), [](const identity::AccountId&) { return std::string("=Nina"); });
    };
    EXPECT_THAT(csv("", ""), HasSubstr(one.receipt + ",application,certificate-of-residence,refused,portal,"));
    EXPECT_THAT(csv("", ""), HasSubstr(",\"'=Nina\",")) << "beside its id, and no formula";
    clock_.advance(std::chrono::hours(24 * 90));
    EXPECT_EQ(std::ranges::count(csv("2026-11-01", ""), '\n'), 5) << "a case is not lost by getting old";
    EXPECT_EQ(std::ranges::count(csv("2026-11-24", ""), '\n'), 1);
    EXPECT_EQ(std::ranges::count(csv("", "2026-11-23"), '\n'), 5);
    EXPECT_EQ(csv_range(pack_.government, "2026-11-24", "2026-11-23").error().code, Code::invalid);
    EXPECT_EQ(casework_.workloads().of("NOWHERE").error().code, Code::not_found);
}

}  // namespace
}  // namespace madang::casework
