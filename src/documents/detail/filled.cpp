#include "documents/detail/filled.h"

#include <algorithm>

#include "base/text.h"
#include "base/time_text.h"

namespace madang::documents {
namespace {

constexpr std::size_t kMaxValue = 1000;   // characters

using Places = std::map<std::string, std::string, std::less<>>;

Result<std::string> value_in(const TextByLanguage& texts, std::string_view name, std::string_view language) {
    auto text = texts.find(language);
    if (text == texts.end()) text = texts.find("");
    if (text == texts.end()) return fail(Code::invalid, format("the value \"{}\" has no text in \"{}\"", name, language));
    TRY(std::string tidy, within(tidy_lines(text->second), format("the value \"{}\"", name)));
    if (count_code_points(tidy) > kMaxValue) {
        return fail(Code::invalid, format("the value \"{}\" has more than {} characters", name, kMaxValue));
    }
    return tidy;
}

Result<Places> places_in(const CertificateTemplate& certificate, const Values& values, const Paper& paper,
                         std::string_view language) {
    Places places;
    for (const auto& [name, kind] : certificate.values) {
        const auto given = values.find(name);
        if (given == values.end()) return fail(Code::invalid, format("{}: the value \"{}\" is missing", certificate.name, name));
        TRY(std::string text, value_in(given->second, name, language));
        if (kind == ValueKind::date && !text.empty()) {
            TRY(const Date date, within(parse_date(text), format("the value \"{}\"", name)));
            text = long_date(date, language);
        }
        places.emplace(name, std::move(text));
    }
    TRY(places["issuing_body"], value_in(paper.issuing_body, "issuing_body", language));
    TRY(places["country"], value_in(paper.country, "country", language));
    places["number"] = paper.number;
    places["code"] = paper.code;
    places["verify_address"] = paper.verify_address;
    places["issued_on"] = long_date(paper.issued_on, language);
    places["valid_until"] = paper.valid_until ? long_date(*paper.valid_until, language) : "";
    return places;
}

// The values that a pattern names are all empty, and it names at least one.
bool is_empty(std::string_view pattern, const Places& places) {
    bool named = false;
    for (std::size_t at = 0; (at = pattern.find('{', at)) != std::string_view::npos; ++at) {
        const std::size_t end = std::min(pattern.find('}', at), pattern.size());
        const auto place = places.find(pattern.substr(at + 1, end - at - 1));
        named = true;
        if (place == places.end() || !place->second.empty()) return false;
    }
    return named;
}

class Filler {
public:
    Filler(const CertificateTemplate& certificate, const Words& words, const Paper& paper, std::vector<Places> places)
        : certificate_(certificate), words_(words), paper_(paper), places_(std::move(places)) {}

    Texts texts(const Wording& wording) const {
        Texts out;
        for (std::size_t i = 0; i < places_.size(); ++i) {
            out.push_back(fill_in(text_of(wording, certificate_.languages[i], words_), places_[i]));
        }
        return out;
    }
    FilledBlock block(const Block& from) const {
        FilledBlock out;
        out.kind = from.kind;
        if (from.kind == BlockKind::fields) {
            for (const Row& row : from.rows) {
                if (row.optional && has_nothing(row)) continue;
                out.rows.push_back({texts(row.label), texts(row.value)});
            }
        } else {
            const bool endless = from.kind == BlockKind::validity && !paper_.valid_until;
            out.text = texts(endless ? from.text_without_end : from.text);
        }
        return out;
    }
    bool is_printed(const Block& block) const {
        if (block.kind == BlockKind::notice) return paper_.data == Data::fictional;
        if (block.kind != BlockKind::validity || paper_.valid_until) return true;
        return !block.text_without_end.source.empty() || !block.text_without_end.texts.empty();
    }

private:
    bool has_nothing(const Row& row) const {
        for (std::size_t i = 0; i < places_.size(); ++i) {
            if (!is_empty(text_of(row.value, certificate_.languages[i], words_), places_[i])) return false;
        }
        return true;
    }

    const CertificateTemplate& certificate_;
    const Words& words_;
    const Paper& paper_;
    std::vector<Places> places_;
};

}  // namespace

Result<Filled> fill_template(const CertificateTemplate& certificate, const Values& values, const Words& words,
                             const Paper& paper) {
    for (const auto& [name, texts] : values) {
        if (!certificate.values.contains(name)) {
            return fail(Code::invalid, format("{}: the value \"{}\" is not declared in the template", certificate.name, name));
        }
    }
    std::vector<Places> places;
    for (const std::string& language : certificate.languages) {
        TRY(Places of_language, places_in(certificate, values, paper, language));
        places.push_back(std::move(of_language));
    }
    const Filler filler(certificate, words, paper, std::move(places));
    Filled out;
    out.languages = certificate.languages;
    out.title = filler.texts(certificate.title);
    for (const Block& block : certificate.blocks) {
        if (!filler.is_printed(block)) continue;
        FilledBlock filled = filler.block(block);
        if (filled.kind == BlockKind::fields && filled.rows.empty()) continue;
        out.blocks.push_back(std::move(filled));
    }
    return out;
}

}  // namespace madang::documents
