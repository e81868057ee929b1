// Bytes that are the same for everyone: style sheets, fonts, whole pages without personal data.
// Compressed once, with an ETag; the server answers If-None-Match with 304 by itself.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace madang::http {

enum class Caching {
    immutable,   // a year; only for names that carry a hash of the content
    revalidate,  // kept, but asked for again each time (ETag)
};

struct Asset {
    std::string content_type;
    std::string body;
    std::string gzip;    // empty where compression does not pay
    std::string etag;    // with quotes; the compressed form has its own
    std::string gzip_etag;
    Caching caching = Caching::revalidate;
};

std::shared_ptr<const Asset> make_asset(std::string content_type, std::string body, Caching caching);

// "govuk.css" and its bytes give "govuk-3f9a0c1b2d4e5f60.css": the name for Caching::immutable.
std::string hashed_name(std::string_view name, std::string_view content);

// The content type for a file name's ending; "application/octet-stream" for one we do not know.
std::string_view content_type_of(std::string_view file_name);

}  // namespace madang::http
