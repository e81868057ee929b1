// A certificate with everything that proves it, as one file that lasts: an ASiC-S container (ETSI EN
// 319 162-1, 4.3) with the PDF, its CAdES signature, the QR proof, the stated values and the proof that
// the act of issuing stands in the ledger. Written format: docs/formats/certificate.md
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "documents/trust.h"
#include "documents/verdict.h"

namespace madang::documents {

struct Bundle {
    Bytes pdf;
    Bytes signature;            // detached CMS over the PDF
    std::string qr_text;
    std::string values_json;    // {"salt":…,"values":…}, may be empty
    std::string ledger_proof;   // empty while the ledger has not taken the act up
};

Bytes write_bundle(const Bundle& bundle, Instant made_at);
// Hostile input: at most 16 entries and 64 MB unpacked; each entry of a known name, once.
Result<Bundle> read_bundle(ByteSpan zip);

// Checks without a server: `file` is a bundle, or a PDF alone, which proves less and says so.
// `revocations` are texts of revocation lists. Never fails: what cannot be read is a Verdict too.
Verdict verify_file(ByteSpan file, const Trust& trust, const std::vector<std::string>& revocations, Date today);
Verdict verify_bundle(const Bundle& bundle, const Trust& trust, const std::vector<std::string>& revocations,
                      Date today);
// The text of a QR code alone: who issued it, and until when.
Verdict verify_qr(std::string_view text, const Trust& trust, const std::vector<std::string>& revocations,
                  Date today);

}  // namespace madang::documents
