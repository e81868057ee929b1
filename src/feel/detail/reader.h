// Reads the characters of a FEEL text: blanks and comments, words, names of several words, literals.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "feel/number.h"

namespace madang::feel {

bool is_name_start(char32_t c);   // grammar rule 28
bool is_name_part(char32_t c);    // grammar rule 29

class TextReader {
public:
    explicit TextReader(std::string_view text) : text_(text) { skip(); }

    bool done() const { return at_ == text_.size(); }
    std::size_t place() const { return at_; }
    void go_to(std::size_t place) { at_ = place; }

    // Takes punctuation, and the blanks after it.
    bool take(std::string_view token);
    bool sees(std::string_view token) const { return text_.substr(at_).starts_with(token); }
    // Takes a word that ends where names end.
    bool take_word(std::string_view word);
    bool sees_word(std::string_view word) const;
    // A name without blanks; empty where none stands here.
    std::string_view take_name();
    // The longest of `names` that stands here; blanks in it match any blanks. Empty where none does.
    std::string_view take_longest(const std::vector<std::string>& names);
    // The text up to a stop word or mark as one name with single blanks, e.g. up to ":" or "in".
    std::optional<std::string> take_name_until(std::string_view stop);
    bool sees_number() const;
    Result<Number> take_number();
    Result<std::string> take_string();

    // "line 1, column 5: …"
    std::unexpected<Error> failure(std::string message) const { return failure_at(at_, std::move(message)); }
    std::unexpected<Error> failure_at(std::size_t place, std::string message) const;

private:
    void skip();
    char32_t peek(std::size_t at, std::size_t& size) const;
    // How far `name` reaches from here; nothing where it does not stand here.
    std::optional<std::size_t> match(std::string_view name) const;

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace madang::feel
