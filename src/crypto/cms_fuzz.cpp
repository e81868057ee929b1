// The reader of signatures: no bytes may crash it.
#include "crypto/signing_certificate.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const madang::ByteSpan bytes(data, size);
    static_cast<void>(madang::crypto::verify_detached_cms({}, bytes, "", madang::Instant{}));
    return 0;
}
