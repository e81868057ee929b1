// The suite `dmn-tck`: the cases of the DMN Technology Compatibility Kit, levels 2 and 3. Walks any folder
// that holds, at any depth, folders with *.dmn and *-test-*.xml (testCases.xsd) beside it. A model finds what
// it imports in its own folder, by namespace.
//
//   conformance_dmn_tck DIR [SHOW]     SHOW: only cases whose name holds this text, each with its values
//
// A case passes where numbers agree within 1e-8, as the runner of the TCK has it; how many agree in every digit is
// told beside it. MADANG_TCK_CSV=FILE writes the results as vendors publish them, in five columns.
// A case that fails must stand in dmn_tck_known.txt with the reason; one that stands there and passes
// fails the suite, so that the list stays true.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>

#include "base/file.h"
#include "base/text.h"
#include "base/xml.h"
#include "conformance/suite.h"
#include "decision/decision.h"

namespace madang::conformance {
namespace {

constexpr std::size_t kMaxFiles = 10'000;
constexpr std::size_t kMaxNesting = 30;          // of lists and components
constexpr double kDoubleTolerance = 1e-8;        // relative, where the case writes an xsd:double
constexpr std::string_view kInstance = "http://www.w3.org/2001/XMLSchema-instance";

std::string_view instance_attribute(xml::Node node, std::string_view local) {
    for (const xml::Attribute attribute : node.attributes()) {
        if (xml::local_name(attribute) == local && xml::namespace_of(node, attribute) == kInstance) return attribute.value();
    }
    return {};
}

xml::Node first(xml::Node parent, std::string_view local) {
    for (const xml::Node one : parent.children()) {
        if (xml::local_name(one) == local) return one;
    }
    return {};
}

enum class Numbers { exact, rounded };   // rounded: within kDoubleTolerance, as the runner of the TCK compares

// What a file says of a value, with whether its numbers are binary.
struct Expected {
    std::string name;                // of a component
    feel::Value value;
    bool is_double = false;
    std::vector<Expected> parts;     // of a list or context
    enum class Shape { simple, list, context } shape = Shape::simple;
};

template <class T>
Result<feel::Value> held(const std::optional<T>& value, std::string_view text) {
    if (!value) return fail(Code::invalid, format("\"{}\" cannot be read as the type it is said to be", text));
    return feel::Value(feel::Value::Held(*value));
}

Result<feel::Value> simple(std::string_view type, const std::string& raw) {
    const std::size_t colon = type.find(':');
    if (colon != std::string_view::npos) type.remove_prefix(colon + 1);
    const std::string text(trim(raw));
    if (type == "decimal" || type == "double" || type == "integer") return held(feel::Number::parse(text), text);
    if (type == "boolean") return feel::Value(text == "true" || text == "1");
    if (type == "date") return held(feel::parse_calendar_date(text), text);
    if (type == "time") return held(feel::parse_time_of_day(text), text);
    if (type == "dateTime") return held(feel::parse_date_time(text), text);
    if (type == "duration") {
        if (const auto months = feel::parse_months_duration(text)) return feel::Value(feel::Value::Held(*months));
        return held(feel::parse_seconds_duration(text), text);
    }
    return feel::Value(raw);
}

std::string raw_text(xml::Node node) {
    std::string text;
    for (const xml::Node below : node.children()) {
        if (below.type() == pugi::node_pcdata || below.type() == pugi::node_cdata) text += below.value();
    }
    return text;
}

// testCases.xsd valueType: <value>, <component>s or a <list>.
Result<Expected> read_value(xml::Node node, std::size_t depth = 0) {
    if (depth > kMaxNesting) return fail(Code::exhausted, "values are nested too deep");
    Expected made;
    if (const xml::Node value = first(node, "value")) {
        if (instance_attribute(value, "nil") == "true") return made;
        const std::string_view type = instance_attribute(value, "type");
        made.is_double = type.ends_with("double");
        TRY(made.value, simple(type, raw_text(value)));
        return made;
    }
    const xml::Node list = first(node, "list");
    const auto nil = [](xml::Node one) { return instance_attribute(one, "nil") == "true"; };
    if (!first(node, "component") && (!list || nil(list))) return made;
    made.shape = list ? Expected::Shape::list : Expected::Shape::context;
    feel::List items;
    feel::Context context;
    for (const xml::Node one : (list ? list : node).children()) {
        if (xml::local_name(one) != (list ? "item" : "component")) continue;
        TRY(Expected part, read_value(one, depth + 1));
        const std::string name(xml::attribute(one, "name"));
        items.push_back(part.value);
        context.set(name, part.value);
        part.name = name;
        made.parts.push_back(std::move(part));
    }
    made.value = list ? feel::Value(std::move(items)) : feel::Value(std::move(context));
    return made;
}

bool agrees(const Expected& expected, const feel::Value& got, Numbers numbers) {
    if (expected.shape == Expected::Shape::list) {
        if (got.list() == nullptr || got.list()->size() != expected.parts.size()) return false;
        return std::ranges::equal(expected.parts, *got.list(), [&](const Expected& part, const feel::Value& item) { return agrees(part, item, numbers); });
    }
    if (expected.shape == Expected::Shape::context) {
        if (got.context() == nullptr || got.context()->entries().size() != expected.parts.size()) return false;
        return std::ranges::all_of(expected.parts, [&](const Expected& part) {
            const feel::Value* entry = got.context()->find(part.name);
            return entry != nullptr && agrees(part, *entry, numbers);
        });
    }
    if (expected.value.is_null()) return got.is_null();
    const auto* number = expected.value.as<feel::Number>();
    const auto* other = got.as<feel::Number>();
    if ((expected.is_double || numbers == Numbers::rounded) && number != nullptr && other != nullptr) {
        const double wanted = number->real();
        return std::fabs(other->real() - wanted) <= kDoubleTolerance * std::max(1.0, std::fabs(wanted));
    }
    return feel::same(expected.value, got);
}

std::string shown(const feel::Value& value) {
    const std::string text = value.as<std::string>() != nullptr ? "\"" + feel::text_of(value) + "\"" : feel::text_of(value);
    return value.reason().empty() ? text : format("{} ({})", text, value.reason());
}

// Nothing when the case holds, else why not.
std::string judge(const decision::Decisions& model, xml::Node test, const Clock& clock, Numbers numbers) {
    feel::Context input;
    for (const xml::Node one : test.children()) {
        if (xml::local_name(one) != "inputNode") continue;
        const auto given = read_value(one);
        if (!given) return given.error().message;
        input.set(std::string(xml::attribute(one, "name")), given->value);
    }
    feel::Budget budget;
    budget.clock = &clock;
    const bool service = xml::attribute(test, "type") == "decisionService";
    bool any = false;
    for (const xml::Node one : test.children()) {
        if (xml::local_name(one) != "resultNode") continue;
        any = true;
        const std::string_view name = xml::attribute(one, "name");
        const auto expected = read_value(first(one, "expected"));
        if (!expected) return expected.error().message;
        const auto outcome = service ? decision::evaluate_service(model, xml::attribute(test, "invocableName"), input, budget)
                                     : decision::evaluate(model, name, input, budget);
        if (!outcome) return outcome.error().message;
        feel::Value value = outcome->value;
        // A service with several outputs gives a context of them.
        if (service && value.context() != nullptr && value.context()->find(name) != nullptr) value = *value.context()->find(name);
        if (!agrees(*expected, value, numbers)) return format("{}: expected {} got {}", name, shown(expected->value), shown(value));
    }
    return any ? "" : "the case asks for nothing";
}

// Whether some result is to be a value: an engine that can do nothing gives a null as well.
bool wants_value(xml::Node test) {
    for (const xml::Node one : test.children()) {
        if (xml::local_name(one) != "resultNode") continue;
        const auto expected = read_value(first(one, "expected"));
        if (expected && !expected->value.is_null()) return true;
    }
    return false;
}

// --- the suite ---------------------------------------------------------------------------------------

class Suite {
public:
    Suite(Path root, std::string show) : root_(std::move(root)), show_(std::move(show)) {}

    Result<void> learn_known(const Path& file) {
        TRY(const std::string text, read_file(file));
        for (const std::string_view line : split(text, '\n')) {
            const std::size_t blank = line.find(' ');
            if (trim(line).empty() || line.starts_with('#')) continue;
            if (blank == std::string_view::npos) return fail(Code::invalid, format("{}: \"{}\" gives no reason", file.string(), line));
            known_.emplace(std::string(line.substr(0, blank)), std::string(trim(line.substr(blank))));
        }
        return {};
    }

    // `models`: the *.dmn of the folder. The test names its own in <modelName>.
    void judge_file(const std::string& file, const std::vector<std::string>& models) {
        const auto text = read_file(root_ / file);
        const auto document = text ? xml::parse(*text, file) : Result<xml::Document>(std::unexpected(text.error()));
        if (!document) return record(Path(file).parent_path(), file, document.error().message, true);
        const std::string named = xml::text_of(first(document->root(), "modelName"));
        const auto own = std::ranges::find_if(models, [&](const std::string& one) { return Path(one).filename() == named; });
        const std::string& model_file = own == models.end() ? models.front() : *own;
        const auto dmn = read_file(root_ / model_file);
        const auto importer = [&](std::string_view space, std::string_view) { return find_model(models, space); };
        const auto model = dmn ? decision::parse_dmn(*dmn, model_file, decision::Mistakes::give_null, importer)
                               : Result<decision::Decisions>(std::unexpected(dmn.error()));
        const std::string folder = Path(file).parent_path();
        files_.insert(Path(file).stem());
        for (const xml::Node test : document->root().children()) {
            if (xml::local_name(test) != "testCase") continue;
            const std::string name = format("{}:{}", Path(file).stem().string(), xml::attribute(test, "id"));
            if (!model) {
                record(folder, name, model.error().message, wants_value(test));
                continue;
            }
            std::string trouble = judge(*model, test, clock_, Numbers::exact);
            if (!trouble.empty() && judge(*model, test, clock_, Numbers::rounded).empty()) {
                std::printf("near %s: %s\n", name.c_str(), trouble.c_str());
                trouble.clear();
                ++near_;
            }
            record(folder, name, trouble, wants_value(test));
        }
    }

    // directory, file without its ending, case, SUCCESS or ERROR, and why.
    Result<void> write_csv(const Path& file) const {
        const auto quoted = [](std::string text) {
            for (std::size_t at = text.find('"'); at != std::string::npos; at = text.find('"', at + 2)) text.insert(at, 1, '"');
            return "\"" + text + "\"";
        };
        std::string csv;
        for (const Row& row : rows_) {
            csv += join(std::vector<std::string>{quoted(row.folder), quoted(row.file), quoted(row.id), quoted(row.trouble.empty() ? "SUCCESS" : "ERROR"), quoted(row.trouble)}, ",") + "\n";
        }
        return write_file_whole(file, csv);
    }

    int finish() {
        for (const auto& [folder, counts] : folders_) std::printf("%s: %d passed, %d failed\n", folder.c_str(), counts.first, counts.second);
        for (const auto& [name, reason] : known_) {
            const bool judged = files_.contains(name.substr(0, name.find(':')));   // another folder of the suite may be judged
            if (!show_.empty() || !judged || seen_.contains(name)) continue;
            std::printf("FAIL %s: it is listed as failing and is not in the suite\n", name.c_str());
            ++surprises_;
        }
        double shares = 0;
        for (const auto& [folder, counts] : folders_) shares += static_cast<double>(counts.first) / (counts.first + counts.second);
        if (!folders_.empty()) std::printf("%.1f %% of a folder on average\n", 100 * shares / static_cast<double>(folders_.size()));
        std::printf("of the cases that ask for a value: %d passed, %d failed\n", values_passed_, values_failed_);
        std::printf("of %d cases %d agree in every digit, %d within 1e-8\n", passed_ + failed_, passed_ - near_, near_);
        std::printf("%d listed in dmn_tck_known.txt failed as said; %d surprises\n", failed_as_said_, surprises_);
        std::printf("%d passed, %d failed\n", passed_, failed_);
        return surprises_ == 0 && passed_ > 0 ? 0 : 1;
    }

private:
    Result<decision::ImportedFile> find_model(const std::vector<std::string>& models, std::string_view space) const {
        for (const std::string& one : models) {
            TRY(std::string text, read_file(root_ / one));
            TRY(const xml::Document document, xml::parse(text, one));
            if (xml::attribute(document.root(), "namespace") == space) return decision::ImportedFile{std::move(text), one};
        }
        return fail(Code::not_found, format("no model of the folder has the namespace \"{}\"", space));
    }

    void record(const std::string& folder, const std::string& name, const std::string& trouble, bool value) {
        if (name.find(show_) == std::string::npos) return;
        const bool good = trouble.empty();
        const std::size_t colon = name.find(':');
        rows_.push_back({folder, name.substr(0, colon), colon == std::string::npos ? std::string() : name.substr(colon + 1), trouble});
        const auto known = known_.find(name);
        seen_[name] = good;
        (good ? passed_ : failed_) += 1;
        if (value) (good ? values_passed_ : values_failed_) += 1;
        (good ? folders_[folder].first : folders_[folder].second) += 1;
        if (!good && known != known_.end()) {
            ++failed_as_said_;
            std::printf("known %s: %s [%s]\n", name.c_str(), trouble.c_str(), known->second.c_str());
            return;
        }
        if (good && known == known_.end()) return;
        ++surprises_;
        std::printf("FAIL %s: %s\n", name.c_str(), good ? "it is listed as failing and passes" : trouble.c_str());
    }

    struct Row {
        std::string folder, file, id, trouble;
    };

    const Path root_;
    const std::string show_;
    std::vector<Row> rows_;
    SystemClock clock_;
    std::map<std::string, std::string> known_;
    std::map<std::string, bool> seen_;
    std::set<std::string> files_;
    std::map<std::string, std::pair<int, int>> folders_;
    int passed_ = 0;
    int failed_ = 0;
    int near_ = 0;
    int values_passed_ = 0;    // of the cases that ask for more than a null
    int values_failed_ = 0;
    int failed_as_said_ = 0;
    int surprises_ = 0;
};

int run(int argc, char** argv) {
    if (argc < 2 || argc > 3) {
        std::fprintf(stderr, "usage: %s DIR [SHOW]\n", argv[0]);
        return 2;
    }
    const Path root = argv[1];
    Suite suite(root, argc == 3 ? argv[2] : "");
    const auto files = list_files(root, kMaxFiles);
    const auto known = suite.learn_known(MADANG_DMN_TCK_KNOWN);
    if (!files || !known) {
        std::fprintf(stderr, "%s\n", (files ? known.error() : files.error()).message.c_str());
        return 2;
    }
    std::map<std::string, std::vector<std::string>> models;   // folder → its *.dmn
    for (const std::string& file : *files) {
        if (file.ends_with(".dmn")) models[Path(file).parent_path()].push_back(file);
    }
    for (const std::string& file : *files) {
        const auto model = models.find(Path(file).parent_path());
        const bool is_test = file.ends_with(".xml") && Path(file).stem().string().find("-test-") != std::string::npos;
        if (is_test && model != models.end()) suite.judge_file(file, model->second);
    }
    const int code = suite.finish();
    if (const char* csv = std::getenv("MADANG_TCK_CSV")) {
        const auto written = suite.write_csv(csv);
        if (!written) {
            std::fprintf(stderr, "%s\n", written.error().message.c_str());
            return 2;
        }
    }
    return code;
}

}  // namespace
}  // namespace madang::conformance

int main(int argc, char** argv) { return madang::conformance::run(argc, argv); }
