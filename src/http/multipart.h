// Files that a browser sends (multipart/form-data, RFC 7578 over RFC 2046 clause 5.1.1), for the few
// pages that take one. The body is in memory already, within the route's limit.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/request.h"

namespace madang::http {

struct Part {
    std::string name;            // of the form field
    std::string file_name;       // as sent, without any folder; empty where it is no file
    std::string content_type;    // as sent; never trusted
    std::string content;
};

struct MultipartLimits {
    std::size_t parts = 20;
    std::size_t header_bytes = 4096;   // of one part
    std::size_t name_bytes = 255;
};

// Fails with Code::invalid and the number of the part on anything that is not that format.
// Content-Transfer-Encoding is refused (RFC 7578 4.7 deprecates it).
Result<std::vector<Part>> parse_multipart(std::string_view body, std::string_view content_type,
                                          const MultipartLimits& limits = {});

// The parts of a request's body.
Result<std::vector<Part>> parts_of(const Request& request);

}  // namespace madang::http
