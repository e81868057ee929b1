// Where the log sources that Sigma rules name stand in real logs, read from a file that an administrator can change, and
// which rules an event can meet at all.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "security/sigma_rule.h"

namespace madang::security {

// One place: an event stands there where each of these fields has one of its values.
struct LogPlace {
    LogSource source;                               // of the rules that mean it
    std::vector<std::pair<std::string, std::vector<std::string>>> where;
    std::map<std::string, std::string> fields;      // what the rule calls a field → what the log calls it, or a MadeField
};

// A field that rules know and the log has in pieces, or says by being of its place (`text`): the values of `from` with `between` between them. A name that ends with * means
// all fields that go on with a number.
struct MadeField {
    std::string name;                               // of its own, that no log has
    std::vector<std::pair<std::string, std::vector<std::string>>> where;   // as of its place
    std::vector<std::string> from;
    std::string between;
    std::optional<std::string> text;
    std::vector<std::pair<std::string, std::string>> begin;                // the first beginning that fits is replaced by its other
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
    const std::vector<MadeField>& made_fields() const { return made_; }

private:
    std::vector<LogPlace> places_;
    std::vector<MadeField> made_;
};

// False where what is known of the origin and what the rule says of its source contradict each other, or nothing of what
// is known is what the rule asks for.
bool may_meet(const LogSource& source, const LogOrigin& origin);

}  // namespace madang::security
