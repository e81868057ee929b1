#include "api/api.h"

#include <gtest/gtest.h>

#include "api/api_fixture.h"
#include "api/problem.h"
#include "base/json.h"
#include "base/text.h"

namespace madang::api {
namespace {

TEST(Problem, GivesEachCodeItsStatusAndIsWrittenByTheStandard) {
    const std::pair<Code, int> statuses[] = {{Code::invalid, 422}, {Code::not_found, 404}, {Code::conflict, 409},
                                             {Code::denied, 403}, {Code::corrupted, 500}, {Code::exhausted, 507}, {Code::unavailable, 503}};
    for (const auto& [code, status] : statuses) {
        const auto response = problem({code, "a \"reason\""});
        EXPECT_EQ(response.status, status);
        EXPECT_EQ(response.headers.find("Content-Type"), "application/problem+json");
        const auto body = parse_json(response.body);
        ASSERT_TRUE(body);
        EXPECT_EQ(body->at("status").as_int64(), status);
        EXPECT_EQ(body->at("detail").as_string(), "a \"reason\"");
    }
}

TEST(Openapi, IsAVersion31DescriptionWithOneIdForEachOperation) {
    const json::value description = openapi("https://example.org");
    EXPECT_EQ(description.at("openapi").as_string(), "3.1.0");
    std::set<std::string> ids;
    for (const auto& path : description.at("paths").as_object()) {
        for (const auto& operation : path.value().as_object()) {
            EXPECT_TRUE(ids.insert(std::string(operation.value().at("operationId").as_string())).second) << std::string_view(path.key());
            EXPECT_TRUE(operation.value().at("responses").as_object().contains("default")) << std::string_view(path.key());
        }
    }
    EXPECT_GE(ids.size(), 11U);
}

std::set<std::string> parameters_of(const json::value& operation) {
    std::set<std::string> names;
    if (const auto* list = operation.as_object().if_contains("parameters")) {
        for (const auto& one : list->as_array()) names.insert(std::string(one.at("name").as_string()));
    }
    return names;
}

TEST(Openapi, NamesEveryPlaceOfAPathAndWhatAChangeCarries) {
    const json::value description = openapi("https://example.org");
    for (const auto& path : description.at("paths").as_object()) {
        const std::string_view name = path.key();
        for (const auto& operation : path.value().as_object()) {
            const auto names = parameters_of(operation.value());
            for (std::size_t at = name.find('{'); at != std::string_view::npos; at = name.find('{', at + 1)) {
                const std::string place(name.substr(at + 1, name.find('}', at) - at - 1));
                EXPECT_TRUE(names.contains(place)) << name << " " << place;
            }
            const bool changes = operation.key() == "post" && (name.starts_with("/api/v1/applications") || name.starts_with("/api/v1/office"));
            if (changes) EXPECT_TRUE(names.contains("X-CSRF-Token")) << name;
        }
    }
    const auto& apply = description.at("paths").at("/api/v1/applications").at("post");
    EXPECT_TRUE(parameters_of(apply).contains("Idempotency-Key"));
    EXPECT_TRUE(apply.at("responses").as_object().contains("201"));
    EXPECT_FALSE(apply.at("responses").as_object().contains("200"));
    EXPECT_EQ(parameters_of(description.at("paths").at("/api/v1/events").at("post")), (std::set<std::string>{"category", "format", "product", "service", "source"}));
    EXPECT_TRUE(description.at("components").at("securitySchemes").as_object().contains("session"));
}

class Described : public ApiFixture {};
INSTANTIATE_TEST_SUITE_P(Described, Described, testing::Values("sqlite"), [](const auto& kind) { return kind.param; });

TEST_P(Described, HasEveryRouteThatIsServedAndNoOther) {
    const Path folder = testing::TempDir() + "madang-api-findings";
    std::filesystem::remove_all(folder);
    NoEvents sink;
    security::Intake intake(sink, clock_);
    const auto findings = security::Spool::open(folder, {});
    ASSERT_TRUE(findings) << findings.error().message;
    add_event_routes(router_, {intake, "token"});
    add_finding_routes(router_, {**findings, "token"});
    std::set<std::string> served, described;
    for (const auto& route : router_.routes()) {
        std::string pattern = route->pattern;
        if (const std::size_t dots = pattern.find("...}"); dots != std::string::npos) pattern.erase(dots, 3);
        served.insert(to_lower(http::name_of(route->method)) + " " + pattern);
    }
    for (const auto& path : description_.at("paths").as_object()) {
        for (const auto& method : path.value().as_object()) described.insert(std::string(method.key()) + " " + std::string(path.key()));
    }
    for (const std::string& one : served) EXPECT_TRUE(described.contains(one)) << one << " is served and not described";
    for (const std::string& one : described) EXPECT_TRUE(served.contains(one)) << one << " is described and not served";
    std::filesystem::remove_all(folder);
}

TEST_P(Described, LinesThatAreRefusedAreNamed) {
    NoEvents sink;
    security::Intake intake(sink, clock_);
    add_event_routes(router_, {intake, "token"});
    const Headers token{{"Authorization", "Bearer token"}};
    json::object taken = object(call(http::Method::post, "/api/v1/events", std::nullopt, "{\"a\":1}\n{\"a\" 2}\nx\n", token));
    EXPECT_EQ(taken.at("refused"), 2);
    EXPECT_EQ(taken.at("refused_lines"), (json::array{"line 2: column 6: a colon is expected", "line 3: column 1: an event is a JSON object"}));
    EXPECT_EQ(taken.at("more_refused_lines"), 0);
    std::string many;
    for (int i = 0; i < 1000; ++i) many += "x\n";
    taken = object(call(http::Method::post, "/api/v1/events", std::nullopt, many, token));
    EXPECT_EQ(taken.at("refused"), 1000);
    EXPECT_EQ(taken.at("refused_lines").as_array().size() + taken.at("more_refused_lines").to_number<std::size_t>(), 1000U);
    EXPECT_LT(taken.at("refused_lines").as_array().size(), 100U);
}

// Where a schema is mentioned below a value.
void references_in(const json::value& value, std::set<std::string>& names) {
    if (const auto* object = value.if_object()) {
        for (const auto& member : *object) {
            if (member.key() == "$ref") names.insert(std::string(member.value().as_string()));
            references_in(member.value(), names);
        }
    } else if (const auto* list = value.if_array()) {
        for (const json::value& one : *list) references_in(one, names);
    }
}

TEST(Openapi, NamesTheShapeOfEveryAnswerAndEveryProblem) {
    const json::value description = openapi("https://example.org");
    for (const auto& path : description.at("paths").as_object()) {
        for (const auto& method : path.value().as_object()) {
            const std::string what = std::string(method.key()) + " " + std::string(path.key());
            for (const auto& response : method.value().at("responses").as_object()) {
                const json::object& content = response.value().at("content").as_object();
                const bool good = response.key().starts_with("2");
                if (!good) EXPECT_TRUE(content.contains("application/problem+json")) << what << " " << response.key();
                if (content.contains("application/json")) EXPECT_TRUE(content.at("application/json").at("schema").as_object().contains("$ref")) << what;
            }
        }
    }
    std::set<std::string> names;
    references_in(description, names);
    const json::object& schemas = description.at("components").at("schemas").as_object();
    for (const std::string& name : names) EXPECT_TRUE(schemas.contains(name.substr(std::string_view("#/components/schemas/").size()))) << name;
    for (const auto& schema : schemas) EXPECT_TRUE(names.contains("#/components/schemas/" + std::string(schema.key()))) << schema.key() << " is used nowhere";
}

TEST(Openapi, SaysWhatASessionAndATokenAreNeededFor) {
    const json::value description = openapi("https://example.org");
    const json::object& schemes = description.at("components").at("securitySchemes").as_object();
    for (const auto& path : description.at("paths").as_object()) {
        for (const auto& method : path.value().as_object()) {
            const json::object& operation = method.value().as_object();
            const auto* security = operation.if_contains("security");
            if (security == nullptr) continue;
            const std::string scheme(security->as_array().at(0).as_object().begin()->key());
            EXPECT_TRUE(schemes.contains(scheme)) << path.key();
            if (scheme != "session") continue;
            EXPECT_TRUE(operation.at("responses").as_object().contains("401")) << path.key();
            EXPECT_EQ(parameters_of(method.value()).contains("X-CSRF-Token"), method.key() == "post") << path.key();
        }
    }
    EXPECT_TRUE(description.at("paths").at("/api/v1/payments/notices").at("post").as_object().contains("security"));
    EXPECT_FALSE(description.at("paths").at("/api/v1/services").at("get").as_object().contains("security"));
}

}  // namespace
}  // namespace madang::api
