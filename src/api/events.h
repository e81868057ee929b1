// Where machines of the town send what they write about themselves.
#pragma once

#include <string>

#include "http/router.h"
#include "security/intake.h"

namespace madang::api {

struct EventParts {
    security::Intake& intake;
    std::string token;          // that senders show as "Authorization: Bearer …" (RFC 6750)
};

// POST /api/v1/events?source=NAME&format=json|syslog|web_access|audit with lines as its body.
void add_event_routes(http::Router& router, const EventParts& parts);

}  // namespace madang::api
