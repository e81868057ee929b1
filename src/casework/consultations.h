// Other bodies asked in the course of a case, any number at once. They see the question and the files of no one; the clock
// stands while an answer is awaited and goes on with the last of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "casework/case.h"
#include "government/term.h"
#include "store/store.h"

namespace madang::casework {

class Casework;
struct CaseRow;
struct Officer;

struct Consultation {
    std::string body;            // who asks
    CaseId case_id;
    std::int64_t number = 0;     // in the case, from 1
    std::string asked_body;
    std::string asked_by;        // account id
    Instant asked_at{};
    Instant due_at{};
    std::optional<Instant> answered_at;
    std::string answered_by;
    std::string question, answer;
    std::string position;        // "agree", "disagree" or "no_remarks"; empty until answered
    std::string receipt, service;   // of the case, in the inbox of who is asked
};

class Consultations {
public:
    explicit Consultations(Casework& casework) : casework_(casework) {}

    // To each of the bodies the same question, to be answered within the term. Code::invalid for an unknown body or one's own.
    Result<void> ask(const CaseId& id, const Officer& officer, const std::vector<std::string>& bodies, std::string_view question, const government::Term& term);
    // Code::conflict where it was answered; Code::denied for another body's officer.
    Result<void> answer(std::string_view asking_body, const CaseId& id, std::int64_t number, const Officer& officer, std::string_view position, std::string_view text);

    Result<std::vector<Consultation>> of_case(const CaseSummary& summary, const identity::Access& access);
    // What a body has to answer, by date; at most 500. Opening the question is a reading.
    Result<std::vector<Consultation>> inbox(const Officer& officer);
    // How many questions wait for a body.
    Result<std::int64_t> asked_of(std::string_view body);
    // How many of a case are not answered.
    Result<std::int64_t> open(store::Reader& reader, const CaseSummary& summary);

private:
    Result<Consultation> opened(store::Reader& reader, const identity::PersonId& person, Consultation consultation, ByteSpan sealed);

    Casework& casework_;
};

}  // namespace madang::casework
