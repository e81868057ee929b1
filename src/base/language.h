// Words in the languages of a pack: gettext PO catalogues (GNU gettext manual, "PO Files"), with the
// plural rule of their Plural-Forms header.
//
//   Catalogue be = *parse_po(text, "be.po");
//   be.text("Sign in")                              the translation, or the source text where none is
//   be.plural("{n} day", "{n} days", 3)             by the catalogue's rule
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace madang {

class Catalogue {
public:
    Catalogue();
    // The translation of a source text, or the source text itself. `context` is gettext's msgctxt.
    std::string_view text(std::string_view source, std::string_view context = {}) const;
    std::string plural(std::string_view one, std::string_view many, std::uint64_t n) const;
    bool has(std::string_view source, std::string_view context = {}) const;
    std::vector<std::string> sources() const;  // every msgid, for completeness checks
    // Adds the entries of another catalogue; entries that are here already win.
    void add(const Catalogue& other);

    struct PluralRule;  // a compiled Plural-Forms expression

private:
    friend Result<Catalogue> parse_po(std::string_view, std::string_view);
    std::map<std::string, std::vector<std::string>, std::less<>> entries_;  // context \4 source
    std::shared_ptr<const PluralRule> rule_;
};

// Fails with Code::invalid and "be.po:12: ..." on anything that msgfmt would refuse; fuzzy and
// obsolete entries are left out. At most 5 MB and 100,000 entries.
Result<Catalogue> parse_po(std::string_view text, std::string_view name);

// Puts values into {name} places; an unknown name stays as it is.
std::string fill_in(std::string_view pattern, const std::map<std::string, std::string, std::less<>>& values);

// The best of `available` for an Accept-Language header (RFC 9110 clause 12.5.4), else the first.
std::string choose_language(std::string_view accept_language, const std::vector<std::string>& available);

}  // namespace madang
