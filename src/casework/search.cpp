#include "casework/search.h"

#include <algorithm>

#include "base/text.h"
#include "casework/case_repository.h"
#include "casework/casework.h"

namespace madang::casework {
namespace {

constexpr std::size_t kMaxReceipt = 40;
constexpr std::string_view kClosed = "('issued','refused','withdrawn','merged','allowed','lapsed')";

// Collects conditions with their values.
class Where {
public:
    Where(const std::string& body, Instant now) : now_(now.time_since_epoch().count()) { text_ = "WHERE body=" + bind(body); }

    void add(const std::string& condition) { text_ += " AND " + condition; }
    std::string bind(store::Value value) {
        values_.push_back(std::move(value));
        return format("${}", values_.size());
    }
    // is_overdue() of case.h.
    std::string overdue() {
        const std::string now = bind(now_);
        const std::string clock = "FROM casework_clock k WHERE k.body=casework_case.body AND k.case_id=casework_case.case_id";
        return format("decided_at IS NULL AND status NOT IN {} AND (EXISTS (SELECT 1 {} AND (k.state='ended' OR (k.state='running' AND casework_case.due_at<{})))"
                      " OR (NOT EXISTS (SELECT 1 {}) AND due_at<{} AND status NOT IN ('awaiting_applicant','awaiting_fee')))", kClosed, clock, now, clock, now);
    }
    void which(CaseFilter::Which which) {
        switch (which) {
            case CaseFilter::Which::waiting:
                add(format("(status IN ('with_officer','with_second_officer','awaiting_applicant') OR (status='received' AND due_at<{}))", bind(now_)));
                return;
            case CaseFilter::Which::open: add(format("status NOT IN {}", kClosed)); return;
            case CaseFilter::Which::closed: add(format("status IN {}", kClosed)); return;
            case CaseFilter::Which::all: return;
        }
    }
    const std::string& text() const { return text_; }
    const store::Values& values() const { return values_; }

private:
    std::int64_t now_;
    std::string text_;
    store::Values values_;
};

// What a person typed of a receipt number, as it is written; nothing where no receipt begins so.
std::optional<std::string> receipt_start(std::string_view typed) {
    std::string start;
    for (const char c : trim(typed)) {
        if (c == ' ') continue;
        const char upper = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        const bool known = (upper >= 'A' && upper <= 'Z') || (upper >= '0' && upper <= '9') || upper == '-';
        if (!known || start.size() == kMaxReceipt) return std::nullopt;
        start.push_back(upper);
    }
    return start;
}

}  // namespace

Result<void> set_state(CaseFilter& filter, std::string_view word) {
    using Which = CaseFilter::Which;
    filter.status.reset();
    if (word.empty() || word == "waiting") filter.which = Which::waiting;
    else if (word == "open") filter.which = Which::open;
    else if (word == "closed") filter.which = Which::closed;
    else if (word == "all") filter.which = Which::all;
    else {
        const auto status = parse_status(word);
        if (!status) return fail(Code::invalid, format("\"{}\" is no state of a case; there are waiting, open, closed, all and the statuses", word.substr(0, 40)));
        filter.status = *status;
    }
    return {};
}

Result<CasePage> Casework::search(const std::string& body, const CaseFilter& filter, std::int64_t first, std::int64_t count) {
    if (first < 0 || count < 1 || count > kMaxPage) return fail(Code::invalid, format("a page has 1 to {} cases", kMaxPage));
    Where where(body, parts_.clock.now());
    const auto receipt = receipt_start(filter.receipt);
    if (!receipt) return CasePage{{}, 0, 0};
    if (!receipt->empty()) where.add(format("receipt LIKE {}", where.bind(*receipt + "%")));
    if (filter.status) where.add("status=" + where.bind(std::string(name_of(*filter.status))));
    else where.which(filter.which);
    if (!filter.service.empty()) where.add("service_id=" + where.bind(filter.service));
    if (!filter.assignee.empty()) where.add("assignee=" + where.bind(filter.assignee));
    if (filter.nobodys) where.add("assignee IS NULL");
    if (filter.overdue) where.add(where.overdue());
    if (!filter.role.empty()) {
        where.add(format("EXISTS (SELECT 1 FROM casework_task t WHERE t.body=casework_case.body AND t.case_id=casework_case.case_id AND t.role={})", where.bind(filter.role)));
    }
    const bool newest_first = !filter.status && filter.which == CaseFilter::Which::closed;
    return parts_.store.read<CasePage>([&](store::Reader& reader) -> Result<CasePage> {
        CasePage page;
        TRY(page.total, count_cases(reader, where.text(), where.values()));
        page.first = first;
        TRY(page.cases, list_cases(reader, format("{} ORDER BY {}, case_id LIMIT {} OFFSET {}", where.text(), newest_first ? "submitted_at DESC" : "due_at", count, page.first), where.values()));
        return page;
    });
}

}  // namespace madang::casework
