#include "crypto/tls_server.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/check.h"
#include "base/text.h"
#include "crypto/detail/openssl.h"

namespace madang::crypto {
namespace {

constexpr std::size_t kMaxName = 255;
constexpr int kMaxChain = 5;             // certificates between a client's and its root

struct FreeTls {
    void operator()(SSL_CTX* p) const { SSL_CTX_free(p); }
    void operator()(SSL* p) const { SSL_free(p); }
    void operator()(GENERAL_NAMES* p) const { GENERAL_NAMES_free(p); }
};
template <class T>
using TlsPtr = std::unique_ptr<T, FreeTls>;

// A name that can stand in a log and in a label of a figure.
std::optional<std::string> name_in(const ASN1_STRING* text) {
    unsigned char* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(&utf8, text);
    if (size < 0) return std::nullopt;
    std::string name(as_text({utf8, static_cast<std::size_t>(size)}));
    OPENSSL_free(utf8);
    const bool visible = std::ranges::none_of(name, [](unsigned char c) { return c <= ' ' || c == 0x7F; });
    if (name.empty() || name.size() > kMaxName || !visible || !is_utf8(name)) return std::nullopt;
    return name;
}

// RFC 5425, 5.2: the name of a client is a dNSName of its certificate; where there is none, the common name.
std::optional<std::string> name_of(const X509* certificate) {
    const TlsPtr<GENERAL_NAMES> names(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* const one = sk_GENERAL_NAME_value(names.get(), i);
        if (one->type == GEN_DNS) return name_in(one->d.dNSName);
    }
    const X509_NAME* const subject = X509_get_subject_name(certificate);
    int last = -1;
    for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;) last = at;
    return last < 0 ? std::nullopt : name_in(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, last)));
}

Result<void> bad_file(std::string_view what, const Path& file) {
    return fail(Code::invalid, format("{}: it holds no {} that can be used: {}", file.string(), what, detail::last_error()));
}

}  // namespace

struct TlsServer::State {
    TlsPtr<SSL_CTX> context;
};

Result<TlsServer> TlsServer::open(const TlsServerFiles& files) {
    for (const Path& file : {files.certificate, files.key, files.clients}) {
        if (!file.empty()) TRY_DO(read_file(file));   // OpenSSL would say less of a file that is not there
    }
    auto state = std::make_shared<State>();
    state->context.reset(SSL_CTX_new(TLS_server_method()));
    SSL_CTX* const context = state->context.get();
    MADANG_CHECK(context != nullptr);
    MADANG_CHECK(SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1);
    MADANG_CHECK(SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 0);
    // One record a call: who sends nothing but changes of keys does not hold the others up.
    SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1) return std::unexpected(bad_file("certificate", files.certificate).error());
    // No callback asks for a password: an encrypted key is refused.
    SSL_CTX_set_default_passwd_cb(context, [](char*, int, int, void*) { return -1; });
    if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1) return std::unexpected(bad_file("key of that certificate", files.key).error());
    if (SSL_CTX_check_private_key(context) != 1) return std::unexpected(bad_file("key of that certificate", files.key).error());
    if (!files.clients.empty()) {
        STACK_OF(X509_NAME)* const names = SSL_load_client_CA_file(files.clients.c_str());
        if (names == nullptr || SSL_CTX_load_verify_file(context, files.clients.c_str()) != 1) {
            sk_X509_NAME_pop_free(names, X509_NAME_free);
            return std::unexpected(bad_file("certificates", files.clients).error());
        }
        SSL_CTX_set_client_CA_list(context, names);
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
        SSL_CTX_set_verify_depth(context, kMaxChain);
    }
    TlsServer made;
    made.state_ = std::move(state);
    return made;
}

struct TlsSession::State {
    TlsServer server;   // what the session refers to
    TlsPtr<SSL> ssl;
};

TlsSession::TlsSession(const TlsServer& server, int socket) : state_(std::make_unique<State>(State{server, nullptr})) {
    state_->ssl.reset(SSL_new(server.state().context.get()));
    MADANG_CHECK(state_->ssl && SSL_set_fd(state_->ssl.get(), socket) == 1);
    SSL_set_accept_state(state_->ssl.get());
}

TlsSession::~TlsSession() = default;
TlsSession::TlsSession(TlsSession&&) noexcept = default;

TlsSession::Read TlsSession::read(std::span<char> buffer) {
    MADANG_CHECK(buffer.size() >= kTlsRecord);
    ERR_clear_error();
    errno = 0;
    std::size_t size = 0;
    const int result = SSL_read_ex(state_->ssl.get(), buffer.data(), buffer.size(), &size);
    if (result == 1) return {Step::bytes, size};
    return end(result);
}

TlsSession::Read TlsSession::end(int result) {
    const int system = errno;
    SSL* const ssl = state_->ssl.get();
    switch (SSL_get_error(ssl, result)) {
        case SSL_ERROR_WANT_READ: return {Step::wants_read};
        case SSL_ERROR_WANT_WRITE: return {Step::wants_write};
        case SSL_ERROR_ZERO_RETURN: return {Step::closed};
        default: break;
    }
    const long verdict = SSL_get_verify_result(ssl);
    const unsigned long code = ERR_peek_error();   // the first one is the cause
    const char* const text = ERR_reason_error_string(code);
    if (verdict != X509_V_OK) reason_ = format("the sender's certificate: {}", X509_verify_cert_error_string(verdict));
    else if (ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING) reason_ = "it ended without saying so";
    else if (text != nullptr) reason_ = text;
    else reason_ = system != 0 ? std::strerror(system) : "the connection broke";
    ERR_clear_error();
    return {Step::failed};
}

void TlsSession::close() {
    // Before the handshake is done there is nothing to end, and of a broken session nothing more is said.
    if (is_open() && reason_.empty()) SSL_shutdown(state_->ssl.get());
    ERR_clear_error();
}

bool TlsSession::is_open() const { return SSL_is_init_finished(state_->ssl.get()) == 1; }

std::optional<std::string> TlsSession::client_name() const {
    if (!is_open() || SSL_get_verify_result(state_->ssl.get()) != X509_V_OK) return std::nullopt;
    const X509* const certificate = SSL_get0_peer_certificate(state_->ssl.get());
    return certificate == nullptr ? std::nullopt : name_of(certificate);
}

}  // namespace madang::crypto
