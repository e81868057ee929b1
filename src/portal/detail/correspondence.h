// How both sides of a case see its letters, files, fees and kin.
#pragma once

#include "portal/detail/house.h"

namespace madang::portal {

// `side`: who looks; `base` is the case's path, below which its files are.
json::array message_rows(const Portal::House& house, const Visit& visit, const std::vector<casework::Message>& messages, casework::Message::Side side,
                         const std::string& base);
// "12 kB".
std::string size_text(std::int64_t size);
json::array link_rows(const Visit& visit, const std::vector<casework::Link>& links, const std::string& prefix);
json::array payment_rows(const Portal::House& house, const Visit& visit, const std::vector<casework::Payment>& payments);

// A form with files, after its token was checked; else the page to show instead.
struct Written {
    std::string text;
    std::vector<casework::Upload> files;
};
std::expected<Written, Response> read_written(const Portal::House& house, const Visit& visit);
// A form without files.
std::expected<http::Fields, Response> read_fields(const Portal::House& house, const Visit& visit);
// Why a step was not done, in words, with the way back.
Response not_done(const Portal::House& house, const Visit& visit, const Error& error, const std::string& back);
Response file_of(const Portal::House& house, const Visit& visit, const casework::CaseSummary& summary, const identity::Access& access);

// The process of a case as a picture in the visitor's language, and its steps as a list; nothing where there is none.
Result<std::optional<std::string>> course_picture(const Portal::House& house, const Visit& visit, const casework::CaseSummary& summary);
// A model with its names in the visitor's language.
Result<process::Diagram> named_diagram(const Visit& visit, const casework::Casework::Course& course, std::string_view name);
Response picture_of(const Portal::House& house, const Visit& visit, const casework::CaseSummary& summary);
Result<json::array> course_steps(const Portal::House& house, const Visit& visit, const casework::CaseSummary& summary);

// An act of a case, in the applicant's words.
std::string act_text(const Visit& visit, const ledger::Act& act);
// The same page's clock and acts as an officer of the body sees them.
Result<void> add_clock(const Portal::House& house, const Visit& visit, const casework::CaseSummary& summary, json::object& data);
// What was answered before each amendment, and what came in its place.
void add_versions(const Portal::House& house, const Visit& visit, const casework::CaseSummary& summary, const casework::CaseContent& content, json::object& data);
// What the law let happen where the term ended without an answer, each with its article; and how often the term was extended.
json::array effect_rows(const Portal::House& house, const Visit& visit, const std::vector<ledger::Act>& acts);
// A warning for the officer: how much of the term is used up; empty before half of it, and once it is overdue.
std::string used_text(const Visit& visit, int used);
std::string extended_text(const Visit& visit, const casework::Terms::Extended& extended);
Result<void> add_acts(const Portal::House& house, const Visit& visit, const casework::CaseSummary& summary, json::object& data);

// The day before a moment at midnight: the last that counts.
std::string last_day(const Portal::House& house, const Visit& visit, Instant end);

inline constexpr std::size_t kMaxLetterBody = casework::kMaxFileBytes * casework::kMaxFilesOfMessage + (64U << 10);

}  // namespace madang::portal
