#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "base/check.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/completion.h"

namespace madang::cli {
namespace {

constexpr const char* kFooter =
    "Exit codes: 0 done, 1 checked and not good, 2 wrong command line, 3 invalid input, 4 not found,\n"
    "5 conflict, 6 denied, 7 corrupted, 8 limit or disk full, 9 unavailable.\n"
    "Settings: flag, then MADANG_<NAME> (or MADANG_<NAME>_FILE), then the TOML file, then the default;\n"
    "`madang config show --origin` tells which one won.";

// What CLI11 fills while it parses one command.
struct Parsed {
    std::map<std::string, std::vector<std::string>> values;
    std::map<std::string, bool> flags;
    CLI::App* app = nullptr;
};

std::string key_of(const Argument& argument) {
    return argument.name.starts_with("--") ? argument.name.substr(2) : argument.name;
}

void add_argument(CLI::App& app, const Argument& argument, Parsed& parsed) {
    const std::string key = key_of(argument);
    using Kind = Argument::Kind;
    if (argument.kind == Kind::flag) {
        app.add_flag(argument.name, parsed.flags[key], argument.help);
        return;
    }
    CLI::Option* option = app.add_option(argument.name, parsed.values[key], argument.help);
    option->expected(argument.kind == Kind::positional_many ? -1 : 1);
    if (argument.kind != Kind::positional_many) option->allow_extra_args(false);   // the next one is the next argument's
    if (argument.kind == Kind::option_many) option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    option->type_name(argument.kind == Kind::option || argument.kind == Kind::option_many ? "VALUE" : "");
    if (argument.required) option->required();
}

// The app of "ledger export" below "ledger" below the program; nouns are made on the way.
CLI::App* app_at(CLI::App& root, const std::string& path) {
    CLI::App* app = &root;
    for (const auto word : split(path, ' ')) {
        CLI::App* next = nullptr;
        for (CLI::App* below : app->get_subcommands([&](const CLI::App* one) { return one->get_name() == word; })) next = below;
        if (next == nullptr) {
            next = app->add_subcommand(std::string(word));
            next->require_subcommand(0, 1);
            next->set_help_flag("--help,-h", "What this does, with an example");
        }
        app = next;
    }
    return app;
}

std::string noun_help(const std::string& noun) {
    if (noun == "demo") return "fictional people for trying out";
    if (noun == "pack") return "services as data";
    if (noun == "dmn") return "published rules as decision models";
    if (noun == "case") return "applications: what is open, how each stands, the work of officers";
    if (noun == "process") return "procedures: models, running instances, incidents";
    if (noun == "security") return "watching logs: rules, kept events and hunts in them, learned models";
    if (noun == "security rules") return "Sigma rules: which can be run, their tests, import, list";
    if (noun == "security spool") return "the segments in which events are kept";
    if (noun == "calendar") return "statutory terms and working days";
    if (noun == "ledger") return "the official acts and their proofs";
    if (noun == "certificate") return "papers that were issued";
    if (noun == "user") return "accounts of staff and citizens";
    if (noun == "config") return "settings and where they come from";
    return "";
}

void describe(CLI::App& noun, const std::string& path) {
    const std::string help = noun_help(path);
    if (help.empty()) return;
    noun.description(help);
    noun.require_subcommand(1, 1);
}

Arguments arguments_of(const Command& command, const Parsed& parsed) {
    Arguments arguments;
    for (const Argument& argument : command.arguments) {
        const std::string key = key_of(argument);
        if (argument.kind == Argument::Kind::flag) {
            if (parsed.flags.at(key)) arguments.values[key] = {"true"};
        } else if (!parsed.values.at(key).empty()) {
            arguments.values[key] = parsed.values.at(key);
        }
    }
    return arguments;
}

std::optional<std::string> environment(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

int report(const Error& error, bool as_json, std::optional<int> code = {}) {
    if (as_json) {
        std::fprintf(stdout, "%s\n", json::serialize(json::value{{"error", {{"code", name_of(error.code)}, {"message", error.message}}}}).c_str());
    }
    std::fprintf(stderr, "madang: %s\n", error.message.c_str());
    return code.value_or(exit_code_of(error.code));
}

// The first word where a command is expected that names none.
std::optional<Error> unknown_command(const CLI::App& root, int argc, char** argv) {
    const CLI::App* app = &root;
    std::string path;
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (word.starts_with('-')) {
            const CLI::Option* option = root.get_option_no_throw(word);
            if (option != nullptr && option->get_items_expected_max() > 0) ++i;   // its value
            continue;
        }
        const auto below = app->get_subcommands([](const CLI::App*) { return true; });
        if (below.empty()) return std::nullopt;
        std::vector<std::string> names;
        for (const CLI::App* one : below) names.push_back(one->get_name());
        const auto found = std::ranges::find(below, word, [](const CLI::App* one) { return one->get_name(); });
        if (found == below.end()) {
            const auto near = nearest(word, names);
            return Error{Code::invalid, format("there is no command \"madang {}{}\"{}", path, word, near ? format("; did you mean \"madang {}{}\"?", path, *near) : format("; see madang {}--help", path))};
        }
        app = *found;
        path += word + " ";
    }
    return std::nullopt;
}

std::vector<CompletionNode> nodes_of(const CLI::App& app, const std::string& path) {
    CompletionNode node{path, app.get_description(), {}, {}};
    std::vector<CompletionNode> nodes;
    for (const CLI::App* child : app.get_subcommands([](const CLI::App*) { return true; })) {
        node.children.push_back(child->get_name());
        const auto below = nodes_of(*child, path.empty() ? child->get_name() : path + " " + child->get_name());
        nodes.insert(nodes.end(), below.begin(), below.end());
    }
    for (const CLI::Option* option : app.get_options()) {
        if (!option->get_lnames().empty()) node.options.push_back({"--" + option->get_lnames()[0], option->get_description()});
    }
    nodes.insert(nodes.begin(), node);
    return nodes;
}

}  // namespace

std::vector<Command> all_commands() {
    std::vector<Command> commands;
    for (auto* family : {serve_commands, setup_commands, demo_commands, pack_commands, verify_commands, certificate_commands, decide_commands, dmn_commands, calendar_commands,
                         process_commands, case_commands, case_work_commands, case_incident_commands, detect_commands, rules_commands, learn_commands, label_commands, unusual_commands, spool_commands, backup_commands, doctor_commands, completion_commands}) {
        for (Command& command : family()) commands.push_back(std::move(command));
    }
    return commands;
}

// The whole command line, once: used to parse it and to make completion of it.
static void build(CLI::App& app, const std::vector<Command>& commands, std::vector<std::unique_ptr<Parsed>>& parsed) {
    for (const Command& command : commands) {
        CLI::App* below = app_at(app, command.path);
        below->description(command.help);
        below->footer("Example:\n  " + command.example);
        parsed.push_back(std::make_unique<Parsed>());
        parsed.back()->app = below;
        for (const Argument& argument : command.arguments) add_argument(*below, argument, *parsed.back());
    }
    for (CLI::App* noun : app.get_subcommands([](CLI::App*) { return true; })) {
        describe(*noun, noun->get_name());
        for (CLI::App* inner : noun->get_subcommands([](CLI::App*) { return true; })) describe(*inner, noun->get_name() + " " + inner->get_name());
    }
}

std::vector<Command> completion_commands() {
    return {{"completion", "prints a completion script for bash, zsh or fish", "source <(madang completion bash)",
             {{"shell", Argument::Kind::positional, true, "bash, zsh or fish"}},
             [](const Context& context, const Arguments& arguments) -> Result<int> {
                 CLI::App app("madang", "madang");
                 std::vector<std::unique_ptr<Parsed>> parsed;
                 build(app, all_commands(), parsed);
                 for (const SettingSpec& spec : setting_specs()) app.add_option("--" + std::string(spec.name));
                 TRY(const std::string script, completion_script(arguments.one("shell"), nodes_of(app, "")));
                 context.print(script);
                 return kOk;
             }}};
}

int run_program(int argc, char** argv) {
    CLI::App app("Madang: a government's digital operations in one program", "madang");
    app.set_help_flag("--help,-h", "What there is");
    app.set_version_flag("--version", std::string("madang ") + MADANG_VERSION);
    app.require_subcommand(1, 1);
    app.fallthrough();
    app.footer(kFooter);

    std::map<std::string, std::string> flags;
    for (const SettingSpec& spec : setting_specs()) {
        std::string flag = "--" + std::string(spec.name);
        std::ranges::replace(flag, '_', '-');
        const std::string name(spec.name);
        app.add_option_function<std::string>(flag, [&flags, name](const std::string& value) { flags[name] = value; },
                                             std::string(spec.help))->type_name("VALUE");
    }
    std::string toml;
    bool as_json = false;
    bool quiet = false;
    app.add_option("--config", toml, "TOML file with settings (default: madang.toml in the data folder)")->type_name("FILE");
    app.add_flag("--json", as_json, "answer as JSON, for programs: one value, or one a line where there are many");
    app.add_flag("--quiet,-q", quiet, "no progress");

    const std::vector<Command> commands = all_commands();
    std::vector<std::unique_ptr<Parsed>> parsed;
    build(app, commands, parsed);
    try {  // CLI11 reports by exceptions; they end here
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (const auto unknown = unknown_command(app, argc, argv); unknown && error.get_exit_code() != 0) return report(*unknown, as_json, kUsage);
        const int code = app.exit(error);
        if (code != 0 && as_json) {
            std::fprintf(stdout, "%s\n", json::serialize(json::value{{"error", {{"code", "usage"}, {"message", error.what()}}}}).c_str());
        }
        return code == 0 ? kOk : kUsage;
    }

    const bool asked_for = !toml.empty();
    const std::string data = flags.contains("data") ? flags["data"] : environment("MADANG_DATA").value_or("data");
    const auto settings = Settings::load(flags, environment, asked_for ? toml : data + "/madang.toml", asked_for);
    if (!settings) return report(settings.error(), as_json);
    const SystemClock clock;
    SystemRandom random;
    const Context context{*settings, clock, random, as_json, quiet};
    for (std::size_t i = 0; i < commands.size(); ++i) {
        if (!parsed[i]->app->parsed() || !parsed[i]->app->get_subcommands().empty()) continue;
        const auto code = commands[i].run(context, arguments_of(commands[i], *parsed[i]));
        return code ? *code : report(code.error(), as_json);
    }
    std::fprintf(stderr, "%s", app.help().c_str());
    return kUsage;
}

}  // namespace madang::cli
