// Other bodies asked in the course of a case, any number at once. They see the question and the files that go with it, no others,
// as long as it is open; the clock
// stands while an answer is awaited and goes on with the last of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "casework/case.h"
#include "casework/letters.h"
#include "government/term.h"
#include "store/store.h"

namespace madang::casework {

class Casework;
struct CaseRow;
struct Officer;

// A file of the case that the asking officer gave with a question.
struct SharedFile {
    FileRef ref;
    Attachment about;
};

struct Consultation {
    std::string body;            // who asks
    CaseId case_id;
    std::int64_t number = 0;     // in the case, from 1
    std::string asked_body;
    std::string asked_by;        // account id
    Instant asked_at{};
    Instant due_at{};
    std::optional<Instant> closed_at;   // answered, left without an answer at the end of its term, or withdrawn
    std::string answered_by;
    std::string question, answer;
    std::string position;        // "agree", "disagree", "no_remarks"; "unanswered", "withdrawn" where nobody answered; empty while open
    std::string receipt, service;   // of the case, in the inbox of who is asked
    std::vector<SharedFile> files;
};

class Consultations {
public:
    explicit Consultations(Casework& casework) : casework_(casework) {}

    // To each of the bodies the same question with the same files of the case, to be answered within the term. Code::invalid for an
    // unknown body, one's own, or a file that the case does not have.
    Result<void> ask(const CaseId& id, const Officer& officer, const std::vector<std::string>& bodies, std::string_view question, const government::Term& term,
                     const std::vector<FileRef>& files = {});
    // One of the files given with a question, for the body that is asked; the reading is written down. Code::not_found for a file
    // that was not given and for another body, Code::conflict once the question is closed.
    Result<Letters::Opened> file(std::string_view asking_body, const CaseId& id, std::int64_t number, const FileRef& file, const Officer& officer);
    // Code::conflict where it was answered; Code::denied for another body's officer.
    Result<void> answer(std::string_view asking_body, const CaseId& id, std::int64_t number, const Officer& officer, std::string_view position, std::string_view text);

    // The body that asked needs the answer no more; the clock goes on with the last. Code::conflict where it is closed already.
    Result<void> withdraw(const CaseId& id, std::int64_t number, const Officer& officer);

    Result<std::vector<Consultation>> of_case(const CaseSummary& summary, const identity::Access& access);
    // What a body has to answer, by date; at most 500. Opening the question is a reading.
    Result<std::vector<Consultation>> inbox(const Officer& officer);
    // How many questions wait for a body.
    Result<std::int64_t> asked_of(std::string_view body);
    // How many of a case are not answered.
    Result<std::int64_t> open(store::Reader& reader, const CaseSummary& summary);

    // Closes a question whose term has ended without an answer: the case goes on without it. False where none has.
    Result<bool> work_once(Instant now);
    // Inside another command: the case is decided or closed, its open questions with it.
    Result<void> close(store::Tx& tx, const CaseSummary& summary);
    // The same for one question, though it cannot be opened.
    Result<void> leave(store::Tx& tx, CaseRow& row, std::int64_t number);

private:
    struct Due {
        std::string body;
        CaseId id = {};
        std::int64_t number = 0;
    };
    Result<void> end_one(const Due& due);
    Result<void> shut(store::Tx& tx, const CaseSummary& summary, Consultation one, ByteSpan sealed, std::string_view how, std::string_view actor);
    Result<Consultation> opened(store::Reader& reader, const identity::PersonId& person, Consultation consultation, ByteSpan sealed);

    Casework& casework_;
};

}  // namespace madang::casework
