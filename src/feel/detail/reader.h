// Reads the characters of a FEEL text: blanks and comments, words, names of several words, literals.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "feel/expression.h"
#include "feel/number.h"

namespace madang::feel {

bool is_name_start(char32_t c);   // grammar rule 28
bool is_name_part(char32_t c);    // grammar rule 29

// The names of more than one word that count within one text.
struct KnownNames {
    const NameSet* builtin = nullptr;
    const NameSet* given = nullptr;   // by the caller
    NameSet own;                      // of the text itself: iterators, parameters, entries
};

class TextReader {
public:
    explicit TextReader(std::string_view text) : text_(text) { skip(); }

    bool done() const { return at_ == text_.size(); }
    std::size_t place() const { return at_; }
    void go_to(std::size_t place) { at_ = place; }

    // Takes punctuation, and the blanks after it.
    bool take(std::string_view token) {
        if (!sees(token)) return false;
        at_ += token.size();
        skip();
        return true;
    }
    bool sees(std::string_view token) const { return at_ < text_.size() && text_[at_] == token.front() && text_.substr(at_).starts_with(token); }
    // The byte that stands here, 0 at the end.
    char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    // Takes a word that ends where names end.
    bool take_word(std::string_view word);
    bool sees_word(std::string_view word) const;
    // A name without blanks; empty where none stands here.
    std::string_view take_name();
    // The longest of `names` that stands here; blanks in it match any blanks. Empty where none does.
    std::string_view take_longest(const KnownNames& names);
    std::string_view take_longest(std::span<const std::string> names);
    // The text up to a stop word or mark as one name with single blanks, e.g. up to ":" or "in".
    std::optional<std::string> take_name_until(std::string_view stop);
    bool sees_number() const;
    Result<Number> take_number();
    Result<std::string> take_string();

    // "line 1, column 5: …"
    std::unexpected<Error> failure(std::string message) const { return failure_at(at_, std::move(message)); }
    std::unexpected<Error> failure_at(std::size_t place, std::string message) const;

private:
    void skip() {
        // Most often nothing or one blank.
        if (at_ < text_.size() && text_[at_] == ' ') ++at_;
        if (at_ < text_.size() && (text_[at_] <= ' ' || text_[at_] == '/' || static_cast<unsigned char>(text_[at_]) >= 0x80)) skip_all();
    }
    void skip_all();
    char32_t peek(std::size_t at, std::size_t& size) const {
        size = at < text_.size() ? 1 : 0;
        if (size == 0) return 0;
        const auto byte = static_cast<unsigned char>(text_[at]);
        return byte < 0x80 ? byte : peek_wide(at, size);
    }
    char32_t peek_wide(std::size_t at, std::size_t& size) const;
    // The longest of them that reaches further than `end`, and how far.
    std::string_view longest(std::span<const std::string> names, std::size_t& end) const;
    // How far `name` reaches from here; nothing where it does not stand here.
    std::optional<std::size_t> match(std::string_view name) const;

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace madang::feel
