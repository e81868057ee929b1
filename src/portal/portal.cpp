#include "portal/portal.h"

#include <set>

#include "portal/detail/house.h"
#include "portal/embedded_files.h"

namespace madang::portal {
namespace {

std::string_view file_of(std::string_view name) {
    for (const EmbeddedFile& file : embedded_files()) {
        if (file.name == name) return file.content;
    }
    return {};
}

// The pack's words first, then the portal's own.
Result<Words> words_of(const catalogue::Pack& pack) {
    Words words;
    for (const std::string& language : pack.languages) {
        Catalogue& all = words[language];
        all.add(pack.words_in(language));
        const std::string name = language + ".po";
        if (const std::string_view own = file_of(name); !own.empty()) {
            TRY(const Catalogue portal, parse_po(own, "portal/" + name));
            all.add(portal);
        }
        // Those of letters too: how a rule came to its answer is told on pages as well.
        TRY(all, casework::letter_words(all, language));
    }
    return words;
}

}  // namespace

Portal::Portal(std::unique_ptr<House> house) : house_(std::move(house)) {}
Portal::~Portal() = default;
const std::map<std::string, Catalogue, std::less<>>& Portal::words() const { return house_->words; }

Result<std::unique_ptr<Portal>> Portal::create(const Parts& parts) {
    auto house = std::make_unique<House>(House{parts, {}, nullptr, nullptr, nullptr, {}});
    TRY(house->words, words_of(parts.pack));
    TRY(house->view, View::create(house->words));
    const std::string_view style = file_of("portal.css");
    house->style = http::make_asset("text/css; charset=utf-8", std::string(style), http::Caching::immutable);
    house->style_path = "/assets/" + http::hashed_name("portal.css", style);
    house->icon = http::make_asset("image/svg+xml", std::string(file_of("favicon.svg")), http::Caching::revalidate);
    return std::unique_ptr<Portal>(new Portal(std::move(house)));
}

void Portal::add_routes(http::Router& router) const {
    house_->add_home_routes(router);
    house_->add_sign_in_routes(router);
    house_->add_apply_routes(router);
    house_->add_case_routes(router);
    house_->add_case_step_routes(router);
    house_->add_my_data_routes(router);
    house_->add_office_routes(router);
    house_->add_office_step_routes(router);
    house_->add_escalation_routes(router);
    house_->add_absence_routes(router);
    house_->add_refund_routes(router);
    house_->add_counter_routes(router);
    house_->add_operator_routes(router);
    house_->add_operator_move_routes(router);
    house_->add_case_trouble_routes(router);
    house_->add_verify_routes(router);
}

Response Portal::error_page(int status, const Request* request) const {
    // It may be drawn where no request was understood, and must not wait: no session is looked up.
    const Request nobody;
    const Request& asked = request == nullptr ? nobody : *request;
    Visit visit{asked, choose_language(asked.header("Accept-Language").value_or(""), house_->parts.pack.languages), false, nullptr, {}, std::nullopt};
    if (const auto kept = asked.cookie(kLanguageCookie); kept && house_->words.contains(*kept)) visit.language = std::string(*kept);
    visit.words = &house_->words.find(visit.language)->second;
    switch (status) {
        case 404: case 405: return house_->failure(visit, {Code::not_found, ""});
        case 403: return house_->failure(visit, {Code::denied, ""});
        case 413: return house_->message(visit, status, visit.text("This is too large"), {visit.text("Send a smaller file.")});
        case 429: return house_->message(visit, status, visit.text("Too many tries"), {visit.text("Wait a minute, then try again.")});
        case 503: return house_->message(visit, status, visit.text("Something does not work here"), {visit.text("Nothing that you sent was kept. Try again in a few minutes.")});
        default: break;
    }
    if (status >= 500) return house_->message(visit, status, visit.text("Something does not work here"), {visit.text("Nothing that you sent was kept. Try again in a few minutes.")});
    return house_->message(visit, status, visit.text("This cannot be read"), {visit.text("Go back and try again.")});
}

}  // namespace madang::portal
