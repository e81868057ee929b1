#include "crypto/password.h"

#include <sodium.h>

#include <array>
#include <optional>
#include <semaphore>

#include "base/bytes.h"
#include "base/check.h"
#include "base/text.h"

namespace madang::crypto {
namespace {

constexpr std::uint64_t kPasses = 2;
constexpr std::uint64_t kMemoryKiB = 19 * 1024;
constexpr std::uint64_t kMaxPasses = 10;
constexpr std::uint64_t kMaxMemoryKiB = 64 * 1024;
constexpr std::size_t kTag = 32;
constexpr std::string_view kHead = "$argon2id$v=19$m=";
using PasswordSalt = std::array<std::uint8_t, crypto_pwhash_SALTBYTES>;

void start_sodium() {
    static const int started = sodium_init();
    MADANG_CHECK(started >= 0);
}

// Two at a time: 38 MiB at most, whatever knocks.
class Turn {
public:
    Turn() { gate().acquire(); }
    ~Turn() { gate().release(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

private:
    static std::counting_semaphore<2>& gate() {
        static std::counting_semaphore<2> two(2);
        return two;
    }
};

std::string without_padding(std::string text) {
    while (text.ends_with('=')) text.pop_back();
    return text;
}

std::string derive(std::string_view password, const PasswordSalt& salt) {
    std::array<std::uint8_t, kTag> tag;
    const Turn turn;
    MADANG_CHECK(crypto_pwhash(tag.data(), tag.size(), password.data(), password.size(), salt.data(), kPasses,
                               kMemoryKiB * 1024, crypto_pwhash_ALG_ARGON2ID13) == 0);
    return format("{}{},t={},p=1${}${}", kHead, kMemoryKiB, kPasses, without_padding(base64(salt)), without_padding(base64(tag)));
}

struct Parameters {
    std::uint64_t memory_kib = 0;
    std::uint64_t passes = 0;
};

// "$argon2id$v=19$m=19456,t=2,p=1$…"
std::optional<Parameters> parameters_of(std::string_view phc) {
    if (!phc.starts_with(kHead) || phc.size() >= crypto_pwhash_STRBYTES) return std::nullopt;
    phc.remove_prefix(kHead.size());
    const auto words = split(phc.substr(0, phc.find('$')), ',');
    if (words.size() != 3 || !words[1].starts_with("t=") || words[2] != "p=1") return std::nullopt;
    const auto memory = parse_decimal(words[0]);
    const auto passes = parse_decimal(words[1].substr(2));
    if (!memory || !passes || *memory > kMaxMemoryKiB || *passes > kMaxPasses) return std::nullopt;
    return Parameters{*memory, *passes};
}

}  // namespace

std::string hash_password(std::string_view password, Random& random) {
    start_sodium();
    MADANG_CHECK(password.size() <= kMaxPasswordSize);
    PasswordSalt salt;
    random.fill(salt);
    return derive(password, salt);
}

bool verify_password(std::string_view phc, std::string_view password) {
    start_sodium();
    if (password.size() > kMaxPasswordSize || !parameters_of(phc)) return false;
    const std::string text(phc);
    const Turn turn;
    return crypto_pwhash_str_verify(text.c_str(), password.data(), password.size()) == 0;
}

void spend_password_time(std::string_view password) {
    start_sodium();
    static_cast<void>(derive(password.substr(0, kMaxPasswordSize), PasswordSalt{}));
}

bool needs_rehash(std::string_view phc) {
    const auto parameters = parameters_of(phc);
    return !parameters || parameters->memory_kib != kMemoryKiB || parameters->passes != kPasses;
}

}  // namespace madang::crypto
