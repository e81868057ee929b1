// What the routes do, over a house without a server; the fixture compares every answer with the description.
#include "api/api_fixture.h"
#include "base/bytes.h"
#include "base/text.h"
#include "base/zip.h"

namespace madang::api {
namespace {

using casework::kBody;
using casework::kService;
using testing::Contains;
using testing::HasSubstr;

constexpr std::string_view kFile = "%PDF-1.7 the lease";
constexpr const char* kAsked = "BY-MI-MLD";

class RoutesIn : public ApiFixture {
protected:
    explicit RoutesIn(const catalogue::Pack& used = casework::pack()) : ApiFixture(used) {}
    json::object application(const std::string& house) {
        return {{"service", kService}, {"language", "en"}, {"answers", {{"town", "Maladziečna"}, {"street", "vulica Prytyckaha"}, {"house", house}, {"flat", house == "12" ? "45" : ""}, {"purpose", "work"}}}};
    }
    std::string apply(const Caller& who, const std::string& house, const std::string& key = "one") {
        const auto made = object(post("/api/v1/applications", who, application(house), {{"Idempotency-Key", key}}), 201);
        work();
        return std::string(made.at("receipt").as_string());
    }
    json::object file(std::string_view content = kFile) { return {{"name", "lease.pdf"}, {"content", base64(as_bytes(content))}}; }
    static std::string text(const json::object& object, std::string_view key) { return std::string(object.at(key).as_string()); }
};
INSTANTIATE_TEST_SUITE_P(Both, RoutesIn, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

TEST_P(RoutesIn, FilesComeWithAnApplicationAndWithMessages) {
    const Caller who = citizen("siarhei");
    json::object sent = application("99");
    sent["files"] = json::array{file()};
    const auto receipt = text(object(post("/api/v1/applications", who, sent, {{"Idempotency-Key", "k"}}), 201), "receipt");
    EXPECT_EQ(text(object(post("/api/v1/applications", who, sent, {{"Idempotency-Key", "k"}}), 201), "receipt"), receipt) << "once";
    const std::string own = "/api/v1/applications/" + receipt;
    const auto first = object(get(own + "/messages", who)).at("messages").as_array();
    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(first[0].at("files").at(0).at("name").as_string(), "lease.pdf");
    const auto opened = get(own + "/files/1/0", who);
    EXPECT_EQ(opened.body, kFile);

    work();
    const auto written = object(post(own + "/messages", who, {{"text", "Here it is"}, {"files", json::array{file("%PDF-1.7 the second")}}}));
    ASSERT_EQ(written.at("files").as_array().size(), 1U) << "not an empty list";
    EXPECT_EQ(object(post(own + "/messages", who, {{"text", "x"}, {"files", json::array{json::object{{"name", "a.pdf"}, {"content", "no base64!"}}}}}), 422).at("status").as_int64(), 422);
    EXPECT_THAT(text(object(post(own + "/messages", who, {{"text", "x"}, {"files", json::array{file("#!/bin/sh")}}}), 422), "detail"), HasSubstr("no PDF, PNG or JPEG"));
    const std::string parts = "--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nBy parts\r\n--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"lease.pdf\"\r\nContent-Type: application/pdf\r\n\r\n" +
                              std::string(kFile) + "\r\n--b--\r\n";
    const auto by_parts = object(call(http::Method::post, own + "/messages", who, parts, {{"Content-Type", "multipart/form-data; boundary=b"}}));
    EXPECT_EQ(by_parts.at("files").as_array().size(), 1U);
    const Caller officer = officer_of(kBody);
    const auto reply = object(post("/api/v1/office/cases/" + receipt + "/messages", officer, {{"text", "Thank you"}, {"files", json::array{file()}}}));
    EXPECT_EQ(reply.at("files").as_array().size(), 1U);
}

TEST_P(RoutesIn, ADraftIsFilledInOverDaysAndSentOnce) {
    const Caller who = citizen("siarhei");
    const auto begun = object(post("/api/v1/drafts", who, {{"service", kService}, {"language", "en"}, {"answers", {{"house", "99"}}}}), 201);
    const std::string path = "/api/v1/drafts/" + text(begun, "id");
    EXPECT_EQ(begun.at("answers").at("house").at(0).as_string(), "99");
    EXPECT_EQ(begun.at("answers").at("town").at(0).as_string(), "Radaškovičy") << "the register knows it";
    EXPECT_EQ(begun.at("problems").at(0).at("key").as_string(), "purpose");
    EXPECT_EQ(object(post(path + "/submit", who), 422).at("problems").at(0).at("key").as_string(), "purpose");
    EXPECT_EQ(object(post(path, who, {{"answers", {{"purpose", "nothing of it"}}}})).at("problems").as_array().size(), 1U) << "kept, though it is wrong";
    EXPECT_TRUE(object(post(path, who, {{"answers", {{"purpose", "work"}, {"house", "98"}}}})).at("problems").as_array().empty());
    EXPECT_EQ(object(post(path, who, {{"answers", {{"house", nullptr}}}})).at("problems").at(0).at("key").as_string(), "house");
    object(post(path, who, {{"answers", {{"house", "97"}}}}));
    object(post(path, who, {{"answers", 7}}), 422);
    const Caller other = citizen("alena");
    object(get(path, other), 404);
    object(post(path, other, {{"answers", {{"house", "1"}}}}), 404);
    object(post(path + "/submit", other), 404);
    EXPECT_TRUE(object(get("/api/v1/drafts", other)).at("drafts").as_array().empty());
    EXPECT_EQ(object(get("/api/v1/drafts", who)).at("drafts").at(0).at("id").as_string(), text(begun, "id"));

    const std::string receipt = text(object(post(path + "/submit", who), 201), "receipt");
    EXPECT_EQ(text(object(post(path + "/submit", who), 201), "receipt"), receipt) << "who did not hear the answer asks again";
    object(get(path, who), 404);
    work();
    EXPECT_EQ(object(get("/api/v1/office/cases/" + receipt, officer_of(kBody))).at("answers").at("house").as_string(), "97");
}

TEST_P(RoutesIn, ADraftIsThrownAway) {
    const Caller who = citizen("siarhei");
    const std::string path = "/api/v1/drafts/" + text(object(post("/api/v1/drafts", who, {{"service", kService}}), 201), "id");
    object(post(path + "/discard", citizen("alena")), 404);
    object(post(path + "/discard", who));
    object(post(path + "/discard", who), 404);
    object(post(path + "/submit", who), 404);
    EXPECT_TRUE(object(get("/api/v1/drafts", who)).at("drafts").as_array().empty());
    object(post("/api/v1/drafts", who, {{"service", "no-such-service"}}), 404);
    object(post("/api/v1/drafts", officer_of(kBody), {{"service", kService}}), 403);
    object(get("/api/v1/drafts", std::nullopt), 401);
}

TEST_P(RoutesIn, AModelIsCheckedBeforeItRuns) {
    const Caller boss = operator_of_all();
    std::string model = *casework::pack().services.front().process.source;
    const auto good = object(post("/api/v1/models/check", boss, {{"bpmn", model}}));
    EXPECT_TRUE(good.at("can_run").as_bool());
    EXPECT_EQ(good.at("processes").at(0).at("process").as_string(), "certificate_of_residence");
    const std::string_view flow = "targetRef=\"Ask_register\"";
    model.replace(model.find(flow), flow.size(), "targetRef=\"Nowhere\"");
    const auto bad = object(post("/api/v1/models/check", boss, {{"bpmn", model}, {"name", "residence.bpmn"}}));
    EXPECT_FALSE(bad.at("can_run").as_bool());
    ASSERT_FALSE(bad.at("violations").as_array().empty());
    EXPECT_EQ(bad.at("violations").at(0).at("file").as_string(), "residence.bpmn");
    EXPECT_GT(bad.at("violations").at(0).at("line").as_int64(), 1);
    object(post("/api/v1/models/check", boss, {{"bpmn", "<html/>"}}), 422);
    object(post("/api/v1/models/check", boss), 422);
    object(post("/api/v1/models/check", officer_of(kBody), {{"bpmn", model}}), 403);
}

TEST_P(RoutesIn, AnOfficerSeesACaseWithItsLettersFilesAndActs) {
    const Caller who = citizen("siarhei");
    const std::string receipt = apply(who, "99");
    const Caller officer = officer_of(kBody);
    object(post("/api/v1/applications/" + receipt + "/messages", who, {{"text", "A lease"}, {"files", json::array{file()}}}));
    const std::string path = "/api/v1/office/cases/" + receipt;
    const auto seen = object(get(path, officer));
    EXPECT_EQ(seen.at("messages").at(0).at("files").as_array().size(), 1U);
    EXPECT_EQ(seen.at("acts").at(0).at("kind").as_string(), "application.submitted");
    EXPECT_EQ(seen.at("answers").at("house").as_string(), "99");
    object(get(path, officer_of(kAsked, "another")), 404);
    object(get(path, who), 403);
    object(get(path, std::nullopt), 401);
    object(get("/api/v1/office/cases?mine=true", officer));
    object(get(path + "/tasks", officer));
    object(get("/api/v1/applications/" + receipt + "/term?lang=be", who));
    object(get("/api/v1/applications/" + receipt + "/term?lang=xx", who), 422);
}

TEST_P(RoutesIn, AChangeNeedsTheTokenOfItsSession) {
    const Caller officer = officer_of(kBody);
    Caller bare = officer;
    bare.csrf = "none";
    object(post("/api/v1/office/absences", bare), 403);
    object(post("/api/v1/office/absences", std::nullopt), 401);
    object(post("/api/v1/incidents/x/1/retry", bare), 403);
}

TEST_P(RoutesIn, AnotherBodyIsAskedAndAnswers) {
    const Caller who = citizen("siarhei");
    const std::string receipt = apply(who, "99");
    const Caller officer = officer_of(kBody);
    const std::string path = "/api/v1/office/cases/" + receipt;
    object(post(path + "/consultations", officer, {{"bodies", json::array{kAsked}}, {"question", "Is the house there?"}, {"term", "5wd"}}));
    const Caller other = officer_of(kAsked, "other officer");
    const auto waiting = object(get("/api/v1/office/questions", other));
    ASSERT_EQ(waiting.at("total").as_int64(), 1);
    const json::object& question = waiting.at("questions").at(0).as_object();
    EXPECT_EQ(text(question, "question"), "Is the house there?");
    const std::string place = format("/api/v1/office/questions/{}/{}/{}", text(question, "body"), text(question, "case"), question.at("number").as_int64());
    object(post(place, other, {{"position", "maybe"}, {"text", "It is"}}), 422);
    object(post(place, officer, {{"position", "agree"}, {"text", "It is"}}), 404);
    object(post(place, other, {{"position", "agree"}, {"text", "It is"}}));
    object(post(place, other, {{"position", "agree"}, {"text", "It is"}}), 409);
    EXPECT_EQ(object(get("/api/v1/office/questions", other)).at("total").as_int64(), 0);
    const auto answered = object(get(path + "/consultations", officer)).at("questions").at(0).as_object();
    EXPECT_EQ(text(answered, "answer"), "It is");
    EXPECT_EQ(text(answered, "position"), "agree");
}

// The pack with a term that runs anew on one amendment.
const catalogue::Pack& amendable() {
    static const catalogue::Pack changed = [] {
        catalogue::Pack one = casework::pack();
        one.services.front().term.restarts = government::Term::Restarts{1, "Law, article 5"};
        return one;
    }();
    return changed;
}

class AmendableRoutes : public ApiFixture {
protected:
    AmendableRoutes() : ApiFixture(amendable()) {}
    static json::object answers(const std::string& house) { return {{"town", "Maladziečna"}, {"street", "vulica Prytyckaha"}, {"house", house}, {"flat", ""}, {"purpose", "work"}}; }
};
INSTANTIATE_TEST_SUITE_P(Both, AmendableRoutes, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

TEST_P(AmendableRoutes, AnApplicantAmendsAndBothSidesSeeTheVersions) {
    const Caller who = citizen("siarhei");
    const auto made = object(post("/api/v1/applications", who, {{"service", kService}, {"language", "en"}, {"answers", answers("98")}}, {{"Idempotency-Key", "k"}}), 201);
    const std::string own = "/api/v1/applications/" + std::string(made.at("receipt").as_string());
    const std::string office = "/api/v1/office/cases/" + std::string(made.at("receipt").as_string());
    work();
    EXPECT_EQ(object(get(own + "/versions", who)).at("amendable").as_int64(), 1);
    object(post(own + "/amend", who, {{"answers", answers("99")}}), 422);
    EXPECT_EQ(object(post(own + "/amend", who, {{"version", 1}, {"answers", {{"town", "Maladziečna"}}}}), 422).at("problems").at(0).at("key").as_string(), "street");
    object(post(own + "/amend", who, {{"version", 1}, {"answers", answers("99")}}));
    object(post(own + "/amend", who, {{"version", 1}, {"answers", answers("99")}}));
    object(post(own + "/amend", who, {{"version", 2}, {"answers", answers("97")}}), 409);
    object(post(own + "/amend", citizen("alena"), {{"version", 2}, {"answers", answers("97")}}), 404);
    const Caller officer = officer_of(kBody);
    const auto seen = object(get(office + "/versions", officer));
    EXPECT_EQ(seen.at("amendable").as_int64(), 0);
    ASSERT_EQ(seen.at("versions").as_array().size(), 2U);
    EXPECT_EQ(seen.at("versions").at(0).at("answers").at("house").as_string(), "98");
    EXPECT_EQ(json::serialize(seen.at("versions").at(1).at("changed")), R"(["house"])");
    object(post(office + "/amend", officer, {{"version", 2}, {"answers", answers("97")}}), 409);
}

TEST_P(RoutesIn, AnyoneAsksForATermAndForTheDaysOfAYear) {
    const auto due = object(get(format("/api/v1/calendar/explain?body={}&received=2026-11-27T16:30&term=3wd&lang=en", kBody), std::nullopt));
    EXPECT_EQ(text(due, "date"), "2026-12-02");
    EXPECT_FALSE(due.at("steps").as_array().empty());
    object(get("/api/v1/calendar/explain?received=2026-13-01&term=3wd", std::nullopt), 422);
    object(get("/api/v1/calendar/explain?received=2026-11-27T25:00&term=3wd", std::nullopt), 422);
    object(get("/api/v1/calendar/explain?received=2026-11-27&term=soon", std::nullopt), 422);
    const auto year = object(get(format("/api/v1/calendar/{}/2026", kBody), std::nullopt));
    EXPECT_EQ(year.at("days").as_array().size(), 365U);
    object(get("/api/v1/calendar/NOWHERE/2026", std::nullopt), 404);
    object(get(format("/api/v1/calendar/{}/999999999999", kBody), std::nullopt), 404);
    EXPECT_FALSE(object(get("/api/v1/bodies?lang=be", std::nullopt)).at("bodies").as_array().empty());
}

TEST_P(RoutesIn, TheWorkOfABodyIsToldAsJsonCsvAndAPicture) {
    const Caller who = citizen("siarhei");
    apply(who, "99");
    const Caller officer = staff("head", {{kBody, "head"}});
    for (const char* path : {"/api/v1/office/workload", "/api/v1/office/workload.csv", "/api/v1/office/workload.svg"}) object(get(path, officer_of(kBody, path)), 403);
    const auto work_now = object(get("/api/v1/office/workload", officer));
    EXPECT_EQ(work_now.at("open").as_int64(), 1);
    EXPECT_EQ(work_now.at("half_used").as_int64(), 0);
    EXPECT_EQ(work_now.at("by_status").at("with_officer").as_int64(), 1);
    const auto csv = get("/api/v1/office/workload.csv?from=2026-11-01&until=2026-11-30", officer);
    EXPECT_THAT(csv.body, HasSubstr("certificate-of-residence"));
    object(get("/api/v1/office/workload.csv?from=soon", officer), 422);
    EXPECT_THAT(get("/api/v1/office/workload.svg?lang=en", officer).body, HasSubstr("<svg"));
    object(get("/api/v1/office/workload.svg", who), 403);
}

TEST_P(RoutesIn, FilesGoWithAQuestionToTheBodyThatIsAsked) {
    const Caller who = citizen("siarhei");
    json::object sent = application("99");
    sent["files"] = json::array{file(), file("%PDF-1.7 the second")};
    const auto receipt = text(object(post("/api/v1/applications", who, sent, {{"Idempotency-Key", "k"}}), 201), "receipt");
    work();
    const Caller officer = officer_of(kBody);
    const std::string path = "/api/v1/office/cases/" + receipt + "/consultations";
    const auto ask = [&](const char* name) { return post(path, officer, {{"bodies", json::array{kAsked}}, {"question", "Is the lease known?"}, {"term", "5wd"}, {"files", json::array{name}}}); };
    object(ask("1"), 422);
    object(ask("7/0"), 422);
    object(ask("1/0"));
    const Caller other = officer_of(kAsked, "other officer");
    const json::object question = object(get("/api/v1/office/questions", other)).at("questions").at(0).as_object();
    EXPECT_EQ(question.at("files").at(0).at("name").as_string(), "lease.pdf");
    const std::string files = format("/api/v1/office/questions/{}/{}/{}/files/", text(question, "body"), text(question, "case"), question.at("number").as_int64());
    EXPECT_EQ(get(files + "1/0", other).body, kFile);
    object(get(files + "1/1", other), 404);
    object(get(files + "1/0", officer), 404);
    object(get(files + "1/0", who), 403);
    EXPECT_EQ(object(get(path, officer)).at("questions").at(0).at("files").as_array().size(), 1U);
}

// The pack with a term that goes before the superior body and that may be extended.
const catalogue::Pack& escalating() {
    static const catalogue::Pack changed = [] {
        catalogue::Pack one = casework::make_strict_pack();
        one.services.front().four_eyes = false;
        one.services.front().fee_amount = "0.00";
        one.services.front().term.at_end = {{government::Effect::escalation, "Law, article 30"}};
        return one;
    }();
    return changed;
}

class EscalatingRoutes : public ApiFixture {
protected:
    EscalatingRoutes() : ApiFixture(escalating()) {}
};
INSTANTIATE_TEST_SUITE_P(Both, EscalatingRoutes, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

TEST_P(EscalatingRoutes, TheSuperiorBodySeesWhatWasNotAnsweredAndTheApplicantBy) {
    const auto who = applicant("siarhei");
    const auto receipt = submit(who, "77").receipt;
    work();
    const Caller officer = officer_of(kBody);
    EXPECT_EQ(object(get("/api/v1/office/cases", officer)).at("cases").at(0).at("term_used").as_int64(), 0);
    object(post("/api/v1/office/cases/" + receipt + "/extend", officer, {{"by", "1wd"}, {"reason", "The archive answers late."}, {"article", "Law, article 15"}}));
    clock_.advance(std::chrono::hours(24 * 9));
    work();
    const Caller superior = officer_of(kAsked, "superior");
    const auto seen = object(get("/api/v1/office/escalated", superior));
    EXPECT_EQ(seen.at("open").as_int64(), 1);
    ASSERT_EQ(seen.at("cases").as_array().size(), 1U);
    EXPECT_EQ(seen.at("cases").at(0).at("escalated_by").as_string(), "Law, article 30");
    EXPECT_EQ(seen.at("cases").at(0).at("body").as_string(), kBody);
    const auto one = object(get("/api/v1/office/escalated/" + receipt, superior));
    EXPECT_FALSE(one.at("acts").as_array().empty());
    EXPECT_FALSE(one.contains("answers"));
    const Caller again = officer_of(kBody, "again");
    EXPECT_EQ(object(get("/api/v1/office/escalated", again)).at("open").as_int64(), 0);
    object(get("/api/v1/office/escalated/" + receipt, again), 404);
    object(get("/api/v1/office/escalated/none", superior), 404);
    EXPECT_EQ(object(get("/api/v1/office/cases", again)).at("cases").at(0).at("term_used").as_int64(), 100);
}

TEST_P(RoutesIn, AClosedCaseIsTakenAwayAsAZip) {
    const Caller who = citizen("siarhei");
    const std::string receipt = apply(who, "99");
    const Caller officer = officer_of(kBody);
    const std::string path = "/api/v1/office/cases/" + receipt;
    object(post(path + "/package", officer), 409);
    object(post(path + "/decide", officer, {{"outcome", "refuse"}, {"ground", "25"}, {"reason", "No document shows it."}}));
    work();
    ASSERT_TRUE(ledger_.integrate());
    const auto zip = post(path + "/package", officer);
    ASSERT_EQ(zip.status, 200) << zip.body;
    const auto entries = read_zip(as_bytes(zip.body));
    ASSERT_TRUE(entries) << entries.error().message;
    std::vector<std::string> names;
    for (const ZipEntry& one : *entries) names.push_back(one.name);
    EXPECT_THAT(names, Contains("case-" + receipt + "/manifest-sha256.txt"));
    object(post(path + "/package", who), 403);
    object(get("/api/v1/applications/" + receipt + "/letter", who));
    object(get("/api/v1/applications/" + receipt + "/history", who));
}

TEST_P(RoutesIn, AnAppealIsANewCaseWithAPlace) {
    const Caller who = citizen("siarhei");
    const std::string receipt = apply(who, "99");
    const Caller officer = officer_of(kBody);
    object(post("/api/v1/office/cases/" + receipt + "/decide", officer, {{"outcome", "refuse"}, {"ground", "25"}, {"reason", "No document shows it."}}));
    work();
    const auto made = post("/api/v1/applications/" + receipt + "/appeal", who, {{"text", "The lease was there"}}, {{"Idempotency-Key", "a"}});
    const auto appeal = object(made, 201);
    EXPECT_EQ(made.headers.value_or("Location", ""), "/api/v1/applications/" + text(appeal, "receipt"));
    EXPECT_EQ(text(object(get(std::string(made.headers.value_or("Location", "")), who)), "kind"), "appeal");
}

class OperatorIn : public RoutesIn {
protected:
    json::object only_process(const Caller& who, const std::string& query = "") {
        const auto page = object(get("/api/v1/processes" + query, who));
        EXPECT_EQ(page.at("total").as_int64(), 1) << query;
        return page.at("processes").at(0).as_object();
    }
    void break_something(const std::string& instance) {
        ASSERT_TRUE(store_->write([&](store::Tx& tx) -> Result<void> {
            TRY_DO(tx.execute("INSERT INTO process_work (instance_id, number, kind, name, work_key, payload, due_at, attempts, state, problem) VALUES ($1,900,'timer','','','{}',1,3,'incident','it broke')", {instance}));
            return {};
        }));
    }
};
INSTANTIATE_TEST_SUITE_P(Both, OperatorIn, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

TEST_P(OperatorIn, FindsProceduresPageByPage) {
    const Caller who = citizen("siarhei");
    const std::string first = apply(who, "97", "one");
    clock_.advance(std::chrono::seconds(1));
    const std::string second = apply(who, "98", "two");
    const Caller boss = operator_of_all();
    const auto page = object(get("/api/v1/processes?count=1&first=1", boss));
    EXPECT_EQ(page.at("total").as_int64(), 2);
    EXPECT_EQ(page.at("processes").at(0).at("receipt").as_string(), first) << "the newest first";
    const auto one = only_process(boss, "?q=" + second);
    EXPECT_EQ(only_process(boss, "?q=" + text(one, "case")).at("id"), one.at("id"));
    EXPECT_EQ(only_process(boss, "?q=" + text(one, "id")).at("receipt").as_string(), second);
    EXPECT_EQ(object(get("/api/v1/processes?state=completed", boss)).at("total").as_int64(), 0);
    EXPECT_EQ(object(get("/api/v1/processes?process=certificate_of_residence&state=running", boss)).at("total").as_int64(), 2);
    EXPECT_EQ(object(get("/api/v1/processes?q=%25", boss)).at("total").as_int64(), 0) << "a sign of its own, no pattern";
    object(get("/api/v1/processes?state=odd", boss), 422);
    object(get("/api/v1/processes?count=201", boss), 422);
    object(get("/api/v1/processes", officer_of(kBody)), 403);
    object(get("/api/v1/processes", std::nullopt), 401);
}

TEST_P(OperatorIn, SeesHowAProcedureRunsAndNotWhatItHolds) {
    const std::string receipt = apply(citizen("siarhei"), "99");
    const Caller boss = operator_of_all();
    const std::string id = text(only_process(boss), "id");
    const auto response = get("/api/v1/processes/" + id, boss);
    const auto seen = object(response);
    EXPECT_EQ(seen.at("tokens").at(0).at("node").as_string(), "Officer_decides");
    EXPECT_GT(seen.at("history").at("total").as_int64(), 3);
    EXPECT_THAT(response.body, testing::Not(HasSubstr("Prytyckaha")));
    EXPECT_EQ(object(get("/api/v1/processes/" + id + "?first=2&count=1", boss)).at("history").at("steps").as_array().size(), 1U);
    const auto token = seen.at("tokens").at(0).at("token").as_int64();
    object(post("/api/v1/processes/" + id + "/skip", boss, {{"token", token}, {"reason", "too slow"}}), 403);
    object(get("/api/v1/processes/nonsense", boss), 404);
}

TEST_P(OperatorIn, RepairsTriesAgainAndTakesAway) {
    apply(citizen("siarhei"), "99");
    const Caller boss = operator_of_all();
    const std::string id = text(only_process(boss), "id");
    const std::string path = "/api/v1/processes/" + id;
    object(post(path + "/repair", boss, {{"variables", {{"note", "x"}}}, {"reason", "because"}}), 409);
    break_something(id);
    const auto incidents = object(get("/api/v1/incidents", boss));
    ASSERT_EQ(incidents.at("total").as_int64(), 1);
    EXPECT_EQ(incidents.at("incidents").at(0).at("problem").as_string(), "it broke");
    object(post(path + "/repair", boss, {{"variables", {{"outcome", "issue"}}}, {"reason", "because"}}), 403);
    object(post(path + "/repair", boss, {{"variables", {{"note", "x"}}}, {"reason", " "}}), 422);
    object(post(path + "/repair", boss, {{"variables", {{"note", "x"}}}, {"reason", "the note was lost"}}));
    const std::string incident = "/api/v1/incidents/" + id + "/900/";
    object(post(incident + "dismiss", boss, {{"reason", ""}}), 422);
    object(post(incident + "dismiss", boss, {{"reason", "it is not needed"}}));
    object(post(incident + "retry", boss), 404);
    object(post("/api/v1/incidents/" + id + "/99999999999999999999/retry", boss), 404);
    EXPECT_EQ(object(get("/api/v1/incidents", boss)).at("total").as_int64(), 0);
    // What concerns all procedures and terms at once.
    object(post("/api/v1/signals", boss, {{"signal", "Register_is_back"}}), 422);   // no model waits for it
    object(post("/api/v1/signals", boss, {{"signal", 7}}), 422);
    object(post("/api/v1/processes/prune", boss, {{"before", "soon"}}), 422);
    object(post("/api/v1/terms/recompute", citizen("alena")), 403);
    break_something(id);
    EXPECT_EQ(text(object(post(incident + "retry", boss)), "done"), "due_now");
}

TEST_P(OperatorIn, ForgetsWhatEndedAndNothingThatRuns) {
    const Caller who = citizen("siarhei");
    const std::string ended = apply(who, "97", "one");
    const std::string running = apply(who, "98", "two");
    const Caller boss = operator_of_all();
    object(post("/api/v1/applications/" + ended + "/withdraw", who));
    const auto before_its_time = object(post("/api/v1/processes/prune", boss));
    EXPECT_EQ(before_its_time.at("forgotten").as_int64(), 0) << "its service keeps its cases for years";
    EXPECT_TRUE(before_its_time.at("by_model").as_array().empty());
    const auto pruned = object(post("/api/v1/processes/prune", boss, {{"before", "2100-01-01"}}));
    EXPECT_EQ(pruned.at("forgotten").as_int64(), 1);
    EXPECT_TRUE(pruned.at("by_model").at(0).at("process").is_null());
    EXPECT_EQ(only_process(boss).at("receipt").as_string(), running);
}

TEST_P(OperatorIn, CountsATermAnewThatDoesNotStandWhereTheCalendarSays) {
    const Caller who = citizen("siarhei");
    const std::string receipt = apply(who, "97");
    const Caller boss = operator_of_all();
    const std::string due = text(object(get("/api/v1/applications/" + receipt, who)), "due_at");
    EXPECT_EQ(object(post("/api/v1/terms/recompute", boss)).at("moved").as_int64(), 0);
    ASSERT_TRUE(store_->write([&](store::Tx& tx) -> Result<void> {
        for (const char* table : {"casework_clock", "casework_case"}) TRY_DO(tx.execute(format("UPDATE {} SET due_at=due_at-86400000000", table), {}));
        return {};
    }));
    ASSERT_NE(text(object(get("/api/v1/applications/" + receipt, who)), "due_at"), due);
    EXPECT_EQ(object(post("/api/v1/terms/recompute", boss)).at("moved").as_int64(), 1);
    EXPECT_EQ(text(object(get("/api/v1/applications/" + receipt, who)), "due_at"), due);
}

// Everything of this service waits for one signal.
const catalogue::Pack& waiting_for_signal() {
    static const catalogue::Pack changed = [] {
        catalogue::Pack copy = casework::pack();
        const auto model = process::parse_bpmn(R"(<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:madang="https://madang.example/ns/bpmn" targetNamespace="urn:t">
<signal id="S" name="Register_is_back"/><process id="waits" isExecutable="true"><startEvent id="s"/><intermediateCatchEvent id="Wait"><signalEventDefinition signalRef="S"/></intermediateCatchEvent>
<userTask id="Say" madang:role="officer" madang:decision="true"/><exclusiveGateway id="how" default="no"/><serviceTask id="Issue" madang:operation="certificate.issue" madang:external="true"/><endEvent id="e"/><endEvent id="r"/>
<sequenceFlow id="a" sourceRef="s" targetRef="Wait"/><sequenceFlow id="b" sourceRef="Wait" targetRef="Say"/><sequenceFlow id="c" sourceRef="Say" targetRef="how"/>
<sequenceFlow id="yes" sourceRef="how" targetRef="Issue"><conditionExpression>=granted</conditionExpression></sequenceFlow><sequenceFlow id="no" sourceRef="how" targetRef="r"/>
<sequenceFlow id="d" sourceRef="Issue" targetRef="e"/></process></definitions>)", "waits.bpmn");
        EXPECT_TRUE(model) << model.error().message;
        copy.services.front().process = *model;
        return copy;
    }();
    return changed;
}

class SignalledIn : public RoutesIn {
protected:
    SignalledIn() : RoutesIn(waiting_for_signal()) {}
};
INSTANTIATE_TEST_SUITE_P(Both, SignalledIn, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

TEST_P(SignalledIn, ASignalIsHeardByAllThatWaitForIt) {
    const Caller who = citizen("siarhei");
    const std::vector<std::string> receipts{apply(who, "97", "one"), apply(who, "98", "two")};
    const Caller officer = officer_of(kBody);
    const auto open = [&](const std::string& receipt) { return object(get("/api/v1/office/cases/" + receipt + "/tasks", officer)).at("tasks").as_array().size(); };
    for (const std::string& receipt : receipts) EXPECT_EQ(open(receipt), 0U);
    EXPECT_EQ(object(post("/api/v1/signals", operator_of_all(), {{"signal", "Register_is_back"}})).at("services").as_int64(), 1);
    work();
    for (const std::string& receipt : receipts) EXPECT_EQ(open(receipt), 1U);
}

TEST_P(OperatorIn, MovesProceduresAfterADryRunThatSaysWhatKeepsThem) {
    const Caller who = citizen("siarhei");
    apply(who, "97", "one");
    const std::string second = apply(who, "98", "two");
    const Caller boss = operator_of_all();
    ASSERT_TRUE(store_->write([&](store::Tx& tx) -> Result<void> {
        TRY(const auto definition, engine_.find_definition(tx, "certificate_of_residence"));
        TRY(const auto same, process::parse_bpmn(*definition->source + "<!-- next -->", "next.bpmn"));
        TRY_DO(engine_.deploy(tx, same));
        std::string without = *definition->source;
        for (std::size_t at = without.find("Officer_decides"); at != std::string::npos; at = without.find("Officer_decides", at)) without.replace(at, 15, "Clerk_decides");
        TRY(const auto other, process::parse_bpmn(without, "other.bpmn"));
        TRY_DO(engine_.deploy(tx, other));
        return {};
    }));
    const json::object dry{{"process", "certificate_of_residence"}, {"version", 3}, {"dry_run", true}};
    const auto kept = object(post("/api/v1/migrations", boss, dry)).at("migrations").as_array();
    ASSERT_EQ(kept.size(), 2U);
    EXPECT_FALSE(kept[0].at("can_move").as_bool());
    EXPECT_THAT(std::string(kept[0].at("problems").at(0).as_string()), HasSubstr("Officer_decides"));
    json::object named = dry;
    named["nodes"] = json::object{{"Officer_decides", "Clerk_decides"}};
    EXPECT_TRUE(object(post("/api/v1/migrations", boss, named)).at("migrations").at(1).at("can_move").as_bool());

    const std::string path = "/api/v1/processes/" + text(only_process(boss, "?q=" + second), "id") + "/migrate";
    object(post(path, boss, {{"version", 2}}), 422);
    EXPECT_FALSE(object(post(path, boss, {{"version", 2}, {"dry_run", true}})).at("moved").as_bool());
    EXPECT_TRUE(object(post(path, boss, {{"version", 2}, {"reason", "the law changed"}})).at("moved").as_bool());
    const auto all = object(post("/api/v1/migrations", boss, {{"process", "certificate_of_residence"}, {"version", 2}, {"reason", "the law changed"}}));
    EXPECT_EQ(all.at("migrations").as_array().size(), 1U) << "the other is there already";
    EXPECT_TRUE(all.at("next").is_null());
    object(post("/api/v1/migrations", boss, {{"process", "certificate_of_residence"}, {"version", 9}, {"dry_run", true}}), 404);
}

TEST_P(RoutesIn, SomebodyIsAwayAndDuplicatesAreJoined) {
    const Caller who = citizen("siarhei");
    const std::string first = apply(who, "97", "one");
    const std::string second = apply(who, "98", "two");
    const Caller officer = officer_of(kBody);
    officer_of(kBody, "colleague");
    EXPECT_EQ(object(get("/api/v1/office/cases/" + first + "/duplicates", officer)).at("cases").at(0).at("receipt").as_string(), second);
    object(post("/api/v1/office/cases/" + second + "/merge", officer, {{"into", first}}));
    object(post("/api/v1/office/absences", officer, {{"substitute", "colleague"}, {"from", "2026-11-24"}, {"until", "2026-11-30"}}));
    EXPECT_EQ(object(get("/api/v1/office/absences", officer)).at("absences").as_array().size(), 1U);
    object(post("/api/v1/office/absences/end", officer, {{"from", "2026-11-24"}}));
    object(post("/api/v1/office/cases/" + first + "/delegate", officer, {{"to", "colleague"}}));
    object(get("/api/v1/office/refunds", officer));
    object(get("/api/v1/session", officer));
    object(get("/api/v1/services?lang=ru", std::nullopt));
    object(get("/trust.json", std::nullopt));
    object(get("/openapi.json", std::nullopt));
}

}  // namespace
}  // namespace madang::api
