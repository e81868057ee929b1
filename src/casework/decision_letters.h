// The letters of decisions: made and sealed in the transaction of the decision, which commits to them by hash; drawn and
// signed as PDF soon after, outside the writer of the store. A letter is never made again.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "casework/case.h"
#include "casework/decision_letter.h"
#include "store/store.h"

namespace madang::casework {

class Casework;
struct CaseRow;

class DecisionLetters {
public:
    explicit DecisionLetters(Casework& casework) : casework_(casework) {}

    struct Found {
        DecisionLetter letter;
        std::string sha256;          // as the act says
        Instant decided_at{};
        std::optional<Instant> appeal_until = {};
        std::string pdf_sha256 = {}; // empty until it is drawn
    };
    // The last letter of a case; nothing where none was made. The reading is written down.
    Result<std::optional<Found>> find(const CaseSummary& summary, const identity::Access& access);
    // Until when an appeal against the last decision is possible, as its letter says; nothing where it says nothing.
    Result<std::optional<Instant>> appeal_until(const CaseSummary& summary);

    struct Signed {
        Bytes pdf;
        Bytes signature;             // detached CAdES over the PDF, DER
    };
    // Drawn now where the worker has not come to it. Code::not_found where there is no letter.
    Result<Signed> open_signed(const CaseSummary& summary, const identity::Access& access);

    struct Kept {
        std::int64_t number = 0;     // in the case, from 1
        std::string letter;          // its canonical JSON, to which the act of the decision commits
        Signed paper;
    };
    // Every letter of a case, oldest first, drawn now where the worker has not come to it. The reading is written down.
    Result<std::vector<Kept>> all_of(const CaseSummary& summary, const identity::Access& access);

    // Inside the command that decides, once the case says what was decided: keeps the letter, writes it to the applicant,
    // and adds to the details of the act its hash, the version of the rule and the last moment for an appeal.
    Result<void> add(store::Tx& tx, const CaseSummary& summary, const CaseContent& content, Effect effect, json::object& details);

    // Draws and signs one letter that waits; false where none does. One that fails holds up no other.
    Result<bool> work_once(Instant now);
    // Inside another command: it is drawn only when it is asked for.
    Result<void> leave_paper(store::Tx& tx, const CaseSummary& summary, std::int64_t number);

private:
    // Read once for each language: a decision waits for no catalogue.
    Result<const Catalogue*> words_in(const std::string& language);
    Result<DecisionLetter> make(store::Tx& tx, const CaseSummary& summary, const CaseContent& content, Effect effect);
    void add_rows(DecisionLetter& letter, const CaseSummary& summary, const CaseContent& content, const Catalogue& words);
    void add_remedy(DecisionLetter& letter, const CaseSummary& summary, const Catalogue& words);
    struct Waiting;
    Result<void> draw(const Waiting& waiting);

    Casework& casework_;
    std::mutex mutex_;                                    // of words_
    std::map<std::string, Catalogue, std::less<>> words_; // by language
};

}  // namespace madang::casework
