// Checkpoints: the three lines are written back to the byte.
#include <cstdlib>

#include "ledger/checkpoint.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace madang;
    const std::string_view text = as_text({data, size});
    const auto checkpoint = ledger::parse_checkpoint(text);
    if (checkpoint && !text.starts_with(ledger::format_checkpoint(*checkpoint))) std::abort();
    return 0;
}
