// Where the log sources that Sigma rules name stand in real logs, read from a file that an administrator can change, and
// which rules an event can meet at all.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "security/sigma_rule.h"

namespace madang::security {

// One place: an event stands there where its channel, number and type are among these; an empty list asks nothing.
struct LogPlace {
    LogSource source;                               // of the rules that mean it
    std::vector<std::string> channels, event_ids, event_types;
    std::map<std::string, std::string> fields;      // what the rule calls a field → what the log calls it
};

// What is known of the log that an event came from; empty words say nothing.
struct LogOrigin {
    std::string category, product, service;
    bool is_unknown() const { return category.empty() && product.empty() && service.empty(); }
    friend auto operator<=>(const LogOrigin&, const LogOrigin&) = default;
};

class LogSources {
public:
    // Code::invalid with "NAME:LINE: why".
    static Result<LogSources> read(std::string_view yaml, std::string_view name);
    // The file that comes with the program.
    static Result<LogSources> shipped();

    // The places that a rule means; none where the file says nothing of its source.
    std::vector<const LogPlace*> places_of(const LogSource& source) const;
    // The source itself, and each product of its places where it names none: what writes an event of the category is a product.
    std::vector<LogSource> meant_by(const LogSource& source) const;

private:
    std::vector<LogPlace> places_;
};

// False where what is known of the origin and what the rule says of its source contradict each other, or nothing of what
// is known is what the rule asks for.
bool may_meet(const LogSource& source, const LogOrigin& origin);

}  // namespace madang::security
