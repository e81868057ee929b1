// A certificate with everything that proves it, as one file that lasts: an ASiC-S container (ETSI EN
// 319 162-1, 4.3) with the PDF, its CAdES signature, the stated values and the proof that
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

// The text of the QR code, which the metadata of our PDFs repeat (dc:source); empty where there is none.
std::string find_qr_text(ByteSpan pdf);

struct Bundle {
    Bytes pdf;
    Bytes signature;            // detached CMS over the PDF
    std::string values_json;    // {"salt":…,"values":…}, may be empty
    std::string ledger_proof;   // empty while the ledger has not taken the act up
};

// One bundle has one spelling, byte for byte.
Result<Bytes> write_bundle(const Bundle& bundle);
// Hostile input: at most 16 entries and 32 MB; only the entries and only the bytes that write_bundle()
// makes, so that nothing beside the signed parts can be changed either. Code::invalid where it is no
// container, Code::corrupted where it is one but not ours to the byte.
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
