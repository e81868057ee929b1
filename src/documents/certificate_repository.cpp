#include "documents/certificate_repository.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "base/time_text.h"

namespace madang::documents {
namespace {

constexpr std::string_view kTakeNumber =
    "INSERT INTO documents_counter (body, year, last_number) VALUES ($1, $2, 1)"
    " ON CONFLICT (body, year) DO UPDATE SET last_number = documents_counter.last_number + 1 RETURNING last_number";
constexpr std::string_view kInsertNumber =
    "INSERT INTO documents_number (body, year, number, case_id, code, issued_on, state) VALUES ($1, $2, $3, $4, $5, $6, $7)";
constexpr std::string_view kNumberOfCase =
    "SELECT body, year, number, case_id, code, issued_on, state FROM documents_number WHERE case_id = $1";
constexpr std::string_view kSettleNumber =
    "UPDATE documents_number SET state = $4, void_reason = $5 WHERE body = $1 AND year = $2 AND number = $3 AND state = 'reserved'";
constexpr std::string_view kInsertCertificate =
    "INSERT INTO documents_certificate (body, code, case_id, number, service, holder_id, title, issuing_body, issued_on,"
    " valid_until, pdf_sha256, sealed_pdf, sealed_values, signature, act_id)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
constexpr std::string_view kColumns =
    "SELECT body, code, case_id, number, service, holder_id, title, issuing_body, issued_on, valid_until, pdf_sha256,"
    " act_id, revoked_on, revocation_ground FROM documents_certificate WHERE ";
constexpr std::string_view kSealed =
    "SELECT sealed_pdf, sealed_values, signature FROM documents_certificate WHERE body = $1 AND code = $2";
constexpr std::string_view kRevoke =
    "UPDATE documents_certificate SET revoked_on = $3, revocation_ground = $4 WHERE body = $1 AND code = $2 AND revoked_on IS NULL";
constexpr std::string_view kAllRevoked =
    "SELECT code, revoked_on, revocation_ground FROM documents_certificate WHERE revoked_on IS NOT NULL ORDER BY code";

std::string_view text_of_state(NumberState state) {
    switch (state) {
        case NumberState::reserved: return "reserved";
        case NumberState::issued: return "issued";
        case NumberState::voided: return "void";
    }
    return "reserved";
}

Result<NumberState> parse_state(std::string_view text) {
    for (const NumberState state : {NumberState::reserved, NumberState::issued, NumberState::voided}) {
        if (text_of_state(state) == text) return state;
    }
    return fail(Code::corrupted, "a number of a certificate has a state that is not known");
}

std::string pack(const TextByLanguage& texts) {
    json::object object;
    for (const auto& [language, text] : texts) object[language] = text;
    return canonical_json(object);
}

Result<TextByLanguage> unpack(std::string_view packed) {
    TRY(const json::value value, parse_json(packed));
    if (!value.is_object()) return fail(Code::corrupted, "the texts of a certificate cannot be read");
    TextByLanguage texts;
    for (const auto& [language, text] : value.get_object()) {
        if (text.is_string()) texts.emplace(language, text.get_string());
    }
    return texts;
}

Result<CertificateRow> certificate_row(const store::Row& row) {
    CertificateRow out;
    PublicFacts& facts = out.facts;
    facts.body = row.text(0);
    facts.code = row.text(1);
    out.case_id = row.text(2);
    facts.number = row.text(3);
    facts.service = row.text(4);
    out.holder_id = row.text(5);
    TRY(facts.title, unpack(row.text(6)));
    TRY(facts.issuing_body, unpack(row.text(7)));
    TRY(facts.issued_on, parse_date(row.text(8)));
    if (!row.is_null(9)) {
        TRY(facts.valid_until, parse_date(row.text(9)));
    }
    const ByteSpan hash = row.bytes(10);
    if (hash.size() != out.pdf_sha256.size()) return fail(Code::corrupted, "the hash of a certificate has a wrong length");
    std::ranges::copy(hash, out.pdf_sha256.begin());
    out.act_id = row.text(11);
    if (!row.is_null(12)) {
        TRY(facts.revoked_on, parse_date(row.text(12)));
        facts.revocation_ground = row.text(13);
    }
    return out;
}

Bytes copy_of(ByteSpan bytes) { return Bytes(bytes.begin(), bytes.end()); }

}  // namespace

Result<std::int64_t> take_next_number(store::Tx& tx, const std::string& body, std::int64_t year) {
    TRY(const auto number, tx.first<std::int64_t>(kTakeNumber, {body, year},
                                                  [](const store::Row& row) -> Result<std::int64_t> { return row.integer(0); }));
    if (!number) return fail(Code::corrupted, "the counter of certificates gave no number");
    return *number;
}

Result<void> insert_number(store::Tx& tx, const NumberRow& row) {
    TRY_DO(tx.execute(kInsertNumber, {row.body, row.year, row.number, row.case_id, row.code, format_date(row.issued_on),
                                      std::string(text_of_state(row.state))}));
    return {};
}

Result<std::optional<NumberRow>> find_number_of_case(store::Reader& reader, std::string_view case_id) {
    return reader.first<NumberRow>(kNumberOfCase, {std::string(case_id)}, [](const store::Row& row) -> Result<NumberRow> {
        NumberRow out;
        out.body = row.text(0);
        out.year = row.integer(1);
        out.number = row.integer(2);
        out.case_id = row.text(3);
        out.code = row.text(4);
        TRY(out.issued_on, parse_date(row.text(5)));
        TRY(out.state, parse_state(row.text(6)));
        return out;
    });
}

Result<bool> settle_number(store::Tx& tx, const NumberRow& row, NumberState state, const std::string& void_reason) {
    const store::Value reason = void_reason.empty() ? store::Value() : store::Value(void_reason);
    TRY(const std::int64_t changed,
        tx.execute(kSettleNumber, {row.body, row.year, row.number, std::string(text_of_state(state)), reason}));
    return changed == 1;
}

Result<void> insert_certificate(store::Tx& tx, const CertificateRow& row, const SealedParts& sealed) {
    const PublicFacts& facts = row.facts;
    const store::Value until = facts.valid_until ? store::Value(format_date(*facts.valid_until)) : store::Value();
    TRY_DO(tx.execute(kInsertCertificate,
                      {facts.body, facts.code, row.case_id, facts.number, facts.service, row.holder_id, pack(facts.title),
                       pack(facts.issuing_body), format_date(facts.issued_on), until,
                       Bytes(row.pdf_sha256.begin(), row.pdf_sha256.end()), sealed.pdf, sealed.values, sealed.signature,
                       row.act_id}));
    return {};
}

Result<std::optional<CertificateRow>> find_by_code(store::Reader& reader, std::string_view code) {
    return reader.first<CertificateRow>(std::string(kColumns) + "code = $1", {std::string(code)}, certificate_row);
}

Result<std::optional<CertificateRow>> find_by_case(store::Reader& reader, std::string_view case_id) {
    return reader.first<CertificateRow>(std::string(kColumns) + "case_id = $1", {std::string(case_id)}, certificate_row);
}

Result<std::optional<CertificateRow>> find_by_hash(store::Reader& reader, const crypto::Hash& pdf_sha256) {
    return reader.first<CertificateRow>(std::string(kColumns) + "pdf_sha256 = $1",
                                        {Bytes(pdf_sha256.begin(), pdf_sha256.end())}, certificate_row);
}

Result<SealedParts> read_sealed(store::Reader& reader, const CertificateRow& row) {
    TRY(auto parts, reader.first<SealedParts>(kSealed, {row.facts.body, row.facts.code},
                                              [](const store::Row& found) -> Result<SealedParts> {
                                                  return SealedParts{copy_of(found.bytes(0)), copy_of(found.bytes(1)),
                                                                     copy_of(found.bytes(2))};
                                              }));
    if (!parts) return fail(Code::not_found, format("the certificate {} is not there", row.facts.code));
    return std::move(*parts);
}

Result<bool> set_revoked(store::Tx& tx, const CertificateRow& row, Date on, const std::string& ground) {
    TRY(const std::int64_t changed, tx.execute(kRevoke, {row.facts.body, row.facts.code, format_date(on), ground}));
    return changed == 1;
}

Result<std::vector<Revocation>> all_revoked(store::Reader& reader) {
    return reader.all<Revocation>(kAllRevoked, {}, [](const store::Row& row) -> Result<Revocation> {
        Revocation out;
        out.code = row.text(0);
        TRY(out.revoked_on, parse_date(row.text(1)));
        out.ground = row.text(2);
        return out;
    });
}

}  // namespace madang::documents
