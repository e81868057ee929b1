// The letter of a decision, over both stores: made once, committed to by the act, in the applicant's language, drawn and signed.
#include <gmock/gmock.h>

#include "base/text.h"
#include "casework/casework_fixture.h"
#include "crypto/hash.h"

namespace madang::casework {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr auto kDay = std::chrono::hours(24);

class LetterIn : public CaseworkFixture {
protected:
    // A copy that a test may change as somebody changes the files of a pack.
    static catalogue::Pack& kept() {
        static catalogue::Pack changed;
        return changed;
    }
    static const catalogue::Pack& own_pack() {
        catalogue::Pack& changed = kept();
        changed = pack();
        catalogue::Service& service = changed.services.front();
        service.term = *government::parse_term({{"kind", "working_days"}, {"count", 3}, {"article", "Law, article 1"},
                                                {"at_end", json::array{{{"effect", "deemed_grant"}, {"article", "Law, article 8"}}}}}, "test");
        service.completion = catalogue::Completion{*government::parse_term({{"kind", "working_days"}, {"count", 5}}, "test"), "Law, article 2", catalogue::Completion::Unanswered::lapse};
        service.appeal = catalogue::Appeal{"BY-MI-MLD", *government::parse_term({{"kind", "calendar_days"}, {"count", 15}}, "test"), 30, "Law, article 9"};
        return changed;
    }
    LetterIn() : CaseworkFixture(own_pack()) {}

    Receipt submit_in(const Applicant& who, const std::string& language, const std::string& house = "77") {
        const auto outcome = casework_.submit({kService, who, language, "key", answers(house)});
        EXPECT_TRUE(outcome && outcome->receipt);
        work();
        return *outcome->receipt;
    }
    static identity::Access own(const Applicant& who) { return {.who = who.account, .capacity = "self", .body = {}, .case_id = {}, .legal_ground = kGround}; }
    DecisionLetters::Found letter_of(const Receipt& receipt, const Applicant& who) {
        const auto found = casework_.decisions().find(case_of(receipt, who), own(who));
        EXPECT_TRUE(found && *found) << (found ? "no letter" : found.error().message);
        return found && *found ? **found : DecisionLetters::Found{};
    }
    json::object act_of(const CaseSummary& summary, std::string_view kind) {
        for (const auto& act : *casework_.history(summary)) {
            if (act.kind == kind) return act.details;
        }
        return {};
    }
    static std::string row_of(const DecisionLetter& letter, std::string_view label) {
        for (const auto& row : letter.rows) {
            if (row.label == label) return row.value;
        }
        return {};
    }
};

TEST_P(LetterIn, TheActCommitsToTheLetterAndToTheVersionOfTheRule) {
    const Applicant who = applicant("siarhei");
    const Receipt receipt = submit_in(who, "be");
    ASSERT_TRUE(casework_.decide(case_of(receipt, who).id, officer(), refuse()));
    work();
    const auto found = letter_of(receipt, who);
    EXPECT_EQ(found.letter.sentence, "Па вашай заяве адмоўлена.");
    EXPECT_EQ(row_of(found.letter, "Прычына"), "No document shows it.");
    EXPECT_EQ(row_of(found.letter, "Версія правіла"), pack_.services.front().version);
    ASSERT_FALSE(found.letter.how.empty()) << "how the rule sent it to an officer";
    for (const std::string& sentence : found.letter.how) EXPECT_THAT(sentence, Not(HasSubstr(" is"))) << "in the language of the letter";
    const json::object act = act_of(case_of(receipt, who), "application.refused");
    EXPECT_EQ(string_or(act, "letter_sha256", ""), hash_of(found.letter));
    EXPECT_EQ(string_or(act, "rule_version", ""), pack_.services.front().version);
    EXPECT_EQ(string_or(act, "appeal_until", ""), found.letter.appeal_until);
    const auto messages = casework_.letters().messages(case_of(receipt, who), own(who));
    ASSERT_FALSE(messages->empty());
    EXPECT_EQ(messages->back().kind, Message::Kind::decision);
    EXPECT_THAT(messages->back().text, HasSubstr("Па вашай заяве адмоўлена."));
}

TEST_P(LetterIn, StaysAsItWasWhenThePackChanges) {
    const Applicant who = applicant("siarhei");
    const Receipt receipt = submit_in(who, "en");
    ASSERT_TRUE(casework_.decide(case_of(receipt, who).id, officer(), refuse()));
    const auto before = letter_of(receipt, who);
    const auto until = casework_.procedures().appeal_until(case_of(receipt, who));
    catalogue::Service& service = kept().services.front();
    service.version = "another";
    service.appeal->within_days = 5;
    EXPECT_EQ(letter_of(receipt, who).sha256, before.sha256);
    EXPECT_EQ(letter_of(receipt, who).letter.rule_version, before.letter.rule_version);
    EXPECT_EQ(casework_.procedures().appeal_until(case_of(receipt, who)), until) << "the promised day holds";
}

TEST_P(LetterIn, IsDrawnAndSignedAndStaysTheSameFile) {
    const Applicant who = applicant("siarhei");
    const Receipt receipt = submit_in(who, "ru");
    ASSERT_TRUE(casework_.decide(case_of(receipt, who).id, officer(), refuse()));
    const auto first = casework_.decisions().open_signed(case_of(receipt, who), own(who));
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_THAT(as_text(first->pdf), testing::StartsWith("%PDF-"));
    EXPECT_FALSE(first->signature.empty());
    work();
    EXPECT_EQ(casework_.decisions().open_signed(case_of(receipt, who), own(who))->pdf, first->pdf);
    EXPECT_EQ(letter_of(receipt, who).pdf_sha256, hex(crypto::sha256(first->pdf)));
    EXPECT_EQ(count("SELECT count(*) FROM casework_decision WHERE state='waiting'"), 0);
}

TEST_P(LetterIn, WhatTheLawDecidesSaysSoAndGivesNoReasonOfTheRule) {
    const Applicant who = applicant("siarhei");
    const Receipt receipt = submit_in(who, "en", "12");
    clock_.advance(10 * kDay);
    work();
    const auto found = letter_of(receipt, who);
    EXPECT_EQ(found.letter.sentence, "The time for an answer is over. By law your application counts as granted.");
    EXPECT_EQ(row_of(found.letter, "Reason"), "");
    EXPECT_EQ(row_of(found.letter, "Who decided"), "the law, because nobody answered in time");
    EXPECT_EQ(row_of(found.letter, "Article of law"), "Law, article 8");
    EXPECT_TRUE(found.letter.how.empty());
}

TEST_P(LetterIn, ALapseIsNoRefusal) {
    const Applicant who = applicant("siarhei");
    const Receipt receipt = submit_in(who, "en");
    ASSERT_TRUE(casework_.letters().request_completion(case_of(receipt, who).id, officer(), {"The lease"}, ""));
    clock_.advance(10 * kDay);
    work();
    ASSERT_EQ(case_of(receipt, who).status, Status::lapsed);
    const auto found = letter_of(receipt, who);
    EXPECT_EQ(found.letter.effect, Effect::lapsed);
    EXPECT_EQ(found.letter.sentence, "Your application is closed without a decision, because what the letter named did not come in time.");
    EXPECT_EQ(string_or(act_of(case_of(receipt, who), "completion.unanswered"), "letter_sha256", ""), found.sha256);
}

TEST_P(LetterIn, AnAppealHasALetterOfItsOwnWithTheFurtherRemedy) {
    const Applicant who = applicant("siarhei");
    const Receipt receipt = submit_in(who, "en");
    ASSERT_TRUE(casework_.decide(case_of(receipt, who).id, officer(), refuse()));
    const auto appeal = casework_.procedures().appeal(case_of(receipt, who), who.account, "The lease was shown.", "a1");
    ASSERT_TRUE(appeal) << appeal.error().message;
    ASSERT_TRUE(casework_.procedures().decide_appeal(appeal->case_id, officer("BY-MI-MLD"), false, "Nothing new was shown."));
    const auto found = letter_of(*appeal, who);
    EXPECT_EQ(found.letter.title, "Decision on your appeal");
    EXPECT_EQ(found.letter.sentence, "Your appeal is dismissed. The first decision stands.");
    EXPECT_EQ(found.letter.remedy, "Against this decision you can go to a court.");
    EXPECT_EQ(string_or(act_of(case_of(*appeal, who), "appeal.dismissed"), "letter_sha256", ""), found.sha256);
}

TEST_P(LetterIn, TheReasonOfAReopeningIsToldAndStandsInNoAct) {
    const Applicant who = applicant("siarhei");
    const Receipt receipt = submit_in(who, "en");
    ASSERT_TRUE(casework_.decide(case_of(receipt, who).id, officer(), refuse()));
    ASSERT_TRUE(casework_.procedures().reopen(case_of(receipt, who).id, officer(), "The lease was found in the post.", "Law, article 10"));
    const auto messages = casework_.letters().messages(case_of(receipt, who), own(who));
    EXPECT_EQ(messages->back().kind, Message::Kind::reopening);
    EXPECT_EQ(messages->back().text, "The lease was found in the post.");
    for (const auto& act : *casework_.history(case_of(receipt, who))) EXPECT_THAT(json::serialize(act.details), Not(HasSubstr("lease")));
}

INSTANTIATE_TEST_SUITE_P(Both, LetterIn, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

TEST(Sentence, IsThereForEachWayOfDecidingInEachLanguage) {
    for (const std::string language : {"be", "ru"}) {
        const auto words = letter_words(Catalogue(), language);
        ASSERT_TRUE(words) << words.error().message;
        for (const Effect effect : {Effect::granted, Effect::refused, Effect::lapsed, Effect::unpaid, Effect::allowed, Effect::dismissed}) {
            for (const Way way : {Way::officer, Way::rule, Way::law}) EXPECT_TRUE(words->has(sentence_of(effect, way))) << language << ": " << sentence_of(effect, way);
        }
    }
}

}  // namespace
}  // namespace madang::casework
