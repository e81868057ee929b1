// A house with its people and the API over it, without a server. Each answer is compared with the description as it comes: its
// status, its type and, of JSON, every member.
#pragma once

#include "api/api.h"
#include "api/events.h"
#include "base/text.h"
#include "casework/casework_fixture.h"
#include "crypto/totp.h"
#include "http/request.h"

namespace madang::api {

// Sinks that keep nothing.
class NoEvents final : public security::EventSink {
public:
    Result<void> append(std::span<const security::SpoolRecord>) override { return {}; }
    std::size_t max_line() const override { return 1000; }
};

// Why a value is not what a schema says, by its place; empty where it is. Members that the schema does not name are wrong too.
inline std::string mismatch(const json::value& value, const json::value& given, const json::value& description, const std::string& place = "$") {
    const json::object* schema = &given.as_object();
    if (const auto* reference = schema->if_contains("$ref")) {
        const std::string name(std::string_view(reference->as_string()).substr(std::string_view("#/components/schemas/").size()));
        const auto* named = description.at("components").at("schemas").as_object().if_contains(name);
        return named == nullptr ? place + ": no schema " + name : mismatch(value, *named, description, place);
    }
    if (const auto* any = schema->if_contains("anyOf")) {
        std::string first;
        for (const json::value& one : any->as_array()) {
            const std::string wrong = mismatch(value, one, description, place);
            if (wrong.empty()) return {};
            if (first.empty()) first = wrong;
        }
        return first;
    }
    if (!schema->contains("type")) return {};
    const std::string_view type = schema->at("type").as_string();
    if (type == "null") return value.is_null() ? std::string() : place + ": null was expected";
    if (type == "string") {
        if (!value.is_string()) return place + ": a text was expected";
        if (const auto* words = schema->if_contains("enum")) return std::ranges::find(words->as_array(), value) != words->as_array().end() ? std::string() : place + ": " + json::serialize(value) + " is none of the words";
        if (const auto* format = schema->if_contains("format"); format != nullptr && format->as_string() == "date") return parse_date(value.as_string()) ? std::string() : place + ": a date was expected";
        if (const auto* format = schema->if_contains("format"); format != nullptr && format->as_string() == "date-time") return parse_instant(value.as_string()) ? std::string() : place + ": a moment was expected";
        return {};
    }
    if (type == "boolean") return value.is_bool() ? std::string() : place + ": true or false was expected";
    if (type == "integer") return value.is_int64() || value.is_uint64() ? std::string() : place + ": a whole number was expected";
    if (type == "number") return value.is_number() ? std::string() : place + ": a number was expected";
    if (type == "array") {
        if (!value.is_array()) return place + ": a list was expected";
        for (std::size_t i = 0; i < value.as_array().size(); ++i) {
            const std::string wrong = mismatch(value.as_array()[i], schema->at("items"), description, place + "[" + std::to_string(i) + "]");
            if (!wrong.empty()) return wrong;
        }
        return {};
    }
    if (!value.is_object()) return place + ": an object was expected";
    const auto* properties = schema->if_contains("properties");
    const auto* others = schema->if_contains("additionalProperties");
    if (properties == nullptr && (others == nullptr || others->is_bool())) return {};   // keys of its own
    for (const auto& member : value.as_object()) {
        const std::string at = place + "." + std::string(member.key());
        const auto* known = properties == nullptr ? nullptr : properties->as_object().if_contains(member.key());
        if (known == nullptr && (others == nullptr || others->is_bool())) return at + ": the description does not name it";
        const std::string wrong = mismatch(member.value(), known == nullptr ? *others : *known, description, at);
        if (!wrong.empty()) return wrong;
    }
    if (const auto* required = schema->if_contains("required")) {
        for (const json::value& name : required->as_array()) {
            if (!value.as_object().contains(name.as_string())) return place + ": \"" + std::string(name.as_string()) + "\" is missing";
        }
    }
    return {};
}

class ApiFixture : public casework::CaseworkFixture {
protected:
    struct Caller {
        std::string cookie, csrf;
        identity::AccountId account;
    };

    explicit ApiFixture(const catalogue::Pack& used = casework::pack()) : CaseworkFixture(used) {
        add_routes(router_, {ledger_, certificates_, casework_, accounts_, pack_, csrf_});
    }

    Caller enter(const std::string& name, const std::string& code) {
        const auto in = accounts_.sign_in({name, kPassword, code, "192.0.2.1"});
        EXPECT_TRUE(in && in->outcome == identity::SignIn::Outcome::signed_in) << name;
        return {std::string(identity::kSessionCookie) + "=" + in->token, csrf_.make(in->session.id), in->session.account};
    }
    // A citizen of the pack.
    Caller citizen(const std::string& key) {
        EXPECT_TRUE(accounts_.create_account({"citizen " + key, kPassword, people_.persons.find(key)->second, {}, {}}));
        return enter("citizen " + key, "");
    }
    // Staff, each a person of their own.
    Caller staff(const std::string& name, std::vector<identity::Role> roles) {
        const auto made = accounts_.create_account({name, kPassword, make_id<identity::PersonId>(clock_, random_), std::move(roles), secret_});
        EXPECT_TRUE(made) << made.error().message;
        return enter(name, crypto::totp_at(secret_, clock_.now()));
    }
    Caller officer_of(const std::string& body, const std::string& name = "officer") { return staff(name, {{body, "officer"}}); }
    Caller operator_of_all() { return staff("operator", {{"", "administrator"}}); }

    using Headers = std::vector<std::pair<std::string, std::string>>;
    http::Response call(http::Method method, const std::string& target, const std::optional<Caller>& who, const std::string& body = {}, const Headers& more = {}) {
        http::Request request = http::make_request(method, target, body);
        if (who) {
            request.headers.add("Cookie", who->cookie);
            if (method == http::Method::post) request.headers.add("X-CSRF-Token", who->csrf);
        }
        if (method == http::Method::post) request.headers.add("Content-Type", "application/json");
        for (const auto& [name, value] : more) request.headers.set(name, value);
        std::vector<std::pair<std::string, std::string>> parameters;
        std::vector<std::string> segments;
        for (const auto segment : split(std::string_view(request.path).substr(1), '/')) segments.emplace_back(segment);
        const auto match = router_.match(method, segments, parameters);
        EXPECT_NE(match.route, nullptr) << target;
        http::Response response = router_.answer(request);
        if (match.route != nullptr) check(response, match.route->pattern, method == http::Method::get ? "get" : "post");
        return response;
    }
    http::Response get(const std::string& target, const std::optional<Caller>& who) { return call(http::Method::get, target, who); }
    http::Response post(const std::string& target, const std::optional<Caller>& who, const json::value& body = json::object(), const Headers& more = {}) {
        return call(http::Method::post, target, who, json::serialize(body), more);
    }
    // The object of an answer with this status.
    json::object object(const http::Response& response, int status = 200) {
        EXPECT_EQ(response.status, status) << response.body.substr(0, 500);
        const auto value = parse_json(response.body);
        EXPECT_TRUE(value && value->is_object());
        return value && value->is_object() ? value->get_object() : json::object();
    }

    void check(const http::Response& response, std::string pattern, const char* method) {
        if (const std::size_t dots = pattern.find("...}"); dots != std::string::npos) pattern.erase(dots, 3);
        const std::string what = std::string(method) + " " + pattern;
        const auto* path = description_.at("paths").as_object().if_contains(pattern);
        ASSERT_TRUE(path != nullptr && path->as_object().contains(method)) << what;
        const json::object& responses = path->at(method).at("responses").as_object();
        const std::string status = std::to_string(response.status);
        const std::string type(response.headers.value_or("Content-Type", ""));
        const std::string media = type.substr(0, type.find(';'));
        if (response.status >= 400) {
            EXPECT_EQ(media, "application/problem+json") << what;
            EXPECT_EQ(mismatch(*parse_json(response.body), {{"$ref", "#/components/schemas/Problem"}}, description_), "") << what;
            if (response.status < 500) EXPECT_TRUE(responses.contains(status) || response.status == 422) << what << " " << status;
            return;
        }
        ASSERT_TRUE(responses.contains(status)) << what << " " << status;
        const json::object& content = responses.at(status).at("content").as_object();
        const bool octets = content.contains("application/octet-stream");
        ASSERT_TRUE(octets || content.contains(media)) << what << " " << media;
        if (media == "application/json" && !octets) EXPECT_EQ(mismatch(*parse_json(response.body), content.at(media).at("schema"), description_), "") << what;
    }

    static constexpr const char* kPassword = "walnut kettle november";
    const Bytes secret_ = Bytes(20, 7);
    identity::Accounts accounts_{*store_, master_, "Madang", clock_, random_};
    http::CsrfTokens csrf_{Bytes(32, 3), random_};
    http::Router router_;
    const json::value description_ = openapi("https://example.org");
};

}  // namespace madang::api
