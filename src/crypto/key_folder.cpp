#include "crypto/key_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "crypto/seal.h"

namespace madang::crypto {
namespace {

constexpr const char* kLedger = "ledger.key";
constexpr const char* kCertificate = "certificate.key";
constexpr const char* kMaster = "master.key";
constexpr const char* kSession = "session.key";
constexpr const char* kIndex = "index.key";
constexpr const char* kRootPem = "documents-root.pem";
constexpr const char* kRootKey = "documents-root.key";
// Key and chain in one file, so that a renewal replaces both or none.
constexpr const char* kSeal = "documents-seal.pem";
constexpr std::array kRandomKeys{kLedger, kCertificate, kMaster, kSession, kIndex};
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kMaxFile = 64U << 10;
constexpr auto kRenewBefore = std::chrono::days(90);
constexpr mode_t kOthers = 077;

Result<void> check_private(const Path& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) {
        if (errno == ENOENT) return fail(Code::not_found, format("{} is missing; a key is never made anew beside others: restore it from the backup of the keys", path.string()));
        return fail(Code::denied, format("{} cannot be looked at: {}", path.string(), std::strerror(errno)));
    }
    if ((status.st_mode & kOthers) != 0) {
        return fail(Code::denied, format("others than the owner may read {0}; run: chmod go= {0}", path.string()));
    }
    return {};
}

Result<std::string> read_private(const Path& file) {
    TRY_DO(check_private(file));
    return read_file(file, kMaxFile);
}

Result<std::array<std::uint8_t, kKeyBytes>> read_key(const Path& file) {
    TRY(const std::string text, read_private(file));
    TRY(Bytes bytes, within(parse_base64(trim(text)), file.string()));
    if (bytes.size() != kKeyBytes) return fail(Code::corrupted, format("{} does not hold {} bytes", file.string(), kKeyBytes));
    std::array<std::uint8_t, kKeyBytes> key;
    std::ranges::copy(bytes, key.begin());
    wipe(bytes);
    return key;
}

Result<SigningCertificate> read_seal(const Path& file) {
    TRY(const std::string pem, read_private(file));
    return within(SigningCertificate::from_pem(pem, pem), file.string());
}

Result<void> write_seal(const Path& file, const SigningCertificate& seal) {
    return write_file_whole(file, seal.key_pem() + seal.chain_pem(), Readable::by_owner);
}

std::string seal_name(std::string_view country) { return format("{} Madang documents seal", country); }

Result<void> make_folder(const Path& folder) {
    if (::mkdir(folder.c_str(), 0700) != 0) return fail(Code::unavailable, format("cannot make {}: {}", folder.string(), std::strerror(errno)));
    return {};
}

Result<void> fill_folder(const Path& folder, std::string_view country, Random& random, Instant now) {
    TRY(const RootCertificate root, RootCertificate::create(country, random, now));
    TRY(const SigningCertificate seal, SigningCertificate::create(root, seal_name(country), random, now));
    for (const char* file : kRandomKeys) {
        std::array<std::uint8_t, kKeyBytes> key;
        random.fill(key);
        TRY_DO(write_file_whole(folder / file, base64(key) + "\n", Readable::by_owner));
        wipe(key);
    }
    TRY_DO(write_file_whole(folder / kRootPem, root.certificate_pem(), Readable::by_owner));
    TRY_DO(write_file_whole(folder / kRootKey, root.key_pem(), Readable::by_owner));
    return write_seal(folder / kSeal, seal);
}

// All keys or none: they are made beside the folder and moved into its place.
Result<void> create_folder(const Path& folder, std::string_view country, Random& random, Instant now) {
    std::error_code error;
    if (folder.has_parent_path()) std::filesystem::create_directories(folder.parent_path(), error);
    const Path making = folder.string() + ".making";
    std::filesystem::remove_all(making, error);   // left by a crash: nothing was signed with it
    TRY_DO(make_folder(making));
    TRY_DO(fill_folder(making, country, random, now));
    if (::rename(making.c_str(), folder.c_str()) != 0) {
        return fail(Code::unavailable, format("cannot make {}: {}", folder.string(), std::strerror(errno)));
    }
    const int parent = ::open(folder.has_parent_path() ? folder.parent_path().c_str() : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (parent >= 0) {
        ::fsync(parent);
        ::close(parent);
    }
    return {};
}

Result<void> renew_seal(const Path& folder, std::string_view country, Random& random, Instant now) {
    TRY(const SigningCertificate seal, read_seal(folder / kSeal));
    if (seal.not_after() - kRenewBefore > now) return {};
    const auto key_pem = read_private(folder / kRootKey);
    if (!key_pem && key_pem.error().code == Code::not_found) {
        // The root's key lies elsewhere: the old seal serves until its end.
        if (seal.not_after() > now) return {};
        return fail(Code::corrupted, format("the seal of {} has expired and {} is not here to make a new one", folder.string(), kRootKey));
    }
    if (!key_pem) return std::unexpected(key_pem.error());
    TRY(const std::string certificate_pem, read_private(folder / kRootPem));
    TRY(const RootCertificate root, RootCertificate::from_pem(*key_pem, certificate_pem));
    TRY(const SigningCertificate renewed, SigningCertificate::create(root, seal_name(country), random, now));
    return write_seal(folder / kSeal, renewed);
}

}  // namespace

KeyFolder::KeyFolder(Ed25519Key ledger, Ed25519Key certificate, SigningCertificate documents, std::string root_pem)
    : ledger_(std::move(ledger)), certificate_(std::move(certificate)), documents_(std::move(documents)), root_pem_(std::move(root_pem)) {}

KeyFolder::~KeyFolder() {
    wipe(master_);
    wipe(session_);
    wipe(index_);
}

Result<KeyFolder> KeyFolder::open(const Path& folder) {
    TRY_DO(check_private(folder));
    TRY(const auto ledger_seed, read_key(folder / kLedger));
    TRY(Ed25519Key ledger_key, Ed25519Key::from_seed(ledger_seed));
    TRY(const auto certificate_seed, read_key(folder / kCertificate));
    TRY(Ed25519Key certificate_key, Ed25519Key::from_seed(certificate_seed));
    TRY(SigningCertificate seal, read_seal(folder / kSeal));
    TRY(std::string root_pem, read_private(folder / kRootPem));
    if (seal.root_pem() != root_pem) return fail(Code::corrupted, format("{} is not below {}", (folder / kSeal).string(), kRootPem));
    KeyFolder keys(std::move(ledger_key), std::move(certificate_key), std::move(seal), std::move(root_pem));
    TRY(keys.master_, read_key(folder / kMaster));
    TRY(keys.session_, read_key(folder / kSession));
    TRY(keys.index_, read_key(folder / kIndex));
    return keys;
}

Result<KeyFolder> KeyFolder::open_or_create(const Path& given, std::string_view country, Random& random, const Clock& clock) {
    const Path folder = given.has_filename() ? given : given.parent_path();
    std::error_code error;
    const bool there = std::filesystem::exists(folder, error) && !std::filesystem::is_empty(folder, error);
    if (error) return fail(Code::denied, format("{} cannot be read: {}", folder.string(), error.message()));
    if (!there) {
        TRY_DO(create_folder(folder, country, random, clock.now()));
    } else {
        TRY_DO(check_private(folder));
        TRY_DO(renew_seal(folder, country, random, clock.now()));
    }
    return open(folder);
}

}  // namespace madang::crypto
