#include "learning/report.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/text.h"

namespace madang::learning {
namespace {

constexpr std::size_t kBins = 10;
constexpr std::size_t kCurvePoints = 200;

double ratio(std::size_t part, std::size_t whole) { return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole); }

// The curve from the highest score down; scores that are equal are one step.
void add_curve(Report& report, const std::vector<float>& probability, const std::vector<bool>& attack) {
    std::vector<std::size_t> order(probability.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return probability[a] > probability[b]; });
    const std::size_t normals = report.rows - report.attacks;
    std::size_t hits = 0;
    std::size_t alarms = 0;
    double area = 0;
    std::vector<std::pair<double, double>> all{{0, 0}};
    for (std::size_t i = 0; i < order.size();) {
        const float score = probability[order[i]];
        const double from_x = ratio(alarms, normals);
        const double from_y = ratio(hits, report.attacks);
        for (; i < order.size() && probability[order[i]] == score; ++i) {
            if (attack[order[i]]) ++hits;
            else ++alarms;
        }
        const double x = ratio(alarms, normals);
        const double y = ratio(hits, report.attacks);
        area += (x - from_x) * (y + from_y) / 2;
        all.emplace_back(x, y);
    }
    report.auc = area;
    const std::size_t step = std::max<std::size_t>(1, all.size() / kCurvePoints);
    for (std::size_t i = 0; i < all.size(); i += step) report.curve.push_back(all[i]);
    if (report.curve.back() != all.back()) report.curve.push_back(all.back());
}

void add_calibration(Report& report, const std::vector<float>& probability, const std::vector<bool>& attack) {
    report.bins.resize(kBins);
    double squares = 0;
    for (std::size_t i = 0; i < probability.size(); ++i) {
        const double p = probability[i];
        const double truth = attack[i] ? 1 : 0;
        Bin& bin = report.bins[std::min(kBins - 1, static_cast<std::size_t>(p * kBins))];
        bin.said += p;
        bin.seen += truth;
        ++bin.count;
        squares += (p - truth) * (p - truth);
    }
    for (Bin& bin : report.bins) {
        if (bin.count == 0) continue;
        bin.said /= static_cast<double>(bin.count);
        bin.seen /= static_cast<double>(bin.count);
        report.calibration_error += std::abs(bin.said - bin.seen) * ratio(bin.count, report.rows);
    }
    report.brier = report.rows == 0 ? 0 : squares / static_cast<double>(report.rows);
}

std::string percent(double share) { return format("{:.2f} %", 100 * share); }

}  // namespace

double Report::accuracy() const { return ratio(true_attacks + true_normals, rows); }
double Report::precision() const { return ratio(true_attacks, true_attacks + false_alarms); }
double Report::recall() const { return ratio(true_attacks, attacks); }
double Report::false_alarm_rate() const { return ratio(false_alarms, rows - attacks); }
double Report::f1() const {
    const double both = precision() + recall();
    return both == 0 ? 0 : 2 * precision() * recall() / both;
}
double Report::mean_recall() const {
    double sum = 0;
    std::size_t count = 0;
    for (const TypeResult& one : types) {
        sum += ratio(one.called_attack, one.count);
        ++count;
    }
    return count == 0 ? 0 : sum / static_cast<double>(count);
}

Report judge(const Table& table, const std::string& normal, const std::vector<float>& probability, double threshold, const std::vector<std::string>& known) {
    Report report;
    report.rows = table.rows();
    report.threshold = threshold;
    std::vector<bool> attack(table.rows());
    std::vector<TypeResult> types(table.types.size());
    for (std::size_t i = 0; i < table.types.size(); ++i) types[i] = {table.types[i], 0, 0, std::ranges::find(known, table.types[i]) != known.end()};
    for (std::size_t i = 0; i < table.rows(); ++i) {
        attack[i] = table.types[table.type[i]] != normal;
        const bool called = probability[i] > threshold;
        TypeResult& type = types[table.type[i]];
        ++type.count;
        type.called_attack += std::size_t{called};
        report.attacks += std::size_t{attack[i]};
        if (attack[i]) ++(called ? report.true_attacks : report.missed);
        else ++(called ? report.false_alarms : report.true_normals);
    }
    std::erase_if(types, [&](const TypeResult& one) { return one.type == normal || one.count == 0; });
    std::ranges::sort(types, [](const TypeResult& a, const TypeResult& b) { return a.count != b.count ? a.count > b.count : a.type < b.type; });
    report.types = std::move(types);
    add_curve(report, probability, attack);
    add_calibration(report, probability, attack);
    return report;
}

json::object to_json(const Report& report) {
    json::array bins;
    for (const Bin& one : report.bins) bins.push_back(json::object{{"said", one.said}, {"seen", one.seen}, {"count", one.count}});
    json::array types;
    for (const TypeResult& one : report.types) {
        types.push_back(json::object{{"type", one.type}, {"count", one.count}, {"found", one.called_attack}, {"recall", ratio(one.called_attack, one.count)}, {"in_training", one.in_training}});
    }
    json::array curve;
    for (const auto& [x, y] : report.curve) curve.push_back(json::array{x, y});
    return {{"rows", report.rows}, {"attacks", report.attacks}, {"threshold", report.threshold}, {"accuracy", report.accuracy()}, {"precision", report.precision()},
            {"recall", report.recall()}, {"mean_recall_of_types", report.mean_recall()}, {"false_alarm_rate", report.false_alarm_rate()}, {"f1", report.f1()}, {"auc", report.auc},
            {"brier", report.brier}, {"calibration_error", report.calibration_error},
            {"confusion", json::object{{"true_attacks", report.true_attacks}, {"false_alarms", report.false_alarms}, {"true_normals", report.true_normals}, {"missed", report.missed}}},
            {"calibration", std::move(bins)}, {"types", std::move(types)}, {"roc", std::move(curve)}};
}

std::string in_words(const Report& report) {
    std::string text = format("{} records, {} of them attacks; threshold {:.4f}\n", report.rows, report.attacks, report.threshold);
    text += format("  accuracy            {}\n", percent(report.accuracy()));
    text += format("  precision           {}\n", percent(report.precision()));
    text += format("  recall              {}   (mean over attack types {})\n", percent(report.recall()), percent(report.mean_recall()));
    text += format("  false alarms        {}   ({} of {} normal records)\n", percent(report.false_alarm_rate()), report.false_alarms, report.rows - report.attacks);
    text += format("  F1                  {:.4f}\n  AUC                 {:.4f}\n", report.f1(), report.auc);
    text += format("  Brier score         {:.4f}   calibration error {:.4f}\n", report.brier, report.calibration_error);
    text += format("  {:<28} {:>9} {:>9} {:>9}\n", "attack type", "records", "found", "recall");
    for (const TypeResult& one : report.types) {
        text += format("  {:<28} {:>9} {:>9} {:>9}\n", one.in_training ? one.type : one.type + " (new)", one.count, one.called_attack, percent(ratio(one.called_attack, one.count)));
    }
    return text;
}

std::string draw_svg(const Report& report, std::string_view title) {
    constexpr double kSide = 320;
    const auto x_of = [&](double left, double share) { return left + share * kSide; };
    const auto y_of = [&](double share) { return 50 + (1 - share) * kSide; };
    std::string svg = format(R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 430" font-family="sans-serif" font-size="13" role="img"><title>{}</title>)", escape_markup(title));
    svg += R"(<rect width="800" height="430" fill="#fff"/>)";
    const auto frame = [&](double left, std::string_view head, std::string_view below, std::string_view beside) {
        svg += format(R"(<text x="{}" y="30" font-weight="bold">{}</text><rect x="{}" y="50" width="{}" height="{}" fill="none" stroke="#505a5f"/>)", left, head, left, kSide, kSide);
        svg += format(R"(<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="#b1b4b6" stroke-dasharray="4"/>)", left, y_of(0), x_of(left, 1), y_of(1));
        svg += format(R"svg(<text x="{}" y="405" text-anchor="middle">{}</text><text transform="translate({},210) rotate(-90)" text-anchor="middle">{}</text>)svg", left + kSide / 2, below, left - 28, beside);
        for (const double tick : {0.0, 0.5, 1.0}) {
            svg += format(R"(<text x="{}" y="387" text-anchor="middle" font-size="11">{}</text><text x="{}" y="{}" text-anchor="end" font-size="11">{}</text>)", x_of(left, tick), tick, left - 5, y_of(tick) + 4, tick);
        }
    };
    frame(55, format("ROC: area {:.4f}", report.auc), "false alarms among normal records", "attacks found");
    std::string points;
    for (const auto& [x, y] : report.curve) points += format("{:.1f},{:.1f} ", x_of(55, x), y_of(y));
    svg += format(R"(<polyline points="{}" fill="none" stroke="#00695c" stroke-width="2"/>)", points);
    svg += format(R"(<circle cx="{:.1f}" cy="{:.1f}" r="5" fill="#d4351c"/>)", x_of(55, report.false_alarm_rate()), y_of(report.recall()));
    frame(445, format("Calibration: Brier {:.4f}", report.brier), "probability that was said", "share that were attacks");
    for (const Bin& one : report.bins) {
        if (one.count == 0) continue;
        const double radius = 3 + 9 * std::sqrt(ratio(one.count, report.rows));
        svg += format(R"(<circle cx="{:.1f}" cy="{:.1f}" r="{:.1f}" fill="#1d70b8" fill-opacity="0.7"/>)", x_of(445, one.said), y_of(one.seen), radius);
    }
    return svg + "</svg>\n";
}

}  // namespace madang::learning
