// What a case puts on its certificate.
#include "base/text.h"
#include "casework/case_repository.h"
#include "casework/casework.h"

namespace madang::casework {
namespace {

std::string text_in(const registers::TextByLanguage& texts, const std::string& language) {
    const auto found = texts.find(language);
    if (found != texts.end()) return found->second;
    return texts.empty() ? std::string() : texts.begin()->second;
}

// Town, street, house and flat as one line, in the marks that each language of the pack gives.
std::string address_line(const Catalogue& words, const std::string& town, const std::string& street, const std::string& house,
                         const std::string& flat) {
    std::string line = town;
    if (!street.empty()) line += ", " + street;
    line += ", " + fill_in(words.text("house {house}"), {{"house", house}});
    if (!flat.empty()) line += ", " + fill_in(words.text("flat {flat}"), {{"flat", flat}});
    return line;
}

std::string label_of(const form::Form& form, std::string_view key, const json::object& answers, const Catalogue& words) {
    const form::Field* field = form.find_field(key);
    const std::string value = string_or(answers, key, "");
    if (field == nullptr) return value;
    for (const form::Option& option : field->options) {
        if (option.value == value) return std::string(words.text(option.label));
    }
    return value;
}

std::string purpose_of(const form::Form& form, const json::object& answers, const Catalogue& words) {
    const std::string other = string_or(answers, "purpose_other", "");
    return other.empty() ? label_of(form, "purpose", answers, words) : other;
}

}  // namespace

Result<documents::Request> Casework::certificate_request(const catalogue::Service& service, const CaseRow& row) {
    const CaseSummary& summary = row.summary;
    const government::Government& government = parts_.pack.government;
    const government::Body* body = government.find(summary.body);
    if (body == nullptr) return fail(Code::not_found, format("there is no body {}", summary.body));
    const Date today = government.time_zone().date(parts_.clock.now());
    const identity::Access access{.who = {}, .capacity = "system", .body = summary.body, .case_id = summary.id.text(),
                                  .legal_ground = service.legal_ground()};
    struct Read {
        std::optional<registers::Person> person;
        std::optional<registers::Residence> residence;
        CaseContent content;
    };
    TRY(const Read read, parts_.store.write<Read>([&](store::Tx& tx) -> Result<Read> {
        Read all;
        TRY(all.person, parts_.population.person(tx, summary.applicant.person, today, access));
        TRY(all.residence, parts_.population.residence_of(tx, summary.applicant.person, today, access));
        TRY(all.content, content_of(tx, row));
        return all;
    }));
    if (!read.person) return fail(Code::not_found, "the population register does not know this person any more");
    if (!read.residence) return fail(Code::not_found, "the population register holds no place of residence that a certificate could state");

    documents::Request request;
    request.case_id = summary.id.text();
    request.body = summary.body;
    request.service = service.id;
    request.holder = summary.applicant.person;
    request.issuing_body = body->name;
    request.country = parts_.pack.country;
    request.issued_on = today;
    if (service.validity_months) {
        const auto until = feel::add_months({static_cast<int>(today.year()), static_cast<int>(static_cast<unsigned>(today.month())),
                                             static_cast<int>(static_cast<unsigned>(today.day()))}, *service.validity_months);
        if (until) {
            request.valid_until = Date{std::chrono::year(static_cast<int>(until->year)), std::chrono::month(static_cast<unsigned>(until->month)),
                                       std::chrono::day(static_cast<unsigned>(until->day))};
        }
    }
    request.actor = summary.decided_by;
    request.capacity = summary.decided_by.starts_with("rule:") || summary.decided_by.starts_with("law:") ? "system" : "officer";
    request.legal_ground = summary.article;
    request.template_json = service.certificate;
    request.words = &parts_.pack.words;
    request.data = parts_.pack.demo ? documents::Data::fictional : documents::Data::real;
    const json::object& answers = read.content.answers;
    for (const std::string& language : parts_.pack.certificate_languages) {
        const Catalogue& words = parts_.pack.words_in(language);
        request.values["full_name"][language] = read.person->full_name(language);
        request.values["purpose"][language] = purpose_of(service.form, answers, words);
        request.values["address"][language] =
            address_line(words, text_in(read.residence->town, language), text_in(read.residence->street, language),
                         read.residence->house, read.residence->flat);
    }
    request.values["born"][""] = format_date(read.person->born);
    request.values["since"][""] = format_date(read.residence->since);
    return request;
}

}  // namespace madang::casework
