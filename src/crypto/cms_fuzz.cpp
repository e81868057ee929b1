// The reader of document signatures: no bytes may crash it, and none verify for another content.
#include <cstdlib>

#include "base/time_text.h"
#include "crypto/signing_certificate.h"

namespace {

using namespace madang;

const std::string& root() {
    static const std::string pem = [] {
        SystemRandom random;
        return crypto::RootCertificate::create("Fuzz", random, *parse_instant("2026-11-23T09:00:00Z"))->certificate_pem();
    }();
    return pem;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto verdict = crypto::verify_detached_cms(as_bytes("content"), ByteSpan(data, size), root(), *parse_instant("2026-11-23T09:00:00Z"));
    if (verdict && verdict->chain_ok) std::abort();   // the root's key is gone
    return 0;
}
