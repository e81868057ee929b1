#include "security/spool_hunt.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "security/hunt_sieve.h"

namespace madang::security {
namespace {

constexpr std::size_t kMinNeedle = 3;   // bytes

// JSON may write other letters as escapes; what is left of a text is searched for.
std::string longest_plain(std::string_view text) {
    const auto plain = [](char c) { return static_cast<unsigned char>(c) >= 0x20U && static_cast<unsigned char>(c) < 0x7fU && c != '"' && c != '\\' && c != '/' && c != '<' && c != '>' && c != '&' && c != '\''; };
    std::string_view longest;
    for (std::size_t from = 0; from < text.size();) {
        std::size_t to = from;
        while (to < text.size() && plain(text[to])) ++to;
        if (to - from > longest.size()) longest = text.substr(from, to - from);
        from = to + 1;
    }
    return std::string(longest);
}

bool begins_name(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool in_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Behind a name with dots in it that begins here; `from` where there is none. Events have such fields, and nothing has parts.
std::size_t end_of_dotted(std::string_view text, std::size_t from) {
    std::size_t end = from;
    bool dotted = false;
    while (end < text.size() && begins_name(text[end])) {
        while (end < text.size() && in_name(text[end])) ++end;
        if (end + 1 >= text.size() || text[end] != '.' || !begins_name(text[end + 1])) break;
        dotted = true;
        ++end;
    }
    return dotted ? end : from;
}

}  // namespace

Result<SpoolHunt> SpoolHunt::compile(std::string_view given) {
    // `cs-method` becomes a name that FEEL reads as one word.
    std::string text;
    std::vector<std::pair<std::string, std::string>> quoted;
    bool in_text = false;
    for (std::size_t i = 0; i < given.size(); ++i) {
        if (given[i] == '"' && (i == 0 || given[i - 1] != '\\')) in_text = !in_text;
        const bool begins = !in_text && begins_name(given[i]) && (i == 0 || !(in_name(given[i - 1]) || given[i - 1] == '.'));
        if (const std::size_t end = begins ? end_of_dotted(given, i) : i; end != i) {
            quoted.emplace_back(format("field_{}_", quoted.size()), std::string(given.substr(i, end - i)));
            text += quoted.back().first;
            i = end - 1;
            continue;
        }
        if (given[i] != '`' || in_text) {
            text += given[i];
            continue;
        }
        const std::size_t end = given.find('`', i + 1);
        if (end == std::string_view::npos || end == i + 1) return fail(Code::invalid, format("column {}: a ` without its end, or nothing between two", i + 1));
        quoted.emplace_back(format("field_{}_", quoted.size()), std::string(given.substr(i + 1, end - i - 1)));
        text += quoted.back().first;
        i = end;
    }
    TRY(feel::Expression expression, feel::parse_expression(text));
    std::vector<std::string> names = feel::free_names(expression);
    std::vector<std::string> fields;
    for (const std::string& name : names) {
        const auto found = std::ranges::find(quoted, name, &std::pair<std::string, std::string>::first);
        fields.push_back(found == quoted.end() ? name : found->second);
    }
    return SpoolHunt(std::move(expression), std::move(names), std::move(fields));
}

bool SpoolHunt::fits(const Event& event) const {
    feel::Context variables;
    for (std::size_t n = 0; n < names_.size(); ++n) {
        feel::List values;
        for (std::size_t i = 0; i < event.size(); ++i) {
            const EventField field = event.at(i);
            if (field.name == fields_[n]) values.push_back(field.null ? feel::Value() : feel_value(field.value));
        }
        if (values.size() == 1) variables.set(names_[n], values.front());
        else if (values.empty()) variables.set(names_[n], feel::Value());
        else variables.set(names_[n], feel::Value(std::move(values)));
    }
    const feel::Value answer = feel::evaluate(expression_, variables, {.steps = 100'000});
    const bool* truth = std::get_if<bool>(&answer.held());
    return truth != nullptr && *truth;
}

void SpoolHunt::narrow(SpoolQuery& query, EventFields fields) const {
    for (const feel::RequiredText& one : feel::required_texts(expression_)) {
        const auto found = std::ranges::find(names_, one.name);
        if (found == names_.end()) continue;
        const std::string& field = fields_[static_cast<std::size_t>(found - names_.begin())];
        if (one.whole) query.is.push_back({field, one.text});
        std::string needle = longest_plain(one.text);
        if (needle.size() >= kMinNeedle) query.hints.push_back(std::move(needle));
    }
    if (fields == EventFields::of_lines) query.sieve = HuntSieve::make(expression_, names_, fields_);
}

}  // namespace madang::security
