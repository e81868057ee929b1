// The server's side of TLS against OpenSSL's client, with certificates made on the spot.
#include "crypto/tls_server.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <vector>

#include "base/text.h"
#include "crypto/detail/openssl.h"

namespace madang::crypto {
namespace {

using ::testing::HasSubstr;

struct Client {
    std::string certificate = {};       // and key of this name; empty: none is shown
    int version = TLS1_3_VERSION;
    bool ends_properly = true;
    bool renegotiates = false;
};

class Tls : public testing::Test {
protected:
    void SetUp() override {
        std::signal(SIGPIPE, SIG_IGN);
        std::string pattern = testing::TempDir() + "madang-tls-XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
        if (!make("root", "/CN=root", "-x509") || !make("other", "/CN=other root", "-x509")) GTEST_SKIP() << "the openssl program is not installed";
        ASSERT_TRUE(make("server", "/CN=localhost", signed_by("root")));
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    static std::string signed_by(const std::string& authority) { return format("-x509 -CA {0}.pem -CAkey {0}.key", authority); }
    bool make(const std::string& name, const std::string& subject, const std::string& how, const std::string& more = "") const {
        return std::system(format("cd {} && openssl req {} -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {}.key -out {}.pem -days 2 -subj '{}' {} > log 2>&1",
                                  folder_.string(), how, name, name, subject, more).c_str()) == 0;
    }
    Path pem(const std::string& name) const { return folder_ / (name + ".pem"); }
    Path key(const std::string& name) const { return folder_ / (name + ".key"); }
    Result<TlsServer> server(const Path& clients = {}) const { return TlsServer::open({pem("server"), key("server"), clients}); }

    void speak(int socket, const Client& about, std::string_view text) const {
        SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_max_proto_version(context, about.version);
        if (!about.certificate.empty()) {
            SSL_CTX_use_certificate_chain_file(context, pem(about.certificate).c_str());
            SSL_CTX_use_PrivateKey_file(context, key(about.certificate).c_str(), SSL_FILETYPE_PEM);
        }
        SSL* const ssl = SSL_new(context);
        SSL_set_fd(ssl, socket);
        if (SSL_connect(ssl) == 1) {
            for (std::size_t done = 0; done < text.size();) {
                if (done > 0 && about.version == TLS1_3_VERSION) SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED);   // goes out with what is written
                const int sent = SSL_write(ssl, text.data() + done, static_cast<int>(std::min<std::size_t>(text.size() - done, 10'000)));
                if (sent <= 0) break;
                done += static_cast<std::size_t>(sent);
            }
            if (about.renegotiates && SSL_renegotiate(ssl) == 1) SSL_do_handshake(ssl);
            // Until the other side ends too: an answer to new keys must not meet a closed socket.
            char answer[4096];
            if (about.ends_properly && SSL_shutdown(ssl) == 0) {
                while (::recv(socket, answer, sizeof answer, 0) > 0) {
                }
            }
        }
        SSL_free(ssl);
        SSL_CTX_free(context);
        ERR_clear_error();
    }

    struct Heard {
        TlsSession::Step last = TlsSession::Step::failed;
        std::string text, reason;
        std::optional<std::string> name;
    };
    // `other_side` speaks on the other end, which is closed behind it.
    template <class OtherSide>
    Heard hear(const TlsServer& from, const OtherSide& other_side) const {
        int ends[2];
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
        std::jthread other([&, socket = ends[1]] {
            other_side(socket);
            ::close(socket);
        });
        int flags = ::fcntl(ends[0], F_GETFL);
        ::fcntl(ends[0], F_SETFL, flags | O_NONBLOCK);
        Heard heard;
        TlsSession session(from, ends[0]);
        std::vector<char> buffer(kTlsRecord);
        for (int turns = 0; turns < 100'000; ++turns) {
            const auto read = session.read(buffer);
            heard.last = read.step;
            heard.text.append(buffer.data(), read.size);
            if (read.step == TlsSession::Step::closed || read.step == TlsSession::Step::failed) break;
            if (read.step == TlsSession::Step::bytes) continue;
            pollfd one{ends[0], static_cast<short>(read.step == TlsSession::Step::wants_write ? POLLOUT : POLLIN), 0};
            ::poll(&one, 1, 5000);
        }
        heard.reason = session.reason();
        heard.name = session.client_name();
        session.close();
        ::close(ends[0]);
        return heard;
    }
    Heard hear(const TlsServer& from, const Client& about, std::string_view text) const {
        return hear(from, [&](int socket) { speak(socket, about, text); });
    }
    Path folder_;
};

TEST_F(Tls, ReadsWhatWasSentAcrossRecordsAndNewKeysUntilTheEnd) {
    const auto tls = server();
    ASSERT_TRUE(tls) << tls.error().message;
    const std::string text(300'000, 'x');
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        const auto heard = hear(*tls, {.version = version}, text);
        EXPECT_EQ(heard.last, TlsSession::Step::closed) << heard.reason;
        EXPECT_EQ(heard.text, text);
        EXPECT_EQ(heard.name, std::nullopt);
    }
    const auto cut = hear(*tls, {.ends_properly = false}, "half of it");
    EXPECT_EQ(cut.last, TlsSession::Step::failed);
    EXPECT_EQ(cut.text, "half of it");
    EXPECT_EQ(cut.reason, "it ended without saying so");
}

TEST_F(Tls, LetsNobodyInWithOldVersionsPlainTextOrRenegotiation) {
    const auto tls = server();
    ASSERT_TRUE(tls);
    EXPECT_EQ(hear(*tls, {.version = TLS1_1_VERSION}, "old").last, TlsSession::Step::failed);
    const auto plain = hear(*tls, [](int socket) { EXPECT_EQ(::write(socket, "<34>1 2026-11-24T10:00:00Z host app - - - plain\n", 48), 48); });
    EXPECT_EQ(plain.last, TlsSession::Step::failed);
    EXPECT_EQ(plain.text, "");
    EXPECT_THAT(plain.reason, HasSubstr("wrong version number"));
    const auto again = hear(*tls, {.version = TLS1_2_VERSION, .ends_properly = false, .renegotiates = true}, "first");
    EXPECT_EQ(again.text, "first");
    EXPECT_EQ(again.last, TlsSession::Step::failed);
}

TEST_F(Tls, KnowsSendersByTheirCertificates) {
    ASSERT_TRUE(make("named", "/CN=not this", signed_by("root"), "-addext subjectAltName=IP:10.0.0.1,DNS:web1.example.org,DNS:web2.example.org"));
    ASSERT_TRUE(make("common", "/O=Town/CN=desk-7", signed_by("root")));
    ASSERT_TRUE(make("nameless", "/O=Town", signed_by("root")));
    ASSERT_TRUE(make("blank", "/CN=two words", signed_by("root")));
    ASSERT_TRUE(make("stranger", "/CN=desk-7", signed_by("other")));
    ASSERT_TRUE(make("serving", "/CN=desk-7", signed_by("root"), "-addext extendedKeyUsage=serverAuth"));
    const auto tls = server(pem("root"));
    ASSERT_TRUE(tls) << tls.error().message;
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        EXPECT_EQ(hear(*tls, {.certificate = "named", .version = version}, "a").name, "web1.example.org");
        EXPECT_EQ(hear(*tls, {.certificate = "common", .version = version}, "a").name, "desk-7");
        EXPECT_EQ(hear(*tls, {.certificate = "nameless", .version = version}, "a").name, std::nullopt);
        EXPECT_EQ(hear(*tls, {.certificate = "blank", .version = version}, "a").name, std::nullopt);
        const auto nobody = hear(*tls, {.version = version}, "a");
        EXPECT_EQ(nobody.last, TlsSession::Step::failed);
        EXPECT_THAT(nobody.reason, HasSubstr("peer did not return a certificate"));
        for (const auto* who : {"stranger", "serving"}) {
            const auto refused = hear(*tls, {.certificate = who, .version = version}, "a");
            EXPECT_EQ(refused.last, TlsSession::Step::failed) << who;
            EXPECT_THAT(refused.reason, HasSubstr("the sender's certificate: "));
            EXPECT_EQ(refused.text, "");
            EXPECT_EQ(refused.name, std::nullopt);
        }
    }
}

TEST_F(Tls, SaysWhichFileCannotBeUsed) {
    const auto message = [&](const TlsServerFiles& files) {
        const auto made = TlsServer::open(files);
        return made ? std::string("none") : made.error().message;
    };
    EXPECT_THAT(message({folder_ / "absent", key("server")}), HasSubstr("absent"));
    EXPECT_THAT(message({key("server"), key("server")}), HasSubstr("server.key: it holds no certificate"));
    EXPECT_THAT(message({pem("server"), key("root")}), HasSubstr("root.key: it holds no key of that certificate"));
    EXPECT_THAT(message({pem("server"), key("server"), key("server")}), HasSubstr("server.key: it holds no certificates"));
    ASSERT_EQ(std::system(format("openssl pkcs8 -topk8 -in {} -out {} -passout pass:secret", key("server").string(), key("locked").string()).c_str()), 0);
    EXPECT_THAT(message({pem("server"), key("locked")}), HasSubstr("locked.key: it holds no key"));
}

}  // namespace
}  // namespace madang::crypto
