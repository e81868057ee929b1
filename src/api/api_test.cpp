#include "api/api.h"

#include <gtest/gtest.h>

#include "api/problem.h"
#include "base/json.h"

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

}  // namespace
}  // namespace madang::api
