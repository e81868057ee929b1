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

struct FindingParts {
    const security::Spool& findings;
    std::string token;          // that readers show
};

// GET /api/v1/detections?after=PLACE&level=LEVEL: what was found, in the order of finding, and the place to ask from next.
void add_finding_routes(http::Router& router, const FindingParts& parts);

// POST /api/v1/events?source=NAME&format=json|syslog|web_access|audit with lines as its body.
void add_event_routes(http::Router& router, const EventParts& parts);

}  // namespace madang::api
