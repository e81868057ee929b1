// From a handler's Response to the octets on the wire: compression, conditional answers, the security
// headers of every answer. Knows no sockets.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "http/request.h"
#include "http/response.h"

namespace madang::http::detail {

// What an answer needs to know of its request; set before the request is gone or unreadable.
struct AnswerContext {
    bool http_1_0 = false;
    bool head_only = false;
    bool keep_alive = false;
    bool secure = false;          // came over TLS, here or at a trusted proxy
    std::string_view request_id;
    std::string_view date;        // IMF-fixdate
};

// An answer that is ready to be written. `payload` points into `response` or its asset: do not move
// the response of a ready answer with a short body; move the whole Answer before finish() is called.
struct Answer {
    Response response;
    bool compressed = false;      // the payload is gzip
    bool varies = false;          // another client might get another form
    bool unchanged = false;       // 304
    std::string_view etag;
    std::string_view payload() const;
};

// Chooses the form: 304, ready gzip of an asset, or gzip made now. Costs time for a long page.
Answer make_answer(Response response, const Request* request);

// Appends status line, headers and the empty line. The payload follows unless head_only or 304.
void write_head(std::string& out, const Answer& answer, const AnswerContext& context);
// False where an answer has no body by its status or its request.
bool has_payload(const Answer& answer, const AnswerContext& context);

std::string format_http_date(Instant moment);  // "Mon, 23 Nov 2026 14:08:00 GMT" (RFC 9110 clause 5.6.7)

}  // namespace madang::http::detail
