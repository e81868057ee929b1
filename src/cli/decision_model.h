// A DMN file of the command line: with what it imports from its own folder, which decision a person most
// likely means, and its inputs given as JSON.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/language.h"
#include "decision/decision.h"

namespace madang::cli {

inline constexpr std::size_t kMaxModelBytes = 8U << 20;
inline constexpr std::size_t kMaxModelsBeside = 200;   // files of the folder in which imports are looked for

struct DecisionModel {
    decision::Decisions decisions;
    std::string name;                            // as the command line gave it
    std::vector<std::string> tops;               // decisions of the file that none of its decisions requires

    // The temporal type of a value, or the parts of one: JSON has no dates, so texts are read as the model's
    // input data says.
    struct Shape {
        std::string base;                        // "date", "time", "date and time", "duration", or ""
        std::map<std::string, Shape, std::less<>> parts;
    };
    std::map<std::string, Shape, std::less<>> inputs;

    // The decision that was asked for, else the only one of `tops`; Code::invalid lists what there is.
    Result<std::string> choose(const std::string& asked) const;
    // Texts where the model asks for a date, time or duration become such values, if they can be read so.
    feel::Context input_of(const json::object& given) const;
};

// Imports are found by namespace among the *.dmn files beside it.
Result<DecisionModel> load_decision_model(const std::string& file, decision::Mistakes mistakes);

// The words for people who read `language` of a model in this place: those of the pack that it lies in, then
// those of the program. English needs none; Code::not_found for another language without any.
Result<Catalogue> words_beside(const Path& model, std::string_view language);

}  // namespace madang::cli
