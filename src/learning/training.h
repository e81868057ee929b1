// A classifier of attacks: trained by a protocol, judged on attack types that it has never seen.
//
// Random splits reach 99.8 % on network flows and prove nothing: copies of one scan stand on both sides. So whole attack
// types are held out, fold by fold, and how many of them are found at the protocol's share of false alarms decides.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "learning/booster.h"
#include "learning/protocol.h"
#include "learning/report.h"
#include "learning/table.h"

namespace madang::learning {

// From the sum of the leaves to a probability (Platt 1999), fitted on held-out records. A probability is what the
// threshold and people are told.
struct Calibration {
    double slope = 1, offset = 0;
    float probability(float margin) const;
};

struct Tried {
    Candidate candidate;
    Report held_out;               // all folds together, the types that were held out of each
};

struct Model {
    Protocol protocol;
    Candidate chosen;
    Features features;
    std::vector<float> usual;      // of each feature, the mean of normal records: what people compare with
    std::vector<std::string> types;// that training held
    Calibration calibration;
    double threshold = 0.5;        // a probability
    Booster booster;
};

struct Trained {
    Model model;
    std::vector<Tried> tried;      // in the protocol's order
    std::size_t best = 0;
    std::size_t taught = 0;        // records that analysts labelled
};

using Step = std::function<void(std::uint64_t done, std::uint64_t total)>;

// The last `labelled` rows of the data are those that analysts labelled. Somebody looked at them because a model said something of
// them, and they may be copies of records whose type is held out, under another name; so they stand in no fold: neither judged nor
// taught there. Only the last training, on everything, has them, at the protocol's weight. Code::invalid where the rest holds fewer
// than two attack types or no normal records.
Result<Trained> train(const Protocol& protocol, TableReader::Made data, int threads, const Step& at = {}, std::size_t labelled = 0);

// The probability of each row being an attack; batches of some thousands fill the processor's caches best.
Result<std::vector<float>> score(const Model& model, const Matrix& rows);

struct Reason {
    std::string words;       // "share of connections with SYN errors is 1 (usually 0.01)"
    double adds = 0;         // to the log odds
};
// For each row, what raised or lowered its score most, the largest first.
Result<std::vector<std::vector<Reason>>> explain(const Model& model, const Matrix& rows, std::size_t at_most, Booster::Adds how = Booster::Adds::exact);

}  // namespace madang::learning
