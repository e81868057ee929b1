#include "decision/explain.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "base/time_text.h"
#include "decision/detail/model.h"

namespace madang::decision {
namespace {

constexpr int kMaxDepth = 200;        // of decisions that require decisions
constexpr int kMaxValueDepth = 8;     // of lists and contexts within each other

constexpr std::string_view kIs = "\"{decision}\" is: {value}.";
constexpr std::string_view kIsBy = "\"{decision}\" is: {value}, by {rules}.";
constexpr std::string_view kIsByArticle = "\"{decision}\" is: {value}, by {rules} ({article}).";
constexpr std::string_view kNone = "\"{decision}\" has no value.";
constexpr std::string_view kNoneSince = "\"{decision}\" has no value: {reason}.";
constexpr std::string_view kUnknown = "\"{decision}\" was not needed.";
constexpr std::string_view kRule = "rule {number} of its table";
constexpr std::string_view kRules = "rules {numbers} of its table";
constexpr std::string_view kNamedRule = "the rule \"{rule}\" of its table";
constexpr std::string_view kSomeRule = "a rule of its table";
constexpr std::string_view kInputs = "There {inputs}.";
constexpr std::string_view kInput = "\"{name}\" is {value}";
constexpr std::string_view kUnnamedInput = "what column {number} asks for is {value}";
constexpr std::string_view kText = "\"{text}\"";
constexpr std::string_view kYes = "yes";
constexpr std::string_view kNo = "no";
constexpr std::string_view kNothing = "nothing";
constexpr std::string_view kEmpty = "an empty list";
constexpr std::string_view kMore = "{n} more";

// Numbers with a comma: the languages of CLDR that this house speaks and that write them so.
bool has_comma(std::string_view language) { return language.starts_with("be") || language.starts_with("ru"); }

std::string text_in(const json::object& object, std::string_view key) { return string_or(object, key, ""); }

std::string unsent(std::string text) {
    // A text may end as a sentence does; the sentence around it has its own end.
    while (text.ends_with('.')) text.pop_back();
    return text;
}

class Teller {
public:
    Teller(const Catalogue& words, std::string_view language) : words_(words), language_(language) {}

    void tell(const json::value& trace, int depth) {
        const json::object* object = trace.if_object();
        if (object == nullptr || depth > kMaxDepth || sentences_.size() >= kMaxSentences) return;
        if (const auto* required = object->if_contains("required"); required != nullptr && required->is_array()) {
            for (const json::value& one : required->get_array()) tell(one, depth + 1);
        }
        const std::string name = text_in(*object, object->contains("service") ? "service" : "decision");
        const bool only_named = object->size() == 1;   // told in full elsewhere, or never evaluated
        if (name.empty() || (only_named && told_.contains(name))) return;
        if (only_named) {
            later_.push_back(name);
            return;
        }
        told_.insert(name);
        tell_decision(*object, name);
    }

    std::vector<std::string> finish() && {
        for (const std::string& name : later_) {
            if (told_.insert(name).second) say(kUnknown, {{"decision", word(name)}});
        }
        if (sentences_.size() > kMaxSentences) sentences_.resize(kMaxSentences);
        return std::move(sentences_);
    }

private:
    using Values = std::map<std::string, std::string, std::less<>>;

    std::string word(std::string_view source) const { return source.empty() ? std::string() : std::string(words_.text(source)); }
    std::string filled(std::string_view source, const Values& values) const { return fill_in(words_.text(source), values); }
    void say(std::string_view source, const Values& values) {
        std::string sentence = filled(source, values);
        if (sentence.ends_with("..")) sentence.pop_back();   // what was filled in ended in one, as dates do in Russian
        sentences_.push_back(std::move(sentence));
    }

    void tell_decision(const json::object& trace, const std::string& name) {
        const json::value* value = trace.if_contains("value");
        const json::array rules = rules_of(trace);
        Values values{{"decision", word(name)}};
        if (const std::string reason = text_in(trace, "reason"); value == nullptr || value->is_null()) {
            values["reason"] = unsent(word(reason));
            say(reason.empty() ? kNone : kNoneSince, values);
        } else {
            values["value"] = shown(*value, 0);
            values["rules"] = named(rules);
            values["article"] = articles_of(trace, rules);
            say(rules.empty() ? kIs : values["article"].empty() ? kIsBy : kIsByArticle, values);
        }
        if (const std::string inputs = asked(rules); !inputs.empty()) say(kInputs, {{"inputs", inputs}});
    }

    static json::array rules_of(const json::object& trace) {
        const json::value* rules = trace.if_contains("rules");
        json::array kept;
        if (rules == nullptr || !rules->is_array()) return kept;
        for (const json::value& one : rules->get_array()) {
            if (one.is_object()) kept.push_back(one);
        }
        return kept;
    }

    // "rule 2 of its table", "rules 1, 3 of its table", or by what names a rule where it has no number.
    std::string named(const json::array& rules) const {
        std::vector<std::string> numbers;
        std::vector<std::string> ids;
        for (const json::value& rule : rules) {
            const json::value* number = rule.get_object().if_contains("number");
            const bool numbered = number != nullptr && (number->is_int64() || number->is_uint64());
            std::string name = numbered ? json::serialize(*number) : text_in(rule.get_object(), "rule");
            if (!name.empty()) (numbered ? numbers : ids).push_back(std::move(name));
        }
        if (numbers.size() == 1 && ids.empty()) return filled(kRule, {{"number", numbers.front()}});
        if (!numbers.empty()) return filled(kRules, {{"numbers", listed(std::move(numbers))}});
        return ids.empty() ? word(kSomeRule) : filled(kNamedRule, {{"rule", listed(std::move(ids))}});
    }

    std::string articles_of(const json::object& trace, const json::array& rules) const {
        std::vector<std::string> articles;
        const auto add = [&](const std::string& article) {
            if (!article.empty() && std::ranges::find(articles, word(article)) == articles.end()) articles.push_back(word(article));
        };
        for (const json::value& rule : rules) add(text_in(rule.get_object(), "article"));
        if (articles.empty()) add(text_in(trace, "article"));
        return join(articles, "; ");
    }

    // What the columns were asked: the same for every rule of one table.
    std::string asked(const json::array& rules) const {
        std::vector<std::string> parts;
        std::set<std::string> tables;
        for (const json::value& rule : rules) {
            const json::value* inputs = rule.get_object().if_contains("inputs");
            if (inputs == nullptr || !inputs->is_array() || !tables.insert(text_in(rule.get_object(), "table")).second) continue;
            std::size_t column = 0;
            for (const json::value& input : inputs->get_array()) {
                ++column;
                const json::object* one = input.if_object();
                const json::value* value = one == nullptr ? nullptr : one->if_contains("value");
                if (value == nullptr) continue;
                const std::string name = word(text_in(*one, "name"));
                parts.push_back(filled(name.empty() ? kUnnamedInput : kInput, {{"name", name}, {"number", format("{}", column)}, {"value", shown(*value, 1)}}));
            }
        }
        return join(parts, "; ");
    }

    std::string listed(std::vector<std::string> parts) const {
        if (parts.size() > kMaxToldItems) {
            const std::size_t more = parts.size() - kMaxToldItems;
            parts.resize(kMaxToldItems);
            parts.push_back(filled(kMore, {{"n", format("{}", more)}}));
        }
        return join(parts, ", ");
    }

    std::string number(std::string text) const {
        if (has_comma(language_)) std::ranges::replace(text, '.', ',');
        return text;
    }

    std::string text(const json::string& value) const {
        const std::string_view plain(value.data(), value.size());
        if (const auto date = parse_date(plain)) return long_date(*date, language_);
        return filled(kText, {{"text", unsent(word(plain))}});
    }

    std::string shown(const json::value& value, int depth) const {
        if (depth > kMaxValueDepth) return "…";
        std::vector<std::string> parts;
        switch (value.kind()) {
            case json::kind::null: return word(kNothing);
            case json::kind::bool_: return word(value.get_bool() ? kYes : kNo);
            case json::kind::int64: return format("{}", value.get_int64());
            case json::kind::uint64: return format("{}", value.get_uint64());
            case json::kind::double_: return number(format("{}", value.get_double()));
            case json::kind::string: return text(value.get_string());
            case json::kind::array:
                for (const json::value& one : value.get_array()) parts.push_back(shown(one, depth + 1));
                if (parts.empty()) return word(kEmpty);
                break;
            case json::kind::object:
                for (const auto& [key, one] : value.get_object()) parts.push_back(word(key) + " " + shown(one, depth + 1));
                break;
        }
        std::string all = listed(std::move(parts));
        return depth == 0 ? all : "(" + all + ")";
    }

    const Catalogue& words_;
    const std::string language_;
    std::vector<std::string> sentences_;
    std::set<std::string> told_;
    std::vector<std::string> later_;   // named only: told in full elsewhere, or not at all
};

}  // namespace

std::vector<std::string> explain(const json::value& trace, const Catalogue& words, std::string_view language) {
    Teller teller(words, language);
    teller.tell(trace, 0);
    return std::move(teller).finish();
}

std::vector<std::string> words_of(const Decisions& decisions) {
    std::set<std::string> words;
    for (const GraphNode& node : decisions.model().nodes) {
        if (!node.name.empty() && node.kind == GraphNode::Kind::decision) words.insert(node.name);
        if (!node.body || !node.body->table) continue;
        for (const Input& input : node.body->table->inputs) {
            if (!input.label.empty()) words.insert(input.label);
        }
        for (const Rule& rule : node.body->table->rules) {
            if (!rule.article.empty()) words.insert(rule.article);
            for (const feel::Expression& entry : rule.entries) {
                // A word such as "officer" is for the process, a sentence for people.
                const feel::Value value = feel::evaluate(entry, feel::Context());
                if (const auto* text = value.as<std::string>(); text != nullptr && text->contains(' ')) words.insert(*text);
            }
        }
    }
    return {words.begin(), words.end()};
}

}  // namespace madang::decision
