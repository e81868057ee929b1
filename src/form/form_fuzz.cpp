// Whatever the file is, it is refused with a place, or any answers can be checked against it: what is hidden
// has no data and no problem, and typed data is accepted when it is typed again.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "form/check.h"
#include "form/form.h"

namespace {

using namespace madang::form;

// Parts of the file itself, so that the fuzzer finds values of choices, dates and numbers.
Answers answers_from(const Form& form, std::string_view text, std::size_t part) {
    Answers answers;
    std::size_t at = 0;
    for (const Page& page : form.pages) {
        for (const Field& field : page.fields) {
            if (field.key.empty()) continue;
            auto& texts = answers[field.key];
            texts.emplace_back(text.substr(std::min(at, text.size()), part));
            at += part;
            if (!field.options.empty() && at % 2 == 0) texts.front() = field.options.back().value;
        }
    }
    return answers;
}

void check_answers(const Form& form, const Answers& answers) {
    const Checked checked = check(form, answers);
    std::size_t shown = 0;
    for (const Page& page : form.pages) {
        for (const Field* field : shown_fields(page, answers, form)) {
            if (!field->key.empty()) ++shown;
        }
    }
    MADANG_CHECK(checked.data.size() + checked.problems.size() <= shown);
    for (const Problem& problem : checked.problems) {
        MADANG_CHECK(form.find_page(problem.page) != nullptr && form.find_field(problem.key) != nullptr);
        MADANG_CHECK(!checked.data.contains(problem.key) && !problem.message.empty());
    }
    const Checked again = check(form, answers_of(form, checked.data));
    for (const auto& member : checked.data) {
        const auto* value = again.data.if_contains(member.key());
        MADANG_CHECK(value == nullptr || *value == member.value());   // a condition may hide it now
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 20'000) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto form = parse_form(text, "input.json");
    if (!form) {
        MADANG_CHECK(form.error().message.starts_with("input.json: "));
        return 0;
    }
    check_answers(*form, {});
    for (const std::size_t part : {1U, 2U, 10U, 40U}) check_answers(*form, answers_from(*form, text, part));
    return 0;
}
