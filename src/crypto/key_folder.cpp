#include "crypto/key_folder.h"

#include <sys/stat.h>

#include "base/text.h"

namespace madang::crypto {
namespace {

constexpr const char* kLedger = "ledger.ed25519";
constexpr const char* kCertificates = "certificates.ed25519";
constexpr const char* kDocumentsKey = "documents.key.pem";
constexpr const char* kDocumentsChain = "documents.chain.pem";
constexpr const char* kMaster = "master.key";
constexpr const char* kSessions = "sessions.key";
constexpr const char* kIndex = "index.key";
constexpr std::size_t kKeyBytes = 32;

Result<std::string> read_key(const Path& file) {
    struct stat status{};
    if (::stat(file.c_str(), &status) == 0 && (status.st_mode & 077) != 0) {
        return fail(Code::denied, format("{} may be read by others; run: chmod 600 {}", file.string(), file.string()));
    }
    return read_file(file, 64U << 10);
}

Result<Bytes> read_raw(const Path& file) {
    TRY(const std::string text, read_key(file));
    TRY(Bytes bytes, within(parse_base64(trim(text)), file.string()));
    if (bytes.size() != kKeyBytes) return fail(Code::corrupted, format("{} does not hold {} bytes", file.string(), kKeyBytes));
    return bytes;
}

}  // namespace

Result<KeyFolder> KeyFolder::open(const Path& folder) {
    TRY(const Bytes ledger_seed, read_raw(folder / kLedger));
    TRY(Ed25519Key ledger_key, Ed25519Key::from_seed(ledger_seed));
    TRY(const Bytes certificate_seed, read_raw(folder / kCertificates));
    TRY(Ed25519Key certificate_key, Ed25519Key::from_seed(certificate_seed));
    TRY(const std::string key_pem, read_key(folder / kDocumentsKey));
    TRY(const std::string chain_pem, read_key(folder / kDocumentsChain));
    TRY(SigningCertificate signing, SigningCertificate::from_pem(key_pem, chain_pem));
    TRY(Bytes master_key, read_raw(folder / kMaster));
    TRY(Bytes session_key, read_raw(folder / kSessions));
    TRY(Bytes index_key, read_raw(folder / kIndex));
    return KeyFolder{std::move(ledger_key),  std::move(certificate_key), std::move(signing),
                     std::move(master_key), std::move(session_key),     std::move(index_key)};
}

Result<KeyFolder> KeyFolder::create(const Path& folder, std::string_view country, Random& random, const Clock& clock) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return fail(Code::unavailable, format("cannot make {}: {}", folder.string(), error.message()));
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
    if (!std::filesystem::is_empty(folder)) return fail(Code::conflict, format("{} holds keys already", folder.string()));
    TRY(const SigningCertificate signing,
        SigningCertificate::create(country, std::string(country) + " electronic seal", random, clock.now()));
    for (const char* file : {kLedger, kCertificates, kMaster, kSessions, kIndex}) {
        Bytes bytes(kKeyBytes);
        random.fill(bytes);
        TRY_DO(write_file_whole(folder / file, base64(bytes) + "\n", Readable::by_owner));
    }
    TRY_DO(write_file_whole(folder / kDocumentsKey, signing.key_pem(), Readable::by_owner));
    TRY_DO(write_file_whole(folder / kDocumentsChain, signing.chain_pem(), Readable::by_owner));
    return open(folder);
}

}  // namespace madang::crypto
