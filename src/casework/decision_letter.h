// What the letter of a decision says. It is made once, in the transaction of the decision, in the applicant's language,
// and never made again: not when the pack changes, not when the case is opened anew.
// Written format: docs/formats/decision-letter.md
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/language.h"
#include "documents/letter.h"

namespace madang::casework {

// What was decided, and who or what did it.
enum class Effect { granted, refused, lapsed, unpaid, allowed, dismissed };
enum class Way { officer, rule, law };
std::string_view name_of(Effect effect);
std::string_view name_of(Way way);

// The sentence that the letter begins with: a source text of casework/po.
std::string_view sentence_of(Effect effect, Way way);

struct DecisionLetter {
    std::string language;
    std::string receipt, case_id, body, service;
    Effect effect = Effect::refused;
    Way way = Way::officer;
    std::string decided_at;              // RFC 3339
    std::string rule_version;            // of the service's files, by which it was decided
    std::string article;                 // as it stands in the pack, not translated
    std::string appeal_body, appeal_until;   // empty where no appeal is possible
    std::string salt;                    // hexadecimal; so that the hash in the ledger tells nothing
    json::value trace;                   // how the rule came to it; null where the rule decided nothing
    // As it is printed, in `language`.
    std::string issuer, title, place_and_date, addressee, sentence;
    std::vector<documents::LetterRow> rows;
    std::vector<std::string> how;        // the trace in sentences
    std::string remedy;                  // what can be done against it
};

json::object to_json(const DecisionLetter& letter);
Result<DecisionLetter> parse_decision_letter(std::string_view text);
// SHA-256 of its canonical JSON (RFC 8785), in hexadecimal digits: what the act commits to.
std::string hash_of(const DecisionLetter& letter);
// As a message of the case tells it.
std::string in_short(const DecisionLetter& letter);
// As it is drawn.
documents::Letter paper_of(const DecisionLetter& letter, std::string_view hash, const Catalogue& words);

// The words of a language: the pack's, then casework's own. Code::invalid where a catalogue is broken.
Result<Catalogue> letter_words(const Catalogue& pack_words, std::string_view language);
// Casework's own words in a language; empty where there are none.
std::string_view own_words(std::string_view language);

}  // namespace madang::casework
