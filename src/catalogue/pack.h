// A pack: the services of a country, city or body as data in one folder. Format: docs/formats/pack.md.
// Loading checks every file that this house can read; the first problem is named with its file.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/language.h"
#include "base/result.h"
#include "catalogue/people.h"
#include "catalogue/scenario.h"
#include "decision/decision.h"
#include "form/form.h"
#include "government/government.h"
#include "process/definition.h"
#include "registers/definition.h"

namespace madang::catalogue {

using TextByLanguage = std::map<std::string, std::string, std::less<>>;
using Words = std::map<std::string, Catalogue, std::less<>>;  // by language

// Operations that a process may ask the house for (madang:operation).
inline constexpr std::string_view kAskResidence = "register.residence";
inline constexpr std::string_view kEnterResidence = "register.enter_residence";
inline constexpr std::string_view kIssueCertificate = "certificate.issue";

// An article of law that an officer may decide by.
struct Ground {
    enum class Outcome { grant, refuse };
    std::string id;         // "25"
    Outcome outcome = Outcome::refuse;
    std::string text;       // source text
};

// Who need not pay, by an article of law.
struct Exemption {
    std::string id;         // "large-family"
    std::string text;       // source text
    std::string article;    // source text
};

// Until when a fee is paid, counted from when it is charged; a case that is not paid for is closed by that article then.
struct PayBy {
    government::Term term;
    std::string article;    // source text
};

// A fee goes back where that happens: "withdrawn" before anything was decided, "refused", "late", or "merged" with another case.
struct Refund {
    std::string when;
    std::string article;    // source text
};

// Who decides on an appeal against a decision of this service, and in what time.
struct Appeal {
    std::string body;       // code
    government::Term term;
    int within_days = 30;   // calendar days after the decision was given
    std::string article;    // source text
};

// What an applicant is asked to supply must come within this term.
struct Completion {
    enum class Unanswered { officer, lapse };   // the officer decides on what is there, or the case is closed
    government::Term term;
    std::string article;    // source text
    Unanswered unanswered = Unanswered::officer;
};

// How long a closed case is kept, as the list of records of the country says.
struct Retention {
    std::string category;        // "class" in service.json: of the list
    std::optional<int> years;    // without: for ever
    std::string article;         // for archivists, not translated
};

struct Service {
    std::string id;                          // "certificate-of-residence"
    std::string number;                      // "1.3.4"
    std::string name, summary, life_event;   // source texts
    std::string act, article, frame;         // the legal basis; act and frame are source texts
    std::string provider;                    // body code
    std::vector<std::string> who_can_apply;  // source texts
    std::int64_t minutes_to_apply = 0;
    std::string fee_amount, fee_currency;    // "0.00" is free
    std::vector<Exemption> exemptions;
    std::vector<Refund> refunds;
    std::optional<PayBy> pay_by;
    government::Term term;
    bool four_eyes = false;                  // a second person confirms what an officer decides
    std::optional<Completion> completion;
    std::optional<Appeal> appeal;
    std::optional<Retention> retention;
    std::optional<int> validity_months;
    std::vector<std::string> citizen_brings, body_asks;  // source texts
    std::vector<std::string> other_channels;             // "counter", "phone"
    std::vector<std::string> applicants;                 // "self", "parent", "representative"
    std::vector<Ground> grounds;
    form::Form form;
    process::Definition process;             // that an application begins
    std::vector<process::Definition> called; // the other processes of its file, for its call activities
    std::optional<decision::Decisions> decisions;        // always there once loaded
    std::string certificate;                 // the template, as documents reads it
    Feature scenarios;
    std::string version;                     // the pack's version and a checksum of the service's files

    const Ground* find_ground(std::string_view ground_id) const;
    // Whether a step of the service waits for, or begins by, a message or signal of that name.
    bool hears(process::TriggerKind kind, std::string_view event_name) const;
    const Exemption* find_exemption(std::string_view exemption_id) const;
    const Refund* find_refund(std::string_view when) const;
    bool is_free() const;
    // The act and the article, as records name them.
    std::string legal_ground() const { return act + ", " + article; }
};

struct Pack {
    std::string id, version;
    std::string site_name;                   // source text
    TextByLanguage country;
    std::vector<std::string> languages;      // the first is the default
    std::vector<std::string> certificate_languages;
    std::string colour;                      // "#00695c"
    bool demo = false;
    std::vector<std::string> roles;          // that its tasks ask for beside "officer"
    government::Government government;
    std::vector<registers::Definition> registers;
    std::optional<People> people;            // fictional, of a demonstration pack
    std::vector<Service> services;
    Words words;

    const Service* find_service(std::string_view service_id) const;
    // The words of a language, of the default language where the pack does not speak it.
    const Catalogue& words_in(std::string_view language) const;
};

// Limits: 1,000 files of at most 5 MB, no links, no path that leaves the folder.
Result<Pack> load_pack(const Path& folder);

// Source texts without a translation: "be.po: no translation of \"…\"".
std::vector<std::string> missing_words(const Pack& pack);

}  // namespace madang::catalogue
