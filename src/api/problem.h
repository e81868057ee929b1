// An error as programs read it: application/problem+json (RFC 9457). Only here codes become HTTP.
#pragma once

#include "base/result.h"
#include "http/response.h"

namespace madang::api {

int status_of(Code code);
http::Response problem(const Error& error);
http::Response problem(const Error& error, int status);

}  // namespace madang::api
