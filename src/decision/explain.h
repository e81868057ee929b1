// A decision in plain sentences, for the officer who answers for it and the person it is about: what
// decision::evaluate told in its trace, the innermost decision first.
//
//   "same address" is: no.
//   "Residence certificate" is: outcome "officer", reason "…", by rule 2 of its table (Decree No. 200, item 1.3.4).
//   There "Registered somewhere" is yes; "At the stated address" is no.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/language.h"
#include "decision/decision.h"

namespace madang::decision {

inline constexpr std::size_t kMaxSentences = 500;
inline constexpr std::size_t kMaxToldItems = 20;   // of one list or context; how many more there are is told

// The sentences of a trace in the words of a catalogue. Names, values that are texts, and articles of law are
// looked up there too. `language` (BCP 47) sets how numbers and dates are written. What is not a trace gives
// no sentences. They hold what the trace holds, so they are personal data where it is.
std::vector<std::string> explain(const json::value& trace, const Catalogue& words, std::string_view language);

// What explain() and the screens look up in a catalogue: the names of decisions and of the inputs of tables, the sentences that tables answer, and
// the articles of law of their rules. Sorted, without doubles.
std::vector<std::string> words_of(const Decisions& decisions);

}  // namespace madang::decision
