#include "documents/bundle.h"

#include <algorithm>

#include "base/zip.h"

namespace madang::documents {
namespace {

constexpr ZipLimits kLimits{.archive = 32U << 20, .entries = 16, .total = 32U << 20, .ratio = 100};

// ETSI EN 319 162-1, 4.3.3: the media type first and stored, one document, META-INF with the signature;
// clause 4.3.3.2 (4 e) lets META-INF hold other files too.
constexpr std::string_view kMediaType = "application/vnd.etsi.asic-s+zip";
constexpr std::string_view kTypeName = "mimetype";
constexpr std::string_view kPdfName = "certificate.pdf";
constexpr std::string_view kSignatureName = "META-INF/signature.p7s";
constexpr std::string_view kValuesName = "META-INF/madang-values.json";
constexpr std::string_view kProofName = "META-INF/certificate.tlog-proof";

constexpr std::string_view kSourceBegin = "<dc:source>";
constexpr std::string_view kSourceEnd = "</dc:source>";
constexpr std::size_t kMaxQrText = 1000;

}  // namespace

std::string find_qr_text(ByteSpan pdf) {
    const std::string_view text = as_text(pdf);
    std::size_t begin = text.find(kSourceBegin);
    if (begin == std::string_view::npos) return {};
    begin += kSourceBegin.size();
    const std::size_t end = text.find(kSourceEnd, begin);
    if (end == std::string_view::npos || end - begin > kMaxQrText) return {};
    return std::string(text.substr(begin, end - begin));
}

Result<Bytes> write_bundle(const Bundle& bundle) {
    std::vector<ZipEntry> entries;
    entries.push_back({std::string(kTypeName), to_bytes(kMediaType)});
    entries.push_back({std::string(kPdfName), bundle.pdf});
    entries.push_back({std::string(kSignatureName), bundle.signature});
    if (!bundle.values_json.empty()) entries.push_back({std::string(kValuesName), to_bytes(bundle.values_json)});
    if (!bundle.ledger_proof.empty()) entries.push_back({std::string(kProofName), to_bytes(bundle.ledger_proof)});
    return write_zip(entries, std::chrono::sys_days(std::chrono::year(1980) / 1 / 1));
}

Result<Bundle> read_bundle(ByteSpan zip) {
    TRY(const auto entries, read_zip(zip, kLimits));
    if (entries.empty() || entries[0].name != kTypeName || as_text(entries[0].content) != kMediaType) {
        return fail(Code::invalid, "this is not an ASiC-S container: its first file does not say so");
    }
    Bundle bundle;
    for (const ZipEntry& entry : entries) {
        if (entry.name == kPdfName) bundle.pdf = entry.content;
        else if (entry.name == kSignatureName) bundle.signature = entry.content;
        else if (entry.name == kValuesName) bundle.values_json = as_text(entry.content);
        else if (entry.name == kProofName) bundle.ledger_proof = as_text(entry.content);
        else if (entry.name != kTypeName) return fail(Code::corrupted, "the container holds a file that no certificate has");
    }
    if (bundle.pdf.empty() || bundle.signature.empty()) {
        return fail(Code::corrupted, "the container lacks certificate.pdf or META-INF/signature.p7s");
    }
    TRY(const Bytes written, write_bundle(bundle));
    if (!std::ranges::equal(written, zip)) {
        return fail(Code::corrupted, "the container was changed since it was written");
    }
    return bundle;
}

}  // namespace madang::documents
