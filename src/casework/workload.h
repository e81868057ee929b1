// How a body stands with its work, for its head: what is open and how old, what is late, how much is done a day, and which
// cases will miss their date at that pace.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "casework/case.h"
#include "government/government.h"

namespace madang::casework {

class Casework;

struct Workload {
    struct Day {
        Date date;
        std::int64_t due = 0;        // open cases whose term ends on that day
        std::int64_t done = 0;       // open cases that the pace reaches by the end of that day, in all
        std::int64_t breaches = 0;   // of those due on that day, how many are not reached in time
    };
    std::string body;
    Instant at{};
    std::int64_t open = 0, unassigned = 0, overdue = 0, waiting = 0;   // waiting: for the applicant, a fee or another body
    std::int64_t half_used = 0, most_used = 0;   // not overdue yet, with half, with four fifths of the term used up
    std::map<std::string, std::int64_t, std::less<>> by_status;        // open ones
    std::map<std::string, std::int64_t, std::less<>> by_service;
    std::map<std::string, std::int64_t, std::less<>> by_officer;       // account id, "" for nobody
    std::array<std::int64_t, 5> ages{};      // in working days: 0–1, 2–5, 6–10, 11–20, more
    std::int64_t received_30 = 0, decided_30 = 0, decided_late_30 = 0; // in the last 30 calendar days
    double pace = 0;                         // decided a working day, over those days
    std::vector<Day> days;                   // today and the next 20 working days
    std::int64_t breaches = 0;               // expected in these days
};

struct CsvRange {
    std::optional<Instant> from = {};    // none: from the first case
    std::optional<Instant> until = {};   // not included; none: to the last
};
// Days as a person gives them, both included, either of them empty. Code::invalid with what is wrong.
Result<CsvRange> csv_range(const government::Government& government, std::string_view from, std::string_view until);

class Workloads {
public:
    explicit Workloads(Casework& casework) : casework_(casework) {}

    Result<Workload> of(const std::string& body);
    // Every case of the body that came in within the range as CSV without personal data of applicants, the oldest first; cells
    // cannot become formulas. `name_of` gives the name of an officer's account by its id.
    using NameOf = std::function<std::string(const identity::AccountId&)>;
    Result<std::string> csv(const std::string& body, const CsvRange& range, const NameOf& name_of);

private:
    Casework& casework_;
};

// Bars of what is due by day, the part that will be late marked, as inline SVG for a page under a strict policy. The words
// are the caller's, in its language.
struct PlotWords {
    std::string title, due, late;
    std::vector<std::string> days;   // one a day of the workload
};
std::string plot_svg(const Workload& workload, const PlotWords& words);
// The same for a terminal: a line a day.
std::string plot_text(const Workload& workload);

}  // namespace madang::casework
