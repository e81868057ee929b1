// Lines that cannot fit an expression, told from the few bytes that it asks about, without reading the line: some part that
// must be true is not true of what the line writes for the part's only field. Such a line is passed over; whatever may fit is read
// whole and decided by SpoolHunt. Only JSON lines are told apart so.
//
//   `EventID > 4798 and Computer = "a"` looks for `EventID"` and `Computer"` in a whole block at once.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "feel/expression.h"
#include "security/detail/sigma_literals.h"
#include "security/event.h"

namespace madang::security {

struct SpoolRecord;

// A text that is wholly a number is that number, as in all that is asked of kept events.
feel::Value feel_value(std::string_view text);

class HuntSieve {
public:
    // `names`: the free names of the expression, `fields`: what events call them. Null where no part of it tells lines apart.
    static std::shared_ptr<const HuntSieve> make(const feel::Expression& expression, std::span<const std::string> names, std::span<const std::string> fields);

    // One thread's way through blocks.
    class Pass {
    public:
        explicit Pass(const HuntSieve& sieve);
        // `escapes`: some line may hold \u00XX.
        void enter(std::string_view block, bool escapes);
        // Of a record of that block, each asked in the order in which they stand there. False: it does not fit, for certain.
        bool may_fit(const SpoolRecord& record);

    private:
        struct Known {
            enum class State : std::uint8_t { not_looked, absent, one, unclear };
            State state = State::not_looked;
            std::string_view value;      // of `one`
            std::string decoded;
        };
        struct Hash : std::hash<std::string_view> {
            using is_transparent = void;
        };
        using Memo = std::unordered_map<std::string, bool, Hash, std::equal_to<>>;

        bool any_here(std::size_t literal);
        bool may_be_true(std::size_t node);
        bool may_be_true_of(std::size_t test);
        const Known& look(std::size_t field);
        void read_value(std::size_t at, Known& known);
        void decode(std::size_t at, Known& known);

        const HuntSieve& sieve_;
        Literals::Scratch scratch_;
        std::string_view block_, line_;
        bool escapes_ = false, windows_ = false, winlogbeat_ = false, flat_ = false;
        std::size_t begin_ = 0, end_ = 0;                   // of the line, in the block
        std::vector<std::vector<std::uint32_t>> places_;    // by literal: where it ends in the block
        std::vector<std::size_t> next_;                     // by literal: the first of them that is not before the line
        std::vector<Known> known_;                          // by field
        std::vector<Memo> memos_;                           // by test
        Event event_;
    };

private:
    struct Node {
        feel::Parts::Joined joined = feel::Parts::Joined::one;
        std::size_t test = 0;
        std::vector<std::size_t> children;
    };
    struct Test {
        feel::Expression condition;
        std::string name;
        std::size_t field = 0;
    };
    struct Needle {
        std::size_t literal = 0;
        bool of_winlogbeat = false;        // counts in winlogbeat's documents only
    };
    struct Field {
        std::string name;
        std::vector<Needle> needles;
    };

    std::size_t add(const feel::Expression& expression, std::span<const std::string> names, std::span<const std::string> fields);
    std::size_t add_field(const std::string& name);
    std::size_t add_literal(const std::string& text);

    std::vector<Node> nodes_;
    std::vector<Test> tests_;
    std::vector<Field> fields_;
    std::vector<std::string> texts_;       // of the literals
    Literals literals_;
};

}  // namespace madang::security
