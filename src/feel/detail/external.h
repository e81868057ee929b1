// Functions that a model names by a class and a method of Java (grammar rule 55, clause 10.3.2.13.4). No code
// from outside is run: a closed table holds what the best known methods of java.lang do with FEEL's values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "feel/expression.h"

namespace madang::feel {

// The body of such a function: a call with its parameters. A method that is not in the table gives a null
// that names it. Blanks in the signature do not count: "max(double, double)".
std::shared_ptr<const Node> external_call(std::string_view class_name, std::string_view signature, const std::vector<std::string>& parameters);

}  // namespace madang::feel
