#include "learning/table.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "base/check.h"
#include "base/text.h"
#include "learning/http_features.h"

namespace madang::learning {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{8} << 30;

constexpr std::size_t kNowhere = SIZE_MAX;

// The cells of a line; quotes around a cell are no part of it, and what is in them may hold commas.
void split_cells(std::string_view line, std::vector<std::string_view>& cells) {
    cells.clear();
    for (std::size_t from = 0; from <= line.size();) {
        std::size_t end = std::min(line.find(',', from), line.size());
        std::string_view cell = line.substr(from, end - from);
        if (cell.starts_with('"')) {
            std::size_t quote = line.find('"', from + 1);
            while (quote != std::string_view::npos && quote + 1 < line.size() && line[quote + 1] != ',') quote = line.find('"', quote + 1);
            if (quote != std::string_view::npos) {
                end = quote + 1;
                cell = line.substr(from + 1, quote - from - 1);
            }
        }
        cells.push_back(cell);
        from = end + 1;
    }
}

// The records of a text: without empty lines and the columns' names, which say in what order the columns stand.
struct Lines {
    const Protocol& protocol;
    std::string_view text;
    std::size_t number = 0;           // of the line, from 1
    std::size_t named = 0;            // columns of a first line that names them; 0 without one
    std::vector<std::size_t> place;   // of each column of the protocol, which cell it is; then also kNowhere

    static Result<Lines> open(const Protocol& protocol, std::string_view text) {
        if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
        Lines lines{protocol, text, 0, 0, {}};
        for (std::size_t i = 0; i < protocol.columns.size(); ++i) lines.place.push_back(i);
        Lines ahead = lines;
        const auto first = ahead.next();
        if (!first || first->size() > kMaxRecordBytes || protocol.columns.empty()) return lines;
        TRY_DO(lines.read_names(*first));
        if (lines.named > 0) {
            lines.text = ahead.text;
            lines.number = ahead.number;
        }
        return lines;
    }

    std::optional<std::string_view> next() {
        while (!text.empty()) {
            const std::size_t end = std::min(text.find('\n'), text.size());
            std::string_view line = text.substr(0, end);
            text.remove_prefix(std::min(end + 1, text.size()));
            ++number;
            if (line.ends_with('\r')) line.remove_suffix(1);
            if (!line.empty()) return line;
        }
        return std::nullopt;
    }

private:
    // No record holds the names of two columns.
    Result<void> read_names(std::string_view line) {
        std::vector<std::string_view> cells;
        split_cells(line, cells);
        std::vector<std::size_t> found(protocol.columns.size(), kNowhere);
        std::size_t names = 0;
        std::string_view twice;
        for (std::size_t cell = 0; cell < cells.size(); ++cell) {
            for (std::size_t i = 0; i < protocol.columns.size(); ++i) {
                if (!equal_ignoring_ascii_case(trim(cells[cell]), protocol.columns[i].name)) continue;
                if (found[i] == kNowhere) ++names;
                else twice = protocol.columns[i].name;
                found[i] = cell;
            }
        }
        if (names < 2) return {};
        if (!twice.empty()) return fail(Code::invalid, format("the column {} is named twice", twice));
        for (std::size_t i = 0; i < found.size(); ++i) {
            if (found[i] == kNowhere && protocol.columns[i].kind != Column::Kind::ignored) return fail(Code::invalid, format("the column {} is not named", protocol.columns[i].name));
        }
        place = std::move(found);
        named = cells.size();
        return {};
    }
};

// What stands for "not known" in public data sets.
bool is_missing(std::string_view cell) { return cell.empty() || cell == "?"; }

}  // namespace

// from_chars for floats takes "inf" and "nan" too; a record must not hold them.
bool read_number(std::string_view text, float& out) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    const auto end = text.data() + text.size();
    const auto [stop, problem] = std::from_chars(text.data(), end, out);
    return problem == std::errc() && stop == end && std::isfinite(out);
}

json::array Features::to_json() const {
    json::array made;
    for (const Feature& one : all) {
        made.push_back(json::object{{"name", one.name}, {"words", one.words}, {"column", one.column}, {"category", one.category}});
    }
    return made;
}

Result<Features> parse_features(const json::array& all, const Protocol& protocol, std::string_view where) {
    if (all.size() > kMaxFeatures) return fail(Code::invalid, format("{}: at most {} features", where, kMaxFeatures));
    Features features;
    features.of_column.resize(protocol.columns.size());
    for (const json::value& one : all) {
        if (!one.is_object()) return fail(Code::corrupted, format("{}: a feature is an object", where));
        const json::object& object = one.get_object();
        Feature feature;
        TRY(feature.name, string_at(object, "name", where));
        feature.words = string_or(object, "words", feature.name);
        feature.column = static_cast<std::size_t>(integer_or(object, "column", 0));
        feature.category = string_or(object, "category", "");
        if (protocol.format == Protocol::Format::csv) {
            if (feature.column >= protocol.columns.size()) return fail(Code::corrupted, format("{}: a feature of no column", where));
            if (protocol.columns[feature.column].kind == Column::Kind::category) features.of_column[feature.column][feature.category] = features.all.size();
        }
        features.all.push_back(std::move(feature));
    }
    return features;
}

TableReader::TableReader(const Protocol& protocol, const Features* features) : protocol_(protocol), given_(features) {
    for (std::size_t i = 0; i < protocol.columns.size(); ++i) {
        const Column::Kind kind = protocol.columns[i].kind;
        if (kind == Column::Kind::number || kind == Column::Kind::category) kept_.push_back(i);
    }
    seen_.resize(kept_.size());
    seen_at_.resize(kept_.size());
}

Result<void> TableReader::add_type(std::string_view label) {
    // Some sets end the label with a full stop.
    if (label.ends_with('.')) label.remove_suffix(1);
    if (label.empty()) return fail(Code::invalid, "the label is empty");
    auto found = type_at_.find(label);
    if (found == type_at_.end()) {
        if (types_.size() == kMaxTypes) return fail(Code::exhausted, format("more than {} types of records", kMaxTypes));
        found = type_at_.emplace(label, types_.size()).first;
        types_.emplace_back(label);
    }
    if (type_.size() == kMaxRows) return fail(Code::exhausted, format("more than {} records", kMaxRows));
    type_.push_back(found->second);
    return {};
}

Result<void> TableReader::read_csv(std::string_view line, const std::vector<std::size_t>& place, std::size_t named) {
    split_cells(line, cells_);
    const auto other_count = [&] { return fail(Code::invalid, format("{} columns where the {} {}", cells_.size(), named > 0 ? "first line names" : "protocol has", named > 0 ? named : protocol_.columns.size())); };
    if (named > 0 && cells_.size() > named) return other_count();
    if (named == 0 && cells_.size() > protocol_.columns.size()) return fail(Code::invalid, format("more than the {} columns of the protocol", protocol_.columns.size()));
    std::string_view label;
    std::size_t kept = 0;
    for (std::size_t column = 0; column < protocol_.columns.size(); ++column) {
        const Column& about = protocol_.columns[column];
        if (about.kind == Column::Kind::ignored) continue;
        // What is not looked at may be missing at the end: a test file comes with the difficulty or without it.
        if (place[column] >= cells_.size()) return other_count();
        const std::string_view cell = trim(cells_[place[column]]);
        if (about.kind == Column::Kind::label) {
            label = cell;
        } else if (about.kind == Column::Kind::number) {
            float number = std::numeric_limits<float>::quiet_NaN();
            if (is_missing(cell)) ++missing_;
            else if (!read_number(cell, number)) return fail(Code::invalid, format("{}: \"{}\" is no number; one that is not known is left empty", about.name, cell.substr(0, 40)));
            raw_.push_back(number);
            ++kept;
        } else {
            auto found = seen_at_[kept].find(cell);
            if (found == seen_at_[kept].end()) {
                if (seen_[kept].size() == kMaxCategories) return fail(Code::exhausted, format("{}: more than {} different values", about.name, kMaxCategories));
                found = seen_at_[kept].emplace(cell, seen_[kept].size()).first;
                seen_[kept].emplace_back(cell);
            }
            raw_.push_back(static_cast<float>(found->second));
            ++kept;
        }
    }
    return add_type(label);
}

Result<void> TableReader::read_request(std::string_view line) {
    TRY(const LabelledRequest request, parse_labelled_request(line));
    const auto made = http_features(request.request);
    raw_.insert(raw_.end(), made.begin(), made.end());
    return add_type(request.label);
}

Result<void> TableReader::read_text(std::string_view text, std::string_view name) {
    auto lines = Lines::open(protocol_, text);
    if (!lines) return fail(lines.error().code, format("{}:1: {}", name, lines.error().message));
    while (const auto line = lines->next()) {
        auto read = line->size() > kMaxRecordBytes ? Result<void>(fail(Code::exhausted, format("a record of more than {} bytes", kMaxRecordBytes)))
                    : protocol_.format == Protocol::Format::csv ? read_csv(*line, lines->place, lines->named)
                                                                : read_request(*line);
        if (!read) return fail(read.error().code, format("{}:{}: {}", name, lines->number, read.error().message));
    }
    return {};
}

std::vector<std::string> TableReader::lines_at(const Protocol& protocol, std::string_view text, const std::vector<std::size_t>& numbers) {
    std::vector<std::string> found;
    auto lines = Lines::open(protocol, text);
    if (!lines) return found;
    std::vector<std::string_view> cells;
    std::size_t at = 0;
    for (auto line = lines->next(); line && found.size() < numbers.size(); line = lines->next(), ++at) {
        if (numbers[found.size()] != at) continue;
        if (lines->named == 0) {
            found.emplace_back(*line);
            continue;
        }
        split_cells(*line, cells);
        std::string ordered;
        for (std::size_t i = 0; i < lines->place.size(); ++i) ordered += format("{}{}", i > 0 ? "," : "", lines->place[i] < cells.size() ? cells[lines->place[i]] : std::string_view());
        found.push_back(std::move(ordered));
    }
    return found;
}

Result<void> TableReader::read(const Path& file, const std::function<void(std::uint64_t, std::uint64_t)>& at) {
    TRY(const std::string text, read_file(file, kMaxFileBytes));
    TRY_DO(read_text(text, file.string()));
    if (at) at(text.size(), text.size());
    return {};
}

Features TableReader::make_features() const {
    Features features;
    features.of_column.resize(protocol_.columns.size());
    if (protocol_.format == Protocol::Format::http) {
        for (const auto& one : http_feature_names()) features.all.push_back({std::string(one.name), std::string(one.words), 0, ""});
        return features;
    }
    for (std::size_t place = 0; place < kept_.size(); ++place) {
        const Column& column = protocol_.columns[kept_[place]];
        if (column.kind == Column::Kind::number) {
            features.all.push_back({column.name, column.words, kept_[place], ""});
            continue;
        }
        for (const auto& [value, seen] : seen_at_[place]) {   // by the alphabet, so that the order of rows decides nothing
            features.of_column[kept_[place]][value] = features.all.size();
            features.all.push_back({format("{}={}", column.name, value), format("{} is {}", column.words, value), kept_[place], value});
        }
    }
    return features;
}

Result<TableReader::Made> TableReader::finish() {
    Made made;
    made.features = given_ != nullptr ? *given_ : make_features();
    if (made.features.size() > kMaxFeatures) return fail(Code::exhausted, format("more than {} features", kMaxFeatures));
    Table& table = made.table;
    table.width = made.features.size();
    table.type = std::move(type_);
    table.types = std::move(types_);
    if (protocol_.format == Protocol::Format::http) {
        table.values = std::move(raw_);
        return made;
    }
    table.values.assign(table.rows() * table.width, 0.0F);
    std::vector<std::size_t> number_at(kept_.size());
    for (std::size_t feature = 0; feature < made.features.size(); ++feature) {
        for (std::size_t place = 0; place < kept_.size(); ++place) {
            if (made.features.all[feature].column == kept_[place]) number_at[place] = feature;
        }
    }
    for (std::size_t row = 0; row < table.rows(); ++row) {
        float* to = table.values.data() + row * table.width;
        for (std::size_t place = 0; place < kept_.size(); ++place) {
            const float value = raw_[row * kept_.size() + place];
            const std::size_t column = kept_[place];
            if (protocol_.columns[column].kind == Column::Kind::number) {
                to[number_at[place]] = value;
                continue;
            }
            const auto& of_value = made.features.of_column[column];
            const auto found = of_value.find(seen_[place][static_cast<std::size_t>(value)]);
            if (found != of_value.end()) to[found->second] = 1.0F;
        }
    }
    return made;
}

}  // namespace madang::learning
