// Boxed expressions, clause 10.2.
#include <algorithm>
#include <map>

#include "base/text.h"
#include "decision/detail/read.h"
#include "feel/detail/external.h"

namespace madang::decision {
namespace {

constexpr int kMaxDepth = 50;
constexpr std::string_view kFeelSpaces[] = {
    "https://www.omg.org/spec/DMN/20230324/FEEL/", "https://www.omg.org/spec/DMN/20211108/FEEL/",
    "https://www.omg.org/spec/DMN/20191111/FEEL/", "http://www.omg.org/spec/DMN/20180521/FEEL/", "feel", "FEEL"};

using Kind = Boxed::Kind;
const std::map<std::string_view, Kind>& kinds() {
    static const std::map<std::string_view, Kind> all{
        {"literalExpression", Kind::literal}, {"decisionTable", Kind::table}, {"context", Kind::context},
        {"invocation", Kind::invocation}, {"functionDefinition", Kind::function}, {"list", Kind::list},
        {"relation", Kind::relation}, {"conditional", Kind::conditional}, {"filter", Kind::filter},
        {"for", Kind::for_in}, {"every", Kind::every}, {"some", Kind::some}};
    return all;
}

}  // namespace

void Reading::learn_names(xml::Node node) {
    for (const xml::Node child : node.children()) {
        for (const char* key : {"name", "iteratorVariable"}) {
            const std::string name(trim(xml::attribute(child, key)));
            if (!name.empty()) learn({name});
        }
        learn_names(child);   // the reader of XML limits the depth
    }
}

void Reading::learn(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        if (!learnt_.insert(name).second) continue;
        names_.push_back(name);
        words_.add(name);
    }
}

std::unexpected<Error> Reading::failure(xml::Node node, std::string_view message) const {
    return fail(Code::invalid, madang::format("{}: {}", document_.where(node), message));
}

Result<feel::Expression> Reading::feel_text(xml::Node owner) const {
    const std::string_view language = xml::attribute(owner, "expressionLanguage");
    if (!language.empty() && std::ranges::find(kFeelSpaces, language) == std::end(kFeelSpaces)) {
        return failure(owner, madang::format("the expression language \"{}\" is not FEEL", language));
    }
    const xml::Node text = child(owner, "text");
    if (!text) return failure(owner, "an expression needs its <text>");
    return or_null(feel::parse_expression(xml::text_of(text), words_, &types_), owner);
}

Result<feel::Expression> Reading::or_null(Result<feel::Expression> parsed, xml::Node node) const {
    auto located = within(std::move(parsed), document_.where(node));
    if (located || mistakes_ == Mistakes::refuse || located.error().code != Code::invalid) return located;
    return feel::make_null(located.error().message);
}

Result<std::optional<feel::Expression>> Reading::unary_tests_of(xml::Node owner, std::string_view local) const {
    const xml::Node values = child(owner, local);
    if (!values) return std::optional<feel::Expression>();
    const std::string text = xml::text_of(child(values, "text"));
    if (text.empty()) return std::optional<feel::Expression>();
    TRY(feel::Expression tests, or_null(feel::parse_unary_tests(text, words_, &types_), values));
    return std::optional(std::move(tests));
}

xml::Node Reading::expression_in(xml::Node node) const {
    for (const xml::Node one : node.children()) {
        if (xml::namespace_of(one) == dmn_ && kinds().contains(xml::local_name(one))) return one;
    }
    return {};
}

Result<BoxedPointer> Reading::part(xml::Node owner, std::string_view local, int depth) const {
    const xml::Node holder = child(owner, local);
    const xml::Node expression = holder ? expression_in(holder) : xml::Node();
    if (!expression) return failure(owner, madang::format("<{}> with an expression is missing", local));
    return boxed(expression, depth + 1);
}

Result<BoxedPointer> Reading::boxed(xml::Node node, int depth) const {
    auto made = boxed_strictly(node, depth);
    if (made || mistakes_ == Mistakes::refuse || made.error().code != Code::invalid) return made;
    auto nothing = std::make_shared<Boxed>();
    nothing->where = document_.where(node);
    nothing->expression = feel::make_null(made.error().message);
    return BoxedPointer(std::move(nothing));
}

Result<BoxedPointer> Reading::boxed_strictly(xml::Node node, int depth) const {
    if (depth > kMaxDepth) return failure(node, madang::format("expressions are nested deeper than {}", kMaxDepth));
    const auto kind = kinds().find(xml::local_name(node));
    if (kind == kinds().end()) return failure(node, "this kind of expression is not known");
    auto made = std::make_shared<Boxed>();
    made->kind = kind->second;
    made->where = document_.where(node);
    made->type = std::string(xml::attribute(node, "typeRef"));
    switch (made->kind) {
        case Kind::literal: {
            TRY(made->expression, feel_text(node));
            break;
        }
        case Kind::table: {
            TRY(made->table, table(node));
            break;
        }
        case Kind::context: TRY_DO(context_into(node, *made, depth)); break;
        case Kind::invocation: TRY_DO(invocation_into(node, *made, depth)); break;
        case Kind::function: TRY_DO(function_into(node, *made, depth)); break;
        case Kind::list:
            for (const xml::Node item : node.children()) {
                if (!kinds().contains(xml::local_name(item))) continue;
                TRY(BoxedPointer one, boxed(item, depth + 1));
                made->parts.emplace_back("", std::move(one));
            }
            break;
        case Kind::relation: TRY_DO(relation_into(node, *made, depth)); break;
        case Kind::conditional:
            for (const auto* local : {"if", "then", "else"}) {
                TRY(BoxedPointer one, part(node, local, depth));
                made->parts.emplace_back(local, std::move(one));
            }
            break;
        case Kind::filter:
            for (const auto* local : {"in", "match"}) {
                TRY(BoxedPointer one, part(node, local, depth));
                made->parts.emplace_back(local, std::move(one));
            }
            break;
        case Kind::for_in: case Kind::every: case Kind::some: TRY_DO(iteration_into(node, *made, depth)); break;
    }
    return BoxedPointer(std::move(made));
}

Result<void> Reading::context_into(xml::Node node, Boxed& boxed_context, int depth) const {
    for (const xml::Node entry : node.children()) {
        if (!is(entry, "contextEntry")) continue;
        const xml::Node variable = child(entry, "variable");
        const xml::Node value = expression_in(entry);
        if (!value) return failure(entry, "an entry of a context needs an expression");
        TRY(BoxedPointer one, boxed(value, depth + 1));
        auto typed = std::make_shared<Boxed>(*one);
        if (variable && typed->type.empty()) typed->type = std::string(xml::attribute(variable, "typeRef"));
        boxed_context.parts.emplace_back(std::string(trim(xml::attribute(variable, "name"))), std::move(typed));
    }
    return {};
}

Result<void> Reading::invocation_into(xml::Node node, Boxed& invocation, int depth) const {
    const xml::Node function = child(node, "literalExpression");
    if (!function) return failure(node, "an invocation needs the name of the function as <literalExpression>");
    TRY(invocation.expression, feel_text(function));
    for (const xml::Node binding : node.children()) {
        if (!is(binding, "binding")) continue;
        const xml::Node value = expression_in(binding);
        BoxedPointer one;
        if (value) {
            TRY(one, boxed(value, depth + 1));
        }
        invocation.parts.emplace_back(std::string(trim(xml::attribute(child(binding, "parameter"), "name"))), std::move(one));
    }
    return {};
}

Result<void> Reading::function_into(xml::Node node, Boxed& function, int depth) const {
    for (const xml::Node parameter : node.children()) {
        if (is(parameter, "formalParameter")) {
            function.names.emplace_back(trim(xml::attribute(parameter, "name")));
            // The type of a parameter stands beside its name, the body comes last.
            function.parts.emplace_back(std::string(xml::attribute(parameter, "typeRef")), nullptr);
        }
    }
    TRY(BoxedPointer one, body_of(node, function.names, depth + 1));
    function.parts.emplace_back("", std::move(one));
    return {};
}

// A function of kind Java has a context with "class" and "method signature" for a body (clause 10.2.1.8).
Result<BoxedPointer> Reading::body_of(xml::Node function, const std::vector<std::string>& parameters, int depth) const {
    const xml::Node body = expression_in(function);
    if (!body) return failure(function, "a function needs its body");
    TRY(BoxedPointer one, boxed(body, depth));
    const std::string_view kind = xml::attribute(function, "kind");
    if (kind.empty() || kind == "FEEL") return one;
    if (kind != "Java") return failure(function, madang::format("functions of kind \"{}\" are not run here", kind));
    std::string class_name;
    std::string signature;
    for (const auto& [name, part] : one->parts) {
        if (!part || !part->expression) continue;
        const auto* text = part->expression->root().value.as<std::string>();
        if (text != nullptr && name == "class") class_name = *text;
        if (text != nullptr && name == "method signature") signature = *text;
    }
    if (class_name.empty() || signature.empty()) return failure(function, "a function of kind Java names its \"class\" and \"method signature\"");
    auto made = std::make_shared<Boxed>();
    made->kind = Kind::literal;
    made->where = document_.where(body);
    made->expression = feel::Expression(feel::external_call(class_name, signature, parameters));
    return made;
}

Result<void> Reading::relation_into(xml::Node node, Boxed& relation, int depth) const {
    for (const xml::Node one : node.children()) {
        if (is(one, "column")) relation.names.emplace_back(trim(xml::attribute(one, "name")));
        if (!is(one, "row")) continue;
        auto row = std::make_shared<Boxed>();
        row->kind = Kind::list;
        row->where = document_.where(one);
        for (const xml::Node cell : one.children()) {
            if (!kinds().contains(xml::local_name(cell))) continue;
            TRY(BoxedPointer value, boxed(cell, depth + 1));
            row->parts.emplace_back("", std::move(value));
        }
        if (row->parts.size() != relation.names.size()) return failure(one, madang::format("this row has {} cells, the relation {} columns", row->parts.size(), relation.names.size()));
        relation.parts.emplace_back("", std::move(row));
    }
    return {};
}

Result<void> Reading::iteration_into(xml::Node node, Boxed& iteration, int depth) const {
    iteration.names.emplace_back(trim(xml::attribute(node, "iteratorVariable")));
    if (iteration.names.front().empty()) return failure(node, "an iteration needs its iteratorVariable");
    TRY(BoxedPointer domain, part(node, "in", depth));
    iteration.parts.emplace_back("in", std::move(domain));
    TRY(BoxedPointer turn, part(node, iteration.kind == Kind::for_in ? "return" : "satisfies", depth));
    iteration.parts.emplace_back("turn", std::move(turn));
    return {};
}

}  // namespace madang::decision
