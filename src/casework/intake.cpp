#include "casework/intake.h"

#include <algorithm>
#include <map>

#include "base/bytes.h"
#include "base/csv.h"
#include "base/language.h"
#include "base/text.h"
#include "casework/case_repository.h"
#include "casework/casework.h"
#include "crypto/hash.h"

namespace madang::casework {
namespace {

constexpr auto kSameFile = std::chrono::hours(24 * 30);   // how long a row that comes again is the one that came before
constexpr int kMostRounds = 1000;
constexpr std::string_view kPersonalNumber = "personal_number";
constexpr std::string_view kExemption = "exemption";
constexpr std::size_t kMaxBulkRows = 10'000;

std::vector<std::string> field_keys(const form::Form& form) {
    std::vector<std::string> keys;
    for (const form::Page& page : form.pages) {
        for (const form::Field& field : page.fields) {
            if (!field.key.empty()) keys.push_back(field.key);
        }
    }
    return keys;
}

Result<void> check_header(const CsvRow& header, const form::Form& form, std::string_view name) {
    std::vector<std::string> known = field_keys(form);
    known.emplace_back(kPersonalNumber);
    known.emplace_back(kExemption);
    for (std::size_t i = 0; i < header.size(); ++i) {
        if (std::ranges::find(known, header[i]) == known.end()) {
            const auto near = nearest(header[i], known);
            return fail(Code::invalid, format("{}:1: the form has no field \"{}\"{}", name, header[i], near ? format("; did you mean \"{}\"?", *near) : std::string()));
        }
        if (std::find(header.begin(), header.begin() + static_cast<std::ptrdiff_t>(i), header[i]) != header.begin() + static_cast<std::ptrdiff_t>(i)) {
            return fail(Code::invalid, format("{}:1: the column \"{}\" stands twice", name, header[i]));
        }
    }
    if (std::ranges::find(header, kPersonalNumber) == header.end()) return fail(Code::invalid, format("{}:1: the column \"{}\" is missing", name, kPersonalNumber));
    return {};
}

CounterSubmission submission_of(const CsvRow& header, const CsvRow& row) {
    CounterSubmission submission;
    for (std::size_t i = 0; i < header.size(); ++i) {
        if (header[i] == kPersonalNumber) submission.personal_number = row[i];
        else if (header[i] == kExemption) submission.exemption = row[i];
        else if (!row[i].empty()) {
            // Several choices of one field stand in one cell, parted by semicolons.
            for (const std::string_view choice : split(row[i], ';')) submission.answers[header[i]].emplace_back(trim(choice));
        }
    }
    return submission;
}

// The same row is the same application, however often it is sent, in whatever order its rows and columns stand; rows that are
// alike in one file are as many applications as they are.
std::string key_of(const CounterSubmission& submission, std::map<std::string, std::size_t>& seen) {
    json::object row{{"service", submission.service}, {"person", submission.personal_number}, {"exemption", submission.exemption}};
    for (const auto& [key, texts] : submission.answers) {
        json::array list;
        for (const std::string& text : texts) list.emplace_back(text);
        row["field:" + key] = std::move(list);
    }
    const std::string content = canonical_json(row);
    const std::size_t before = seen[content]++;
    return "csv-" + hex(crypto::sha256(as_bytes(format("{}\n{}", content, before)))).substr(0, 40);
}

}  // namespace

Result<SubmissionOutcome> Intake::at_counter(const CounterSubmission& submission, const Officer& helper) {
    const Parts& parts = casework_.parts_;
    const catalogue::Service* service = parts.pack.find_service(submission.service);
    if (service == nullptr) return fail(Code::not_found, format("there is no service \"{}\"", submission.service));
    if (!parts.pack.government.is_within(service->provider, helper.body) && !parts.pack.government.is_within(helper.body, service->provider)) {
        return fail(Code::denied, "your body does not take in applications for this service");
    }
    const identity::Access access{.who = helper.account, .capacity = "helper", .body = helper.body, .case_id = {}, .legal_ground = service->legal_ground()};
    const Date today = parts.pack.government.time_zone().date(parts.clock.now());
    TRY(const auto person, parts.store.write<std::optional<registers::Person>>(
                               [&](store::Tx& tx) { return parts.population.find_by_personal_number(tx, submission.personal_number, today, access); }));
    if (!person) return fail(Code::not_found, "the population register knows nobody with this personal number");
    return casework_.submit({.service = submission.service,
                             .applicant = {helper.account, person->id, "self", service->legal_ground()},
                             .language = submission.language,
                             .idempotency_key = submission.idempotency_key,
                             .answers = submission.answers,
                             .channel = submission.channel,
                             .exemption = submission.exemption});
}

Result<std::vector<BulkRow>> Intake::from_csv(std::string_view csv, std::string_view name, const std::string& service_id, const std::string& language,
                                              const Officer& helper, const std::function<void(std::size_t, std::size_t)>& each) {
    const catalogue::Service* service = casework_.parts_.pack.find_service(service_id);
    if (service == nullptr) return fail(Code::not_found, format("there is no service \"{}\"", service_id));
    TRY(const auto rows, parse_csv(csv, name, {.rows = kMaxBulkRows + 1}));
    if (rows.empty()) return fail(Code::invalid, format("{}: the file is empty", name));
    TRY_DO(check_header(rows.front(), service->form, name));
    std::vector<BulkRow> report;
    std::map<std::string, std::size_t> seen;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        CounterSubmission submission = submission_of(rows.front(), rows[i]);
        submission.service = service_id;
        submission.language = language;
        submission.channel = "bulk";
        TRY(submission.idempotency_key, free_key(service->provider, helper.account, key_of(submission, seen)));
        BulkRow one{.line = i + 1, .receipt = {}, .problems = {}};
        const auto outcome = at_counter(submission, helper);
        if (!outcome && outcome.error().code != Code::invalid && outcome.error().code != Code::not_found) return std::unexpected(outcome.error());
        if (!outcome) one.problems.push_back(outcome.error().message);
        else if (outcome->receipt) one.receipt = outcome->receipt->receipt;
        else {
            for (const form::Problem& problem : outcome->problems) one.problems.push_back(format("{}: {}", problem.key, fill_in(problem.message, {problem.values.begin(), problem.values.end()})));
        }
        report.push_back(std::move(one));
        if (each) each(i, rows.size() - 1);
    }
    return report;
}

// A row that was taken in long ago and is closed is another application when it comes again: the same certificate next year.
Result<std::string> Intake::free_key(const std::string& body, const identity::AccountId& account, const std::string& key) {
    return casework_.parts_.store.read<std::string>([&](store::Reader& reader) -> Result<std::string> {
        std::string free = key;
        for (int round = 2; round < kMostRounds; ++round) {
            TRY(const auto before, find_by_key(reader, body, account, free));
            if (!before || !is_closed(before->summary.status) || casework_.parts_.clock.now() - before->summary.submitted_at < kSameFile) break;
            free = format("{}-{}", key, round);
        }
        return free;
    });
}

Result<std::vector<CaseSummary>> Intake::taken_in_by(const identity::AccountId& helper, std::size_t limit) {
    return casework_.parts_.store.read<std::vector<CaseSummary>>([&](store::Reader& reader) { return list_taken_in(reader, helper, limit); });
}

}  // namespace madang::casework
