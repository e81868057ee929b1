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

}  // namespace
}  // namespace madang::api
