// Requests and answers as values: headers, cookies, languages, origins, routing, redirects.
#include "http/request.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "http/cookies.h"
#include "http/csrf.h"
#include "http/router.h"

namespace madang::http {
namespace {

TEST(Headers, CompareNamesWithoutCaseAndCannotBeSplit) {
    Headers headers;
    headers.add("Content-Type", "text/plain");
    headers.add("Set-Cookie", "a");
    headers.add("set-cookie", "b\r\nX: evil");
    EXPECT_EQ(headers.find("content-TYPE"), "text/plain");
    EXPECT_EQ(headers.count("Set-Cookie"), 2U);
    EXPECT_EQ(headers.at(2).value, "b  X: evil");
    headers.set("SET-COOKIE", "c");
    EXPECT_EQ(headers.count("set-cookie"), 1U);
    const Headers copy = headers;
    headers.clear();
    EXPECT_EQ(copy.find("set-cookie"), "c");
}

TEST(ParseCookies, ReadsPairsAndLeavesTheRest) {
    std::string shown;
    for (const auto& [name, value] : parse_cookies(" a=1;b=\"2\"; c ;=d; e= f ; a=3;;")) shown += format("[{}={}]", name, value);
    EXPECT_EQ(shown, "[a=1][b=2][e=f][a=3]");
    std::string many;
    for (int i = 0; i < 1000; ++i) many += "a=1;";
    EXPECT_EQ(parse_cookies(many).size(), kCookieLimit);
}

TEST(SetCookie, AlwaysCarriesTheRulesOfTheHostPrefix) {
    EXPECT_EQ(format_set_cookie({.name = "__Host-session", .value = "abc-_"}),
              "__Host-session=abc-_; Path=/; Secure; HttpOnly; SameSite=Lax");
    EXPECT_EQ(format_set_cookie({.name = "__Host-s", .value = "1", .max_age = std::chrono::seconds(60), .same_site = SameSite::strict}),
              "__Host-s=1; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=60");
    EXPECT_EQ(format_forget_cookie("__Host-s"), "__Host-s=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
    EXPECT_DEATH(format_set_cookie({.name = "session", .value = "1"}), "");
    EXPECT_DEATH(format_set_cookie({.name = "__Host-s", .value = "1; Domain=evil"}), "");
}

TEST(Request, FindsCookiesAndFormFields) {
    const auto request = make_request(Method::post, "/a?q=1", "name=Anna&name=Eva", {{"Cookie", "__Host-s=t; l=be"}});
    EXPECT_EQ(request.cookie("l"), "be");
    EXPECT_EQ(request.cookie("x"), std::nullopt);
    EXPECT_EQ(request.query.value_or("q", ""), "1");
    ASSERT_TRUE(request.form());
    EXPECT_EQ(request.form()->all("name").size(), 2U);
    const auto file = make_request(Method::post, "/", "x", {{"Content-Type", "multipart/form-data; boundary=x"}});
    EXPECT_EQ(file.form().error().message, "the body is not application/x-www-form-urlencoded");
}

TEST(Request, OrdersTheLanguagesOfTheReader) {
    const auto languages = [](std::string_view header) {
        return join(make_request(Method::get, "/", "", {{"Accept-Language", header}}).languages(), " ");
    };
    EXPECT_EQ(languages("ru-BY, be;q=0.9, en;q=0.95, *;q=0.1"), "ru-by en be");
    EXPECT_EQ(languages("be;q=0, en;q=x, ru;q=0.5 , ko;q=1.000"), "ko ru");
    EXPECT_EQ(languages(""), "");
}

TEST(Origin, IsToldByTheBrowser) {
    const auto origin = [](std::initializer_list<Headers::Field> headers) { return origin_of(make_request(Method::post, "/", "", headers)); };
    EXPECT_EQ(origin({}), Origin::unknown);
    EXPECT_EQ(origin({{"Sec-Fetch-Site", "same-origin"}}), Origin::same);
    EXPECT_EQ(origin({{"Sec-Fetch-Site", "none"}}), Origin::same);
    EXPECT_EQ(origin({{"Sec-Fetch-Site", "same-site"}, {"Origin", "http://localhost"}}), Origin::foreign);
    EXPECT_EQ(origin({{"Origin", "http://localhost"}}), Origin::same);
    EXPECT_EQ(origin({{"Origin", "https://localhost"}}), Origin::foreign);
    EXPECT_EQ(origin({{"Origin", "null"}}), Origin::foreign);
}

TEST(Router, PrefersTheFixedAndNamesTheMethods) {
    Router router;
    const auto named = [](std::string text) { return [text](const Request& r) {
        std::string all = text;
        for (const auto& [name, value] : r.parameters) all += " " + name + "=" + value;
        return Response::text(all);
    }; };
    router.add(Method::get, "/", named("home"));
    router.add(Method::get, "/case/new", named("new"));
    router.add(Method::get, "/case/{id}", named("case"));
    router.add(Method::post, "/case/{case_id}/grant", named("grant"));
    router.add(Method::get, "/tile/{path...}", named("tile"));
    router.add(Method::get, "/tile/checkpoint", named("checkpoint"));
    const auto ask = [&](Method method, std::string_view target) {
        const auto response = router.answer(make_request(method, target));
        return response.status == 200 ? response.body : format("{} {}", response.status, response.headers.value_or("Allow", "-"));
    };
    EXPECT_EQ(ask(Method::get, "/"), "home");
    EXPECT_EQ(ask(Method::get, "/case/new"), "new");
    EXPECT_EQ(ask(Method::head, "/case/7"), "case id=7");
    EXPECT_EQ(ask(Method::post, "/case/new/grant"), "grant case_id=new");
    EXPECT_EQ(ask(Method::get, "/tile/0/x001/234"), "tile path=0/x001/234");
    EXPECT_EQ(ask(Method::get, "/tile/checkpoint"), "checkpoint");
    EXPECT_EQ(ask(Method::get, "/tile/"), "404 -");
    EXPECT_EQ(ask(Method::get, "/case//grant"), "404 -");
    EXPECT_EQ(ask(Method::post, "/case/7"), "405 GET, HEAD");
    EXPECT_EQ(ask(Method::get, "/Case/7"), "404 -");
    EXPECT_DEATH(router.add(Method::get, "/case/{other}", named("twice")), "");
    EXPECT_DEATH(router.add(Method::get, "/x/{p...}/y", named("rest")), "");
}

TEST(Response, SendsNobodyElsewhere) {
    EXPECT_EQ(Response::redirect("/case/1").headers.find("Location"), "/case/1");
    EXPECT_EQ(Response::redirect("//evil.example").headers.find("Location"), "/");
    EXPECT_EQ(Response::redirect("https://evil.example").headers.find("Location"), "/");
}

TEST(Response, NamesADownloadInAnyLanguage) {
    const auto response = Response::download("x", "application/pdf", "Справка \"1\".pdf");
    EXPECT_EQ(response.headers.find("Content-Disposition"),
              "attachment; filename=\" _1_.pdf\"; "
              "filename*=UTF-8''%D0%A1%D0%BF%D1%80%D0%B0%D0%B2%D0%BA%D0%B0%20%221%22.pdf");
}

TEST(CsrfTokens, BelongToOneSessionAndOneKey) {
    SystemRandom random;
    const CsrfTokens tokens(Bytes(32, 1), random);
    const auto token = tokens.make("session-a");
    EXPECT_NE(token, tokens.make("session-a"));
    EXPECT_TRUE(tokens.check("session-a", token));
    EXPECT_FALSE(tokens.check("session-b", token));
    EXPECT_FALSE(CsrfTokens(Bytes(32, 2), random).check("session-a", token));
    for (std::size_t i = 0; i < token.size(); ++i) {
        auto changed = token;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(tokens.check("session-a", changed)) << i;
    }
    for (const auto* wrong : {"", "x", "AAAA"}) EXPECT_FALSE(tokens.check("session-a", wrong));
    EXPECT_FALSE(tokens.check("", token));
    EXPECT_FALSE(tokens.check("session-a", std::string(1'000'000, 'A')));
}

}  // namespace
}  // namespace madang::http
