#include "http/asset.h"

#include <array>
#include <utility>

#include "base/bytes.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "http/gzip.h"

namespace madang::http {
namespace {

std::string short_hash(std::string_view content) {
    const auto hash = crypto::sha256(as_bytes(content));
    return hex(ByteSpan(hash).first(8));
}

}  // namespace

std::shared_ptr<const Asset> make_asset(std::string content_type, std::string body, Caching caching) {
    auto asset = std::make_shared<Asset>();
    const auto hash = short_hash(body);
    asset->etag = "\"" + hash + "\"";
    asset->gzip_etag = "\"" + hash + "-gzip\"";
    if (body.size() >= kSmallestCompressed && is_compressible(content_type)) {
        asset->gzip = gzip(body, Effort::best);
        if (asset->gzip.size() * 10 > body.size() * 9) asset->gzip.clear();
    }
    asset->content_type = std::move(content_type);
    asset->body = std::move(body);
    asset->caching = caching;
    return asset;
}

std::string hashed_name(std::string_view name, std::string_view content) {
    const auto dot = std::min(name.rfind('.'), name.size());
    return format("{}-{}{}", name.substr(0, dot), short_hash(content), name.substr(dot));
}

std::string_view content_type_of(std::string_view file_name) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 20> kTypes = {{
        {".html", "text/html; charset=utf-8"}, {".css", "text/css; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"}, {".json", "application/json"},
        {".txt", "text/plain; charset=utf-8"}, {".xml", "application/xml"}, {".svg", "image/svg+xml"},
        {".png", "image/png"}, {".jpg", "image/jpeg"}, {".jpeg", "image/jpeg"}, {".webp", "image/webp"},
        {".ico", "image/x-icon"}, {".woff2", "font/woff2"}, {".woff", "font/woff"}, {".pdf", "application/pdf"},
        {".csv", "text/csv; charset=utf-8"}, {".zip", "application/zip"}, {".asice", "application/vnd.etsi.asic-e+zip"},
        {".webmanifest", "application/manifest+json"}, {".wasm", "application/wasm"},
    }};
    for (const auto& [ending, type] : kTypes) {
        if (file_name.ends_with(ending)) return type;
    }
    return "application/octet-stream";
}

}  // namespace madang::http
