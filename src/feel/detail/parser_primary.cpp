// The rules of the grammar that begin an expression: literals, names, brackets, and the words that
// introduce a construct.
#include <algorithm>

#include "base/text.h"
#include "feel/detail/external.h"
#include "feel/detail/parser.h"

namespace madang::feel {
namespace {

constexpr std::size_t kMaxItems = 10'000;   // of one list or context in the text

std::shared_ptr<Node> start(NodeKind kind) {
    auto node = std::make_shared<Node>();
    node->kind = kind;
    return node;
}

NodePointer seal(std::shared_ptr<Node> node) {
    for (const auto& child : node->children) node->uses_input = node->uses_input || child->uses_input;
    return node;
}

NodePointer literal(Value value) {
    auto node = start(NodeKind::literal);
    node->value = std::move(value);
    return node;
}

bool is_reserved(std::string_view word) {
    static constexpr std::string_view kReserved[] = {"for", "return", "if", "then", "else", "some", "every", "satisfies",
                                                     "in", "between", "and", "or", "instance"};
    return std::ranges::find(kReserved, word) != std::end(kReserved);
}

}  // namespace

// Grammar rules 33 to 37, 39, 52, 54 and 57.
Parser::Parsed Parser::primary() {
    if (reader_.sees_number()) {
        TRY(Number number, reader_.take_number());
        return literal(Value(number));
    }
    if (reader_.sees("\"")) {
        TRY(std::string text, reader_.take_string());
        return literal(Value(std::move(text)));
    }
    if (reader_.sees("@")) return at_literal();
    if (reader_.sees("{")) return context();
    if (reader_.sees("[") || reader_.sees("]")) return list_or_range();
    if (reader_.sees("(")) return parenthesized();
    if (reader_.sees_word("for")) return for_expression();
    if (reader_.sees_word("if")) return if_expression();
    if (reader_.sees_word("some")) return quantified(NodeKind::some);
    if (reader_.sees_word("every")) return quantified(NodeKind::every);
    if (reader_.sees_word("function")) return function_definition();
    return name();
}

Parser::Parsed Parser::name() {
    const std::size_t place = reader_.place();
    std::string_view found = reader_.take_longest(names_);
    if (found.empty()) {
        if (reader_.take_word("true")) return literal(Value(true));
        if (reader_.take_word("false")) return literal(Value(false));
        if (reader_.take_word("null")) return literal(Value());
        found = reader_.take_name();
    }
    if (found.empty()) {
        return reader_.done() ? reader_.failure("the expression ends too early")
                              : reader_.failure("a value, a name or a bracket should stand here");
    }
    if (is_reserved(found)) return reader_.failure_at(place, madang::format("the word \"{}\" cannot stand here", found));
    auto node = start(NodeKind::name);
    node->text = std::string(found);
    node->uses_input = found == "?";
    return node;
}

// Grammar rule 62 (DMN 1.3 and later): @"2019-01-01".
Parser::Parsed Parser::at_literal() {
    const std::size_t place = reader_.place();
    reader_.take("@");
    if (!reader_.sees("\"")) return reader_.failure("a text in quotes should follow \"@\"");
    TRY(const std::string text, reader_.take_string());
    if (const auto moment = parse_date_time(text)) return literal(Value(Value::Held(*moment)));
    if (const auto date = parse_calendar_date(text)) return literal(Value(Value::Held(*date)));
    if (const auto time = parse_time_of_day(text)) return literal(Value(Value::Held(*time)));
    if (const auto months = parse_months_duration(text)) return literal(Value(Value::Held(*months)));
    if (const auto seconds = parse_seconds_duration(text)) return literal(Value(Value::Held(*seconds)));
    return reader_.failure_at(place, "this is no date, time, date and time or duration");
}

// Grammar rule 8: the end of a range whose start is read.
Parser::Parsed Parser::range_end(NodePointer first, bool start_included) {
    const bool outer = std::exchange(ends_range_, true);
    auto parsed = expression();
    ends_range_ = outer;
    TRY(NodePointer last, std::move(parsed));
    auto node = start(NodeKind::range);
    node->start_included = start_included;
    node->end_included = reader_.sees("]");
    if (!reader_.take("]") && !reader_.take(")") && !reader_.take("[")) return reader_.failure("the range needs its closing bracket");
    node->children = {std::move(first), std::move(last)};
    return seal(std::move(node));
}

Parser::Parsed Parser::list_or_range() {
    if (reader_.take("]")) {   // ]1..5]: open at its start
        TRY(NodePointer first, expression());
        if (!reader_.take("..")) return reader_.failure("a range needs \"..\" between its ends");
        return range_end(std::move(first), false);
    }
    reader_.take("[");
    auto node = start(NodeKind::list);
    if (reader_.take("]")) return node;
    do {
        TRY(NodePointer item, unary_test());   // a list of tests, such as [< 5, > 10], holds ranges
        if (node->children.empty() && reader_.take("..")) return range_end(std::move(item), true);
        if (node->children.size() >= kMaxItems) return reader_.failure("this list is too long to stand in a text");
        node->children.push_back(std::move(item));
    } while (reader_.take(","));
    if (!reader_.take("]")) return reader_.failure("the list needs a comma or its closing \"]\"");
    return seal(std::move(node));
}

Parser::Parsed Parser::parenthesized() {
    reader_.take("(");
    TRY(NodePointer inner, unary_test());   // "(< 5)" is a range, DMN 1.5
    if (reader_.take("..")) return range_end(std::move(inner), false);
    if (!reader_.take(")")) return reader_.failure("the closing \")\" is missing");
    return inner;
}

// Grammar rules 57 to 60.
Parser::Parsed Parser::context() {
    reader_.take("{");
    auto node = start(NodeKind::context);
    if (reader_.take("}")) return node;
    do {
        std::string key;
        if (reader_.sees("\"")) {
            TRY(key, reader_.take_string());
            if (!reader_.take(":")) return reader_.failure("a colon should follow the name of the entry");
        } else {
            auto taken = reader_.take_name_until(":");
            if (!taken) return reader_.failure("an entry of a context is a name, a colon and a value");
            key = std::move(*taken);
        }
        TRY(NodePointer value, expression());
        if (std::ranges::find(node->names, key) != node->names.end()) {
            return reader_.failure(madang::format("the context has two entries called \"{}\"", key));
        }
        if (node->names.size() >= kMaxItems) return reader_.failure("this context is too long to stand in a text");
        learn(key);
        node->names.push_back(std::move(key));
        node->children.push_back(std::move(value));
    } while (reader_.take(","));
    if (!reader_.take("}")) return reader_.failure("the context needs a comma or its closing \"}\"");
    return seal(std::move(node));
}

// The iterations of `for`, `some` and `every`: "x in list, y in 1..3".
Result<void> Parser::iteration(Node& node) {
    do {
        auto variable = reader_.take_name_until("in");
        if (!variable) return reader_.failure("a name and \"in\" should stand here");
        learn(*variable);
        node.names.push_back(std::move(*variable));
        TRY(NodePointer domain, expression());
        if (reader_.take("..")) {
            TRY(NodePointer last, expression());
            auto range = start(NodeKind::range_of);
            range->children = {std::move(domain), std::move(last)};
            domain = seal(std::move(range));
        }
        node.children.push_back(std::move(domain));
    } while (reader_.take(","));
    return {};
}

// Grammar rule 44.
Parser::Parsed Parser::for_expression() {
    reader_.take_word("for");
    auto node = start(NodeKind::for_in);
    TRY_DO(iteration(*node));
    if (!reader_.take_word("return")) return reader_.failure("\"for\" needs \"return\" and what each turn gives");
    TRY(NodePointer result, expression());
    node->children.push_back(std::move(result));
    return seal(std::move(node));
}

// Grammar rule 46.
Parser::Parsed Parser::quantified(NodeKind kind) {
    if (!reader_.take_word("some")) reader_.take_word("every");
    auto node = start(kind);
    TRY_DO(iteration(*node));
    if (!reader_.take_word("satisfies")) return reader_.failure("\"some\" and \"every\" need \"satisfies\" and a condition");
    TRY(NodePointer condition, expression());
    node->children.push_back(std::move(condition));
    return seal(std::move(node));
}

// Grammar rule 45.
Parser::Parsed Parser::if_expression() {
    reader_.take_word("if");
    auto node = start(NodeKind::if_then_else);
    TRY(NodePointer condition, expression());
    if (!reader_.take_word("then")) return reader_.failure("\"if\" needs \"then\"");
    TRY(NodePointer yes, expression());
    if (!reader_.take_word("else")) return reader_.failure("\"if\" needs \"else\"");
    TRY(NodePointer no, expression());
    node->children = {std::move(condition), std::move(yes), std::move(no)};
    return seal(std::move(node));
}

// Grammar rule 55.
Parser::Parsed Parser::function_definition() {
    reader_.take_word("function");
    if (!reader_.take("(")) return reader_.failure("\"function\" needs its parameters in brackets");
    auto node = start(NodeKind::function);
    Type parameters;
    while (!reader_.take(")")) {
        const std::size_t place = reader_.place();
        std::optional<std::string> parameter = reader_.take_name_until(":");
        Type parameter_type;
        if (parameter) {
            TRY(parameter_type, type());
        } else {
            reader_.go_to(place);
            parameter = std::string(reader_.take_name());
        }
        if (parameter->empty()) return reader_.failure("a parameter of the function should stand here");
        learn(*parameter);
        node->names.push_back(std::move(*parameter));
        parameters.parts.push_back(std::move(parameter_type));
        if (!reader_.take(",") && !reader_.sees(")")) return reader_.failure("a comma or \")\" should stand here");
    }
    TRY(NodePointer body, reader_.take_word("external") ? external_body(node->names) : expression());
    node->children = {std::move(body)};
    node->type = std::make_shared<const Type>(std::move(parameters));
    return seal(std::move(node));
}

// external {java: {class: "…", method signature: "…"}}
Parser::Parsed Parser::external_body(const std::vector<std::string>& parameters) {
    const std::size_t place = reader_.place();
    if (!reader_.sees("{")) return reader_.failure("\"external\" needs a context that names the function");
    TRY(NodePointer described, context());
    const Value value = evaluate(Expression(std::move(described)), {});
    const Value* java = value.context() == nullptr ? nullptr : value.context()->find("java");
    const Value* class_name = java == nullptr || java->context() == nullptr ? nullptr : java->context()->find("class");
    const Value* signature = java == nullptr || java->context() == nullptr ? nullptr : java->context()->find("method signature");
    if (class_name == nullptr || signature == nullptr || class_name->as<std::string>() == nullptr || signature->as<std::string>() == nullptr) {
        return reader_.failure_at(place, "only functions with a class and a method signature of Java are known here");
    }
    return external_call(*class_name->as<std::string>(), *signature->as<std::string>(), parameters);
}

Result<std::string> Parser::type_word() {
    static const std::vector<std::string> kLong{"date and time", "days and time duration", "years and months duration",
                                                "day time duration", "year month duration"};
    std::string_view word = reader_.take_longest(kLong);
    if (word.empty()) word = reader_.take_longest(names_);
    if (word.empty()) word = reader_.take_name();
    if (word.empty()) return reader_.failure("the name of a type should stand here");
    return std::string(word);
}

// Grammar rules 63 to 66.
Result<Type> Parser::type() {
    const Level level(*this);
    if (level.too_deep()) return reader_.failure("this type is nested too deep");
    Type made;
    TRY(made.name, type_word());
    while (!reader_.sees("..") && reader_.take(".")) {   // a type of an imported model
        TRY(const std::string word, type_word());
        made.name += "." + word;
    }
    if (types_ != nullptr) {
        if (const auto known = types_->by_name.find(made.name); known != types_->by_name.end()) return known->second;
    }
    if (made.name == "function" && reader_.take("<")) {
        while (!reader_.take(">")) {
            TRY(Type parameter, type());
            made.parts.push_back(std::move(parameter));
            if (!reader_.take(",") && !reader_.sees(">")) return reader_.failure("a comma or \">\" should stand here");
        }
        if (!reader_.take("->")) return reader_.failure("a type of function needs \"->\" and the type of its result");
        TRY(Type result, type());
        made.parts.push_back(std::move(result));
    } else if (made.name == "context" && reader_.take("<")) {
        do {
            auto field = reader_.take_name_until(":");
            if (!field) return reader_.failure("a name and a colon should stand here");
            made.fields.push_back(std::move(*field));
            TRY(Type part, type());
            made.parts.push_back(std::move(part));
        } while (reader_.take(","));
        if (!reader_.take(">")) return reader_.failure("the type needs its closing \">\"");
    } else if ((made.name == "list" || made.name == "range") && reader_.take("<")) {
        TRY(Type part, type());
        made.parts.push_back(std::move(part));
        if (!reader_.take(">")) return reader_.failure("the type needs its closing \">\"");
    }
    return made;
}

}  // namespace madang::feel
