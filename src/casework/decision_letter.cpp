#include "casework/decision_letter.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "base/time_text.h"
#include "casework/embedded_files.h"
#include "crypto/hash.h"

namespace madang::casework {
namespace {

constexpr std::size_t kMaxPrintedSteps = 40;
constexpr std::ptrdiff_t kMaxPrintedLines = 30;   // of one value; a longer list goes on one line

constexpr std::array<std::pair<Effect, std::string_view>, 6> kEffects{{{Effect::granted, "granted"},
                                                                       {Effect::refused, "refused"},
                                                                       {Effect::lapsed, "lapsed"},
                                                                       {Effect::unpaid, "unpaid"},
                                                                       {Effect::allowed, "allowed"},
                                                                       {Effect::dismissed, "dismissed"}}};
constexpr std::array<std::pair<Way, std::string_view>, 3> kWays{{{Way::officer, "officer"}, {Way::rule, "rule"}, {Way::law, "law"}}};

template <class Value, std::size_t size>
Result<Value> named(const std::array<std::pair<Value, std::string_view>, size>& names, std::string_view text) {
    for (const auto& [value, name] : names) {
        if (name == text) return value;
    }
    return fail(Code::corrupted, format("a decision letter does not know \"{}\"", text));
}

template <class Value, std::size_t size>
std::string_view name_in(const std::array<std::pair<Value, std::string_view>, size>& names, Value value) {
    for (const auto& [one, name] : names) {
        if (one == value) return name;
    }
    std::unreachable();
}

// The members that are plain texts, for reading and writing.
template <class Letter>
auto texts_of(Letter& letter) {
    return std::to_array<std::pair<std::string_view, decltype(&letter.language)>>(
        {{"language", &letter.language}, {"receipt", &letter.receipt}, {"case", &letter.case_id}, {"body", &letter.body}, {"service", &letter.service},
         {"decided_at", &letter.decided_at}, {"rule_version", &letter.rule_version}, {"article", &letter.article}, {"appeal_body", &letter.appeal_body},
         {"appeal_until", &letter.appeal_until}, {"salt", &letter.salt}, {"issuer", &letter.issuer}, {"title", &letter.title},
         {"place_and_date", &letter.place_and_date}, {"addressee", &letter.addressee}, {"sentence", &letter.sentence}, {"remedy", &letter.remedy}});
}

}  // namespace

std::string_view name_of(Effect effect) { return name_in(kEffects, effect); }
std::string_view name_of(Way way) { return name_in(kWays, way); }

std::string_view sentence_of(Effect effect, Way way) {
    switch (effect) {
        case Effect::granted:
            if (way == Way::rule) return "Your application is granted by the published rule. No officer had to decide.";
            if (way == Way::law) return "The time for an answer is over. By law your application counts as granted.";
            return "Your application is granted.";
        case Effect::refused:
            if (way == Way::rule) return "Your application is refused by the published rule.";
            if (way == Way::law) return "The time for an answer is over. By law your application counts as refused; you can appeal as against any refusal.";
            return "Your application is refused.";
        case Effect::lapsed: return "Your application is closed without a decision, because what the letter named did not come in time.";
        case Effect::unpaid: return "Your application is closed without a decision, because the fee was not paid in time.";
        case Effect::allowed: return "Your appeal is allowed. The first decision falls, and your application is decided anew.";
        case Effect::dismissed: return "Your appeal is dismissed. The first decision stands.";
    }
    std::unreachable();
}

json::object to_json(const DecisionLetter& letter) {
    json::object object{{"format", "madang-decision-1"}, {"effect", name_of(letter.effect)}, {"way", name_of(letter.way)}, {"trace", letter.trace}};
    for (const auto& [name, text] : texts_of(letter)) object[name] = *text;
    json::array rows;
    for (const documents::LetterRow& row : letter.rows) rows.push_back(json::object{{"label", row.label}, {"value", row.value}});
    object["rows"] = std::move(rows);
    json::array how;
    for (const std::string& sentence : letter.how) how.emplace_back(sentence);
    object["how"] = std::move(how);
    return object;
}

Result<DecisionLetter> parse_decision_letter(std::string_view text) {
    TRY(const json::value value, parse_json(text));
    if (!value.is_object() || string_or(value.get_object(), "format", "") != "madang-decision-1") return fail(Code::corrupted, "this is no decision letter");
    const json::object& object = value.get_object();
    DecisionLetter letter;
    TRY(letter.effect, named(kEffects, string_or(object, "effect", "")));
    TRY(letter.way, named(kWays, string_or(object, "way", "")));
    for (const auto& [name, member] : texts_of(letter)) *member = string_or(object, name, "");
    if (const auto* trace = object.if_contains("trace")) letter.trace = *trace;
    TRY(const json::array rows, array_at(object, "rows", "letter"));
    for (const json::value& row : rows) {
        if (!row.is_object()) return fail(Code::corrupted, "a row of a letter is an object");
        letter.rows.push_back({string_or(row.get_object(), "label", ""), string_or(row.get_object(), "value", "")});
    }
    TRY(const json::array how, array_at(object, "how", "letter"));
    for (const json::value& sentence : how) {
        if (sentence.is_string()) letter.how.emplace_back(sentence.get_string());
    }
    return letter;
}

std::string hash_of(const DecisionLetter& letter) { return hex(crypto::sha256(as_bytes(canonical_json(to_json(letter))))); }

std::string in_short(const DecisionLetter& letter) {
    std::string text = letter.sentence;
    for (const documents::LetterRow& row : letter.rows) text += format("\n{}: {}", row.label, row.value);
    if (!letter.remedy.empty()) text += "\n" + letter.remedy;
    return text;
}

documents::Letter paper_of(const DecisionLetter& letter, std::string_view hash, const Catalogue& words) {
    documents::Letter paper;
    paper.language = letter.language;
    paper.issuer = letter.issuer;
    paper.title = letter.title;
    paper.number = letter.place_and_date;
    paper.identifier = letter.receipt;
    if (!letter.addressee.empty()) paper.blocks.push_back({.text = letter.addressee});
    paper.blocks.push_back({.text = letter.sentence, .kind = documents::LetterBlock::Kind::strong});
    documents::LetterBlock table{.rows = letter.rows};
    for (documents::LetterRow& row : table.rows) {
        if (std::ranges::count(row.value, '\n') > kMaxPrintedLines) std::ranges::replace(row.value, '\n', ' ');
    }
    paper.blocks.push_back(std::move(table));
    if (!letter.how.empty()) {
        paper.blocks.push_back({.text = std::string(words.text("How the rule came to this")), .kind = documents::LetterBlock::Kind::strong});
        for (std::size_t i = 0; i < std::min(letter.how.size(), kMaxPrintedSteps); ++i) paper.blocks.push_back({.text = format("{}. {}", i + 1, letter.how[i])});
    }
    if (!letter.remedy.empty()) {
        paper.blocks.push_back({.text = std::string(words.text("If you do not agree")), .kind = documents::LetterBlock::Kind::strong});
        paper.blocks.push_back({.text = letter.remedy});
    }
    paper.blocks.push_back({.text = fill_in(words.text("This letter is signed electronically. Its content stands in the public ledger with the decision by its SHA-256: {hash}"),
                                            {{"hash", std::string(hash)}}),
                            .kind = documents::LetterBlock::Kind::quiet});
    return paper;
}

std::string_view own_words(std::string_view language) {
    const std::string name = std::string(language) + ".po";
    for (const EmbeddedFile& file : embedded_files()) {
        if (file.name == name) return file.content;
    }
    return {};
}

Result<Catalogue> letter_words(const Catalogue& pack_words, std::string_view language) {
    Catalogue all = pack_words;
    if (const std::string_view own = own_words(language); !own.empty()) {
        TRY(const Catalogue words, parse_po(own, format("casework/{}.po", language)));
        all.add(words);
    }
    return all;
}

}  // namespace madang::casework
