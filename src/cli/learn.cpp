// Learning in the shell: classifiers trained by a protocol, judged, approved, taken back.
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <thread>

#include "base/bytes.h"
#include "base/check.h"
#include "base/file.h"
#include "base/text.h"
#include "base/time_text.h"
#include "cli/command.h"
#include "crypto/hash.h"
#include "learning/model_store.h"

namespace madang::cli {
namespace {

using learning::Model;
using learning::ModelStore;
using learning::Protocol;
using learning::Report;
using learning::Table;
using learning::TableReader;

constexpr std::size_t kExplained = 20;
constexpr std::size_t kReasons = 4;

Result<ModelStore> store_of(const Context& context, const Arguments& arguments) {
    const Path fallback = Path(context.settings.text("data")) / "models";
    return ModelStore::open(Path(arguments.one_or("models", fallback.string())), context.clock, context.random);
}

Result<std::optional<int>> version_of(const Arguments& arguments) {
    if (!arguments.has("version")) return std::optional<int>();
    const std::string& text = arguments.one("version");
    int number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc() || end != text.data() + text.size() || number < 1) return fail(Code::invalid, "--version: a number from 1");
    return std::optional(number);
}

// A protocol that the program brings, or a file.
Result<Protocol> protocol_of(const Arguments& arguments) {
    const std::string name = arguments.one_or("protocol", "network-flows");
    if (!std::filesystem::exists(name)) return learning::shipped_protocol(name);
    TRY(const std::string text, read_file(name));
    return learning::parse_protocol(text, name);
}

int threads_of() { return static_cast<int>(std::max(1U, std::thread::hardware_concurrency())); }

struct Files {
    TableReader::Made made;
    std::string sha256;        // of the files' hashes, in their order
    std::size_t labelled = 0;  // of the rows, the last ones: by analysts
    std::size_t missing = 0;   // numbers that are not known
};

// The data, and behind it what analysts labelled.
Result<Files> read_files(const Context& context, const Arguments& arguments, const Protocol& protocol, const learning::Features* features, const std::vector<learning::Label>& labels) {
    const std::vector<std::string>& data = arguments.all("data-file");
    std::vector<std::string> files = data;
    if (arguments.has("labels")) files.insert(files.end(), arguments.all("labels").begin(), arguments.all("labels").end());
    Progress progress = context.progress("reading", "files", files.size());
    TableReader reader(protocol, features);
    std::string hashes;
    std::uint64_t done = 0;
    std::size_t rows = 0;
    for (const std::string& file : files) {
        TRY_DO(reader.read(file));
        TRY(const std::string text, read_file(file, std::size_t{8} << 30));
        hashes += hex(crypto::sha256(as_bytes(text)));
        progress.at(++done, files.size());
        if (done == data.size()) rows = reader.rows();
    }
    for (const learning::Label& one : labels) TRY_DO(reader.read_text(one.record, format("labels.jsonl, {}", one.detection)));
    const std::size_t all = reader.rows();
    const std::size_t missing = reader.missing();
    TRY(TableReader::Made made, reader.finish());
    return Files{std::move(made), hex(crypto::sha256(as_bytes(hashes))), all - rows, missing};
}

Result<int> train(const Context& context, const Arguments& arguments) {
    TRY(const Protocol protocol, protocol_of(arguments));
    TRY(ModelStore store, store_of(context, arguments));
    TRY(const learning::LabelsRead labels, store.labels(protocol.name));
    TRY(const auto counting, learning::labels_in_effect(protocol, labels.all));
    TRY(Files files, read_files(context, arguments, protocol, nullptr, counting));
    Progress progress = context.progress("training", "trainings");
    TRY(const learning::Trained trained, learning::train(protocol, std::move(files.made), threads_of(), [&](std::uint64_t done, std::uint64_t total) { progress.at(done, total); }, files.labelled));
    TRY(const int number, store.keep(trained, files.sha256, labels));
    if (context.json) {
        json::array tried;
        for (const auto& one : trained.tried) tried.push_back(json::object{{"candidate", one.candidate.name}, {"held_out", learning::to_json(one.held_out)}});
        context.print(json::value{{"model", protocol.name}, {"version", number}, {"chosen", trained.model.chosen.name}, {"threshold", trained.model.threshold}, {"labelled", files.labelled}, {"labels_sha256", labels.sha256},
                                  {"tried", std::move(tried)}});
        return kOk;
    }
    if (files.labelled > 0) context.print(format("taught besides, at weight {}: {} that analysts labelled, of which no figure below knows", protocol.label_weight, files.labelled == 1 ? "1 record" : format("{} records", files.labelled)));
    for (const auto& one : trained.tried) {
        context.print(format("{:<36} finds {:.2f} % of held-out attack types at {:.2f} % false alarms", one.candidate.name, 100 * one.held_out.mean_recall(), 100 * one.held_out.false_alarm_rate()));
    }
    context.print(format("{} {} is kept: {}, threshold {:.4f}. It counts once it is approved: madang security approve {} --version {} --by NAME",
                         protocol.name, number, trained.model.chosen.name, trained.model.threshold, protocol.name, number));
    return kOk;
}

// The newest version where none is asked for and none is approved: what was just trained can be judged before it counts.
struct Chosen {
    Model model;
    int number;
    std::string about;
};

Result<Chosen> model_of(const ModelStore& store, const Arguments& arguments) {
    const std::string name = arguments.one_or("model", "network-flows");
    TRY(std::optional<int> number, version_of(arguments));
    TRY(const auto versions, store.versions(name));
    if (versions.empty()) return fail(Code::not_found, format("there is no model {}; madang security train makes one", name));
    if (!number) {
        const auto approved = std::ranges::find_if(versions, [](const learning::Version& one) { return one.approved; });
        number = approved == versions.end() ? versions.back().number : approved->number;
    }
    TRY(Model model, store.load(name, number));
    return Chosen{std::move(model), *number, format("{} {}", name, *number)};
}

// The lines of records that stand in the files one behind the other.
Result<std::vector<std::string>> lines_of(const std::vector<std::string>& files, const Protocol& protocol, std::vector<std::size_t> numbers) {
    std::vector<std::string> lines;
    for (const std::string& file : files) {
        if (lines.size() == numbers.size()) break;
        TRY(const std::string text, read_file(file, std::size_t{8} << 30));
        const std::vector<std::size_t> here(numbers.begin() + static_cast<std::ptrdiff_t>(lines.size()), numbers.end());
        for (std::string& line : TableReader::lines_at(protocol, text, here)) lines.push_back(std::move(line));
        if (lines.size() == numbers.size()) break;
        TableReader count(protocol);
        TRY_DO(count.read_text(text, file));
        for (std::size_t i = lines.size(); i < numbers.size(); ++i) numbers[i] -= count.rows();
    }
    return lines;
}

Result<json::array> explained(const Model& model, const Table& table, const std::vector<float>& probability, const std::vector<std::size_t>& numbers, const std::vector<std::string>& files) {
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < table.rows() && rows.size() < kExplained; ++i) {
        if (probability[i] > model.threshold) rows.push_back(i);
    }
    std::vector<float> values;
    for (const std::size_t row : rows) values.insert(values.end(), table.row(row), table.row(row) + table.width);
    TRY(const auto reasons, learning::explain(model, {values, table.width}, kReasons));
    std::vector<std::size_t> in_files;
    for (const std::size_t row : rows) in_files.push_back(numbers[row]);
    TRY(const auto lines, lines_of(files, model.protocol, in_files));
    MADANG_CHECK(lines.size() == rows.size());
    json::array all;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        json::array words;
        for (const auto& one : reasons[i]) words.push_back(json::object{{"words", one.words}, {"adds", one.adds}});
        all.push_back(json::object{{"record", in_files[i] + 1}, {"line", lines[i]}, {"type", table.types[table.type[rows[i]]]}, {"probability", probability[rows[i]]}, {"reasons", std::move(words)}});
    }
    return all;
}

Result<int> evaluate(const Context& context, const Arguments& arguments) {
    TRY(const ModelStore store, store_of(context, arguments));
    TRY(const Chosen chosen, model_of(store, arguments));
    const Model& model = chosen.model;
    TRY(Files files, read_files(context, arguments, model.protocol, &model.features, {}));
    Table& table = files.made.table;
    TRY(auto probability, learning::score(model, {table.values, table.width}));
    TRY(const auto taught, store.taught_to(model.protocol.name, chosen.number));
    const std::size_t rows = table.rows();
    TRY(const auto numbers, learning::leave_out_taught(model.protocol, model.features, taught, table, probability));
    const std::size_t left_out = rows - numbers.size();
    const Report report = learning::judge(table, model.protocol.normal, probability, model.threshold, model.types);
    json::array reasons;
    if (arguments.has("explain")) {
        TRY(reasons, explained(model, table, probability, numbers, arguments.all("data-file")));
    }
    if (arguments.has("plot")) TRY_DO(write_file_whole(arguments.one("plot"), learning::draw_svg(report, chosen.about)));
    if (context.json) {
        json::object answer = learning::to_json(report);
        answer["model"] = chosen.about;
        answer["left_out_as_taught"] = left_out;
        answer["missing_numbers"] = files.missing;
        answer["data_sha256"] = files.sha256;
        if (arguments.has("explain")) answer["explained"] = std::move(reasons);
        context.print(json::value(std::move(answer)));
        return kOk;
    }
    if (left_out > 0) context.print(format("{} left out: analysts labelled such ones, and this version was taught them", left_out == 1 ? "1 record is" : format("{} records are", left_out)));
    if (files.missing > 0) context.print(format("{} numbers are not known and count as the usual ones of normal records", files.missing));
    context.print(format("{} on {}", chosen.about, join(arguments.all("data-file"), ", ")));
    context.print(learning::in_words(report));
    for (const json::value& one : reasons) {
        context.print(format("record {} ({}), probability {:.4f}", one.at("record").as_uint64(), std::string_view(one.at("type").as_string()), one.at("probability").to_number<double>()));
        for (const json::value& why : one.at("reasons").as_array()) context.print(format("  {:+.2f}  {}", why.at("adds").to_number<double>(), std::string_view(why.at("words").as_string())));
    }
    return kOk;
}

Result<int> approve(const Context& context, const Arguments& arguments) {
    TRY(ModelStore store, store_of(context, arguments));
    TRY(const auto number, version_of(arguments));
    TRY_DO(store.approve(arguments.one("model"), *number, arguments.one("by"), arguments.one_or("reason", "")));
    if (context.json) context.print(json::value{{"model", arguments.one("model")}, {"version", *number}});
    else context.print(format("version {} of {} counts from now on", *number, arguments.one("model")));
    return kOk;
}

Result<int> rollback(const Context& context, const Arguments& arguments) {
    TRY(ModelStore store, store_of(context, arguments));
    TRY(const int number, store.roll_back(arguments.one("model"), arguments.one("by"), arguments.one_or("reason", "")));
    if (context.json) context.print(json::value{{"model", arguments.one("model")}, {"version", number}});
    else context.print(format("version {} of {} counts again", number, arguments.one("model")));
    return kOk;
}

Result<int> models(const Context& context, const Arguments& arguments) {
    TRY(const ModelStore store, store_of(context, arguments));
    TRY(const auto names, store.names());
    json::array all;
    for (const std::string& name : names) {
        TRY(const auto versions, store.versions(name));
        for (const auto& one : versions) {
            if (!context.json) {
                context.print(format("{:<24} {:>4}  {}  finds {:.2f} % of held-out types at {:.2f} % false alarms{}{}", name, one.number, format_instant(one.made_at),
                                     100 * one.held_out_recall, 100 * one.false_alarms, one.labels > 0 ? format("  {} labelled", one.labels) : "", one.approved ? "  counts" : ""));
            }
            all.push_back(json::object{{"model", name}, {"version", one.number}, {"made_at", format_instant(one.made_at)}, {"data_sha256", one.data_sha256},
                                       {"held_out_recall", one.held_out_recall}, {"false_alarms", one.false_alarms}, {"labelled", one.labels}, {"approved", one.approved}});
        }
    }
    if (context.json) context.print(json::value(std::move(all)));
    else if (names.empty()) context.print("There are no models yet; madang security train makes one.");
    return kOk;
}

}  // namespace

std::vector<Command> learn_commands() {
    using Kind = Argument::Kind;
    const Argument folder{"--models", Kind::option, false, "folder of the models; without it \"models\" in the data folder"};
    const Argument model{"model", Kind::positional, true, "name of the model, as network-flows"};
    const Argument version{"--version", Kind::option, true, "its number"};
    const Argument by{"--by", Kind::option, true, "who decides it"};
    const Argument reason{"--reason", Kind::option, false, "why"};
    return {
        {"security train", "train a classifier of attacks by a protocol that was fixed beforehand, and judge it on attack types held out",
         "madang security train --protocol network-flows KDDTrain+.txt",
         {{"data-file", Kind::positional_many, true, "labelled records, one a line"},
          {"--protocol", Kind::option, false, "network-flows (the default), http-requests, or a file"},
          {"--labels", Kind::option, false, "records that analysts labelled, in the same format, besides those of madang security label"},
          folder}, train},
        {"security evaluate", "judge a model on labelled records that it has not seen", "madang security evaluate --model network-flows --explain KDDTest+.txt",
         {{"data-file", Kind::positional_many, true, "labelled records, one a line"},
          {"--model", Kind::option, false, "name of the model; without it network-flows"},
          {"--version", Kind::option, false, "its number; without it the approved one, or else the newest"},
          {"--explain", Kind::flag, false, "say for the first 20 that are called attacks what spoke for it"},
          {"--plot", Kind::option, false, "write ROC curve and calibration to this SVG file"},
          folder}, evaluate},
        {"security approve", "let a version of a model count", "madang security approve network-flows --version 2 --by 'A. Kim' --reason 'report of May'",
         {model, version, by, reason, folder}, approve},
        {"security rollback", "let the version of a model count that counted before", "madang security rollback network-flows --by 'A. Kim' --reason 'too many false alarms'",
         {model, by, reason, folder}, rollback},
        {"security models", "the models, their versions and which of them count", "madang security models --json", {folder}, models},
    };
}

}  // namespace madang::cli
