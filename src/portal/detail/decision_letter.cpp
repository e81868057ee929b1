#include "portal/detail/decision_letter.h"

#include "base/text.h"
#include "portal/detail/correspondence.h"

namespace madang::portal {
namespace {

using House = Portal::House;
using Found = casework::DecisionLetters::Found;

// In the language in which it was written, whatever the page around it speaks.
Response letter_page(const House& house, const Visit& visit, const casework::CaseSummary& summary, const Found& found, const std::string& path) {
    const casework::DecisionLetter& letter = found.letter;
    json::array rows;
    for (const auto& one : letter.rows) rows.push_back(row(one.label, one.value));
    json::array how;
    for (const std::string& sentence : letter.how) how.push_back(json::object{{"how_text", sentence}});
    const bool has_how = !how.empty();
    json::object data{{"letter_language", letter.language}, {"issuer", letter.issuer}, {"place_and_date", letter.place_and_date}, {"heading", letter.title},
                      {"addressee", letter.addressee}, {"sentence", letter.sentence}, {"rows", std::move(rows)}, {"how", std::move(how)}, {"has_how", has_how},
                      {"remedy", letter.remedy}, {"sha256", found.sha256}, {"letter_url", path + "/letter"}};
    const auto words = casework::letter_words(house.parts.pack.words_in(letter.language), letter.language);
    if (!words) return house.failure(visit, words.error());
    data["how_title"] = words->text("How the rule came to this");
    data["remedy_title"] = words->text("If you do not agree");
    return house.page(visit, "letter", visit.text(summary.kind == casework::CaseKind::appeal ? "Decision on your appeal" : "Decision on your application"),
                      std::move(data), 200, path);
}

}  // namespace

Response letter_of(const House& house, const Visit& visit, const casework::CaseSummary& summary, const identity::Access& access, std::string_view file) {
    auto& decisions = house.parts.casework.decisions();
    if (file == "letter.pdf" || file == "letter.p7s") {
        const auto paper = decisions.open_signed(summary, access);
        if (!paper) return house.failure(visit, paper.error());
        const std::string name = format("decision-{}.pdf", summary.receipt);
        if (file == "letter.pdf") return Response::download(std::string(as_text(paper->pdf)), "application/pdf", name);
        return Response::download(std::string(as_text(paper->signature)), "application/pkcs7-signature", name + ".p7s");
    }
    const auto found = decisions.find(summary, access);
    if (!found) return house.failure(visit, found.error());
    if (!*found) return house.failure(visit, {Code::not_found, ""});
    if (file == "letter.json") {
        return Response::download(canonical_json(casework::to_json((**found).letter)), "application/json", format("decision-{}.json", summary.receipt));
    }
    const bool office = access.capacity == "officer";
    return letter_page(house, visit, summary, **found, (office ? "/office/case/" : "/case/") + summary.receipt);
}

}  // namespace madang::portal
