// The static rules of BPMN 2.0.2, checked over the XML of a model and of the models that it imports: what
// the schema cannot say. Numbered as in the published list of constraints (EXT.nnn), which the public
// suites use; REF.exists, REF.type and REF.ends are the references of the standard's class diagrams; XSD.attribute,
// XSD.element and XSD.value are words that BPMN20.xsd does not know, XSD.missing and XSD.order what it wants besides.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace madang::process {

struct Violation {
    std::string rule;      // "EXT.096"; two numbers that say the same stand as "EXT.028,EXT.152"
    std::string clause;    // of BPMN 2.0.2
    std::string message;   // in plain language
    std::string file;
    std::string element;   // "startEvent" or "startEvent _2", where it has an id
    std::size_t line = 0;
};

// What a deployment refuses. Only a warning are the descriptions that this engine does without: a formal
// expression without its xsi:type and a script without a format are FEEL (EXT.012, EXT.053), an operation is named
// by madang:operation (EXT.128), a gateway that decides nothing passes on (EXT.135), a name is a convention (EXT.076); and
// what the schema wants in another order or besides: nothing is read wrongly for it.
bool is_warning(const Violation& violation);

// The text of an imported file, by its location relative to the checked file. Code::not_found where there is none.
using Importer = std::function<Result<std::string>(std::string_view location)>;

// Every breach of a rule, by file and line; empty where the model keeps them all. Fails with Code::invalid on
// what is no BPMN file, with Code::exhausted beyond the limits (100 files, 200,000 elements).
Result<std::vector<Violation>> check_rules(std::string_view xml, std::string_view name, const Importer& importer = {});

// "residence.bpmn:12: <startEvent _2>: … (EXT.096, clause 10.5.2)"
std::string to_text(const Violation& violation);

// Fails with Code::invalid and every breach that is no warning, one a line.
Result<void> require_rules(std::string_view xml, std::string_view name, const Importer& importer = {});

}  // namespace madang::process
