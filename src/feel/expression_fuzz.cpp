#include <cstddef>
#include <cstdint>
#include <string_view>

#include "feel/expression.h"

// Whatever the text is, it is refused or evaluates within its budget.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    madang::feel::Budget budget;
    budget.steps = 10'000;
    if (const auto expression = madang::feel::parse_expression(text)) {
        (void)madang::feel::text_of(madang::feel::evaluate(*expression, {}, budget));
    }
    if (const auto tests = madang::feel::parse_unary_tests(text)) {
        (void)madang::feel::matches(*tests, madang::feel::Value(madang::feel::Number(5)), {}, budget);
    }
    return 0;
}
