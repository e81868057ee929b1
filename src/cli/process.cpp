// madang process …: the operator's view of procedures.
#include "base/text.h"
#include "process/diagram.h"
#include "process/interchange.h"
#include "process/model_check.h"
#include "base/time_text.h"
#include "cli/installation.h"

namespace madang::cli {
namespace {

using process::Engine;
using process::InstanceId;

constexpr std::size_t kMaxModelBytes = 5U << 20;
constexpr std::int64_t kShown = 200;          // on one page
constexpr std::string_view kOperator = "operator";   // who repairs from the command line
constexpr std::size_t kMovedAtOnce = 100;

// Files beside the checked one.
process::Importer beside(const Path& file) {
    return [folder = file.parent_path()](std::string_view location) -> Result<std::string> {
        if (location.find("://") != std::string_view::npos) return fail(Code::denied, "files are not fetched over the network");
        return read_file(folder / location, kMaxModelBytes);
    };
}

Result<int> check(const Context& context, const Arguments& arguments) {
    const Path file = arguments.one("file");
    TRY(const std::string text, read_file(file, kMaxModelBytes));
    TRY(const auto model, process::check_model(text, file.filename().string(), beside(file)));
    if (context.json) {
        context.print(json::value(process::to_json(model)));
    } else {
        for (const process::Violation& one : model.violations) context.print(format("{}{}", process::is_warning(one) ? "warning: " : "", process::to_text(one)));
        for (const auto& one : model.processes) {
            context.print(format("{}: {} nodes, {} sequence flows; {}", one.id, one.nodes, one.flows, model.can_run() ? "it can be run" : "it cannot be deployed before the rules above are kept"));
        }
        for (const std::string& one : model.not_judged) context.print(format("it was not judged whether {} always comes to an end", one));
    }
    if (!model.unreadable.empty()) return fail(Code::invalid, model.unreadable);
    return model.can_run() ? kOk : kInvalid;
}

// What is read is written without loss, in UTF-8.
Result<int> rewrite(const Context& context, const Arguments& arguments) {
    const Path file = arguments.one("file");
    TRY(const std::string text, read_file(file, kMaxModelBytes));
    const auto layout = arguments.has("indent") ? process::Layout::indented : process::Layout::as_it_stands;
    TRY(const std::string written, process::rewrite_bpmn(text, file.string(), layout));
    if (arguments.has("output")) TRY_DO(write_file_whole(arguments.one("output"), written));
    if (context.json) context.print(json::value{{"file", file.string()}, {"bytes", written.size()}, {"changed", written != text}, {"text", written}});
    else if (!arguments.has("output")) context.print(written);
    return kOk;
}

// "Task_1,Task_2"
std::set<std::string, std::less<>> ids_of(const std::string& list) {
    std::set<std::string, std::less<>> ids;
    for (const std::string_view id : split(list, ',')) {
        if (!trim(id).empty()) ids.emplace(trim(id));
    }
    return ids;
}

Result<int> draw(const Context& context, const Arguments& arguments) {
    const Path file = arguments.one("file");
    TRY(const std::string text, read_file(file, kMaxModelBytes));
    TRY(const process::Diagram diagram, process::read_diagram(text, file.string()));
    process::Progress progress;
    progress.here = ids_of(arguments.one_or("at", ""));
    for (const std::string& id : progress.here) {
        if (std::ranges::find(diagram.shapes, id, &process::Shape::element) == diagram.shapes.end()) return fail(Code::not_found, format("--at: {} has no node \"{}\"", file.string(), id));
    }
    const std::string name = file.filename().string();
    const std::string svg = process::draw_svg(diagram, progress, {name, diagram.laid_out ? "laid out from left to right" : "as drawn in the file"});
    if (context.json) context.print(json::value{{"shapes", diagram.shapes.size()}, {"edges", diagram.edges.size()}, {"laid_out", diagram.laid_out}, {"svg", svg}});
    else if (!arguments.has("out")) context.print(svg);
    if (arguments.has("out")) TRY_DO(write_file_whole(arguments.one("out"), svg));
    return kOk;
}

json::object json_of(const process::Instance& one) {
    json::object object{{"id", one.id.text()}, {"process", one.definition}, {"version", one.version}, {"case", one.business_key},
                        {"state", name_of(one.state)}, {"started_at", format_instant(one.started_at)}};
    if (one.ended_at) object["ended_at"] = format_instant(*one.ended_at);
    if (!one.problem.empty()) object["problem"] = one.problem;
    if (!one.parent.empty()) object["called_by"] = one.parent;
    return object;
}

// "--page 2": the place of its first row.
Result<std::int64_t> first_of_page(const Arguments& arguments) {
    TRY(const std::uint64_t page, within(parse_decimal(arguments.one_or("page", "1")), "--page"));
    if (page < 1 || page > 1'000'000) return fail(Code::invalid, "--page: a number from 1");
    return static_cast<std::int64_t>(page - 1) * kShown;
}

// "201 to 400 of 1000", where not all are shown.
void print_part(const Context& context, std::int64_t first, std::int64_t count, std::int64_t total) {
    if (count != total) context.print(format("{} to {} of {}", first + 1, first + count, total));
}

Result<int> list(const Context& context, const Arguments& arguments) {
    TRY(const std::int64_t first, first_of_page(arguments));
    TRY(const auto house, Installation::open(context));
    const casework::ProcessFilter filter{arguments.one_or("process", ""), arguments.one_or("state", ""), arguments.one_or("find", "")};
    TRY(const auto page, within(house->casework().processes().find(filter, first, kShown), "process list"));
    json::array all;
    for (const auto& seen : page.processes) {
        const process::Instance& one = seen.instance;
        if (context.json) {
            json::object object = json_of(one);
            if (!seen.receipt.empty()) object["receipt"] = seen.receipt;
            all.push_back(std::move(object));
            continue;
        }
        context.print(format("{}  {} version {}  {}  since {}{}{}", one.id.text(), one.definition, one.version, name_of(one.state), format_instant(one.started_at),
                             seen.receipt.empty() ? "" : "  " + seen.receipt, one.problem.empty() ? "" : "\n    " + one.problem));
    }
    if (context.json) context.print(json::value{{"total", page.total}, {"first", page.first}, {"processes", std::move(all)}});
    else if (page.total == 0) context.print(filter.process.empty() && filter.state.empty() && filter.text.empty() ? "no procedure has begun" : "nothing was found");
    else print_part(context, page.first, std::ssize(page.processes), page.total);
    return kOk;
}

struct Shown {
    process::Instance instance;
    std::vector<process::Standing> standing;
    std::vector<process::Step> steps;
    json::object variables;
};

Result<Shown> look_at(Installation& house, const InstanceId& id) {
    const Engine& engine = house.casework().engine();
    return house.store().read<Shown>([&](store::Reader& reader) -> Result<Shown> {
        Shown shown;
        TRY(shown.instance, engine.instance(reader, id));
        TRY(shown.standing, engine.standing(reader, id));
        TRY(shown.steps, engine.history(reader, id));
        TRY(shown.variables, engine.variables(reader, id));
        return shown;
    });
}

Result<int> show(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    TRY(const InstanceId id, within(InstanceId::parse(arguments.one("id")), "ID"));
    TRY(const Shown shown, look_at(*house, id));
    if (context.json) {
        json::object object = json_of(shown.instance);
        json::array tokens;
        for (const auto& one : shown.standing) tokens.push_back(json::object{{"token", one.token}, {"node", one.node}, {"at", one.waits}});
        json::array steps;
        for (const auto& one : shown.steps) steps.push_back(json::object{{"at", format_instant(one.at)}, {"node", one.node}, {"what", one.what}});
        object["tokens"] = std::move(tokens);
        object["variables"] = shown.variables;
        object["history"] = std::move(steps);
        context.print(json::value(std::move(object)));
        return kOk;
    }
    const process::Instance& one = shown.instance;
    context.print(format("{} version {}, {}, of {}", one.definition, one.version, name_of(one.state), one.business_key.empty() ? "no case" : one.business_key));
    if (!one.problem.empty()) context.print("It cannot go on: " + one.problem);
    for (const auto& token : shown.standing) context.print(format("  token {} stands at {} ({})", token.token, token.node, token.waits));
    context.print("variables " + canonical_json(shown.variables));
    for (const auto& step : shown.steps) context.print(format("{}  {} {}", format_instant(step.at), step.node, step.what));
    return kOk;
}

Result<int> incidents(const Context& context, const Arguments& arguments) {
    TRY(const std::int64_t first, first_of_page(arguments));
    TRY(const auto house, Installation::open(context));
    TRY(const auto page, house->casework().processes().incidents(first, kShown));
    json::array all;
    for (const process::Incident& one : page.incidents) {
        if (context.json) {
            all.push_back(json::object{{"instance", one.instance}, {"number", one.number}, {"kind", one.kind}, {"name", one.name}, {"problem", one.problem},
                                       {"attempts", one.attempts}, {"since", format_instant(one.since)}});
            continue;
        }
        context.print(format("{} {}  {} {}: failed {} times since {}\n    {}", one.instance, one.number, one.kind, one.name, one.attempts, format_instant(one.since), one.problem));
    }
    if (context.json) context.print(json::value{{"total", page.total}, {"first", page.first}, {"incidents", std::move(all)}});
    else if (page.total == 0) context.print("nothing waits for a person");
    else print_part(context, page.first, std::ssize(page.incidents), page.total);
    return kOk;
}

Result<std::int64_t> number_of(const Arguments& arguments, std::string_view name) {
    TRY(const std::uint64_t number, within(parse_decimal(arguments.one(name)), to_upper(name)));
    return static_cast<std::int64_t>(number);
}

int done(const Context& context, std::string_view what) {
    if (context.json) context.print(json::value{{"done", what}});
    else context.print(std::string(what));
    return kOk;
}

Result<int> retry(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    TRY(const std::int64_t number, number_of(arguments, "number"));
    TRY_DO(house->casework().retry_step(arguments.one("id"), number, kOperator));
    return done(context, "it is due now");
}

Result<int> dismiss(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    TRY(const std::int64_t number, number_of(arguments, "number"));
    TRY_DO(house->casework().dismiss_step(arguments.one("id"), number, arguments.one("reason"), kOperator));
    return done(context, "it is taken away; the reason stands in the history");
}

Result<int> skip(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    TRY(const InstanceId id, within(InstanceId::parse(arguments.one("id")), "ID"));
    TRY(const std::int64_t token, number_of(arguments, "token"));
    TRY_DO(house->casework().skip_step(id, token, arguments.one("reason"), kOperator));
    return done(context, "it goes on behind that step");
}

Result<process::NodeMap> node_map(const Arguments& arguments) {
    process::NodeMap nodes;
    if (arguments.has("map")) {
        for (const std::string& pair : arguments.all("map")) {
            const auto parts = split(pair, '=');
            if (parts.size() != 2 || parts[0].empty() || parts[1].empty()) return fail(Code::invalid, format("--map: \"{}\" is not OLD=NEW", pair));
            nodes[std::string(parts[0])] = parts[1];
        }
    }
    return nodes;
}

std::string verdict_of(const casework::Move& move) {
    if (!move.problems.empty()) return "it cannot move: " + join(move.problems, "; ");
    return move.moved ? "it has moved" : "it can move";
}

// What keeps each running instance of a process from moving to a version; without a dry run those that can move do, each in
// a transaction of its own.
Result<int> migrate_all(const Context& context, Installation& house, const std::string& process, const casework::MoveOrder& order) {
    json::array list;
    std::size_t can = 0;
    for (std::string after;;) {
        TRY(const auto some, house.casework().processes().move_some(process, order, after, kMovedAtOnce));
        for (const casework::Move& move : some.moves) {
            can += move.problems.empty() ? 1 : 0;
            if (!context.json) context.print(format("{}  version {}  {}", move.id.text(), move.version, verdict_of(move)));
            list.push_back(json::object{{"id", move.id.text()}, {"version", move.version}, {"can_move", move.problems.empty()}, {"problems", texts_of(move.problems)}});
        }
        if (some.next.empty()) break;
        after = some.next;
    }
    const std::size_t all = list.size();
    if (context.json) context.print(json::value{{"running", all}, {order.dry_run ? "can_move" : "moved", can}, {"instances", std::move(list)}});
    else context.print(format("{} of {} running procedures on other versions {}", can, all, order.dry_run ? "can move" : "have moved"));
    return can == all ? kOk : kCheckFailed;
}

Result<int> migrate(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    TRY(const std::int64_t version, number_of(arguments, "version"));
    casework::MoveOrder order{.version = static_cast<int>(std::min<std::int64_t>(version, 1'000'000)), .nodes = {}, .dry_run = arguments.has("dry-run"), .reason = arguments.one_or("reason", ""), .actor = std::string(kOperator)};
    TRY(order.nodes, node_map(arguments));
    if (!order.dry_run && order.reason.empty()) return fail(Code::invalid, "--reason: say why it moves, or give --dry-run");
    if (arguments.has("all")) return migrate_all(context, *house, arguments.one("id"), order);
    TRY(const InstanceId id, within(InstanceId::parse(arguments.one("id")), "ID"));
    TRY(const casework::Move move, house->casework().processes().move(id, order));
    if (context.json) context.print(json::value{{"can_move", move.problems.empty()}, {"moved", move.moved}, {"problems", texts_of(move.problems)}});
    else context.print(verdict_of(move));
    return move.problems.empty() ? kOk : kCheckFailed;
}

Result<json::object> variables_of(const Arguments& arguments) {
    TRY(const json::value given, within(parse_json(arguments.one_or("variables", "{}")), "--variables"));
    if (!given.is_object()) return fail(Code::invalid, "--variables is a JSON object");
    return given.get_object();
}

// Sets variables of a procedure that cannot go on; what a rule or an officer says is not set.
Result<int> repair(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    TRY(const InstanceId id, within(InstanceId::parse(arguments.one("id")), "ID"));
    TRY(const json::object variables, variables_of(arguments));
    TRY_DO(house->casework().processes().repair(id, variables, arguments.one("reason"), kOperator));
    return done(context, "the variables are set; the reason stands in the history");
}

Result<int> tell(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    TRY(const json::object variables, variables_of(arguments));
    TRY_DO(house->casework().tell_process(arguments.one("body"), arguments.one("case"), arguments.one("message"), variables, kOperator));
    if (context.json) context.print(json::value{{"message", arguments.one("message")}, {"case", arguments.one("case")}});
    else context.print(format("case {} is told \"{}\"", arguments.one("case"), arguments.one("message")));
    return kOk;
}

Result<int> signal(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    TRY(const json::object variables, variables_of(arguments));
    TRY(const std::size_t services, house->casework().signal_processes(arguments.one("signal"), variables));
    if (context.json) context.print(json::value{{"signal", arguments.one("signal")}, {"services", services}});
    else context.print(format("\"{}\" is told to all that wait for it; {} services have such a step", arguments.one("signal"), services));
    return kOk;
}

Result<int> prune(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    std::optional<Instant> before;
    if (arguments.has("before")) {
        TRY(const Date day, within(parse_date(arguments.one("before")), "--before"));
        before = Instant(std::chrono::sys_days(day));
    }
    Progress progress = context.progress("Forgetting", "procedures");
    TRY(const auto pruned, house->casework().processes().prune(before, "system"));
    json::object told = casework::Processes::told(pruned);
    const std::int64_t gone = told.at("forgotten").as_int64();
    progress.at(static_cast<std::uint64_t>(gone), 0);
    if (context.json) context.print(json::value(std::move(told)));
    else context.print(format("{} ended procedures are forgotten", gone));
    return kOk;
}

}  // namespace

std::vector<Command> process_commands() {
    using Kind = Argument::Kind;
    const Argument id{"id", Kind::positional, true, "of the instance"};
    const Argument reason{"--reason", Kind::option, true, "why; it stays in the history"};
    const Argument page{"--page", Kind::option, false, "of 200 each (default: 1)"};
    const Argument number{"number", Kind::positional, true, "of the incident, as \"process incidents\" lists it"};
    return {
        {"process check", "whether a BPMN file can be run and comes to an end, and if not where and why", "madang process check packs/by/services/certificate-of-residence/process.bpmn",
         {{"file", Kind::positional, true, "the BPMN file"}}, check},
        {"process format", "a BPMN file read and written again without loss, in UTF-8", "madang process format old.bpmn --indent --output new.bpmn",
         {{"file", Kind::positional, true, "the BPMN file"},
          {"--output", Kind::option, false, "where it is written, the same file too (default: standard output)"},
          {"--indent", Kind::flag, false, "set the blanks between elements anew; texts and extensions stay as they are"}}, rewrite},
        {"process draw", "a BPMN file as an SVG picture, with tokens where they stand", "madang process draw packs/by/services/certificate-of-residence/process.bpmn --out residence.svg --at Officer_decides",
         {{"file", Kind::positional, true, "the BPMN file"},
          {"--out", Kind::option, false, "where the picture goes (default: standard output)"},
          {"--at", Kind::option, false, "ids of nodes where a token stands, parted by commas"}}, draw},
        {"process list", "procedures, those that began last first, and how they stand", "madang process list --process certificate_of_residence --state stands",
         {{"--process", Kind::option, false, "only of this process, by its id in the BPMN file"},
          {"--state", Kind::option, false, "running, stands (it cannot go on), completed, terminated or failed (default: all)"},
          {"--find", Kind::option, false, "a receipt number, an id, or the beginning of a case's key"},
          page}, list},
        {"process show", "where a procedure stands and what happened in it", "madang process show 01a3185c-5000-7002-9090-80bf93f4a6ed", {id}, show},
        {"process incidents", "what failed until a person must look", "madang process incidents", {page}, incidents},
        {"process retry", "do a failed thing again now", "madang process retry 01a3185c-5000-7002-9090-80bf93f4a6ed 7", {id, number}, retry},
        {"process dismiss", "take a failed thing away", "madang process dismiss 01a3185c-5000-7002-9090-80bf93f4a6ed 7 --reason \"sent by post\"", {id, number, reason}, dismiss},
        {"process skip", "go on as if a step that is no person's were done", "madang process skip 01a3185c-5000-7002-9090-80bf93f4a6ed 9 --reason \"done on paper\"",
         {id, {"token", Kind::positional, true, "as \"process show\" lists it"}, reason}, skip},
        {"process repair", "set variables of a procedure that cannot go on", "madang process repair 01a3185c-5000-7002-9090-80bf93f4a6ed --variables '{\"address\": \"Minsk\"}' --reason \"the register gave none\"",
         {id, {"--variables", Kind::option, true, "what is set, as a JSON object"}, reason}, repair},
        {"process migrate", "move a running procedure, or all of a process, to another version of the model",
         "madang process migrate 01a3185c-5000-7002-9090-80bf93f4a6ed 2 --map Old_id=New_id --dry-run",
         {{"id", Kind::positional, true, "of the instance; with --all of the process in the BPMN file"},
          {"version", Kind::positional, true, "to which it moves"},
          {"--all", Kind::flag, false, "every running instance of the process that is on another version"},
          {"--map", Kind::option_many, false, "OLD=NEW: a node that changed its id"},
          {"--dry-run", Kind::flag, false, "only say what keeps it from moving"},
          {"--reason", Kind::option, false, "why; it stays in the history"}},
         migrate},
        {"process message", "tell the procedure of a case a BPMN message", "madang process message Inspection_done --case NCCX-N2P4-YTTP-N7TC-1 --body BY-MI-MLD-RSC --variables '{\"passed\": true}'",
         {{"message", Kind::positional, true, "its name in the model"},
          {"--case", Kind::option, true, "the receipt number"},
          {"--body", Kind::option, true, "code of the body whose case it is"},
          {"--variables", Kind::option, false, "what it carries, as a JSON object"}}, tell},
        {"process signal", "tell a BPMN signal to all procedures that wait for it", "madang process signal Register_is_back",
         {{"signal", Kind::positional, true, "its name in the model"}, {"--variables", Kind::option, false, "what it carries, as a JSON object"}}, signal},
        {"process prune", "forget procedures that ended, when the years are over for which their service keeps its cases", "madang process prune",
         {{"--before", Kind::option, false, "all that ended before a day, as 2020-01-01 (UTC), whatever their services say"}}, prune},
    };
}

}  // namespace madang::cli
