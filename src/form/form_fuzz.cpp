#include <cstddef>
#include <cstdint>
#include <string_view>

#include "form/check.h"
#include "form/form.h"

// Whatever the file is, it is refused, or answers can be checked against it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto form = madang::form::parse_form(text, "input.json");
    if (!form) return 0;
    madang::form::Answers answers;
    for (const auto& page : form->pages) {
        for (const auto& field : page.fields) answers[field.key] = {std::string(text.substr(0, 50))};
    }
    (void)madang::form::check(*form, answers);
    return 0;
}
