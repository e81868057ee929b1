// Every route of the running program, asked by everybody who may come: with nothing, with rubbish, and with the number of a real
// case. Whatever is asked is answered, none of it with 500, and the house still stands.
#include <regex>
#include <set>

#include "base/bytes.h"
#include "base/json.h"
#include "crypto/totp.h"
#include "faults/client.h"
#include "faults/installation.h"
#include "http/fields.h"
#include "program/commands.h"

namespace madang {
namespace {

using faults::Answer;
using faults::Client;
using Headers = std::map<std::string, std::string>;

constexpr const char* kPassword = "seven long green sentences here";

struct Visitor {
    std::string name, cookie, csrf;
};

Instant now() { return std::chrono::time_point_cast<Instant::duration>(std::chrono::system_clock::now()); }

std::string first_match(const std::string& text, const char* pattern) {
    std::smatch found;
    return std::regex_search(text, found, std::regex(pattern)) ? found[1].str() : std::string();
}

std::string encoded(const http::Fields& form) {
    std::string text;
    for (const auto& [name, value] : form) text += format("{}{}={}", text.empty() ? "" : "&", http::percent_encode(name), http::percent_encode(value));
    return text;
}

class EveryRoute : public Commands {
protected:
    Visitor signed_in(const std::string& who, const std::string& password, const std::string& code) const {
        Client client(house_->port());
        const auto answer = client.request("POST", "/api/v1/session", json::serialize(json::value{{"name", who}, {"password", password}, {"code", code}}), {{"Content-Type", "application/json"}});
        EXPECT_TRUE(answer && answer->status == 200) << who << (answer ? answer->body : "");
        return {who, client.cookie, answer ? string_or(parse_json(answer->body)->as_object(), "csrf_token", "") : ""};
    }
    // Who operates the house: by the link of the installer, with a code that is set up at the first sign-in.
    Visitor operator_of_house() const {
        const std::string log = read_file(folder_ / "server.log").value_or("");
        Client client(house_->port());
        const auto page = client.request("GET", first_match(log, "http://[^/]*(/installer\\?link=\\S+)"));
        const std::string link = first_match(log, "link=(\\S+)");
        EXPECT_TRUE(page);
        http::Fields form;
        form.add("link", link);
        form.add("csrf", first_match(page->body, "name=\"csrf\" value=\"([^\"]*)\""));
        form.add("name", "operator");
        form.add("password", kPassword);
        EXPECT_TRUE(post(client, "/installer", form));
        const auto asked = client.request("GET", "/sign-in");
        http::Fields name;
        name.add("csrf", first_match(asked->body, "name=\"csrf\" value=\"([^\"]*)\""));
        name.add("name", "operator");
        name.add("password", kPassword);
        EXPECT_TRUE(post(client, "/sign-in", name));
        const auto enrol = client.request("GET", "/sign-in/enrol");
        const auto secret = parse_base32(first_match(enrol->body, "secret=([A-Z2-7]+)"));
        EXPECT_TRUE(secret) << enrol->status << enrol->body;
        http::Fields code;
        const std::regex hidden("<input type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\"");
        for (std::sregex_iterator one(enrol->body.begin(), enrol->body.end(), hidden), end; one != end; ++one) code.add((*one)[1].str(), (*one)[2].str());
        code.add("code", crypto::totp_at(*secret, now()));
        EXPECT_TRUE(post(client, "/sign-in/enrol", code));
        const auto home = client.request("GET", "/operator");
        EXPECT_TRUE(home && home->status == 200);
        return {"operator", client.cookie, first_match(home->body, "name=\"csrf\" value=\"([^\"]*)\"")};
    }
    static std::optional<Answer> post(Client& client, const std::string& path, const http::Fields& form) {
        return client.request("POST", path, encoded(form), {{"Content-Type", "application/x-www-form-urlencoded"}});
    }
    // The routes of the program, as its figures name them.
    std::set<std::string> routes() const {
        Client client(house_->port());
        const auto answer = client.request("GET", "/metrics");
        std::set<std::string> all;
        const std::regex pattern("route=\"([^\"]*)\"");
        for (std::sregex_iterator one(answer->body.begin(), answer->body.end(), pattern), end; one != end; ++one) all.insert((*one)[1].str());
        return all;
    }

    std::unique_ptr<faults::Installation> house_;
};

TEST_F(EveryRoute, AnswersEverybody) {
    house_ = std::make_unique<faults::Installation>(MADANG_PROGRAM, folder_, "");
    ASSERT_TRUE(house_->start());
    const auto& citizen = house_->citizens().back();
    const auto& officer = house_->officers().front();
    const std::string code(trim(house_->run({"demo", "code", officer.name}).second));
    const std::vector<Visitor> visitors{{"nobody", "", ""}, signed_in(citizen.name, citizen.password, ""), signed_in(officer.name, officer.password, code), operator_of_house()};
    Client applicant(house_->port());
    applicant.cookie = visitors[1].cookie;
    const auto made = applicant.request("POST", "/api/v1/applications",
                                        R"({"service":"certificate-of-residence","language":"en","answers":{"town":"Maladziečna","street":"vulica Prytyckaha","house":"99","flat":"1","purpose":"work"}})",
                                        {{"Content-Type", "application/json"}, {"X-CSRF-Token", visitors[1].csrf}, {"Idempotency-Key", "every-route"}});
    ASSERT_TRUE(made && made->status == 201) << made->body;
    const std::string receipt = string_or(parse_json(made->body)->as_object(), "receipt", "");

    const auto all = routes();
    EXPECT_GT(all.size(), 150U);
    const std::vector<std::string> values{receipt, "1", "01a3185c-5000-7002-9090-80bf93f4a6ed", "certificate-of-residence", "%00%C3%A9'\"<"};
    int asked = 0;
    for (const Visitor& visitor : visitors) {
        // A route may end the session (signing out): each has a client with the cookie anew.
        for (const std::string& route : all) {
            if (route.find("sign-out") != std::string::npos || route.empty() || route.front() != '/') continue;
            const bool has_place = route.find('{') != std::string::npos;
            for (std::size_t v = 0; v < (has_place ? values.size() : 1); ++v) {
                const std::string path = std::regex_replace(route, std::regex("\\{[^}]*\\}"), values[v]);
                for (const std::string method : {"GET", "POST", "PUT", "DELETE"}) {
                    // What signs out by a DELETE of the session takes nothing from those that follow.
                    if (method == "DELETE" && route == "/api/v1/session") continue;
                    for (const bool as_json : {false, true}) {
                        if (method == "GET" && as_json) continue;
                        Client client(house_->port());
                        client.cookie = visitor.cookie;
                        Headers headers{{"X-CSRF-Token", visitor.csrf}, {"Content-Type", as_json ? "application/json" : "application/x-www-form-urlencoded"}};
                        http::Fields form;
                        for (const char* name : {"instance", "number", "token", "name", "value", "reference", "process", "version", "reason", "outcome", "text", "to", "task", "q", "from", "until"}) form.add(name, "1");
                        form.add("csrf", visitor.csrf);
                        const std::string body = method == "GET" ? "" : as_json ? R"({"reason":"x","number":"1","version":2,"variables":{"a":1},"text":7,"items":[]})" : encoded(form);
                        const auto answer = client.request(method, path, body, headers);
                        ASSERT_TRUE(answer) << visitor.name << ": " << method << " " << path << ": " << "no answer";
                        EXPECT_NE(answer->status, 500) << visitor.name << ": " << method << " " << path << " " << answer->body;
                        ++asked;
                    }
                }
            }
        }
    }
    std::printf("%zu routes, %d requests\n", all.size(), asked);
    Client last(house_->port());
    const auto ready = last.request("GET", "/readyz");
    EXPECT_TRUE(ready && ready->status == 200);
}

}  // namespace
}  // namespace madang
