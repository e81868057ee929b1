// Case histories: no bytes may crash the reader, and none verifies for a key that nobody has.
#include <cstdlib>

#include "ledger/history.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace madang;
    SystemRandom random;
    static const std::string strange = ledger::format_verifier_key("log.example/fuzz", crypto::Ed25519Key::generate(random).public_key());
    const std::string_view text = as_text({data, size});
    if (ledger::verify_history(text, strange)) std::abort();
    // The key of the seeds: reaches the acts behind the checkpoint.
    SeededRandom seeded(1);
    static const std::string known = ledger::format_verifier_key("log.example/seed", crypto::Ed25519Key::generate(seeded).public_key());
    static_cast<void>(ledger::verify_history(text, known));
    return 0;
}
