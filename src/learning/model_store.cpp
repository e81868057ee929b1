#include "learning/model_store.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "base/text.h"
#include "base/time_text.h"
#include "crypto/ed25519.h"
#include "crypto/hash.h"
#include "learning/record.h"

namespace madang::learning {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMaxModelBytes = 512U << 20;
constexpr std::size_t kMaxText = 1000;

Result<void> check_name(std::string_view name) {
    if (!name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos) return {};
    return fail(Code::invalid, format("\"{}\" is no name of a model", name));
}

// "0007"
std::optional<int> number_of(std::string_view text) {
    int number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc() || end != text.data() + text.size() || number < 1) return std::nullopt;
    return number;
}

Result<void> tidy(std::string& by, std::string& reason) {
    TRY(by, tidy_line(by));
    TRY(reason, tidy_line(reason));
    if (!by.empty() && by.size() <= kMaxText && reason.size() <= kMaxText) return {};
    return fail(Code::invalid, "who does it has a name, and a reason at most 1,000 bytes");
}

Result<std::string> signature_of(ByteSpan seed, std::string_view text) {
    TRY(const crypto::Ed25519Key key, crypto::Ed25519Key::from_seed(seed));
    return hex(key.sign(as_bytes(text)));
}

json::object settings_json(const Candidate& one) {
    return {{"name", one.name}, {"rounds", one.rounds}, {"trees_per_round", one.trees_per_round}, {"depth", one.depth}, {"rate", one.rate},
            {"rows", one.rows}, {"columns", one.columns}, {"invented", one.invented}, {"even_types", one.even_types}};
}

json::object manifest_of(const Trained& trained, std::string_view data_sha256, const LabelsRead& labels, std::string_view model_sha256, Instant now) {
    const Model& model = trained.model;
    json::array types;
    for (const std::string& one : model.types) types.emplace_back(one);
    json::array usual;
    for (const float one : model.usual) usual.emplace_back(one);
    const Report& held_out = trained.tried[trained.best].held_out;
    return {{"made_at", format_instant(now)}, {"protocol", model.protocol.text}, {"protocol_sha256", hex(crypto::sha256(as_bytes(model.protocol.text)))},
            {"data_sha256", data_sha256}, {"labels", labels.all.size()}, {"labels_sha256", labels.sha256}, {"taught", trained.taught}, {"model_sha256", model_sha256}, {"chosen", settings_json(model.chosen)}, {"features", model.features.to_json()},
            {"usual", std::move(usual)}, {"types", std::move(types)}, {"slope", model.calibration.slope}, {"offset", model.calibration.offset},
            {"threshold", model.threshold}, {"held_out_recall", held_out.mean_recall()}, {"false_alarms", held_out.false_alarm_rate()}};
}

json::object report_of(const Trained& trained) {
    json::array tried;
    for (const Tried& one : trained.tried) tried.push_back(json::object{{"candidate", settings_json(one.candidate)}, {"held_out", to_json(one.held_out)}});
    return {{"chosen", trained.model.chosen.name}, {"tried", std::move(tried)}};
}

std::string text_of(const Trained& trained) {
    std::string text;
    for (std::size_t i = 0; i < trained.tried.size(); ++i) {
        text += format("{}{}, on attack types that were held out:\n{}\n", trained.tried[i].candidate.name, i == trained.best ? " (chosen)" : "", in_words(trained.tried[i].held_out));
    }
    return text;
}

double number_at(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_number() ? value->to_number<double>() : 0;
}

}  // namespace

Result<ModelStore> ModelStore::open(const Path& folder, const Clock& clock, Random& random) {
    std::error_code problem;
    fs::create_directories(folder, problem);
    if (problem) return fail(Code::unavailable, format("{}: {}", folder.string(), problem.message()));
    const Path key = folder / "signing.key";
    if (!fs::exists(key)) {
        const crypto::Ed25519Key made = crypto::Ed25519Key::generate(random);
        TRY_DO(write_file_whole(key, hex(made.seed()) + "\n", Readable::by_owner));
    }
    TRY(const std::string text, read_file(key, 1000));
    TRY(Bytes seed, within(parse_hex(tidy_line(text).value_or("")), key.string()));
    TRY_DO(crypto::Ed25519Key::from_seed(seed));
    return ModelStore(folder, clock, std::move(seed));
}

Path ModelStore::folder_of(std::string_view name, int number) const { return folder_ / std::string(name) / format("{:04}", number); }

Result<int> ModelStore::keep(const Trained& trained, std::string_view data_sha256, const LabelsRead& labels) {
    const std::string& name = trained.model.protocol.name;
    TRY_DO(check_name(name));
    TRY(const Bytes bytes, trained.model.booster.save());
    TRY(const auto all, versions(name));
    const int number = all.empty() ? 1 : all.back().number + 1;
    const std::string manifest = json::serialize(manifest_of(trained, data_sha256, labels, hex(crypto::sha256(bytes)), clock_->now()));
    TRY(const std::string signature, signature_of(seed_, manifest));
    const Path whole = folder_of(name, number);
    const Path making = whole.parent_path() / format(".{:04}.part", number);
    std::error_code problem;
    fs::remove_all(making, problem);
    fs::create_directories(making, problem);
    if (problem) return fail(Code::unavailable, format("{}: {}", making.string(), problem.message()));
    const Report& held_out = trained.tried[trained.best].held_out;
    TRY_DO(write_file_whole(making / "model.ubj", as_text(bytes)));
    TRY_DO(write_file_whole(making / "manifest.json", manifest));
    TRY_DO(write_file_whole(making / "manifest.sig", signature + "\n"));
    TRY_DO(write_file_whole(making / "report.json", pretty_json(report_of(trained))));
    TRY_DO(write_file_whole(making / "report.txt", text_of(trained)));
    TRY_DO(write_file_whole(making / "report.svg", draw_svg(held_out, format("{} {}: attack types that were held out", name, number))));
    fs::rename(making, whole, problem);
    if (problem) return fail(Code::unavailable, format("{}: {}", whole.string(), problem.message()));
    return number;
}

Result<std::vector<std::string>> ModelStore::names() const {
    std::vector<std::string> names;
    std::error_code problem;
    for (fs::directory_iterator at(folder_, problem), end; !problem && at != end; at.increment(problem)) {
        const std::string name = at->path().filename().string();
        if (at->is_directory() && check_name(name)) names.push_back(name);
    }
    std::ranges::sort(names);
    return names;
}

Result<json::object> ModelStore::manifest(std::string_view name, int number) const {
    const Path folder = folder_of(name, number);
    const auto text = read_file(folder / "manifest.json");
    if (!text) return fail(Code::not_found, format("there is no version {} of {}", number, name));
    TRY(const std::string signature, read_file(folder / "manifest.sig", 1000));
    TRY(const crypto::Ed25519Key key, crypto::Ed25519Key::from_seed(seed_));
    const auto given = parse_hex(tidy_line(signature).value_or(""));
    if (!given || !key.public_key().verify(as_bytes(*text), *given)) {
        return fail(Code::corrupted, format("{}: the signature is not of this folder's key", (folder / "manifest.json").string()));
    }
    TRY(const json::value value, parse_json(*text));
    if (!value.is_object()) return fail(Code::corrupted, "a manifest is an object");
    return value.get_object();
}

Result<std::vector<Version>> ModelStore::versions(std::string_view name) const {
    TRY_DO(check_name(name));
    TRY(const auto lines, history(name));
    std::vector<Version> all;
    std::error_code problem;
    for (fs::directory_iterator at(folder_ / std::string(name), problem), end; !problem && at != end; at.increment(problem)) {
        const auto number = number_of(at->path().filename().string());
        if (!number) continue;
        TRY(const json::object about, manifest(name, *number));
        Version version;
        version.number = *number;
        TRY(version.made_at, parse_instant(string_or(about, "made_at", "")));
        version.data_sha256 = string_or(about, "data_sha256", "");
        version.held_out_recall = number_at(about, "held_out_recall");
        version.false_alarms = number_at(about, "false_alarms");
        version.labels = static_cast<std::size_t>(number_at(about, "taught"));
        version.approved = !lines.empty() && lines.back().version == *number;
        all.push_back(std::move(version));
    }
    std::ranges::sort(all, {}, &Version::number);
    return all;
}

Result<Model> ModelStore::load(std::string_view name, std::optional<int> number) const {
    TRY_DO(check_name(name));
    if (!number) {
        TRY(const auto lines, history(name));
        if (lines.empty()) return fail(Code::not_found, format("no version of {} is approved", name));
        number = lines.back().version;
    }
    TRY(const json::object about, manifest(name, *number));
    const std::string where = format("{} {}", name, *number);
    TRY(const std::string text, read_file(folder_of(name, *number) / "model.ubj", kMaxModelBytes));
    if (hex(crypto::sha256(as_bytes(text))) != string_or(about, "model_sha256", "")) return fail(Code::corrupted, format("{}: model.ubj is not what was trained", where));
    TRY(Protocol protocol, parse_protocol(string_or(about, "protocol", ""), where));
    TRY(const json::array features_json, array_at(about, "features", where));
    TRY(Features features, parse_features(features_json, protocol, where));
    TRY(Booster booster, within(Booster::load(as_bytes(text), features.size()), where));
    Model model{std::move(protocol), {}, std::move(features), {}, {}, {}, 0, std::move(booster)};
    TRY(const json::object chosen, object_at(about, "chosen", where));
    model.chosen.name = string_or(chosen, "name", "");
    TRY(const json::array usual, array_at(about, "usual", where));
    for (const json::value& one : usual) model.usual.push_back(one.is_number() ? one.to_number<float>() : 0.0F);
    if (model.usual.size() != model.features.size()) return fail(Code::corrupted, format("{}: what is usual is not told of every feature", where));
    TRY(const json::array types, array_at(about, "types", where));
    for (const json::value& one : types) model.types.emplace_back(one.is_string() ? std::string_view(one.get_string()) : std::string_view());
    model.calibration = {number_at(about, "slope"), number_at(about, "offset")};
    model.threshold = number_at(about, "threshold");
    return model;
}

SignedLines ModelStore::lines_of(std::string_view name, std::string_view file) const { return {folder_ / std::string(name) / std::string(file), seed_}; }

Result<std::vector<HistoryLine>> ModelStore::history(std::string_view name) const {
    TRY_DO(check_name(name));
    TRY(const LinesRead read, lines_of(name, "history.jsonl").read());
    std::vector<HistoryLine> lines;
    for (const json::object& object : read.lines) {
        HistoryLine one;
        TRY(one.at, parse_instant(string_or(object, "at", "")));
        one.action = string_or(object, "action", "");
        one.version = static_cast<int>(integer_or(object, "version", 0));
        one.by = string_or(object, "by", "");
        one.reason = string_or(object, "reason", "");
        lines.push_back(std::move(one));
    }
    return lines;
}

Result<void> ModelStore::add_line(std::string_view name, HistoryLine line) {
    TRY_DO(tidy(line.by, line.reason));
    return lines_of(name, "history.jsonl").add({{{"at", format_instant(clock_->now())}, {"action", line.action}, {"version", line.version}, {"by", line.by}, {"reason", line.reason}}});
}

Result<void> ModelStore::approve(std::string_view name, int number, std::string_view by, std::string_view reason) {
    TRY_DO(load(name, number));   // what cannot be used cannot be approved
    TRY(const auto lines, history(name));
    if (!lines.empty() && lines.back().version == number) return fail(Code::conflict, format("version {} of {} counts already", number, name));
    return add_line(name, {.at = {}, .action = "approved", .version = number, .by = std::string(by), .reason = std::string(reason)});
}

Result<int> ModelStore::roll_back(std::string_view name, std::string_view by, std::string_view reason) {
    TRY(const auto lines, history(name));
    // What was rolled back is gone for good: the stack of approvals without those that were taken back.
    std::vector<int> stack;
    for (const HistoryLine& one : lines) {
        if (one.action == "approved") stack.push_back(one.version);
        else if (!stack.empty()) stack.pop_back();
    }
    if (stack.size() < 2) return fail(Code::conflict, format("no version of {} counted before this one", name));
    const int number = stack[stack.size() - 2];
    TRY_DO(load(name, number));
    TRY_DO(add_line(name, {.at = {}, .action = "rolled back", .version = number, .by = std::string(by), .reason = std::string(reason)}));
    return number;
}

Result<Protocol> ModelStore::protocol_of(std::string_view name) const {
    TRY(const auto all, versions(name));
    if (all.empty()) return shipped_protocol(name);
    TRY(const json::object about, manifest(name, all.back().number));
    return parse_protocol(string_or(about, "protocol", ""), format("{} {}", name, all.back().number));
}

Result<void> ModelStore::add_labels(std::string_view name, const Protocol& protocol, const std::vector<Label>& labels) {
    TRY_DO(check_name(name));
    if (labels.empty()) return {};
    std::error_code problem;
    fs::create_directories(folder_ / std::string(name), problem);
    if (problem) return fail(Code::unavailable, format("{}: {}", (folder_ / std::string(name)).string(), problem.message()));
    TRY(const LinesRead before, lines_of(name, "labels.jsonl").read());
    if (before.lines.size() + labels.size() > kMaxLabels) return fail(Code::exhausted, format("a model has at most {} labels", kMaxLabels));
    std::vector<json::object> lines;
    for (Label one : labels) {
        TRY_DO(tidy(one.by, one.reason));
        TRY(one.record, labelled(protocol, one.record, one.type));
        lines.push_back({{"at", format_instant(clock_->now())}, {"detection", one.detection}, {"record", one.record}, {"type", one.type}, {"by", one.by}, {"reason", one.reason}});
    }
    return lines_of(name, "labels.jsonl").add(lines);
}

Result<LabelsRead> ModelStore::labels(std::string_view name, std::size_t first) const {
    TRY_DO(check_name(name));
    TRY(LinesRead read, lines_of(name, "labels.jsonl").read());
    LabelsRead labels;
    std::size_t end = 0;   // of the lines that were asked for
    for (std::size_t i = 0; i < read.lines.size() && i < first; ++i) {
        const json::object& object = read.lines[i];
        Label one;
        TRY(one.at, parse_instant(string_or(object, "at", "")));
        one.detection = string_or(object, "detection", "");
        one.record = string_or(object, "record", "");
        one.type = string_or(object, "type", "");
        one.by = string_or(object, "by", "");
        one.reason = string_or(object, "reason", "");
        labels.all.push_back(std::move(one));
        end = read.text.find('\n', end) + 1;
    }
    if (!labels.all.empty()) labels.sha256 = hex(crypto::sha256(as_bytes(std::string_view(read.text).substr(0, end))));
    return labels;
}

Result<std::vector<Label>> ModelStore::taught_to(std::string_view name, int number) const {
    TRY(const json::object about, manifest(name, number));
    const auto count = static_cast<std::size_t>(number_at(about, "labels"));
    if (count == 0) return std::vector<Label>();
    TRY(const LabelsRead read, labels(name, count));
    if (read.all.size() != count || read.sha256 != string_or(about, "labels_sha256", "")) {
        return fail(Code::corrupted, format("{} {}: the labels that it was taught are not those that labels.jsonl begins with", name, number));
    }
    TRY(const Protocol protocol, parse_protocol(string_or(about, "protocol", ""), format("{} {}", name, number)));
    return labels_in_effect(protocol, read.all);
}

}  // namespace madang::learning
