#include "crypto/password.h"

#include <sodium.h>

#include <semaphore>

#include "base/check.h"

namespace madang::crypto {
namespace {

constexpr unsigned long long kPasses = 2;
constexpr std::size_t kMemory = 19U << 20;
constexpr std::size_t kLongest = 1024;

std::counting_semaphore<2>& gate() {
    static std::counting_semaphore<2> two(2);
    return two;
}

class Pass {
public:
    Pass() { gate().acquire(); }
    ~Pass() { gate().release(); }
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;
};

void start_sodium() {
    static const int started = sodium_init();
    MADANG_CHECK(started >= 0);
}

}  // namespace

std::string hash_password(std::string_view password) {
    start_sodium();
    MADANG_CHECK(password.size() <= kLongest);
    const Pass pass;
    char phc[crypto_pwhash_STRBYTES];
    MADANG_CHECK(crypto_pwhash_str_alg(phc, password.data(), password.size(), kPasses, kMemory, crypto_pwhash_ALG_ARGON2ID13) == 0);
    return phc;
}

bool verify_password(std::string_view phc, std::string_view password) {
    start_sodium();
    if (password.size() > kLongest || phc.size() >= crypto_pwhash_STRBYTES) return false;
    const Pass pass;
    return crypto_pwhash_str_verify(std::string(phc).c_str(), password.data(), password.size()) == 0;
}

}  // namespace madang::crypto
