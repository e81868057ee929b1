#include "learning/domain_names.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>

#include "base/check.h"
#include "base/embedded_file.h"
#include "base/text.h"
#include "learning/http_features.h"

namespace madang::learning {

std::span<const EmbeddedFile> embedded_files();

namespace {

constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789-";
constexpr std::size_t kStates = kAlphabet.size() + 1;   // the first is the start and the end
constexpr std::size_t kMaxName = 253;                   // RFC 1035, 2.3.4
constexpr std::size_t kLeast = 5;                       // letters; shorter labels say too little
constexpr double kThreshold = -0.861;                   // of the log odds
// Public endings of two labels under which the third is the one that somebody chose.
constexpr std::array<std::string_view, 12> kSecondLevel{"co", "com", "org", "net", "gov", "ac", "edu", "go", "or", "ne", "mil", "re"};

using Pairs = std::array<std::array<double, kStates>, kStates>;

std::size_t state_of(char c) {
    const std::size_t at = kAlphabet.find(c);
    return at == std::string_view::npos ? 0 : at + 1;
}

// data/letter_pairs.txt; it is part of the program, so that a fault in it is a fault of the build.
Pairs read_pairs() {
    Pairs pairs{};
    for (const EmbeddedFile& file : embedded_files()) {
        if (file.name != "letter_pairs.txt") continue;
        std::size_t row = 0;
        for (const std::string_view line : split(file.content, '\n')) {
            if (line.empty() || line.starts_with('#') || line.starts_with(' ')) continue;
            std::size_t column = 0;
            for (const std::string_view cell : split(line.substr(2), ' ')) {
                int eighths = 0;
                std::from_chars(cell.data(), cell.data() + cell.size(), eighths);
                MADANG_CHECK(row < kStates && column < kStates);
                pairs[row][column++] = -eighths / 8.0;
            }
            ++row;
        }
        MADANG_CHECK(row == kStates);
    }
    return pairs;
}

struct Marks {
    double likelihood = 0, length = 0, vowels = 0, digits = 0, consonants = 0, switches = 0, disorder = 0;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

Marks marks_of(std::string_view label) {
    static const Pairs pairs = read_pairs();
    Marks marks;
    const auto n = static_cast<double>(label.size());
    std::size_t before = 0;
    double run = 0;
    for (std::size_t i = 0; i < label.size(); ++i) {
        const char c = label[i];
        const std::size_t now = state_of(c);
        marks.likelihood += pairs[before][now];
        before = now;
        const bool vowel = std::string_view("aeiouy").contains(c);
        marks.vowels += vowel ? 1 : 0;
        marks.digits += is_digit(c) ? 1 : 0;
        run = c >= 'a' && c <= 'z' && !vowel ? run + 1 : 0;
        marks.consonants = std::max(marks.consonants, run);
        if (i > 0 && is_digit(c) != is_digit(label[i - 1])) ++marks.switches;
    }
    marks.likelihood = (marks.likelihood + pairs[before][0]) / (n + 1);
    marks.length = n;
    marks.vowels /= n;
    marks.digits /= n;
    marks.switches /= n;
    marks.disorder = entropy_of(label);
    return marks;
}

double log_odds(const Marks& m) {
    return -33.8017 - 5.3128 * m.likelihood + 0.2211 * m.length + 3.7076 * m.vowels + 7.3119 * m.digits + 0.7494 * m.consonants + 7.0187 * m.switches - 0.2382 * m.disorder;
}

// The label that somebody chose: the one before the public ending.
std::string chosen_label(std::string_view name) {
    const auto labels = split(name, '.');
    if (labels.size() < 2) return std::string(labels.front());
    const bool two = labels.size() > 2 && labels.back().size() == 2 && std::ranges::find(kSecondLevel, labels[labels.size() - 2]) != kSecondLevel.end();
    return std::string(labels[labels.size() - (two ? 3 : 2)]);
}

}  // namespace

std::optional<NameScore> judge_domain(std::string_view given) {
    if (given.ends_with('.')) given.remove_suffix(1);
    if (given.empty() || given.size() > kMaxName) return std::nullopt;
    const std::string name = to_lower(given);
    NameScore score;
    score.label = chosen_label(name);
    const bool plain = score.label.find_first_not_of(kAlphabet) == std::string::npos;
    const bool number = score.label.find_first_not_of("0123456789") == std::string::npos;
    if (!plain || number || score.label.size() < kLeast || score.label.starts_with("xn--")) return std::nullopt;
    const Marks marks = marks_of(score.label);
    const double odds = log_odds(marks);
    score.probability = 1 / (1 + std::exp(-(odds - kThreshold)));
    score.generated = odds > kThreshold;
    if (marks.likelihood < -4.3) score.reasons.push_back(format("its letters seldom follow each other so ({:.1f} bits a letter, words have about 3.7)", -marks.likelihood));
    if (marks.digits > 0.15 && marks.switches > 0.1) score.reasons.push_back(format("letters and digits are mixed ({:.0f} % digits)", 100 * marks.digits));
    if (marks.consonants >= 5) score.reasons.push_back(format("{:.0f} consonants in a row", marks.consonants));
    if (marks.length >= 18) score.reasons.push_back(format("it is long ({:.0f} letters)", marks.length));
    return score;
}

}  // namespace madang::learning
