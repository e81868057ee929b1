// What Sigma documents say, after reading: rules, filters and correlations (Sigma specification 2.1.0,
// https://github.com/SigmaHQ/sigma-specification). Values hold what is left when their modifiers were applied.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace madang::security {

enum class SigmaStatus { none, stable, test, experimental, deprecated, unsupported };
enum class SigmaLevel { none, informational, low, medium, high, critical };

struct SigmaRelated {
    std::string id;
    std::string type;  // derived, obsolete, merged, renamed or similar
};

struct SigmaMetadata {
    std::string title, id, name, taxonomy, description, license, author;
    std::string date, modified;  // YYYY-MM-DD, or empty
    SigmaStatus status = SigmaStatus::none;
    SigmaLevel level = SigmaLevel::none;
    std::vector<std::string> references, tags, fields, falsepositives, scope;
    std::vector<SigmaRelated> related;
    std::string file;
    std::size_t line = 1;
};

// An empty word says nothing about that side of the source.
struct LogSource {
    std::string category, product, service, definition;
};

// A text with holes: `*`, `?`, one of the five dashes of `windash`, or a placeholder's values.
enum class PieceKind { text, any_many, any_one, any_dash, placeholder };
struct Piece {
    PieceKind kind = PieceKind::text;
    std::string text;  // the text, or the placeholder's name
    friend bool operator==(const Piece&, const Piece&) = default;
};
using Pattern = std::vector<Piece>;

enum class Modifier;   // detail/sigma_modifiers.h
enum class Case { ignored, kept };
enum class Comparison { equal, less, less_or_equal, greater, greater_or_equal };
enum class TimePart { minute, hour, day, week, month, year };
enum class Place { whole, start, end, anywhere };
enum class Join { any, all };
enum class Sense { plain, negated };

struct TextMatch {
    Pattern pattern;
    Case letters = Case::ignored;
    std::vector<Modifier> later = {};   // what is still to be applied once placeholders have values
};
struct NumberMatch {  // long double holds every 64-bit integer
    Comparison comparison = Comparison::equal;
    long double number = 0;
    std::string text;  // as an event would spell it
};
struct NullMatch {};
struct ExistenceMatch {
    bool wanted = true;
};
struct RegexMatch {
    std::string source;
    bool ignore_case = false, multi_line = false, dot_all = false;
    bool expands = false;    // %name% in it stands for the values of a placeholder
};
struct CidrMatch {
    std::array<std::uint8_t, 16> network{};
    unsigned prefix = 0;     // bits
    unsigned width = 32;     // 32 or 128 bits; 0 where only a placeholder's values will say
    std::string unfilled = {};   // the text with that placeholder
};
struct FieldMatch {  // the value of another field of the same event
    std::string field;
    Place place = Place::whole;
    Case letters = Case::ignored;
};
struct TimeMatch {
    TimePart part = TimePart::hour;
    Comparison comparison = Comparison::equal;
    long double number = 0;
};
using Match = std::variant<TextMatch, NumberMatch, NullMatch, ExistenceMatch, RegexMatch, CidrMatch, FieldMatch, TimeMatch>;

// One value of a rule; some modifiers make several matches of it, of which one is enough.
struct SigmaValue {
    std::vector<Match> any_of;
    std::size_t line = 1;
};

// `field|modifiers: values`. An empty field looks anywhere in the event (keywords).
struct SigmaItem {
    std::string field;
    std::vector<SigmaValue> values;
    Join join = Join::any;
    Sense sense = Sense::plain;
    std::size_t line = 1;
};

// A search identifier: one of the maps is enough, of a map all items are needed.
struct SigmaSearch {
    std::string name;
    std::vector<std::vector<SigmaItem>> any_of;
    std::size_t line = 1;
};

// A condition, with `1 of x*` already written out.
struct Condition {
    enum class Kind { search, all_of, any_of, negation };
    Kind kind = Kind::search;
    std::size_t search = 0;           // into Detection::searches
    std::vector<Condition> children;
};

struct Detection {
    std::vector<SigmaSearch> searches;
    Condition condition;
};

struct SigmaRule {
    SigmaMetadata metadata;
    LogSource source;
    Detection detection;
};

// Tuning for many rules at once (Sigma filters specification).
struct SigmaFilter {
    SigmaMetadata metadata;
    LogSource source;
    bool of_any_rule = false;        // `rules: any`: of all whose log source is the filter's
    std::vector<std::string> rules;  // ids or names
    Detection detection;
};

enum class CorrelationType { event_count, value_count, temporal, temporal_ordered, value_sum, value_avg, value_percentile, value_median };
enum class Relation { gt, gte, lt, lte, eq, neq };

struct Threshold {
    Relation relation = Relation::gte;
    double number = 0;
};

// Rules that mean something together (Sigma correlation rules specification).
struct SigmaCorrelation {
    SigmaMetadata metadata;
    CorrelationType type = CorrelationType::event_count;
    std::vector<std::string> rules;       // ids or names, in the order that temporal_ordered asks for
    std::vector<std::string> group_by;    // fields or aliases
    std::map<std::string, std::map<std::string, std::string>> aliases;  // alias → rule → field
    std::chrono::seconds timespan{0};
    std::vector<Threshold> condition;     // all of them; empty means "every rule" for temporal types
    // Of temporal types, instead of a number of rules: "a and not b", over places in `rules`.
    std::optional<Condition> which;
    std::optional<double> percentile;     // whose number is compared; value_percentile without one compares shares of values
    std::vector<std::string> fields;      // of the condition: what value_* look at
    bool generate = false;                // whether the rules also report on their own
};

struct SigmaDocuments {
    std::vector<SigmaRule> rules;
    std::vector<SigmaFilter> filters;
    std::vector<SigmaCorrelation> correlations;
    std::vector<std::string> problems;    // "NAME:LINE: why", of documents that are not among these
};

}  // namespace madang::security
