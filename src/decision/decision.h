// Decisions by published rules: DMN 1.2 to 1.5 files with decision tables and FEEL literal expressions,
// evaluated with a trace that says which rule answered and by which article of law.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "feel/expression.h"

namespace madang::decision {

// Our attributes on a rule of a decision table.
inline constexpr std::string_view kExtensionNamespace = "https://madang.example/ns/dmn";

struct Model;   // detail/model.h

// A read and checked file; cheap to copy, usable from many threads.
class Decisions {
public:
    explicit Decisions(std::shared_ptr<const Model> model) : model_(std::move(model)) {}
    const Model& model() const { return *model_; }
    const std::shared_ptr<const Model>& shared_model() const { return model_; }
    // The names of its decisions, in the file's order.
    std::vector<std::string> names() const;
    bool has(std::string_view decision) const;   // by id or name
    // Those that no other decision of the file requires.
    std::vector<std::string> final_names() const;

private:
    std::shared_ptr<const Model> model_;
};

// What a mistake in one expression does: it refuses the file, or the expression gives a null that tells
// of it and the rest of the file can be evaluated (as the standard has it, clause 10.3.4).
enum class Mistakes { refuse, give_null };

// A file that another one imports.
struct ImportedFile {
    std::string xml;
    std::string name;
};
// Finds the file of a namespace; `location` is the import's locationURI, which may be empty.
using Importer = std::function<Result<ImportedFile>(std::string_view space, std::string_view location)>;

inline constexpr std::size_t kMaxImports = 50;   // files that one file draws in, over all steps
inline constexpr int kMaxImportDepth = 8;

// Fails with Code::invalid and "NAME:12: <decision id=\"…\">: …". Without an importer a file that imports
// others is refused. What an import named "Base" brings is called Base.NAME in expressions, and inputs of
// an imported file stand in a context under that name.
Result<Decisions> parse_dmn(std::string_view xml, std::string_view name, Mistakes mistakes = Mistakes::refuse,
                            const Importer& importer = {});

// Whether an evaluation also tells how it came about, which costs more than the evaluation itself.
enum class Traced { no, yes };

struct Outcome {
    feel::Value value;
    // {"decision": …, "value": …, "reason": …, "article": …, "required": [ … ],
    //  "rules": [{"table": …, "rule": …, "number": 2, "article": …, "inputs": [{"name": …, "value": …}]}]};
    // holds what the input held, so it is personal data where the input was. Null without Traced::yes.
    json::value trace;
};

// Evaluates a decision (by id, else by name) and what it requires. A FEEL error is a null value with its
// reason; Code::not_found for a decision that is not there.
Result<Outcome> evaluate(const Decisions& decisions, std::string_view decision, const feel::Context& input,
                         const feel::Budget& budget = {}, Traced traced = Traced::yes);
Result<Outcome> evaluate(const Decisions& decisions, std::string_view decision, const json::object& input,
                         const feel::Budget& budget = {}, Traced traced = Traced::yes);
// Calls a decision service (clause 10.4): `input` holds its input decisions and data by name. Several
// outputs give a context of them.
Result<Outcome> evaluate_service(const Decisions& decisions, std::string_view service, const feel::Context& input,
                                 const feel::Budget& budget = {});

}  // namespace madang::decision
