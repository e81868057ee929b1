// How a classifier is trained and judged, written down before anything is trained: what the columns of the data are,
// what is tried, how whole attack types are held out, by what the best is chosen. Format: docs/formats/learning.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace madang::learning {

struct Column {
    enum class Kind {
        number,
        category,   // one feature for each value that the training data holds
        label,      // the type of the record: `normal` or the name of an attack
        ignored,
    };
    std::string name;    // "serror_rate"
    Kind kind = Kind::number;
    std::string words;   // "share of connections with SYN errors"; empty: the name
};

// One setting of the learner. All that are listed are tried, and the protocol says how one is chosen.
struct Candidate {
    std::string name;
    int rounds = 100;
    int trees_per_round = 1;        // a small forest each round, which steadies what is said of unknown types
    int depth = 6;
    double rate = 0.1;              // of learning
    double rows = 1.0;              // share of the rows that each tree sees
    double columns = 1.0;           // share of the columns that each tree sees
    // Rows that never were, each column drawn by itself from normal records, taught as attacks: they draw the border of
    // what is normal. Share of the normal rows.
    double invented = 0;
    bool even_types = false;        // a rare attack type weighs by the root of its count
};

struct Protocol {
    enum class Format { csv, http };   // http: JSON lines of requests, see http_features.h
    std::string name;                  // "network-flows", becomes the folder of its models
    Format format = Format::csv;
    std::vector<Column> columns;       // of csv
    std::string normal = "normal";     // the label of what is no attack
    std::vector<Candidate> candidates;
    int folds = 5;                     // attack types are dealt to them, normal records drawn
    std::uint64_t seed = 1;
    // The candidate with the best mean recall over held-out attack types is taken, at this share of false alarms among
    // held-out normal records; the score there is the threshold.
    double false_alarms = 0.03;
    double label_weight = 10;          // of a record that an analyst labelled; one of the data weighs 1
    std::string text;                  // as it was read; the report and the model hold its hash
};

// `name` stands in messages. Code::invalid with the place for unknown keys, columns that stand twice, no or two labels and
// numbers out of range.
Result<Protocol> parse_protocol(std::string_view text, std::string_view name);
// The protocols that the program brings: "network-flows" and "http-requests". Code::not_found.
Result<Protocol> shipped_protocol(std::string_view name);

}  // namespace madang::learning
