#include "api/problem.h"

#include "api/api.h"

#include "base/json.h"

namespace madang::api {

int status_of(Code code) {
    switch (code) {
        case Code::invalid: return 422;
        case Code::not_found: return 404;
        case Code::conflict: return 409;
        case Code::denied: return 403;
        case Code::corrupted: return 500;
        case Code::exhausted: return 507;
        case Code::unavailable: return 503;
    }
    return 500;
}

http::Response problem(const Error& error, int status) {
    http::Response response = http::Response::json(
        json::serialize(json::value{{"title", name_of(error.code)}, {"status", status}, {"detail", error.message}}) + "\n", status);
    response.headers.set("Content-Type", "application/problem+json");
    return response;
}

http::Response problem(const Error& error) { return problem(error, status_of(error.code)); }

http::Response error_page(int status) {
    http::Response response = http::Response::json(json::serialize(json::value{{"title", http::reason_of(status)}, {"status", status}}) + "\n", status);
    response.headers.set("Content-Type", "application/problem+json");
    return response;
}

}  // namespace madang::api
