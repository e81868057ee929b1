#include "casework/decision_letters.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/time_text.h"
#include "casework/case_repository.h"
#include "casework/casework.h"
#include "crypto/hash.h"
#include "decision/explain.h"

namespace madang::casework {
namespace {

using store::Row;

constexpr const char* kNextNumber = "SELECT coalesce(max(number),0)+1 FROM casework_decision WHERE body=$1 AND case_id=$2";
constexpr const char* kInsert =
    "INSERT INTO casework_decision (body, case_id, number, decided_at, letter_sha256, appeal_until, content, state, not_before, attempts, last_error, pdf_sha256)"
    " VALUES ($1,$2,$3,$4,$5,$6,$7,'waiting',$4,0,'','')";
constexpr const char* kLast =
    "SELECT decided_at, letter_sha256, appeal_until, content, pdf_sha256 FROM casework_decision WHERE body=$1 AND case_id=$2 ORDER BY number DESC LIMIT 1";
constexpr const char* kAppealUntil = "SELECT appeal_until FROM casework_decision WHERE body=$1 AND case_id=$2 ORDER BY number DESC LIMIT 1";
constexpr const char* kPaper = "SELECT number, state, pdf, signature, pdf_sha256 FROM casework_decision WHERE body=$1 AND case_id=$2 ORDER BY number DESC LIMIT 1";
constexpr const char* kAll = "SELECT number, letter_sha256, content, state, pdf, signature, pdf_sha256 FROM casework_decision WHERE body=$1 AND case_id=$2 ORDER BY number";
constexpr const char* kWaiting = "SELECT body, case_id, number, decided_at, letter_sha256, content FROM casework_decision ";
constexpr const char* kNextWaiting = "WHERE state='waiting' AND not_before<=$1 AND ";
constexpr const char* kWaitingOfCase = "WHERE state='waiting' AND body=$1 AND case_id=$2 ORDER BY number";
constexpr const char* kThisWaiting = "WHERE body=$1 AND case_id=$2 AND number=$3";
constexpr const char* kDrawn = "UPDATE casework_decision SET state='signed', pdf=$4, signature=$5, pdf_sha256=$6 WHERE body=$1 AND case_id=$2 AND number=$3 AND state IN ('waiting','left')";
constexpr const char* kLeave = "UPDATE casework_decision SET state='left' WHERE body=$1 AND case_id=$2 AND number=$3 AND state='waiting'";

Way way_of(const CaseSummary& summary) {
    if (summary.decided_by.starts_with("rule:")) return Way::rule;
    return summary.decided_by.starts_with("law:") ? Way::law : Way::officer;
}

std::string_view decider_of(Effect effect, Way way) {
    if (way == Way::rule) return "the published rule";
    if (way == Way::officer) return "an officer of the body";
    return effect == Effect::lapsed || effect == Effect::unpaid ? "the law, because the time was missed" : "the law, because nobody answered in time";
}

std::string in_language(const std::map<std::string, std::string, std::less<>>& texts, const std::string& language) {
    const auto found = texts.find(language);
    if (found != texts.end()) return found->second;
    return texts.empty() ? std::string() : texts.begin()->second;
}

Instant instant_of(std::int64_t microseconds) { return Instant(std::chrono::microseconds(microseconds)); }
std::int64_t microseconds(Instant moment) { return moment.time_since_epoch().count(); }
Bytes bytes_of(ByteSpan span) { return Bytes(span.begin(), span.end()); }

}  // namespace

// A letter without its PDF.
struct DecisionLetters::Waiting {
    std::string body, case_id, sha256;
    std::int64_t number = 0;
    Instant decided_at{};
    Bytes sealed;

    static Result<Waiting> read(const Row& row) {
        return Waiting{.body = std::string(row.text(0)), .case_id = std::string(row.text(1)), .sha256 = std::string(row.text(4)), .number = row.integer(2),
                       .decided_at = instant_of(row.integer(3)), .sealed = bytes_of(row.bytes(5))};
    }
};

void DecisionLetters::add_rows(DecisionLetter& letter, const CaseSummary& summary, const CaseContent& content, const Catalogue& words) {
    const Parts& parts = casework_.parts_;
    const catalogue::Service* service = parts.pack.find_service(summary.service);
    const auto add = [&](std::string_view label, std::string value) {
        if (!value.empty()) letter.rows.push_back({std::string(words.text(label)), std::move(value)});
    };
    add("Service", std::string(words.text(service == nullptr ? summary.service : service->name)));
    add("Received", long_date_time(summary.submitted_at, parts.pack.government.time_zone(), summary.language));
    add("Who decided", std::string(words.text(decider_of(letter.effect, letter.way))));
    add("Article of law", summary.article.empty() ? std::string() : std::string(words.text(summary.article)));
    // What the law decides has no other reason than the time; what the rule found before is not the ground of it.
    if (letter.way == Way::officer) add("Reason", content.reason);
    if (letter.way == Way::rule) {
        const std::string reason = string_or(content.outcome, "reason", "");
        if (!reason.empty()) add("Reason", std::string(words.text(reason)));
    }
    add("Version of the rule", letter.rule_version);
}

void DecisionLetters::add_remedy(DecisionLetter& letter, const CaseSummary& summary, const Catalogue& words) {
    const catalogue::Pack& pack = casework_.parts_.pack;
    if (letter.effect == Effect::dismissed) {
        letter.remedy = words.text("Against this decision you can go to a court.");
        return;
    }
    const auto until = casework_.procedures().appeal_possible_until(summary);
    const catalogue::Service* service = pack.find_service(summary.service);
    if (!until || service == nullptr || !service->appeal) return;
    const government::Body* body = pack.government.find(service->appeal->body);
    const Date last = pack.government.time_zone().date(*until - std::chrono::microseconds(1));
    letter.appeal_body = service->appeal->body;
    letter.appeal_until = format_instant(*until);
    letter.remedy = fill_in(words.text("You can appeal to {body} until {day}, and then to a court."),
                            {{"body", body == nullptr ? service->appeal->body : in_language(body->name, summary.language)}, {"day", long_date(last, summary.language)}});
    letter.remedy += " " + std::string(words.text(service->appeal->article));
}

Result<const Catalogue*> DecisionLetters::words_in(const std::string& language) {
    const std::lock_guard lock(mutex_);
    auto found = words_.find(language);
    if (found == words_.end()) {
        TRY(Catalogue words, letter_words(casework_.parts_.pack.words_in(language), language));
        found = words_.emplace(language, std::move(words)).first;
    }
    return &found->second;
}

Result<DecisionLetter> DecisionLetters::make(store::Tx& tx, const CaseSummary& summary, const CaseContent& content, Effect effect) {
    const Parts& parts = casework_.parts_;
    const catalogue::Pack& pack = parts.pack;
    const catalogue::Service* service = pack.find_service(summary.service);
    TRY(const Catalogue* found, words_in(summary.language));
    const Catalogue& words = *found;
    DecisionLetter letter;
    letter.language = summary.language;
    letter.receipt = summary.receipt;
    letter.case_id = summary.id.text();
    letter.body = summary.body;
    letter.service = summary.service;
    letter.effect = effect;
    letter.way = way_of(summary);
    letter.decided_at = format_instant(*summary.decided_at);
    letter.rule_version = service == nullptr ? std::string() : service->version;
    letter.article = summary.article;
    std::array<std::uint8_t, 16> salt{};
    parts.random.fill(salt);
    letter.salt = hex(salt);
    if (const government::Body* body = pack.government.find(summary.body)) {
        letter.issuer = in_language(body->name, summary.language);
        if (const std::string address = in_language(body->address, summary.language); !address.empty()) letter.issuer += "\n" + address;
    }
    const bool appeal = summary.kind == CaseKind::appeal;
    letter.title = words.text(appeal ? "Decision on your appeal" : "Decision on your application");
    const Date day = pack.government.time_zone().date(*summary.decided_at);
    letter.place_and_date = fill_in(words.text("{date} · receipt {receipt}"), {{"date", long_date(day, summary.language)}, {"receipt", summary.receipt}});
    const identity::Access access{.who = {}, .capacity = "system", .body = summary.body, .case_id = summary.id.text(),
                                  .legal_ground = service == nullptr ? summary.applicant.legal_ground : service->legal_ground()};
    TRY(const auto person, parts.population.person(tx, summary.applicant.person, pack.government.time_zone().date(parts.clock.now()), access));
    if (person) letter.addressee = person->full_name(summary.language);
    letter.sentence = words.text(sentence_of(effect, letter.way));
    add_rows(letter, summary, content, words);
    if (!appeal && letter.way != Way::law) {
        letter.trace = content.trace;
        letter.how = decision::explain(content.trace, words, summary.language);
    }
    add_remedy(letter, summary, words);
    return letter;
}

Result<void> DecisionLetters::add(store::Tx& tx, const CaseSummary& summary, const CaseContent& content, Effect effect, json::object& details) {
    const Parts& parts = casework_.parts_;
    TRY(const DecisionLetter letter, make(tx, summary, content, effect));
    const std::string text = canonical_json(to_json(letter));
    const std::string hash = hex(crypto::sha256(as_bytes(text)));
    const auto first = [](const Row& row) -> Result<std::int64_t> { return row.integer(0); };
    TRY(const auto number, tx.first<std::int64_t>(kNextNumber, {summary.body, summary.id.text()}, first));
    TRY(Bytes sealed, parts.vault.seal(tx, summary.applicant.person, as_bytes(text)));
    store::Value until;
    if (!letter.appeal_until.empty()) {
        TRY(const Instant moment, parse_instant(letter.appeal_until));
        until = microseconds(moment);
    }
    TRY_DO(tx.execute(kInsert, {summary.body, summary.id.text(), number.value_or(1), microseconds(*summary.decided_at), hash, until, std::move(sealed)}));
    Message message{.side = Message::Side::body, .kind = Message::Kind::decision, .author = summary.decided_by, .text = in_short(letter)};
    TRY_DO(casework_.letters().add(tx, summary, std::move(message), {}));
    details["letter_sha256"] = hash;
    details["rule_version"] = letter.rule_version;
    if (!letter.appeal_until.empty()) details["appeal_until"] = letter.appeal_until;
    return {};
}

Result<std::optional<DecisionLetters::Found>> DecisionLetters::find(const CaseSummary& summary, const identity::Access& access) {
    const Parts& parts = casework_.parts_;
    return parts.store.write<std::optional<Found>>([&](store::Tx& tx) -> Result<std::optional<Found>> {
        TRY_DO(parts.access_log.record(tx, access, summary.applicant.person, "decision"));
        return tx.first<Found>(kLast, {summary.body, summary.id.text()}, [&](const Row& row) -> Result<Found> {
            Found found;
            found.decided_at = instant_of(row.integer(0));
            found.sha256 = row.text(1);
            if (!row.is_null(2)) found.appeal_until = instant_of(row.integer(2));
            found.pdf_sha256 = row.text(4);
            TRY(const Bytes content, parts.vault.open(tx, summary.applicant.person, row.bytes(3)));
            TRY(found.letter, parse_decision_letter(as_text(content)));
            if (hash_of(found.letter) != found.sha256) return fail(Code::corrupted, "the letter is not what the act of the decision commits to");
            return found;
        });
    });
}

Result<std::optional<Instant>> DecisionLetters::appeal_until(const CaseSummary& summary) {
    return casework_.parts_.store.read<std::optional<Instant>>([&](store::Reader& reader) -> Result<std::optional<Instant>> {
        const auto moment = [](const Row& row) -> Result<std::optional<Instant>> { return row.is_null(0) ? std::nullopt : std::optional(instant_of(row.integer(0))); };
        TRY(const auto found, reader.first<std::optional<Instant>>(kAppealUntil, {summary.body, summary.id.text()}, moment));
        return found.value_or(std::nullopt);
    });
}

// Drawing and signing take milliseconds and stay outside the transaction. The bytes of the PDF depend on the letter only, so
// that two nodes that draw at once draw the same; the first to write wins.
Result<void> DecisionLetters::draw(const Waiting& waiting) {
    const Parts& parts = casework_.parts_;
    TRY(const CaseId id, CaseId::parse(waiting.case_id));
    struct Opened {
        CaseRow row;
        DecisionLetter letter;
    };
    TRY(const Opened opened, parts.store.read<Opened>([&](store::Reader& reader) -> Result<Opened> {
        TRY(CaseRow row, casework_.case_row(reader, waiting.body, id));
        TRY(const Bytes content, parts.vault.open(reader, row.summary.applicant.person, waiting.sealed));
        TRY(DecisionLetter letter, parse_decision_letter(as_text(content)));
        return Opened{std::move(row), std::move(letter)};
    }));
    TRY(const Catalogue* words, words_in(opened.letter.language));
    documents::Letter paper = paper_of(opened.letter, waiting.sha256, *words);
    paper.made_at = waiting.decided_at;
    TRY(const documents::SignedLetter drawn, parts.certificates.sign_letter(paper));
    return parts.store.write([&](store::Tx& tx) -> Result<void> {
        const identity::PersonId& whose = opened.row.summary.applicant.person;
        TRY(Bytes pdf, parts.vault.seal(tx, whose, drawn.pdf));
        TRY_DO(tx.execute(kDrawn, {waiting.body, waiting.case_id, waiting.number, std::move(pdf), drawn.signature, hex(crypto::sha256(drawn.pdf))}));
        return Troubles::over(tx, {waiting.body, id, Work::letter, waiting.number});
    });
}

Result<bool> DecisionLetters::work_once(Instant now) {
    static const std::string query = std::string(kWaiting) + kNextWaiting + not_in_trouble("casework_decision", Work::letter, "casework_decision.number") + " ORDER BY not_before LIMIT 1";
    TRY(const auto waiting, casework_.parts_.store.read<std::optional<Waiting>>(
                                [&](store::Reader& reader) { return reader.first<Waiting>(query, {microseconds(now)}, Waiting::read); }));
    if (!waiting) return false;
    if (const auto drawn = draw(*waiting); !drawn) {
        TRY(const CaseId id, CaseId::parse(waiting->case_id));
        TRY_DO(casework_.troubles().failed({waiting->body, id, Work::letter, waiting->number}, drawn.error()));
    }
    return true;
}

// The letter stands as it was written; its paper is drawn when it is asked for.
Result<void> DecisionLetters::leave_paper(store::Tx& tx, const CaseSummary& summary, std::int64_t number) {
    TRY_DO(tx.execute(kLeave, {summary.body, summary.id.text(), number}));
    return {};
}

Result<DecisionLetters::Signed> DecisionLetters::open_signed(const CaseSummary& summary, const identity::Access& access) {
    const Parts& parts = casework_.parts_;
    struct Paper {
        std::int64_t number = 0;
        bool drawn = false;
        Bytes sealed, signature;
        std::string sha256;
    };
    const auto paper_of_row = [](const Row& row) -> Result<Paper> {
        Paper paper{.number = row.integer(0), .drawn = row.text(1) == "signed", .sealed = {}, .signature = {}, .sha256 = std::string(row.text(4))};
        if (paper.drawn) paper.sealed = bytes_of(row.bytes(2));
        if (paper.drawn) paper.signature = bytes_of(row.bytes(3));
        return paper;
    };
    const auto last = [&] {
        return parts.store.read<std::optional<Paper>>([&](store::Reader& reader) { return reader.first<Paper>(kPaper, {summary.body, summary.id.text()}, paper_of_row); });
    };
    TRY(auto paper, last());
    if (!paper) return fail(Code::not_found, "this case has no letter of a decision");
    if (!paper->drawn) {
        TRY(const auto waiting, parts.store.read<std::optional<Waiting>>([&](store::Reader& reader) {
            return reader.first<Waiting>(std::string(kWaiting) + kThisWaiting, {summary.body, summary.id.text(), paper->number}, Waiting::read);
        }));
        if (waiting) TRY_DO(draw(*waiting));
        TRY(paper, last());
        if (!paper || !paper->drawn) return fail(Code::unavailable, "the letter is not drawn yet; try again in a moment");
    }
    return parts.store.write<Signed>([&](store::Tx& tx) -> Result<Signed> {
        TRY_DO(parts.access_log.record(tx, access, summary.applicant.person, "decision"));
        TRY(Bytes pdf, parts.vault.open(tx, summary.applicant.person, paper->sealed));
        if (hex(crypto::sha256(pdf)) != paper->sha256) return fail(Code::corrupted, "the letter is not what was signed: its hash differs");
        return Signed{std::move(pdf), paper->signature};
    });
}

Result<std::vector<DecisionLetters::Kept>> DecisionLetters::all_of(const CaseSummary& summary, const identity::Access& access) {
    const Parts& parts = casework_.parts_;
    TRY(const auto waiting, parts.store.read<std::vector<Waiting>>([&](store::Reader& reader) {
        return reader.all<Waiting>(std::string(kWaiting) + kWaitingOfCase, {summary.body, summary.id.text()}, Waiting::read);
    }));
    for (const Waiting& one : waiting) TRY_DO(draw(one));
    return parts.store.write<std::vector<Kept>>([&](store::Tx& tx) -> Result<std::vector<Kept>> {
        TRY_DO(parts.access_log.record(tx, access, summary.applicant.person, "decision"));
        return tx.all<Kept>(kAll, {summary.body, summary.id.text()}, [&](const Row& row) -> Result<Kept> {
            if (row.text(3) != "signed") return fail(Code::unavailable, "a letter is not drawn yet; try again in a moment");
            Kept kept{.number = row.integer(0), .letter = {}, .paper = {.pdf = {}, .signature = bytes_of(row.bytes(5))}};
            const std::string letter_sha256(row.text(1)), pdf_sha256(row.text(6));
            const Bytes sealed_letter = bytes_of(row.bytes(2)), sealed_pdf = bytes_of(row.bytes(4));
            TRY(const Bytes letter, parts.vault.open(tx, summary.applicant.person, sealed_letter));
            TRY(kept.paper.pdf, parts.vault.open(tx, summary.applicant.person, sealed_pdf));
            kept.letter = as_text(letter);
            if (hex(crypto::sha256(letter)) != letter_sha256) return fail(Code::corrupted, "a letter is not what the act of the decision commits to");
            if (hex(crypto::sha256(kept.paper.pdf)) != pdf_sha256) return fail(Code::corrupted, "a letter is not what was signed: its hash differs");
            return kept;
        });
    });
}

}  // namespace madang::casework
