#include "learning/protocol.h"

#include <set>
#include <span>

#include "base/embedded_file.h"
#include "base/text.h"

namespace madang::learning {

std::span<const EmbeddedFile> embedded_files();

namespace {

constexpr std::size_t kMaxColumns = 2000;
constexpr std::size_t kMaxCandidates = 20;
constexpr std::size_t kMaxName = 60;

Result<double> number_within(const json::object& object, std::string_view key, double fallback, double least, double most, const std::string& where) {
    const auto* value = object.if_contains(key);
    if (value == nullptr) return fallback;
    if (!value->is_number()) return fail(Code::invalid, format("{}: \"{}\" is a number", where, key));
    const double number = value->to_number<double>();
    if (!(number >= least && number <= most)) return fail(Code::invalid, format("{}: \"{}\" is from {} to {}", where, key, least, most));
    return number;
}

Result<Column::Kind> kind_of(std::string_view word, const std::string& where) {
    if (word == "number") return Column::Kind::number;
    if (word == "category") return Column::Kind::category;
    if (word == "label") return Column::Kind::label;
    if (word == "ignored") return Column::Kind::ignored;
    return fail(Code::invalid, format("{}: \"kind\" is \"number\", \"category\", \"label\" or \"ignored\"", where));
}

Result<std::vector<Column>> read_columns(const json::object& object, std::string_view name) {
    TRY(const json::array all, array_at(object, "columns", name));
    if (all.size() > kMaxColumns) return fail(Code::invalid, format("{}: at most {} columns", name, kMaxColumns));
    std::vector<Column> columns;
    std::set<std::string> names;
    std::size_t labels = 0;
    for (const json::value& one : all) {
        const std::string where = format("{}: columns[{}]", name, columns.size());
        if (!one.is_object()) return fail(Code::invalid, format("{} is an object", where));
        const json::object& given = one.get_object();
        TRY_DO(check_keys(given, {"name", "kind", "words"}, where));
        Column column;
        TRY(column.name, string_at(given, "name", where));
        if (column.name.empty() || !names.insert(column.name).second) return fail(Code::invalid, format("{}: each column has a name of its own", where));
        TRY(column.kind, kind_of(string_or(given, "kind", "number"), where));
        column.words = string_or(given, "words", column.name);
        labels += std::size_t{column.kind == Column::Kind::label};
        columns.push_back(std::move(column));
    }
    if (labels != 1) return fail(Code::invalid, format("{}: one column is the label", name));
    return columns;
}

Result<Candidate> read_candidate(const json::object& object, const std::string& where) {
    TRY_DO(check_keys(object, {"name", "rounds", "trees_per_round", "depth", "rate", "rows", "columns", "invented", "even_types"}, where));
    Candidate one;
    TRY(one.name, string_at(object, "name", where));
    TRY(const double rounds, number_within(object, "rounds", one.rounds, 1, 2000, where));
    TRY(const double trees, number_within(object, "trees_per_round", one.trees_per_round, 1, 20, where));
    TRY(const double depth, number_within(object, "depth", one.depth, 1, 16, where));
    one.rounds = static_cast<int>(rounds);
    one.trees_per_round = static_cast<int>(trees);
    one.depth = static_cast<int>(depth);
    TRY(one.rate, number_within(object, "rate", one.rate, 0.001, 1, where));
    TRY(one.rows, number_within(object, "rows", one.rows, 0.05, 1, where));
    TRY(one.columns, number_within(object, "columns", one.columns, 0.05, 1, where));
    TRY(one.invented, number_within(object, "invented", one.invented, 0, 5, where));
    one.even_types = bool_or(object, "even_types", false);
    return one;
}

}  // namespace

Result<Protocol> parse_protocol(std::string_view text, std::string_view name) {
    TRY(const json::value value, within(parse_json(text), std::string(name)));
    if (!value.is_object()) return fail(Code::invalid, format("{}: a protocol is an object", name));
    const json::object& object = value.get_object();
    TRY_DO(check_keys(object, {"name", "format", "source", "columns", "normal", "candidates", "folds", "seed", "false_alarms", "label_weight"}, name));
    Protocol protocol;
    protocol.text = text;
    TRY(protocol.name, string_at(object, "name", name));
    const bool plain = !protocol.name.empty() && protocol.name.size() <= kMaxName &&
                       protocol.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
    if (!plain) return fail(Code::invalid, format("{}: \"name\" has 1 to {} small letters, digits and hyphens", name, kMaxName));
    const std::string form = string_or(object, "format", "csv");
    if (form != "csv" && form != "http") return fail(Code::invalid, format("{}: \"format\" is \"csv\" or \"http\"", name));
    protocol.format = form == "csv" ? Protocol::Format::csv : Protocol::Format::http;
    if (protocol.format == Protocol::Format::csv) {
        TRY(protocol.columns, read_columns(object, name));
    }
    protocol.normal = string_or(object, "normal", "normal");
    TRY(const double folds, number_within(object, "folds", protocol.folds, 2, 20, std::string(name)));
    protocol.folds = static_cast<int>(folds);
    TRY(const double seed, number_within(object, "seed", 1, 0, 1e9, std::string(name)));
    protocol.seed = static_cast<std::uint64_t>(seed);
    TRY(protocol.false_alarms, number_within(object, "false_alarms", protocol.false_alarms, 0.00001, 0.5, std::string(name)));
    TRY(protocol.label_weight, number_within(object, "label_weight", protocol.label_weight, 0.01, 1000, std::string(name)));
    TRY(const json::array candidates, array_at(object, "candidates", name));
    for (const json::value& one : candidates) {
        const std::string where = format("{}: candidates[{}]", name, protocol.candidates.size());
        if (!one.is_object()) return fail(Code::invalid, format("{} is an object", where));
        TRY(Candidate candidate, read_candidate(one.get_object(), where));
        protocol.candidates.push_back(std::move(candidate));
    }
    if (protocol.candidates.empty() || protocol.candidates.size() > kMaxCandidates) return fail(Code::invalid, format("{}: 1 to {} candidates", name, kMaxCandidates));
    return protocol;
}

Result<Protocol> shipped_protocol(std::string_view name) {
    for (const EmbeddedFile& file : embedded_files()) {
        if (file.name == format("{}.json", name)) return parse_protocol(file.content, file.name);
    }
    return fail(Code::not_found, format("there is no protocol \"{}\"; the program brings network-flows and http-requests", name));
}

}  // namespace madang::learning
