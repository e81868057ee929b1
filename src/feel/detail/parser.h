// FEEL's grammar (DMN 1.5 clause 10.3.1.2) by recursive descent, with a limit on the depth.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "feel/detail/reader.h"
#include "feel/detail/syntax.h"
#include "feel/expression.h"

namespace madang::feel {

class Parser {
public:
    // `names` outlives the parser.
    Parser(std::string_view text, const NameSet& names, const Types* types);

    Result<NodePointer> parse_whole_expression();
    Result<NodePointer> parse_whole_unary_tests();

private:
    using Parsed = Result<NodePointer>;

    Parsed expression();
    Parsed disjunction();
    Parsed conjunction();
    Parsed comparison();
    Parsed additive();
    Parsed multiplicative();
    Parsed exponent();
    Parsed unary();
    Parsed postfix();
    Parsed primary();

    Parsed for_expression();
    Parsed quantified(NodeKind kind);
    Parsed if_expression();
    Parsed function_definition();
    Parsed external_body(const std::vector<std::string>& parameters);
    Result<void> iteration(Node& node);
    Parsed list_or_range();
    Parsed parenthesized();
    Parsed range_end(NodePointer start, bool start_included);
    Parsed context();
    Parsed at_literal();
    Parsed name();
    Parsed call(NodePointer callee);
    Result<void> named_arguments(Node& node);
    Parsed in_tests(NodePointer value);
    Parsed between(NodePointer value);
    Result<Type> type();
    Result<std::string> type_word();

    Parsed unary_tests();
    Parsed unary_test();

    // Every nesting passes through one of these.
    class Level {
    public:
        explicit Level(Parser& parser) : parser_(parser) {
            ++parser_.depth_;
            ++parser_.work_;
        }
        ~Level() { --parser_.depth_; }
        Level(const Level&) = delete;
        Level& operator=(const Level&) = delete;
        bool too_deep() const { return parser_.depth_ > kMaxDepth || parser_.work_ > parser_.most_work_; }

    private:
        Parser& parser_;
    };
    void learn(std::string name);
    std::unexpected<Error> too_deep() const;
    // Reads on from an earlier place in another way. Within each other such second ways double the work, so
    // both they and all work are counted.
    Result<void> go_back(std::size_t place);

    TextReader reader_;
    KnownNames names_;                 // of several words, in scope
    const Types* types_;               // of the model, may be null
    int depth_ = 0;
    std::size_t work_ = 0;             // nestings entered, again where a text is read again
    std::size_t most_work_;
    std::size_t second_ways_ = 0;
    bool ends_range_ = false;          // the expression is the end of a range
};

// "date and time", "string length", …: the built-in functions whose names hold blanks.
const NameSet& builtin_names_with_blanks();

}  // namespace madang::feel
