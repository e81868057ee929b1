// What is known of the log that a source sends, where its form does not tell: said by the settings of a house, or by the sender.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "security/event.h"
#include "security/log_sources.h"

namespace madang::security {

inline constexpr std::size_t kMaxSourceOrigins = 1000;

// "category/product/service", any of them empty, but not all: "webserver//nginx", "/cisco/aaa". Code::invalid for another.
Result<LogOrigin> parse_origin(std::string_view text);

// The name of a source together with what its sender states of the log: "branch 7 [/aws/cloudtrail]". It is kept with each event.
std::string source_with(std::string_view name, const LogOrigin& origin);

class SourceOrigins {
public:
    // "10.0.0.7=/cisco/aaa, /var/log/nginx/error.log=webserver//nginx, app:haproxy=//haproxy": names of sources, paths of followed
    // files, names of programs in syslog (app_name). Code::invalid for another, Code::exhausted beyond kMaxSourceOrigins.
    static Result<SourceOrigins> parse(std::string_view text);

    // What the sender stated; else what is said of the source; else of the program; else nothing.
    LogOrigin of(std::string_view source, const Event& event) const;

private:
    std::map<std::string, LogOrigin, std::less<>> sources_, programs_;
};

}  // namespace madang::security
