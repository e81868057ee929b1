// A form in the schema of form-js (schemaVersion up to 19), read as pages: one top-level group is one
// page ("one thing per page"). What a service may use is checked when the pack is loaded.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/pattern.h"
#include "base/result.h"
#include "feel/expression.h"

namespace madang::form {

// The kinds of form-js that carry an answer, and the one that only shows text. A datetime is a date.
enum class Kind { textfield, textarea, number, checkbox, checklist, radio, select, datetime, text };

struct Option {
    std::string label;      // source text for the catalogues
    std::string value;
};

enum class TextRule { any, email, phone };

// form-js `validate`.
struct Rules {
    bool required = false;
    std::optional<std::size_t> min_length, max_length;          // code points
    std::optional<feel::Number> min, max;
    std::string pattern;                                        // as in HTML, the whole text must match
    std::optional<Pattern> compiled;                            // of `pattern`
    std::string pattern_message;                                // source text, may be empty
    TextRule text = TextRule::any;
};

struct Field {
    Kind kind = Kind::textfield;
    std::string id, key;            // key is empty for text
    std::string label, description; // source texts
    std::string text;               // of Kind::text: Markdown as written, or the heading of a nested group
    Rules rules;
    std::vector<Option> options;
    std::optional<feel::Expression> hide;    // conditional.hide, also of the groups around it within the page
    std::optional<int> decimal_digits;       // number
    std::string autocomplete;       // properties.autocomplete: an HTML autofill token
    std::string prefill;            // properties.prefill: "residence.town"
    std::string line;               // where in the file, for messages
};

struct Page {
    std::string id;                 // "address": the group's id without "Page_"
    std::string label, description; // source texts
    std::optional<feel::Expression> hide;
    std::vector<Field> fields;
};

struct Form {
    std::string id;
    std::vector<Page> pages;

    const Page* find_page(std::string_view page_id) const;
    const Field* find_field(std::string_view key) const;
};

inline constexpr std::size_t kMaxFormBytes = 1U << 20;
inline constexpr std::size_t kMaxPages = 100;
inline constexpr std::size_t kMaxFields = 500;
inline constexpr std::size_t kMaxOptions = 1000;

// Fails with Code::invalid and "NAME: components[2].components[0] (textfield \"town\"): ..." on what the
// schema forbids, on a duplicate or unknown key, an expression or a pattern that cannot be read, a
// condition over a field that is not there, and by name on what of form-js no page can show yet.
Result<Form> parse_form(std::string_view json_text, std::string_view name);

// Source texts that stand in front of a person, for the catalogues.
std::vector<std::string> words_of(const Form& form);

}  // namespace madang::form
