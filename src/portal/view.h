// Pages from templates: HTML escaped by context (ctemplate), words from the catalogues, data as JSON. How a
// template and its data fit together: templates/README.md
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/language.h"
#include "base/result.h"

namespace madang::portal {

using Words = std::map<std::string, Catalogue, std::less<>>;   // by language

class View {
public:
    // Reads the built-in templates once for each language. Code::invalid on a template that ctemplate refuses.
    static Result<std::unique_ptr<View>> create(const Words& words);
    ~View();
    View(const View&) = delete;
    View& operator=(const View&) = delete;

    // A member that is a text or a number fills {{KEY}} and, if it is not empty, shows {{#KEY_IF}}; `true` shows
    // {{#KEY}}; a list of objects repeats {{#KEY}}. Asking for a template that is not there is a bug. Safe to
    // call from many threads.
    std::string render(std::string_view page, std::string_view language, const json::object& data) const;

    // The source texts that the templates hold, for the catalogues.
    static std::vector<std::string> words_of_templates();
    static std::vector<std::string> pages();

private:
    struct State;
    explicit View(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace madang::portal
