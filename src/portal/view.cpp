// The only file that includes ctemplate.
#include "portal/view.h"

#include <ctemplate/template.h>
#include <ctemplate/template_cache.h>
#include <ctemplate/template_dictionary.h>

#include <set>

#include "base/check.h"
#include "base/text.h"
#include "portal/embedded_files.h"

namespace madang::portal {
namespace {

constexpr int kMaxDepth = 8;
// Parts that several pages share, by the mark where they stand.
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kPlaces{{{"{{ERROR_SUMMARY_PLACE}}", "_errors.html"}, {"{{INCIDENTS_PLACE}}", "_incidents.html"}}};
constexpr std::string_view kAutoescape = "{{%AUTOESCAPE context=\"HTML\"}}\n";

std::string_view file_of(std::string_view name) {
    for (const EmbeddedFile& file : embedded_files()) {
        if (file.name == name) return file.content;
    }
    MADANG_CHECK(false);
}

bool is_page(std::string_view name) { return name.ends_with(".html") && !name.starts_with("_"); }

// A whole page as one template: head, page, foot, the error summary in its place.
std::string whole(std::string_view page) {
    std::string text(kAutoescape);
    text += file_of("_head.html");
    text += page;
    text += file_of("_foot.html");
    for (const auto& [mark, part] : kPlaces) {
        if (const std::size_t at = text.find(mark); at != std::string::npos) text.replace(at, mark.size(), file_of(part));
    }
    return text;
}

// Calls `word` for what stands in [[double brackets]]; the result is the text with what it returned.
template <class Word>
std::string each_word(std::string_view text, Word word) {
    std::string out;
    std::size_t at = 0;
    for (;;) {
        const std::size_t open = text.find("[[", at);
        const std::size_t close = open == std::string_view::npos ? open : text.find("]]", open);
        if (close == std::string_view::npos) return out += text.substr(at);
        out += text.substr(at, open - at);
        out += word(text.substr(open + 2, close - open - 2));
        at = close + 2;
    }
}

std::string upper_key(std::string_view key) {
    std::string upper(key);
    for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return upper;
}

void fill(ctemplate::TemplateDictionary& dictionary, const json::object& data, int depth) {
    MADANG_CHECK(depth < kMaxDepth);
    for (const auto& member : data) {
        const std::string key = upper_key(member.key());
        const json::value& value = member.value();
        if (value.is_string()) {
            const std::string text(value.get_string());
            dictionary.SetValue(key, text);
            if (!text.empty()) dictionary.ShowSection(key + "_IF");
        } else if (value.is_int64()) {
            dictionary.SetValue(key, std::to_string(value.get_int64()));
        } else if (value.is_bool()) {
            if (value.get_bool()) dictionary.ShowSection(key);
        } else if (const auto* list = value.if_array()) {
            for (const auto& item : *list) fill(*dictionary.AddSectionDictionary(key), item.as_object(), depth + 1);
        }
    }
}

}  // namespace

struct View::State {
    ctemplate::TemplateCache cache;
};

View::View(std::unique_ptr<State> state) : state_(std::move(state)) {}
View::~View() = default;

Result<std::unique_ptr<View>> View::create(const Words& words) {
    auto state = std::make_unique<State>();
    for (const EmbeddedFile& file : embedded_files()) {
        if (!is_page(file.name)) continue;
        const std::string text = whole(file.content);
        for (const auto& [language, catalogue] : words) {
            const std::string said = each_word(text, [&](std::string_view word) { return escape_markup(catalogue.text(word)); });
            const std::string key = language + "/" + std::string(file.name);
            if (!state->cache.StringToTemplateCache(key, said, ctemplate::STRIP_BLANK_LINES)) {
                return fail(Code::invalid, format("the template {} cannot be read", file.name));
            }
        }
    }
    state->cache.Freeze();
    return std::unique_ptr<View>(new View(std::move(state)));
}

std::string View::render(std::string_view page, std::string_view language, const json::object& data) const {
    const std::string key = std::string(language) + "/" + std::string(page) + ".html";
    ctemplate::TemplateDictionary dictionary(key);
    fill(dictionary, data, 0);
    std::string out;
    MADANG_CHECK(state_->cache.ExpandNoLoad(key, ctemplate::STRIP_BLANK_LINES, &dictionary, nullptr, &out));
    return out;
}

std::vector<std::string> View::words_of_templates() {
    std::set<std::string> found;
    for (const EmbeddedFile& file : embedded_files()) {
        if (!file.name.ends_with(".html")) continue;
        each_word(file.content, [&](std::string_view word) {
            found.emplace(word);
            return std::string();
        });
    }
    return {found.begin(), found.end()};
}

std::vector<std::string> View::pages() {
    std::vector<std::string> names;
    for (const EmbeddedFile& file : embedded_files()) {
        if (is_page(file.name)) names.emplace_back(file.name.substr(0, file.name.size() - 5));
    }
    return names;
}

}  // namespace madang::portal
