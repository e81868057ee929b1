// What stands in a case, for its applicant and for the officers of its body: letters, files, the decision, the acts, the term.
#include <cstdlib>
#include <memory>

#include "api/problem.h"
#include "api/session.h"
#include "api/summary.h"
#include "base/text.h"
#include "base/time_text.h"
#include "base/zip.h"

namespace madang::api {
namespace {

using casework::CaseSummary;
using http::Request;
using http::Response;

// A case and in what capacity it is read.
struct Reading {
    CaseSummary summary;
    identity::Access access;
};
using Read = std::expected<Reading, Response>;

Response not_there(const Error& error) { return problem(error, error.code == Code::invalid ? 404 : status_of(error.code)); }

Read of_applicant(const Parts& parts, const Request& request) {
    const auto session = session_of(parts, request);
    if (!session) return std::unexpected(not_signed_in(session.error()));
    auto summary = parts.casework.find_case(request.parameter("receipt"), {session->account, session->person});
    if (!summary) return std::unexpected(not_there(summary.error()));
    identity::Access access{.who = session->account, .capacity = summary->applicant.capacity, .body = {}, .case_id = summary->id.text(),
                            .legal_ground = summary->applicant.legal_ground};
    return Reading{std::move(*summary), std::move(access)};
}

Read of_officer(const Parts& parts, const Request& request) {
    const auto session = session_of(parts, request);
    if (!session) return std::unexpected(not_signed_in(session.error()));
    const auto body = session->body_as("officer");
    if (!body) return std::unexpected(problem({Code::denied, "this account is no officer of a body"}));
    auto summary = parts.casework.find_for_officer(request.parameter("receipt"), {session->account, *body, session->staff_person});
    if (!summary) return std::unexpected(not_there(summary.error()));
    const auto* service = parts.pack.find_service(summary->service);
    identity::Access access{.who = session->account, .capacity = "officer", .body = *body, .case_id = summary->id.text(),
                            .legal_ground = service == nullptr ? summary->applicant.legal_ground : service->legal_ground()};
    return Reading{std::move(*summary), std::move(access)};
}

Response letter(const Parts& parts, const Reading& one, const Request&) {
    const auto found = parts.casework.decisions().find(one.summary, one.access);
    if (!found) return problem(found.error());
    if (!*found) return problem({Code::not_found, "this case has no letter of a decision"});
    return answer({{"sha256", (**found).sha256},
                   {"pdf_sha256", (**found).pdf_sha256.empty() ? json::value(nullptr) : json::value((**found).pdf_sha256)},
                   {"letter", casework::to_json((**found).letter)}});
}

Response letter_file(const Parts& parts, const Reading& one, bool signature) {
    const auto paper = parts.casework.decisions().open_signed(one.summary, one.access);
    if (!paper) return problem(paper.error());
    const std::string name = format("decision-{}.pdf", one.summary.receipt);
    return signature ? Response::download(std::string(as_text(paper->signature)), "application/pkcs7-signature", name + ".p7s")
                     : Response::download(std::string(as_text(paper->pdf)), "application/pdf", name);
}
Response letter_pdf(const Parts& parts, const Reading& one, const Request&) { return letter_file(parts, one, false); }
Response letter_signature(const Parts& parts, const Reading& one, const Request&) { return letter_file(parts, one, true); }

Response history(const Parts& parts, const Reading& one, const Request&) {
    auto proved = parts.casework.provable_history(one.summary);
    return proved ? Response::bytes(std::move(*proved), "application/json") : problem(proved.error());
}

Response messages(const Parts& parts, const Reading& one, const Request&) {
    const auto found = parts.casework.letters().messages(one.summary, one.access);
    if (!found) return problem(found.error());
    json::array all;
    for (const auto& message : *found) all.push_back(message_of(message));
    return answer({{"messages", std::move(all)}});
}

Response file(const Parts& parts, const Reading& one, const Request& request) {
    const auto number = parse_decimal(request.parameter("number"));
    const auto place = parse_decimal(request.parameter("place"));
    if (!number || !place || *number > 1'000'000 || *place > casework::kMaxFilesOfMessage) return problem({Code::not_found, "there is no such file"});
    const auto found = parts.casework.letters().file(one.summary, static_cast<std::int64_t>(*number), *place, one.access);
    return found ? Response::download(std::string(as_text(found->bytes)), found->about.media_type, found->about.name) : problem(found.error());
}

json::array tasks_done(const casework::CaseContent& content) {
    json::array all;
    for (const casework::TaskDone& task : content.tasks) {
        all.push_back(json::object{{"node", task.node}, {"name", task.name}, {"outcome", task.outcome}, {"remark", task.remark}, {"account", task.account}, {"acting_for", text_or_null(task.acting_for)}, {"at", task.at},
                                   {"answers", task.answers}});
    }
    return all;
}

// What stands around a case: letters, acts, kin, money.
Result<void> add_around(const Parts& parts, const Reading& one, json::object& object) {
    TRY(const auto messages, parts.casework.letters().messages(one.summary, one.access));
    json::array letters;
    for (const auto& message : messages) letters.push_back(message_of(message));
    object["messages"] = std::move(letters);
    TRY(const auto history, parts.casework.history(one.summary));
    json::array acts;
    for (const ledger::Act& act : history) {
        acts.push_back(json::object{{"id", act.id.text()}, {"at", format_instant(act.at)}, {"kind", act.kind}, {"actor", act.actor}, {"capacity", act.capacity}, {"legal_ground", act.legal_ground}, {"details", act.details}});
    }
    object["acts"] = std::move(acts);
    TRY(const auto kin, parts.casework.procedures().links_of(one.summary));
    json::array links;
    for (const casework::Link& link : kin) links.push_back(json::object{{"kind", casework::name_of(link.kind)}, {"receipt", link.other.receipt}, {"from_here", link.from_here}});
    object["links"] = std::move(links);
    TRY(const auto paid, parts.casework.fees().of_case(one.summary));
    json::array payments;
    for (const casework::Payment& payment : paid) {
        payments.push_back(json::object{{"kind", casework::name_of(payment.kind)}, {"state", casework::name_of(payment.state)}, {"amount", payment.amount}, {"currency", payment.currency}, {"at", format_instant(payment.at)}});
    }
    object["payments"] = std::move(payments);
    return {};
}

// The officer's case: what the register and the rule found, too.
Response office_case(const Parts& parts, const Reading& one, const Request&) {
    const auto content = parts.casework.open_content(one.summary, one.access);
    if (!content) return problem(content.error());
    json::object object = summary_of(one.summary);
    object["assignee"] = text_or_null(one.summary.assignee);
    object["answers"] = content->answers;
    object["facts"] = content->facts;
    object["outcome"] = content->outcome;
    object["trace"] = content->trace;
    object["reason"] = content->reason;
    object["proposal"] = nullptr;
    if (one.summary.status == casework::Status::with_second_officer) object["proposal"] = casework::proposal_of(*content);
    object["tasks_done"] = tasks_done(*content);
    const auto more = add_around(parts, one, object);
    return more ? answer(object) : problem(more.error());
}

Response duplicates(const Parts& parts, const Reading& one, const Request&) {
    const auto found = parts.casework.procedures().duplicates_of(one.summary);
    if (!found) return problem(found.error());
    json::array all;
    for (const CaseSummary& other : *found) all.push_back(summary_of(other));
    return answer({{"cases", std::move(all)}});
}

// A name of its own below the folder for temporary files, gone with what stands in it.
class ScratchFolder {
public:
    static Result<std::unique_ptr<ScratchFolder>> make() {
        std::error_code error;
        std::string pattern = (std::filesystem::temp_directory_path(error) / "madang-package-XXXXXX").string();
        if (error || ::mkdtemp(pattern.data()) == nullptr) return fail(Code::unavailable, "there is no folder for temporary files");
        return std::unique_ptr<ScratchFolder>(new ScratchFolder(pattern));
    }
    ~ScratchFolder() {
        std::error_code error;
        std::filesystem::remove_all(path, error);
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    const Path path;

private:
    explicit ScratchFolder(Path made) : path(std::move(made)) {}
};

constexpr std::size_t kMaxPackage = 256U << 20;

Result<Bytes> zipped(const Path& folder, const std::string& name, Instant at) {
    TRY(const auto files, list_files(folder));
    std::vector<ZipEntry> entries;
    std::size_t all = 0;
    for (const std::string& file : files) {
        TRY(const std::string content, read_file(folder / file, kMaxPackage));
        all += content.size();
        if (all > kMaxPackage) return fail(Code::exhausted, format("the package is larger than {} MB; \"madang case package\" writes it", kMaxPackage >> 20));
        entries.push_back({name + "/" + file, Bytes(as_bytes(content).begin(), as_bytes(content).end())});
    }
    return write_zip(entries, at);
}

Response package(const Parts& parts, const Request& request) {
    const auto session = changing_session_of(parts, request);
    if (!session) return not_signed_in(session.error());
    const Read one = of_officer(parts, request);
    if (!one) return one.error();
    const auto scratch = ScratchFolder::make();
    if (!scratch) return problem(scratch.error());
    const std::string name = "case-" + one->summary.receipt;
    const Path folder = (**scratch).path / name;
    const auto made = parts.casework.packages().write(one->summary, one->access, folder);
    if (!made) return problem(made.error());
    const auto zip = zipped(folder, name, one->summary.submitted_at);
    if (!zip) return problem(zip.error());
    Response response = Response::download(std::string(as_text(*zip)), "application/zip", name + ".zip");
    response.headers.set("X-Manifest-Sha256", made->manifest_sha256);
    return response;
}

using Show = Response (*)(const Parts&, const Reading&, const Request&);

}  // namespace

void add_case_file_routes(http::Router& router, const Parts& parts) {
    using Who = Read (*)(const Parts&, const Request&);
    const auto add = [&](const std::string& path, Who who, Show show) {
        router.add(http::Method::get, path, [parts, who, show](const Request& request) {
            const Read one = who(parts, request);
            return one ? show(parts, *one, request) : one.error();
        });
    };
    const std::pair<std::string, Who> sides[] = {{"/api/v1/applications/{receipt}", of_applicant}, {"/api/v1/office/cases/{receipt}", of_officer}};
    for (const auto& [base, who] : sides) {
        add(base + "/letter", who, letter);
        add(base + "/letter.pdf", who, letter_pdf);
        add(base + "/letter.p7s", who, letter_signature);
        add(base + "/history", who, history);
        add(base + "/files/{number}/{place}", who, file);
    }
    add("/api/v1/office/cases/{receipt}", of_officer, office_case);
    add("/api/v1/office/cases/{receipt}/messages", of_officer, messages);
    add("/api/v1/office/cases/{receipt}/versions", of_officer, [](const Parts& house, const Reading& one, const Request&) { return versions_of(house, one.summary, one.access); });
    add("/api/v1/office/cases/{receipt}/duplicates", of_officer, duplicates);
    router.add(http::Method::post, "/api/v1/office/cases/{receipt}/package", [parts](const Request& request) { return package(parts, request); }, {.body_limit = 1024, .body = http::BodyKind::any});
}

}  // namespace madang::api
