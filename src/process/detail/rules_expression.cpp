// Expressions and other texts with a format.
#include <algorithm>
#include <array>

#include "process/detail/rules_model.h"

namespace madang::process::rules {
namespace {

// Clause 8.4.6: an executable process needs formal expressions.
int is_informal(const Element& holder, std::string_view kind) {
    const Element* expression = child(holder, kind);
    return expression != nullptr && is_executable(holder) && !is_formal(*expression) ? 1 : 0;
}
int completion_is_informal(const Model&, const Element& e) { return is_informal(e, "completionCondition"); }
int activation_is_informal(const Model&, const Element& e) { return is_informal(e, "activationCondition"); }
int cardinality_is_informal(const Model&, const Element& e) { return is_informal(e, "loopCardinality"); }
int condition_is_informal(const Model&, const Element& e) { return is_informal(e, "conditionExpression"); }
int loop_is_informal(const Model&, const Element& e) { return is_informal(e, "loopCondition"); }
int assignment_is_informal(const Model&, const Element& e) {
    const Element* from = child(e, "from");
    const Element* to = child(e, "to");
    return is_executable(e) && !(from != nullptr && to != nullptr && is_formal(*from) && is_formal(*to)) ? 1 : 0;
}
int timer_is_informal(const Model&, const Element& e) {
    bool any = false;
    for (const Element* one : e.children) {
        if (!is_one_of(*one, "timeDate timeDuration timeCycle")) continue;
        if (is_formal(*one)) return 0;
        any = true;
    }
    return any && is_executable(e) ? 1 : 0;
}

int formal_is_empty(const Model&, const Element& expression) {
    const bool formal = is_formal(expression) || is_one_of(expression, "dataPath messagePath transformation") ||
                        (expression.kind == "condition" && expression.parent != nullptr && expression.parent->kind == "complexBehaviorDefinition");
    return formal && text_of(expression).empty() ? 1 : 0;
}

int is_no_media_type(const Model&, const Element& annotation) {
    const std::string_view format = attribute(annotation, "textFormat");
    return format.empty() || is_media_type(format) ? 0 : 1;
}

// RFC 3986, appendix A: the characters of a URI, and "%" only before two hexadecimal digits.
bool is_uri(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '%') {
            const auto hex = [&](std::size_t at) { return at < text.size() && std::string_view("0123456789abcdefABCDEF").contains(text[at]); };
            if (!hex(i + 1) || !hex(i + 2)) return false;
            continue;
        }
        if (static_cast<unsigned char>(c) > 0x7F) continue;   // anyURI takes the characters of an IRI as well
        if (c <= ' ' || std::string_view("\"<>\\^`{|}").contains(c)) return false;
    }
    return true;
}
int language_is_no_uri(const Model&, const Element& e) {
    for (const char* name : {"language", "expressionLanguage", "evaluatesToTypeRef"}) {
        if (!is_uri(attribute(e, name))) return 1;
    }
    return 0;
}

// Clause 10.3.5, Table 10.22: a URI, whose scheme is written, or one of three words.
int method_is_unknown(const Model&, const Element& transaction) {
    const std::string_view method = attribute(transaction, "method");
    if (method.empty() || method == "##Compensate" || method == "##Image" || method == "##Store") return 0;
    return !method.starts_with("##") && method.find(':') != std::string_view::npos && method.find(':') != 0 && is_uri(method) ? 0 : 1;
}

constexpr std::string_view kFormal = "an executable process needs a formal expression here";

constexpr std::array kRules{
    Rule{"EXT.004", "8.4.1", "documentation", "textFormat is no media type", is_no_media_type},
    Rule{"EXT.010", "8.4.1", "textAnnotation", "textFormat is no media type", is_no_media_type},
    Rule{"EXT.012", "8.4.6", "adHocSubProcess multiInstanceLoopCharacteristics", kFormal, completion_is_informal},
    Rule{"EXT.012", "8.4.6", "assignment", kFormal, assignment_is_informal},
    Rule{"EXT.012", "8.4.6", "complexGateway", kFormal, activation_is_informal},
    Rule{"EXT.012", "8.4.6", "multiInstanceLoopCharacteristics", kFormal, cardinality_is_informal},
    Rule{"EXT.012", "8.4.6", "sequenceFlow", kFormal, condition_is_informal},
    Rule{"EXT.012", "8.4.6", "standardLoopCharacteristics", kFormal, loop_is_informal},
    Rule{"EXT.012", "8.4.6", "timerEventDefinition", kFormal, timer_is_informal},
    Rule{"EXT.013", "8.4.6", "*", "a formal expression cannot be empty", formal_is_empty},
    Rule{"EXT.014", "8.4.6", "*", "the language of an expression is a URI", language_is_no_uri},
    Rule{"EXT.060", "10.3.5", "transaction", "the method of a transaction is ##Compensate, ##Image, ##Store or a URI", method_is_unknown},
};

}  // namespace

std::span<const Rule> expression_rules() { return kRules; }

// RFC 6838, clause 4.2: type/subtype of restricted names; parameters may follow.
bool is_media_type(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto restricted = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::string_view("!#$&-^_.+").contains(c);
    };
    if (slash == std::string_view::npos || slash == 0 || slash + 1 == text.size()) return false;
    const std::string_view subtype = text.substr(slash + 1, text.find(';') == std::string_view::npos ? std::string_view::npos : text.find(';') - slash - 1);
    return std::ranges::all_of(text.substr(0, slash), restricted) && !subtype.empty() && std::ranges::all_of(subtype, restricted);
}

}  // namespace madang::process::rules
