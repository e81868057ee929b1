// All rules as one program: predicates are shared between rules, the literals that rules cannot do without are looked for
// in one pass (Vectorscan), and an event meets only the rules that its log source and those literals leave.
//
//   TRY(auto program, SigmaProgram::compile(rules, sources));
//   SigmaProgram::Run run(*program);                  // one for each thread
//   for (std::uint32_t rule : run.matches(event, {.product = "windows"})) program->rule(rule).metadata.title;
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "security/event.h"
#include "security/log_sources.h"
#include "security/sigma_rule.h"

namespace madang::security {

struct ProgramFacts {
    std::size_t rules = 0;
    std::size_t predicates = 0;       // after sharing
    std::size_t literals = 0;         // in the database
    std::size_t always = 0;           // rules that nothing lets an event pass by
};

class SigmaProgram {
public:
    // Takes the rules as they are; placeholders are filled and filters joined before (sigma_reader.h). Fails with
    // Code::invalid, naming file and line, for a regular expression that cannot be compiled.
    static Result<std::unique_ptr<const SigmaProgram>> compile(std::vector<SigmaRule> rules, const LogSources& sources);
    ~SigmaProgram();
    SigmaProgram(const SigmaProgram&) = delete;
    SigmaProgram& operator=(const SigmaProgram&) = delete;

    const SigmaRule& rule(std::size_t index) const;
    std::size_t size() const;
    ProgramFacts facts() const;

    // What changes while events are looked at.
    class Run {
    public:
        explicit Run(const SigmaProgram& program);
        ~Run();
        Run(const Run&) = delete;
        Run& operator=(const Run&) = delete;

        // Rules that the event meets, by number, ascending; until the next call. An event of unknown origin meets only rules that
        // ask for a field which it has, or keywords that it holds.
        std::span<const std::uint32_t> matches(const Event& event, const LogOrigin& origin);
        // Fields of the event at which rule `rule` looks, as positions; for the last event.
        std::vector<std::size_t> fields_of(std::uint32_t rule) const;

        // How many literals of the program a text holds: the bare scan, for measurements.
        std::size_t count_literals(std::string_view text);

        struct State;

    private:
        std::unique_ptr<State> state_;
    };

    struct Parts;

private:
    explicit SigmaProgram(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};


}  // namespace madang::security
