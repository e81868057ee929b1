// What the routes do, over a house without a server; the fixture compares every answer with the description.
#include "api/routes_fixture.h"
#include "base/text.h"
#include "base/zip.h"

namespace madang::api {
namespace {

using casework::kBody;
using casework::kService;
using testing::Contains;
using testing::HasSubstr;

constexpr const char* kAsked = "BY-MI-MLD";

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
