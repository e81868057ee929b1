#include "cli/decision_model.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "base/xml.h"
#include "portal/embedded_files.h"

namespace madang::cli {
namespace {

constexpr int kMaxTypeDepth = 10;
constexpr int kMaxFoldersUp = 6;          // from a model to the pack around it
constexpr std::size_t kMaxTypeParts = 2000;
using Shape = DecisionModel::Shape;

std::string temporal(std::string_view type) {
    if (const std::size_t colon = type.find(':'); colon != std::string_view::npos) type.remove_prefix(colon + 1);
    if (type == "date" || type == "time") return std::string(type);
    if (type == "dateTime" || type == "date and time") return "date and time";
    if (type.ends_with("duration") || type.ends_with("Duration")) return "duration";
    return "";
}

// Item definitions of the file by name.
class Types {
public:
    explicit Types(xml::Node definitions) {
        for (const xml::Node one : definitions.children()) {
            if (xml::local_name(one) == "itemDefinition") named_.emplace(trim(xml::attribute(one, "name")), one);
        }
    }
    Shape of(std::string_view type, int depth = 0) {
        if (const auto found = named_.find(type); found != named_.end() && depth < kMaxTypeDepth) return of(found->second, depth + 1);
        return {temporal(type), {}};
    }

private:
    Shape of(xml::Node item, int depth) {
        Shape shape;
        if (++parts_ > kMaxTypeParts || depth > kMaxTypeDepth) return shape;
        for (const xml::Node one : item.children()) {
            if (xml::local_name(one) == "typeRef") return of(xml::text_of(one), depth);
            if (xml::local_name(one) == "itemComponent") shape.parts.emplace(trim(xml::attribute(one, "name")), of(one, depth + 1));
        }
        return shape;
    }
    std::map<std::string, xml::Node, std::less<>> named_;
    std::size_t parts_ = 0;
};

template <class T>
feel::Value read_or(const std::optional<T>& read, feel::Value otherwise) {
    return read ? feel::Value(feel::Value::Held(*read)) : otherwise;
}

feel::Value shaped(const feel::Value& value, const Shape& shape) {
    if (const auto* text = value.as<std::string>()) {
        if (shape.base == "date") return read_or(feel::parse_calendar_date(*text), value);
        if (shape.base == "time") return read_or(feel::parse_time_of_day(*text), value);
        if (shape.base == "date and time") return read_or(feel::parse_date_time(*text), value);
        if (shape.base == "duration") return read_or(feel::parse_months_duration(*text), read_or(feel::parse_seconds_duration(*text), value));
    }
    if (const auto* list = value.list()) {
        feel::List items;
        for (const feel::Value& one : *list) items.push_back(shaped(one, shape));
        return feel::Value(std::move(items));
    }
    if (const auto* context = value.context(); context != nullptr && !shape.parts.empty()) {
        feel::Context made;
        for (const auto& [name, one] : context->entries()) {
            const auto part = shape.parts.find(name);
            made.set(name, part == shape.parts.end() ? one : shaped(one, part->second));
        }
        return feel::Value(std::move(made));
    }
    return value;
}

void learn(xml::Node definitions, DecisionModel& model) {
    Types types(definitions);
    std::set<std::string> required;
    std::vector<std::pair<std::string, std::string>> decisions;   // id, name
    for (const xml::Node element : definitions.children()) {
        if (xml::local_name(element) == "inputData") {
            for (const xml::Node one : element.children()) {
                if (xml::local_name(one) == "variable") model.inputs[std::string(trim(xml::attribute(element, "name")))] = types.of(xml::attribute(one, "typeRef"));
            }
        }
        if (xml::local_name(element) != "decision") continue;
        decisions.emplace_back(xml::attribute(element, "id"), trim(xml::attribute(element, "name")));
        for (const xml::Node requirement : element.children()) {
            for (const xml::Node one : requirement.children()) {
                const std::string_view href = xml::attribute(one, "href");
                if (xml::local_name(one) == "requiredDecision") required.emplace(href.substr(std::min(href.size(), href.find('#') + 1)));
            }
        }
    }
    for (const auto& [id, name] : decisions) {
        if (!required.contains(id)) model.tops.push_back(name);
    }
}

Result<decision::ImportedFile> find_beside(const Path& folder, std::string_view space) {
    std::error_code trouble;
    std::vector<Path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder, trouble)) {
        if (entry.path().extension() == ".dmn" && entry.is_regular_file(trouble)) files.push_back(entry.path());
        if (files.size() > kMaxModelsBeside) return fail(Code::exhausted, format("{} holds more than {} models", folder.string(), kMaxModelsBeside));
    }
    std::ranges::sort(files);
    for (const Path& file : files) {
        TRY(std::string text, read_file(file, kMaxModelBytes));
        const auto document = xml::parse(text, file.string(), {.bytes = kMaxModelBytes});
        if (!document) continue;   // not the one that is looked for, as far as can be told
        if (xml::attribute(document->root(), "namespace") == space) return decision::ImportedFile{std::move(text), file.string()};
    }
    return fail(Code::not_found, format("no model in {} has the namespace \"{}\"", folder.string(), space));
}

}  // namespace

Result<std::string> DecisionModel::choose(const std::string& asked) const {
    const auto all = decisions.names();
    if (!asked.empty()) {
        if (decisions.has(asked)) return asked;
        const auto near = nearest(asked, all);
        return fail(Code::not_found, format("{} has no decision \"{}\"{}; it has: {}", name, asked, near ? format(" (did you mean \"{}\"?)", *near) : "",
                                            join(all, ", ")));
    }
    if (tops.size() == 1) return tops.front();
    if (all.empty()) return fail(Code::invalid, format("{} has no decision", name));
    return fail(Code::invalid, format("{} has several decisions; say which with --decision: {}", name, join(tops.empty() ? all : tops, ", ")));
}

feel::Context DecisionModel::input_of(const json::object& given) const {
    feel::Context made;
    const feel::Value read = feel::from_json(json::value(given));
    for (const auto& [key, value] : read.context()->entries()) {
        const auto shape = inputs.find(key);
        made.set(key, shape == inputs.end() ? value : shaped(value, shape->second));
    }
    return made;
}

Result<DecisionModel> load_decision_model(const std::string& file, decision::Mistakes mistakes) {
    TRY(const std::string text, read_file(file, kMaxModelBytes));
    const Path folder = Path(file).has_parent_path() ? Path(file).parent_path() : Path(".");
    TRY(auto decisions, decision::parse_dmn(text, file, mistakes, [&](std::string_view space, std::string_view) { return find_beside(folder, space); }));
    DecisionModel model{std::move(decisions), file, {}, {}};
    TRY(const xml::Document document, xml::parse(text, file, {.bytes = kMaxModelBytes}));
    learn(document.root(), model);
    return model;
}

Result<Catalogue> words_beside(const Path& model, std::string_view language) {
    if (!std::ranges::all_of(language, [](char c) { return c >= 'a' && c <= 'z'; }) || language.empty() || language.size() > 3) {
        return fail(Code::invalid, format("\"{}\" is not the code of a language (be, ru, en)", language));
    }
    Catalogue words;
    bool found = language == "en";
    const std::string file = std::string(language) + ".po";
    std::error_code trouble;
    Path folder = std::filesystem::absolute(model, trouble).parent_path();
    for (int up = 0; up < kMaxFoldersUp; ++up, folder = folder.parent_path()) {
        if (!std::filesystem::exists(folder / "pack.json", trouble)) continue;
        if (!std::filesystem::exists(folder / "po" / file, trouble)) break;
        TRY(const std::string text, read_file(folder / "po" / file));
        TRY(words, parse_po(text, (folder / "po" / file).string()));
        found = true;
        break;
    }
    for (const EmbeddedFile& embedded : portal::embedded_files()) {
        if (embedded.name != file) continue;
        TRY(const Catalogue own, parse_po(embedded.content, embedded.name));
        words.add(own);
        found = true;
    }
    if (!found) return fail(Code::not_found, format("there are no words for the language \"{}\"", language));
    return words;
}

}  // namespace madang::cli
