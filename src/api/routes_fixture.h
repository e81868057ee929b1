// Applications that are there already, for the tests of routes.
#pragma once

#include "api/api_fixture.h"
#include "base/bytes.h"

namespace madang::api {

inline constexpr std::string_view kFile = "%PDF-1.7 the lease";

class RoutesIn : public ApiFixture {
protected:
    explicit RoutesIn(const catalogue::Pack& used = casework::pack()) : ApiFixture(used) {}
    json::object application(const std::string& house) {
        return {{"service", casework::kService}, {"language", "en"}, {"answers", {{"town", "Maladziečna"}, {"street", "vulica Prytyckaha"}, {"house", house}, {"flat", house == "12" ? "45" : ""}, {"purpose", "work"}}}};
    }
    std::string apply(const Caller& who, const std::string& house, const std::string& key = "one") {
        const auto made = object(post("/api/v1/applications", who, application(house), {{"Idempotency-Key", key}}), 201);
        work();
        return std::string(made.at("receipt").as_string());
    }
    json::object file(std::string_view content = kFile) { return {{"name", "lease.pdf"}, {"content", base64(as_bytes(content))}}; }
    static std::string text(const json::object& object, std::string_view key) { return std::string(object.at(key).as_string()); }
};

}  // namespace madang::api
