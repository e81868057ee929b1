// Notes and verifier keys: what is read is written back to the byte.
#include <cstdlib>

#include "ledger/note.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace madang;
    const std::string_view text = as_text({data, size});
    if (const auto key = ledger::parse_verifier_key(text); key && ledger::format_verifier_key(key->name, key->key) != text) std::abort();
    if (const auto note = ledger::parse_note(text)) {
        if (!text.starts_with(note->text) || note->signatures.empty()) std::abort();
        SeededRandom random(1);
        const auto key = ledger::verifier_key("log.example/fuzz", crypto::Ed25519Key::generate(random).public_key());
        static_cast<void>(ledger::open_note(text, {&key, 1}));
    }
    return 0;
}
