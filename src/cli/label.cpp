// What analysts say of what models found: attack or normal, for the next training.
#include <algorithm>
#include <map>

#include "base/file.h"
#include "base/text.h"
#include "base/time_text.h"
#include "cli/command.h"
#include "cli/spool_options.h"
#include "learning/model_store.h"
#include "security/spool.h"

namespace madang::cli {
namespace {

using learning::Label;
using learning::ModelStore;

constexpr std::size_t kMaxFile = 64U << 20;
constexpr std::size_t kMaxLabels = 10'000;   // at once

// One thing that was said, and where.
struct Said {
    std::string detection, record, model;    // a detection by its id, or a record of a model
    std::string verdict, type;
    std::string where;
};

Result<ModelStore> store_of(const Context& context, const Arguments& arguments) {
    const Path fallback = Path(context.settings.text("data")) / "models";
    return ModelStore::open(Path(arguments.one_or("models", fallback.string())), context.clock, context.random);
}

// {"detection": ID, "label": "attack", "type": NAME}, or {"record": LINE, "model": NAME, …}, one a line.
Result<std::vector<Said>> read_said(const std::string& file, const std::string& model) {
    TRY(const std::string text, read_file(file, kMaxFile));
    std::vector<Said> all;
    std::size_t number = 0;
    for (const std::string_view line : split(text, '\n')) {
        ++number;
        if (trim(line).empty()) continue;
        const std::string where = format("{}:{}", file, number);
        TRY(const json::value value, within(parse_json(trim(line)), where));
        if (!value.is_object()) return fail(Code::invalid, format("{}: a label is an object", where));
        const json::object& object = value.get_object();
        TRY_DO(check_keys(object, {"detection", "record", "model", "label", "type"}, where));
        Said one{string_or(object, "detection", ""), string_or(object, "record", ""), string_or(object, "model", model), "", string_or(object, "type", ""), where};
        TRY(one.verdict, string_at(object, "label", where));
        if (one.detection.empty() == one.record.empty()) return fail(Code::invalid, format("{}: it names either a \"detection\" or a \"record\"", where));
        if (!one.record.empty() && one.model.empty()) return fail(Code::invalid, format("{}: a \"record\" needs a \"model\", here or by --model", where));
        if (all.size() == kMaxLabels) return fail(Code::exhausted, format("{}: at most {} labels at once", where, kMaxLabels));
        all.push_back(std::move(one));
    }
    return all;
}

// Finds the detections that are named, and gives each the model and the record that it was about.
Result<void> find_detections(const Context& context, const Arguments& arguments, std::vector<Said>& all) {
    std::map<std::string, std::vector<Said*>, std::less<>> wanted;
    for (Said& one : all) {
        if (!one.detection.empty()) wanted[one.detection].push_back(&one);
    }
    if (wanted.empty()) return {};
    security::SpoolQuery query;
    if (wanted.size() == 1) query.contains = {json::serialize(json::string(wanted.begin()->first))};
    TRY(const auto spool, security::Spool::open_to_read(Path(arguments.one_or("spool", (Path(context.settings.text("data")) / "detections").string()))));
    TRY_DO(spool->search(query, 1, [&](std::size_t, const security::SpoolRecord& record) {
        const auto finding = parse_json(record.line);
        if (!finding || !finding->is_object()) return;
        const auto found = wanted.find(string_or(finding->as_object(), "id", ""));
        if (found == wanted.end()) return;
        for (Said* one : found->second) {
            one->model = string_or(finding->as_object(), "model", "");
            one->record = string_or(finding->as_object(), "sample", "");
            one->where += one->where.empty() ? "" : ": ";
            one->where += format("detection {}", one->detection);
        }
        if (found->second.front()->record.empty()) return;   // of a rule
        wanted.erase(found);
    }));
    if (wanted.empty()) return {};
    const Said& first = *wanted.begin()->second.front();
    if (first.where.ends_with(format("detection {}", first.detection))) return fail(Code::conflict, format("{}: it is not of a model that learns from labels, or its record is too long to be kept", first.where));
    return fail(Code::not_found, format("there is no detection {}", first.detection));
}

Result<Label> label_of(const Said& said, const learning::Protocol& protocol, const Arguments& arguments) {
    Label one{{}, said.detection, said.record, "", arguments.one("by"), arguments.one_or("reason", "")};
    const std::string before = said.where.empty() ? "" : said.where + ": ";
    if (said.verdict == "normal") {
        if (!said.type.empty() && said.type != protocol.normal) return fail(Code::invalid, format("{}what is normal has no type", before));
        one.type = protocol.normal;
        return one;
    }
    if (said.verdict != "attack") return fail(Code::invalid, format("{}a label is \"attack\" or \"normal\", not \"{}\"", before, said.verdict));
    if (said.type.empty()) return fail(Code::invalid, format("{}an attack has a type: --type portscan", before));
    if (said.type == protocol.normal) return fail(Code::invalid, format("{}\"{}\" is no type of attack", before, said.type));
    one.type = said.type;
    return one;
}

Result<int> label(const Context& context, const Arguments& arguments) {
    std::vector<Said> all;
    if (arguments.has("from")) {
        if (arguments.has("detection")) return fail(Code::invalid, "give a detection, or --from with a file of them");
        TRY(all, read_said(arguments.one("from"), arguments.one_or("model", "")));
    } else {
        if (!arguments.has("detection") || !arguments.has("verdict")) return fail(Code::invalid, "give the id of a detection and \"attack\" or \"normal\", or --from with a file");
        all.push_back({arguments.one("detection"), "", "", arguments.one("verdict"), arguments.one_or("type", ""), ""});
    }
    TRY(ModelStore store, store_of(context, arguments));
    TRY_DO(find_detections(context, arguments, all));
    std::map<std::string, std::vector<Label>> by_model;
    std::map<std::string, learning::Protocol> protocols;
    for (const Said& one : all) {
        if (!protocols.contains(one.model)) {
            TRY(protocols[one.model], store.protocol_of(one.model));
        }
        TRY(Label made, label_of(one, protocols[one.model], arguments));
        by_model[one.model].push_back(std::move(made));
    }
    for (const auto& [model, labels] : by_model) {
        TRY_DO(store.add_labels(model, protocols[model], labels));
        if (context.json) context.print(json::value{{"model", model}, {"labelled", labels.size()}});
        else context.print(format("{} of {} labelled; the next madang security train of {} learns from it", labels.size() == 1 ? "1 record" : format("{} records", labels.size()), model, model));
    }
    return kOk;
}

Result<int> labels(const Context& context, const Arguments& arguments) {
    TRY(const ModelStore store, store_of(context, arguments));
    TRY(std::vector<std::string> names, store.names());
    if (arguments.has("model")) names = {arguments.one("model")};
    std::size_t count = 0;
    for (const std::string& name : names) {
        TRY(const auto read, store.labels(name));
        if (read.all.empty()) continue;
        TRY(const auto protocol, store.protocol_of(name));
        TRY(const auto counting, learning::labels_in_effect(protocol, read.all));
        for (const Label& one : read.all) {
            ++count;
            const bool counts = std::ranges::any_of(counting, [&](const Label& other) { return other.at == one.at && other.record == one.record && other.detection == one.detection; });
            if (context.json) {
                context.print(json::value{{"model", name}, {"at", format_instant(one.at)}, {"detection", one.detection}, {"type", one.type}, {"by", one.by}, {"reason", one.reason}, {"counts", counts}, {"record", one.record}});
            } else {
                context.print(format("{:<16} {}  {:<16} {:<28} {}{}{}", name, format_instant(one.at), shown(one.type), shown(one.detection), shown(one.by), one.reason.empty() ? "" : ": " + shown(one.reason), counts ? "" : "  (a later label counts)"));
            }
        }
    }
    if (count == 0 && !context.json) context.print("Nothing is labelled yet; madang security label does it.");
    return kOk;
}

}  // namespace

std::vector<Command> label_commands() {
    using Kind = Argument::Kind;
    const Argument folder{"--models", Kind::option, false, "folder of the models; without it \"models\" in the data folder"};
    return {
        {"security label", "say of what a model found whether it was an attack; the next training learns from it",
         "madang security label 1:104857:17:network-flows attack --type portscan --by 'A. Kim' --reason 'the printer was not in use'",
         {{"detection", Kind::positional, false, "id of the detection"},
          {"verdict", Kind::positional, false, "attack or normal"},
          {"--type", Kind::option, false, "of the attack, as portscan"},
          {"--by", Kind::option, true, "who says it"},
          {"--reason", Kind::option, false, "why"},
          {"--from", Kind::option, false, "a file instead: JSON lines with detection (or record and model), label and type"},
          {"--model", Kind::option, false, "of the records in that file"},
          {"--spool", Kind::option, false, "folder of the detections; without it \"detections\" in the data folder"}, folder}, label},
        {"security labels", "what analysts said, by whom and why", "madang security labels --model network-flows",
         {{"--model", Kind::option, false, "only of this one"}, folder}, labels},
    };
}

}  // namespace madang::cli
