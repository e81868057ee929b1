// Proofs: what is read is written back to the byte, and none verifies for a key that nobody has.
#include <cstdlib>

#include "ledger/proof.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace madang;
    const std::string_view text = as_text({data, size});
    const auto proof = ledger::parse_tlog_proof(text);
    if (proof && !proof->extra.empty() && ledger::format_tlog_proof(*proof) != text) std::abort();
    static_cast<void>(ledger::parse_disclosure(text));
    static_cast<void>(ledger::parse_act(text));
    if (proof) static_cast<void>(ledger::parse_disclosure(proof->extra));
    SystemRandom random;
    static const std::string key = ledger::format_verifier_key("log.example/fuzz", crypto::Ed25519Key::generate(random).public_key());
    if (ledger::verify_proof(text, key)) std::abort();
    return 0;
}
