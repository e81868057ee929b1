// Boost.Beast's HTTP/1 parser, writing straight into our Request, with the rules of RFC 9112 that it
// leaves to its user. Included by server.cpp only.
#pragma once

// Beast 1.81 asserts "n >= 5" where a last chunk comes in by single octets: without this define a
// client could stop the program. What follows the assertion copes with fewer octets.
#ifndef BOOST_DISABLE_ASSERTS
#define BOOST_DISABLE_ASSERTS
#endif
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <string>
#include <string_view>

#include "base/text.h"
#include "http/detail/service.h"

namespace madang::http::detail {

namespace beast = boost::beast;
using ErrorCode = boost::system::error_code;

class RequestParser final : public beast::http::basic_parser<true> {
public:
    RequestParser(Service& service, HeadFacts& head, Request& request)
        : service_(service), head_(head), request_(request) {
        header_limit(static_cast<std::uint32_t>(service.config().limits.header_bytes + 1024));
        body_limit(boost::none);  // ours is checked piece by piece: it depends on the route
    }
    ~RequestParser() override { service_.give_body_bytes(body_taken_); }
    RequestParser(const RequestParser&) = delete;
    RequestParser& operator=(const RequestParser&) = delete;

    // The head, whole and scanned. Zero, or the status to refuse with.
    int read_head(std::string_view head) {
        ErrorCode error;
        put(boost::asio::buffer(head), error);
        if (error == beast::http::error::bad_version) return names_other_version(head) ? 505 : 400;
        if (error && error != beast::http::error::need_more) return status_of(error);
        if (!is_header_done()) return 400;
        if (const int status = check_framing(); status != 0) return status;
        eager(true);
        return 0;
    }

    // Feeds octets of the body; `used` says how many were taken. Zero, or the status to refuse with.
    int read_body(std::string_view octets, std::size_t limit, std::size_t& used) {
        limit_ = limit;
        ErrorCode error;
        used = put(boost::asio::buffer(octets), error);
        return error && error != beast::http::error::need_more ? status_of(error) : 0;
    }

private:
    using Text = beast::string_view;
    static std::string_view plain(Text text) { return {text.data(), text.size()}; }

    int status_of(const ErrorCode& error) const {
        if (refused_ != 0) return refused_;
        if (error == beast::http::error::header_limit) return 431;
        if (error == beast::http::error::body_limit) return 413;
        return 400;
    }

    // "GET / HTTP/2.0" is well formed and not ours; "GET /a b HTTP/1.1" is neither.
    static bool names_other_version(std::string_view head) {
        const auto parts = split(head.substr(0, head.find("\r\n")), ' ');
        if (parts.size() != 3 || parts[2].size() != 8 || !parts[2].starts_with("HTTP/")) return false;
        const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
        return is_digit(parts[2][5]) && parts[2][6] == '.' && is_digit(parts[2][7]);
    }

    // RFC 9112 clause 6.1-6.3, the strict way: a length or "chunked", once; nothing else.
    int check_framing() {
        const Headers& headers = request_.headers;
        const auto lengths = headers.count("content-length");
        const auto codings = headers.count("transfer-encoding");
        if (lengths > 1 || codings > 1 || (lengths == 1 && codings == 1)) return 400;
        if (lengths == 1 && !parse_decimal(headers.value_or("content-length", ""))) return 400;
        if (codings == 1) {
            if (head_.minor == 0) return 400;
            if (!equal_ignoring_ascii_case(headers.value_or("transfer-encoding", ""), "chunked")) return 501;
        }
        head_.chunked = codings == 1;
        head_.content_length = content_length() ? *content_length() : 0;
        head_.has_body = head_.chunked || head_.content_length > 0;
        head_.keep_alive = keep_alive();
        const auto expect = headers.find("expect");
        head_.wants_continue = expect && head_.minor >= 1 && equal_ignoring_ascii_case(*expect, "100-continue");
        return 0;
    }

    bool take(std::size_t size) {
        if (request_.body.size() + size > limit_) {
            refused_ = 413;
        } else if (!service_.take_body_bytes(size)) {
            refused_ = 503;
        } else {
            body_taken_ += size;
            return true;
        }
        return false;
    }

    void on_request_impl(beast::http::verb, Text method, Text target, int version, ErrorCode& error) override {
        error = {};
        head_.method = plain(method);
        head_.target = plain(target);
        head_.minor = version - 10;
    }
    void on_response_impl(int, Text, int, ErrorCode& error) override { error = beast::http::error::bad_method; }
    void on_field_impl(beast::http::field, Text name, Text value, ErrorCode& error) override {
        error = {};
        if (is_header_done()) {
            // NOT YET: RFC 9110 clause 6.5, trailer fields. Refused, so that none can pass for a header.
            error = beast::http::error::bad_chunk;
        } else if (request_.headers.size() >= service_.config().limits.header_count) {
            refused_ = 431;
            error = beast::http::error::header_limit;
        } else {
            request_.headers.add(plain(name), plain(value));
        }
    }
    void on_header_impl(ErrorCode& error) override { error = {}; }
    void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode& error) override { error = {}; }
    std::size_t on_body_impl(Text octets, ErrorCode& error) override {
        error = {};
        if (!take(octets.size())) {
            error = beast::http::error::body_limit;
            return 0;
        }
        request_.body.append(octets.data(), octets.size());
        return octets.size();
    }
    void on_chunk_header_impl(std::uint64_t size, Text, ErrorCode& error) override {
        error = {};
        if (size > limit_) error = beast::http::error::body_limit;
    }
    std::size_t on_chunk_body_impl(std::uint64_t, Text octets, ErrorCode& error) override {
        return on_body_impl(octets, error);
    }
    void on_finish_impl(ErrorCode& error) override { error = {}; }

    Service& service_;
    HeadFacts& head_;
    Request& request_;
    std::size_t limit_ = 0;
    std::size_t body_taken_ = 0;
    int refused_ = 0;
};

}  // namespace madang::http::detail
