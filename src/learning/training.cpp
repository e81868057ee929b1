#include "learning/training.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <random>
#include <set>

#include "base/check.h"
#include "base/text.h"

namespace madang::learning {
namespace {

constexpr std::size_t kBatch = 4096;
constexpr int kEverything = -1;     // no fold is left out
constexpr int kNoFold = -2;         // of records that analysts labelled

using Dice = std::mt19937_64;

std::size_t below(Dice& dice, std::size_t bound) { return static_cast<std::size_t>(dice() % bound); }

// Attack types are dealt to the folds by how common they are, so that no fold holds out all of the large ones; a normal
// record falls where the dice say.
std::vector<int> deal_folds(const Table& table, const Protocol& protocol, std::size_t judged) {
    std::vector<std::size_t> count(table.types.size());
    for (std::size_t i = 0; i < judged; ++i) ++count[table.type[i]];
    std::vector<std::size_t> order(table.types.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return count[a] != count[b] ? count[a] > count[b] : table.types[a] < table.types[b]; });
    std::vector<int> of_type(table.types.size(), -1);
    int next = 0;
    for (const std::size_t type : order) {
        if (table.types[type] == protocol.normal) continue;
        of_type[type] = next++ % protocol.folds;
    }
    Dice dice(protocol.seed);
    std::vector<int> folds(table.rows(), kNoFold);
    for (std::size_t i = 0; i < judged; ++i) {
        folds[i] = of_type[table.type[i]] >= 0 ? of_type[table.type[i]] : static_cast<int>(below(dice, static_cast<std::size_t>(protocol.folds)));
    }
    return folds;
}

// What one training sees.
struct Lesson {
    std::vector<float> values, labels, weights;
};

void add_row(Lesson& lesson, const Table& table, std::size_t row, bool attack) {
    lesson.values.insert(lesson.values.end(), table.row(row), table.row(row) + table.width);
    lesson.labels.push_back(attack ? 1.0F : 0.0F);
    lesson.weights.push_back(1.0F);
}

// A rare type would be drowned by a common one: each weighs by the root of its count, and all attacks together as much as
// all normal records.
void even_out(Lesson& lesson, const std::vector<std::size_t>& types, std::size_t normal) {
    std::map<std::size_t, double> count;
    for (const std::size_t type : types) ++count[type];
    const double normals = count[normal];
    double attacks = 0;
    for (const auto& [type, n] : count) attacks += type == normal ? 0 : std::sqrt(n);
    if (attacks == 0 || normals == 0) return;
    for (std::size_t i = 0; i < types.size(); ++i) {
        if (types[i] != normal) lesson.weights[i] = static_cast<float>(normals / attacks / std::sqrt(count[types[i]]));
    }
}

void invent(Lesson& lesson, const Table& table, const Features& features, const std::vector<std::size_t>& normals, std::size_t count, Dice& dice) {
    // Features of one column belong together: a record has one service.
    std::vector<std::vector<std::size_t>> groups;
    std::map<std::size_t, std::size_t> group_of;
    for (std::size_t i = 0; i < features.size(); ++i) {
        const bool alone = features.all[i].category.empty();
        const auto found = group_of.find(features.all[i].column);
        if (alone || found == group_of.end()) {
            if (!alone) group_of[features.all[i].column] = groups.size();
            groups.push_back({i});
        } else {
            groups[found->second].push_back(i);
        }
    }
    std::vector<float> row(table.width);
    for (std::size_t n = 0; n < count; ++n) {
        for (const auto& group : groups) {
            const float* from = table.row(normals[below(dice, normals.size())]);
            for (const std::size_t i : group) row[i] = from[i];
        }
        lesson.values.insert(lesson.values.end(), row.begin(), row.end());
        lesson.labels.push_back(1.0F);
        lesson.weights.push_back(1.0F);
    }
}

struct School {
    const Protocol& protocol;
    const Table& table;
    const Features& features;
    std::size_t normal;       // the place of the normal type
    int threads;
    std::size_t judged;       // rows; those behind were labelled by analysts
};

// Trained on the rows outside of `without`, and without any that an analyst labelled; or on everything.
Result<Booster> learn(const School& school, const Candidate& candidate, const std::vector<int>& folds, int without) {
    const Table& table = school.table;
    Lesson lesson;
    std::vector<std::size_t> types;
    std::vector<std::size_t> normals;
    for (std::size_t row = 0; row < table.rows(); ++row) {
        const bool out = without == kEverything ? false : folds[row] == without || folds[row] == kNoFold;
        if (out) continue;
        add_row(lesson, table, row, table.type[row] != school.normal);
        types.push_back(table.type[row]);
        if (table.type[row] == school.normal) normals.push_back(row);
    }
    if (candidate.even_types) even_out(lesson, types, school.normal);
    if (without == kEverything) {
        for (std::size_t row = school.judged; row < table.rows(); ++row) lesson.weights[row] *= static_cast<float>(school.protocol.label_weight);
    }
    Dice dice(school.protocol.seed + static_cast<std::uint64_t>(without + 2));
    if (!normals.empty()) invent(lesson, table, school.features, normals, static_cast<std::size_t>(candidate.invented * static_cast<double>(normals.size())), dice);
    return Booster::train({lesson.values, table.width}, lesson.labels, lesson.weights, candidate, school.protocol.seed, school.threads);
}

// Newton's method on the log likelihood; the targets are drawn in from 0 and 1 as Platt does.
Calibration fit(const std::vector<float>& margins, const std::vector<bool>& attack) {
    const auto positives = static_cast<double>(std::ranges::count(attack, true));
    const double negatives = static_cast<double>(attack.size()) - positives;
    const double high = (positives + 1) / (positives + 2);
    const double low = 1 / (negatives + 2);
    Calibration found;
    for (int round = 0; round < 50; ++round) {
        double ga = 0, gb = 0, haa = 1e-9, hab = 0, hbb = 1e-9;
        for (std::size_t i = 0; i < margins.size(); ++i) {
            const double m = margins[i];
            const double p = 1 / (1 + std::exp(-(found.slope * m + found.offset)));
            const double wrong = p - (attack[i] ? high : low);
            const double w = std::max(p * (1 - p), 1e-12);
            ga += wrong * m;
            gb += wrong;
            haa += w * m * m;
            hab += w * m;
            hbb += w;
        }
        const double determinant = haa * hbb - hab * hab;
        if (!(std::abs(determinant) > 1e-12)) break;
        const double da = (hbb * ga - hab * gb) / determinant;
        const double db = (haa * gb - hab * ga) / determinant;
        found.slope -= da;
        found.offset -= db;
        if (std::abs(da) + std::abs(db) < 1e-8) break;
    }
    // A calibration turns no order round.
    if (!std::isfinite(found.slope) || !std::isfinite(found.offset) || found.slope <= 0) return {};
    return found;
}

struct Judged {
    Report report;
    Calibration calibration;
    double threshold = 0;
};

// The score that the protocol's share of the held-out normal records lies above.
double threshold_for(const std::vector<float>& probability, const std::vector<bool>& attack, double false_alarms) {
    std::vector<float> normals;
    for (std::size_t i = 0; i < attack.size(); ++i) {
        if (!attack[i]) normals.push_back(probability[i]);
    }
    std::ranges::sort(normals, std::greater<>());
    return normals[std::min(normals.size() - 1, static_cast<std::size_t>(false_alarms * static_cast<double>(normals.size())))];
}

Result<Judged> try_out(const School& school, const Candidate& candidate, const std::vector<int>& folds, const std::function<void()>& one_done) {
    const Table& table = school.table;
    std::vector<float> margin(school.judged);
    for (int fold = 0; fold < school.protocol.folds; ++fold) {
        std::vector<std::size_t> rows;
        std::vector<float> values;
        for (std::size_t row = 0; row < school.judged; ++row) {
            if (folds[row] != fold) continue;
            rows.push_back(row);
            values.insert(values.end(), table.row(row), table.row(row) + table.width);
        }
        if (!rows.empty()) {
            TRY(const Booster booster, learn(school, candidate, folds, fold));
            TRY(const auto scores, booster.margins({values, table.width}));
            for (std::size_t i = 0; i < rows.size(); ++i) margin[rows[i]] = scores[i];
        }
        one_done();
    }
    std::vector<bool> attack(school.judged);
    for (std::size_t row = 0; row < school.judged; ++row) attack[row] = table.type[row] != school.normal;
    Judged judged;
    judged.calibration = fit(margin, attack);
    std::vector<float> probability(margin.size());
    for (std::size_t i = 0; i < margin.size(); ++i) probability[i] = judged.calibration.probability(margin[i]);
    judged.threshold = threshold_for(probability, attack, school.protocol.false_alarms);
    const Table held_out{.width = 0, .values = {}, .type = {table.type.begin(), table.type.begin() + static_cast<std::ptrdiff_t>(school.judged)}, .types = table.types};
    judged.report = judge(held_out, school.protocol.normal, probability, judged.threshold, {});
    return judged;
}

// Of a number the middle one of normal records, of a category how often it is there.
std::vector<float> usual_of(const Table& table, const Features& features, std::size_t normal) {
    std::vector<float> usual(table.width);
    std::vector<float> values;
    for (std::size_t i = 0; i < table.width; ++i) {
        values.clear();
        double sum = 0;
        for (std::size_t row = 0; row < table.rows(); ++row) {
            if (table.type[row] != normal || std::isnan(table.row(row)[i])) continue;
            values.push_back(table.row(row)[i]);
            sum += values.back();
        }
        if (values.empty()) continue;   // known of no normal record
        const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
        std::nth_element(values.begin(), middle, values.end());
        usual[i] = features.all[i].category.empty() ? *middle : static_cast<float>(sum / static_cast<double>(values.size()));
    }
    return usual;
}

// A number that is not known counts as the usual one: it speaks neither for an attack nor for what trees made of gaps.
void fill(std::span<float> values, const std::vector<float>& usual) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (std::isnan(values[i])) values[i] = usual[i % usual.size()];
    }
}

// The rows themselves, or a copy of them without gaps.
Matrix filled(const Matrix& rows, const std::vector<float>& usual, std::vector<float>& copy) {
    if (std::ranges::none_of(rows.values, [](float value) { return std::isnan(value); })) return rows;
    copy.assign(rows.values.begin(), rows.values.end());
    fill(copy, usual);
    return {copy, rows.width};
}

std::string number_text(float value) {
    if (std::abs(value) >= 1000 || value == std::floor(value)) return format("{:.0f}", value);
    return format("{:.3g}", value);
}

}  // namespace

float Calibration::probability(float margin) const { return static_cast<float>(1 / (1 + std::exp(-(slope * margin + offset)))); }

Result<Trained> train(const Protocol& protocol, TableReader::Made data, int threads, const Step& at, std::size_t labelled) {
    Table& table = data.table;
    MADANG_CHECK(labelled <= table.rows());
    const std::size_t judged_rows = table.rows() - labelled;
    const std::set<std::size_t> held(table.type.begin(), table.type.begin() + static_cast<std::ptrdiff_t>(judged_rows));
    const auto normal = std::ranges::find(table.types, protocol.normal);
    if (!held.contains(static_cast<std::size_t>(normal - table.types.begin()))) return fail(Code::invalid, format("no record is labelled \"{}\"", protocol.normal));
    if (held.size() < 3) return fail(Code::invalid, "at least two types of attacks are needed, so that one can be held out");
    const School school{protocol, table, data.features, static_cast<std::size_t>(normal - table.types.begin()), threads, judged_rows};
    std::vector<float> usual = usual_of(table, data.features, school.normal);
    fill(table.values, usual);
    const std::vector<int> folds = deal_folds(table, protocol, judged_rows);
    const std::uint64_t total = protocol.candidates.size() * static_cast<std::uint64_t>(protocol.folds) + 1;
    std::uint64_t done = 0;
    const auto one_done = [&] {
        if (at) at(++done, total);
    };
    std::vector<Tried> tried;
    std::vector<Judged> judged;
    std::size_t best = 0;
    for (const Candidate& candidate : protocol.candidates) {
        TRY(Judged one, try_out(school, candidate, folds, one_done));
        tried.push_back({candidate, one.report});
        judged.push_back(std::move(one));
        if (judged.back().report.mean_recall() > judged[best].report.mean_recall()) best = judged.size() - 1;
    }
    TRY(Booster booster, learn(school, protocol.candidates[best], folds, kEverything));
    one_done();
    Model model{protocol, protocol.candidates[best], data.features, std::move(usual), table.types, judged[best].calibration, judged[best].threshold, std::move(booster)};
    return Trained{std::move(model), std::move(tried), best, labelled};
}

Result<std::vector<float>> score(const Model& model, const Matrix& rows) {
    std::vector<float> all;
    all.reserve(rows.rows());
    std::vector<float> copy;
    for (std::size_t from = 0; from < rows.rows(); from += kBatch) {
        const std::size_t count = std::min(kBatch, rows.rows() - from);
        TRY(const auto margins, model.booster.margins(filled({rows.values.subspan(from * rows.width, count * rows.width), rows.width}, model.usual, copy)));
        for (const float margin : margins) all.push_back(model.calibration.probability(margin));
    }
    return all;
}

Result<std::vector<std::vector<Reason>>> explain(const Model& model, const Matrix& rows, std::size_t at_most, Booster::Adds how) {
    std::vector<float> copy;
    TRY(const auto adds, model.booster.contributions(filled(rows, model.usual, copy), how));
    std::vector<std::vector<Reason>> all;
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        const float* of_row = adds.data() + row * (rows.width + 1);
        std::vector<std::size_t> order(rows.width);
        std::iota(order.begin(), order.end(), 0);
        const std::size_t count = std::min(at_most, order.size());
        std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(), [&](std::size_t a, std::size_t b) { return std::abs(of_row[a]) > std::abs(of_row[b]); });
        std::vector<Reason> reasons;
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t feature = order[i];
            const Feature& about = model.features.all[feature];
            const float value = rows.values[row * rows.width + feature];
            std::string words;
            if (std::isnan(value)) words = format("{} is not known (taken as {})", about.words, number_text(model.usual[feature]));
            else if (about.category.empty()) words = format("{} is {} (usually {})", about.words, number_text(value), number_text(model.usual[feature]));
            else words = format("{}{} (usually in {:.0f} % of records)", value > 0 ? "" : "not: ", about.words, 100 * model.usual[feature]);
            reasons.push_back({std::move(words), of_row[feature]});
        }
        all.push_back(std::move(reasons));
    }
    return all;
}

}  // namespace madang::learning
