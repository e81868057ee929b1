// How a case's clock is shown and followed, over both stores: standing, calendars that change in content, reopening.
#include <gmock/gmock.h>

#include "base/text.h"
#include "base/time_text.h"
#include "casework/casework_fixture.h"

namespace madang::casework {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

// Three working days, a letter that asks for what is missing, no fee, one officer; the next edition of the calendar can be put in.
catalogue::Pack plain_pack() {
    catalogue::Pack changed = make_strict_pack();
    changed.services.front().four_eyes = false;
    changed.services.front().fee_amount = "0.00";
    changed.services.front().appeal->within_days = 18;
    return changed;
}

// The government of the pack whose edition of 2026 has another day off; the edition has no day of publication.
government::Government with_day_off(std::string_view day) {
    json::value value = *parse_json(*read_file(MADANG_SOURCE_DIR "/packs/by/government.json"));
    for (json::value& one : value.at("calendar").at("editions").as_array()) {
        if (one.at("years").as_array().front() == 2026) one.at("days_off").as_array().emplace_back(day);
    }
    return *government::parse_government(json::serialize(value), "government.json");
}

class ClockOf : public CaseworkFixture {
protected:
    ClockOf() : CaseworkFixture(own_) {}

    CaseRowView to_officer(const std::string& key = "key") {
        const Applicant who = applicant("siarhei");
        const CaseRowView view{submit(who, "77", key), who};
        work();
        return view;
    }
    CaseSummary now(const CaseRowView& view) { return case_of(view.receipt, view.who); }
    government::DueDate told(const CaseRowView& view) { return **casework_.terms().explain(now(view)); }
    std::string day(Instant moment) { return format_date(pack_.government.time_zone().date(moment)); }
    std::string words(const CaseRowView& view) {
        std::string text;
        for (const auto& step : told(view).steps) text += government::in_words(step, Catalogue(), "en", pack_.government) + "\n";
        return text;
    }
    std::vector<std::string> overdue() {
        std::vector<std::string> receipts;
        const auto page = casework_.search(kBody, {.which = CaseFilter::Which::all, .overdue = true}, 0, 100);
        EXPECT_TRUE(page) << page.error().message;
        for (const auto& one : page->cases) receipts.push_back(one.receipt);
        return receipts;
    }
    void days(int count) { clock_.advance(std::chrono::hours(24) * count); }

    catalogue::Pack own_ = plain_pack();
};
INSTANTIATE_TEST_SUITE_P(Both, ClockOf, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

TEST_P(ClockOf, ThatStandsIsNotOverdueAnywhere) {
    const CaseRowView view = to_officer();
    ASSERT_TRUE(casework_.consultations().ask(now(view).id, officer(), {"BY-MI", "BY-MI-MLD"}, "Is the house in use?", *government::parse_short_term("20wd")));
    days(9);
    EXPECT_EQ(now(view).clock, ClockState::suspended);
    EXPECT_EQ(now(view).stands_since, *parse_instant("2026-11-23T07:00:00Z"));
    EXPECT_LT(now(view).due_at, clock_.now());
    EXPECT_FALSE(is_overdue(now(view), clock_.now()));
    EXPECT_THAT(overdue(), Not(Contains(view.receipt.receipt)));
    const auto workload = casework_.workloads().of(kBody);
    EXPECT_EQ(workload->overdue, 0);
    EXPECT_EQ(workload->waiting, 1);
    EXPECT_EQ(workload->breaches, 0);
    const std::string csv = *casework_.workloads().csv(kBody, {}, [](const identity::AccountId&) { return std::string(); });
    EXPECT_THAT(csv, HasSubstr(",suspended,no"));
    EXPECT_THAT(csv, Not(HasSubstr(format_instant(now(view).due_at))));
    // As if it went on now, by its own name and those of the bodies.
    EXPECT_EQ(day(told(view).at), "2026-12-07");
    EXPECT_THAT(words(view), HasSubstr("The clock has been standing since 23 November 2026, waiting for another body: Minsk Regional Executive Committee, Maladziečna District Executive Committee."));
    EXPECT_THAT(words(view), Not(HasSubstr("stood from")));
}

TEST_P(ClockOf, RunsOutAndIsOverdueEverywhere) {
    own_.services.front().term.at_end.clear();
    const CaseRowView view = to_officer();
    EXPECT_FALSE(is_overdue(now(view), clock_.now()));
    days(9);
    EXPECT_TRUE(is_overdue(now(view), clock_.now()));
    EXPECT_THAT(overdue(), Contains(view.receipt.receipt));
    work();
    EXPECT_EQ(now(view).clock, ClockState::ended);
    EXPECT_TRUE(is_overdue(now(view), clock_.now()));
    EXPECT_THAT(overdue(), Contains(view.receipt.receipt));
    EXPECT_EQ(casework_.workloads().of(kBody)->overdue, 1);
    ASSERT_TRUE(casework_.decide(now(view).id, officer(), refuse()));
    EXPECT_FALSE(is_overdue(now(view), clock_.now()));
    EXPECT_THAT(overdue(), Not(Contains(view.receipt.receipt)));
}

// The house was down while the old date went by and another day off was declared: nothing follows from the old date.
TEST_P(ClockOf, FollowsTheCalendarsBeforeATermEnds) {
    const CaseRowView view = to_officer();
    const Instant old = now(view).due_at;
    own_.government = with_day_off("2026-11-25");
    clock_.advance(old - clock_.now() + std::chrono::minutes(1));
    work();
    EXPECT_EQ(day(now(view).due_at), "2026-11-27");
    EXPECT_EQ(std::ranges::count(acts_of(now(view)), "term.ended"), 0);
    EXPECT_EQ(std::ranges::count(acts_of(now(view)), "term.recomputed"), 1);
    clock_.advance(now(view).due_at - clock_.now() + std::chrono::minutes(1));
    work();
    EXPECT_GE(std::ranges::count(acts_of(now(view)), "term.ended"), 1);
}

TEST_P(ClockOf, FollowsAnEditionThatWasCorrectedByAnActThatNamesIt) {
    const CaseRowView view = to_officer();
    EXPECT_EQ(day(now(view).due_at), "2026-11-26");
    own_.government = with_day_off("2026-11-25");
    EXPECT_EQ(day(told(view).at), "2026-11-26") << "no other date than the one that was told";
    EXPECT_THAT(words(view), HasSubstr("counted by an earlier edition of the calendar"));
    days(1);
    work();
    EXPECT_EQ(day(now(view).due_at), "2026-11-27");
    EXPECT_EQ(told(view).at, now(view).due_at);
    EXPECT_EQ(day(*told(view).promised), "2026-11-26");
    EXPECT_THAT(words(view), HasSubstr("The calendar was corrected on 24 November 2026, so the term was counted anew. (Decree of the President No. 157"));
    const auto acts = *casework_.history(now(view));
    const auto act = std::ranges::find(acts, "term.recomputed", &ledger::Act::kind);
    ASSERT_NE(act, acts.end());
    std::vector<std::string> hashes;
    for (const auto& one : own_.government.calendar().editions()) hashes.push_back(hash_of(one));
    EXPECT_THAT(hashes, Contains(string_or(act->details, "edition", "")));
    // And back: what is taken back is followed as well, once.
    own_.government = pack().government;
    days(1);
    work();
    EXPECT_EQ(day(now(view).due_at), "2026-11-26");
    EXPECT_EQ(*casework_.terms().recompute(), 0);
    EXPECT_EQ(std::ranges::count(acts_of(now(view)), "term.recomputed"), 2);
}

TEST_P(ClockOf, KeepsItsHistoryOverAReopening) {
    const CaseRowView view = to_officer();
    ASSERT_TRUE(casework_.decide(now(view).id, officer(), refuse()));
    days(7);
    ASSERT_TRUE(casework_.procedures().reopen(now(view).id, officer(), "The lease was found.", "Law, article 4"));
    work();
    EXPECT_THAT(words(view), HasSubstr("The application was received on 23 November 2026.\nIt was closed on 23 November 2026.\n"
                                       "The case was opened again on 30 November 2026, so the term runs anew. (Law, article 4)\n"));
    EXPECT_THAT(words(view), Not(HasSubstr("Received on 30 November")));
    EXPECT_EQ(day(now(view).due_at), "2026-12-03");
}

TEST_P(ClockOf, TheLastDayOfAnAppealIsNoDayOff) {
    const CaseRowView view = to_officer();
    days(2);
    ASSERT_TRUE(casework_.decide(now(view).id, officer(), refuse()));
    // 18 days after the 25th of November: Sunday, 13 December.
    const auto term = casework_.procedures().appeal_term(now(view));
    ASSERT_TRUE(term);
    EXPECT_EQ(format_date(term->date), "2026-12-14");
    EXPECT_EQ(day(*casework_.procedures().appeal_until(now(view)) - std::chrono::seconds(1)), "2026-12-14");
    EXPECT_THAT(government::in_words(term->steps.back(), Catalogue(), "en"), HasSubstr("Civil Code of Belarus, art. 194"));
}

}  // namespace
}  // namespace madang::casework
