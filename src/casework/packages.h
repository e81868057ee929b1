// A closed case as one folder for an archive: what was asked, written, decided and proved, under one manifest of hashes.
// It needs nothing of this house to be read and checked.
// Written format: docs/formats/case-package.md
#pragma once

#include <cstdint>
#include <string>

#include "base/file.h"
#include "casework/case.h"

namespace madang::casework {

class Casework;

class Packages {
public:
    explicit Packages(Casework& casework) : casework_(casework) {}

    struct Made {
        std::string manifest_sha256;   // of manifest-sha256.txt, as the act says
        std::int64_t files = 0;        // of the payload
        std::int64_t bytes = 0;
    };
    // Written beside `folder`, which must not be there, and renamed when it is whole. The readings are written down and the
    // act "case.packaged" names the hash of the manifest. Code::conflict for a case that is open, and where something
    // happened in it meanwhile; Code::unavailable while the ledger still has to take up acts of the case.
    Result<Made> write(const CaseSummary& summary, const identity::Access& access, const Path& folder);

private:
    class Bag;
    Result<void> add_about(Bag& bag, const CaseSummary& summary);
    Result<void> add_content(Bag& bag, const CaseSummary& summary, const identity::Access& access);
    Result<void> add_messages(Bag& bag, const CaseSummary& summary, const identity::Access& access);
    Result<void> add_decisions(Bag& bag, const CaseSummary& summary, const identity::Access& access);
    Result<void> add_certificate(Bag& bag, const CaseSummary& summary, const identity::Access& access);
    Result<void> add_history(Bag& bag, const CaseSummary& summary);
    Result<Made> finish(Bag& bag, const CaseSummary& summary);
    Result<void> record(const CaseSummary& summary, const identity::Access& access, const Made& made, std::size_t acts_before);

    Casework& casework_;
};

}  // namespace madang::casework
