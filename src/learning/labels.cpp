#include "learning/labels.h"

#include <map>
#include <numeric>
#include <set>

#include "base/text.h"
#include "learning/record.h"

namespace madang::learning {
namespace {

std::string bytes_of(const Table& table, std::size_t row) { return {reinterpret_cast<const char*>(table.row(row)), table.width * sizeof(float)}; }

}  // namespace

Result<std::vector<Label>> labels_in_effect(const Protocol& protocol, const std::vector<Label>& all) {
    std::vector<Label> counting;
    std::map<std::string, std::size_t> place_of;
    for (const Label& one : all) {
        // With one and the same label, lines are equal where their records are.
        TRY(std::string key, labelled(protocol, one.record, "any"));
        const auto [found, fresh] = place_of.emplace(std::move(key), counting.size());
        if (fresh) counting.push_back(one);
        else counting[found->second] = one;
    }
    return counting;
}

Result<std::vector<std::size_t>> leave_out_taught(const Protocol& protocol, const Features& features, const std::vector<Label>& taught, Table& table, std::vector<float>& probability) {
    std::vector<std::size_t> numbers(table.rows());
    std::iota(numbers.begin(), numbers.end(), 0);
    if (taught.empty()) return numbers;
    TableReader reader(protocol, &features);
    for (const Label& one : taught) TRY_DO(reader.read_text(one.record, "labels"));
    TRY(const TableReader::Made made, reader.finish());
    std::set<std::string> known;
    for (std::size_t row = 0; row < made.table.rows(); ++row) known.insert(bytes_of(made.table, row));
    Table left{.width = table.width, .values = {}, .type = {}, .types = table.types};
    std::vector<float> scores;
    numbers.clear();
    for (std::size_t row = 0; row < table.rows(); ++row) {
        if (known.contains(bytes_of(table, row))) continue;
        left.values.insert(left.values.end(), table.row(row), table.row(row) + table.width);
        left.type.push_back(table.type[row]);
        scores.push_back(probability[row]);
        numbers.push_back(row);
    }
    table = std::move(left);
    probability = std::move(scores);
    return numbers;
}

}  // namespace madang::learning
