#include "learning/http_features.h"

#include <algorithm>
#include <cmath>

#include "base/json.h"
#include "base/text.h"

namespace madang::learning {
namespace {

constexpr std::array<HttpFeatureName, kHttpFeatures> kNames{{
    {"target_length", "length of the address"},
    {"query_length", "length of the query"},
    {"body_length", "length of the body"},
    {"parameters", "number of parameters"},
    {"longest_value", "length of the longest value"},
    {"path_depth", "depth of the path"},
    {"encoding_depth", "how often percent signs are encoded again"},
    {"percent_signs", "number of encoded bytes"},
    {"entropy", "disorder of the letters"},
    {"letters", "share of letters"},
    {"digits", "share of digits"},
    {"not_ascii", "share of bytes that are no ASCII"},
    {"control", "number of control characters"},
    {"quotes", "number of quotes"},
    {"angle_brackets", "number of angle brackets"},
    {"brackets", "number of brackets"},
    {"semicolons", "number of semicolons and pipes"},
    {"equals", "number of equals signs"},
    {"comments", "marks of comments"},
    {"parent_steps", "steps to a parent folder"},
    {"sql_words", "words of SQL"},
    {"script_words", "words of scripts in pages"},
    {"shell_words", "words of a command line"},
    {"file_words", "names of a system's files"},
    {"template_marks", "marks of templates and lookups"},
    {"outside_address", "an address of another host as a value"},
    {"writes", "the method writes"},
    {"odd_method", "the method is a rare one"},
}};

constexpr std::array<std::string_view, 20> kSql{"select ", "union ", "insert into", "update ", "delete from", "drop table", "information_schema", " or 1=1", "' or '", " and 1=", "sleep(", "benchmark(", "waitfor delay", "order by", "group by", "having ", "xp_cmdshell", "load_file", "concat(", "char("};
constexpr std::array<std::string_view, 16> kScript{"<script", "javascript:", "onerror", "onload", "onmouseover", "alert(", "document.", "window.", "eval(", "<img", "<iframe", "<svg", "src=", "fromcharcode", "expression(", "vbscript:"};
constexpr std::array<std::string_view, 18> kShell{"/bin/", "cmd.exe", "powershell", "wget ", "curl ", "bash", "whoami", "ping ", "cat ", "chmod ", "nc ", "&&", "||", "$(", "`", "uname", "ifconfig", "netcat"};
constexpr std::array<std::string_view, 14> kFiles{"etc/passwd", "etc/shadow", "boot.ini", "win.ini", "proc/self", ".htaccess", ".git/", ".env", "wp-config", "web.config", "id_rsa", "php://", "file://", "web-inf"};
constexpr std::array<std::string_view, 8> kTemplates{"${", "#{", "{{", "<%", "jndi:", "ldap://", "<?php", "%{"};
constexpr std::array<std::string_view, 4> kComments{"--", "/*", "*/", "#"};
constexpr std::array<std::string_view, 5> kHosts{"=http://", "=https://", "=//", "=ftp://", "=gopher://"};

std::size_t count_of(std::string_view text, std::string_view word) {
    std::size_t count = 0;
    for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + word.size())) ++count;
    return count;
}

template <std::size_t N>
float count_all(std::string_view text, const std::array<std::string_view, N>& words) {
    std::size_t count = 0;
    for (const std::string_view word : words) count += count_of(text, word);
    return static_cast<float>(count);
}

template <class Is>
float share(std::string_view text, Is is) {
    return text.empty() ? 0.0F : static_cast<float>(std::ranges::count_if(text, is)) / static_cast<float>(text.size());
}

float count_any(std::string_view text, std::string_view characters) {
    return static_cast<float>(std::ranges::count_if(text, [&](char c) { return characters.contains(c); }));
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string decode_once(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool encoded = text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0;
        if (encoded) {
            out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
            i += 2;
        } else {
            out += text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

struct Parameters {
    std::size_t count = 0, longest = 0;
};

Parameters parameters_of(std::string_view query) {
    Parameters found;
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view one = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        const std::size_t equals = one.find('=');
        ++found.count;
        found.longest = std::max(found.longest, equals == std::string_view::npos ? one.size() : one.size() - equals - 1);
    }
    return found;
}

}  // namespace

std::string decode_percent(std::string_view text, int rounds, int& depth) {
    std::string now(text);
    depth = 0;
    for (int i = 0; i < rounds; ++i) {
        std::string next = decode_once(now);
        if (next == now) break;
        now = std::move(next);
        ++depth;
    }
    return now;
}

double entropy_of(std::string_view text) {
    std::array<std::size_t, 256> counts{};
    for (const char c : text) ++counts[static_cast<unsigned char>(c)];
    double bits = 0;
    for (const std::size_t count : counts) {
        if (count == 0) continue;
        const double p = static_cast<double>(count) / static_cast<double>(text.size());
        bits -= p * std::log2(p);
    }
    return bits;
}

std::span<const HttpFeatureName, kHttpFeatures> http_feature_names() { return kNames; }

std::array<float, kHttpFeatures> http_features(const HttpRequest& request) {
    const std::string_view target = request.target;
    const std::size_t question = std::min(target.find('?'), target.size());
    const std::string_view path = target.substr(0, question);
    const std::string_view query = target.substr(std::min(question + 1, target.size()));
    int depth = 0;
    const std::string plain = to_lower(decode_percent(format("{}\n{}", target, request.body), 3, depth));
    const Parameters of_query = parameters_of(query);
    const Parameters of_body = parameters_of(request.body.find('=') == std::string::npos ? std::string_view() : std::string_view(request.body));
    const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto foreign = [](char c) { return static_cast<unsigned char>(c) >= 0x80U; };
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20U && c != '\n' && c != '\r' && c != '\t'; };
    const auto number = [](std::size_t n) { return static_cast<float>(n); };
    const bool writes = request.method == "POST" || request.method == "PUT" || request.method == "PATCH" || request.method == "DELETE";
    const bool known = writes || request.method == "GET" || request.method == "HEAD" || request.method == "OPTIONS";
    return {number(target.size()), number(query.size()), number(request.body.size()), number(of_query.count + of_body.count),
            number(std::max(of_query.longest, of_body.longest)), number(count_of(path, "/")), static_cast<float>(depth), number(count_of(target, "%")),
            static_cast<float>(entropy_of(plain)), share(plain, letter), share(plain, digit), share(plain, foreign),
            static_cast<float>(std::ranges::count_if(plain, control)), count_any(plain, "'\"`"), count_any(plain, "<>"), count_any(plain, "()[]{}"),
            count_any(plain, ";|"), count_any(plain, "="), count_all(plain, kComments), number(count_of(plain, "../") + count_of(plain, "..\\")),
            count_all(plain, kSql), count_all(plain, kScript), count_all(plain, kShell), count_all(plain, kFiles), count_all(plain, kTemplates),
            count_all(plain, kHosts), writes ? 1.0F : 0.0F, known ? 0.0F : 1.0F};
}

Result<LabelledRequest> parse_labelled_request(std::string_view line) {
    TRY(const json::value value, parse_json(line));
    if (!value.is_object()) return fail(Code::invalid, "a request is an object");
    const json::object& object = value.get_object();
    LabelledRequest made;
    made.request.method = string_or(object, "method", "GET");
    made.request.target = string_or(object, "target", "");
    if (made.request.target.empty()) {
        made.request.target = string_or(object, "path", "");
        const std::string query = string_or(object, "query", "");
        if (!query.empty()) made.request.target += "?" + query;
    }
    if (made.request.target.empty()) return fail(Code::invalid, "a request has a \"target\"");
    made.request.body = string_or(object, "body", "");
    TRY(made.label, string_at(object, "label", "request"));
    return made;
}

}  // namespace madang::learning
