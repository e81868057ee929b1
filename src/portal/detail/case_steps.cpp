// What an applicant does in a case after its receipt: answers a letter, writes, withdraws, appeals.
#include "portal/detail/access.h"
#include "portal/detail/correspondence.h"
#include "portal/detail/decision_letter.h"

namespace madang::portal {
namespace {

using House = Portal::House;
using casework::CaseSummary;
using casework::Status;

std::string path_of(const CaseSummary& summary) { return "/case/" + summary.receipt; }

Response write(const House& house, const Request& request, bool answers) {
    const Visit visit = house.visit(request);
    const auto own = own_case(house, visit);
    if (!own) return own.error();
    auto written = read_written(house, visit);
    if (!written) return written.error();
    auto& letters = house.parts.casework.letters();
    const auto sent = answers ? letters.answer_completion(own->summary, own->account, written->text, written->files)
                              : letters.write_to_body(own->summary, own->account, written->text, written->files);
    return sent ? Response::redirect(path_of(own->summary)) : not_done(house, visit, sent.error(), path_of(own->summary));
}

Response withdraw_page(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto own = own_case(house, visit);
    if (!own) return own.error();
    const std::string heading = visit.text("Withdraw the application");
    return house.page(visit, "case_step", heading,
                      {{"heading", heading}, {"explanation", visit.text("Nothing more will be done. You may apply again at any time.")}, {"action", path_of(own->summary) + "/withdraw"},
                       {"button", visit.text("Withdraw it")}, {"warns", true}, {"back_url", path_of(own->summary)}}, 200, path_of(own->summary));
}

Response withdraw(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto own = own_case(house, visit);
    if (!own) return own.error();
    if (const auto fields = read_fields(house, visit); !fields) return fields.error();
    const auto done = house.parts.casework.procedures().withdraw(own->summary, own->account);
    return done ? Response::redirect(path_of(own->summary)) : not_done(house, visit, done.error(), path_of(own->summary));
}

// Says what an amendment does before it is begun.
Response amend_page(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto own = own_case(house, visit);
    if (!own) return own.error();
    const auto possible = house.parts.casework.amendments().possible(own->summary);
    if (!possible) return house.failure(visit, possible.error());
    if (possible->times == 0) return not_done(house, visit, {Code::conflict, ""}, path_of(own->summary));
    const std::string heading = visit.text("Change the application");
    const std::string explanation = visit.text("You see your answers and change them. When you send them, the term begins anew and the work on your application too. You can still do this so many times: {n}.",
                                               {{"n", std::to_string(possible->times)}}) + " (" + visit.text(possible->article) + ")";
    return house.page(visit, "case_step", heading,
                      {{"heading", heading}, {"explanation", explanation}, {"action", path_of(own->summary) + "/amend"}, {"button", visit.text("Change the answers")}, {"back_url", path_of(own->summary)}}, 200,
                      path_of(own->summary));
}

Response amend(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto own = own_case(house, visit);
    if (!own) return own.error();
    if (const auto fields = read_fields(house, visit); !fields) return fields.error();
    const auto possible = house.parts.casework.amendments().possible(own->summary);
    if (!possible) return house.failure(visit, possible.error());
    if (possible->times == 0) return not_done(house, visit, {Code::conflict, ""}, path_of(own->summary));
    const auto content = house.parts.casework.open_content(own->summary, own->access());
    if (!content) return house.failure(visit, content.error());
    const auto draft = house.parts.casework.begin_amendment(own->summary, own->account, *content);
    return draft ? Response::redirect("/draft/" + draft->text() + "/check") : house.failure(visit, draft.error());
}

Response appeal_page(const House& house, const Visit& visit, const OwnCase& own, const std::string& typed, const std::string& mistake) {
    const auto until = house.parts.casework.procedures().appeal_until(own.summary);
    const auto* service = house.parts.pack.find_service(own.summary.service);
    if (!until || service == nullptr || !service->appeal) return house.failure(visit, {Code::not_found, ""});
    const std::string heading = visit.text("Appeal against the decision");
    json::object data{{"heading", heading},
                      {"explanation", visit.text("{body} decides on it. Say what is wrong with the decision. You can appeal until {moment}.",
                                                 {{"body", house.body_name(visit, service->appeal->body)}, {"moment", last_day(house, visit, *until)}})},
                      {"action", path_of(own.summary) + "/appeal"}, {"key", format("appeal-{}-{}", own.summary.receipt, own.summary.decided_at ? own.summary.decided_at->time_since_epoch().count() : 0)}, {"asks_text", true}, {"text_label", visit.text("What is wrong with the decision")},
                      {"text_typed", typed}, {"button", visit.text("Send the appeal")}, {"back_url", path_of(own.summary)}};
    if (!mistake.empty()) {
        data["text_error"] = mistake;
        House::add_mistakes(data, {{"text", mistake}});
    }
    return house.page(visit, "case_step", heading, std::move(data), mistake.empty() ? 200 : 422, path_of(own.summary));
}

Response appeal(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto own = own_case(house, visit);
    if (!own) return own.error();
    const auto fields = read_fields(house, visit);
    if (!fields) return fields.error();
    const std::string text = fields->value_or("text", "");
    if (trim(text).empty()) return appeal_page(house, visit, *own, text, visit.text("Enter what is wrong with the decision"));
    const auto receipt = house.parts.casework.procedures().appeal(own->summary, own->account, text, fields->value_or("key", ""));
    return receipt ? Response::redirect("/case/" + receipt->receipt) : not_done(house, visit, receipt.error(), path_of(own->summary));
}

}  // namespace

void Portal::House::add_case_step_routes(http::Router& router) const {
    using http::Method;
    const http::RouteOptions letters{.body_limit = kMaxLetterBody, .body = http::BodyKind::multipart};
    router.add(Method::post, "/case/{receipt}/answer", [this](const Request& request) { return write(*this, request, true); }, letters);
    router.add(Method::post, "/case/{receipt}/message", [this](const Request& request) { return write(*this, request, false); }, letters);
    router.add(Method::get, "/case/{receipt}/file/{number}/{place}", [this](const Request& request) {
        const Visit visit = this->visit(request);
        const auto own = own_case(*this, visit);
        return own ? file_of(*this, visit, own->summary, own->access()) : own.error();
    });
    router.add(Method::get, "/case/{receipt}/course.svg", [this](const Request& request) {
        const Visit visit = this->visit(request);
        const auto own = own_case(*this, visit);
        return own ? picture_of(*this, visit, own->summary) : own.error();
    });
    router.add(Method::get, "/case/{receipt}/withdraw", [this](const Request& request) { return withdraw_page(*this, request); });
    router.add(Method::post, "/case/{receipt}/withdraw", [this](const Request& request) { return withdraw(*this, request); });
    router.add(Method::get, "/case/{receipt}/amend", [this](const Request& request) { return amend_page(*this, request); });
    router.add(Method::post, "/case/{receipt}/amend", [this](const Request& request) { return amend(*this, request); }, {.body_limit = 4096});
    router.add(Method::get, "/case/{receipt}/appeal", [this](const Request& request) {
        const Visit visit = this->visit(request);
        const auto own = own_case(*this, visit);
        return own ? appeal_page(*this, visit, *own, "", "") : own.error();
    });
    router.add(Method::post, "/case/{receipt}/appeal", [this](const Request& request) { return appeal(*this, request); }, {.body_limit = 64U << 10});
    for (const std::string_view file : {"letter", "letter.pdf", "letter.p7s", "letter.json"}) {
        router.add(Method::get, format("/case/{{receipt}}/{}", file), [this, file](const Request& request) {
            const Visit visit = this->visit(request);
            const auto own = own_case(*this, visit);
            return own ? letter_of(*this, visit, own->summary, own->access(), file) : own.error();
        });
    }
}

}  // namespace madang::portal
