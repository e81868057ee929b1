// One command of the program: what it is called, what it says of itself, what it takes and what it does.
// --help, completion and the tests all come from this table.
#pragma once

#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/random.h"
#include "cli/exit_code.h"
#include "cli/progress.h"
#include "cli/settings.h"

namespace madang::cli {

inline json::array texts_of(const std::vector<std::string>& texts) { return json::array(texts.begin(), texts.end()); }

// What every command works with.
struct Context {
    const Settings& settings;
    const Clock& clock;
    Random& random;
    bool json = false;    // the answer is one JSON value on standard output
    bool quiet = false;

    void print(const char* text) const { std::fprintf(stdout, "%s\n", text); }
    void print(const std::string& text) const { std::fprintf(stdout, "%s\n", text.c_str()); }
    void print(const json::value& value) const { std::fprintf(stdout, "%s\n", json::serialize(value).c_str()); }
    Progress progress(std::string what, std::string unit, std::uint64_t total = 0) const {
        return Progress(stderr, Progress::form_for(stderr, quiet || json), std::move(what), std::move(unit), total);
    }
};

// What the command line gave, by name of argument; a flag that stands there is "true".
struct Arguments {
    std::map<std::string, std::vector<std::string>, std::less<>> values;

    bool has(std::string_view name) const { return values.contains(name); }
    const std::string& one(std::string_view name) const { return values.find(name)->second.front(); }
    std::string one_or(std::string_view name, std::string_view fallback) const {
        const auto found = values.find(name);
        return std::string(found == values.end() ? fallback : std::string_view(found->second.front()));
    }
    const std::vector<std::string>& all(std::string_view name) const { return values.find(name)->second; }
};

struct Argument {
    enum class Kind { positional, positional_many, option, option_many, flag };   // option_many may be given again and again
    std::string name;       // "file" for FILE, "--verify" for an option or flag
    Kind kind = Kind::option;
    bool required = false;
    std::string help;
};

struct Command {
    std::string path;       // "ledger export"
    std::string help;       // one line
    std::string example;    // a whole command line
    std::vector<Argument> arguments;
    // The exit code, or an error that the program prints and turns into one.
    std::function<Result<int>(const Context&, const Arguments&)> run;
};

// In the order of --help. Each family stands in its own file.
std::vector<Command> all_commands();
std::vector<Command> serve_commands();      // serve
std::vector<Command> setup_commands();      // init, user
std::vector<Command> demo_commands();       // demo
std::vector<Command> certificate_commands(); // certificate
std::vector<Command> doctor_commands();     // doctor, config
std::vector<Command> pack_commands();       // pack
std::vector<Command> decide_commands();     // decide, feel
std::vector<Command> dmn_commands();        // dmn
std::vector<Command> calendar_commands();   // calendar
std::vector<Command> process_commands();    // process
std::vector<Command> case_commands();       // case
std::vector<Command> case_work_commands();  // case: an officer's steps
std::vector<Command> case_incident_commands();  // case: what failed
std::vector<Command> detect_commands();      // detect
std::vector<Command> rules_commands();       // security rules
std::vector<Command> learn_commands();       // security train, evaluate, approve, rollback, models
std::vector<Command> label_commands();       // security label, labels
std::vector<Command> unusual_commands();     // security domains, unusual
std::vector<Command> spool_commands();       // security collect, hunt, backtest, spool
std::vector<Command> verify_commands();     // verify, ledger
std::vector<Command> backup_commands();     // backup, restore
std::vector<Command> completion_commands(); // completion

// Parses the command line and runs one command; the exit code for the shell.
int run_program(int argc, char** argv);

}  // namespace madang::cli
