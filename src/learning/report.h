// How good scores are, in numbers and in a picture.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "learning/table.h"

namespace madang::learning {

struct Bin {                // of scores, for calibration
    double said = 0;        // mean probability
    double seen = 0;        // share of attacks
    std::size_t count = 0;
};

struct TypeResult {
    std::string type;
    std::size_t count = 0, called_attack = 0;
    bool in_training = true;
};

struct Report {
    std::size_t rows = 0, attacks = 0;
    std::size_t true_attacks = 0, false_alarms = 0, true_normals = 0, missed = 0;
    double threshold = 0;          // a probability
    double auc = 0;                // area under the receiver's curve
    double brier = 0;              // mean squared error of the probability
    double calibration_error = 0;  // mean distance of said and seen, by bins
    std::vector<Bin> bins;         // ten of the same width
    std::vector<std::pair<double, double>> curve;  // (false-alarm rate, recall), at most 200 points
    std::vector<TypeResult> types; // the largest first

    double accuracy() const;
    double precision() const;
    double recall() const;
    double false_alarm_rate() const;
    double f1() const;
    double mean_recall() const;    // over attack types, each counting the same
};

// `probability` of each row being an attack. `known` are the types that training held.
Report judge(const Table& table, const std::string& normal, const std::vector<float>& probability, double threshold, const std::vector<std::string>& known);
json::object to_json(const Report& report);
std::string in_words(const Report& report);   // lines for a terminal
// Receiver's curve and calibration side by side; no script, no outside resource.
std::string draw_svg(const Report& report, std::string_view title);

}  // namespace madang::learning
