// Finding the cases of a body, closed ones too, a page at a time: what the inbox, the command line and the API show.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "casework/case.h"

namespace madang::casework {

struct CaseFilter {
    // waiting: for an officer or for the applicant's answer, and what nobody moved in time. closed: newest first.
    enum class Which { waiting, open, closed, all };
    Which which = Which::waiting;
    std::optional<Status> status = {};   // this one alone, whatever `which` says
    std::string service = {};            // by id
    std::string role = {};               // with an open task for it
    std::string assignee = {};           // account id
    bool nobodys = false;                // nobody has it
    bool overdue = false;                // the date is past, and the body is asked
    std::string receipt = {};            // or its beginning; spaces and small letters are as good
};
// "waiting", "open", "closed", "all"; a status; else Code::invalid. Empty is "waiting".
Result<void> set_state(CaseFilter& filter, std::string_view word);

struct CasePage {
    std::vector<CaseSummary> cases;
    std::int64_t total = 0;      // of all pages
    std::int64_t first = 0;      // place of the first of these, from 0
};

inline constexpr std::int64_t kMaxPage = 500;

}  // namespace madang::casework
