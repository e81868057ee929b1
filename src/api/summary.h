// A case as JSON, the same for applicants and officers.
#pragma once

#include "base/json.h"
#include "casework/case.h"
#include "casework/letters.h"
#include "http/request.h"
#include "http/response.h"

namespace madang::api {

json::object summary_of(const casework::CaseSummary& summary);
http::Response answer(const json::value& value, int status = 200);
json::object message_of(const casework::Message& message);
json::array files_of(const std::vector<casework::Attachment>& files);
// A text, or null where it is empty.
json::value text_or_null(std::string_view text);
json::value moment_or_null(const std::optional<Instant>& moment);
// The object of a JSON body; Code::invalid for anything else.
Result<json::object> object_of(const http::Request& request);
// ?first= and ?count= of a list; Code::invalid for anything but a place and 1 to 200.
struct Paging {
    std::int64_t first = 0, count = 200;
};
Result<Paging> paging_of(const http::Request& request);
// A text and files that come with it: JSON with "files" as [{"name", "content" in base64}], or multipart/form-data with parts of
// files. The rest of the object stays in `object`. Code::invalid for what cannot be read.
struct Sent {
    json::object object;
    std::vector<casework::Upload> files;
};
Result<Sent> sent_of(const http::Request& request);
inline constexpr std::size_t kMaxSent = casework::kMaxFileBytes * casework::kMaxFilesOfMessage / 3 * 4 + (512U << 10);
Result<std::vector<std::string>> texts_of(const json::object& object, std::string_view key);

}  // namespace madang::api
