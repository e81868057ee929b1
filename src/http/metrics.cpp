#include "http/metrics.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>

#include "base/check.h"
#include "base/text.h"

namespace madang::http {
namespace {

enum FamilyKind : int { counters, gauges, histograms };

bool is_name(std::string_view text) {
    if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
    return std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

// OpenMetrics 1.0.0, ABNF escaped-string: backslash, line feed and double quote.
std::string escape(std::string_view text) {
    std::string out;
    for (const char c : is_utf8(text) ? text : std::string_view("(not UTF-8)")) {
        if (c == '\\') out += "\\\\";
        else if (c == '\n') out += "\\n";
        else if (c == '"') out += "\\\"";
        else out.push_back(c);
    }
    return out;
}

std::string number(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
    return format("{}", value);
}

std::string braces(const Metrics::Labels& labels, std::string_view bound = {}) {
    std::string out;
    for (const auto& [name, value] : labels) {
        if (!out.empty()) out += ",";
        out += name + "=\"" + escape(value) + "\"";
    }
    if (!bound.empty()) out += format("{}le=\"{}\"", out.empty() ? "" : ",", bound);
    return out.empty() ? out : "{" + out + "}";
}

}  // namespace

Histogram::Histogram(std::vector<double> upper_bounds)
    : bounds_(std::move(upper_bounds)), counts_(std::make_unique<std::atomic<std::uint64_t>[]>(bounds_.size() + 1)) {
    MADANG_CHECK(std::is_sorted(bounds_.begin(), bounds_.end()));
}

void Histogram::observe(double seconds) {
    const auto place = std::lower_bound(bounds_.begin(), bounds_.end(), seconds) - bounds_.begin();
    counts_[static_cast<std::size_t>(place)].fetch_add(1, std::memory_order_relaxed);
    nanoseconds_.fetch_add(static_cast<std::uint64_t>(std::max(0.0, seconds) * 1e9), std::memory_order_relaxed);
}

struct Metrics::Family {
    std::string name;
    std::string help;
    int kind = counters;
    std::map<Labels, Counter> counter_figures;
    std::map<Labels, Gauge> gauge_figures;
    std::map<Labels, std::unique_ptr<Histogram>> histogram_figures;
    std::function<std::vector<Sample>()> samples;
};

Metrics::Metrics() = default;
Metrics::~Metrics() = default;

std::string_view Metrics::content_type() { return "application/openmetrics-text; version=1.0.0; charset=utf-8"; }

std::vector<double> Metrics::default_bounds() {
    return {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
}

Metrics::Family& Metrics::family(std::string_view name, std::string_view help, int kind) {
    MADANG_CHECK(is_name(name) && !name.ends_with("_total"));
    const auto found = std::find_if(families_.begin(), families_.end(), [&](const auto& f) { return f->name == name; });
    if (found != families_.end()) {
        MADANG_CHECK((*found)->kind == kind && (*found)->help == help);
        return **found;
    }
    families_.push_back(std::make_unique<Family>());
    Family& made = *families_.back();
    made.name = name;
    made.help = help;
    made.kind = kind;
    return made;
}

Counter& Metrics::counter(std::string_view name, std::string_view help, Labels labels) {
    const std::lock_guard lock(mutex_);
    return family(name, help, counters).counter_figures[std::move(labels)];
}

Gauge& Metrics::gauge(std::string_view name, std::string_view help, Labels labels) {
    const std::lock_guard lock(mutex_);
    return family(name, help, gauges).gauge_figures[std::move(labels)];
}

Histogram& Metrics::histogram(std::string_view name, std::string_view help, Labels labels, std::vector<double> upper_bounds) {
    const std::lock_guard lock(mutex_);
    auto& figure = family(name, help, histograms).histogram_figures[std::move(labels)];
    if (!figure) figure = std::make_unique<Histogram>(std::move(upper_bounds));
    return *figure;
}

void Metrics::observe(std::string_view name, std::string_view help, Kind kind, std::function<std::vector<Sample>()> samples) {
    const std::lock_guard lock(mutex_);
    family(name, help, kind == Kind::counter ? counters : gauges).samples = std::move(samples);
}

// Asked without the lock held: a slow answer must not stop a thread that counts.
std::map<std::string, std::vector<Metrics::Sample>> Metrics::ask() const {
    std::vector<std::pair<std::string, std::function<std::vector<Sample>()>>> questions;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& f : families_) {
            if (f->samples) questions.emplace_back(f->name, f->samples);
        }
    }
    std::map<std::string, std::vector<Sample>> answers;
    for (const auto& [name, samples] : questions) answers[name] = samples();
    return answers;
}

// OpenMetrics 1.0.0: families stand together; counters end in _total; buckets are cumulative.
std::string Metrics::text() const {
    const auto answers = ask();
    const std::lock_guard lock(mutex_);
    std::string out;
    for (const auto& f : families_) {
        constexpr std::string_view kTypes[] = {"counter", "gauge", "histogram"};
        out += format("# TYPE {} {}\n# HELP {} {}\n", f->name, kTypes[f->kind], f->name, escape(f->help));
        const std::string_view suffix = f->kind == counters ? "_total" : "";
        for (const auto& [labels, figure] : f->counter_figures) out += format("{}_total{} {}\n", f->name, braces(labels), figure.value());
        for (const auto& [labels, figure] : f->gauge_figures) out += format("{}{} {}\n", f->name, braces(labels), figure.value());
        for (const auto& [labels, figure] : f->histogram_figures) out += buckets(f->name, labels, *figure);
        const auto found = answers.find(f->name);
        if (found == answers.end()) continue;
        for (const auto& sample : found->second) out += format("{}{}{} {}\n", f->name, suffix, braces(sample.labels), number(sample.value));
    }
    return out + "# EOF\n";
}

std::string Metrics::buckets(const std::string& name, const Labels& labels, const Histogram& figure) {
    std::string out;
    std::uint64_t total = 0;
    for (std::size_t i = 0; i <= figure.bounds_.size(); ++i) {
        total += figure.counts_[i].load(std::memory_order_relaxed);
        const auto bound = i < figure.bounds_.size() ? format("{:#}", figure.bounds_[i]) : std::string("+Inf");
        out += format("{}_bucket{} {}\n", name, braces(labels, bound), total);
    }
    const double sum = static_cast<double>(figure.nanoseconds_.load(std::memory_order_relaxed)) / 1e9;
    return out + format("{0}_count{1} {2}\n{0}_sum{1} {3}\n", name, braces(labels), total, number(sum));
}

}  // namespace madang::http
