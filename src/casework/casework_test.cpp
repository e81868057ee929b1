#include "casework/casework_fixture.h"
#include "process/testing.h"

#include <set>
#include <thread>

#include "base/text.h"

namespace madang::casework {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class CaseworkIn : public CaseworkFixture {};
INSTANTIATE_TEST_SUITE_P(Both, CaseworkIn, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

TEST_P(CaseworkIn, IssuesByRuleAndRecordsEachStep) {
    const Applicant alena = applicant("alena");
    const Receipt receipt = submit(alena, "12");
    EXPECT_EQ(case_of(receipt, alena).status, Status::received);
    EXPECT_EQ(format_instant(receipt.due_at), "2026-11-23T14:00:00.000000Z");   // 17:00 in Minsk, the day of the request
    work();
    const CaseSummary summary = case_of(receipt, alena);
    EXPECT_EQ(summary.status, Status::issued);
    EXPECT_EQ(summary.article, "Decree No. 200, item 1.3.4");
    EXPECT_TRUE(summary.decided_by.starts_with("rule:"));
    EXPECT_THAT(acts_of(summary), ElementsAre("application.submitted", "term.started", "application.granted", "term.stopped", "certificate.issued"));
    EXPECT_EQ(*casework_.jobs_owed(), 0);
    const auto verdict = certificates_.verify_code(summary.certificate_code);
    ASSERT_TRUE(verdict);
    EXPECT_EQ(verdict->standing, documents::Standing::valid);
    EXPECT_EQ(log_.entries().size(), 0U);
}

TEST_P(CaseworkIn, TheSameKeyIsTheSameCase) {
    const Applicant alena = applicant("alena");
    const Receipt first = submit(alena, "12", "once");
    EXPECT_EQ(submit(alena, "77", "once").receipt, first.receipt);
    EXPECT_NE(submit(alena, "12", "twice").receipt, first.receipt);
    const Applicant other = applicant("ivan");
    EXPECT_NE(submit(other, "12", "once").receipt, first.receipt) << "keys belong to an account";
    EXPECT_EQ(count("SELECT count(*) FROM casework_case"), 3);
    EXPECT_EQ(count("SELECT count(*) FROM ledger_act"), 6) << "its receipt and the start of its clock";
}

TEST_P(CaseworkIn, ManyAtOnceWithOneKeyAreOneCase) {
    const Applicant alena = applicant("alena");
    std::set<std::string> receipts;
    std::mutex mutex;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            const Receipt receipt = submit(alena, "12", "pressed many times");
            const std::lock_guard lock(mutex);
            receipts.insert(receipt.receipt);
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(receipts.size(), 1U);
    EXPECT_EQ(count("SELECT count(*) FROM casework_case"), 1);
}

TEST_P(CaseworkIn, WrongAnswersAreSentBackAndNothingIsKept) {
    const auto outcome = casework_.submit({kService, applicant("alena"), "en", "key", answers("twelve")});
    ASSERT_TRUE(outcome);
    EXPECT_FALSE(outcome->receipt);
    ASSERT_EQ(outcome->problems.size(), 1U);
    EXPECT_EQ(outcome->problems[0].key, "house");
    EXPECT_EQ(count("SELECT count(*) FROM casework_case"), 0);
    EXPECT_EQ(casework_.submit({"no-such-service", applicant("alena"), "en", "key", {}}).error().code, Code::not_found);
    EXPECT_EQ(casework_.submit({kService, applicant("alena"), "en", "", answers("12")}).error().code, Code::invalid);
}

TEST_P(CaseworkIn, AnOfficerDecidesOnceByAnArticle) {
    const Applicant siarhei = applicant("siarhei");
    const Receipt receipt = submit(siarhei, "77");
    work();
    const CaseSummary waiting = case_of(receipt, siarhei);
    ASSERT_EQ(waiting.status, Status::with_officer);
    EXPECT_EQ(casework_.inbox(kBody)->size(), 1U);
    EXPECT_THAT(*casework_.inbox("BY-MI-MLD"), IsEmpty());
    EXPECT_EQ(casework_.decide(waiting.id, officer("BY-MI-MLD"), grant()).error().code, Code::not_found) << "another body's case is not there";
    EXPECT_EQ(casework_.find_for_officer(receipt.receipt, officer("BY-MI-MLD")).error().code, Code::not_found);
    EXPECT_EQ(casework_.decide(waiting.id, officer(), {Ground::Outcome::grant, "25", "no"}).error().code, Code::invalid) << "an article that fits";
    EXPECT_EQ(casework_.decide(waiting.id, officer(), {Ground::Outcome::refuse, "25", "  "}).error().code, Code::invalid);
    EXPECT_EQ(casework_.decide(waiting.id, {siarhei.account, kBody}, grant()).error().code, Code::denied) << "nobody decides their own";
    ASSERT_TRUE(casework_.decide(waiting.id, officer(), refuse()));
    EXPECT_EQ(casework_.decide(waiting.id, officer(), grant()).error().code, Code::conflict);
    work();
    const CaseSummary refused = case_of(receipt, siarhei);
    EXPECT_EQ(refused.status, Status::refused);
    EXPECT_THAT(refused.certificate_code, IsEmpty());
    EXPECT_THAT(acts_of(refused), ElementsAre("application.submitted", "term.started", "application.sent_to_officer", "application.refused", "term.stopped"));
    EXPECT_THAT(*casework_.inbox(kBody), IsEmpty());
}

TEST_P(CaseworkIn, WhatAnOfficerFoundStandsInTheRegisterBeforeThePaperStatesIt) {
    const Applicant siarhei = applicant("siarhei");
    const Receipt receipt = submit(siarhei, "13");   // typed in Latin letters
    work();
    ASSERT_TRUE(casework_.decide(case_of(receipt, siarhei).id, officer(), grant()));
    work();
    const CaseSummary issued = case_of(receipt, siarhei);
    ASSERT_EQ(issued.status, Status::issued);
    EXPECT_THAT(acts_of(issued), ElementsAre("application.submitted", "term.started", "application.sent_to_officer", "application.granted", "term.stopped", "residence.entered", "certificate.issued"));
    const identity::Access access{.who = {}, .capacity = "system", .body = kBody, .case_id = issued.id.text(), .legal_ground = kGround};
    const auto residence = store_->write<std::optional<registers::Residence>>(
        [&](store::Tx& tx) { return population_.residence_of(tx, siarhei.person, *parse_date("2026-11-23"), access); });
    ASSERT_TRUE(residence && *residence);
    EXPECT_EQ((**residence).street.at("be"), "вуліца Прытыцкага");
    EXPECT_EQ((**residence).house, "13");
    EXPECT_EQ(format_date((**residence).since), "2026-11-23");
    // The next application for that address needs no officer.
    const Receipt again = submit(siarhei, "13", "another key");
    work();
    EXPECT_EQ(case_of(again, siarhei).decided_by, "rule:issue");
}

TEST_P(CaseworkIn, AnAddressThatTheRegisterDoesNotHoldCannotBeCertified) {
    const Applicant siarhei = applicant("siarhei");
    const Receipt receipt = submit(siarhei, "77");
    work();
    const CaseSummary waiting = case_of(receipt, siarhei);
    const auto granted = casework_.decide(waiting.id, officer(), grant());
    ASSERT_FALSE(granted);
    EXPECT_EQ(granted.error().code, Code::invalid);
    EXPECT_EQ(case_of(receipt, siarhei).status, Status::with_officer) << "nothing half-done";
    EXPECT_THAT(acts_of(waiting), ElementsAre("application.submitted", "term.started", "application.sent_to_officer"));
    EXPECT_TRUE(casework_.decide(waiting.id, officer(), refuse()));
}

TEST_P(CaseworkIn, TwoOfficersAtOnceAreOneDecision) {
    const Applicant siarhei = applicant("siarhei");
    const Receipt receipt = submit(siarhei, "13");
    work();
    const CaseId id = case_of(receipt, siarhei).id;
    std::atomic<int> decided{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&, i] {
            if (casework_.decide(id, officer(), i % 2 == 0 ? grant() : refuse())) ++decided;
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(decided, 1);
    EXPECT_EQ(count("SELECT count(*) FROM ledger_act WHERE kind IN ('application.granted', 'application.refused')"), 1);
}

TEST_P(CaseworkIn, ACaseOfSomebodyElseIsNotThere) {
    const Applicant alena = applicant("alena");
    const Receipt receipt = submit(alena, "12");
    EXPECT_EQ(casework_.find_case(receipt.receipt, {applicant("ivan").account}).error().code, Code::not_found);
    EXPECT_EQ(casework_.find_case("not a receipt", {alena.account}).error().code, Code::invalid);
    EXPECT_THAT(*casework_.cases_of({applicant("ivan").account}), IsEmpty());
    EXPECT_TRUE(casework_.find_case(to_lower(receipt.receipt), {alena.account})) << "however it is typed";
}

TEST_P(CaseworkIn, EveryOpeningIsWrittenDownAndNeedsAGround) {
    const Applicant alena = applicant("alena");
    const CaseSummary summary = case_of(submit(alena, "12"), alena);
    EXPECT_EQ(casework_.open_content(summary, {}).error().code, Code::denied);
    ASSERT_TRUE(casework_.open_content(summary, {.who = officer().account, .capacity = "officer", .body = kBody, .case_id = summary.id.text(), .legal_ground = kGround}));
    const auto entries = store_->read<std::vector<identity::AccessEntry>>([&](store::Reader& reader) { return access_log_.accesses_of(reader, alena.person); });
    ASSERT_EQ(entries->size(), 1U);
    EXPECT_EQ(entries->front().capacity, "officer");
    EXPECT_EQ(entries->front().case_id, summary.id.text());
}

TEST_P(CaseworkIn, NothingPersonalStandsInClear) {
    const Applicant alena = applicant("alena");
    submit(alena, "12");
    work();
    for (const char* column : {"receipt || service_id || legal_ground || status || coalesce(article, '') || coalesce(decided_by, '')"}) {
        const auto text = store_->read<std::optional<std::string>>([&](store::Reader& reader) {
            return reader.first<std::string>(format("SELECT {} FROM casework_case", column), {}, [](const store::Row& row) -> Result<std::string> { return std::string(row.text(0)); });
        });
        EXPECT_THAT(**text, testing::Not(testing::HasSubstr("Prytyckaha")));
    }
    EXPECT_EQ(count("SELECT count(*) FROM process_instance WHERE variables LIKE '%rytyck%'"), 0);
    EXPECT_EQ(count("SELECT count(*) FROM casework_draft"), 0);
}

TEST_P(CaseworkIn, ADraftIsKeptAndGoesWithItsSubmission) {
    const Applicant alena = applicant("alena");
    const auto filled = casework_.prefill(kService, alena, "ru");
    ASSERT_TRUE(filled);
    EXPECT_EQ(filled->at("town"), std::vector<std::string>{"Молодечно"});
    const auto id = casework_.begin_draft(kService, alena, *filled);
    ASSERT_TRUE(id);
    auto draft = *casework_.find_draft(alena.account, *id);
    draft.answers = answers("12");
    ASSERT_TRUE(casework_.save_draft(draft));
    EXPECT_EQ(casework_.find_draft(alena.account, *id)->answers.at("house"), std::vector<std::string>{"12"});
    EXPECT_EQ(casework_.find_draft(applicant("ivan").account, *id).error().code, Code::not_found);
    ASSERT_TRUE(casework_.submit({kService, alena, "ru", id->text(), draft.answers}, *id));
    EXPECT_EQ(casework_.find_draft(alena.account, *id).error().code, Code::not_found);
}

TEST_P(CaseworkIn, AMandateIsNeededToApplyForAnother) {
    const Applicant alena = applicant("alena");
    const auto child = people_.persons.find("maksim")->second;
    EXPECT_EQ(casework_.applicant_for(alena.account, alena.person, child, kService).error().code, Code::denied);
    EXPECT_EQ(casework_.applicant_for(alena.account, std::nullopt, std::nullopt, kService).error().code, Code::denied) << "staff";
    EXPECT_EQ(casework_.applicant_for(alena.account, alena.person, alena.person, kService)->capacity, "self");
}

TEST_P(CaseworkIn, AJobThatFailsIsTriedAgainAndHarmsNoOther) {
    const Applicant alena = applicant("alena");
    const Receipt receipt = submit(alena, "12");
    // The register forgets her: the certificate cannot say who she is.
    ASSERT_TRUE(store_->write([&](store::Tx& tx) { return vault_.erase(tx, alena.person); }));
    const Applicant siarhei = applicant("siarhei");
    const Receipt other = submit(siarhei, "77");
    work();
    EXPECT_EQ(case_of(other, siarhei).status, Status::with_officer);
    EXPECT_EQ(*casework_.jobs_owed(), 1);
    EXPECT_GE(log_.entries().size(), 1U);
    clock_.advance(std::chrono::hours(1));
    work();
    EXPECT_EQ(*casework_.jobs_owed(), 1) << "it is owed still";
    EXPECT_EQ(case_of(receipt, alena).status, Status::received);
}

TEST_P(CaseworkIn, TheWorkerDoesWhatIsOwed) {
    casework_.start_worker();
    const Applicant alena = applicant("alena");
    const Receipt receipt = submit(alena, "12");
    casework_.wait_for(receipt.case_id, std::chrono::seconds(20));
    EXPECT_EQ(case_of(receipt, alena).status, Status::issued);
    casework_.stop_worker();
}

TEST(Commitment, ChangesWithTheAnswersAndTheSalt) {
    CaseContent content;
    content.salt = "00";
    content.answers = {{"house", "12"}};
    const std::string first = commitment_of(content);
    content.answers = {{"house", "13"}};
    EXPECT_NE(commitment_of(content), first);
    content.answers = {{"house", "12"}};
    content.salt = "01";
    EXPECT_NE(commitment_of(content), first);
    EXPECT_EQ(first.size(), 64U);
}

TEST(Content, SurvivesItsWriting) {
    CaseContent content;
    content.answers = {{"a", 1}};
    content.facts = {{"residence", nullptr}};
    content.outcome = {{"outcome", "issue"}};
    content.trace = json::object{{"article", "x"}};
    content.reason = "because";
    content.salt = "ab";
    EXPECT_EQ(to_json(*parse_content(to_json(content))), to_json(content));
    EXPECT_EQ(parse_content(json::value("x")).error().code, Code::corrupted);
}

TEST_P(CaseworkIn, AnOperatorSkipsNoStepThatAnOfficerDecides) {
    const Applicant siarhei = applicant("siarhei");
    const Receipt receipt = submit(siarhei, "99");
    work();
    ASSERT_EQ(case_of(receipt, siarhei).status, Status::with_officer);
    const auto instances = store_->read<std::vector<process::Instance>>([&](store::Reader& reader) { return engine_.instances(reader, "", 5); });
    ASSERT_TRUE(instances && instances->size() == 1);
    const auto standing = store_->read<std::vector<process::Standing>>([&](store::Reader& reader) { return engine_.standing(reader, instances->front().id); });
    ASSERT_TRUE(standing && standing->size() == 1);
    EXPECT_EQ(casework_.skip_step(instances->front().id, standing->front().token, "it takes too long", "operator").error().code, Code::denied);
    EXPECT_EQ(case_of(receipt, siarhei).status, Status::with_officer);
}

TEST_P(CaseworkIn, AnOperatorSkipsNothingThatAnOfficersStepRunsIn) {
    const auto model = process::parse_bpmn(process::bpmn("<startEvent id=\"s\"/><endEvent id=\"e\"/><transaction id=\"t\"><startEvent id=\"ts\"/><userTask id=\"ask\" madang:role=\"officer\"/>"
                                                         "<endEvent id=\"te\"/>" + process::flow("f1", "ts", "ask") + process::flow("f2", "ask", "te") + "</transaction>" +
                                                         process::flow("f", "s", "t") + process::flow("g", "t", "e")),
                                           "x.bpmn");
    ASSERT_TRUE(model) << model.error().message;
    struct Nobody final : process::Host {
        Result<process::Outcome> run_service(store::Tx&, std::string_view, const json::object&) override { return fail(Code::invalid, "nobody"); }
        Result<process::Outcome> decide(std::string_view, const json::object&) override { return fail(Code::invalid, "nobody"); }
    } nobody;
    const auto id = store_->write<process::InstanceId>([&](store::Tx& tx) { return engine_.start(tx, *model, {}, "x", nobody); });
    ASSERT_TRUE(id);
    const auto seen = casework_.processes().look_at(*id, 0, 10);
    ASSERT_TRUE(seen);
    EXPECT_THAT(seen->of_persons, testing::UnorderedElementsAre("t", "ask"));
    ASSERT_EQ(seen->standing.size(), 2U);
    for (const process::Standing& one : seen->standing) EXPECT_EQ(casework_.skip_step(*id, one.token, "it takes too long", "operator").error().code, Code::denied) << one.node;
}

TEST_P(CaseworkIn, MovingAProcessToAnotherVersionIsAnActOfTheCase) {
    const Applicant siarhei = applicant("siarhei");
    const Receipt receipt = submit(siarhei, "99");
    work();
    const auto found = store_->read<std::vector<process::Instance>>([&](store::Reader& reader) { return engine_.instances(reader, "", 5); });
    ASSERT_TRUE(found && found->size() == 1);
    const process::Instance& before = found->front();
    const int next = before.version + 1;
    ASSERT_TRUE(store_->write([&](store::Tx& tx) -> Result<void> {
        TRY(const auto definition, engine_.find_definition(tx, before.definition, before.version));
        TRY(const process::Definition changed, process::parse_bpmn(*definition->source + "<!-- next -->", "next.bpmn"));
        TRY(const int version, engine_.deploy(tx, changed));
        EXPECT_EQ(version, next);
        return {};
    }));
    const auto moved = casework_.migrate_process(before.id, next, {}, "the law changed", "operator");
    ASSERT_TRUE(moved) << moved.error().message;
    const auto after = store_->read<process::Instance>([&](store::Reader& reader) { return engine_.instance(reader, before.id); });
    EXPECT_EQ(after->version, next);
    const auto acts = *casework_.history(case_of(receipt, siarhei));
    EXPECT_EQ(acts.back().kind, "process.repaired");
    EXPECT_EQ(string_or(acts.back().details, "reason", ""), "the law changed");
    EXPECT_EQ(case_of(receipt, siarhei).status, Status::with_officer);
}

}  // namespace
}  // namespace madang::casework
