// Records as a learner reads them: a row of numbers for each, and the type that somebody gave it.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "learning/protocol.h"

namespace madang::learning {

inline constexpr std::size_t kMaxRows = 5'000'000;
inline constexpr std::size_t kMaxFeatures = 5000;
inline constexpr std::size_t kMaxCategories = 1000;   // of one column
inline constexpr std::size_t kMaxTypes = 10'000;
inline constexpr std::size_t kMaxRecordBytes = 1U << 16;

// A column of numbers made from the data.
struct Feature {
    std::string name;         // "serror_rate", or "service=http"
    std::string words;        // for people
    std::size_t column = 0;   // of the protocol
    std::string category;     // of a category column
};

// What the columns became: fixed by the training data and kept with the model.
struct Features {
    std::vector<Feature> all;
    // For a column of categories, the feature of each value. A value that training did not hold is none of them.
    std::vector<std::map<std::string, std::size_t, std::less<>>> of_column;

    std::size_t size() const { return all.size(); }
    json::array to_json() const;
};
Result<Features> parse_features(const json::array& all, const Protocol& protocol, std::string_view where);

struct Table {
    std::size_t width = 0;                 // features
    std::vector<float> values;             // rows x width, row by row; NaN: not there
    std::vector<std::size_t> type;         // of each row, a place in `types`
    std::vector<std::string> types;        // "normal", "neptune", …
    std::size_t rows() const { return type.size(); }
    const float* row(std::size_t number) const { return values.data() + number * width; }
};

// A finite number, with blanks around it or without.
bool read_number(std::string_view text, float& out);

// Reads records one after the other and makes a table of them.
class TableReader {
public:
    // With `features` the table gets these; without, finish() makes them from what was read.
    explicit TableReader(const Protocol& protocol, const Features* features = nullptr);

    // A file of the protocol's format. Code::invalid with "FILE:LINE: …" for a row that has other columns, a number that is
    // none, a record over kMaxRecordBytes. A first line of the columns' names says in what order they stand; what the protocol
    // does not name is passed over there. A number that is empty or "?" is not known. `at` hears of bytes done.
    Result<void> read(const Path& file, const std::function<void(std::uint64_t done, std::uint64_t total)>& at = {});
    Result<void> read_text(std::string_view text, std::string_view name);
    // The lines of these records, counted from 0, as read_text() counts them, in the protocol's order; `numbers` rise.
    static std::vector<std::string> lines_at(const Protocol& protocol, std::string_view text, const std::vector<std::size_t>& numbers);

    std::size_t rows() const { return type_.size(); }   // that were read
    std::size_t missing() const { return missing_; }    // numbers that are not known

    struct Made {
        Features features;
        Table table;
    };
    Result<Made> finish();

private:
    Result<void> read_csv(std::string_view line, const std::vector<std::size_t>& place, std::size_t named);
    Result<void> read_request(std::string_view line);
    Result<void> add_type(std::string_view label);
    Features make_features() const;

    const Protocol& protocol_;
    const Features* given_;
    std::vector<std::size_t> kept_;                    // columns of the protocol that become numbers
    std::vector<float> raw_;                           // rows x kept_; a category is its place in seen_
    std::vector<std::vector<std::string>> seen_;       // by kept column
    std::vector<std::map<std::string, std::size_t, std::less<>>> seen_at_;
    std::vector<std::string_view> cells_;              // of the line that is read
    std::size_t missing_ = 0;
    std::vector<std::size_t> type_;
    std::vector<std::string> types_;
    std::map<std::string, std::size_t, std::less<>> type_at_;
};

}  // namespace madang::learning
