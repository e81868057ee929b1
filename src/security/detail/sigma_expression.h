// The condition of a rule as a tree over shared predicates, and what must be so for it to hold: the triggers by which a
// rule is woken.
#pragma once

#include <re2/re2.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "security/log_sources.h"
#include "security/sigma_rule.h"

namespace madang::security {

inline constexpr std::uint32_t kAnyField = UINT32_MAX;

// One match on one field (or on every text of the event), made ready.
struct Predicate {
    enum class Text { equals, starts, ends, contains, pattern };
    std::uint32_t field = kAnyField;
    Match match;
    Text text = Text::pattern;              // of a TextMatch: how its folded text is looked for
    std::string literal;                    // that text
    Pattern folded;                         // of Text::pattern, folded unless the case is kept
    bool ignores_case = true;
    std::shared_ptr<const re2::RE2> regex;
    std::size_t least = 0;                  // of a regex: bytes without which it is not found
    std::uint32_t other = kAnyField;        // of a FieldMatch
};

struct Expression {
    enum class Kind : std::uint8_t { never, always, predicate, all_of, any_of, negation };
    Kind kind = Kind::never;
    std::uint32_t predicate = 0;
    std::vector<Expression> children = {};
};

// One of several that must be there: a literal somewhere in the event, or a field whose whole folded value is this.
struct Trigger {
    std::uint32_t field = kAnyField;        // kAnyField: a literal
    std::string text;
};

// Predicates and names of fields, each once however many rules use it.
class Predicates {
public:
    std::uint32_t field(std::string_view name);
    // Code::invalid for a regular expression that cannot be compiled.
    Result<std::uint32_t> add(std::string_view field, const Match& match);

    const std::vector<Predicate>& all() const { return all_; }
    const std::unordered_map<std::string, std::uint32_t>& fields() const { return fields_; }

private:
    std::vector<Predicate> all_;
    std::unordered_map<std::string, std::uint32_t> fields_;
    std::unordered_map<std::string, std::uint32_t> known_;   // by spelling
};

// The rule's detection together with the places where its log source stands.
Result<Expression> express(const SigmaRule& rule, const LogSources& sources, Predicates& predicates);

// What must be there for the predicate to hold.
std::optional<std::vector<Trigger>> triggers_of(const Predicate& predicate);
// Of what at least one must be so for the expression to hold; nothing where that cannot be said.
std::optional<std::vector<Trigger>> triggers_of(const Expression& expression, const Predicates& predicates);

}  // namespace madang::security
