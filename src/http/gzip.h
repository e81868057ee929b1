// gzip (RFC 1952) for bodies, and the question whether a client takes it (RFC 9110 clause 12.5.3).
#pragma once

#include <string>
#include <string_view>

namespace madang::http {

inline constexpr std::size_t kSmallestCompressed = 1024;  // below, a body is sent as it is

enum class Effort { quick, best };
std::string gzip(std::string_view bytes, Effort effort);

bool accepts_gzip(std::string_view accept_encoding);
// Text, JSON, XML, SVG: what shrinks.
bool is_compressible(std::string_view content_type);

}  // namespace madang::http
