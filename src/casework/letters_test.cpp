// What body and applicant write to each other, over both stores.
#include <gmock/gmock.h>

#include "base/time_text.h"
#include "casework/procedure_fixture.h"

namespace madang::casework {
namespace {

using testing::ElementsAre;

constexpr std::string_view kPng = "\x89PNG\r\n\x1a\n and pixels";

// The same, where a letter that nobody answers closes the case.
const catalogue::Pack& lapsing_pack() {
    static const catalogue::Pack lapsing = [] {
        catalogue::Pack changed = strict_pack();
        changed.services.front().completion->unanswered = catalogue::Completion::Unanswered::lapse;
        return changed;
    }();
    return lapsing;
}

class LapsingIn : public ProcedureIn {
protected:
    LapsingIn() : ProcedureIn(lapsing_pack()) {}
};
INSTANTIATE_TEST_SUITE_P(Both, LapsingIn, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

class LettersIn : public ProcedureIn {};
INSTANTIATE_TEST_SUITE_P(Both, LettersIn, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

TEST_P(LettersIn, OneLetterNamesEverythingMissingAndTheClockStands) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    const Instant due = now(view).due_at;
    EXPECT_EQ(casework_.letters().request_completion(now(view).id, officer(), {}, "").error().code, Code::invalid);
    const auto letter = casework_.letters().request_completion(now(view).id, officer(), {"the lease", "consent of the owner"}, "Bring the originals.");
    ASSERT_TRUE(letter) << letter.error().message;
    EXPECT_EQ(format_date(pack().government.time_zone().date(*letter->reply_by)), "2026-11-30");
    EXPECT_EQ(now(view).status, Status::awaiting_applicant);
    EXPECT_EQ(casework_.decide(now(view).id, officer(), refuse()).error().code, Code::conflict);
    clock_.advance(std::chrono::hours(48));
    ASSERT_TRUE(casework_.letters().answer_completion(now(view), view.who.account, "Here they are.", {{"lease.png", std::string(kPng)}}));
    EXPECT_EQ(now(view).status, Status::with_officer);
    EXPECT_GT(now(view).due_at, due) << "two days stood still";
    EXPECT_EQ(casework_.letters().request_completion(now(view).id, officer(), {"one more thing"}, "").error().code, Code::conflict);
    EXPECT_EQ(casework_.letters().answer_completion(now(view), view.who.account, "again", {}).error().code, Code::conflict);
    const auto messages = casework_.letters().messages(now(view), own(view));
    ASSERT_TRUE(messages);
    ASSERT_EQ(messages->size(), 2U);
    EXPECT_THAT((*messages)[0].items, ElementsAre("the lease", "consent of the owner"));
    EXPECT_EQ((*messages)[1].files.at(0).media_type, "image/png");
    const auto file = casework_.letters().file(now(view), 2, 0, own(view));
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(as_text(file->bytes), kPng);
    EXPECT_EQ(casework_.letters().file(now(view), 2, 1, own(view)).error().code, Code::not_found);
    EXPECT_THAT(acts_of(now(view)), testing::IsSupersetOf({"completion.requested", "term.suspended", "completion.supplied", "term.resumed"}));
}

// A service that does not say how long an answer may take.
const catalogue::Pack& endless_pack() {
    static const catalogue::Pack endless = [] {
        catalogue::Pack changed = strict_pack();
        changed.services.front().completion.reset();
        return changed;
    }();
    return endless;
}

class EndlessIn : public ProcedureIn {
protected:
    EndlessIn() : ProcedureIn(endless_pack()) {}
};
INSTANTIATE_TEST_SUITE_P(Both, EndlessIn, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

TEST_P(EndlessIn, NoLetterStopsTheClockForEver) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    EXPECT_EQ(casework_.letters().request_completion(now(view).id, officer(), {"the lease"}, "").error().code, Code::conflict);
    EXPECT_EQ(now(view).status, Status::with_officer);
    EXPECT_FALSE((**casework_.terms().explain(now(view))).suspended);
    EXPECT_TRUE(casework_.letters().write_to_applicant(now(view).id, officer(), "Please bring the lease.", {}));
    EXPECT_TRUE(casework_.decide(now(view).id, officer(), refuse()));
}

TEST_P(LettersIn, ALetterThatNobodyAnswersIsDecidedOnWhatIsThere) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    const auto letter = casework_.letters().request_completion(now(view).id, officer(), {"the lease"}, "");
    ASSERT_TRUE(letter) << letter.error().message;
    clock_.advance(*letter->reply_by - clock_.now());
    work();
    EXPECT_EQ(now(view).status, Status::awaiting_applicant) << "the last moment still counts";
    clock_.advance(std::chrono::seconds(1));
    work();
    EXPECT_EQ(now(view).status, Status::with_officer);
    EXPECT_FALSE((**casework_.terms().explain(now(view))).suspended);
    EXPECT_THAT(acts_of(now(view)), testing::IsSupersetOf({"completion.unanswered", "term.resumed"}));
    EXPECT_EQ(casework_.letters().answer_completion(now(view), view.who.account, "too late", {}).error().code, Code::conflict);
}

TEST_P(LapsingIn, ALetterThatNobodyAnswersClosesTheCase) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    const auto letter = casework_.letters().request_completion(now(view).id, officer(), {"the lease"}, "");
    ASSERT_TRUE(letter) << letter.error().message;
    clock_.advance(*letter->reply_by - clock_.now() + std::chrono::seconds(1));
    work();
    EXPECT_EQ(now(view).status, Status::lapsed);
    EXPECT_EQ(now(view).article, "Law, article 2");
    EXPECT_THAT(acts_of(now(view)), testing::IsSupersetOf({"completion.unanswered", "term.stopped"}));
    EXPECT_TRUE(casework_.procedures().appeal_until(now(view)));
    ASSERT_TRUE(casework_.procedures().reopen(now(view).id, officer(), "The letter went astray.", "Law, article 4"));
    work();
    EXPECT_EQ(now(view).status, Status::with_officer);
}

TEST_P(LettersIn, FilesAreWhatTheirContentSays) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    const auto send = [&](std::string name, std::string bytes) { return casework_.letters().write_to_body(now(view), view.who.account, "see the file", {{std::move(name), std::move(bytes)}}); };
    EXPECT_EQ(send("a.pdf", "<script>alert(1)</script>").error().code, Code::invalid);
    EXPECT_EQ(send("a.png", "").error().code, Code::invalid);
    EXPECT_EQ(send("a.png", std::string(kPng) + std::string(kMaxFileBytes, 'x')).error().code, Code::exhausted);
    const auto sent = send("../../etc/a.png", std::string(kPng));
    ASSERT_TRUE(sent) << sent.error().message;
    EXPECT_EQ(sent->files.front().name, "a.png");
}

}  // namespace
}  // namespace madang::casework
