#include "casework/escalations.h"

#include <map>

#include "base/text.h"
#include "casework/case_repository.h"
#include "casework/casework.h"
#include "documents/code.h"

namespace madang::casework {
namespace {

using store::Row;

constexpr const char* kInsert =
    "INSERT INTO casework_escalation (superior, body, case_id, at, article) VALUES ($1,$2,$3,$4,$5)"
    " ON CONFLICT (superior, body, case_id) DO UPDATE SET at=excluded.at, article=excluded.article";
constexpr const char* kHere = "EXISTS (SELECT 1 FROM casework_escalation e WHERE e.superior=$1 AND e.body=casework_case.body AND e.case_id=casework_case.case_id)";
constexpr const char* kOpen = "decided_at IS NULL AND status NOT IN ('issued','refused','withdrawn','merged','allowed','lapsed')";
constexpr const char* kAbout = "SELECT case_id, at, article FROM casework_escalation WHERE superior=$1";

struct About {
    std::string case_id;
    Instant at{};
    std::string article;
};
Result<About> about_of(const Row& row) { return About{std::string(row.text(0)), Instant(std::chrono::microseconds(row.integer(1))), std::string(row.text(2))}; }

}  // namespace

Result<std::vector<Escalated>> Escalations::to(std::string_view superior) {
    const std::string body(superior);
    return casework_.parts_.store.read<std::vector<Escalated>>([&](store::Reader& reader) -> Result<std::vector<Escalated>> {
        TRY(auto cases, list_cases(reader, format("WHERE {} ORDER BY CASE WHEN {} THEN 0 ELSE 1 END, CASE WHEN {} THEN due_at ELSE -due_at END LIMIT 500", kHere, kOpen, kOpen), {body}));
        TRY(const auto about, reader.all<About>(kAbout, {body}, about_of));
        std::map<std::string, const About*, std::less<>> by_case;
        for (const About& one : about) by_case[one.case_id] = &one;
        std::vector<Escalated> all;
        for (CaseSummary& one : cases) {
            const auto found = by_case.find(one.id.text());
            if (found == by_case.end()) continue;
            all.push_back({std::move(one), found->second->at, found->second->article});
        }
        return all;
    });
}

Result<std::int64_t> Escalations::open_at(std::string_view superior) {
    return casework_.parts_.store.read<std::int64_t>([&](store::Reader& reader) { return count_cases(reader, format("WHERE {} AND {}", kHere, kOpen), {std::string(superior)}); });
}

Result<Escalated> Escalations::find(std::string_view superior, std::string_view receipt) {
    TRY(const std::string code, documents::parse_code(receipt));
    return casework_.parts_.store.read<Escalated>([&](store::Reader& reader) -> Result<Escalated> {
        TRY(auto cases, list_cases(reader, format("WHERE receipt=$2 AND {}", kHere), {std::string(superior), code}));
        if (cases.empty()) return fail(Code::not_found, "there is no such case before this body");
        TRY(const auto about, reader.first<About>(std::string(kAbout) + " AND body=$2 AND case_id=$3", {std::string(superior), cases.front().body, cases.front().id.text()}, about_of));
        if (!about) return fail(Code::not_found, "there is no such case before this body");
        return Escalated{std::move(cases.front()), about->at, about->article};
    });
}

Result<std::string> Escalations::add(store::Tx& tx, const CaseRow& row, std::string_view article) {
    const auto* body = casework_.parts_.pack.government.find(row.summary.body);
    if (body == nullptr || body->parent.empty()) return std::string();
    TRY_DO(tx.execute(kInsert, {body->parent, row.summary.body, row.summary.id.text(), row.summary.due_at.time_since_epoch().count(), std::string(article)}));
    return body->parent;
}

}  // namespace madang::casework
