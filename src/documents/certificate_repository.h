// The rows of certificates and of their numbers. For Certificates alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/hash.h"
#include "documents/revocation_list.h"
#include "documents/verdict.h"
#include "store/store.h"

namespace madang::documents {

enum class NumberState { reserved, issued, voided };

struct NumberRow {
    std::string body;
    std::int64_t year = 0;
    std::int64_t number = 0;
    std::string case_id;
    std::string code;
    Date issued_on;
    NumberState state = NumberState::reserved;
};

struct CertificateRow {
    PublicFacts facts;
    std::string case_id;
    std::string holder_id;
    crypto::Hash pdf_sha256{};
    std::string act_id;
};

struct SealedParts {
    Bytes pdf, values;   // sealed under the holder's key
    Bytes signature;
};

// The next number of the body in the year; numbers start at 1.
Result<std::int64_t> take_next_number(store::Tx& tx, const std::string& body, std::int64_t year);
Result<void> insert_number(store::Tx& tx, const NumberRow& row);
Result<std::optional<NumberRow>> find_number_of_case(store::Reader& reader, std::string_view case_id);
// True where the number was reserved until now.
Result<bool> settle_number(store::Tx& tx, const NumberRow& row, NumberState state, const std::string& void_reason);

Result<void> insert_certificate(store::Tx& tx, const CertificateRow& row, const SealedParts& sealed);
Result<std::optional<CertificateRow>> find_by_code(store::Reader& reader, std::string_view code);
Result<std::optional<CertificateRow>> find_by_case(store::Reader& reader, std::string_view case_id);
Result<std::optional<CertificateRow>> find_by_hash(store::Reader& reader, const crypto::Hash& pdf_sha256);
Result<SealedParts> read_sealed(store::Reader& reader, const CertificateRow& row);
// True where it was not revoked until now.
Result<bool> set_revoked(store::Tx& tx, const CertificateRow& row, Date on, const std::string& ground);
Result<std::vector<Revocation>> all_revoked(store::Reader& reader);

}  // namespace madang::documents
