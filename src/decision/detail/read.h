// Steps of parse_dmn: each reads one kind of element.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/xml.h"
#include "decision/decision.h"
#include "decision/detail/model.h"

namespace madang::decision {

// What one call of parse_dmn draws in.
struct Importing {
    const Importer& importer;
    std::size_t files = 0;
    int depth = 0;
};
Result<std::shared_ptr<Model>> read_model(std::string_view text, std::string_view name, Mistakes mistakes, Importing& importing);

class Reading;
// Reads the file that an <import> names and makes it a part of the model.
Result<void> import_into(Reading& reading, xml::Node element, Mistakes mistakes, Importing& importing, Model& model);

class Reading {
public:
    Reading(const xml::Document& document, std::string_view dmn, Mistakes mistakes) : document_(document), dmn_(dmn), mistakes_(mistakes) {}

    const xml::Document& document() const { return document_; }
    std::string_view dmn() const { return dmn_; }
    const std::vector<std::string>& names() const { return names_; }
    // Every name of the file, so that FEEL texts with blanks in names can be read.
    void learn_names(xml::Node node);
    void learn(const std::vector<std::string>& names);
    void learn_types(const Model& model) { types_ = types_of(model); }

    // An expression with a mistake is refused or gives null, as the caller of parse_dmn asked.
    Result<BoxedPointer> boxed(xml::Node node, int depth) const;
    // The body of a function definition or of the logic of a knowledge model.
    Result<BoxedPointer> body_of(xml::Node function, const std::vector<std::string>& parameters, int depth) const;
    Result<Table> table(xml::Node node) const;
    Result<ItemType> item_type(xml::Node node, int depth) const;
    Result<feel::Expression> feel_text(xml::Node owner) const;
    Result<std::optional<feel::Expression>> unary_tests_of(xml::Node owner, std::string_view child) const;
    std::unexpected<Error> failure(xml::Node node, std::string_view message) const;
    bool is(xml::Node node, std::string_view local) const { return xml::is(node, dmn_, local); }
    xml::Node child(xml::Node node, std::string_view local) const { return xml::child(node, dmn_, local); }
    // The first child that is a boxed expression, or a null node.
    xml::Node expression_in(xml::Node node) const;

private:
    Result<BoxedPointer> boxed_strictly(xml::Node node, int depth) const;
    Result<feel::Expression> or_null(Result<feel::Expression> parsed, xml::Node node) const;
    Result<BoxedPointer> part(xml::Node owner, std::string_view local, int depth) const;
    Result<void> context_into(xml::Node node, Boxed& boxed, int depth) const;
    Result<void> invocation_into(xml::Node node, Boxed& boxed, int depth) const;
    Result<void> function_into(xml::Node node, Boxed& boxed, int depth) const;
    Result<void> relation_into(xml::Node node, Boxed& boxed, int depth) const;
    Result<void> iteration_into(xml::Node node, Boxed& boxed, int depth) const;
    Result<void> hit_policy_into(xml::Node node, Table& table) const;
    Result<Rule> rule(xml::Node node, const Table& table) const;

    const xml::Document& document_;
    std::string_view dmn_;
    Mistakes mistakes_;
    feel::Types types_;
    std::vector<std::string> names_;
    std::set<std::string, std::less<>> learnt_;
    feel::NameSet words_;                  // those of several words
};

}  // namespace madang::decision
